//! A test that cannot run here says so, loudly and counted: `make test` prints the list.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Notes that this test was skipped, and why.
pub fn skipped(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}\n");
    eprint!("{line}");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("target/tmp can be written");
}
