//! The folder: what is there, what is missing and what does not belong there.

use tinywindow::Error;
use tinywindow::journal::{self, Batch, Damage, Journal};

use crate::support::*;

/// A journal of several segments.
fn several_segments() -> (Folder, u64) {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    let mut last = 0;
    for size in [1, 300, 2, 700, 1500, 4, 3000, 2000] {
        append(&mut journal, last + 1..last + size + 1, size != 2).unwrap();
        last += size;
    }
    journal.seal().unwrap();
    drop(journal);
    assert_whole(&folder.journal(), last);
    assert!(folder.segments().len() >= 4, "{:?}", folder.segments());
    (folder, last)
}

#[test]
fn a_journal_goes_on_from_segment_to_segment() {
    let (folder, last) = several_segments();
    let mut journal = open(&folder.journal()).unwrap();
    append(&mut journal, last + 1..last + 11, true).unwrap();
    drop(journal);
    assert_whole(&folder.journal(), last + 10);
}

#[test]
fn a_batch_larger_than_a_segment_gets_a_segment_of_its_size() {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    append(&mut journal, 1..2, true).unwrap();
    append(&mut journal, 2..10_001, true).unwrap();
    append(&mut journal, 10_001..10_002, true).unwrap();
    drop(journal);
    assert_whole(&folder.journal(), 10_001);
    drop(open(&folder.journal()).unwrap());
    assert_whole(&folder.journal(), 10_001);
}

#[test]
fn a_payload_that_no_reader_would_take_is_not_written() {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    append(&mut journal, 1..4, true).unwrap();
    let mut batch = Batch::default();
    batch.push(|out| out.resize(16 * 1024 + 1, 1));
    assert_eq!(journal.append(&batch, true), Err(Error::Journal));
    assert_eq!(append(&mut journal, 4..5, true), Err(Error::Journal), "a failure is final");
    drop(journal);
    assert_whole(&folder.journal(), 3);
}

#[test]
fn a_new_size_holds_for_new_segments() {
    let (folder, last) = several_segments();
    let mut large = journal::FileJournal::open(&folder.journal(), 4 * SEGMENT, |_| Ok(())).unwrap();
    append(&mut large, last + 1..last + 1000, true).unwrap();
    drop(large);
    assert_whole(&folder.journal(), last + 999);
    let newest = *folder.segments().last().unwrap();
    assert_eq!(std::fs::metadata(folder.segment(newest)).unwrap().len(), 4 * SEGMENT);
}

#[test]
fn between_its_records_a_journal_is_zeros_and_its_files_have_their_size() {
    let (folder, _) = several_segments();
    for first in folder.segments() {
        let size = std::fs::metadata(folder.segment(first)).unwrap().len();
        assert!(size >= SEGMENT && size.is_multiple_of(BLOCK as u64), "{size}");
    }
    let names: Vec<_> = std::fs::read_dir(folder.journal()).unwrap().collect();
    assert_eq!(names.len(), folder.segments().len() + 1, "and LOCK: {names:?}");
}

#[test]
fn a_journal_may_be_read_while_it_is_written() {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    append(&mut journal, 1..2, true).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 2..400 {
                append(&mut journal, number..number + 1, number % 3 != 0).unwrap();
            }
        });
        let mut read_before = 0;
        while !writer.is_finished() {
            let (events, history) = read(&folder.journal());
            assert_eq!(history.damage, None);
            assert!(events == first(events.len() as u64));
            assert!(events.len() >= read_before);
            read_before = events.len();
        }
    });
    drop(journal);
    assert_whole(&folder.journal(), 399);
}

#[test]
fn opening_again_changes_nothing() {
    let (folder, _) = several_segments();
    drop(open(&folder.journal()).unwrap());
    let all = || -> Vec<Vec<u8>> {
        folder.segments().iter().map(|&s| std::fs::read(folder.segment(s)).unwrap()).collect()
    };
    let before = all();
    drop(open(&folder.journal()).unwrap());
    assert!(all() == before);
}

/// What is done to the segments of a journal, and where it is then found.
fn tampered(tamper: impl Fn(&Folder, &[u64])) -> Damage {
    let (folder, _) = several_segments();
    let segments = folder.segments();
    tamper(&folder, &segments);
    assert_eq!(open(&folder.journal()).err(), Some(Error::JournalCorrupt));
    read(&folder.journal()).1.damage.expect("found")
}

#[test]
fn a_segment_missing_before_the_last_is_found() {
    for missing in [0, 1] {
        let damage = tampered(|folder, segments| {
            std::fs::remove_file(folder.segment(segments[missing])).unwrap();
        });
        assert_eq!(damage.offset, 0);
    }
}

#[test]
fn a_segment_that_is_another_one_is_found() {
    let copy = tampered(|folder, segments| {
        std::fs::copy(folder.segment(segments[0]), folder.segment(segments[1])).unwrap();
    });
    assert_eq!(copy.offset, 0);
    tampered(|folder, segments| {
        let (a, b) = (folder.segment(segments[1]), folder.segment(segments[2]));
        let spare = folder.journal().join("spare");
        std::fs::rename(&a, &spare).unwrap();
        std::fs::rename(&b, &a).unwrap();
        std::fs::rename(&spare, &b).unwrap();
    });
    let (other, _) = several_segments();
    tampered(|folder, segments| {
        let others = other.segments();
        std::fs::copy(other.segment(others[1]), folder.segment(segments[1])).unwrap();
    });
    tampered(|folder, segments| {
        let last = *segments.last().unwrap();
        std::fs::copy(folder.segment(last), folder.segment(last + 1)).unwrap();
    });
}

#[test]
fn a_segment_that_was_renamed_is_found() {
    for name in ["00000000000000000001.copy.twj", "1.twj", "0000000000000000000x.twj"] {
        let (folder, _) = several_segments();
        std::fs::copy(folder.segment(1), folder.journal().join(name)).unwrap();
        assert_eq!(open(&folder.journal()).err(), Some(Error::JournalCorrupt), "{name}");
        let read = journal::read(&folder.journal(), |_| Ok(()));
        assert_eq!(read.err(), Some(Error::JournalCorrupt), "{name}");
    }
    let (folder, last) = several_segments();
    std::fs::copy(folder.segment(1), folder.journal().join("first.backup")).unwrap();
    assert_whole(&folder.journal(), last);
}

#[test]
fn a_segment_cut_short_before_the_last_is_found() {
    for length in [0, 100, BLOCK as u64, BLOCK as u64 + 50, 3 * BLOCK as u64] {
        tampered(|folder, segments| {
            let file = std::fs::File::options().write(true).open(folder.segment(segments[1]));
            file.unwrap().set_len(length).unwrap();
        });
    }
}
