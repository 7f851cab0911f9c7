//! The tree over a journal's records while they are read, held against what they themselves say of
//! it.

use crate::error::{Error, Result};
use crate::journal::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::journal::merkle::{Frontier, Hash};
use crate::journal::record::{Kind, Record};
use crate::journal::snapshot::SnapshotRecord;

/// The tree over all records up to one. Where the first ones are not at hand it begins with what
/// the record of a snapshot says that it was.
#[derive(Clone, Debug, Default)]
pub struct Tree(Option<Frontier>);

impl Tree {
    /// Of a journal without records.
    pub(super) fn of_nothing() -> Self {
        Self(Some(Frontier::new()))
    }

    /// Adds the next record, the first of all or of those that are at hand.
    /// [`Error::JournalCorrupt`]: a checkpoint or a snapshot of other records than those before it.
    pub fn add(&mut self, record: &Record<'_>) -> Result<()> {
        let Record { sequence, kind, payload, hash, .. } = *record;
        if sequence == 1 {
            *self = Self::of_nothing();
        }
        match kind {
            Kind::Event | Kind::Commit => {}
            Kind::Checkpoint => {
                let told = SignedCheckpoint::decode(payload).ok_or(Error::JournalCorrupt)?;
                let Checkpoint { size, root, .. } = told.unverified();
                let is_other = |tree: &Frontier| (*size, *root) != (tree.size(), tree.root());
                if self.0.as_ref().is_some_and(is_other) {
                    return Err(Error::JournalCorrupt);
                }
            }
            Kind::Snapshot => {
                let told = SnapshotRecord::decode(sequence, payload);
                let told = told.ok_or(Error::JournalCorrupt)?.tree;
                if *self.0.get_or_insert_with(|| told.clone()) != told {
                    return Err(Error::JournalCorrupt);
                }
            }
        }
        self.push(hash);
        Ok(())
    }

    /// Adds the next record by its hash.
    pub(super) fn push(&mut self, hash: Hash) {
        if let Some(tree) = &mut self.0 {
            tree.push(hash);
        }
    }

    /// As far as it is known.
    pub fn known(&self) -> Option<&Frontier> {
        self.0.as_ref()
    }
}
