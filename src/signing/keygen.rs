//! Keys from a seed or from entropy: the same input gives the same key, everywhere and for ever.
//!
//! HKDF-SHA256 (RFC 5869) of the input, salt `tinywindow/v1/keygen`, info the suite's name, gives
//! 32 bytes. They key a ChaCha20 stream (RFC 8439, zero nonce, counter 0); its first bytes are the
//! secret material.

use std::convert::Infallible;

use super::{Key, Kind, Suite, Usage, meter};
use crate::secret::with_clean_stack;
use crate::{Error, Result};
use hkdf::Hkdf;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::Sha256;
use zeroize::Zeroizing;

const SALT: &[u8] = b"tinywindow/v1/keygen";

/// A framed secret key from a 64-bit seed: for tests, fixtures and simulations only, since a seed
/// that short can be guessed. Real keys come from [`generate`].
pub fn keygen(suite: Suite, seed: u64) -> Zeroizing<Vec<u8>> {
    counted(suite, &Zeroizing::new(seed.to_le_bytes())[..])
}

/// A framed secret key from 32 bytes of the caller's entropy.
pub fn keygen_from_entropy(suite: Suite, entropy: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    counted(suite, entropy)
}

/// A framed secret key from the operating system's entropy; [`Error::Entropy`] when it has none.
pub fn generate(suite: Suite) -> Result<Zeroizing<Vec<u8>>> {
    meter::keygen(suite.secret_key_size(), || generate_unseen(suite))
}

/// [`generate`] for the library's own use: no metric or span tells of it.
pub(crate) fn generate_unseen(suite: Suite) -> Result<Zeroizing<Vec<u8>>> {
    let mut entropy = Zeroizing::new([0; 32]);
    getrandom::fill(&mut entropy[..]).map_err(|_| Error::Entropy)?;
    Ok(derive(suite, &entropy[..]))
}

fn counted(suite: Suite, input: &[u8]) -> Zeroizing<Vec<u8>> {
    let made = || Ok::<_, Infallible>(derive(suite, input));
    let Ok(key) = meter::keygen(suite.secret_key_size(), made);
    key
}

fn derive(suite: Suite, input: &[u8]) -> Zeroizing<Vec<u8>> {
    with_clean_stack(|| {
        let mut stream_key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(SALT), input)
            .expand(suite.name().as_bytes(), &mut stream_key[..])
            .expect("HKDF gives 32 bytes");
        let mut material = Zeroizing::new(vec![0; suite.secret_size()]);
        ChaCha20Rng::from_seed(*stream_key).fill_bytes(&mut material);
        Key { suite, kind: Kind::Secret, usage: Usage::Framed, material: &material }.to_bytes()
    })
}
