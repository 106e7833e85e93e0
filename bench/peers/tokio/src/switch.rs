//! One switch between two stacks: half of a resume and suspend,
//! which corosensei expands in place.

use crate::measure;
use corosensei::{Coroutine, CoroutineResult, Yielder};

const COUNT: usize = 1_000_000;

pub fn run() {
    let mut other = Coroutine::new(|yielder: &Yielder<(), ()>, ()| loop {
        yielder.suspend(());
    });

    measure::report("switch", "inline", 2 * COUNT, || {
        for _ in 0..COUNT {
            match other.resume(()) {
                CoroutineResult::Yield(()) => {}
                CoroutineResult::Return(()) => unreachable!(),
            }
        }
    });
    // The coroutine never returns; unwinding its stack is not measured.
    std::mem::forget(other);
}
