//! Clients and servers, two tasks a pair, that echo over socket pairs, a little
//! work in each echo: in one runtime, and in two on two threads.

use crate::measure::{Numbers, WINDOW};
use std::io::Result;
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::runtime::Builder;

const PAIRS: usize = 16;
const MESSAGE: usize = 64;
const STEPS: usize = 300;

async fn serve(mut server: UnixStream) -> Result<()> {
    let mut buffer = [0; MESSAGE];
    let mut numbers = Numbers::new();
    loop {
        let size = server.read(&mut buffer).await?;
        if size == 0 {
            return Ok(());
        }
        buffer[0] = numbers.after(STEPS) as u8;
        server.write_all(&buffer[..size]).await?;
    }
}

async fn ask(mut client: UnixStream, end: Instant) -> Result<usize> {
    let mut buffer = [0; MESSAGE];
    let mut echoes = 0;
    while Instant::now() < end {
        client.write_all(&buffer).await?;
        client.read_exact(&mut buffer).await?;
        echoes += 1;
    }
    Ok(echoes)
}

async fn pairs(end: Instant) -> usize {
    let mut clients = Vec::new();
    for _ in 0..PAIRS {
        let (client, server) = UnixStream::pair().unwrap();
        tokio::spawn(serve(server));
        clients.push(tokio::spawn(ask(client, end)));
    }
    let mut echoes = 0;
    for client in clients {
        echoes += client.await.unwrap().unwrap();
    }
    echoes
}

fn worker(end: Instant) -> usize {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(pairs(end)).await.unwrap() })
}

/// Nanoseconds for each echo of all workers.
fn run_workers(count: usize, long: Duration) -> f64 {
    let begin = Instant::now();
    let end = begin + long;
    let all: Vec<_> = (0..count)
        .map(|_| thread::spawn(move || worker(end)))
        .collect();
    let echoes: usize = all.into_iter().map(|w| w.join().unwrap()).sum();
    begin.elapsed().as_nanos() as f64 / echoes as f64
}

pub fn run() {
    run_workers(1, WINDOW / 6);
    let one = run_workers(1, WINDOW);
    let two = run_workers(2, WINDOW);
    println!("workers one {one:.4}");
    println!("workers two {two:.4}");
    println!("workers scale {:.4}", two / one);
}
