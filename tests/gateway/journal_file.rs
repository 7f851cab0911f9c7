//! The journal's file: who may open it, and what becomes of one that is damaged or cannot grow.

use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use tinywindow::Error::{self, JournalCorrupt, JournalLocked};
use tinywindow::gateway::{ExecError, HaltScope};
use tinywindow::journal;
use tinywindow::telemetry::{Level, Record, set_log_sink};

use crate::desk::*;

/// Says to a test that it runs in the child which it started itself.
const CHILD_JOURNAL: &str = "TINYWINDOW_TEST_JOURNAL";
const CHILD_ARGUMENT: &str = "TINYWINDOW_TEST_ARGUMENT";

fn try_open(folder: &Folder) -> Result<Desk, Error> {
    Desk::try_open(&folder.config(&[]), NOW, None)
}

fn refusal(folder: &Folder) -> Error {
    try_open(folder).err().expect("a refusal")
}

/// Runs a test of this module once more, in a process of its own, with this argument.
fn child(test: &str, folder: &Folder, argument: u64) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", &format!("journal_file::{test}")])
        .env(CHILD_JOURNAL, folder.config(&[]))
        .env(CHILD_ARGUMENT, argument.to_string())
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
    let output = child(this_test, &folder, 0);
    assert!(String::from_utf8_lossy(&output.stdout).contains("opened: Some(JournalLocked)"));
    desk.gateway.close().unwrap();
    let output = child(this_test, &folder, 0);
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
    let mode = std::fs::metadata(folder.journal()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A journal with some orders, and where its records begin.
fn some_journal() -> (Folder, Vec<u8>, Vec<usize>) {
    let folder = Folder::new();
    let desk = try_open(&folder).unwrap();
    for price in 90..100 {
        desk.accept(buy(price, 10));
    }
    desk.accept(cancel(1));
    drop(desk);
    let records = journal::read(&folder.journal()).unwrap();
    assert_eq!(records.torn(), 0);
    let offsets = records.iter().map(|record| record.offset).collect();
    (Folder::new(), std::fs::read(folder.journal()).unwrap(), offsets)
}

#[test]
fn a_torn_tail_opens_to_what_is_before_it() {
    let (folder, bytes, offsets) = some_journal();
    let second_last = offsets[offsets.len() - 2];
    for length in second_last..bytes.len() {
        std::fs::write(folder.journal(), &bytes[..length]).unwrap();
        let desk = Desk::reopen(&folder.config(&[]), 11);
        assert_eq!(desk.gateway.order_status(1, 10).unwrap().accepted, Some(true));
        let cancelled = length >= offsets[offsets.len() - 1];
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
    let rested = std::fs::read(folder.journal()).unwrap().len();
    let sweep = of(2, named(9, sell(100, 30)));
    Desk::reopen(&folder.config(&[]), 3).accept(sweep);
    let bytes = std::fs::read(folder.journal()).unwrap();
    for length in rested..bytes.len() {
        std::fs::write(folder.journal(), &bytes[..length]).unwrap();
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
fn a_file_torn_in_its_header_is_a_new_journal() {
    let (folder, bytes, offsets) = some_journal();
    for length in 0..=offsets[0] {
        std::fs::write(folder.journal(), &bytes[..length]).unwrap();
        assert_eq!(try_open(&folder).unwrap().accept(buy(100, 1)), 1);
    }
}

#[test]
fn a_flipped_bit_before_the_last_record_is_corruption_and_the_file_is_left_as_it_is() {
    let (folder, bytes, offsets) = some_journal();
    let last = offsets[offsets.len() - 1];
    for at in (0..last).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        std::fs::write(folder.journal(), &damaged).unwrap();
        assert_eq!(refusal(&folder), JournalCorrupt, "byte {at}");
        assert_eq!(std::fs::read(folder.journal()).unwrap(), damaged);
    }
}

/// A journal of which the disk has lost a part, as it may before a sync.
fn wiped(bytes: &[u8], from: usize, to: usize) -> Vec<u8> {
    let mut wiped = bytes.to_vec();
    wiped[from..to].fill(0);
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
    let before = std::fs::read(folder.journal()).unwrap().len();
    for _ in 0..100 {
        desk.submit(buy(100, 1));
    }
    hold.release();
    desk.acks(101);
    drop(desk);
    // The answer to order 2 and, with it, the decisions of the other 100.
    let records = journal::read(&folder.journal()).unwrap();
    let bytes = std::fs::read(folder.journal()).unwrap();
    let batch = records.iter().find(|r| r.offset >= before && r.ends_batch).unwrap();
    let end = batch.offset + 16 + batch.payload.len();
    assert!(end - before > 3 * 4096, "several pages");
    for (from, to) in [(before, before + 4096), (before + 4096, before + 8192)] {
        std::fs::write(folder.journal(), wiped(&bytes[..end], from, to)).unwrap();
        let desk = Desk::reopen(&folder.config(&[]), 1);
        assert_eq!(desk.status(2).accepted, Some(true), "sent again: its answer was lost");
        assert_eq!(desk.gateway.order_status(1, 3), Err(Error::NotFound));
    }
}

#[test]
fn an_answer_lost_with_the_decision_behind_it_is_a_torn_tail_and_lost_alone_it_is_corruption() {
    let (folder, bytes, offsets) = some_journal();
    let [answer, decision, last] = offsets[offsets.len() - 3..] else { unreachable!() };
    std::fs::write(folder.journal(), wiped(&bytes[..last], answer, decision)).unwrap();
    let desk = try_open(&folder).unwrap();
    assert_eq!(desk.status(10).accepted, Some(true), "sent again");
    assert_eq!(desk.gateway.order_status(1, 11), Err(Error::NotFound));
    drop(desk);
    // The last answer came when the decision before it was durable, and so all before that.
    std::fs::write(folder.journal(), wiped(&bytes, answer, decision)).unwrap();
    assert_eq!(refusal(&folder), JournalCorrupt);
}

#[test]
fn a_record_missing_twice_or_out_of_place_is_corruption() {
    let (folder, bytes, offsets) = some_journal();
    let record = |i: usize| &bytes[offsets[i]..offsets[i + 1]];
    let rest = |i: usize| &bytes[offsets[i]..];
    let head = &bytes[..offsets[3]];
    for damaged in [
        [head, rest(4)].concat(),
        [head, record(3), rest(3)].concat(),
        [head, record(4), record(3), rest(5)].concat(),
    ] {
        std::fs::write(folder.journal(), damaged).unwrap();
        assert_eq!(refusal(&folder), JournalCorrupt);
    }
}

#[test]
fn what_is_no_journal_is_not_touched() {
    let folder = Folder::new();
    for other in
        [&b"TWJ\x02\0\0\0\0"[..], b"#!/bin/sh\necho hello", &[0; 100], b"TWJ\x01\0\0\0\x01"]
    {
        std::fs::write(folder.journal(), other).unwrap();
        assert_eq!(refusal(&folder), JournalCorrupt, "{other:?}");
        assert_eq!(std::fs::read(folder.journal()).unwrap(), other);
    }
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
    for path in [&no_folder, folder.journal().parent().unwrap(), Path::new("/dev/full"), &pipe] {
        assert_eq!(at(path), Some(Error::Journal), "{path:?}");
        assert!(journal::read(path).is_err(), "{path:?}");
        assert!(journal::check(path).is_err(), "{path:?}");
    }
    let read_only = folder.journal();
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&read_only).unwrap();
    // The superuser may write everywhere.
    if std::fs::OpenOptions::new().write(true).open(&read_only).is_err() {
        assert_eq!(at(&read_only), Some(Error::Journal));
    }
}

#[test]
fn a_journal_that_cannot_grow_ends_the_gateway_and_leaves_its_orders_unknown() {
    if let Ok(config) = std::env::var(CHILD_JOURNAL) {
        return send_until_the_file_may_not_grow(&config);
    }
    let this_test = "a_journal_that_cannot_grow_ends_the_gateway_and_leaves_its_orders_unknown";
    let mut sent = Vec::new();
    // A decision takes about 170 bytes and its answer 70: these limits meet both.
    for limit in (8000..8250).step_by(50) {
        let folder = Folder::new();
        let output = child(this_test, &folder, limit);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        let after = |word: &str| text.split_once(word).unwrap().1.split(' ').next().unwrap();
        let acknowledged: u64 = after("acknowledged=").parse().unwrap();
        sent.push(after("sent=") == "true");
        let desk = try_open(&folder).unwrap();
        for id in 1..=acknowledged {
            assert_eq!(desk.status(id).accepted, Some(true), "order {id}");
        }
    }
    assert!(sent.contains(&true) && sent.contains(&false), "{sent:?}");
}

/// The child: its file may not grow beyond a limit.
fn send_until_the_file_may_not_grow(config: &str) {
    let bytes = std::env::var(CHILD_ARGUMENT).unwrap().parse().unwrap();
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: a valid limit and a valid disposition, in a process of this test alone.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
    }
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let sink = move |record: &Record| log.lock().unwrap().push(record.to_string());
    set_log_sink(Some(Box::new(sink)), Level::Error).unwrap();
    let desk = Desk::open(config);
    let endings = (1..).map(|id| (id, desk.try_send(buy(100, 1))));
    let (last, ending) = endings.into_iter().find(|(_, ending)| ending.is_err()).unwrap();
    let Err(ExecError::Unknown { error: Error::Unknown, ack }) = ending else {
        panic!("{ending:?}")
    };
    assert_eq!((ack.order_id, ack.client_order_id), (last, last));
    let ended = ExecError::Refused(Error::Journal);
    assert_eq!(desk.try_send(buy(100, 1)), Err(ended));
    assert_eq!(desk.gateway.pre_trade_check(&desk.frame(buy(100, 1))), Err(ended));
    assert_eq!(desk.gateway.halt(HaltScope::Gateway), Err(Error::Journal));
    let state = desk.status(last);
    for _ in 0..4 {
        let _ = desk.gateway.close();
        assert_eq!(desk.status(last), state, "what is not durable is not sent later either");
    }
    let failed = "journal: journal failed, no more orders are taken status=TW_ERR_JOURNAL";
    assert_eq!(*told.lock().unwrap(), [failed], "told once");
    println!("\nacknowledged={} sent={} ", last - 1, state.accepted == Some(true));
}
