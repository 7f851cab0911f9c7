//! Snapshots: what all records before one amount to, in a file beside the segments, so that who
//! opens the journal need not read them all. What is in it is not the journal's concern; its bytes
//! count only if a record of the journal says so, right behind the records that it stands for.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 3 | `TWS` |
//! | 3 | | the state, as its owner writes it, beginning with its version |
//!
//! The payload of the record:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 32 | SHA-256 of the file |
//! | 32 | 8 | the size of the file in bytes |
//! | 40 | 32 each | the roots of the complete subtrees of the tree before the record |

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::journal::disk::DiskFile;
use crate::journal::merkle::{Frontier, Hash};

const MAGIC: [u8; 3] = *b"TWS";
const EXTENSION: &str = ".tws";
/// A snapshot to be: ignored by readers, removed at opening.
pub(super) const NEXT: &str = "next.tws";

/// How much is read, written and hashed at once: what fits into a cache.
const CHUNK: usize = 256 * 1024;

/// The file's name of the snapshot that the record with this sequence vouches for.
pub fn name(sequence: u64) -> String {
    format!("{sequence:020}{EXTENSION}")
}

/// The sequence that a snapshot's name tells.
pub(super) fn sequence(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// What a journal says of a snapshot: the payload of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// SHA-256 of the file.
    pub hash: Hash,
    /// In bytes.
    pub size: u64,
    /// The tree over all records before it, as far as it is needed to go on.
    pub tree: Frontier,
}

impl SnapshotRecord {
    /// Reads the payload of the record with this sequence.
    pub fn decode(sequence: u64, payload: &[u8]) -> Option<Self> {
        let (hash, rest) = payload.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (peaks, rest) = rest.as_chunks();
        let tree = Frontier::of_peaks(sequence.checked_sub(1)?, peaks.to_vec())?;
        let size = u64::from_le_bytes(*size);
        rest.is_empty().then_some(Self { hash: *hash, size, tree })
    }

    /// Whether the file is the one, to the byte.
    pub fn is_of(&self, file: &Path) -> io::Result<bool> {
        Ok(self.read(Box::new(File::open(file)?), SnapshotReader::skip_all).is_some())
    }

    /// What `decode` makes of the file, if that is the one.
    pub(super) fn read<T>(
        &self,
        file: Box<dyn DiskFile>,
        decode: impl FnOnce(&mut SnapshotReader) -> Option<T>,
    ) -> Option<T> {
        let mut reader = SnapshotReader::new(file, self.size)?;
        let decoded = decode(&mut reader)?;
        reader.ends_as(&self.hash).then_some(decoded)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let peaks = self.tree.peaks().as_flattened();
        [&self.hash[..], &self.size.to_le_bytes(), peaks].concat()
    }
}

/// Takes a snapshot's bytes.
#[derive(Debug)]
pub struct SnapshotWriter<'a> {
    file: &'a dyn DiskFile,
    buffer: Vec<u8>,
    written: u64,
    hash: Sha256,
    failed: io::Result<()>,
}

impl<'a> SnapshotWriter<'a> {
    pub(super) fn new(file: &'a dyn DiskFile) -> Self {
        let buffer = Vec::with_capacity(CHUNK);
        let mut writer = Self { file, buffer, written: 0, hash: Sha256::new(), failed: Ok(()) };
        writer.put(&MAGIC);
        writer
    }

    /// Appends bytes, a chunk of them at most. What goes wrong shows at the end.
    pub fn put(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > CHUNK {
            self.flush();
        }
        self.buffer.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        if self.failed.is_ok() {
            self.hash.update(&self.buffer);
            self.failed = self.file.write_all_at(&self.buffer, self.written);
            self.written += self.buffer.len() as u64;
        }
        self.buffer.clear();
    }

    /// The hash and size of all of it, which is durable then.
    pub(super) fn finish(mut self) -> io::Result<(Hash, u64)> {
        self.flush();
        self.failed?;
        self.file.sync_all()?;
        Ok((self.hash.finalize().into(), self.written))
    }
}

/// Gives a snapshot's bytes, front to back. Whether they are those that were written is known only
/// when all of them have been read.
#[derive(Debug)]
pub struct SnapshotReader {
    file: Box<dyn DiskFile>,
    /// Read from the file and not yet taken.
    buffer: Vec<u8>,
    at: usize,
    /// Of the file, so far.
    read: u64,
    size: u64,
    hash: Sha256,
}

impl SnapshotReader {
    /// `None`: it is none, or of another size.
    fn new(file: Box<dyn DiskFile>, size: u64) -> Option<Self> {
        let is_size = file.size().ok()? == size;
        let (buffer, hash) = (Vec::with_capacity(CHUNK), Sha256::new());
        let mut reader = Self { file, buffer, at: 0, read: 0, size, hash };
        (is_size && reader.array()? == MAGIC).then_some(reader)
    }

    /// The next so many bytes; `None` when they end before.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        const { assert!(N <= CHUNK) };
        if self.buffer.len() - self.at < N {
            self.fill()?;
        }
        let array = *self.buffer.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(array)
    }

    /// Takes all that is left, for who only asks whether it is good.
    fn skip_all(&mut self) -> Option<()> {
        while self.at < self.buffer.len() || self.read < self.size {
            self.at = self.buffer.len();
            self.fill()?;
        }
        Some(())
    }

    #[cold]
    fn fill(&mut self) -> Option<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let left = self.buffer.len();
        let more = (self.size - self.read).min((CHUNK - left) as u64) as usize;
        self.buffer.resize(left + more, 0);
        let fresh = &mut self.buffer[left..];
        self.file.read_exact_at(fresh, self.read).ok()?;
        self.hash.update(&*fresh);
        self.read += more as u64;
        Some(())
    }

    /// Whether all bytes were taken, and are those with this hash.
    fn ends_as(self, hash: &Hash) -> bool {
        let is_all = self.read == self.size && self.at == self.buffer.len();
        is_all && *self.hash.finalize() == *hash
    }
}
