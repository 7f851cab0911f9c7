//! Domain separation: what a signature is for is part of what is signed.

use super::{Suite, Usage};
use crate::{Error, Result};

/// Bytes of the longest context: what the block leaves beside its prefix and length.
pub const CONTEXT_MAX: usize = BLOCK_SIZE - PREFIX.len() - 1;

/// Bytes of the longest context of a raw key: FIPS 204's.
pub const RAW_CONTEXT_MAX: usize = 255;

/// One SHA-256 block, so that a prepared HMAC key absorbs a context once for all.
const BLOCK_SIZE: usize = 64;

/// How every block begins; the context's length (u8) follows.
const PREFIX: &[u8] = b"TW1";

/// How this library's own contexts begin; no caller's may.
const RESERVED: &[u8] = b"tinywindow/";

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context<'a> {
    /// `tinywindow/v1/payload`: any payload of the caller's. Raw keys sign the bare payload, in the
    /// empty context if their standard knows any.
    Payload,
    /// `tinywindow/v1/order`: order frames.
    Order,
    /// The caller's own: 1 to [`CONTEXT_MAX`] bytes, not beginning with `tinywindow/`. Raw keys of
    /// ML-DSA and its composite take 0 to [`RAW_CONTEXT_MAX`] bytes as their standard's context,
    /// other raw keys none.
    Custom(&'a [u8]),
}

impl Context<'_> {
    fn name(&self) -> &[u8] {
        match self {
            Context::Payload => b"tinywindow/v1/payload",
            Context::Order => b"tinywindow/v1/order",
            Context::Custom(name) => name,
        }
    }

    /// Framed keys take 1 to [`CONTEXT_MAX`] bytes, raw ones what their standard does.
    fn check(&self, usage: Usage) -> Result<()> {
        let sizes = match usage {
            Usage::Framed => 1..=CONTEXT_MAX,
            Usage::Raw => 0..=RAW_CONTEXT_MAX,
        };
        match self {
            Context::Custom(name) if !sizes.contains(&name.len()) || name.starts_with(RESERVED) => {
                Err(Error::Context)
            }
            _ => Ok(()),
        }
    }

    /// `"TW1" | length u8 | name | zeros`: what HMAC and Ed25519 sign before the payload.
    pub(super) fn block(&self) -> [u8; BLOCK_SIZE] {
        let name = self.name();
        let mut block = [0; BLOCK_SIZE];
        block[..PREFIX.len()].copy_from_slice(PREFIX);
        block[PREFIX.len()] = name.len() as u8;
        block[PREFIX.len() + 1..][..name.len()].copy_from_slice(name);
        block
    }
}

/// What is signed: a payload in its context, checked against the key's usage.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    /// `None`: the bare payload.
    pub(super) context: Option<Context<'a>>,
    pub(super) payload: &'a [u8],
}

impl<'a> Message<'a> {
    #[inline]
    pub(super) fn new(
        (suite, usage): (Suite, Usage),
        context: Context<'a>,
        payload: &'a [u8],
    ) -> Result<Message<'a>> {
        let context = match (usage, context) {
            (Usage::Framed, context) => Some(context),
            (Usage::Raw, Context::Payload) => None,
            (Usage::Raw, Context::Custom(_)) if suite.has_context() => Some(context),
            (Usage::Raw, _) => return Err(Error::KeyUsage),
        };
        match &context {
            Some(context) => context.check(usage)?,
            None if !suite.has_context() && looks_framed(payload) => return Err(Error::Payload),
            None => {}
        }
        Ok(Message { context, payload })
    }

    /// What a standard that knows contexts takes for one.
    pub(super) fn context_name(&self) -> &[u8] {
        self.context.as_ref().map_or(&[], Context::name)
    }
}

/// Whether a bare payload could pass for one that was signed in a context of ours.
fn looks_framed(payload: &[u8]) -> bool {
    let rest = payload.strip_prefix(PREFIX).and_then(|rest| rest.get(1..));
    rest.is_some_and(|name| name.starts_with(RESERVED))
}
