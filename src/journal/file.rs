//! The journal in one file.
//!
//! File = header (8 bytes: `TWJ`, format version 1, zeros), then records. Record, little-endian:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | length of the payload, u32 |
//! | 4 | 4 | CRC-32C (RFC 3720) of number and payload, u32 |
//! | 8 | 5 | number: 1, 2, 3 … |
//! | 13 | 3 | in the last record of a batch: how many up to this one were not synced before; else 0 |
//! | 16 | length | payload |
//!
//! A batch counts as a whole or not at all. A bad record is corruption and is refused if a valid
//! last record of a batch behind it says that it had been synced. If not, the disk may have kept
//! what is behind it and lost the record itself: it begins the torn tail, which is cut. Nothing
//! but the venue's last answers is lost with that; the venue gives them again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::journal::{Batch, Journal};
use crate::telemetry::{self, Event, Value, emit};

const HEADER: &[u8; 8] = b"TWJ\x01\0\0\0\0";
const RECORD_HEADER: usize = 16;

/// Longer than any payload can be: a length above it is not one.
const PAYLOAD_MAX: usize = 16 * 1024;

/// Above a record's number: how many were not synced, in the last of a batch.
const NUMBER_BITS: u32 = 40;
const UNSYNCED_MAX: u64 = (1 << (u64::BITS - NUMBER_BITS)) - 1;

/// An open journal file, locked against every other opener.
#[derive(Debug)]
pub struct FileJournal {
    file: File,
    next_number: u64,
    /// All records up to this number are on stable storage.
    synced: u64,
    /// Header and payload of each record of a batch, side by side, so that one write takes all.
    buffer: Vec<u8>,
    failed: bool,
}

/// One record of a journal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it begins in the file.
    pub offset: usize,
    pub number: u64,
    /// The last record of what was written together.
    pub ends_batch: bool,
    /// When it was written, all records up to this number were on stable storage; 0 if not told.
    synced: u64,
    pub payload: &'a [u8],
}

/// What a journal file holds.
#[derive(Debug)]
pub struct Records {
    bytes: Vec<u8>,
    /// The end of the last whole batch; in a corrupt file, of the last good record.
    valid: usize,
    corrupt: bool,
}

impl FileJournal {
    /// Opens or makes the file, and hands over what it holds. A torn tail is cut; a corrupt file is
    /// refused and left as it is.
    pub fn open(path: &Path) -> Result<(Self, Records)> {
        let existed = exists(path).map_err(|_| Error::Journal)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = private(&mut options).open(path).map_err(|_| Error::Journal)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::JournalLocked),
            Err(TryLockError::Error(_)) => return Err(Error::Journal),
        }
        let mut journal =
            Self { file, next_number: 1, synced: 0, buffer: Vec::new(), failed: false };
        let records = Records::read(&mut journal.file)?;
        if records.corrupt().is_some() {
            return Err(Error::JournalCorrupt);
        }
        journal.next_number += records.iter().count() as u64;
        journal.cut(&records).map_err(|_| Error::Journal)?;
        journal.synced = journal.next_number - 1;
        if records.torn() > 0 {
            let numbers = [records.torn() as u64, journal.next_number - 1];
            emit(Event::TornTailCut, &numbers.map(Value::Number));
        }
        if !existed {
            sync_folder(path).map_err(|_| Error::Journal)?;
        }
        Ok((journal, records))
    }

    /// Makes the file end where its last whole batch does.
    fn cut(&mut self, records: &Records) -> std::io::Result<()> {
        if records.valid < HEADER.len() {
            self.file.set_len(0)?;
            self.file.rewind()?;
            self.file.write_all(HEADER)?;
        } else {
            self.file.set_len(records.valid as u64)?;
            self.file.seek(SeekFrom::Start(records.valid as u64))?;
        }
        self.file.sync_data()
    }

    fn write(&mut self, batch: &Batch, durable: bool) -> std::io::Result<()> {
        self.buffer.clear();
        let mut payloads = batch.payloads().peekable();
        while let Some(payload) = payloads.next() {
            let unsynced = match payloads.peek() {
                Some(_) => 0,
                None => (self.next_number - self.synced).min(UNSYNCED_MAX),
            };
            let number = (self.next_number | unsynced << NUMBER_BITS).to_le_bytes();
            self.next_number += 1;
            self.buffer.extend_from_slice(&(payload.len() as u32).to_le_bytes());
            self.buffer.extend_from_slice(&checksum(&number, payload).to_le_bytes());
            self.buffer.extend_from_slice(&number);
            self.buffer.extend_from_slice(payload);
        }
        self.file.write_all(&self.buffer)?;
        telemetry::JOURNAL_BYTES_TOTAL.add(0, self.buffer.len() as u64);
        if durable {
            let start = Instant::now();
            self.file.sync_data()?;
            telemetry::JOURNAL_SYNC.observe(0, start.elapsed());
            self.synced = self.next_number - 1;
        }
        Ok(())
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        // Closing is not enough: a child forked meanwhile has the file open too.
        let _ = self.file.unlock();
    }
}

