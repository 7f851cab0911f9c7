//! What a loss of power can leave of the last batches: whole ones, and nothing of the others.

use std::collections::BTreeSet;

use tinywindow::journal::{Batch, Journal};

use crate::support::*;

#[test]
fn every_length_opens_to_an_exact_prefix() {
    let bytes = a_thousand_events();
    let records = records(&bytes);
    let folder = Folder::new();
    folder.with_segment(&bytes);
    let file = std::fs::File::options().write(true).open(folder.segment(1)).unwrap();
    let is_commit = |record: &&std::ops::Range<usize>| bytes[record.start + 20] == 2;
    let ends: Vec<usize> = records.iter().filter(is_commit).map(|commit| commit.end).collect();
    let mut reopened = 0;
    for length in (0..bytes.len()).rev().filter(|length| is_soak() || length % 19 == 0) {
        file.set_len(length as u64).unwrap();
        let (events, history) = read(&folder.journal());
        let batches = ends.iter().filter(|&&end| end <= length).count().min(10);
        assert_eq!(history.damage, None, "{length}");
        assert!(events == first(100 * batches as u64), "{length}: {} events", events.len());
        if length % 437 == 0 {
            let copy = Folder::new();
            copy.with_segment(&bytes[..length]);
            let count = events.len() as u64;
            append(&mut open(&copy.journal()).unwrap(), count + 1..count + 5, true).unwrap();
            assert_whole(&copy.journal(), count + 4);
            reopened += 1;
        }
    }
    assert!(reopened > 100);
}

/// A segment after each write since the last sync, the synced one first, and how many events it
/// then had.
fn a_group_in_writing(batches: &[u64]) -> Vec<(Vec<u8>, u64)> {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    let mut last = 30;
    append(&mut journal, 1..last + 1, true).unwrap();
    let mut images = vec![(std::fs::read(folder.segment(1)).unwrap(), last)];
    for (index, size) in batches.iter().enumerate() {
        let is_last = index + 1 == batches.len();
        append(&mut journal, last + 1..last + size + 1, is_last).unwrap();
        last += size;
        images.push((std::fs::read(folder.segment(1)).unwrap(), last));
    }
    images
}

/// Each sector of the disk as it was after some write of the group: the sectors that differ, each
/// with all it was.
fn versions(images: &[(Vec<u8>, u64)], sector: usize) -> Vec<(usize, Vec<&[u8]>)> {
    let starts = (0..images[0].0.len()).step_by(sector);
    let versions = starts.map(|at| {
        let mut versions: Vec<&[u8]> = images.iter().map(|(i, _)| &i[at..at + sector]).collect();
        versions.dedup();
        (at, versions)
    });
    versions.filter(|(_, versions)| versions.len() > 1).collect()
}

/// Asserts that a disk that has any mixture of what the group wrote opens to whole batches: all
/// mixtures, or so many at random. Gives how many different ends there were.
fn assert_any_mixture_opens(batches: &[u64], sector: usize, most: u64) -> usize {
    let images = a_group_in_writing(batches);
    let versions = versions(&images, sector);
    let all: u64 = versions.iter().map(|(_, versions)| versions.len() as u64).product();
    let folder = Folder::new();
    let (mut random, mut seen) = (Random(3), BTreeSet::new());
    for mixture in 0..all.min(most) {
        let mut disk = images[0].0.clone();
        let mut rest = mixture;
        for (at, versions) in &versions {
            let count = versions.len() as u64;
            let choice = if all <= most { rest % count } else { random.below(count) };
            rest /= count;
            disk[*at..at + sector].copy_from_slice(versions[choice as usize]);
        }
        folder.with_segment(&disk);
        let (events, history) = read(&folder.journal());
        assert_eq!(history.damage, None, "mixture {mixture}");
        let count = events.len() as u64;
        assert!(images.iter().any(|(_, whole)| *whole == count), "{count} events are no batches");
        assert!(events == first(count));
        if seen.insert(count) || mixture % 64 == 0 {
            append(&mut open(&folder.journal()).unwrap(), count + 1..count + 3, true).unwrap();
            assert_whole(&folder.journal(), count + 2);
        }
    }
    seen.len()
}

#[test]
fn any_blocks_of_the_last_group_may_be_lost() {
    // One batch of seven blocks: 128 ways.
    assert_eq!(assert_any_mixture_opens(&[800], BLOCK, 512), 2);
    // Answers, then a decision: some blocks were written more than once.
    assert!(assert_any_mixture_opens(&[3, 2, 200, 5, 150], BLOCK, 1_000) >= 3);
    assert!(assert_any_mixture_opens(&[1, 1, 1, 1], 512, 1_000) >= 3);
}

#[test]
fn what_a_sync_covered_is_never_written_again() {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    let mut random = Random(9);
    let mut last = 0;
    let mut synced = Vec::new();
    for _ in 0..60 {
        let size = 1 + random.below(20);
        let durable = random.below(2) == 0;
        append(&mut journal, last + 1..last + size + 1, durable).unwrap();
        last += size;
        let Ok(bytes) = std::fs::read(folder.segment(1)) else { break };
        let used = bytes.iter().rposition(|&byte| byte != 0).unwrap().next_multiple_of(BLOCK);
        assert!(bytes.starts_with(&synced), "after {last} events");
        if durable {
            synced = bytes[..used].to_vec();
        }
    }
    assert!(synced.len() > 5 * BLOCK);
}

#[test]
fn whatever_is_appended_after_a_cut_is_read_back() {
    let bytes = a_thousand_events();
    let records = records(&bytes);
    let folder = Folder::new();
    // Three crashes one after the other, each with garbage where the next batch was to be.
    let end = records[records.len() - 2].end;
    let mut torn = bytes[..end].to_vec();
    torn.resize(bytes.len(), 0);
    folder.with_segment(&torn);
    let mut last = 1000;
    for round in 0..3 {
        let mut bytes = std::fs::read(folder.segment(1)).unwrap();
        let used = bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
        let next = used.next_multiple_of(BLOCK);
        bytes[next..next + 100].fill(0x55 + round);
        folder.with_segment(&bytes);
        assert_eq!(read(&folder.journal()).1.torn, 100);
        let mut journal = open(&folder.journal()).unwrap();
        append(&mut journal, last + 1..last + 4, true).unwrap();
        last += 3;
        drop(journal);
        assert_whole(&folder.journal(), last);
    }
}

#[test]
fn a_seal_is_written_once_and_an_empty_batch_writes_nothing() {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    append(&mut journal, 1..4, false).unwrap();
    for records in [3 + 1, 3 + 1 + 1] {
        for _ in 0..3 {
            journal.append(&Batch::default(), true).unwrap();
            if records == 5 {
                journal.seal().unwrap();
            }
        }
        assert_eq!(read(&folder.journal()).1.records, records);
    }
}
