//! Opening reads ahead in a thread of its own: what arrives, and how it ends, is what a reader in
//! one thread finds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tinywindow::journal::{self, Batch, FileJournal, Journal, Kind, Record};
use tinywindow::{Error, Result};

use crate::support::*;

/// More events than may be under way between the two threads, half a kilobyte each.
const EVENTS: u64 = 6_000;

/// A journal of many segments, with so many events.
fn long() -> Folder {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    for number in (0..EVENTS).step_by(50) {
        let mut batch = Batch::default();
        (0..50).for_each(|_| batch.push(|out| out.extend([number as u8; 512])));
        journal.append(&batch, false).unwrap();
    }
    journal.seal().unwrap();
    drop(journal);
    folder
}

/// All that is told of a record.
type Told = (u64, u64, u64, Kind, Vec<u8>, Vec<u8>, [u8; 32], [u8; 32]);

fn told(record: &Record<'_>) -> Told {
    let Record { segment, offset, sequence, kind, payload, bytes, chain, hash } = *record;
    (segment, offset, sequence, kind, payload.to_vec(), bytes.to_vec(), chain, hash)
}

fn open_and_be_told(folder: &Folder) -> (Vec<Told>, Result<FileJournal>) {
    let mut all = Vec::new();
    let opened = FileJournal::open(&folder.journal(), SEGMENT, |record| {
        all.push(told(record));
        Ok(())
    });
    (all, opened)
}

fn read_and_be_told(folder: &Folder) -> (Vec<Told>, journal::History) {
    let mut all = Vec::new();
    let history = journal::read(&folder.journal(), |record| {
        all.push(told(record));
        Ok(())
    });
    (all, history.unwrap())
}

#[test]
fn opening_is_told_what_a_reader_is_told() {
    let folder = long();
    let (read, history) = read_and_be_told(&folder);
    assert_eq!((history.damage, history.torn), (None, 0));
    let (opened, journal) = open_and_be_told(&folder);
    journal.unwrap();
    assert!(opened == read, "{} records, not the {} there are", opened.len(), read.len());
}

#[test]
fn what_is_good_before_damage_is_told_and_nothing_behind_it() {
    let folder = long();
    let segments = folder.segments();
    for first in [segments[1], segments[segments.len() / 2], segments[segments.len() - 2]] {
        let good = std::fs::read(folder.segment(first)).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        std::fs::write(folder.segment(first), bad).unwrap();
        let (read, history) = read_and_be_told(&folder);
        assert_eq!(history.damage.unwrap().segment, first);
        let (opened, journal) = open_and_be_told(&folder);
        assert_eq!(journal.err(), Some(Error::JournalCorrupt));
        assert!(opened == read, "{} records, not the {} before", opened.len(), read.len());
        std::fs::write(folder.segment(first), good).unwrap();
    }
}

#[test]
fn what_is_good_before_a_segment_that_cannot_be_read_is_told() {
    let folder = long();
    let segments = folder.segments();
    let unread = segments[segments.len() / 2];
    std::fs::remove_file(folder.segment(unread)).unwrap();
    std::fs::create_dir(folder.segment(unread)).unwrap();
    let (opened, journal) = open_and_be_told(&folder);
    assert_eq!(journal.err(), Some(Error::Journal));
    assert_eq!(opened.last().map(|(_, _, sequence, ..)| sequence + 1), Some(unread));

    // Damage before it comes first.
    let mut bytes = std::fs::read(folder.segment(segments[0])).unwrap();
    bytes[BLOCK] ^= 1;
    std::fs::write(folder.segment(segments[0]), bytes).unwrap();
    let (opened, journal) = open_and_be_told(&folder);
    assert_eq!(journal.err(), Some(Error::JournalCorrupt));
    assert!(opened.is_empty());
}

#[test]
fn whoever_is_told_ends_the_reading_with_an_error_or_a_panic() {
    let folder = long();
    for last in [1, 2, EVENTS / 2, EVENTS] {
        let ended = FileJournal::open(&folder.journal(), SEGMENT, |record| {
            if record.sequence < last { Ok(()) } else { Err(Error::Capacity) }
        });
        assert_eq!(ended.err(), Some(Error::Capacity));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            FileJournal::open(&folder.journal(), SEGMENT, |record| {
                assert!(record.sequence < last, "as it is meant to");
                Ok(())
            })
        }));
        assert!(panicked.is_err());
    }
    let (read, history) = read_and_be_told(&folder);
    assert_eq!((history.damage, history.torn), (None, 0));
    assert!(read.len() as u64 > EVENTS);
}
