//! The table of suites. A new suite is a file that implements [`VerifyingKey`] and [`SigningKey`],
//! and a row here.

use super::context::Message;
use super::key::{Key, Kind, Usage};
use super::ml_dsa::{ml_dsa_44, ml_dsa_65, ml_dsa_87};
use super::{HEADER_SIZE, ed25519, hmac_sha256, mldsa65_ed25519};
use crate::Result;
use crate::secret::{Guarded, with_clean_stack_of, with_room_for};
use std::ffi::CStr;
use std::fmt;
use std::ops::Deref;

/// A prepared key that verifies.
pub(super) trait VerifyingKey: Sized + Send + Sync {
    /// Bytes of bare secret material; raw HMAC keys may differ.
    const SECRET_SIZE: usize;
    /// Bytes of bare public material; `None` when the suite has no public key.
    const PUBLIC_SIZE: Option<usize>;
    /// Bytes of a private key that came expanded; `None` when its seed is the only form.
    const EXPANDED_SIZE: Option<usize> = None;
    const SIGNATURE_SIZE: usize;
    /// Whether the standard knows contexts; the others sign a block of ours before the payload.
    const HAS_CONTEXT: bool;
    /// Bytes of each of two messages from which signing or verifying both at once is faster; none has
    /// so many where it never is.
    const PAIR_FROM: usize = usize::MAX;
    /// Bytes of stack that verifying soils with secrets, through `soiled`; 0 when there are none.
    const SOILED_STACK: usize;

    /// From material of valid length; [`Error::Key`] for a public key that is not a good one.
    fn new(kind: Kind, material: &[u8]) -> Result<Self>;

    /// The bare public material; `None` when the suite has no public key.
    fn public(&self) -> Option<&[u8]>;

    /// See [`key_id`](super::key_id).
    fn id(&self, usage: Usage) -> u64;

    /// [`Error::Signature`] for one of another size too.
    fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()>;

