//! When checkpoints are signed, what for, and what it takes to believe one.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use tinywindow::Error;
use tinywindow::journal::merkle::{self, Frontier, leaf_hash};
use tinywindow::journal::{
    self, CheckpointKey, ConsistencyProof, FileJournal, InclusionProof, Journal, Kind, Notary,
    Record, SignedCheckpoint,
};
use tinywindow::signing::{self, Key, Suite, Usage};

use crate::rechain::rechain;
use crate::support::*;

const ORIGIN: &str = "example.com/desk-1";
const NEVER: Duration = Duration::from_secs(86_400);

/// A raw secret key.
fn key(suite: Suite, seed: u64) -> Vec<u8> {
    let key = signing::keygen(suite, seed);
    let Key { kind, material, .. } = Key::parse(&key).unwrap();
    signing::import(suite, kind, Usage::Raw, material).unwrap().to_vec()
}

fn keys() -> [Vec<u8>; 2] {
    [key(Suite::Ed25519, 1), key(Suite::MlDsa44, 1)]
}

fn public(key: &[u8]) -> CheckpointKey {
    CheckpointKey::new(&signing::public_key(key).unwrap()).unwrap()
}

fn notary(every_records: u64, every: Duration) -> Notary {
    let keys = keys();
    Notary::new(ORIGIN, &keys.each_ref().map(|key| &key[..]), every_records, every).unwrap()
}

fn open_signed(folder: &Folder, every_records: u64) -> tinywindow::Result<FileJournal> {
    let notary = notary(every_records, NEVER);
    FileJournal::open_signed(&folder.journal(), SEGMENT, Some(notary), |_| Ok(()))
}

/// A checkpoint of a journal, and where it stands.
struct Found {
    signed: SignedCheckpoint,
    sequence: u64,
    offset: u64,
    /// What had been synced when it was written.
    durable: u64,
    /// How many events are before it.
    events: usize,
}

/// Every checkpoint; each must be signed by both keys and be of all records before it.
fn checkpoints(folder: &Folder) -> Vec<Found> {
    let keys = keys().map(|key| public(&key));
    let (mut tree, mut found, mut events) = (Frontier::new(), Vec::new(), 0);
    let each = |record: &Record<'_>| {
        if record.kind == Kind::Checkpoint {
            let signed = SignedCheckpoint::decode(record.payload).expect("a checkpoint");
            let checkpoint = signed.verify(&keys).expect("signed by both");
            assert_eq!(checkpoint.origin, ORIGIN);
            assert_eq!((checkpoint.size, checkpoint.root), (tree.size(), tree.root()));
            assert_eq!(checkpoint.size, record.sequence - 1);
            let unsynced = u32::from_le_bytes(record.bytes[16..20].try_into().unwrap());
            let (sequence, offset) = (record.sequence, record.offset);
            let durable = sequence - u64::from(unsynced);
            found.push(Found { signed, sequence, offset, durable, events });
        }
        events += usize::from(record.kind == Kind::Event);
        assert_eq!(record.hash, leaf_hash(&record.leaf()));
        tree.push(record.hash);
        Ok(())
    };
    assert_eq!(journal::read(&folder.journal(), each).unwrap().damage, None);
    found
}

#[test]
fn a_journal_that_is_closed_ends_with_a_checkpoint_and_opening_it_again_adds_none() {
    let folder = Folder::new();
    for round in 1..4 {
        let mut journal = open_signed(&folder, u64::MAX).unwrap();
        append(&mut journal, 10 * round - 9..10 * round + 1, true).unwrap();
        journal.seal().unwrap();
        let found = checkpoints(&folder);
        assert_eq!(found.len(), round as usize);
        assert_eq!(found.last().unwrap().events, 10 * round as usize);
        assert_whole(&folder.journal(), 10 * round);
        drop(journal);
        let records = read(&folder.journal()).1.records;
        open_signed(&folder, u64::MAX).unwrap().seal().unwrap();
        assert_eq!(read(&folder.journal()).1.records, records, "nothing new to sign");
    }
}

