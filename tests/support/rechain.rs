//! Forging journals: a segment that was changed gets checksums and a chain that are good.

use sha2::{Digest, Sha256};

/// Gives every record the checksum and every commit the chain that the bytes now need, as who can
/// write the file can.
pub fn rechain(bytes: &mut [u8]) {
    let salt = crc32c::crc32c(&bytes[16..32]);
    let mut chain: [u8; 32] = Sha256::digest(&bytes[16..32]).into();
    let mut at = 4096;
    while at + 24 < bytes.len() {
        let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
        let kind = bytes[at + 20];
        if kind == 0 {
            at = (at + 1).next_multiple_of(4096);
            continue;
        }
        let end = at + 24 + length;
        if kind == 2 {
            bytes[end - 32..end].copy_from_slice(&chain);
        }
        let crc = crc32c::crc32c_append(salt, &bytes[at + 4..end]);
        bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
        let step = Sha256::new().chain_update([0]).chain_update(chain);
        let step = step.chain_update(&bytes[at + 4..end]);
        chain = step.finalize().into();
        at = end;
    }
}
