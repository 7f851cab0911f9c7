//! Disks that fail, fill up or forget: nothing is acknowledged that is not there afterwards.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tinywindow::Error;
use tinywindow::gateway::{ExecError, HaltScope};
use tinywindow::order::Order;
use tinywindow::telemetry::{Level, Record, set_log_sink};

use crate::crash::{crash_config, decisions, known, rounds, run_and_kill, sender};
use crate::desk::*;
use crate::disk::{Disk, Fault, Step, put_between, steps};
use crate::skipped::skipped;

const CHILD_CONFIG: &str = "TINYWINDOW_TEST_FAULT_CONFIG";

/// Every ack that was told: (session id, sequence) and the line.
fn told(steps: &[Step]) -> HashMap<(u64, u64), String> {
    let text: String = steps
        .iter()
        .filter_map(|step| if let Step::Told(text) = step { Some(text.as_str()) } else { None })
        .collect();
    let mut told = HashMap::new();
    for line in text.lines().filter(|line| line.starts_with("ack ")) {
        let mut numbers = line.split(' ').skip(1).map(|field| field.parse().unwrap_or(0));
        let key = (numbers.next().unwrap(), numbers.next().unwrap());
        assert_eq!(told.insert(key, line.to_owned()), None, "told once");
    }
    told
}

/// What is wrong with a journal after these acks.
fn check(folder: &Folder, told: &HashMap<(u64, u64), String>) -> Result<(), String> {
    let desk = Desk::try_open(&crash_config(folder), NOW, None).map_err(|e| e.to_string())?;
    for ((session_id, sequence), ack) in told {
        let known = known(&desk, *session_id, *sequence);
        if known.as_ref() != Some(ack) {
            return Err(format!("{ack}, but after the restart {known:?}"));
        }
    }
    drop(desk);
    let decided = decisions(folder);
    let unique: std::collections::HashSet<_> = decided.iter().collect();
    if unique.len() == decided.len() { Ok(()) } else { Err("decided twice".into()) }
}

/// What the disk has after these steps and a loss of power.
fn after_power_loss(steps: &[Step], syncs: bool, random: &mut Random) -> Folder {
    let mut disk = Disk::default();
    steps.iter().for_each(|step| disk.take(step, syncs));
    let folder = Folder::new();
    std::fs::create_dir_all(folder.journal()).unwrap();
    disk.lose_power(&folder.journal(), &mut |limit| random.below(limit));
    folder
}

/// The steps of a process that sends orders until it is killed.
fn steps_until_killed(folder: &Folder, delay: Duration) -> Option<Vec<Step>> {
    let log = folder.journal().with_extension("log");
    let mut sender = sender(&crash_config(folder), &[1; 4]);
    if !put_between(&mut sender, &folder.journal(), &log, Fault::None) {
        return None;
    }
    run_and_kill(sender.spawn().unwrap(), delay);
    Some(steps(&log))
}

#[test]
fn no_acknowledged_order_is_lost_with_the_power_and_a_disk_that_does_not_sync_is_found() {
    let mut random = Random(11);
    let (mut rotated, mut found) = (0, 0);
    let (mut round, wanted) = (0, rounds(20).div_ceil(10));
    // A busy machine gets to few segments in its time: then it gets more of it.
    while round < wanted || (rotated <= 2 && round < wanted + 20) {
        round += 1;
        let delay = Duration::from_micros(50_000 + random.below(150_000));
        let Some(steps) = steps_until_killed(&Folder::new(), delay) else {
            return skipped("disk_faults", "there is no C compiler");
        };
        rotated += steps.iter().filter(|step| matches!(step, Step::Renamed(..))).count();
        for _ in 0..10 {
            let happened = &steps[..1 + random.below(steps.len() as u64) as usize];
            let told = told(happened);
            let folder = after_power_loss(happened, true, &mut random);
            let checked = check(&folder, &told);
            assert_eq!(checked, Ok(()), "round {round}, {} steps", happened.len());
            let folder = after_power_loss(happened, false, &mut random);
            found += usize::from(check(&folder, &told).is_err());
        }
    }
    assert!(rotated > 2, "several segments");
    assert!(found > 0, "without syncs something is lost");
}

/// A process that sends until its disk fails, and its steps.
fn steps_until_it_fails(folder: &Folder, fault: Fault) -> Option<Vec<Step>> {
    let log = folder.journal().with_extension("log");
    let mut sender = sender(&crash_config(folder), &[1; 4]);
    if !put_between(&mut sender, &folder.journal(), &log, fault) {
        return None;
    }
    let output = sender.stderr(Stdio::null()).output().unwrap();
    assert!(!output.status.success(), "it ends by itself, orders refused");
    Some(steps(&log))
}

fn is_segment(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('0'))
}