#[test]
fn what_a_crash_left_unsigned_is_signed_at_opening() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    append(&mut journal, 1..8, true).unwrap();
    drop(journal);
    assert_eq!(checkpoints(&folder).len(), 0);
    drop(open_signed(&folder, u64::MAX).unwrap());
    assert_eq!(checkpoints(&folder)[0].events, 7);
}

#[test]
fn a_checkpoint_comes_after_so_many_records_or_so_much_time() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, 50).unwrap();
    for batch in 0..20 {
        append(&mut journal, 10 * batch + 1..10 * batch + 11, true).unwrap();
    }
    drop(journal);
    // A batch has 10 events and a commit; a checkpoint stands at the beginning of a batch.
    let events: Vec<usize> = checkpoints(&folder).iter().map(|found| found.events).collect();
    assert_eq!(events, [50, 100, 150]);

    let folder = Folder::new();
    let notary = notary(u64::MAX, Duration::ZERO);
    let path = folder.journal();
    let mut journal = FileJournal::open_signed(&path, SEGMENT, Some(notary), |_| Ok(())).unwrap();
    (1..4).for_each(|event| append(&mut journal, event..event + 1, true).unwrap());
    let events: Vec<usize> = checkpoints(&folder).iter().map(|found| found.events).collect();
    assert_eq!(events, [1, 2]);
}

#[test]
fn a_journal_to_which_nothing_comes_tells_when_a_checkpoint_is_due() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    assert_eq!(journal.checkpoint_due(), None, "nothing to sign");
    append(&mut journal, 1..3, true).unwrap();
    let due = journal.checkpoint_due().unwrap();
    append(&mut journal, 3..5, false).unwrap();
    assert_eq!(journal.checkpoint_due(), Some(due), "as long after the first that none covers");
    journal.checkpoint().unwrap();
    assert_eq!(journal.checkpoint_due(), None, "all is signed");
    let found = checkpoints(&folder);
    assert_eq!(found.iter().map(|found| found.events).collect::<Vec<_>>(), [4]);
    assert_eq!(found[0].durable, found[0].signed.unverified().size);
}

#[test]
fn nothing_is_signed_that_could_still_be_lost() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, 1).unwrap();
    for event in 1..40 {
        append(&mut journal, event..event + 1, event % 3 == 0).unwrap();
        for found in checkpoints(&folder) {
            assert_eq!(found.durable, found.signed.unverified().size);
        }
    }
    assert_eq!(checkpoints(&folder).len(), 12);
}

#[test]
fn every_segment_begins_with_a_checkpoint_of_all_before_it() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    (0..60).for_each(|batch| append(&mut journal, batch * 50 + 1..batch * 50 + 51, true).unwrap());
    let segments = folder.segments();
    assert!(segments.len() > 2, "{segments:?}");
    let found = checkpoints(&folder);
    let firsts: Vec<u64> = found.iter().map(|found| found.sequence).collect();
    assert_eq!(firsts, segments[1..]);
    assert!(found.iter().all(|found| found.offset == BLOCK as u64));
    drop(journal);
    assert_whole(&folder.journal(), 3000);
}

#[test]
fn without_a_notary_checkpoints_are_kept_and_the_journal_goes_on() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    append(&mut journal, 1..5, true).unwrap();
    journal.seal().unwrap();
    drop(journal);
    let mut journal = open(&folder.journal()).unwrap();
    append(&mut journal, 5..9, true).unwrap();
    journal.seal().unwrap();
    drop(journal);
    assert_eq!(checkpoints(&folder).len(), 1);
    drop(open_signed(&folder, u64::MAX).unwrap());
    assert_eq!(checkpoints(&folder)[1].events, 8, "whoever signs again signs for all");
    assert_whole(&folder.journal(), 8);
}

/// Where a record of this kind stands.
fn place(bytes: &[u8], kind: u8) -> std::ops::Range<usize> {
    records(bytes).into_iter().find(|record| bytes[record.start + 20] == kind).unwrap()
}

