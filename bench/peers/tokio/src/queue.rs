//! Numbers from one task to another over an mpsc channel, which has room for
//! `capacity` of them. It needs room for one: Tokio has no hand-over.

use crate::{measure, run_task, runtime};
use tokio::sync::mpsc::{channel, Receiver, Sender};

const COUNT: u64 = 100_000;

async fn produce(queue: Sender<u64>) {
    let mut n = 0;
    while queue.send(n).await.is_ok() {
        n += 1;
    }
}

async fn consume(mut queue: Receiver<u64>, from: u64) -> Receiver<u64> {
    for n in from..from + COUNT {
        assert_eq!(queue.recv().await, Some(n));
    }
    queue
}

pub fn run(capacity: usize) {
    let runtime = runtime();
    let (sender, receiver) = channel(capacity);
    let mut queue = Some(receiver);
    let mut from = 0;
    runtime.spawn(produce(sender));
    measure::report("queue", &capacity.to_string(), COUNT as usize, || {
        let taken = queue.take().unwrap();
        queue = Some(run_task(&runtime, consume(taken, from)));
        from += COUNT;
    });
}
