//! A journal that is not as it was written: found, wherever the damage is.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use sha2::{Digest, Sha256};
use tinywindow::Error;
use tinywindow::journal::{Batch, Damage, Journal};

use crate::support::*;

/// Flips bits of a segment, one at a time, and gives what a reader then finds.
fn with_each_flip(bytes: &[u8], flips: &[(usize, u8)], check: impl Fn(usize, &Folder) + Sync) {
    std::thread::scope(|scope| {
        for part in flips.chunks(flips.len().div_ceil(2)) {
            let check = &check;
            scope.spawn(move || {
                let folder = Folder::new();
                folder.with_segment(bytes);
                let file = File::options().write(true).open(folder.segment(1)).unwrap();
                for &(at, bit) in part {
                    file.write_all_at(&[bytes[at] ^ bit], at as u64).unwrap();
                    check(at, &folder);
                    file.write_all_at(&bytes[at..=at], at as u64).unwrap();
                }
            });
        }
    });
}

/// Two flips of every byte that carries something, and some of those that do not; in a hurry, of
/// some bytes of every record.
fn flips(bytes: &[u8], range: Range<usize>) -> Vec<(usize, u8)> {
    let records = records(bytes);
    let step = if is_soak() { 1 } else { 17 };
    let is_used = |at: usize| {
        let next = records.partition_point(|record| record.end <= at);
        at < 64 || records.get(next).is_some_and(|record| record.contains(&at))
    };
    range
        .filter(|&at| if is_used(at) { at % step == 0 } else { at % (13 * step) == 0 })
        .flat_map(|at| [1 << (at % 8), 1 << ((at + 1 + at / 8 % 7) % 8)].map(|bit| (at, bit)))
        .collect()
}

#[test]
fn any_flip_in_a_journal_that_was_closed_is_found_or_changes_nothing() {
    let bytes = a_thousand_events();
    let last_event = records(&bytes).into_iter().rev().nth(1).unwrap().end;
    let flips = flips(&bytes, 0..bytes.len());
    assert!(flips.len() > 3_000, "{}", flips.len());
    let events = first(1000);
    with_each_flip(&bytes, &flips, |at, folder| {
        let (found, history) = read(&folder.journal());
        // Behind the last batch nothing can be lost.
        assert!(history.damage.is_some() || at >= last_event, "byte {at} unnoticed");
        assert!(history.damage.is_some() || found == events, "byte {at}");
        assert!(events.starts_with(&found), "byte {at}: what is told was written");
    });
}

#[test]
fn any_flip_in_a_journal_that_was_not_closed_is_found_or_undoes_its_last_batch() {
    let bytes = a_thousand_events();
    let records = records(&bytes);
    let seal = records.last().unwrap().start;
    let open = [&bytes[..seal], &vec![0; bytes.len() - seal][..]].concat();
    let last = records[records.len() - 102].start;
    let flips = flips(&open, last - 9_000..seal);
    let (all, but_the_last) = (first(1000), first(900));
    with_each_flip(&open, &flips, |at, folder| {
        let (found, history) = read(&folder.journal());
        // What a loss of power could have left behind as well.
        let undone = at >= last && (found == but_the_last || found == all);
        assert!(history.damage.is_some() || undone, "byte {at} unnoticed");
    });
}

#[test]
fn two_bytes_damaged_at_once_are_found_or_undo_the_last_batch() {
    let bytes = a_thousand_events();
    let all = records(&bytes);
    let last = all[all.len() - 102].start;
    let folder = Folder::new();
    folder.with_segment(&bytes);
    let file = File::options().write(true).open(folder.segment(1)).unwrap();
    let mut random = Random(17);
    for _ in 0..if is_soak() { 20_000 } else { 1_000 } {
        // Of records of batches that follow each other as well as of any two.
        let a = all[random.below(all.len() as u64) as usize].clone();
        let b = all[(all.len() - 1).min(all.partition_point(|r| r.start < a.start) + 101)].clone();
        let c = all[random.below(all.len() as u64) as usize].clone();
        let other = if random.below(2) == 0 { b } else { c };
        let hit = |random: &mut Random, record: &Range<usize>| {
            let at = record.start + random.below(record.len() as u64) as usize;
            let bit = 1 << random.below(8);
            file.write_all_at(&[bytes[at] ^ bit], at as u64).unwrap();
            at
        };
        let places = [hit(&mut random, &a), hit(&mut random, &other)];
        let (found, history) = read(&folder.journal());
        let undone = places.iter().all(|&at| at >= last) && found.len() >= 900;
        assert!(history.damage.is_some() || undone, "bytes {places:?} unnoticed");
        assert!(first(1000).starts_with(&found));
        for at in places {
            file.write_all_at(&bytes[at..=at], at as u64).unwrap();
        }
    }
}

#[test]
fn the_damage_is_told_by_its_record() {
    let bytes = a_thousand_events();
    for record in records(&bytes).iter().step_by(97) {
        for at in [record.start, record.start + 5, record.end - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            let folder = Folder::new();
            folder.with_segment(&damaged);
            let place = Damage { segment: 1, offset: record.start as u64 };
            assert_eq!(read(&folder.journal()).1.damage, Some(place), "byte {at}");
            assert_eq!(open(&folder.journal()).err(), Some(Error::JournalCorrupt));
            assert!(std::fs::read(folder.segment(1)).unwrap() == damaged, "left as it is");
        }
    }
}

