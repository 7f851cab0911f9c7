//! One record's bytes, and the chain that ties each record to all before it. No I/O.
//!
//! Record, little-endian (`docs/JOURNAL.md`):
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | CRC-32C (RFC 3720) of the journal's salt and of all that follows here |
//! | 4 | 4 | length of the payload |
//! | 8 | 8 | sequence: 1, 2, 3 … |
//! | 16 | 4 | unsynced: how many up to this one were not on stable storage when it was written |
//! | 20 | 1 | kind: 1 event, 2 commit, 3 checkpoint, 4 snapshot |
//! | 21 | 3 | zeros |
//! | 24 | length | payload |

use sha2::{Digest, Sha256};

use crate::journal::merkle::{self, Hash};

pub(super) const HEADER: usize = 24;
const CHECKSUM: usize = 4;

/// Above any payload: a longer one is none.
pub(super) const PAYLOAD_MAX: usize = 16 * 1024;

/// What a commit takes, header and all.
pub(super) const COMMIT: usize = HEADER + COMMIT_PAYLOAD;
const COMMIT_PAYLOAD: usize = 44;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// One event of the gateway.
    Event = 1,
    /// Closes the batch of the records before it.
    Commit = 2,
    /// Signs for all records before it.
    Checkpoint = 3,
    /// Vouches for a file that holds what all records before it amount to.
    Snapshot = 4,
}

/// One record of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The first sequence of its segment, which is the segment's name.
    pub segment: u64,
    /// Where it begins in its segment, in bytes.
    pub offset: u64,
    pub sequence: u64,
    pub kind: Kind,
    pub payload: &'a [u8],
    /// All of it, as it stands in its segment.
    pub bytes: &'a [u8],
    /// The chain before it.
    pub chain: Hash,
    /// The chain after it, which is its hash as a leaf of the journal's tree.
    pub hash: Hash,
}

impl Record<'_> {
    /// The bytes that it takes in its segment.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// It as a leaf of the journal's tree: the chain before it, and all of it but the checksum.
    pub fn leaf(&self) -> Vec<u8> {
        [&self.chain, &self.bytes[CHECKSUM..]].concat()
    }
}

/// A leaf of the journal's tree, as a proof has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Its place in the tree, from 1.
    pub sequence: u64,
    pub kind: Kind,
    pub payload: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// Takes a leaf apart; `None` unless it is all of one record's.
    pub fn decode(leaf: &'a [u8]) -> Option<Leaf<'a>> {
        let record = leaf.get(size_of::<Hash>()..)?;
        let (Header { sequence, kind, .. }, length) = header(record)?;
        let payload = record.get(HEADER - CHECKSUM..)?;
        (payload.len() == length).then_some(Leaf { sequence, kind, payload })
    }
}

/// A number of the journal's own, at random. Whoever does not know it can write no bytes into a
/// payload that look like a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Salt {
    pub bytes: [u8; 16],
    crc: u32,
}

impl Salt {
    pub fn new(bytes: [u8; 16]) -> Self {
        Self { bytes, crc: crc32c::crc32c(&bytes) }
    }
}

/// What is written before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub sequence: u64,
    pub unsynced: u32,
    pub kind: Kind,
}

impl Header {
    /// Appends a record with this header.
    pub fn write(&self, salt: &Salt, payload: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.unsynced.to_le_bytes());
        out.extend_from_slice(&[self.kind as u8, 0, 0, 0]);
        out.extend_from_slice(payload);
        let crc = crc32c::crc32c_append(salt.crc, &out[start + 4..]);
        out[start..start + 4].copy_from_slice(&crc.to_le_bytes());
    }
}

/// A record as it stands in its segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub header: Header,
    pub payload: &'a [u8],
    /// All of it.
    pub bytes: &'a [u8],
}

impl Found<'_> {
    /// Up to which sequence everything was on stable storage when it was written.
    pub fn durable(&self) -> u64 {
        self.header.sequence - u64::from(self.header.unsynced)
    }
}

/// The record that these bytes begin with, if a good one does.
pub(super) fn parse<'a>(bytes: &'a [u8], salt: &Salt) -> Option<Found<'a>> {
    let found = split(bytes)?;
    let crc = u32::from_le_bytes(field(bytes, 0)?);
    (crc == crc32c::crc32c_append(salt.crc, &found.bytes[4..])).then_some(found)
}

/// [`parse`] without a look at the checksum.
pub(super) fn split(bytes: &[u8]) -> Option<Found<'_>> {
    let (header, length) = header(bytes.get(CHECKSUM..)?)?;
    let bytes = bytes.get(..HEADER + length)?;
    Some(Found { header, payload: &bytes[HEADER..], bytes })
}

/// The header behind the checksum, and the length of the payload.
fn header(bytes: &[u8]) -> Option<(Header, usize)> {
    let length = u32::from_le_bytes(field(bytes, 0)?) as usize;
    let sequence = u64::from_le_bytes(field(bytes, 4)?);
    let unsynced = u32::from_le_bytes(field(bytes, 12)?);
    let kind = match field(bytes, 16)? {
        [1, 0, 0, 0] => Kind::Event,
        [2, 0, 0, 0] => Kind::Commit,
        [3, 0, 0, 0] => Kind::Checkpoint,
        [4, 0, 0, 0] => Kind::Snapshot,
        _ => return None,
    };
    let is_good = length <= PAYLOAD_MAX && unsynced > 0 && u64::from(unsynced) <= sequence;
    is_good.then_some((Header { sequence, unsynced, kind }, length))
}

fn field<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// A hash of every record so far, and of each one as a leaf of the journal's tree: one hash is both.
/// The checksum is left out, since from that of a record that is given away could be learned what
/// the salt does to all others; it says nothing that the other bytes do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain(pub Hash);

impl Chain {
    /// Before the first record: SHA-256 of the salt.
    pub fn new(salt: &Salt) -> Self {
        Self(Sha256::digest(salt.bytes).into())
    }

    pub fn add(&mut self, record: &[u8]) {
        self.0 = merkle::leaf_hash_of(&[&self.0, &record[CHECKSUM..]]);
    }
}

/// A commit's payload: what a reader must have found before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// How many records its batch has besides itself; none in a seal.
    pub count: u32,
    /// The last sequence on stable storage when it was written.
    pub durable: u64,
    /// The chain up to the record before.
    pub chain: [u8; 32],
}

impl Commit {
    pub(super) fn encode(&self) -> [u8; COMMIT_PAYLOAD] {
        let mut bytes = [0; COMMIT_PAYLOAD];
        bytes[..4].copy_from_slice(&self.count.to_le_bytes());
        bytes[4..12].copy_from_slice(&self.durable.to_le_bytes());
        bytes[12..].copy_from_slice(&self.chain);
        bytes
    }

    /// Reads the payload of a commit.
    pub fn decode(payload: &[u8]) -> Option<Commit> {
        let payload: &[u8; COMMIT_PAYLOAD] = payload.try_into().ok()?;
        Some(Commit {
            count: u32::from_le_bytes(field(payload, 0)?),
            durable: u64::from_le_bytes(field(payload, 4)?),
            chain: field(payload, 12)?,
        })
    }
}
