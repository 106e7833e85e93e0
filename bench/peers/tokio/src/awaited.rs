//! Many sleeps that one task awaits, until the same moment.
//!
//! Unconstrained: with Tokio's budget for a task, whatever is left is polled
//! again each time that the budget is used up, which is quadratic.

use crate::{measure, runtime};
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use tokio::task::{unconstrained, yield_now};
use tokio::time::sleep_until;

pub fn run(count: usize, milliseconds: u64) {
    let (resident, tables) = measure::memory();
    let begin = Instant::now();
    let moment = begin + Duration::from_millis(milliseconds);

    runtime().block_on(async {
        let all = tokio::spawn(async move {
            let sleeps = (0..count).map(|_| sleep_until(moment.into()));
            unconstrained(join_all(sleeps)).await;
        });
        yield_now().await;
        let started = begin.elapsed();
        let (resident_now, tables_now) = measure::memory();
        if all.is_finished() || Instant::now() >= moment {
            eprintln!("too short: {milliseconds} ms for {count}");
            std::process::exit(3);
        }

        all.await.unwrap();
        let each = |bytes: u64| bytes as f64 / count as f64;
        let woken = moment.elapsed();
        println!("awaited memory {:.1}", each(resident_now - resident));
        println!(
            "awaited with-tables {:.1}",
            each(resident_now - resident + tables_now - tables)
        );
        let million = (started + woken).as_secs_f64() * 1e6 / count as f64;
        println!("awaited seconds {million:.4}");
        println!("awaited started {:.4}", started.as_secs_f64());
    });
}
