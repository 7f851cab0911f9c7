//! Proofs as text, which need no journal to be checked: that a record is in one (C2SP
//! `tlog-proof`), and that a checkpoint continues another (the body of `add-checkpoint` of C2SP's
//! `tlog-witness`).

use std::fmt;

use base64ct::{Base64, Encoding};

use crate::error::{Error, Result};
use crate::journal::checkpoint::{Checkpoint, CheckpointKey, SignedCheckpoint, decode};
use crate::journal::merkle::{self, Hash};
use crate::journal::record::Leaf;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^64 leaves has no longer path.
const PATH_MAX: usize = 64;

/// Proves that a journal has a record: the record, its path to the root, the signed root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The record without its checksum (see [`Record::leaf`](super::Record::leaf)).
    pub leaf: Vec<u8>,
    /// Its place in the tree, from 0.
    pub index: u64,
    /// From its sibling up.
    pub path: Vec<Hash>,
    pub checkpoint: SignedCheckpoint,
}

impl InclusionProof {
    /// Reads what [`Display`](fmt::Display) writes, and only that.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let leaf = decode(lines.next()?.strip_prefix("extra ")?)?;
        let index = lines.next()?.strip_prefix("index ")?.parse().ok()?;
        let path = hashes(lines)?;
        let checkpoint = SignedCheckpoint::parse(checkpoint)?;
        let proof = Self { leaf, index, path, checkpoint };
        (proof.to_string() == text).then_some(proof)
    }

    /// Reads one proof or more, one behind another.
    pub fn parse_all(text: &str) -> Option<Vec<Self>> {
        let lines = text.match_indices(FIRST_LINE).map(|(at, _)| at);
        let mut starts: Vec<usize> = lines.filter(|at| text[..*at].ends_with('\n')).collect();
        starts.insert(0, 0);
        let ends = starts[1..].iter().copied().chain([text.len()]);
        starts.iter().zip(ends).map(|(start, end)| Self::parse(&text[*start..end])).collect()
    }

    /// The record and the checkpoint that has it, if the keys signed that (all of them).
    ///
    /// [`Error::Signature`]: they did not. [`Error::JournalCorrupt`]: the record is not the
    /// checkpoint's.
    pub fn verify(&self, keys: &[CheckpointKey]) -> Result<(Leaf<'_>, &Checkpoint)> {
        let checkpoint = self.checkpoint.verify(keys)?;
        let Checkpoint { size, root, .. } = checkpoint;
        let hash = merkle::leaf_hash(&self.leaf);
        let is_here = |leaf: &Leaf<'_>| leaf.sequence.checked_sub(1) == Some(self.index);
        match Leaf::decode(&self.leaf).filter(is_here) {
            Some(leaf) if merkle::includes(*size, root, self.index, hash, &self.path) => {
                Ok((leaf, checkpoint))
            }
            _ => Err(Error::JournalCorrupt),
        }
    }
}

impl fmt::Display for InclusionProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        writeln!(f, "extra {}", Base64::encode_string(&self.leaf))?;
        writeln!(f, "index {}", self.index)?;
        write_path(f, &self.path)?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Proves that a checkpoint's tree goes on where that of an older one ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The size of the older tree.
    pub old: u64,
    pub path: Vec<Hash>,
    pub checkpoint: SignedCheckpoint,
}

impl ConsistencyProof {
    /// Reads what [`Display`](fmt::Display) writes, and only that.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
        let path = hashes(lines)?;
        let checkpoint = SignedCheckpoint::parse(checkpoint)?;
        let proof = Self { old, path, checkpoint };
        (proof.to_string() == text).then_some(proof)
    }

    /// The newer checkpoint, if the keys signed both (all of them) and it continues the older one.
    ///
    /// [`Error::Signature`]: they did not. [`Error::JournalCorrupt`]: it does not, or is of another
    /// journal.
    pub fn verify(&self, old: &SignedCheckpoint, keys: &[CheckpointKey]) -> Result<&Checkpoint> {
        let (old, new) = (old.verify(keys)?, self.checkpoint.verify(keys)?);
        let sizes = ((old.size, &old.root), (new.size, &new.root));
        let continues = old.origin == new.origin
            && old.size == self.old
            && merkle::is_consistent(sizes.0, sizes.1, &self.path);
        if continues { Ok(new) } else { Err(Error::JournalCorrupt) }
    }
}

impl fmt::Display for ConsistencyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        write_path(f, &self.path)?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &[Hash]) -> fmt::Result {
    path.iter().try_for_each(|hash| writeln!(f, "{}", Base64::encode_string(hash)))
}

fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<Hash>> {
    let path: Option<Vec<Hash>> =
        lines.take(PATH_MAX + 1).map(|line| decode(line)?.try_into().ok()).collect();
    path.filter(|path| path.len() <= PATH_MAX)
}
