//! Log events: each is told when it happens, at a bounded rate, and the sink may use the library.

use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tinywindow::gateway::{ExecError, ExposureLimits, ExposureScope, HaltScope, RETRY_MEMORY};
use tinywindow::journal::{self, segment_name};
use tinywindow::signing::{Suite, key_id, keygen};
use tinywindow::telemetry::{Level, Record, set_log_sink};
use tinywindow::{Error, Gateway};

use crate::desk::*;
use crate::seen::{events_of, metrics, turn};

fn lines(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| format!("{} {record}", record.event.level().name())).collect()
}

#[test]
fn the_life_of_a_gateway_is_told() {
    let _turn = turn();
    let key = keygen(Suite::Ed25519, 99);
    let key = tinywindow::signing::public_key(&key).unwrap();
    let id = key_id(&key).unwrap();
    let desk = Desk::open(&config(&[]));
    desk.accept(buy(100, 1));
    let events = events_of(Level::Info, || {
        desk.gateway.add_key(1, &key).unwrap();
        desk.gateway.retire_key(1, id).unwrap();
        desk.gateway.halt(HaltScope::Gateway).unwrap();
        desk.gateway.halt(HaltScope::Symbol(text("AAPL"))).unwrap();
        desk.gateway.resume(HaltScope::Symbol(text("AAPL"))).unwrap();
        desk.gateway.halt(HaltScope::Session(3)).unwrap();
        desk.gateway.halt(HaltScope::Account(text("fund"))).unwrap();
        desk.gateway.halt(HaltScope::Session(33)).unwrap_err();
        desk.gateway.close().unwrap();
        desk.gateway.close().unwrap();
        Desk::open(&config(&[])).gateway.close().unwrap();
    });
    let mut expected = vec![
        format!("info gateway: key added session_id=1 key_id={id:016x} suite=ed25519"),
        format!("info gateway: key retired session_id=1 key_id={id:016x}"),
        "warn gateway: halted scope=gateway name=".to_owned(),
        "warn gateway: halted scope=symbol name=AAPL".to_owned(),
        "warn gateway: resumed scope=symbol name=AAPL".to_owned(),
        "warn gateway: halted scope=session name=3".to_owned(),
        "warn gateway: halted scope=account name=fund".to_owned(),
        "info gateway: gateway closed".to_owned(),
        "info gateway: gateway opened sessions=4 instruments=2 orders=0 open_orders=0".to_owned(),
    ];
    for session_id in SESSIONS {
        let id = key_id(&crate::desk::key(session_id)).unwrap();
        let suite = "hmac-sha256";
        expected.push(format!(
            "info gateway: key added session_id={session_id} key_id={id:016x} suite={suite}"
        ));
    }
    expected.push("info gateway: gateway closed".to_owned());
    assert_eq!(lines(&events), expected);
    assert!(events.is_sorted_by_key(|record| record.time));
}

#[test]
fn only_graver_events_are_told() {
    let _turn = turn();
    let desk = Desk::open(&config(&[]));
    let events = events_of(Level::Warn, || {
        desk.gateway.halt(HaltScope::Gateway).unwrap();
        desk.gateway.close().unwrap();
    });
    assert_eq!(lines(&events), ["warn gateway: halted scope=gateway name="]);
    assert_eq!(events_of(Level::Error, || drop(Desk::open(&config(&[])))).len(), 0);
}

#[test]
fn a_journals_fate_is_told() {
    let _turn = turn();
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    desk.accept(buy(100, 1));
    let second = events_of(Level::Info, || {
        let refused = Desk::try_open(&folder.config(&[]), NOW, None);
        assert_eq!(refused.err(), Some(Error::JournalLocked));
    });
    let locked = "error gateway: gateway not opened status=TW_ERR_JOURNAL_LOCKED";
    assert_eq!(lines(&second), [locked]);
    drop(desk);
    let (path, mut last) = (folder.journal().join(segment_name(1)), 0);
    let each = |record: &journal::Record<'_>| {
        last = record.offset;
        Ok(())
    };
    journal::read(&folder.journal(), each).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(last + 3).unwrap();
    let events = events_of(Level::Warn, || drop(Desk::open(&folder.config(&[]))));
    let [cut, ..] = &lines(&events)[..] else { panic!("{events:?}") };
    assert!(cut.starts_with("warn journal: torn tail cut bytes=3 kept_records="), "{cut}");
    file.write_all_at(b"?", 4096 + 30).unwrap();
    let events = events_of(Level::Error, || {
        let refused = Desk::try_open(&folder.config(&[]), NOW, None);
        assert_eq!(refused.err(), Some(Error::JournalCorrupt));
    });
    let corrupt = "error journal: journal corrupt, no gateway opens it segment=1 offset=4096";
    assert_eq!(lines(&events)[0], corrupt);
}

