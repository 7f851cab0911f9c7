//! The journal on disk: who may open it, and what becomes of one that is damaged.

use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tinywindow::Error::{self, JournalCorrupt, JournalLocked};
use tinywindow::journal::{self, Kind, segment_name};

use crate::desk::*;

/// Says to a test that it runs in the child which it started itself.
const CHILD_JOURNAL: &str = "TINYWINDOW_TEST_JOURNAL";

fn try_open(folder: &Folder) -> Result<Desk, Error> {
    Desk::try_open(&folder.config(&[]), NOW, None)
}

fn refusal(folder: &Folder) -> Error {
    try_open(folder).err().expect("a refusal")
}

/// Runs a test of this module once more, in a process of its own.
fn child(test: &str, folder: &Folder) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", &format!("journal_file::{test}")])
        .env(CHILD_JOURNAL, folder.config(&[]))
        .output()
        .unwrap()
}

#[test]
fn a_second_opener_is_refused_in_this_process_and_in_another() {
    if let Ok(config) = std::env::var(CHILD_JOURNAL) {
        println!("\nopened: {:?}", Desk::try_open(&config, NOW, None).err());
        return;
    }
    let this_test = "a_second_opener_is_refused_in_this_process_and_in_another";
    let folder = Folder::new();
    let desk = try_open(&folder).unwrap();
    assert_eq!(refusal(&folder), JournalLocked);
    let output = child(this_test, &folder);
    assert!(String::from_utf8_lossy(&output.stdout).contains("opened: Some(JournalLocked)"));
    desk.gateway.close().unwrap();
    let output = child(this_test, &folder);
    assert!(String::from_utf8_lossy(&output.stdout).contains("opened: None"));
    assert!(try_open(&folder).is_ok(), "closed, it is free");
}

#[test]
fn a_forked_child_does_not_keep_the_lock_of_a_gateway_that_is_closed() {
    let folder = Folder::new();
    let desk = try_open(&folder).unwrap();
    // SAFETY: the child does nothing but wait to be killed.
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            // SAFETY: no arguments, no memory.
            unsafe { libc::pause() };
        }
    }
    drop(desk);
    let reopened = try_open(&folder).map(drop);
    // SAFETY: the child is ours and not waited for yet.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, std::ptr::null_mut(), 0);
    }
    assert_eq!(reopened, Ok(()));
}

#[test]
fn the_journal_is_for_its_owner_alone() {
    let folder = Folder::new();
    try_open(&folder).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.journal()), 0o700);
    let files: Vec<_> = std::fs::read_dir(folder.journal()).unwrap().collect();
    assert_eq!(files.len(), 2, "lock and segment: {files:?}");
    for file in files {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

fn segment(folder: &Folder) -> PathBuf {
    folder.journal().join(segment_name(1))
}

/// Makes these bytes the only segment of a journal.
fn write(folder: &Folder, bytes: &[u8]) {
    std::fs::create_dir_all(folder.journal()).unwrap();
    std::fs::write(segment(folder), bytes).unwrap();
}

/// Where each event of a journal stands.
fn events(folder: &Folder) -> Vec<Range<usize>> {
    let mut events = Vec::new();
    let each = |record: &journal::Record<'_>| {
        if record.kind == Kind::Event {
            let offset = record.offset as usize;
            events.push(offset..offset + record.size() as usize);
        }
        Ok(())
    };
    assert_eq!(journal::read(&folder.journal(), each).unwrap().damage, None);
    events
}

/// A journal with some orders, the last of them cancelled, and its events.
fn some_journal() -> (Folder, Vec<u8>, Vec<Range<usize>>) {
    let folder = Folder::new();
    let desk = try_open(&folder).unwrap();
    for price in 90..100 {
        desk.accept(buy(price, 10));
    }
    desk.accept(cancel(1));
    drop(desk);
    let events = events(&folder);
    (Folder::new(), std::fs::read(segment(&folder)).unwrap(), events)
}

