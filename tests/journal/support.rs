//! Journals of payloads that say their own number.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tinywindow::Result;
use tinywindow::journal::{self, Batch, FileJournal, History, Journal, Kind, Record, segment_name};

/// Whether every byte is tried (`make soak`), or as many as take a moment.
pub fn is_soak() -> bool {
    std::env::var_os("TINYWINDOW_TEST_ROUNDS").is_some()
}

/// The smallest segments there are.
pub const SEGMENT: u64 = 64 * 1024;
pub const BLOCK: usize = 4096;
pub const RECORD_HEADER: usize = 24;
pub const COMMIT: usize = 68;

/// A folder of its own for the test, gone when it ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: Mutex<u32> = Mutex::new(0);
        let mut count = COUNT.lock().unwrap();
        *count += 1;
        let name = format!("tinywindow-journal-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn journal(&self) -> PathBuf {
        self.0.join("orders.twj")
    }

    pub fn segment(&self, first: u64) -> PathBuf {
        self.journal().join(segment_name(first))
    }

    /// Makes these bytes the only segment of a journal.
    pub fn with_segment(&self, bytes: &[u8]) {
        let _ = std::fs::remove_dir_all(self.journal());
        std::fs::create_dir(self.journal()).unwrap();
        std::fs::write(self.segment(1), bytes).unwrap();
    }

    /// The segments' first sequences, in order.
    pub fn segments(&self) -> Vec<u64> {
        let names = std::fs::read_dir(self.journal()).unwrap().map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".twj").and_then(|digits| digits.parse().ok())
        });
        let mut segments: Vec<u64> = names.flatten().collect();
        segments.sort_unstable();
        segments
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn open(path: &Path) -> Result<FileJournal> {
    FileJournal::open(path, SEGMENT, |_| Ok(()))
}

/// The payload of the n-th event: its number, and up to five bytes more.
pub fn payload(number: u64) -> Vec<u8> {
    let filler = vec![number as u8; number as usize % 6];
    [&number.to_le_bytes()[..4], &filler].concat()
}

/// Appends the events of these numbers as one batch.
pub fn append(
    journal: &mut FileJournal,
    numbers: impl Iterator<Item = u64>,
    durable: bool,
) -> Result<()> {
    let mut batch = Batch::default();
    numbers.for_each(|number| batch.push(|out| out.extend(payload(number))));
    journal.append(&batch, durable)
}

/// What a reader finds: the events' payloads, and what it says of the whole.
pub fn read(path: &Path) -> (Vec<Vec<u8>>, History) {
    let mut events = Vec::new();
    let each = |record: &Record<'_>| {
        if record.kind == Kind::Event {
            events.push(record.payload.to_vec());
        }
        Ok(())
    };
    let history = journal::read(path, each).unwrap();
    (events, history)
}

/// The first so many events.
pub fn first(count: u64) -> Vec<Vec<u8>> {
    (1..=count).map(payload).collect()
}

/// Asserts that a reader finds the first so many events and nothing wrong.
pub fn assert_whole(path: &Path, count: u64) {
    let (events, history) = read(path);
    assert_eq!(history.damage, None);
    assert_eq!(history.torn, 0);
    assert!(events == first(count), "{} events of {count}", events.len());
}

/// A journal with a thousand events in one segment, closed, as bytes.
pub fn a_thousand_events() -> Vec<u8> {
    let folder = Folder::new();
    let mut journal = open(&folder.journal()).unwrap();
    for batch in 0..10 {
        append(&mut journal, 100 * batch + 1..100 * batch + 101, true).unwrap();
    }
    journal.seal().unwrap();
    drop(journal);
    assert_whole(&folder.journal(), 1000);
    std::fs::read(folder.segment(1)).unwrap()
}

/// Where each record of a journal stands in its only segment.
pub fn records(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let folder = Folder::new();
    folder.with_segment(bytes);
    let mut records = Vec::new();
    let each = |record: &Record<'_>| {
        let start = record.offset as usize;
        records.push(start..start + record.size() as usize);
        Ok(())
    };
    journal::read(&folder.journal(), each).unwrap();
    records
}

/// Numbers for a test that is the same on each run (Knuth's MMIX constants).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
