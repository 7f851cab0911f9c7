//! A segment's name and the block it begins with. No I/O.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | `TWJ`, 0x02 |
//! | 4 | 4 | CRC-32C of all else in the block |
//! | 8 | 8 | sequence of the first record |
//! | 16 | 16 | the journal's salt |
//! | 32 | 32 | the chain before the first record |
//! | 64 | 4032 | zeros |

use crate::error::{Error, Result};
use crate::journal::record::{Chain, Salt};

/// What disks write whole or not at all, or whole in two attempts: bytes that a sync has covered
/// share no block with bytes to come.
pub(super) const BLOCK: usize = 4096;

const MAGIC: [u8; 3] = *b"TWJ";
const VERSION: u8 = 2;

/// How a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub first: u64,
    pub salt: Salt,
    pub chain: Chain,
}

impl Start {
    pub fn encode(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        block[..3].copy_from_slice(&MAGIC);
        block[3] = VERSION;
        block[8..16].copy_from_slice(&self.first.to_le_bytes());
        block[16..32].copy_from_slice(&self.salt.bytes);
        block[32..64].copy_from_slice(&self.chain.0);
        let crc = checksum(&block);
        block[4..8].copy_from_slice(&crc);
        block
    }

    /// [`Error::Unsupported`]: of a version to come.
    pub fn decode(bytes: &[u8]) -> Result<Start> {
        let block: &[u8; BLOCK] = bytes.first_chunk().ok_or(Error::JournalCorrupt)?;
        let [first, salt, chain] = [&block[8..16], &block[16..32], &block[32..64]];
        let start = Start {
            first: u64::from_le_bytes(first.try_into().map_err(|_| Error::Internal)?),
            salt: Salt::new(salt.try_into().map_err(|_| Error::Internal)?),
            chain: Chain(chain.try_into().map_err(|_| Error::Internal)?),
        };
        match version(block) {
            _ if start.encode() == *block => Ok(start),
            Some(version) if version > VERSION && block[4..8] == checksum(block) => {
                Err(Error::Unsupported)
            }
            _ => Err(Error::JournalCorrupt),
        }
    }
}

fn checksum(block: &[u8; BLOCK]) -> [u8; 4] {
    crc32c::crc32c_append(crc32c::crc32c(&block[..4]), &block[8..]).to_le_bytes()
}

/// The format that the beginning of a journal's file tells.
pub(super) fn version(bytes: &[u8]) -> Option<u8> {
    bytes.strip_prefix(&MAGIC)?.first().copied()
}

const EXTENSION: &str = ".twj";
/// Every u64 has so many digits at most, so names sort as numbers do.
const DIGITS: usize = 20;

/// The file's name of the segment that begins with this sequence.
pub fn name(first: u64) -> String {
    format!("{first:0DIGITS$}{EXTENSION}")
}

/// The sequence that a segment's name tells.
pub(super) fn first(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    let is_number = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}
