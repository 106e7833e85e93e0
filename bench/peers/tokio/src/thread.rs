//! Calls on the pool of threads, `count` under way at a time.

use crate::{measure, run_task, runtime};
use tokio::task::spawn_blocking;

const CALLS: usize = 2000;

async fn calls(mine: usize) {
    for _ in 0..mine {
        spawn_blocking(|| {}).await.unwrap();
    }
}

async fn round_trips(count: usize) {
    let mut tasks = Vec::with_capacity(count);
    for i in 0..count {
        tasks.push(tokio::spawn(calls((CALLS + i) / count)));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn run(count: usize) {
    let runtime = runtime();
    measure::report("thread", &count.to_string(), CALLS, || {
        run_task(&runtime, round_trips(count))
    });
}
