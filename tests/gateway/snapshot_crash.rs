//! `kill -9` while snapshots are written: whatever is there of them, opening knows every ack.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::crash::{frame, known, line, rounds, run_and_kill};
use crate::desk::*;
use crate::venue_log::VenueLog;

const CHILD_CONFIG: &str = "TINYWINDOW_TEST_SNAPSHOT_CONFIG";
const CHILD_FIRST: &str = "TINYWINDOW_TEST_SNAPSHOT_FIRST";

const THIS_TEST: &str =
    "snapshot_crash::whatever_the_moment_of_the_kill_a_snapshot_is_whole_or_not_used";

/// Orders between two snapshots: few, so that most kills come while one is written or read.
const BETWEEN: u64 = 5;

/// Opens, sends, and closes, over and over: a snapshot each time.
fn snapshots_until_killed(config: &str, first: u64) {
    println!();
    for opening in 0.. {
        let desk = Desk::open(config);
        let first = first + opening * BETWEEN;
        for sequence in first..first + BETWEEN {
            println!("{}", line(&desk.send_frame(&frame(&desk, 1, sequence)).unwrap()));
        }
        desk.gateway.close().unwrap();
    }
}

#[test]
fn whatever_the_moment_of_the_kill_a_snapshot_is_whole_or_not_used() {
    if let Ok(config) = std::env::var(CHILD_CONFIG) {
        let first = std::env::var(CHILD_FIRST).unwrap();
        return snapshots_until_killed(&config, first.parse().unwrap());
    }
    let folder = Folder::new();
    let config =
        folder.config(&[("journal.snapshot_events", "1"), ("journal.segment_bytes", "65_536")]);
    let mut random = Random(11);
    let mut acknowledged: HashMap<u64, String> = HashMap::new();
    for round in 0..rounds(10) {
        let first = acknowledged.keys().max().map_or(1, |last| last + 1);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", THIS_TEST])
            .env(CHILD_CONFIG, &config)
            .env(CHILD_FIRST, first.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        for ack in run_and_kill(child, Duration::from_micros(random.below(60_000))) {
            let sequence = ack.split(' ').nth(2).unwrap().parse().unwrap();
            assert_eq!(acknowledged.insert(sequence, ack), None, "told once");
        }
        let desk = Desk::open(&config);
        for (sequence, ack) in &acknowledged {
            assert_eq!(known(&desk, 1, *sequence).as_ref(), Some(ack), "round {round}");
        }
        VenueLog::read(&folder).assert_is_the_state_of(&desk);
        drop(desk);
        let snapshots = files(&folder.journal(), "tws");
        assert!(snapshots.len() <= 2, "the newest and the one before: {snapshots:?}");
    }
}
