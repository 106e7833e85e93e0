//! Ten tasks that hold a Mutex, or one of four permits, across a yield; and
//! one that has it for itself.

use crate::{measure, run_task, runtime};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::yield_now;

const TASKS: usize = 10;
const COUNT: usize = 100_000;

async fn lock_free(lock: Arc<Mutex<usize>>) {
    for _ in 0..COUNT {
        *lock.lock().await += 1;
    }
}

async fn lock_held(lock: Arc<Mutex<usize>>) {
    for _ in 0..COUNT / TASKS {
        let mut held = lock.lock().await;
        *held += 1;
        yield_now().await;
    }
}

async fn permit_free(permits: Arc<Semaphore>) {
    for _ in 0..COUNT {
        let _permit = permits.acquire().await.unwrap();
    }
}

async fn permit_held(permits: Arc<Semaphore>) {
    for _ in 0..COUNT / TASKS {
        let _permit = permits.acquire().await.unwrap();
        yield_now().await;
    }
}

/// Starts ten, and awaits them all.
async fn contend<F>(start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(start())).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn run() {
    let runtime = runtime();
    let lock = Arc::new(Mutex::new(0));
    measure::report("lock", "free", COUNT, || {
        run_task(&runtime, lock_free(lock.clone()))
    });
    measure::report("lock", "contended", COUNT, || {
        let lock = lock.clone();
        run_task(&runtime, contend(move || lock_held(lock.clone())))
    });
}

pub fn run_semaphore() {
    let runtime = runtime();
    let permits = Arc::new(Semaphore::new(4));
    measure::report("semaphore", "free", COUNT, || {
        run_task(&runtime, permit_free(permits.clone()))
    });
    measure::report("semaphore", "contended", COUNT, || {
        let permits = permits.clone();
        run_task(&runtime, contend(move || permit_held(permits.clone())))
    });
}