/// The bytes with the parts in another order, as long as before.
fn composed(bytes: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut composed = parts.concat();
    composed.resize(bytes.len(), 0);
    composed
}

#[test]
fn a_record_deleted_inserted_or_swapped_is_found() {
    let bytes = a_thousand_events();
    let records = records(&bytes);
    let part = |range: Range<usize>| &bytes[range];
    // Of the same length, and not of the same batch.
    let a = records[10].clone();
    let b = records[317..].iter().find(|record| record.len() == a.len()).unwrap().clone();
    let others: [&[&[u8]]; 5] = [
        &[part(0..a.start), part(a.end..bytes.len())],
        &[part(0..a.end), part(a.clone()), part(a.end..bytes.len())],
        &[part(0..a.end), part(b.clone()), part(a.end..bytes.len())],
        &[
            part(0..a.start),
            part(b.clone()),
            part(a.end..b.start),
            part(a.clone()),
            part(b.end..bytes.len()),
        ],
        // Whole blocks, so that all stays where a batch may begin.
        &[part(0..BLOCK), part(2 * BLOCK..bytes.len())],
    ];
    for (index, parts) in others.iter().enumerate() {
        let folder = Folder::new();
        let damaged = composed(&bytes, parts);
        folder.with_segment(&damaged[..bytes.len()]);
        let (found, history) = read(&folder.journal());
        assert!(history.damage.is_some(), "case {index}");
        assert!(first(1000).starts_with(&found), "case {index}");
    }
}

/// Gives a record the checksum that its bytes now need, as who knows the salt can.
fn sum_up(bytes: &mut [u8], record: &Range<usize>) {
    let salt = crc32c::crc32c(&bytes[16..32]);
    let crc = crc32c::crc32c_append(salt, &bytes[record.start + 4..record.end]);
    bytes[record.start..record.start + 4].copy_from_slice(&crc.to_le_bytes());
}

#[test]
fn a_record_rewritten_with_a_good_checksum_breaks_the_chain() {
    let bytes = a_thousand_events();
    let records = records(&bytes);
    for index in [0, 500, 1000, 1008] {
        let mut forged = bytes.clone();
        forged[records[index].end - 1] ^= 1;
        sum_up(&mut forged, &records[index]);
        let folder = Folder::new();
        folder.with_segment(&forged);
        let damage = read(&folder.journal()).1.damage.expect("found");
        assert!(damage.offset >= records[index].start as u64, "record {index}");
        assert!(damage.offset <= records[index].start as u64 + 2 * BLOCK as u64, "record {index}");
    }
}

/// A record as a client could put it into a frame, for a journal with this salt.
fn record_like(salt: &[u8], sequence: u64) -> Vec<u8> {
    let mut record = vec![0; 4];
    record.extend(4u32.to_le_bytes());
    record.extend(sequence.to_le_bytes());
    record.extend(1u32.to_le_bytes());
    record.extend([1, 0, 0, 0]);
    record.extend(*b"fake");
    let crc = crc32c::crc32c_append(crc32c::crc32c(salt), &record[4..]);
    record[..4].copy_from_slice(&crc.to_le_bytes());
    record
}

#[test]
fn bytes_of_a_client_never_look_like_a_record() {
    let of_another = Folder::new();
    drop(open(&of_another.journal()).unwrap());
    let other_salt = std::fs::read(of_another.segment(1)).unwrap()[16..32].to_vec();
    for known in [false, true] {
        let folder = Folder::new();
        let mut journal = open(&folder.journal()).unwrap();
        append(&mut journal, 1..10, true).unwrap();
        let salt = match known {
            true => std::fs::read(folder.segment(1)).unwrap()[16..32].to_vec(),
            false => other_salt.clone(),
        };
        let mut batch = Batch::default();
        batch.push(|out| out.extend(vec![7; BLOCK]));
        // At any alignment, with any claim of what is durable.
        batch.push(|out| {
            for sequence in [11, 12, 13, 1000] {
                for salt in [&salt[..], &[0; 16], &[]] {
                    out.extend(record_like(salt, sequence));
                    out.push(0);
                }
            }
        });
        journal.append(&batch, true).unwrap();
        drop(journal);
        // The disk has lost the batch's first block.
        let mut bytes = std::fs::read(folder.segment(1)).unwrap();
        bytes[2 * BLOCK..3 * BLOCK].fill(0);
        folder.with_segment(&bytes);
        let (events, history) = read(&folder.journal());
        assert!(events == first(9));
        // With the salt they would: so the test sees what it looks for.
        assert_eq!(history.damage.is_some(), known);
        assert_eq!(open(&folder.journal()).is_err(), known);
    }
}

/// What makes a record's hash, once more: of 00, the chain before it and its bytes but the checksum.
#[test]
fn the_chain_is_what_the_format_says() {
    let bytes = a_thousand_events();
    let mut chain: [u8; 32] = Sha256::digest(&bytes[16..32]).into();
    assert_eq!(bytes[32..64], chain);
    let mut commits = 0;
    for record in records(&bytes) {
        if bytes[record.start + 20] == 2 {
            assert_eq!(bytes[record.end - 32..record.end], chain);
            commits += 1;
        }
        let step = Sha256::new().chain_update([0]).chain_update(chain);
        let step = step.chain_update(&bytes[record.start + 4..record.end]);
        chain = step.finalize().into();
    }
    assert_eq!(commits, 11);
}
