//! What is signed: the same bytes by every contender, and by those in Python
//! (`benches/python/openssl.py`).

use std::sync::LazyLock;

use crate::library::BATCH;

/// Bytes of a message.
pub const SIZES: [usize; 4] = [32, 200, 1 << 10, 64 << 10];

/// As the sizes are shown.
pub const SIZE_NAMES: [&str; 4] = ["32 B", "200 B", "1 KiB", "64 KiB"];

/// Messages of a size that are signed in turn, since ML-DSA takes some longer than others, or all
/// at once.
pub const IN_TURN: usize = BATCH;

/// The size that more is told of than the median: that of an order and its like.
pub const TYPICAL: usize = 200;

/// Messages of that size that are signed to tell it.
pub const TYPICAL_IN_TURN: usize = 1000;

/// Between the beginnings of two messages.
const STRIDE: usize = 64;

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..SIZES[3] + STRIDE * IN_TURN).map(|at| (at * 167 + (at >> 8)) as u8).collect()
});

/// The first messages of a size.
pub fn messages(size: usize, count: usize) -> Vec<&'static [u8]> {
    (0..count).map(|index| &BYTES[index * STRIDE..][..size]).collect()
}

/// 32 bytes to make a key of.
pub fn seeds(count: usize) -> Vec<[u8; 32]> {
    (0..count as u64)
        .map(|index| {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&index.to_le_bytes());
            seed
        })
        .collect()
}