#[test]
fn a_checkpoint_of_other_records_is_corruption_to_who_goes_on_signing() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    append(&mut journal, 1..20, true).unwrap();
    journal.seal().unwrap();
    drop(journal);
    let mut bytes = std::fs::read(folder.segment(1)).unwrap();
    let event = place(&bytes, 1);
    bytes[event.end - 1] ^= 1;
    rechain(&mut bytes);
    folder.with_segment(&bytes);
    assert_eq!(read(&folder.journal()).1.damage, None, "checksums and chain are good");
    assert_eq!(open_signed(&folder, 1).err(), Some(Error::JournalCorrupt));
}

#[test]
fn a_checkpoint_is_a_note_of_c2sp_and_no_byte_of_it_can_change() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    append(&mut journal, 1..3, true).unwrap();
    journal.seal().unwrap();
    let note = checkpoints(&folder)[0].signed.to_string();
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!(lines[..2], [ORIGIN, "3"]);
    assert_eq!((lines.len(), lines[3]), (6, ""));
    assert!(lines[4..].iter().all(|line| line.starts_with("\u{2014} example.com/desk-1 ")));
    let keys = keys().map(|key| public(&key));
    assert!(SignedCheckpoint::parse(&note).unwrap().verify(&keys).is_ok());
    let mut refused = 0;
    for at in (0..note.len()).step_by(if is_soak() { 1 } else { 7 }) {
        let mut changed = note.clone().into_bytes();
        changed[at] ^= 1;
        let parsed =
            String::from_utf8(changed).ok().and_then(|note| SignedCheckpoint::parse(&note));
        assert!(parsed.is_none_or(|parsed| parsed.verify(&keys).is_err()), "byte {at}");
        refused += 1;
    }
    assert!(refused > 400, "{refused}");
}

#[test]
fn a_checkpoint_counts_only_if_every_key_that_is_named_signed_it() {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    append(&mut journal, 1..3, true).unwrap();
    journal.seal().unwrap();
    let note = checkpoints(&folder)[0].signed.to_string();
    let signed = SignedCheckpoint::parse(&note).unwrap();
    let [ed25519, ml_dsa] = keys().map(|key| public(&key));
    assert!(signed.verify(&[]).is_err(), "nobody's word");
    assert!(signed.verify(std::slice::from_ref(&ed25519)).is_ok());
    assert!(signed.verify(std::slice::from_ref(&ml_dsa)).is_ok());
    for suite in [Suite::Ed25519, Suite::MlDsa44] {
        let other = public(&key(suite, 2));
        assert!(signed.verify(&[other]).is_err(), "{suite:?}");
    }
    // Who takes one signature away cannot pass for both.
    let mut lines: Vec<&str> = note.lines().collect();
    lines.pop();
    let stripped = SignedCheckpoint::parse(&(lines.join("\n") + "\n")).unwrap();
    assert!(stripped.verify(std::slice::from_ref(&ed25519)).is_ok());
    assert!(stripped.verify(&[ed25519, ml_dsa]).is_err());
    // A witness's signature beside ours changes nothing.
    let witness = format!("{note}\u{2014} witness.example.com/w {}\n", "AAAAAAAA");
    assert!(SignedCheckpoint::parse(&witness).unwrap().verify(&keys().map(|k| public(&k))).is_ok());
}