    /// [`verify`](Self::verify) of two, for suites that have a faster way.
    fn verify_pair(&self, messages: [&Message<'_>; 2], signatures: [&[u8]; 2]) -> [Result<()>; 2] {
        [0, 1].map(|index| self.verify(messages[index], signatures[index]))
    }

    /// [`new`](Self::new) and [`verify`](Self::verify), for who does not come again.
    fn verify_once(
        kind: Kind,
        material: &[u8],
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<()> {
        Self::new(kind, material)?.verify(message, signature)
    }
}

/// A prepared key that signs, and knows its other half.
pub(super) trait SigningKey: Sized + Send + Sync {
    type VerifyingKey: VerifyingKey;
    /// Bytes of stack that signing soils with secrets, through `soiled`.
    const SOILED_STACK: usize;

    /// From secret material of valid length.
    fn expand(material: &[u8]) -> Result<Self>;

    fn verifying_key(&self) -> &Self::VerifyingKey;

    fn sign(&self, message: &Message<'_>) -> Result<Signature>;

    /// [`sign`](Self::sign) of two, for suites that have a faster way.
    fn sign_pair(&self, messages: [&Message<'_>; 2]) -> [Result<Signature>; 2] {
        messages.map(|message| self.sign(message))
    }

    /// [`expand`](Self::expand) and [`sign`](Self::sign), for who does not come again.
    fn sign_once(material: &[u8], message: &Message<'_>) -> Result<Signature> {
        with_room_for::<Self, _>(|| Self::expand(material)?.sign(message))
    }

    /// The same of a message that has the key's id in it.
    fn sign_once_named<'a>(
        material: &[u8],
        usage: Usage,
        message: impl FnOnce(u64) -> Result<Message<'a>>,
    ) -> Result<Signature> {
        with_room_for::<Self, _>(|| {
            let key = Self::expand(material)?;
            key.sign(&message(key.verifying_key().id(usage))?)
        })
    }
}

macro_rules! suites {
    ($($(#[$doc:meta])* $suite:ident = $number:literal, $name:literal, $module:ident;)*) => {
        /// A signature scheme.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Suite { $($(#[$doc])* $suite = $number,)* }

        impl Suite {
            /// Every suite, in the order of its number.
            pub const ALL: &[Suite] = &[$(Suite::$suite,)*];

            /// The suite with this number.
            pub const fn from_number(number: u32) -> Option<Suite> {
                match number { $($number => Some(Suite::$suite),)* _ => None }
            }

            /// The name, NUL-terminated for the C ABI.
            pub const fn c_name(self) -> &'static CStr {
                match self { $(Suite::$suite => $name,)* }
            }

            /// Bytes of bare secret material.
            pub(super) const fn secret_size(self) -> usize {
                match self { $(Suite::$suite => $module::Verifying::SECRET_SIZE,)* }
            }

            /// Bytes of bare public material; `None` when there is no public key.
            const fn public_size(self) -> Option<usize> {
                match self { $(Suite::$suite => $module::Verifying::PUBLIC_SIZE,)* }
            }

            const fn expanded_size(self) -> Option<usize> {
                match self { $(Suite::$suite => $module::Verifying::EXPANDED_SIZE,)* }
            }

            /// Whether the standard knows contexts.
            pub(super) const fn has_context(self) -> bool {
                match self { $(Suite::$suite => $module::Verifying::HAS_CONTEXT,)* }
            }

            /// Whether two messages are faster done at once.
            pub(super) fn pairs(self, payloads: [&[u8]; 2]) -> bool {
                let from = match self { $(Suite::$suite => $module::Verifying::PAIR_FROM,)* };
                payloads.iter().all(|payload| payload.len() >= from)
            }

            /// Bytes of a signature.
            pub const fn signature_size(self) -> usize {
                match self { $(Suite::$suite => $module::Verifying::SIGNATURE_SIZE,)* }
            }
        }

        /// A prepared verifying key of any suite.
        #[allow(clippy::large_enum_variant, reason = "lives in pages of its own, or for one call")]
        pub(super) enum AnyVerifying { $($suite($module::Verifying),)* }

        impl AnyVerifying {
            pub(super) fn new(key: &Key<'_>) -> Result<AnyVerifying> {
                Ok(match key.suite {
                    $(Suite::$suite => {
                        AnyVerifying::$suite($module::Verifying::new(key.kind, key.material)?)
                    })*
                })
            }

            pub(super) fn public(&self) -> Option<&[u8]> {
                match self { $(AnyVerifying::$suite(key) => key.public(),)* }
            }

            pub(super) fn id(&self, usage: Usage) -> u64 {
                match self {
                    $(AnyVerifying::$suite(key) => {
                        const SOILED: usize = <$module::Verifying as VerifyingKey>::SOILED_STACK;
                        with_clean_stack_of::<SOILED, _>(|| key.id(usage))
                    })*
                }
            }

            pub(super) fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
                match self {
                    $(AnyVerifying::$suite(key) => {
                        const SOILED: usize = <$module::Verifying as VerifyingKey>::SOILED_STACK;
                        with_clean_stack_of::<SOILED, _>(|| key.verify(message, signature))
                    })*
                }
            }

            pub(super) fn verify_pair(
                &self,
                messages: [&Message<'_>; 2],
                signatures: [&[u8]; 2],
            ) -> [Result<()>; 2] {
                match self {
                    $(AnyVerifying::$suite(key) => {
                        const SOILED: usize = <$module::Verifying as VerifyingKey>::SOILED_STACK;
                        with_clean_stack_of::<SOILED, _>(|| key.verify_pair(messages, signatures))
                    })*
                }
            }

            pub(super) fn verify_once(
                key: &Key<'_>,
                message: &Message<'_>,
                signature: &[u8],
            ) -> Result<()> {
                let (kind, material) = (key.kind, key.material);
                match key.suite {
                    $(Suite::$suite => {
                        $module::Verifying::verify_once(kind, material, message, signature)
                    })*
                }
            }
        }

        /// A prepared signing key of any suite, in pages of its own.
        pub(super) enum AnySigning { $($suite(Guarded<$module::Signing>),)* }

        impl AnySigning {
            /// From a key that signs.
            pub(super) fn new(key: &Key<'_>) -> Result<AnySigning> {
                Ok(match key.suite {
                    $(Suite::$suite => {
                        AnySigning::$suite(Guarded::new(|| $module::Signing::expand(key.material))?)
                    })*
                })
            }

            pub(super) fn id(&self, usage: Usage) -> Result<u64> {
                match self {
                    $(AnySigning::$suite(key) => {
                        const SOILED: usize = <$module::Signing as SigningKey>::SOILED_STACK;
                        let key = key.get()?.verifying_key();
                        Ok(with_clean_stack_of::<SOILED, _>(|| key.id(usage)))
                    })*
                }
            }

            pub(super) fn sign(&self, message: &Message<'_>) -> Result<Signature> {
                match self {
                    $(AnySigning::$suite(key) => {
                        const SOILED: usize = <$module::Signing as SigningKey>::SOILED_STACK;
                        let key = key.get()?;
                        with_clean_stack_of::<SOILED, _>(|| key.sign(message))
                    })*
                }
            }

            pub(super) fn sign_pair(
                &self,
                messages: [&Message<'_>; 2],
            ) -> Result<[Result<Signature>; 2]> {
                match self {
                    $(AnySigning::$suite(key) => {
                        const SOILED: usize = <$module::Signing as SigningKey>::SOILED_STACK;
                        let key = key.get()?;
                        Ok(with_clean_stack_of::<SOILED, _>(|| key.sign_pair(messages)))
                    })*
                }
            }

            pub(super) fn sign_once(
                key: &Key<'_>,
                message: &Message<'_>,
            ) -> Result<Signature> {
                match key.suite {
                    $(Suite::$suite => $module::Signing::sign_once(key.material, message),)*
                }
            }

            pub(super) fn sign_once_named<'a>(
                key: &Key<'_>,
                message: impl FnOnce(u64) -> Result<Message<'a>>,
            ) -> Result<Signature> {
                match key.suite {
                    $(Suite::$suite => {
                        $module::Signing::sign_once_named(key.material, key.usage, message)
                    })*
                }
            }
        }
    };
}

suites! {
    /// RFC 2104, FIPS 198-1: one secret shared by both sides. Keys and signatures of 32 bytes.
    HmacSha256 = 1, c"hmac-sha256", hmac_sha256;
    /// RFC 8032, verified strictly. Keys of 32 bytes, signatures of 64.
    Ed25519 = 2, c"ed25519", ed25519;
    /// FIPS 204, deterministic, category 2. Public keys of 1312 bytes, signatures of 2420.
    MlDsa44 = 3, c"ml-dsa-44", ml_dsa_44;
    /// FIPS 204, deterministic, category 3. Public keys of 1952 bytes, signatures of 3309.
    MlDsa65 = 4, c"ml-dsa-65", ml_dsa_65;
    /// FIPS 204, deterministic, category 5. Public keys of 2592 bytes, signatures of 4627.
    MlDsa87 = 5, c"ml-dsa-87", ml_dsa_87;
    /// id-MLDSA65-Ed25519-SHA512 of draft-ietf-lamps-pq-composite-sigs: ML-DSA-65 and Ed25519, of
    /// which both must be broken. Public keys of 1984 bytes, signatures of 3373.
    MlDsa65Ed25519 = 6, c"mldsa65-ed25519", mldsa65_ed25519;
}

impl Suite {
    /// The number in key bytes and at the C ABI.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        match self.c_name().to_str() {
            Ok(name) => name,
            Err(_) => unreachable!(),
        }
    }

    /// The suite with this name.
    pub fn from_name(name: &str) -> Option<Suite> {
        Suite::ALL.iter().copied().find(|suite| suite.name() == name)
    }

    /// Bytes of bare material of this kind; `None` when the suite has no such key.
    pub(super) const fn material_size(self, kind: Kind) -> Option<usize> {
        match kind {
            Kind::Secret => Some(self.secret_size()),
            Kind::Public => self.public_size(),
            Kind::Expanded => self.expanded_size(),
        }
    }

    /// Bytes of a secret key, its header included. Raw HMAC keys may be shorter or longer.
    pub const fn secret_key_size(self) -> usize {
        HEADER_SIZE + self.secret_size()
    }

    /// Bytes of a public key, its header included; `None` when the suite has no public key.
    pub const fn public_key_size(self) -> Option<usize> {
        key_size(self.public_size())
    }

    /// Bytes of an expanded private key, its header included; `None` when seeds are the only form.
    pub const fn expanded_key_size(self) -> Option<usize> {
        key_size(self.expanded_size())
    }
}

const fn key_size(material: Option<usize>) -> Option<usize> {
    match material {
        Some(size) => Some(HEADER_SIZE + size),
        None => None,
    }
}

/// A signature of any suite; short ones are not on the heap.
#[derive(Clone)]
pub struct Signature(Bytes);

/// Bytes of the longest signature that is short: Ed25519's.
const SHORT: usize = 64;

/// The size is a word, so that the bytes are whole words too: a move that reads across two writes
/// just made waits for both, and a signature is moved several times.
#[derive(Clone)]
enum Bytes {
    Short { size: usize, bytes: [u8; SHORT] },
    Long(Box<[u8]>),
}

impl Signature {
    pub(super) fn new(signature: &[u8]) -> Signature {
        if signature.len() > SHORT {
            return Signature(Bytes::Long(signature.into()));
        }
        let mut bytes = [0; SHORT];
        bytes[..signature.len()].copy_from_slice(signature);
        Signature(Bytes::Short { size: signature.len(), bytes })
    }
}

impl Deref for Signature {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Short { size, bytes } => &bytes[..*size],
            Bytes::Long(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(")?;
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
