//! Start many tasks, then await them all and add up their results.
//!
//! A Vec of JoinHandles awaited in order: JoinSet and FuturesUnordered do
//! more for each task and were slower here.

use crate::{measure, run_task, runtime};

async fn empty(n: usize) -> usize {
    n
}

async fn gather(count: usize) -> usize {
    let mut tasks = Vec::with_capacity(count);
    for n in 0..count {
        tasks.push(tokio::spawn(empty(n)));
    }
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    sum
}

pub fn run(count: usize) {
    let runtime = runtime();
    measure::report("gather", &count.to_string(), count, || {
        let sum = run_task(&runtime, gather(count));
        assert_eq!(sum, count * (count - 1) / 2);
    });
}
