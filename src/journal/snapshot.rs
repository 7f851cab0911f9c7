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

use crate::error::Result;
use crate::journal::ahead::{self, CHUNK, CHUNKS, Sink, Source};
use crate::journal::disk::DiskFile;
use crate::journal::merkle::{Frontier, Hash};

const MAGIC: [u8; 3] = *b"TWS";
const EXTENSION: &str = ".tws";
/// A snapshot to be: ignored by readers, removed at opening.
pub(super) const NEXT: &str = "next.tws";

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
        let good = self.good(Box::new(File::open(file)?));
        let mut reader = good.and_then(|good| SnapshotReader::new(Chunks::Here(good), self.size));
        Ok(reader.as_mut().and_then(SnapshotReader::skip_all).is_some())
    }

    /// What `decode` makes of the file, if that is the one; with `ahead` it is read in a thread of
    /// its own meanwhile.
    pub(super) fn read<T>(
        &self,
        file: Box<dyn DiskFile>,
        ahead: bool,
        decode: impl FnOnce(&mut SnapshotReader) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(mut good) = self.good(file) else { return Ok(None) };
        let decode = |chunks| {
            let mut reader = SnapshotReader::new(chunks, self.size)?;
            let decoded = decode(&mut reader)?;
            reader.has_ended().then_some(decoded)
        };
        if !ahead {
            return Ok(decode(Chunks::Here(good)));
        }
        let read_ahead = |sink: Sink<Vec<u8>>| {
            let mut chunk = good.next(Vec::new());
            while let Some(full) = chunk {
                chunk = sink.put(full).and_then(|used| good.next(used));
            }
        };
        let ((), decoded) = ahead::beside("tw-journal-read", CHUNKS, read_ahead, |source| {
            decode(Chunks::Ahead(source))
        })?;
        Ok(decoded)
    }

    /// The bytes of the file, if it is of the size.
    fn good(&self, file: Box<dyn DiskFile>) -> Option<GoodFile> {
        let Self { hash: expected, size, .. } = *self;
        let is_size = file.size().ok()? == size;
        is_size.then(|| GoodFile { file, size, read: 0, hash: Sha256::new(), expected })
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

/// The bytes of a snapshot's file, front to back. The last of them come only if all are those that
/// were written.
#[derive(Debug)]
struct GoodFile {
    file: Box<dyn DiskFile>,
    size: u64,
    read: u64,
    /// Of what was read.
    hash: Sha256,
    /// Of all of it.
    expected: Hash,
}

impl GoodFile {
    /// The next ones, in a chunk that was used.
    fn next(&mut self, mut chunk: Vec<u8>) -> Option<Vec<u8>> {
        let more = (self.size - self.read).min(CHUNK as u64) as usize;
        chunk.resize(more, 0);
        self.file.read_exact_at(&mut chunk, self.read).ok()?;
        self.hash.update(&chunk);
        self.read += more as u64;
        let is_good = self.read < self.size || *self.hash.clone().finalize() == self.expected;
        (more > 0 && is_good).then_some(chunk)
    }
}

/// Where a snapshot's bytes come from.
#[derive(Debug)]
enum Chunks {
    Here(GoodFile),
    Ahead(Source<Vec<u8>>),
}

/// Gives a snapshot's bytes, front to back. The last of them come only if all are those that were
/// written.
#[derive(Debug)]
pub struct SnapshotReader {
    chunks: Chunks,
    /// The last one, to be used again.
    chunk: Vec<u8>,
    /// Of the chunks, and not yet taken from `at` on.
    buffer: Vec<u8>,
    at: usize,
    /// How many bytes are to come in chunks.
    left: u64,
}

impl SnapshotReader {
    /// `None`: it is none.
    fn new(chunks: Chunks, size: u64) -> Option<Self> {
        let mut reader = Self { chunks, chunk: Vec::new(), buffer: Vec::new(), at: 0, left: size };
        (reader.array()? == MAGIC).then_some(reader)
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
        while self.left > 0 {
            self.at = self.buffer.len();
            self.fill()?;
        }
        Some(())
    }

    #[cold]
    fn fill(&mut self) -> Option<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let used = std::mem::take(&mut self.chunk);
        self.chunk = match &mut self.chunks {
            Chunks::Here(file) => file.next(used)?,
            Chunks::Ahead(source) => source.next(used)?,
        };
        self.buffer.extend_from_slice(&self.chunk);
        self.left -= self.chunk.len() as u64;
        Some(())
    }

    /// Whether all bytes were taken.
    fn has_ended(&self) -> bool {
        self.left == 0 && self.at == self.buffer.len()
    }
}
