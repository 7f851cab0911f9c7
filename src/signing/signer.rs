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

    /// Signs payload after payload, two at once where that is faster, and gives each signature away
    /// with its number, in their order. What cannot be read fails alone.
    pub(crate) fn sign_batch<'a>(
        &self,
        context: Context<'_>,
        payloads: impl Iterator<Item = Result<&'a [u8]>>,
        give: impl FnMut(usize, Result<Signature>),
    ) {
        let one = |payload| self.sign(context, payload);
        in_pairs(payloads, one, |two| self.sign_pair(context, two), give);
    }

    fn sign_pair(
        &self,
        context: Context<'_>,
        payloads: [&[u8]; 2],
    ) -> Option<[Result<Signature>; 2]> {
        if !self.about.suite.pairs(payloads) {
            return None;
        }
        let message = |payload| Message::new(self.about.signs_as(), context, payload);
        let [Ok(first), Ok(second)] = payloads.map(message) else { return None };
        Some(meter::sign_pair(self.about.key_size, payloads.map(<[u8]>::len), || {
            let checked = self.about.process.check();
            let signed = checked.and_then(|()| self.key.sign_pair([&first, &second]));
            signed.unwrap_or_else(|error| [Err(error), Err(error)])
        }))
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

    /// Verifies as [`Signer::sign_batch`] signs, of payloads with their signatures.
    pub(crate) fn verify_batch<'a>(
        &self,
        context: Context<'_>,
        signed: impl Iterator<Item = Result<Signed<'a>>>,
        give: impl FnMut(usize, Result<()>),
    ) {
        let one = |(payload, signature): Signed<'a>| self.verify(context, payload, signature);
        in_pairs(signed, one, |two| self.verify_pair(context, two), give);
    }

    fn verify_pair(
        &self,
        context: Context<'_>,
        signed: [Signed<'_>; 2],
    ) -> Option<[Result<()>; 2]> {
        let [payloads, signatures] = [signed.map(|of| of.0), signed.map(|of| of.1)];
        if !self.about.suite.pairs(payloads) {
            return None;
        }
        let message = |payload| to_verify(self.about.signs_as(), context, payload);
        let [Ok(first), Ok(second)] = payloads.map(message) else { return None };
        let sizes = signed.map(|(payload, signature)| (payload.len(), signature.len()));
        Some(meter::verify_pair(self.about.key_size, sizes, || {
            let key = self.about.process.check().and_then(|()| self.key.get());
            let verified = key.map(|key| key.verify_pair([&first, &second], signatures));
            verified.unwrap_or_else(|error| [Err(error), Err(error)])
        }))
    }
}

/// A payload and its signature.
type Signed<'a> = (&'a [u8], &'a [u8]);

/// Does one thing after the other, but `two` at once wherever it takes them.
fn in_pairs<I: Copy, R>(
    mut items: impl Iterator<Item = Result<I>>,
    one: impl Fn(I) -> Result<R>,
    two: impl Fn([I; 2]) -> Option<[Result<R>; 2]>,
    mut give: impl FnMut(usize, Result<R>),
) {
    let (mut index, mut next) = (0, items.next());
    while let Some(first) = next {
        next = items.next();
        let pair = match (first, next) {
            (Ok(first), Some(Ok(second))) => two([first, second]),
            _ => None,
        };
        if let Some([first, second]) = pair {
            give(index, first);
            give(index + 1, second);
            (index, next) = (index + 2, items.next());
        } else {
            give(index, first.and_then(&one));
            index += 1;
        }
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

/// [`sign_with_context`] of a payload of this size that has the key's id in it.
pub(crate) fn sign_named<'a>(
    key: &[u8],
    context: Context<'a>,
    payload_size: usize,
    payload: impl FnOnce(u64) -> Result<&'a [u8]>,
) -> Result<Signature> {
    meter::sign(key.len(), payload_size, || {
        let key = secret(key)?;
        let signed_as = (key.suite, key.usage);
        let message = |key_id| Message::new(signed_as, context, payload(key_id)?);
        AnySigning::sign_once_named(&key, message)
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
