//! Signs checkpoints of the tree over the records that are written, when they are due.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::journal::checkpoint::{self, Checkpoint, CheckpointSigner, SignedCheckpoint};
use crate::journal::merkle::Frontier;
use crate::journal::record::{self, Kind};

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
    /// What the last checkpoint covers.
    signed: u64,
    /// Since when there has been an event or a snapshot that no checkpoint covers.
    uncovered_since: Option<Instant>,
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
            signed: 0,
            uncovered_since: None,
            room: 0,
            is_urgent: false,
        };
        // What keeps a key from signing is told before there is anything to lose.
        let shortest = notary.checkpoint(&Frontier::new())?.to_string();
        notary.room = record::HEADER + shortest.len() + SIZE_DIGITS;
        Ok(notary)
    }

    /// The record with this sequence is in the journal now: it was read, or is being written.
    pub(super) fn add(&mut self, sequence: u64, kind: Kind) {
        match kind {
            Kind::Event | Kind::Snapshot => {
                self.uncovered_since.get_or_insert_with(Instant::now);
            }
            Kind::Commit => {}
            Kind::Checkpoint => {
                (self.signed, self.uncovered_since) = (sequence - 1, None);
                self.is_urgent = false;
            }
        }
    }

    /// Lets the next checkpoint not wait.
    pub(super) fn hurry(&mut self) {
        self.is_urgent = true;
    }

    /// Whether there is something that no checkpoint covers.
    pub(super) fn has_news(&self) -> bool {
        self.uncovered_since.is_some()
    }

    /// Whether a checkpoint should be signed now.
    pub(super) fn is_due(&self, tree: &Frontier) -> bool {
        self.uncovered_since.is_some_and(|since| {
            self.is_urgent
                || tree.size() - self.signed >= self.every_records
                || since.elapsed() >= self.every
        })
    }

    /// When one should be signed of what none covers, however few records that is.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.uncovered_since?.checked_add(self.every)
    }

    /// Above what a checkpoint's record takes.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// A checkpoint of all records so far, which must be durable: what is signed cannot be undone.
    pub(super) fn sign(&self, tree: &Frontier) -> Result<String> {
        Ok(self.checkpoint(tree)?.to_string())
    }

    fn checkpoint(&self, tree: &Frontier) -> Result<SignedCheckpoint> {
        let (origin, size, root) = (self.origin.clone(), tree.size(), tree.root());
        checkpoint::sign(Checkpoint { origin, size, root }, &self.signers)
    }
}
