//! A copy of a file of 1 GiB that is in memory; the best of three.

use std::fs;
use std::io::Write;
use std::process;
use std::time::Instant;

const CHUNK: usize = 1 << 20;
const COUNT: usize = 1024;
const TIMES: usize = 3;

fn fill(path: &str) -> std::io::Result<()> {
    let bytes = vec![7u8; CHUNK];
    let mut file = fs::File::create(path)?;
    for _ in 0..COUNT {
        file.write_all(&bytes)?;
    }
    Ok(())
}

pub fn run() {
    let from = format!("/dev/shm/fermata-bench-{}", process::id());
    let to = format!("{from}-copy");
    let mut best = 0.0f64;
    let mut rc = fill(&from);
    for _ in 0..TIMES {
        if rc.is_err() {
            break;
        }
        let (one, other) = (from.clone(), to.clone());
        let since = Instant::now();
        rc = crate::run_task(&crate::runtime(), async move {
            tokio::fs::copy(one, other).await.map(|_| ())
        });
        let spent = since.elapsed().as_nanos() as f64;
        best = best.max((CHUNK * COUNT) as f64 / spent);
        let _ = fs::remove_file(&to);
    }
    let _ = fs::remove_file(&from);
    rc.unwrap();
    println!("copy 1GiB {best:.4}");
}
