//! Timers, while `count` others are pending.
//!
//! A Tokio timer enters the wheel when it is first polled, so `arm` polls
//! each one. `block` is `timeout()` around something that is ready at once:
//! Tokio polls that first, and then arms nothing.

use crate::measure::{self, Numbers};
use crate::runtime;
use std::future::{poll_fn, ready, Future};
use std::pin::{pin, Pin};
use std::task::Poll;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout, Instant, Sleep};

const COUNT: usize = 100_000;

/// Polls the timer once, which arms it.
async fn arm(mut timer: Pin<&mut Sleep>) {
    poll_fn(|context| {
        assert!(timer.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await
}

async fn arm_and_cancel(spans: &[Duration]) {
    for span in spans {
        let mut timer = pin!(sleep(*span));
        arm(timer.as_mut()).await;
    }
}

fn rearm(pending: &mut [Pin<Box<Sleep>>], spans: &[Duration], order: &[usize]) {
    let now = Instant::now();
    for (i, span) in order.iter().zip(spans) {
        pending[*i].as_mut().reset(now + *span);
    }
}

pub fn run(count: usize) {
    let runtime = runtime();
    let mut numbers = Numbers::new();
    let spans: Vec<_> = (0..COUNT).map(|_| numbers.timeout()).collect();
    let order: Vec<_> = (0..COUNT).map(|_| numbers.below(count)).collect();
    let mut pending = Vec::with_capacity(count);
    runtime.block_on(async {
        for _ in 0..count {
            let mut timer = Box::pin(sleep(numbers.timeout()));
            arm(timer.as_mut()).await;
            pending.push(timer);
        }
    });

    measure::report("timer", "arm", COUNT, || {
        runtime.block_on(arm_and_cancel(&spans))
    });
    measure::report("timer", "rearm", COUNT, || {
        runtime.block_on(async { rearm(&mut pending, &spans, &order) })
    });
    measure::report("timer", "block", COUNT, || {
        runtime.block_on(async {
            for span in &spans {
                timeout(*span, ready(())).await.unwrap();
            }
        })
    });
    measure::report("timer", "block-wait", COUNT, || {
        runtime.block_on(async {
            for span in &spans {
                timeout(*span, yield_now()).await.unwrap();
            }
        })
    });
}
