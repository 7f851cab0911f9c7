//! `journal archive`: what is moved away is not needed, not lost, and missed where it is asked for.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tinywindow::journal::{Batch, FileJournal, Journal, Notary};

use crate::journal::{KEYS, ORIGIN, SEGMENT, SIGNED, events, expect_objection, signed, verify};
use crate::skipped::skipped;
use crate::{expect, expect_json, expect_said, run, stderr, stdout};

/// Writes these events in small segments, with a snapshot behind all but the last of them.
fn write(folder: &Path, journal: &str, events: &[Vec<u8>]) {
    let keys = KEYS.map(|suite| fs::read(folder.join(format!("{suite}.key"))).unwrap());
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let notary = Notary::new(ORIGIN, &keys, 100, Duration::from_secs(86_400)).unwrap();
    let path = folder.join(journal);
    let mut journal = FileJournal::open_signed(&path, SEGMENT, Some(notary), |_| Ok(())).unwrap();
    let append = |journal: &mut FileJournal, events: &[Vec<u8>]| {
        for payload in events {
            let mut batch = Batch::default();
            batch.push(|out| out.extend(payload));
            journal.append(&batch, false).unwrap();
        }
        journal.seal().unwrap();
    };
    let (last, others) = events.split_last().unwrap();
    append(&mut journal, others);
    journal.snapshot(&mut |out| out.put(b"what they amount to")).unwrap();
    append(&mut journal, std::slice::from_ref(last));
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".twj"));
    names.sort();
    names
}

#[test]
fn what_is_archived_is_not_needed_and_not_lost() {
    let folder = signed("archive");
    write(&folder, "long.twj", &events(&folder, "orders.twj"));
    let all = files(&folder.join("long.twj"));
    let with_archive = [&SIGNED[..], &["--archive", "old"]].concat();
    let whole = expect_json(&verify(&folder, "long.twj", &SIGNED), 0);
    let first = "1.tlog-proof";
    expect(&run(&folder, &["journal", "prove", "long.twj", "1", "-o", first]), 0);
    let rows = expect(&run(&folder, &["journal", "export", "long.twj", "--format", "csv"]), 0);

    let archive = ["journal", "archive", "long.twj", "--to", "old", "--json"];
    let moved = expect_json(&run(&folder, &archive), 0);
    let (old, left) = (files(&folder.join("old")), files(&folder.join("long.twj")));
    assert!(old.len() > 1, "{all:?}");
    assert_eq!(moved["segment_count"], old.len());
    assert_eq!([&old[..], &left[..]].concat(), all, "in their order");

    // All of it is there still, with the archive named.
    assert_eq!(expect_json(&verify(&folder, "long.twj", &with_archive), 0), whole);
    let again = "again.tlog-proof";
    let prove = ["journal", "prove", "long.twj", "1", "--archive", "old", "-o", again];
    expect(&run(&folder, &prove), 0);
    assert_eq!(fs::read(folder.join(first)).unwrap(), fs::read(folder.join(again)).unwrap());
    let export = ["journal", "export", "long.twj", "--format", "csv"];
    let both = [&export[..], &["--archive", "old"]].concat();
    assert_eq!(expect(&run(&folder, &both), 0), rows);

    // Without it what is left is as good as it was, and what is missing is said.
    let output = verify(&folder, "long.twj", &SIGNED);
    assert!(stderr(&output).contains("archived"), "{}", stderr(&output));
    let rest: Value = serde_json::from_str(&stdout(&output, 0)).unwrap();
    assert!(rest["first_number"].as_u64() > Some(1), "{rest}");
    for field in ["root", "chain", "last_number", "signed_number"] {
        assert_eq!(rest[field], whole[field], "{field}");
    }
    expect_said(&run(&folder, &["journal", "prove", "long.twj", "1"]), 2, "--archive");
    expect_said(&run(&folder, &export), 2, "--archive");
    let older = [&SIGNED[..], &["--checkpoint", "older"]].concat();
    let checkpoint = ["journal", "checkpoint", "long.twj", "-o", "older"];
    expect(&run(&folder, &checkpoint), 0);
    let rest: Value =
        serde_json::from_str(&stdout(&verify(&folder, "long.twj", &older), 0)).unwrap();
    assert_eq!(rest["is_as_signed"], true);

    let mut there =
        fs::read_dir(folder.join("long.twj")).unwrap().map(|entry| entry.unwrap().path());
    let snapshot =
        there.find(|file| file.extension().is_some_and(|ending| ending == "tws")).unwrap();
    let good = fs::read(&snapshot).unwrap();
    fs::write(&snapshot, b"TWSwhat they amount ta").unwrap();
    let output = verify(&folder, "long.twj", &with_archive);
    expect_objection(&output, "not as it was written");
    fs::write(&snapshot, good).unwrap();

    let nothing = expect_json(&run(&folder, &archive), 0);
    assert_eq!(nothing["segment_count"], 0);
}

