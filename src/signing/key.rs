//! Key bytes: `"TWK" 0x01 | suite u8 | kind u8 | usage u8 | 0 | material`, of exact length.

use super::Suite;
use super::suite::AnyVerifying;
use crate::secret::with_clean_stack;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Bytes before the material.
pub const HEADER_SIZE: usize = 8;

/// Bytes of the longest material of a raw HMAC key; the shortest is 1.
pub const RAW_HMAC_MAX: usize = 1024;

/// Which half of a key, in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Signs and verifies.
    Secret = 1,
    /// Verifies.
    Public = 2,
    /// Signs and verifies: an ML-DSA private key whose seed is not known, expanded (FIPS 204,
    /// section 4). Damage to it is seen when it is read, where it changes the public key; small
    /// damage to s2 or t0 does not, so each signature is verified before it is given away.
    Expanded = 3,
}

impl Kind {
    /// Whether keys of this kind sign, and must stay secret.
    pub const fn signs(self) -> bool {
        !matches!(self, Kind::Public)
    }
}

/// What a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Usage {
    /// Payloads and orders, each in a context.
    Framed = 1,
    /// Bare payloads, for protocols of others. Such a key signs no order.
    Raw = 2,
}

macro_rules! numbered {
    ($($name:ident { $($variant:ident, $text:literal;)* })*) => {$(
        impl $name {
            /// The number in key bytes and at the C ABI.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The value with this number.
            pub const fn from_number(number: u32) -> Option<$name> {
                $(if number == $name::$variant.number() { return Some($name::$variant); })*
                None
            }

            /// The name.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }
    )*};
}

numbered! {
    Kind { Secret, "secret"; Public, "public"; Expanded, "expanded"; }
    Usage { Framed, "framed"; Raw, "raw"; }
}

/// Key bytes taken apart. Debug shows no secret.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Key<'a> {
    pub suite: Suite,
    pub kind: Kind,
    pub usage: Usage,
    /// The bare key, as its standard has it.
    pub material: &'a [u8],
}

impl<'a> Key<'a> {
    /// Reads key bytes. [`Error::Key`] for whatever is not exactly a key: a suite this version does
    /// not know, a kind that the suite has not, an Ed25519 public key that is not a canonical point
    /// or is of small order, an expanded key that is not of the public key whose hash it holds.
    pub fn parse(bytes: &'a [u8]) -> Result<Key<'a>> {
        let key = Key::split(bytes)?;
        // Seeds are all good.
        if key.kind != Kind::Secret {
            AnyVerifying::new(&key)?;
        }
        Ok(key)
    }

    /// [`parse`](Key::parse) for those who use the key next, which looks at its material.
    pub(crate) fn split(bytes: &'a [u8]) -> Result<Key<'a>> {
        let (header, material) = bytes.split_first_chunk().ok_or(Error::Key)?;
        let [b'T', b'W', b'K', 1, suite, kind, usage, 0]: [u8; HEADER_SIZE] = *header else {
            return Err(Error::Key);
        };
        let key = Key {
            suite: Suite::from_number(suite.into()).ok_or(Error::Key)?,
            kind: Kind::from_number(kind.into()).ok_or(Error::Key)?,
            usage: Usage::from_number(usage.into()).ok_or(Error::Key)?,
            material,
        };
        key.check_length()?;
        Ok(key)
    }

    pub(super) fn check_length(&self) -> Result<()> {
        let is_valid = match (self.suite, self.kind, self.usage) {
            (Suite::HmacSha256, Kind::Secret, Usage::Raw) => {
                (1..=RAW_HMAC_MAX).contains(&self.material.len())
            }
            (suite, kind, _) => Some(self.material.len()) == suite.material_size(kind),
        };
        is_valid.then_some(()).ok_or(Error::Key)
    }

    /// The key's bytes.
    pub(super) fn to_bytes(self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER_SIZE + self.material.len()));
        bytes.extend_from_slice(&self.header());
        bytes.extend_from_slice(self.material);
        bytes
    }

    fn header(&self) -> [u8; HEADER_SIZE] {
        let (suite, kind, usage) = (self.suite as u8, self.kind as u8, self.usage as u8);
        [b'T', b'W', b'K', 1, suite, kind, usage, 0]
    }

    /// The id of a key of a suite with public keys: the first 8 bytes of SHA-256 over the public
    /// key bytes, big-endian.
    pub(super) fn public_id(suite: Suite, usage: Usage, material: &[u8]) -> u64 {
        let public = Key { suite, kind: Kind::Public, usage, material };
        let digest = Sha256::new_with_prefix(public.header()).chain_update(material).finalize();
        first_u64(&digest)
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Key");
        shown.field("suite", &self.suite).field("kind", &self.kind).field("usage", &self.usage);
        match self.kind {
            Kind::Secret | Kind::Expanded => shown.finish_non_exhaustive(),
            Kind::Public => shown.field("material", &self.material).finish(),
        }
    }
}

/// The first 8 bytes of a digest, big-endian.
pub(super) fn first_u64(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |id, &byte| id << 8 | u64::from(byte))
}

/// Key bytes from bare material.
///
/// Framed material has the suite's size; raw HMAC material 1 to [`RAW_HMAC_MAX`] bytes.
/// [`Error::KeyKind`] when the suite has no such kind of key, [`Error::Key`] for bad material.
pub fn import(
    suite: Suite,
    kind: Kind,
    usage: Usage,
    material: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    suite.material_size(kind).ok_or(Error::KeyKind)?;
    let key = Key { suite, kind, usage, material };
    // Before any copy: there need not be memory for whatever length a caller names.
    key.check_length()?;
    let bytes = key.to_bytes();
    Key::parse(&bytes)?;
    Ok(bytes)
}

/// The public key bytes of a secret or public key, of the same usage.
/// [`Error::KeyKind`] when the suite has none.
pub fn public_key(key: &[u8]) -> Result<Vec<u8>> {
    let key = Key::split(key)?;
    key.suite.material_size(Kind::Public).ok_or(Error::KeyKind)?;
    let verifying = with_clean_stack(|| AnyVerifying::new(&key))?;
    let material = verifying.public().ok_or(Error::KeyKind)?;
    Ok(Key { kind: Kind::Public, material, ..key }.to_bytes().to_vec())
}

/// The id that orders and gateways know a key by, the same for both halves.
///
/// The first 8 bytes, big-endian, of SHA-256 over the public key bytes; for HMAC of
/// HMAC-SHA256(material, `tinywindow/v1/key-id`).
pub fn key_id(key: &[u8]) -> Result<u64> {
    let key = Key::split(key)?;
    with_clean_stack(|| Ok(AnyVerifying::new(&key)?.id(key.usage)))
}
