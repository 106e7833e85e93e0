//! Round robin: every task yields, over and over, and counts its turns.
//!
//! All are spawned from inside the runtime: what is spawned from outside
//! goes through the remote queue, and then the turns are not round robin.
//! `tokio::spawn`, because `spawn_local` in a LocalSet was slower here.

use crate::{measure, run_task, runtime};
use std::cell::Cell;
use std::time::Instant;
use tokio::task::yield_now;

thread_local! {
    static TURNS: Cell<usize> = const { Cell::new(0) };
}

async fn turn() {
    TURNS.set(TURNS.get() + 1);
    yield_now().await;
}

async fn forever() {
    loop {
        turn().await;
    }
}

async fn measured(count: usize) {
    for _ in 1..count {
        tokio::spawn(forever());
    }
    while TURNS.get() < 4 * count {
        turn().await;
    }

    let rounds = 100_000usize.div_ceil(count);
    let before = TURNS.get();
    let begin = Instant::now();
    while begin.elapsed() < measure::WINDOW {
        for _ in 0..rounds {
            turn().await;
        }
    }
    let spent = begin.elapsed().as_nanos() as f64;
    let turns = (TURNS.get() - before) as f64;
    println!("yield {count} {:.4}", spent / turns);
}

pub fn run(count: usize) {
    run_task(&runtime(), measured(count));
}
