//! Messages between two runtimes, each on a thread of its own.

use crate::{measure, run_task, runtime};
use std::thread;
use tokio::sync::mpsc::{channel, Receiver, Sender};

const COUNT: u64 = 100_000;
const TRIPS: u64 = 10_000;

/// Here and there: a message of either end is sent back.
type Ends = (Sender<u64>, Receiver<u64>);

async fn take(queue: &mut Receiver<u64>, done: &Sender<u64>) -> Option<()> {
    for n in 0..COUNT {
        assert_eq!(queue.recv().await?, n);
    }
    done.send(COUNT).await.ok()
}

async fn taker(mut queue: Receiver<u64>, done: Sender<u64>) {
    while take(&mut queue, &done).await.is_some() {}
}

async fn answer((back, mut there): Ends) {
    while let Some(n) = there.recv().await {
        back.send(n).await.unwrap();
    }
}

async fn send((queue, mut done): Ends) -> Ends {
    for n in 0..COUNT {
        queue.send(n).await.unwrap();
    }
    assert_eq!(done.recv().await, Some(COUNT));
    (queue, done)
}

async fn ask((there, mut back): Ends) -> Ends {
    for n in 0..TRIPS {
        there.send(n).await.unwrap();
        assert_eq!(back.recv().await, Some(n));
    }
    (there, back)
}

fn run_rate() {
    let runtime = runtime();
    let ((queue, taken), (done, finished)) = (channel(128), channel(1));
    let other =
        thread::spawn(|| run_task(&crate::runtime(), taker(taken, done)));
    let mut ends = Some((queue, finished));
    measure::report("crossloop", "rate", COUNT as usize, || {
        ends = Some(run_task(&runtime, send(ends.take().unwrap())));
    });
    drop(ends);
    other.join().unwrap();
}

fn run_trip() {
    let runtime = runtime();
    let ((there, asked), (back, answered)) = (channel(1), channel(1));
    let other =
        thread::spawn(|| run_task(&crate::runtime(), answer((back, asked))));
    let mut ends = Some((there, answered));
    measure::report("crossloop", "trip", TRIPS as usize, || {
        ends = Some(run_task(&runtime, ask(ends.take().unwrap())));
    });
    drop(ends);
    other.join().unwrap();
}

pub fn run() {
    run_rate();
    run_trip();
}
