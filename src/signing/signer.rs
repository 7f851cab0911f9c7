//! Prepared keys, and the same for a single use.

use super::context::{Context, Message};
use super::key::{HEADER_SIZE, Key, Usage};
use super::meter;
use super::suite::{AnySigning, AnyVerifying, Signature, Suite};
use crate::secret::{ForkGuard, Guarded, with_clean_stack};
use crate::{Error, Result};
use std::fmt;

/// Bytes of the shortest and the longest tag that [`verify_truncated`] takes.
const TRUNCATED_TAG: std::ops::RangeInclusive<usize> = 16..=32;

/// A secret key prepared to sign often, in guarded memory. Any number of threads may use it.
pub struct Signer {
    about: About,
    key: AnySigning,
}

/// A key prepared to verify often, in guarded memory if it must stay secret. Any number of threads
/// may use it.
pub struct Verifier {
    about: About,
    key: Held,
}

/// What a prepared key says of itself.
struct About {
    suite: Suite,
    usage: Usage,
    key_id: u64,
    /// Bytes of the key it was prepared from.
    key_size: usize,
    process: ForkGuard,
}

/// Where a verifying key is: it is as secret as the signing key when the suite has no public one.
enum Held {
    Secret(Guarded<AnyVerifying>),
    Public(Box<AnyVerifying>),
}

impl Signer {
    /// Prepares a key that signs. [`Error::KeyKind`] for a public one, [`Error::Memory`] when guarded
    /// memory cannot be had.
    pub fn new(key: &[u8]) -> Result<Signer> {
        let parsed = secret(key)?;
        let process = ForkGuard::new()?;
        let key = AnySigning::new(&parsed)?;
        let key_id = key.id(parsed.usage)?;
        Ok(Signer { about: About::new(&parsed, key_id, process), key })
    }

    /// Signs. Framed keys sign in the context; raw keys the bare payload, in the context if their
    /// standard knows any, else in none but [`Context::Payload`] ([`Error::KeyUsage`]) and not what
    /// looks framed ([`Error::Payload`]).
    pub fn sign(&self, context: Context<'_>, payload: &[u8]) -> Result<Signature> {
        meter::sign(self.about.key_size, payload.len(), || {
            self.about.process.check()?;
            let message = Message::new(self.about.signs_as(), context, payload)?;
            self.key.sign(&message)
        })
    }

    /// Bytes of a signature.
    pub fn signature_size(&self) -> usize {
        self.about.suite.signature_size()
    }
}

impl Verifier {
    /// Prepares a public or a secret key. [`Error::Memory`] when guarded memory cannot be had.
    pub fn new(key: &[u8]) -> Result<Verifier> {
        let parsed = Key::split(key)?;
        let process = ForkGuard::new()?;
        let key = match parsed.suite.public_key_size() {
            None => Held::Secret(Guarded::new(|| AnyVerifying::new(&parsed))?),
            Some(_) => Held::Public(Box::new(with_clean_stack(|| AnyVerifying::new(&parsed))?)),
        };
        let key_id = key.get()?.id(parsed.usage);
        Ok(Verifier { about: About::new(&parsed, key_id, process), key })
    }

    /// Verifies: [`Error::Signature`] unless it is this key's, of this payload in this context.
    pub fn verify(&self, context: Context<'_>, payload: &[u8], signature: &[u8]) -> Result<()> {
        meter::verify(self.about.key_size, payload.len(), signature.len(), || {
            self.about.process.check()?;
            let message = to_verify(self.about.signs_as(), context, payload)?;
            self.key.get()?.verify(&message, signature)
        })
    }
}

impl Held {
    fn get(&self) -> Result<&AnyVerifying> {
        match self {
            Held::Secret(key) => key.get(),
            Held::Public(key) => Ok(key),
        }
    }
}

impl About {
    fn new(key: &Key<'_>, key_id: u64, process: ForkGuard) -> About {
        let key_size = HEADER_SIZE + key.material.len();
        About { suite: key.suite, usage: key.usage, key_id, key_size, process }
    }

    fn signs_as(&self) -> (Suite, Usage) {
        (self.suite, self.usage)
    }

    fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("suite", &self.suite)
            .field("usage", &self.usage)
            .field("key_id", &format_args!("{:016x}", self.key_id))
            .finish_non_exhaustive()
    }
}

macro_rules! about {
    ($($name:ident),*) => {$(
        impl $name {
            /// The key's suite.
            pub fn suite(&self) -> Suite {
                self.about.suite
            }

            /// The key's usage.
            pub fn usage(&self) -> Usage {
                self.about.usage
            }

            /// See [`key_id`](super::key_id).
            pub fn key_id(&self) -> u64 {
                self.about.key_id
            }

            /// [`Error::Forked`] in a child of the process that prepared the key.
            pub(crate) fn check(&self) -> Result<()> {
                self.about.process.check()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.about.fmt(stringify!($name), f)
            }
        }
    )*};
}

about!(Signer, Verifier);

/// Signs a payload: [`sign_with_context`] in [`Context::Payload`].
pub fn sign(key: &[u8], payload: &[u8]) -> Result<Vec<u8>> {
    sign_with_context(key, Context::Payload, payload).map(|signature| signature.to_vec())
}

/// Whether the signature is this key's, of this payload: [`verify_with_context`] in
/// [`Context::Payload`]. `false` for malformed keys too.
pub fn verify(key: &[u8], payload: &[u8], signature: &[u8]) -> bool {
    verify_with_context(key, Context::Payload, payload, signature).is_ok()
}

/// [`Signer::sign`] for a single use.
pub fn sign_with_context(key: &[u8], context: Context<'_>, payload: &[u8]) -> Result<Signature> {
    meter::sign(key.len(), payload.len(), || {
        let key = secret(key)?;
        let message = Message::new((key.suite, key.usage), context, payload)?;
        with_clean_stack(|| AnySigning::sign_once(&key, &message))
    })
}

/// [`Verifier::verify`] for a single use.
pub fn verify_with_context(
    key: &[u8],
    context: Context<'_>,
    payload: &[u8],
    signature: &[u8],
) -> Result<()> {
    meter::verify(key.len(), payload.len(), signature.len(), || {
        let key = Key::split(key)?;
        let message = to_verify((key.suite, key.usage), context, payload)?;
        with_clean_stack(|| AnyVerifying::verify_once(&key, &message, signature))
    })
}

/// Verifies the first 16 to 32 bytes of an HMAC tag, for protocols that truncate it: exactly
/// `tag.len()` bytes are compared. Raw HMAC keys only: [`Error::Suite`] and [`Error::KeyUsage`] for
/// others, [`Error::Length`] for a tag of another length.
pub fn verify_truncated(key: &[u8], payload: &[u8], tag: &[u8]) -> Result<()> {
    meter::verify(key.len(), payload.len(), tag.len(), || truncated(key, payload, tag))
}

fn truncated(key: &[u8], payload: &[u8], tag: &[u8]) -> Result<()> {
    let key = Key::split(key)?;
    if key.suite != Suite::HmacSha256 {
        return Err(Error::Suite);
    }
    if key.usage != Usage::Raw {
        return Err(Error::KeyUsage);
    }
    if !TRUNCATED_TAG.contains(&tag.len()) {
        return Err(Error::Length);
    }
    let message = to_verify((key.suite, key.usage), Context::Payload, payload)?;
    with_clean_stack(|| match AnyVerifying::new(&key)? {
        AnyVerifying::HmacSha256(key) => key.verify_truncated(&message, tag),
        _ => Err(Error::Suite),
    })
}

fn secret(key: &[u8]) -> Result<Key<'_>> {
    let key = Key::split(key)?;
    if key.kind.signs() { Ok(key) } else { Err(Error::KeyKind) }
}

/// A raw payload that looks framed has no valid signature: no raw key signs it.
fn to_verify<'a>(
    signed_as: (Suite, Usage),
    context: Context<'a>,
    payload: &'a [u8],
) -> Result<Message<'a>> {
    Message::new(signed_as, context, payload).map_err(|error| match error {
        Error::Payload => Error::Signature,
        other => other,
    })
}