#[test]
fn after_a_sync_that_failed_nothing_is_acknowledged_and_nothing_more_written() {
    let mut random = Random(5);
    let mut failed = 0;
    for number in (10..60).step_by(7) {
        let folder = Folder::new();
        let Some(steps) = steps_until_it_fails(&folder, Fault::Sync(number)) else {
            return skipped("disk_faults", "there is no C compiler");
        };
        let at = steps.iter().position(|step| matches!(step, Step::SyncFailed(_))).unwrap();
        if matches!(&steps[at], Step::SyncFailed(path) if is_segment(path)) {
            failed += 1;
            let more = steps[at + 1..].iter().find(|step| match step {
                Step::Wrote { path, .. } | Step::Synced(path) => is_segment(path),
                _ => false,
            });
            assert_eq!(more, None, "sync {number}");
        }
        let told = told(&steps);
        let left = after_power_loss(&steps, true, &mut random);
        assert_eq!(check(&left, &told), Ok(()), "sync {number}, then no power");
        assert_eq!(check(&folder, &told), Ok(()), "sync {number}");
    }
    assert!(failed > 3, "{failed} syncs of a segment failed");
}

#[test]
fn a_full_disk_ends_the_gateway_and_leaves_its_orders_unknown() {
    if let Ok(config) = std::env::var(CHILD_CONFIG) {
        return send_until_the_disk_is_full(&config);
    }
    let this_test = "disk_faults::a_full_disk_ends_the_gateway_and_leaves_its_orders_unknown";
    let mut sent = Vec::new();
    // Decisions and answers take turns.
    for number in 20..26 {
        let folder = Folder::new();
        let log = folder.journal().with_extension("log");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--nocapture", this_test]).env(CHILD_CONFIG, folder.config(&[]));
        if !put_between(&mut command, &folder.journal(), &log, Fault::Write(number)) {
            return skipped("disk_faults", "there is no C compiler");
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        let after = |word: &str| text.split_once(word).unwrap().1.split(' ').next().unwrap();
        let acknowledged: u64 = after("acknowledged=").parse().unwrap();
        sent.push(after("sent=") == "true");
        let desk = Desk::open(&folder.config(&[]));
        for id in 1..=acknowledged {
            assert_eq!(desk.status(id).accepted, Some(true), "order {id}");
        }
    }
    assert!(sent.contains(&true) && sent.contains(&false), "{sent:?}");
}

fn send_until_the_disk_is_full(config: &str) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&log);
    let sink = move |record: &Record| told.lock().unwrap().push(record.to_string());
    set_log_sink(Some(Box::new(sink)), Level::Error).unwrap();
    let desk = Desk::open(config);
    let endings = (1..).map(|id| (id, desk.try_send(buy(100, 1))));
    let (last, ending) = endings.into_iter().find(|(_, ending)| ending.is_err()).unwrap();
    let Err(ExecError::Unknown { error: Error::Unknown, ack }) = ending else {
        panic!("{ending:?}")
    };
    assert_eq!((ack.order_id, ack.client_order_id), (last, last));
    let ended = ExecError::Refused(Error::JournalFull);
    assert_eq!(desk.try_send(buy(100, 1)), Err(ended));
    assert_eq!(desk.gateway.pre_trade_check(&desk.frame(buy(100, 1))), Err(ended));
    assert_eq!(desk.gateway.halt(HaltScope::Gateway), Err(Error::JournalFull));
    let state = desk.status(last);
    for _ in 0..4 {
        let _ = desk.gateway.close();
        assert_eq!(desk.status(last), state, "what is not durable is not sent later either");
    }
    let failed = "journal: journal failed, no more orders are taken status=TW_ERR_JOURNAL_FULL";
    assert_eq!(*log.lock().unwrap(), [failed], "told once");
    println!("\nacknowledged={} sent={} ", last - 1, state.accepted == Some(true));
}

/// A file system of so many bytes, gone when the test ends.
struct SmallDisk(Folder);

impl SmallDisk {
    fn mount(bytes: u32) -> Option<SmallDisk> {
        let disk = SmallDisk(Folder::new());
        let options = format!("size={bytes}");
        let path = disk.0.journal();
        std::fs::create_dir(&path).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "none"])
            .arg(path)
            .stderr(Stdio::null())
            .status();
        mount.is_ok_and(|status| status.success()).then_some(disk)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.journal()).stderr(Stdio::null()).status();
    }
}

#[test]
fn a_file_system_without_room_ends_the_gateway_and_with_room_it_goes_on() {
    let Some(disk) = SmallDisk::mount(400 * 1024) else {
        return skipped("disk_faults", "no file system may be mounted here");
    };
    let small = disk.0.journal().join("orders");
    let path = format!("'{}'", small.display());
    let changes = [("journal.path", path.as_str()), ("journal.segment_bytes", "65_536")];
    let config = disk.0.config(&changes);
    let desk = Desk::open(&config);
    let endings = (1..).map(|id| (id, desk.try_send(buy(100, 1))));
    let (last, ending) = endings.into_iter().find(|(_, ending)| ending.is_err()).unwrap();
    assert!(matches!(ending, Err(ExecError::Unknown { .. })), "{ending:?}");
    assert!(last > 50, "several segments");
    assert_eq!(desk.try_send(buy(100, 1)), Err(ExecError::Refused(Error::JournalFull)));
    drop(desk);
    let more = Command::new("mount").args(["-o", "remount,size=4m"]).arg(disk.0.journal()).status();
    assert!(more.unwrap().success());
    let desk = Desk::reopen(&config, last + 1);
    for id in 1..last {
        assert_eq!(desk.status(id).accepted, Some(true), "order {id}");
    }
    desk.send(Order { sequence: last + 1, ..named(last + 1, buy(100, 1)) });
    desk.accept(buy(100, 1));
}