#[test]
fn what_an_opening_forgets_is_told() {
    let _turn = turn();
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    // Of these a session can repeat all but the first.
    for _ in 0..=RETRY_MEMORY {
        desk.submit(cancel(u64::MAX));
    }
    desk.acks(RETRY_MEMORY + 1);
    drop(desk);
    let config = folder.config(&[("gateway.keep_finished_days", "0")]);
    let opened = || {
        let open = || drop(Desk::try_open(&config, NOW + 1, None));
        let events = lines(&events_of(Level::Info, open));
        events.into_iter().filter(|line| line.contains("forgotten")).collect::<Vec<_>>()
    };
    assert_eq!(opened(), ["info gateway: finished orders forgotten requests=1"]);
    assert_eq!(opened(), [""; 0]);
}

/// A restart loosens nothing silently: the text says nothing of the firm and of the account.
#[test]
fn an_opening_that_takes_back_what_was_set_at_run_time_warns() {
    let _turn = turn();
    let folder = Folder::new();
    let open = || Desk::open(&folder.config(&[]));
    let opened = || {
        let events = lines(&events_of(Level::Warn, || drop(open())));
        events.into_iter().filter(|line| line.contains("settings")).collect::<Vec<_>>()
    };
    assert_eq!(opened(), [""; 0], "a first opening changes nothing that was in force");
    let desk = open();
    let tight = ExposureLimits { max_gross_notional: 1, ..ExposureLimits::NONE };
    for scope in [ExposureScope::Firm, ExposureScope::Account(text("fund"))] {
        desk.gateway.set_exposure_limits(scope, Some(tight)).unwrap();
    }
    drop(desk);
    let warned = "warn gateway: settings in force were changed to those of the text changes=2";
    assert_eq!(opened(), [warned]);
    assert_eq!(opened(), [""; 0]);
}

/// Whose key it is without nobody learns but who runs it.
#[test]
fn keys_that_a_restart_is_without_are_told() {
    let _turn = turn();
    let folder = Folder::new();
    let config = folder.config(&[]);
    let desk = Desk::open(&config);
    let [one, retired, other] = [1, 2, 3].map(|id| key_id(&crate::desk::key(id)).unwrap());
    desk.gateway.retire_key(2, retired).unwrap();
    desk.gateway.retire_key(4, key_id(&crate::desk::key(4)).unwrap()).unwrap();
    let frame = desk.frame(buy(100, 1));
    drop(desk);
    let absent = |session_id, key_id| {
        let what = "key absent, its frames are refused until it is added again";
        format!("warn gateway: {what} session_id={session_id} key_id={key_id:016x}")
    };
    let mut gateway = None;
    let events = events_of(Level::Warn, || gateway = Gateway::open(&config).ok());
    assert_eq!(lines(&events), [absent(1, one), absent(3, other)]);
    let refused = gateway.unwrap().send(&frame, Duration::ZERO);
    assert_eq!(refused, Err(ExecError::Refused(Error::Unauthenticated)));
}

