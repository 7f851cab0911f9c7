//! Ed25519 (RFC 8032), verified strictly: S below the group's order, points canonical and not of
//! small order, no cofactor.

use super::context::Message;
use super::ed25519_secret::Secret;
use super::key::{Key, Kind, Usage};
use super::suite::{Signature, SigningKey, Suite, VerifyingKey};
use crate::secret::soiled;
use crate::{Error, Result};
use ed25519_dalek::{SIGNATURE_LENGTH, VerifyingKey as Point};

/// A public key: a canonical point, not of small order.
#[derive(Clone)]
pub(super) struct Verifying(Point);

/// Wipes itself when dropped.
pub(super) struct Signing {
    secret: Secret,
    public: Verifying,
}

impl VerifyingKey for Verifying {
    const SECRET_SIZE: usize = 32;
    const PUBLIC_SIZE: Option<usize> = Some(32);
    const SIGNATURE_SIZE: usize = SIGNATURE_LENGTH;
    const HAS_CONTEXT: bool = false;
    const SOILED_STACK: usize = 0;

    fn new(kind: Kind, material: &[u8]) -> Result<Verifying> {
        if kind == Kind::Secret {
            return Signing::expand(material).map(|key| key.public);
        }
        let point = Point::try_from(material).map_err(|_| Error::Key)?;
        // The crate takes y not below p too, and minus zero: that x is of points of small order.
        let is_good = is_below_p(point.as_bytes()) && !point.is_weak();
        if is_good { Ok(Verifying(point)) } else { Err(Error::Key) }
    }

    fn public(&self) -> Option<&[u8]> {
        Some(self.0.as_bytes())
    }

    fn id(&self, usage: Usage) -> u64 {
        Key::public_id(Suite::Ed25519, usage, self.0.as_bytes())
    }

    /// [`Point::verify_strict`] for a message in two parts.
    fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
        let (r, _) = signature.split_first_chunk().ok_or(Error::Signature)?;
        let is_strict = Point::from_bytes(r).is_ok_and(|r| !r.is_weak());
        let signature = signature.try_into().map_err(|_| Error::Signature)?;
        let mut stream = self.0.verify_stream(&signature).map_err(|_| Error::Signature)?;
        if let Some(context) = message.context {
            stream.update(context.block());
        }
        stream.update(message.payload);
        let is_valid = stream.finalize_and_verify().is_ok();
        if is_strict && is_valid { Ok(()) } else { Err(Error::Signature) }
    }
}

/// Whether y, little-endian below the sign of x, is less than p = 2^255 - 19.
fn is_below_p(point: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = point;
    *low < 0xed || middle.iter().any(|&byte| byte != 0xff) || high & 0x7f != 0x7f
}

impl SigningKey for Signing {
    type VerifyingKey = Verifying;
    /// Of the nonce: with it the signature gives the key away.
    const SOILED_STACK: usize = soiled(8 << 10);

    fn expand(material: &[u8]) -> Result<Signing> {
        let secret = secret(material)?;
        let public = Verifying(secret.public());
        Ok(Signing { secret, public })
    }

    fn verifying_key(&self) -> &Verifying {
        &self.public
    }

    fn sign(&self, message: &Message<'_>) -> Result<Signature> {
        Ok(Signature::new(&self.secret.sign(message)))
    }

    /// Without the public key as a point, which signing needs not.
    fn sign_once(material: &[u8], message: &Message<'_>) -> Result<Signature> {
        Ok(Signature::new(&secret(material)?.sign(message)))
    }
}

fn secret(material: &[u8]) -> Result<Secret> {
    material.try_into().map(Secret::new).map_err(|_| Error::Key)
}
