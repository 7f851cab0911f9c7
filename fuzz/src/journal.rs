//! A journal's bytes, from the records to a gateway that is opened on them.
//!
//! What is fuzzed is a segment without the zeros at the end of its blocks: for each block its length
//! and so many bytes of it.

#![no_main]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use sha2::{Digest, Sha256};
use tinywindow::config::Config;
use tinywindow::gateway::event::Event;
use tinywindow::gateway::{ManualClock, Options};
use tinywindow::journal::{self, History, Kind};
use tinywindow::{Error, Gateway};

mod blocks;
mod desk;

use blocks::BLOCK;

const RECORD_HEADER: usize = 24;
const COMMIT: u8 = 2;
const COMMIT_PAYLOAD: usize = 44;

/// Where a sync costs nothing, if there is such a place.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("tinywindow-fuzz-{}.twj", std::process::id()))
});

fn segment() -> PathBuf {
    FOLDER.join(journal::segment_name(1))
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = blocks::unpack(bytes);
    let _ = std::fs::remove_dir_all(&*FOLDER);
    std::fs::create_dir(&*FOLDER).expect("made");
    std::fs::write(segment(), &bytes).expect("written");
    let before = records(&FOLDER);
    match (open(), before) {
        (Ok(gateway), Ok(before)) => {
            assert_eq!(before.damage, None);
            gateway.close().expect("closed");
            let after = records(&FOLDER).expect("readable");
            assert!(after.records >= before.records && after.damage.is_none() && after.torn == 0);
            open().expect("a journal that was opened opens again").close().expect("closed");
            let again = records(&FOLDER).expect("readable");
            assert_eq!(after.records, again.records, "opening again has nothing to write down");
        }
        (Ok(_), Err(error)) => panic!("opened, but not to be read: {error}"),
        (Err(error), Ok(before)) if before.damage.is_some() => {
            assert_eq!(error, Error::JournalCorrupt);
            assert!(std::fs::read(segment()).expect("read") == bytes, "left as it was");
        }
        (Err(_), _) => {}
    }
});

// Half of what is tried has the numbers, checksums and hashes that it must have: no fuzzer guesses
// those.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if !seed.is_multiple_of(2) {
        return size;
    }
    let mut segment = blocks::unpack(&data[..size]);
    mend(&mut segment);
    let mended = blocks::pack(&segment);
    let size = mended.len().min(max_size).min(data.len());
    data[..size].copy_from_slice(&mended[..size]);
    size
});

/// Makes a good segment of these bytes, as far as they look like records.
fn mend(segment: &mut [u8]) {
    let Some(start) = segment.first_chunk_mut::<BLOCK>() else { return };
    start[..4].copy_from_slice(b"TWJ\x02");
    start[8..16].copy_from_slice(&1u64.to_le_bytes());
    start[64..].fill(0);
    let salt = crc32c::crc32c(&start[16..32]);
    let mut chain: [u8; 32] = Sha256::digest(&start[16..32]).into();
    start[32..64].copy_from_slice(&chain);
    let crc = crc32c::crc32c_append(crc32c::crc32c(&start[..4]), &start[8..]);
    start[4..8].copy_from_slice(&crc.to_le_bytes());
    let (mut at, mut sequence, mut durable, mut count) = (BLOCK, 1u64, 0u64, 0u32);
    while at < segment.len() {
        let block = at.next_multiple_of(BLOCK).min(segment.len());
        if count == 0 && segment[at..block].iter().all(|&byte| byte == 0) {
            (at, durable) = (block, sequence - 1);
        }
        let Some(record) = record_at(&mut segment[at..]) else { break };
        record[8..16].copy_from_slice(&sequence.to_le_bytes());
        record[16..20].copy_from_slice(&((sequence - durable) as u32).to_le_bytes());
        record[21..24].fill(0);
        count += 1;
        if record[20] == COMMIT {
            let payload = &mut record[RECORD_HEADER..];
            payload[..4].copy_from_slice(&(count - 1).to_le_bytes());
            payload[4..12].copy_from_slice(&durable.to_le_bytes());
            payload[12..].copy_from_slice(&chain);
            count = 0;
        }
        let crc = crc32c::crc32c_append(salt, &record[4..]);
        record[..4].copy_from_slice(&crc.to_le_bytes());
        let step = Sha256::new().chain_update([0]).chain_update(chain);
        chain = step.chain_update(&record[4..]).finalize().into();
        at += record.len();
        sequence += 1;
    }
}

/// What could be a record of a known kind.
fn record_at(bytes: &mut [u8]) -> Option<&mut [u8]> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    match bytes.get(20)? {
        1 => {}
        &COMMIT if length == COMMIT_PAYLOAD => {}
        _ => return None,
    }
    bytes.get_mut(..RECORD_HEADER.checked_add(length)?)
}

/// Reads every record, the events as such.
fn records(path: &Path) -> Result<History, Error> {
    journal::read(path, |record| {
        if record.kind == Kind::Event
            && let Some(event) = Event::decode(record.payload)
        {
            let mut encoded = Vec::new();
            event.encode(&mut encoded);
            assert_eq!(encoded, record.payload, "{event:?}");
        }
        Ok(())
    })
}

fn open() -> Result<Gateway, Error> {
    let config = Config::parse(&desk::config(&FOLDER))?;
    let options = Options { clock: Arc::new(ManualClock::new(desk::NOW)), ..Options::default() };
    Gateway::open_with(&config, options)
}
