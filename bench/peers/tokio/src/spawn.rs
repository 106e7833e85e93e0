//! /bin/true, started and waited for, `count` at a time.

use crate::{measure, run_task};
use tokio::process::Command;
use tokio::runtime::Builder;

const SPAWNS: usize = 128;

async fn spawns(mine: usize) {
    for _ in 0..mine {
        assert!(Command::new("/bin/true").status().await.unwrap().success());
    }
}

async fn spawn_all(count: usize) {
    let mut tasks = Vec::with_capacity(count);
    for i in 0..count {
        tasks.push(tokio::spawn(spawns((SPAWNS + i) / count)));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn run(count: usize) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    measure::report("spawn", &count.to_string(), SPAWNS, || {
        run_task(&runtime, spawn_all(count))
    });
}
