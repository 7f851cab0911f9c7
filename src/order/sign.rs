//! From an order to a signed frame.

use super::{FRAME_MAX, Order, SIGNED_MAX, encode, frame};
use crate::error::Result;
use crate::signing::{Context, Signer, sign_named};

impl Order {
    /// Signs the order and encodes it into a frame; its `key_id` is the signer's, whatever the
    /// order says.
    ///
    /// # Errors
    /// [`Error::Order`](crate::Error::Order) for an order against the rules of the format,
    /// [`Error::KeyUsage`](crate::Error::KeyUsage) for a raw key.
    pub fn sign(&self, signer: &Signer) -> Result<Vec<u8>> {
        let mut bytes = [0; FRAME_MAX];
        let length = self.sign_into(signer, &mut bytes)?;
        Ok(bytes[..length].to_vec())
    }

    /// [`sign`](Self::sign) into memory of the caller's, without allocation; gives the frame's
    /// length.
    pub fn sign_into(&self, signer: &Signer, out: &mut [u8; FRAME_MAX]) -> Result<usize> {
        let order = Order { key_id: signer.key_id(), ..*self };
        let mut signed = [0; SIGNED_MAX];
        let length = encode(&order, &mut signed)?;
        let signature = signer.sign(Context::Order, &signed[..length])?;
        frame(&signed[..length], &signature, out)
    }

    /// [`sign_into`](Self::sign_into) with key bytes, for a single use.
    pub(crate) fn sign_once_into(&self, key: &[u8], out: &mut [u8; FRAME_MAX]) -> Result<usize> {
        let mut signed = [0; SIGNED_MAX];
        let length = encode(self, &mut signed)?;
        let named = &mut signed;
        let signature = sign_named(key, Context::Order, length, move |key_id| {
            encode(&Order { key_id, ..*self }, named)?;
            Ok(&named[..length])
        })?;
        frame(&signed[..length], &signature, out)
    }
}
