//! The composite id-MLDSA65-Ed25519-SHA512 (draft-ietf-lamps-pq-composite-sigs): both sign, and a
//! signature is valid only if both find it so.

use super::context::{Context, Message, RAW_CONTEXT_MAX};
use super::ed25519;
use super::key::{Key, Kind, Usage};
use super::ml_dsa::ml_dsa_65;
use super::suite::{Signature, SigningKey, Suite, VerifyingKey};
use crate::secret::{with_clean_room, with_room};
use crate::{Error, Result};
use sha2::{Digest, Sha512};

/// The draft's section 2.2.
const PREFIX: &[u8] = b"CompositeAlgorithmSignatures2025";

/// The draft's section 6; it is ML-DSA's context.
const LABEL: &[u8] = b"COMPSIG-MLDSA65-Ed25519-SHA512";

const HASH_SIZE: usize = 64;

type MlDsa = ml_dsa_65::Verifying;
type Ed25519 = ed25519::Verifying;

/// Bytes of what both sign, at most.
const REPRESENTATIVE_MAX: usize = PREFIX.len() + LABEL.len() + 1 + RAW_CONTEXT_MAX + HASH_SIZE;

/// Where ML-DSA's part of a public key and of a signature ends.
const PUBLIC_SPLIT: usize = size(MlDsa::PUBLIC_SIZE);
const SIGNATURE_SPLIT: usize = MlDsa::SIGNATURE_SIZE;
const PUBLIC_SIZE: usize = PUBLIC_SPLIT + size(Ed25519::PUBLIC_SIZE);
const SIGNATURE_SIZE: usize = SIGNATURE_SPLIT + Ed25519::SIGNATURE_SIZE;

const fn size(public: Option<usize>) -> usize {
    match public {
        Some(size) => size,
        None => unreachable!(),
    }
}

pub(super) struct Verifying {
    ml_dsa: MlDsa,
    ed25519: Ed25519,
    /// Both, as they are exported.
    bytes: Box<[u8; PUBLIC_SIZE]>,
}

/// Wiped by the guarded memory or the room it is in.
pub(super) struct Signing {
    ml_dsa: ml_dsa_65::Signing,
    ed25519: ed25519::Signing,
    public: Verifying,
}

/// What both halves sign, the draft's section 2.2: `Prefix || Label || len(ctx) || ctx || PH(M)`.
struct Representative {
    bytes: [u8; REPRESENTATIVE_MAX],
    size: usize,
}

impl Representative {
    fn new(message: &Message<'_>) -> Representative {
        let context = message.context_name();
        let length = [u8::try_from(context.len()).expect("contexts have at most 255 bytes")];
        let hash = Sha512::digest(message.payload);
        let mut bytes = [0; REPRESENTATIVE_MAX];
        let mut size = 0;
        for part in [PREFIX, LABEL, &length, context, &hash] {
            bytes[size..][..part.len()].copy_from_slice(part);
            size += part.len();
        }
        Representative { bytes, size }
    }

    fn for_ml_dsa(&self) -> Message<'_> {
        Message { context: Some(Context::Custom(LABEL)), payload: &self.bytes[..self.size] }
    }

    fn for_ed25519(&self) -> Message<'_> {
        Message { context: None, payload: &self.bytes[..self.size] }
    }
}

impl Verifying {
    fn of(ml_dsa: MlDsa, ed25519: Ed25519) -> Verifying {
        let mut bytes = Box::new([0; PUBLIC_SIZE]);
        let (first, second) = bytes.split_at_mut(PUBLIC_SPLIT);
        first.copy_from_slice(ml_dsa.public().unwrap_or_default());
        second.copy_from_slice(ed25519.public().unwrap_or_default());
        Verifying { ml_dsa, ed25519, bytes }
    }
}

impl VerifyingKey for Verifying {
    const SECRET_SIZE: usize = MlDsa::SECRET_SIZE + Ed25519::SECRET_SIZE;
    const PUBLIC_SIZE: Option<usize> = Some(PUBLIC_SIZE);
    const SIGNATURE_SIZE: usize = SIGNATURE_SIZE;
    const HAS_CONTEXT: bool = true;
    const SOILED_STACK: usize = 0;

    fn new(kind: Kind, material: &[u8]) -> Result<Verifying> {
        if kind == Kind::Secret {
            return with_clean_room(|| Signing::expand(material).map(|key| key.public))?;
        }
        let (ml_dsa, ed25519) = material.split_at_checked(PUBLIC_SPLIT).ok_or(Error::Key)?;
        Ok(Verifying::of(MlDsa::new(kind, ml_dsa)?, Ed25519::new(kind, ed25519)?))
    }

    fn public(&self) -> Option<&[u8]> {
        Some(&self.bytes[..])
    }

    fn id(&self, usage: Usage) -> u64 {
        Key::public_id(Suite::MlDsa65Ed25519, usage, &self.bytes[..])
    }

    /// Both are verified whatever the first says: the answer does not tell, nor its time, which
    /// half was wrong.
    fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
        if signature.len() != SIGNATURE_SIZE {
            return Err(Error::Signature);
        }
        let (ml_dsa, ed25519) = signature.split_at(SIGNATURE_SPLIT);
        with_room(|| {
            let message = Representative::new(message);
            let first = self.ml_dsa.verify(&message.for_ml_dsa(), ml_dsa);
            let second = self.ed25519.verify(&message.for_ed25519(), ed25519);
            first.and(second)
        })?
    }
}

impl SigningKey for Signing {
    type VerifyingKey = Verifying;
    const SOILED_STACK: usize = 0;

    fn expand(material: &[u8]) -> Result<Signing> {
        with_clean_room(|| {
            let (ml_dsa, ed25519) = material.split_at(MlDsa::SECRET_SIZE);
            let ml_dsa = ml_dsa_65::Signing::expand(ml_dsa)?;
            let ed25519 = ed25519::Signing::expand(ed25519)?;
            let public =
                Verifying::of(ml_dsa.verifying_key().clone(), ed25519.verifying_key().clone());
            Ok(Signing { ml_dsa, ed25519, public })
        })?
    }

    fn verifying_key(&self) -> &Verifying {
        &self.public
    }

    fn sign(&self, message: &Message<'_>) -> Result<Signature> {
        with_clean_room(|| {
            let message = Representative::new(message);
            let mut both = [0; SIGNATURE_SIZE];
            let (ml_dsa, ed25519) = both.split_at_mut(SIGNATURE_SPLIT);
            ml_dsa.copy_from_slice(&self.ml_dsa.sign(&message.for_ml_dsa())?);
            ed25519.copy_from_slice(&self.ed25519.sign(&message.for_ed25519())?);
            Ok(Signature::new(&both))
        })?
    }
}
