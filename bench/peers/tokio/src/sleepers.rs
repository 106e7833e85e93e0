//! Many tasks asleep at once, until the same moment.

use crate::{measure, runtime};
use std::cell::Cell;
use std::time::{Duration, Instant};
use tokio::task::yield_now;
use tokio::time::sleep_until;

thread_local! {
    static ASLEEP: Cell<usize> = const { Cell::new(0) };
    static AWAKE: Cell<usize> = const { Cell::new(0) };
}

async fn sleeper(moment: Instant) {
    ASLEEP.set(ASLEEP.get() + 1);
    sleep_until(moment.into()).await;
    AWAKE.set(AWAKE.get() + 1);
}

pub fn run(count: usize, milliseconds: u64) {
    let (resident, tables) = measure::memory();
    let begin = Instant::now();
    let moment = begin + Duration::from_millis(milliseconds);

    runtime().block_on(async {
        let mut tasks = Vec::with_capacity(count);
        for _ in 0..count {
            tasks.push(tokio::spawn(sleeper(moment)));
        }
        while ASLEEP.get() < count {
            yield_now().await;
        }
        let started = begin.elapsed();
        let (resident_now, tables_now) = measure::memory();
        if AWAKE.get() > 0 || Instant::now() >= moment {
            eprintln!("too short: {milliseconds} ms for {count}");
            std::process::exit(3);
        }

        for task in tasks {
            task.await.unwrap();
        }
        let each = |bytes: u64| bytes as f64 / count as f64;
        let woken = moment.elapsed();
        println!("sleepers memory {:.1}", each(resident_now - resident));
        println!(
            "sleepers with-tables {:.1}",
            each(resident_now - resident + tables_now - tables)
        );
        let million = (started + woken).as_secs_f64() * 1e6 / count as f64;
        println!("sleepers seconds {million:.4}");
        println!("sleepers started {:.4}", started.as_secs_f64());
    });
}
