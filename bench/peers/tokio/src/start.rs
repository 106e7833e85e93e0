//! Start an empty task and await it.

use crate::{measure, run_task, runtime};
use std::hint::black_box;

const COUNT: usize = 100_000;

async fn empty(n: usize) -> usize {
    n
}

async fn start_and_await() {
    for n in 0..COUNT {
        black_box(tokio::spawn(empty(n)).await.unwrap());
    }
}

pub fn run() {
    let runtime = runtime();
    measure::report("start", "await", COUNT, || {
        run_task(&runtime, start_and_await())
    });
}
