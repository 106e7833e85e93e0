//! One of eight channels becomes ready at a time.

use crate::{measure, run_task, runtime};
use std::cell::Cell;
use std::sync::Arc;
use tokio::sync::mpsc::{channel, Receiver, Sender};
use tokio::task::yield_now;

const COUNT: usize = 100_000;

thread_local! {
    static SEEN: Cell<usize> = const { Cell::new(0) };
}

async fn select(mut sources: [Receiver<u64>; 8]) {
    let [a, b, c, d, e, f, g, h] = &mut sources;
    loop {
        let item = tokio::select! {
            item = a.recv() => item,
            item = b.recv() => item,
            item = c.recv() => item,
            item = d.recv() => item,
            item = e.recv() => item,
            item = f.recv() => item,
            item = g.recv() => item,
            item = h.recv() => item,
        };
        if item.is_none() {
            return;
        }
        SEEN.set(SEEN.get() + 1);
    }
}

async fn send(senders: Arc<[Sender<u64>]>) {
    let all = SEEN.get() + COUNT;
    for n in 0..COUNT {
        senders[n % 8].send(n as u64).await.unwrap();
        yield_now().await;
    }
    while SEEN.get() < all {
        yield_now().await;
    }
}

pub fn run() {
    let runtime = runtime();
    let mut senders = Vec::new();
    let sources = std::array::from_fn(|_| {
        let (sender, source) = channel(1);
        senders.push(sender);
        source
    });
    let senders: Arc<[_]> = senders.into();
    runtime.spawn(select(sources));
    measure::report("select", "8", COUNT, || {
        run_task(&runtime, send(senders.clone()))
    });
}