#[test]
fn keys_and_names_that_c2sp_has_not_are_refused() {
    let raw = key(Suite::Ed25519, 1);
    let refusal = |origin: &str, keys: &[&[u8]]| Notary::new(origin, keys, 1, NEVER).err();
    assert_eq!(refusal(ORIGIN, &[]), Some(Error::Argument));
    for origin in ["", "a b", "a+b", "a\nb", "é", &"x".repeat(256)] {
        assert_eq!(refusal(origin, &[&raw]), Some(Error::Argument), "{origin:?}");
    }
    assert_eq!(refusal(&"x".repeat(255), &[&raw]), None);
    assert_eq!(refusal(ORIGIN, &[&raw[..]; 5]), Some(Error::Argument));
    let framed = signing::keygen(Suite::Ed25519, 1);
    assert_eq!(refusal(ORIGIN, &[&framed]), Some(Error::KeyUsage));
    let half = signing::public_key(&raw).unwrap();
    assert_eq!(refusal(ORIGIN, &[&half]), Some(Error::KeyKind));
    for suite in [Suite::HmacSha256, Suite::MlDsa65, Suite::MlDsa65Ed25519] {
        assert_eq!(refusal(ORIGIN, &[&key(suite, 1)]), Some(Error::Suite), "{suite:?}");
    }
    // What Ed25519 would refuse to sign later is refused now.
    assert_eq!(refusal("TW1_tinywindow/", &[&raw]), Some(Error::Payload));
}

/// A checkpoint and both kinds of proof of a small journal.
fn texts() -> [String; 3] {
    let folder = Folder::new();
    let mut journal = open_signed(&folder, u64::MAX).unwrap();
    append(&mut journal, 1..6, true).unwrap();
    journal.seal().unwrap();
    let checkpoint = checkpoints(&folder).pop().unwrap().signed;
    let size = checkpoint.unverified().size;
    let (inclusion, consistency) =
        (merkle::inclusion(2, size).unwrap(), merkle::consistency(3, size).unwrap());
    let mut subtrees = merkle::Subtrees::new(inclusion.iter().chain(&consistency));
    let mut leaf = Vec::new();
    let each = |record: &Record<'_>| {
        subtrees.push(record.hash);
        if record.sequence == 3 {
            leaf = record.leaf();
        }
        Ok(())
    };
    journal::read(&folder.journal(), each).unwrap();
    let path = |ranges: Vec<std::ops::Range<u64>>| {
        ranges.iter().map(|range| subtrees.root(range).unwrap()).collect()
    };
    let (included, old) = (path(inclusion), path(consistency));
    let proof = InclusionProof { leaf, index: 2, path: included, checkpoint: checkpoint.clone() };
    assert!(proof.verify(&keys().map(|key| public(&key))).is_ok());
    let growth = ConsistencyProof { old: 3, path: old, checkpoint: checkpoint.clone() };
    [checkpoint.to_string(), proof.to_string(), growth.to_string()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Whatever a stranger writes: it is no such text, or is what would be written of it.
    #[test]
    fn what_is_read_of_a_text_is_all_of_it(
        which in 0..3usize,
        at in any::<prop::sample::Index>(),
        removed in 0..40usize,
        inserted in "[0-9a-zA-Z+/= \n\u{2014}]{0,8}",
    ) {
        static TEXTS: LazyLock<[String; 3]> = LazyLock::new(texts);
        let mut text: Vec<char> = TEXTS[which].chars().collect();
        let at = at.index(text.len() + 1);
        text.splice(at..text.len().min(at + removed), inserted.chars());
        let text: String = text.into_iter().collect();
        if let Some(checkpoint) = SignedCheckpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_string(), &text[..]);
        }
        if let Some(proofs) = InclusionProof::parse_all(&text) {
            let written: String = proofs.iter().map(InclusionProof::to_string).collect();
            prop_assert_eq!(written, &text[..]);
        }
        if let Some(growth) = ConsistencyProof::parse(&text) {
            prop_assert_eq!(growth.to_string(), &text[..]);
        }
    }
}

#[test]
fn notes_of_other_tools_are_read() {
    // The example of C2SP's signed-note is no checkpoint; that of tlog-checkpoint is.
    assert!(
        SignedCheckpoint::parse("This is an example message.\n\n\u{2014} a AAAAAAAA\n").is_none()
    );
    let note = "example.com/behind-the-sofa\n20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7\
        u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let signed = SignedCheckpoint::parse(note).expect("C2SP's own example");
    assert_eq!(signed.unverified().size, 20_852_163);
    assert_eq!(signed.to_string(), note);
}
