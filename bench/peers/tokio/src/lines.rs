//! Lines without end out of a pipe that yes(1) writes to. What counts is this
//! process's processor time.

use crate::measure;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe::Receiver;
use tokio::runtime::Builder;

const SIZE: usize = 100;
const BATCH: usize = 10000;
const WARM: usize = 10;

async fn take(lines: &mut BufReader<Receiver>) {
    let mut line = String::new();
    for _ in 0..BATCH {
        line.clear();
        let size = lines.read_line(&mut line).await.unwrap();
        assert_eq!(size, SIZE);
    }
}

async fn lines(pipe: Receiver) {
    let mut lines = BufReader::new(pipe);
    for _ in 0..WARM {
        take(&mut lines).await;
    }
    let begin = measure::processor();
    let mut batches = 0;
    let mut spent = Duration::ZERO;
    while spent < measure::WINDOW {
        take(&mut lines).await;
        batches += 1;
        spent = measure::processor() - begin;
    }
    let each = spent.as_nanos() as f64 / (batches * BATCH) as f64;
    println!("lines {SIZE} {each:.4}");
}

pub fn run() {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let mut feed = Command::new("yes")
        .arg("x".repeat(SIZE - 1))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = feed.stdout.take().unwrap();
    runtime.block_on(async {
        let end = Receiver::from_owned_fd(pipe.into()).unwrap();
        lines(end).await
    });
    feed.kill().unwrap();
    feed.wait().unwrap();
}
