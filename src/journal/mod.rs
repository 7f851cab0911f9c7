//! The durable log of the gateway's events, behind one small contract. What an event says is not
//! the journal's concern (see [`crate::gateway::event`]); its bytes on disk are pinned by
//! `docs/JOURNAL.md`.

mod ahead;
mod checkpoint;
mod disk;
mod file;
mod folder;
pub mod merkle;
mod notary;
mod opening;
mod proof;
mod reader;
mod record;
mod segment;
mod snapshot;
mod tree;

use std::io::{self, ErrorKind};
use std::time::Instant;

pub(crate) use checkpoint::check_checkpoint_key;
pub use checkpoint::{Checkpoint, CheckpointKey, SignedCheckpoint, is_origin};
pub use disk::{Disk, DiskFile, FileKind, SystemDisk, Taken};
pub use file::FileJournal;
pub use folder::check;
pub(crate) use notary::KEYS_MAX as CHECKPOINT_KEYS_MAX;
pub use notary::Notary;
pub use opening::{Opening, archivable};
pub use proof::{ConsistencyProof, InclusionProof};
pub use reader::{Damage, History, read, read_on, read_with};
pub use record::{Commit, Kind, Leaf, Record};
pub use segment::name as segment_name;
pub use snapshot::{SnapshotReader, SnapshotRecord, SnapshotWriter, name as snapshot_name};
pub use tree::Tree;

use crate::error::{Error, Result};

/// A record that carries a frame with a classical signature is not larger.
const RECORD: usize = 256;

/// Records on their way to the journal, collected under the gateway's lock and written outside it.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Where each record's payload ends.
    ends: Vec<usize>,
}

impl Batch {
    /// An empty batch with memory for so many records of `RECORD` bytes.
    pub fn with_capacity(records: usize) -> Self {
        Self { bytes: Vec::with_capacity(records * RECORD), ends: Vec::with_capacity(records) }
    }

    /// Appends a record whose payload `write` produces.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets the records and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The payloads, oldest first.
    pub fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }
}

/// Where batches are kept. One caller at a time; a failure is final.
pub trait Journal: Send {
    /// Writes the batch behind all earlier ones. With `durable` it has reached stable storage when
    /// this returns; without, the operating system has it and the next durable batch brings it
    /// along.
    fn append(&mut self, batch: &Batch, durable: bool) -> Result<()>;

    /// When a checkpoint is due of what none covers yet, even if nothing more comes.
    fn checkpoint_due(&self) -> Option<Instant>;

    /// Makes all of it durable, and signs a checkpoint of what none covers yet.
    fn checkpoint(&mut self) -> Result<()>;

    /// Makes all of it durable, in such a way that who opens it later knows.
    fn seal(&mut self) -> Result<()>;

    /// How many events who opens it would have to fold.
    fn events_behind(&self) -> u64;

    /// Keeps what `write` tells, which is what all records so far amount to: who opens it later
    /// begins with that. `Some`: why there is none, where there is no room for it; it is a copy of
    /// what the journal holds, and without it all is as it was.
    fn snapshot(&mut self, write: &mut dyn FnMut(&mut SnapshotWriter<'_>))
    -> Result<Option<Error>>;
}

/// What a caller can do about it: make room, or look at the disk.
fn status(error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Error::JournalFull
        }
        _ => Error::Journal,
    }
}
