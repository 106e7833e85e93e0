//! Numbers from another thread to a task, over an unbounded channel.

use crate::measure;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{unbounded_channel, UnboundedSender};

const COUNT: usize = 100_000;
const WAKES: usize = 2000;
const PAUSE: Duration = Duration::from_micros(100);

static ARRIVED: AtomicUsize = AtomicUsize::new(0);

enum Post {
    Count,
    Wake(Instant),
}

/// The other thread: as fast as it can, and then one at a time.
fn poster(posts: UnboundedSender<Post>) {
    let arrived = || ARRIVED.load(Ordering::Acquire);
    measure::report("post", "rate", COUNT, || {
        let all = arrived() + COUNT;
        for _ in 0..COUNT {
            posts.send(Post::Count).unwrap();
        }
        while arrived() < all {}
    });
    for _ in 0..WAKES {
        let all = arrived() + 1;
        thread::sleep(PAUSE);
        posts.send(Post::Wake(Instant::now())).unwrap();
        while arrived() < all {
            thread::sleep(PAUSE);
        }
    }
}

pub fn run() {
    let (sender, mut posts) = unbounded_channel();
    let other = thread::spawn(move || poster(sender));
    let mut times = Vec::with_capacity(WAKES);
    crate::runtime().block_on(async {
        while let Some(post) = posts.recv().await {
            if let Post::Wake(asked) = post {
                times.push(asked.elapsed());
            }
            ARRIVED.fetch_add(1, Ordering::Release);
        }
    });
    other.join().unwrap();
    times.sort();
    println!("post wake {}", times[times.len() / 2].as_nanos());
    println!("post wake99 {}", times[times.len() * 99 / 100].as_nanos());
}
