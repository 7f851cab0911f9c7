//! A test that cannot run here says so, loudly and counted: `make test` prints the list.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// Notes that this test was skipped, and why.
pub fn skipped(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}\n");
    eprint!("{line}");
    let path = folder().join("skipped");
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("target/tmp can be written");
}

/// `target/tmp`, which cargo names to integration tests alone: others lie in `target/*/deps`.
fn folder() -> PathBuf {
    option_env!("CARGO_TARGET_TMPDIR").map_or_else(
        || {
            let program = std::env::current_exe().expect("a test is a file");
            program.ancestors().nth(3).expect("in target/*/deps").join("tmp")
        },
        PathBuf::from,
    )
}
