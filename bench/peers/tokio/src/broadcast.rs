//! Messages to a hundred subscribers. A slow one would lose the oldest, so
//! the sender waits after every `count` until all have them.

use crate::{measure, run_task, runtime};
use std::cell::Cell;
use tokio::sync::broadcast::{channel, Receiver, Sender};
use tokio::task::yield_now;

const SUBSCRIBERS: usize = 100;
const CAPACITY: usize = 64;

thread_local! {
    static SEEN: Cell<usize> = const { Cell::new(0) };
}

async fn subscriber(mut messages: Receiver<u64>) {
    while messages.recv().await.is_ok() {
        SEEN.set(SEEN.get() + 1);
    }
}

async fn send(messages: Sender<u64>, count: usize, rounds: usize) {
    for _ in 0..rounds {
        let all = SEEN.get() + count * SUBSCRIBERS;
        for n in 0..count {
            messages.send(n as u64).unwrap();
        }
        while SEEN.get() < all {
            yield_now().await;
        }
    }
}

pub fn run(count: usize) {
    let runtime = runtime();
    let (sender, _) = channel(CAPACITY);
    for _ in 0..SUBSCRIBERS {
        runtime.spawn(subscriber(sender.subscribe()));
    }
    let rounds = 1000 / count;
    let deliveries = rounds * count * SUBSCRIBERS;
    measure::report("broadcast", &count.to_string(), deliveries, || {
        run_task(&runtime, send(sender.clone(), count, rounds))
    });
}