#[test]
fn a_torn_tail_opens_to_what_is_before_it() {
    let (folder, bytes, events) = some_journal();
    let [.., decision, answer] = &events[..] else { unreachable!() };
    for length in (decision.start..answer.end + 100).step_by(7) {
        write(&folder, &bytes[..length]);
        let desk = Desk::reopen(&folder.config(&[]), 11);
        assert_eq!(desk.gateway.order_status(1, 10).unwrap().accepted, Some(true));
        // The commit behind the decision makes it one.
        let cancelled = length >= decision.end + 68;
        assert_eq!(desk.gateway.order_status(1, 11).is_ok(), cancelled, "{length}");
        desk.accept(buy(100, 1));
        drop(desk);
        let desk = Desk::reopen(&folder.config(&[]), 12);
        assert_eq!(desk.status(12).accepted, Some(true), "the cut leaves a good journal");
    }
}

#[test]
fn of_what_happened_together_a_torn_tail_leaves_all_or_nothing() {
    let folder = Folder::new();
    let desk = try_open(&folder).unwrap();
    for _ in 0..3 {
        desk.accept(buy(100, 10));
    }
    drop(desk);
    let rested = events(&folder).last().unwrap().end;
    let sweep = of(2, named(9, sell(100, 30)));
    Desk::reopen(&folder.config(&[]), 3).accept(sweep);
    let bytes = std::fs::read(segment(&folder)).unwrap();
    let end = events(&folder).last().unwrap().end + 68;
    for length in (rested..=end).rev().step_by(61) {
        write(&folder, &bytes[..length]);
        let desk = Desk::reopen(&folder.config(&[]), 3);
        let filled = |session, id| {
            let state = desk.gateway.order_status(session, id);
            state.map_or(0, |state| state.cum_quantity)
        };
        let bought: u64 = (1..=3).map(|id| filled(1, id)).sum();
        assert_eq!(bought, filled(2, 9), "cut to {length} of {} bytes", bytes.len());
    }
}

#[test]
fn a_segment_cut_off_in_its_beginning_is_a_new_journal() {
    let (folder, bytes, _) = some_journal();
    for length in [0, 1, 4, 100, 4095] {
        write(&folder, &bytes[..length]);
        assert_eq!(try_open(&folder).unwrap().accept(buy(100, 1)), 1);
    }
}

#[test]
fn a_flipped_bit_is_corruption_and_the_journal_is_left_as_it_is() {
    let (folder, bytes, events) = some_journal();
    let end = events.last().unwrap().end;
    for at in (0..end).step_by(997).chain(events.iter().map(|event| event.end - 1)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        write(&folder, &damaged);
        assert_eq!(refusal(&folder), JournalCorrupt, "byte {at}");
        assert!(std::fs::read(segment(&folder)).unwrap() == damaged);
    }
}

/// A segment of which the disk has lost a part, as it may before a sync.
fn wiped(bytes: &[u8], part: Range<usize>) -> Vec<u8> {
    let mut wiped = bytes.to_vec();
    wiped[part].fill(0);
    wiped
}

#[test]
fn a_batch_of_which_the_disk_kept_only_the_end_is_a_torn_tail() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    desk.accept(buy(100, 1));
    hold.hold();
    desk.submit(buy(100, 1));
    hold.wait_for(1);
    let before = events(&folder).last().unwrap().end.next_multiple_of(4096);
    for _ in 0..100 {
        desk.submit(buy(100, 1));
    }
    hold.release();
    desk.acks(101);
    let copy = Folder::new();
    copy_journal(&folder.journal(), &copy.journal());
    // The answer to order 2 and, with it, the decisions of the other 100.
    let decisions = events(&folder);
    let end = decisions[decisions.iter().position(|e| e.start >= before).unwrap() + 100].end + 68;
    let bytes = std::fs::read(segment(&copy)).unwrap();
    assert!(end - before > 3 * 4096, "several blocks");
    let mut group = bytes[..end].to_vec();
    group.resize(bytes.len(), 0);
    for block in [before, before + 4096] {
        write(&copy, &wiped(&group, block..block + 4096));
        let desk = Desk::reopen(&copy.config(&[]), 1);
        assert_eq!(desk.status(2).accepted, Some(true), "sent again: its answer was lost");
        assert_eq!(desk.gateway.order_status(1, 3), Err(Error::NotFound));
    }
}

