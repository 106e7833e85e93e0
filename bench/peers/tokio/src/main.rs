//! Tokio, and corosensei where only the switch counts.
//!
//! `tokio-peer BENCH [COUNT [MILLISECONDS]]` prints one `BENCH CASE VALUE` a
//! line; with `echo`, `tls`, `http`, `ws` or `sse` it serves, and prints
//! "listening PORT". The runtime is `current_thread`, with the timer driver only where nothing does
//! I/O: asking for the I/O driver would only slow Tokio down.

mod awaited;
mod broadcast;
mod bulk;
mod copy;
mod crossloop;
mod dns;
mod echo;
mod events;
mod files;
mod gather;
mod generator;
mod lines;
mod lock;
mod measure;
mod post;
mod queue;
mod secure;
mod select;
mod sleepers;
mod spawn;
mod start;
mod switch;
mod thread;
mod timer;
mod udp;
mod web;
mod webclient;
mod websocket;
mod workers;
mod yielding;

use std::env;
use std::future::Future;
use std::process::exit;
use tokio::runtime::{Builder, Runtime};

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Runs a future as a task, to its end. The future that `block_on` is given
/// is none: it is polled apart from the run queue, and waits dearer.
pub fn run_task<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    runtime.block_on(async { tokio::spawn(future).await.unwrap() })
}

fn main() {
    let args: Vec<String> = env::args().collect();
    let number = |i: usize| args.get(i).and_then(|s| s.parse().ok());
    let count = number(2).unwrap_or(1);

    match args.get(1).map(String::as_str) {
        Some("switch") => switch::run(),
        Some("copy") => copy::run(),
        Some("yield") => yielding::run(count),
        Some("start") => start::run(),
        Some("gather") => gather::run(count),
        Some("timer") => timer::run(count),
        Some("echo") => echo::run(),
        Some("echo_local") => echo::run_local(),
        Some("bulk") => bulk::run(),
        Some("udp") => udp::run(),
        Some("tls") => secure::run(),
        Some("http") => web::run(args.get(2).map_or("plain", String::as_str)),
        Some("httpclient") => {
            webclient::run(count, number(3).unwrap_or(80) as u16)
        }
        Some("ws") => websocket::run(),
        Some("sse") => events::run(),
        Some("post") => post::run(),
        Some("spawn") => spawn::run(count),
        Some("thread") => thread::run(count),
        Some("dns") => dns::run(count, number(3).unwrap_or(53) as u16),
        Some("queue") => queue::run(count),
        Some("lock") => lock::run(),
        Some("semaphore") => lock::run_semaphore(),
        Some("broadcast") => broadcast::run(count),
        Some("select") => select::run(),
        Some("crossloop") => crossloop::run(),
        Some("gen") => generator::run(),
        Some("files") => {
            files::run(args.get(3).map_or("files", String::as_str), count)
        }
        Some("lines") => lines::run(),
        Some("workers") => workers::run(),
        Some("awaited") => {
            awaited::run(count, number(3).unwrap_or(2000) as u64)
        }
        Some("sleepers") => {
            sleepers::run(count, number(3).unwrap_or(2000) as u64)
        }
        _ => {
            eprintln!("usage: tokio-peer BENCH [COUNT [MILLISECONDS]]");
            exit(2);
        }
    }
}