/// Whoever floods the gateway does not flood the log.
#[test]
fn a_flood_is_told_once_a_second() {
    const FLOOD: usize = 2_000;
    let _turn = turn();
    let desk = Desk::open(&config(&[("sessions.burst", "1"), ("sessions.per_second", "1")]));
    let mut forged = desk.frame(of(2, buy(100, 1)));
    *forged.last_mut().unwrap() ^= 1;
    let frames = [desk.frame(buy(100, 1)), desk.frame(buy(100, 1))];
    desk.send_frame(&frames[0]).unwrap();
    let before = metrics();
    // Another test may have been told of the same within the second.
    std::thread::sleep(Duration::from_millis(1100));
    let events = events_of(Level::Info, || {
        for _ in 0..FLOOD {
            desk.send_frame(&forged).unwrap_err();
            desk.send_frame(&frames[1]).unwrap_err();
        }
        std::thread::sleep(Duration::from_millis(1100));
        desk.send_frame(&forged).unwrap_err();
    });
    let id = key_id(&key(2)).unwrap();
    let events = lines(&events);
    assert!((3..10).contains(&events.len()), "{events:?}");
    let refused = format!("warn gateway: authentication refused session_id=2 key_id={id:016x} ");
    assert!(events[0].starts_with(&refused), "{events:?}");
    assert!(events[1].starts_with("warn gateway: throttled session_id=1 passed_over="));
    let passed_over = |line: &String| line.rsplit_once('=').unwrap().1.parse::<usize>().unwrap();
    let told: Vec<_> = events.iter().filter(|line| line.starts_with(&refused)).collect();
    let all = told.len() + told[1..].iter().map(|line| passed_over(line)).sum::<usize>();
    assert_eq!(all, FLOOD + 1, "{told:?}");
    let refusals = "tinywindow_exec_refusals_total{status=\"TW_ERR_UNAUTHENTICATED\"}";
    assert_eq!(metrics()[refusals] - before[refusals], (FLOOD + 1) as f64);
}

#[test]
fn the_sink_may_use_the_gateway_that_tells_it() {
    let _turn = turn();
    let desk = Arc::new(Desk::open(&config(&[])));
    let told = Arc::new(Mutex::new(Vec::new()));
    let (inside, seen) = (Arc::clone(&desk), Arc::clone(&told));
    let sink = move |record: &Record| {
        let accepted = inside.send(buy(100, 1)).accepted;
        inside.gateway.halt(HaltScope::Session(4)).unwrap();
        let busy = set_log_sink(None, Level::Info);
        seen.lock().unwrap().push((record.event.message(), accepted, busy));
    };
    set_log_sink(Some(Box::new(sink)), Level::Info).unwrap();
    desk.gateway.halt(HaltScope::Session(3)).unwrap();
    let mut forged = desk.frame(buy(100, 1));
    *forged.last_mut().unwrap() ^= 1;
    std::thread::sleep(Duration::from_millis(1100));
    desk.send_frame(&forged).unwrap_err();
    set_log_sink(None, Level::Info).unwrap();
    desk.gateway.halt(HaltScope::Session(2)).unwrap();
    let expected =
        [("halted", true, Err(Error::Busy)), ("authentication refused", true, Err(Error::Busy))];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn the_sink_may_use_the_gateway_that_closes_without_a_snapshot() {
    let _turn = turn();
    let folder = Folder::new();
    let desk = Arc::new(Desk::open(&folder.config(&[("journal.snapshot_events", "1")])));
    std::fs::create_dir(folder.journal().join("next.tws")).unwrap();
    let (inside, (done, told)) = (Arc::clone(&desk), mpsc::channel());
    let sink = move |record: &Record| {
        let held = inside.gateway.position(&text("fund"), &text("AAPL")).unwrap();
        done.send((record.event.message(), held.quantity)).unwrap();
    };
    set_log_sink(Some(Box::new(sink)), Level::Warn).unwrap();
    let closing = std::thread::spawn(move || desk.gateway.close());
    let expected = ("snapshot not made, opening will take longer", 0);
    assert_eq!(told.recv_timeout(PATIENCE), Ok(expected));
    closing.join().unwrap().unwrap();
    set_log_sink(None, Level::Warn).unwrap();
}

#[test]
fn a_clock_that_was_wrong_is_told() {
    let _turn = turn();
    let folder = Folder::new();
    let events = events_of(Level::Warn, || {
        let desk = Desk::open(&folder.config(&[]));
        desk.clock.set(NOW + 2 * SECOND);
        desk.gateway.set_reference_price(&text("AAPL"), 1).unwrap();
        desk.clock.set(NOW);
        desk.gateway.set_reference_price(&text("AAPL"), 1).unwrap();
        drop(desk);
        drop(Desk::try_open(&folder.config(&[]), NOW - 3 * SECOND, None).unwrap());
    });
    let told = "warn gateway: clock set back, and the gateway's time with it milliseconds=";
    assert_eq!(lines(&events)[..2], [format!("{told}2000"), format!("{told}3000")]);
}
