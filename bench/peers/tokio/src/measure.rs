//! Time per operation, and the memory of this process.

use std::fs;
use std::time::{Duration, Instant};

/// Long enough to average the noise of one machine away.
pub const WINDOW: Duration = Duration::from_millis(300);

/// Calls `batch`, which does `count` operations, first once to warm up and
/// then until the window is full; prints nanoseconds per operation.
pub fn report(bench: &str, case: &str, count: usize, mut batch: impl FnMut()) {
    batch();
    let begin = Instant::now();
    let mut batches = 0;
    while begin.elapsed() < WINDOW {
        batch();
        batches += 1;
    }
    let spent = begin.elapsed().as_nanos() as f64;
    println!("{bench} {case} {:.4}", spent / (batches * count) as f64);
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// The time that this process has had of processors.
pub fn processor() -> Duration {
    const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;
    let mut time = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    let rc = unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(rc, 0);
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}

/// Bytes in memory, and bytes of page tables that the kernel keeps for them.
pub fn memory() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    (field(&status, "VmRSS:"), field(&status, "VmPTE:"))
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find(|l| l.starts_with(name)).unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() * 1024
}

/// A fixed sequence of numbers, the same in every program.
pub struct Numbers(u64);

impl Numbers {
    pub fn new() -> Self {
        Numbers(88172645463325252)
    }

    /// A timeout from 1 to 61 seconds, in milliseconds.
    pub fn timeout(&mut self) -> Duration {
        Duration::from_millis(1000 + self.next() % 60000)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }

    /// The number so many steps later.
    pub fn after(&mut self, steps: usize) -> u64 {
        for _ in 1..steps {
            self.next();
        }
        self.next()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