/// A folder on another file system than this one, gone when the test ends.
struct Elsewhere(PathBuf);

impl Elsewhere {
    fn than(folder: &Path, name: &str) -> Option<Elsewhere> {
        let device = |path: &Path| fs::metadata(path).ok().map(|of| of.dev());
        let memory = Path::new("/dev/shm");
        let is_other = device(memory).is_some_and(|there| Some(there) != device(folder));
        let path = memory.join(format!("tinywindow-{name}-{}", std::process::id()));
        (is_other && fs::create_dir(&path).is_ok()).then_some(Elsewhere(path))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_archived_on_another_file_system_is_the_same_to_the_byte() {
    let folder = signed("archive-elsewhere");
    let Some(other) = Elsewhere::than(&folder, "archive") else {
        return skipped("archive", "there is no other file system to archive to");
    };
    write(&folder, "long.twj", &events(&folder, "orders.twj"));
    let whole = expect_json(&verify(&folder, "long.twj", &SIGNED), 0);
    let bytes = |folder: &Path| -> HashMap<String, Vec<u8>> {
        let named = |name: String| (name.clone(), fs::read(folder.join(name)).unwrap());
        files(folder).into_iter().map(named).collect()
    };
    let all = bytes(&folder.join("long.twj"));
    let old = other.0.join("old").display().to_string();
    let archive = ["journal", "archive", "long.twj", "--to", &old];
    expect(&run(&folder, &archive), 0);
    let (there, mut here) = (bytes(Path::new(&old)), bytes(&folder.join("long.twj")));
    assert!(there.len() > 1);
    assert_eq!(there.len() + here.len(), all.len(), "each in one place");
    here.extend(there);
    assert!(here == all);
    let modes = fs::read_dir(&old).unwrap().map(|file| file.unwrap().metadata().unwrap().mode());
    assert!(modes.into_iter().all(|mode| mode & 0o777 == 0o600), "for nobody else to read");
    let with_archive = [&SIGNED[..], &["--archive", &old]].concat();
    assert_eq!(expect_json(&verify(&folder, "long.twj", &with_archive), 0), whole);
}

#[test]
fn an_archive_with_a_gap_and_a_beginning_that_nothing_stands_for_are_corruption() {
    let folder = signed("archive-gap");
    write(&folder, "long.twj", &events(&folder, "orders.twj"));
    let all = files(&folder.join("long.twj"));
    expect(&run(&folder, &["journal", "archive", "long.twj", "--to", "old"]), 0);
    fs::remove_file(folder.join("old").join(&all[1])).unwrap();
    expect_objection(&verify(&folder, "long.twj", &["--archive", "old"]), "corrupt");
    // More is gone than the snapshot stands for.
    let left = files(&folder.join("long.twj"));
    if left.len() > 1 {
        fs::remove_file(folder.join("long.twj").join(&left[0])).unwrap();
        expect_objection(&verify(&folder, "long.twj", &[]), "corrupt");
    }
}

#[test]
fn without_a_good_snapshot_nothing_is_archived_and_another_journals_file_is_not_overwritten() {
    let folder = signed("archive-none");
    let archive = ["journal", "archive", "orders.twj", "--to", "old"];
    expect_said(&run(&folder, &archive), 2, "snapshot");
    write(&folder, "long.twj", &events(&folder, "orders.twj"));
    let all = files(&folder.join("long.twj"));
    fs::create_dir(folder.join("old")).unwrap();
    fs::write(folder.join("old").join(&all[0]), "another's").unwrap();
    let archive = ["journal", "archive", "long.twj", "--to", "old"];
    expect_said(&run(&folder, &archive), 2, "another one is there");
    assert_eq!(files(&folder.join("long.twj")), all);
    // Where an earlier run ended between the copy and the removal it goes on.
    fs::copy(folder.join("long.twj").join(&all[0]), folder.join("old").join(&all[0])).unwrap();
    expect(&run(&folder, &archive), 0);
    assert!(!folder.join("long.twj").join(&all[0]).exists());
    let with_archive = [&SIGNED[..], &["--archive", "old"]].concat();
    expect(&verify(&folder, "long.twj", &with_archive), 0);
}
