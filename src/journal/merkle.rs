//! The Merkle tree of RFC 9162, section 2.1 (RFC 6962 has the same), over leaves that only ever
//! come behind each other. No I/O.
//!
//! Every subtree that a proof names is a range of leaves: [`inclusion`] and [`consistency`] say
//! which, [`Subtrees`] learns their roots while the leaves go by, and who checks a proof goes the
//! same ranges with the roots in hand.

use std::collections::HashMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

/// SHA-256 of a leaf or of a subtree.
pub type Hash = [u8; 32];

/// SHA-256 of 0x00 and the leaf.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    leaf_hash_of(&[leaf])
}

/// [`leaf_hash`] of a leaf in parts.
pub(super) fn leaf_hash_of(parts: &[&[u8]]) -> Hash {
    let started = Sha256::new().chain_update([0]);
    parts.iter().fold(started, |hash, part| hash.chain_update(part)).finalize().into()
}

/// SHA-256 of 0x01 and the hashes of both sides.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A complete subtree: the `1 << level` leaves from `index << level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    level: u32,
    index: u64,
}

/// A tree as far as it is needed to go on: the roots of its complete subtrees, largest first, one
/// for each bit of its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Without leaves.
    pub fn new() -> Self {
        Self { size: 0, peaks: Vec::with_capacity(u64::BITS as usize) }
    }

    /// Of so many leaves, with these roots of its complete subtrees; `None` if those are not so many.
    pub fn of_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// The roots of its complete subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _| {});
    }

    /// Adds a leaf and tells every complete subtree that ends with it.
    fn push_with(&mut self, leaf: Hash, mut each: impl FnMut(Node, &Hash)) {
        let mut node = Node { level: 0, index: self.size };
        let mut hash = leaf;
        each(node, &hash);
        while node.index & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            node = Node { level: node.level + 1, index: node.index >> 1 };
            each(node, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The tree's hash; of none SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        join(&self.peaks).unwrap_or_else(|| Sha256::digest(b"").into())
    }
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}

/// The root over neighbouring subtrees, largest first.
fn join(subtrees: &[Hash]) -> Option<Hash> {
    let (last, others) = subtrees.split_last()?;
    Some(others.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// The subtrees that prove a leaf to be in a tree (2.1.3.1), from its sibling up; none if it is
/// not.
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let (mut path, mut of) = (Vec::new(), 0..size);
    while of.end - of.start > 1 {
        let split = split(&of);
        if index < split {
            path.push(split..of.end);
            of.end = split;
        } else {
            path.push(of.start..split);
            of.start = split;
        }
    }
    path.reverse();
    Some(path)
}

/// The subtrees that prove a tree to be the beginning of another (2.1.4.1), from the lowest up;
/// none if it is larger. The empty tree is the beginning of all and needs no proof.
pub fn consistency(old: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if old > size {
        return None;
    }
    let (mut path, mut of) = (Vec::new(), 0..size);
    while old > 0 && of.end != old {
        let split = split(&of);
        if old <= split {
            path.push(split..of.end);
            of.end = split;
        } else {
            path.push(of.start..split);
            of.start = split;
        }
    }
    if of.start > 0 {
        path.push(of);
    }
    path.reverse();
    Some(path)
}

/// Where a tree of two leaves or more is divided: its left side is as large as a complete subtree
/// can be.
fn split(tree: &Range<u64>) -> u64 {
    tree.start + (1 << (tree.end - tree.start - 1).ilog2())
}

/// Whether the tree of this size and root has the leaf at the index (2.1.3.2).
pub fn includes(size: u64, root: &Hash, index: u64, leaf: Hash, path: &[Hash]) -> bool {
    let Some(ranges) = inclusion(index, size).filter(|ranges| ranges.len() == path.len()) else {
        return false;
    };
    let hash = ranges.iter().zip(path).fold(leaf, |hash, (range, sibling)| {
        if range.start > index { node_hash(&hash, sibling) } else { node_hash(sibling, &hash) }
    });
    hash == *root
}

/// Whether the tree of the old size and root is the beginning of the other (2.1.4.2).
pub fn is_consistent(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    let ((old, old_root), (size, root)) = (old, new);
    let Some(ranges) = consistency(old, size).filter(|ranges| ranges.len() == path.len()) else {
        return false;
    };
    if old == 0 {
        return *old_root == Frontier::new().root();
    }
    let is_old = |range: &Range<u64>| range.end <= old;
    let mut steps = ranges.iter().zip(path);
    // What both trees share to the end of the old one: all of that, or its last subtree.
    let shared = match ranges.first() {
        Some(first) if is_old(first) => steps.next().map_or(*old_root, |(_, hash)| *hash),
        _ => *old_root,
    };
    let (mut was, mut is) = (shared, shared);
    for (range, sibling) in steps {
        if is_old(range) {
            (was, is) = (node_hash(sibling, &was), node_hash(sibling, &is));
        } else {
            is = node_hash(&is, sibling);
        }
    }
    was == *old_root && is == *root
}

/// Learns the roots of subtrees while the leaves go by, in as much memory as there are subtrees.
#[derive(Clone, Debug)]
pub struct Subtrees {
    tree: Frontier,
    wanted: HashMap<Node, Option<Hash>>,
}

impl Subtrees {
    /// For these ranges, as proofs name them.
    pub fn new<'a>(ranges: impl IntoIterator<Item = &'a Range<u64>>) -> Self {
        let nodes = ranges.into_iter().flat_map(complete);
        Self { tree: Frontier::new(), wanted: nodes.map(|node| (node, None)).collect() }
    }

    /// The next leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let Self { tree, wanted } = self;
        tree.push_with(leaf, |node, hash| {
            if let Some(found) = wanted.get_mut(&node) {
                *found = Some(*hash);
            }
        });
    }

    /// The root of a range's subtree; `None` if it was not wanted or its leaves did not all come.
    pub fn root(&self, range: &Range<u64>) -> Option<Hash> {
        let known = complete(range).map(|node| self.wanted.get(&node).copied().flatten());
        join(&known.collect::<Option<Vec<_>>>()?)
    }
}

/// The complete subtrees of a range that a proof names, largest first.
fn complete(range: &Range<u64>) -> impl Iterator<Item = Node> + use<> {
    let Range { mut start, end } = *range;
    std::iter::from_fn(move || {
        let level = (end - start).checked_ilog2()?;
        let node = Node { level, index: start >> level };
        start += 1 << level;
        Some(node)
    })
}
