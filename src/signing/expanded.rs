//! The public key of an ML-DSA private key that came expanded, without its seed (FIPS 204,
//! section 7.2). Our core takes none from it; this one does, so it is asked for that alone.

use crate::{Error, Result};
use ml_dsa::{ExpandedSigningKey, MlDsaParams};

/// Bytes of rho, K and tr, which come before s1 and s2 (FIPS 204, algorithm 24).
const VECTORS: usize = 32 + 32 + 64;
/// Of these, tr: the hash of the public key.
const TR: std::ops::Range<usize> = 64..VECTORS;

/// The bound of the coefficients of s1 and s2, and how many polynomials they are (table 1).
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub eta: u32,
    pub polynomials: usize,
}

/// The public key, if it is the one whose hash the private key holds: [`Error::Key`] of a key that
/// is damaged or has coefficients out of bounds. K, which is random, may be any; t0 and what is too
/// small of s2 are in no hash, and damage to them shows when the key signs.
pub(super) fn public_key<P: MlDsaParams, const PUBLIC: usize>(
    shape: Shape,
    expanded: &[u8],
) -> Result<[u8; PUBLIC]> {
    if !is_within_bounds(shape, expanded) {
        return Err(Error::Key);
    }
    let encoded = expanded.try_into().map_err(|_| Error::Key)?;
    #[allow(deprecated, reason = "it panics out of bounds, where we do not come")]
    let key = ExpandedSigningKey::<P>::from_expanded(encoded);
    let public = key.verifying_key().encode();
    let public = <[u8; PUBLIC]>::try_from(&public[..]).map_err(|_| Error::Internal)?;
    if libcrux_sha3::shake256::<64>(&public) == expanded[TR] { Ok(public) } else { Err(Error::Key) }
}

/// Whether each coefficient of s1 and s2 is from -eta to eta, which a packed one of 0 to 2 eta is.
/// All are looked at, whatever the first ones are.
fn is_within_bounds(Shape { eta, polynomials }: Shape, expanded: &[u8]) -> bool {
    let width = (2 * eta).ilog2() as usize + 1;
    // Eight coefficients have as many bytes as one has bits; a polynomial has 256.
    let vectors = expanded.get(VECTORS..).and_then(|rest| rest.get(..polynomials * 32 * width));
    let are_small = |eight: &[u8]| {
        let bits = eight.iter().rev().fold(0, |bits, &byte| bits << 8 | u32::from(byte));
        (0..8).fold(true, |all, i| all & (bits >> (width * i) & ((1 << width) - 1) <= 2 * eta))
    };
    vectors.is_some_and(|all| all.chunks_exact(width).fold(true, |so_far, c| so_far & are_small(c)))
}
