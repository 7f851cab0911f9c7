//! A journal file's bytes, from the records to a gateway that is opened on them.

#![no_main]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use tinywindow::config::Config;
use tinywindow::gateway::event::Event;
use tinywindow::gateway::{ManualClock, Options};
use tinywindow::{Error, Gateway, journal};

mod desk;

const FILE_HEADER: usize = 8;
const RECORD_HEADER: usize = 16;

static JOURNAL: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::temp_dir().join(format!("tinywindow-fuzz-{}.twj", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*JOURNAL, bytes).expect("written");
    let is_corrupt = records(&JOURNAL);
    match open() {
        Ok(gateway) => {
            assert!(!is_corrupt);
            gateway.close().expect("closed");
            let size = size();
            open().expect("a journal that was opened opens again").close().expect("closed");
            assert_eq!(size, self::size(), "opening again has nothing to write down");
        }
        Err(error) if is_corrupt => {
            assert_eq!(error, Error::JournalCorrupt);
            assert_eq!(std::fs::read(&*JOURNAL).expect("read"), bytes, "left as it was");
        }
        Err(_) => {}
    }
});

// Half of what is tried has the numbers and checksums that its records must have: no fuzzer guesses
// a CRC.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed.is_multiple_of(2) {
        mend(&mut data[..size]);
    }
    size
});

fn mend(file: &mut [u8]) {
    let Some((_, mut rest)) = file.split_at_mut_checked(FILE_HEADER) else { return };
    for number in 1u64.. {
        let Some((header, payloads)) = rest.split_first_chunk_mut::<RECORD_HEADER>() else { break };
        let (length, ends_batch) = (u32::from_le_bytes(*header.first_chunk().unwrap()), 1 << 63);
        let Some((payload, next)) = payloads.split_at_mut_checked(length as usize) else { break };
        let flag = u64::from_le_bytes(*header.last_chunk().unwrap()) & ends_batch;
        header[8..].copy_from_slice(&(number | flag).to_le_bytes());
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&header[8..]), payload);
        header[4..8].copy_from_slice(&checksum.to_le_bytes());
        rest = next;
    }
}

/// Reads every record as an event; whether the file is corrupt.
fn records(path: &Path) -> bool {
    let records = journal::read(path).expect("readable");
    for record in records.iter() {
        if let Some(event) = Event::decode(record.payload) {
            let mut encoded = Vec::new();
            event.encode(&mut encoded);
            assert_eq!(encoded, record.payload, "{event:?}");
        }
    }
    records.corrupt().is_some()
}

fn open() -> Result<Gateway, Error> {
    let config = Config::parse(&desk::config(&JOURNAL))?;
    let options = Options { clock: Arc::new(ManualClock::new(desk::NOW)), ..Options::default() };
    Gateway::open_with(&config, options)
}

fn size() -> u64 {
    std::fs::metadata(&*JOURNAL).expect("there").len()
}
