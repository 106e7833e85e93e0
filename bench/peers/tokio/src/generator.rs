//! Values of an async_stream, which the compiler expands in place.

use crate::{measure, run_task, runtime};
use async_stream::stream;
use std::hint::black_box;
use tokio_stream::{Stream, StreamExt};

const COUNT: u64 = 1_000_000;

fn values() -> impl Stream<Item = u64> + Send {
    stream! {
        for n in 0..COUNT {
            yield n;
        }
    }
}

async fn take() {
    let mut values = Box::pin(values());
    for n in 0..COUNT {
        assert_eq!(black_box(values.next().await), Some(n));
    }
}

pub fn run() {
    let runtime = runtime();
    measure::report("gen", "value", COUNT as usize, || {
        run_task(&runtime, take())
    });
}