#[test]
fn an_answer_lost_with_the_decision_behind_it_is_a_torn_tail_and_lost_alone_it_is_corruption() {
    let (folder, bytes, events) = some_journal();
    let [.., answer, decision, last] = &events[..] else { unreachable!() };
    write(&folder, &wiped(&bytes[..last.start], answer.start..decision.start));
    let desk = try_open(&folder).unwrap();
    assert_eq!(desk.status(10).accepted, Some(true), "sent again");
    assert_eq!(desk.gateway.order_status(1, 11), Err(Error::NotFound));
    drop(desk);
    // The last answer came when the decision before it was durable, and so all before that.
    write(&folder, &wiped(&bytes, answer.start..decision.start));
    assert_eq!(refusal(&folder), JournalCorrupt);
}

#[test]
fn a_journal_of_another_format_is_unsupported_and_not_touched() {
    let folder = Folder::new();
    let old = b"TWJ\x01\0\0\0\0";
    std::fs::write(folder.journal(), old).unwrap();
    assert_eq!(refusal(&folder), Error::Unsupported);
    assert_eq!(std::fs::read(folder.journal()).unwrap(), old);
    std::fs::remove_file(folder.journal()).unwrap();
    let (folder, mut bytes, _) = some_journal();
    bytes[3] = 3;
    let sum = crc32c::crc32c_append(crc32c::crc32c(&bytes[..4]), &bytes[8..4096]);
    bytes[4..8].copy_from_slice(&sum.to_le_bytes());
    write(&folder, &bytes);
    assert_eq!(refusal(&folder), Error::Unsupported);
    assert!(std::fs::read(segment(&folder)).unwrap() == bytes);
}

#[test]
fn what_is_no_journal_is_not_touched() {
    let folder = Folder::new();
    for other in [&b"#!/bin/sh\necho hello"[..], &[0; 100], b""] {
        std::fs::write(folder.journal(), other).unwrap();
        assert_eq!(refusal(&folder), Error::Journal, "{other:?}");
        assert_eq!(std::fs::read(folder.journal()).unwrap(), other);
    }
    std::fs::remove_file(folder.journal()).unwrap();
    std::fs::create_dir(folder.journal()).unwrap();
    std::fs::write(folder.journal().join("notes.txt"), "mine").unwrap();
    assert_eq!(refusal(&folder), Error::Journal);
    assert_eq!(std::fs::read_dir(folder.journal()).unwrap().count(), 1);
}

#[test]
fn a_place_where_no_journal_can_be_is_a_journal_error() {
    let at = |path: &Path| {
        let path = format!("'{}'", path.display());
        let changes = [("journal.kind", "'file'"), ("journal.path", path.as_str())];
        Desk::try_open(&config(&changes), NOW, None).err()
    };
    let folder = Folder::new();
    let no_folder = folder.journal().join("orders.twj");
    let pipe = folder.journal().with_extension("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&no_folder, Path::new("/dev/full"), &pipe, Path::new("/proc")] {
        assert_eq!(at(path), Some(Error::Journal), "{path:?}");
        assert!(journal::read(path, |_| Ok(())).is_err(), "{path:?}");
        assert!(journal::check(path).is_err(), "{path:?}");
    }
    drop(try_open(&folder).unwrap());
    std::fs::remove_file(segment(&folder)).unwrap();
    std::fs::rename(&pipe, segment(&folder)).unwrap();
    assert_eq!(refusal(&folder), Error::Journal, "a segment that is a pipe");
}
