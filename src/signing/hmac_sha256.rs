//! HMAC-SHA256 (RFC 2104, FIPS 198-1). One key does both: signing and verifying.

use super::context::{Context, Message};
use super::key::{Kind, Usage, first_u64};
use super::suite::{Signature, SigningKey, VerifyingKey};
use crate::secret::soiled;
use crate::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const KEY_ID_LABEL: &[u8] = b"tinywindow/v1/key-id";

/// The states that a tag is made with are as good as the key, and moves leave copies of them.
const SOILED_STACK: usize = soiled(1 << 10);

/// The key absorbed, alone and with each context of our own: a message in such a context costs no
/// compression for key or context. The states wipe themselves when dropped, clones too.
pub(super) struct Verifying {
    bare: Hmac<Sha256>,
    payload: Hmac<Sha256>,
    order: Hmac<Sha256>,
}

pub(super) type Signing = Verifying;

impl Verifying {
    fn mac(&self, message: &Message<'_>) -> Hmac<Sha256> {
        let mac = match message.context {
            None => self.bare.clone(),
            Some(Context::Payload) => self.payload.clone(),
            Some(Context::Order) => self.order.clone(),
            Some(context) => within(&self.bare, context),
        };
        mac.chain_update(message.payload)
    }

    /// In constant time, the first `tag.len()` bytes only.
    pub(super) fn verify_truncated(&self, message: &Message<'_>, tag: &[u8]) -> Result<()> {
        self.mac(message).verify_truncated_left(tag).map_err(|_| Error::Signature)
    }
}

fn keyed(material: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(material).expect("HMAC takes keys of any length")
}

fn within(keyed: &Hmac<Sha256>, context: Context<'_>) -> Hmac<Sha256> {
    keyed.clone().chain_update(context.block())
}

/// Absorbs nothing but what this message needs.
fn mac_once(material: &[u8], message: &Message<'_>) -> Hmac<Sha256> {
    let mut mac = keyed(material);
    if let Some(context) = message.context {
        mac.update(&context.block());
    }
    mac.chain_update(message.payload)
}

impl VerifyingKey for Verifying {
    const SECRET_SIZE: usize = 32;
    const PUBLIC_SIZE: Option<usize> = None;
    const SIGNATURE_SIZE: usize = 32;
    const HAS_CONTEXT: bool = false;
    const SOILED_STACK: usize = SOILED_STACK;

    fn new(_: Kind, material: &[u8]) -> Result<Verifying> {
        Verifying::expand(material)
    }

    fn public(&self) -> Option<&[u8]> {
        None
    }

    fn id(&self, _: Usage) -> u64 {
        first_u64(&self.bare.clone().chain_update(KEY_ID_LABEL).finalize().into_bytes())
    }

    fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
        self.mac(message).verify_slice(signature).map_err(|_| Error::Signature)
    }

    fn verify_once(
        _: Kind,
        material: &[u8],
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<()> {
        mac_once(material, message).verify_slice(signature).map_err(|_| Error::Signature)
    }
}

impl SigningKey for Verifying {
    type VerifyingKey = Verifying;
    const SOILED_STACK: usize = SOILED_STACK;

    fn expand(material: &[u8]) -> Result<Verifying> {
        let bare = keyed(material);
        let (payload, order) = (within(&bare, Context::Payload), within(&bare, Context::Order));
        Ok(Verifying { bare, payload, order })
    }

    fn verifying_key(&self) -> &Verifying {
        self
    }

    fn sign(&self, message: &Message<'_>) -> Result<Signature> {
        Ok(Signature::new(&self.mac(message).finalize().into_bytes()))
    }

    fn sign_once(material: &[u8], message: &Message<'_>) -> Result<Signature> {
        Ok(Signature::new(&mac_once(material, message).finalize().into_bytes()))
    }
}
