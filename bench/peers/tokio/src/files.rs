//! Small files, each read whole, by `count` tasks: on Tokio's pool of threads.

use crate::{measure, run_task, runtime};
use tokio::fs;

const FILES: usize = 10000;
const SIZE: usize = 4096;

async fn share(directory: String, first: usize, count: usize) {
    for index in (first..FILES).step_by(count) {
        let bytes = fs::read(format!("{directory}/{index:04}")).await.unwrap();
        assert_eq!(bytes.len(), SIZE);
    }
}

async fn all(directory: String, count: usize) {
    let mut tasks = Vec::with_capacity(count);
    for first in 0..count {
        tasks.push(tokio::spawn(share(directory.clone(), first, count)));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn run(directory: &str, count: usize) {
    let runtime = runtime();
    measure::report("files", &count.to_string(), FILES, || {
        run_task(&runtime, all(directory.to_string(), count))
    });
}