impl Journal for FileJournal {
    fn append(&mut self, batch: &Batch, durable: bool) -> Result<()> {
        // After a failed fsync the kernel may have dropped the pages: nothing can be built on them.
        if self.failed {
            return Err(Error::Journal);
        }
        self.write(batch, durable).map_err(|_| {
            self.failed = true;
            Error::Journal
        })
    }
}

/// Whether a journal can be opened or made here, as far as that shows without changing anything:
/// its records are not read.
pub fn check(path: &Path) -> std::io::Result<()> {
    if !exists(path)? {
        let is_folder = std::fs::metadata(folder(path))?.is_dir();
        return if is_folder { Ok(()) } else { Err(ErrorKind::NotADirectory.into()) };
    }
    let mut header = Vec::new();
    File::open(path)?.take(HEADER.len() as u64).read_to_end(&mut header)?;
    let is_journal = HEADER.starts_with(&header);
    if is_journal { Ok(()) } else { Err(std::io::Error::other("not a journal")) }
}

/// Reads a journal file without opening it for writing, as far as its records are good: a corrupt
/// one is no error here (see [`Records::corrupt`]).
pub fn read(path: &Path) -> Result<Records> {
    exists(path).map_err(|_| Error::Journal)?;
    let mut file = File::open(path).map_err(|_| Error::Journal)?;
    Records::read(&mut file)
}

/// Whether the file is there. What is no regular file could block for ever, or have no end.
fn exists(path: &Path) -> std::io::Result<bool> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(std::io::Error::new(ErrorKind::InvalidInput, "not a regular file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Records {
    fn read(file: &mut File) -> Result<Self> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|_| Error::Journal)?;
        Ok(Self::scan(bytes))
    }

    fn scan(bytes: Vec<u8>) -> Self {
        if !bytes.starts_with(HEADER) {
            let corrupt = !HEADER.starts_with(&bytes);
            return Self { bytes, valid: 0, corrupt };
        }
        let (mut valid, mut end) = (HEADER.len(), HEADER.len());
        let mut number = 1;
        while let Some(record) = record_at(&bytes, end)
            && record.number == number
        {
            end += RECORD_HEADER + record.payload.len();
            number += 1;
            if record.ends_batch {
                valid = end;
            }
        }
        let was_synced = |offset| record_at(&bytes, offset).is_some_and(|r| r.synced >= number);
        let corrupt = (end..bytes.len()).any(was_synced);
        // What is behind the last whole batch is cut, or in a corrupt file shown.
        Self { bytes, valid: if corrupt { end } else { valid }, corrupt }
    }

    /// The records of whole batches, oldest first; of a corrupt file, all before it is corrupt.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        let mut offset = HEADER.len();
        std::iter::from_fn(move || {
            let record = record_at(self.bytes.get(..self.valid)?, offset)?;
            offset += RECORD_HEADER + record.payload.len();
            Some(record)
        })
    }

    /// Length of the torn tail in bytes: 0 if the file ends with a whole batch, or is corrupt.
    pub fn torn(&self) -> usize {
        if self.corrupt { 0 } else { self.bytes.len() - self.valid }
    }

    /// Where the file is corrupt: the offset in bytes at which its good records end.
    pub fn corrupt(&self) -> Option<usize> {
        self.corrupt.then_some(self.valid)
    }
}

/// The record that begins here, if a good one does.
fn record_at(bytes: &[u8], offset: usize) -> Option<Record<'_>> {
    let record = bytes.get(offset..)?;
    let (length, rest) = record.split_first_chunk()?;
    let (crc, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > PAYLOAD_MAX {
        return None;
    }
    let payload = rest.get(..length)?;
    if u32::from_le_bytes(*crc) != checksum(number, payload) {
        return None;
    }
    let number = u64::from_le_bytes(*number);
    let (unsynced, number) = (number >> NUMBER_BITS, number & ((1 << NUMBER_BITS) - 1));
    let ends_batch = unsynced > 0;
    let synced = if ends_batch { number.saturating_sub(unsynced) } else { 0 };
    Some(Record { offset, number, ends_batch, synced, payload })
}

fn checksum(number: &[u8; 8], payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(number), payload)
}

/// A new file is for its owner alone: it tells every order of the firm.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A new file's name is durable when its folder is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
