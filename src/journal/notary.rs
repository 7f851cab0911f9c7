//! Keeps the tree over the records that are written, and signs its checkpoints when they are due.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::journal::checkpoint::{self, Checkpoint, CheckpointSigner, SignedCheckpoint};
use crate::journal::merkle::{Frontier, Hash};
use crate::journal::record::{self, Kind, Record};

/// A checkpoint with so many signatures is no larger than a record may be. One of each suite is
/// enough, and as many again to roll them over.
pub const KEYS_MAX: usize = 4;
/// Those of every u64, at most.
const SIZE_DIGITS: usize = 20;

/// Signs the checkpoints of one journal.
#[derive(Debug)]
pub struct Notary {
    origin: String,
    signers: Vec<CheckpointSigner>,
    every_records: u64,
    every: Duration,
    tree: Frontier,
    /// What the last checkpoint covers, and when it was made.
    signed: u64,
    signed_at: Instant,
    /// Events that no checkpoint covers.
    events: u64,
    /// Above what a checkpoint's record takes, in bytes.
    room: usize,
    /// The next checkpoint does not wait.
    is_urgent: bool,
}

impl Notary {
    /// For a journal of this name, with raw secret keys of Ed25519 or ML-DSA-44: a checkpoint after
    /// so many records or so much time, whichever is first.
    ///
    /// [`Error::Argument`]: a name that C2SP would not have (see [`checkpoint::is_origin`]), or no
    /// key. [`Error::Suite`], [`Error::KeyKind`], [`Error::KeyUsage`], [`Error::Key`]: a key.
    pub fn new(origin: &str, keys: &[&[u8]], every_records: u64, every: Duration) -> Result<Self> {
        if !checkpoint::is_origin(origin) || !(1..=KEYS_MAX).contains(&keys.len()) {
            return Err(Error::Argument);
        }
        let signers = keys.iter().map(|key| CheckpointSigner::new(origin, key));
        let mut notary = Self {
            origin: origin.to_owned(),
            signers: signers.collect::<Result<_>>()?,
            every_records,
            every,
            tree: Frontier::new(),
            signed: 0,
            signed_at: Instant::now(),
            events: 0,
            room: 0,
            is_urgent: false,
        };
        // What keeps a key from signing is told before there is anything to lose.
        let shortest = notary.checkpoint()?.to_string();
        notary.room = record::HEADER + shortest.len() + SIZE_DIGITS;
        Ok(notary)
    }

    /// Goes through a record that is in the journal already. [`Error::JournalCorrupt`]: a
    /// checkpoint of other records than those that are there.
    pub(super) fn read(&mut self, record: &Record<'_>) -> Result<()> {
        if record.kind == Kind::Checkpoint {
            let told = SignedCheckpoint::decode(record.payload).ok_or(Error::JournalCorrupt)?;
            let Checkpoint { size, root, .. } = *told.unverified();
            if (size, root) != (self.tree.size(), self.tree.root()) {
                return Err(Error::JournalCorrupt);
            }
            self.was_signed();
        }
        self.add(record.hash, record.kind);
        Ok(())
    }

    /// Adds a record that is being written, by its hash.
    pub(super) fn add(&mut self, hash: Hash, kind: Kind) {
        self.tree.push(hash);
        self.events += u64::from(kind == Kind::Event);
    }

    /// Lets the next checkpoint not wait.
    pub(super) fn hurry(&mut self) {
        self.is_urgent = true;
    }

    /// Whether there are events that no checkpoint covers.
    pub(super) fn has_news(&self) -> bool {
        self.events > 0
    }

    /// Whether a checkpoint should be signed now.
    pub(super) fn is_due(&self) -> bool {
        let is_time = || {
            self.tree.size() - self.signed >= self.every_records
                || self.signed_at.elapsed() >= self.every
        };
        self.has_news() && (self.is_urgent || is_time())
    }

    /// Above what a checkpoint's record takes.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// A checkpoint of all records so far, which must be durable: what is signed cannot be undone.
    pub(super) fn sign(&mut self) -> Result<String> {
        let signed = self.checkpoint()?;
        self.was_signed();
        Ok(signed.to_string())
    }

    fn checkpoint(&self) -> Result<SignedCheckpoint> {
        let (origin, size, root) = (self.origin.clone(), self.tree.size(), self.tree.root());
        checkpoint::sign(Checkpoint { origin, size, root }, &self.signers)
    }

    fn was_signed(&mut self) {
        (self.signed, self.signed_at) = (self.tree.size(), Instant::now());
        (self.events, self.is_urgent) = (0, false);
    }
}
