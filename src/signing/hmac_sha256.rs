//! HMAC-SHA256 (RFC 2104, FIPS 198-1). One key does both: signing and verifying.

use super::context::{Context, Message};
use super::key::{Kind, Usage, first_u64};
use super::suite::{Signature, SigningKey, VerifyingKey};
use crate::secret::soiled;
use crate::{Error, Result};
use hmac::KeyInit;
use hmac::block_api::HmacCore;
use hmac::digest::Output;
use hmac::digest::array::Array;
use hmac::digest::block_api::{Buffer, FixedOutputCore, UpdateCore};
use sha2::Sha256;
use std::mem::ManuallyDrop;
use std::slice;
use subtle::ConstantTimeEq;

const KEY_ID_LABEL: &[u8] = b"tinywindow/v1/key-id";

/// The states that a tag is made with are as good as the key, and moves leave copies of them.
const SOILED_STACK: usize = soiled(1 << 10);

/// Bytes of a block of SHA-256.
const BLOCK_SIZE: usize = 64;

/// HMAC by whole blocks. All that comes before a payload is whole blocks, so none of the buffers of
/// the crate's other form, which are copied and wiped with it, is needed.
type Hmac = HmacCore<Sha256>;

type Tag = Output<Hmac>;

/// The key absorbed, alone and with each context of our own: a message in such a context costs no
/// compression for key or context. The states wipe themselves when dropped, clones too.
pub(super) struct Verifying {
    bare: Hmac,
    payload: Hmac,
    order: Hmac,
}

pub(super) type Signing = Verifying;

impl Verifying {
    fn state(&self, message: &Message<'_>) -> Hmac {
        match message.context {
            None => self.bare.clone(),
            Some(Context::Payload) => self.payload.clone(),
            Some(Context::Order) => self.order.clone(),
            Some(context) => within(&self.bare, context),
        }
    }

    fn tag(&self, message: &Message<'_>) -> Tag {
        finish(self.state(message), message.payload)
    }

    fn tag_pair(&self, messages: [&Message<'_>; 2]) -> [Tag; 2] {
        let states = messages.map(|message| self.state(message));
        finish_pair(states, messages.map(|message| message.payload))
    }

    /// In constant time, the first `tag.len()` bytes only.
    pub(super) fn verify_truncated(&self, message: &Message<'_>, tag: &[u8]) -> Result<()> {
        let expected = self.tag(message);
        compare(expected.get(..tag.len()).ok_or(Error::Signature)?, tag)
    }
}

fn keyed(material: &[u8]) -> Hmac {
    Hmac::new_from_slice(material).expect("HMAC takes keys of any length")
}

fn within(keyed: &Hmac, context: Context<'_>) -> Hmac {
    let mut state = keyed.clone();
    state.update_blocks(&[context.block().into()]);
    state
}

/// The tag, once all that comes last is absorbed. The state is not wiped: the whole stack is, by
/// whoever calls ([`SOILED_STACK`]).
fn finish(state: Hmac, last: &[u8]) -> Tag {
    let mut state = ManuallyDrop::new(state);
    let (blocks, rest) = Array::slice_as_chunks(last);
    if !blocks.is_empty() {
        state.update_blocks(blocks);
    }
    let mut tag = Tag::default();
    state.finalize_fixed_core(&mut Buffer::<Hmac>::new(rest), &mut tag);
    tag
}

/// [`finish`] of two, whose blocks are absorbed in turn while both have some: neither waits for the
/// other, so the processor works on both at once.
fn finish_pair(mut states: [Hmac; 2], lasts: [&[u8]; 2]) -> [Tag; 2] {
    let [first, second] = lasts.map(|last| Array::slice_as_chunks(last).0);
    for (first, second) in first.iter().zip(second) {
        states[0].update_blocks(slice::from_ref(first));
        states[1].update_blocks(slice::from_ref(second));
    }
    let in_turn = first.len().min(second.len()) * BLOCK_SIZE;
    let rest = lasts.map(|last| &last[in_turn..]);
    let [first, second] = states;
    [finish(first, rest[0]), finish(second, rest[1])]
}

/// Absorbs nothing but what this message needs.
fn tag_once(material: &[u8], message: &Message<'_>) -> Tag {
    let mut state = keyed(material);
    if let Some(context) = message.context {
        state.update_blocks(&[context.block().into()]);
    }
    finish(state, message.payload)
}

/// In constant time.
fn compare(expected: &[u8], tag: &[u8]) -> Result<()> {
    if expected.ct_eq(tag).into() { Ok(()) } else { Err(Error::Signature) }
}

impl VerifyingKey for Verifying {
    const SECRET_SIZE: usize = 32;
    const PUBLIC_SIZE: Option<usize> = None;
    const SIGNATURE_SIZE: usize = 32;
    const HAS_CONTEXT: bool = false;
    /// Of shorter ones the blocks that overlap save less than telling them apart costs.
    const PAIR_FROM: usize = 3 * BLOCK_SIZE;
    const SOILED_STACK: usize = SOILED_STACK;

    fn new(_: Kind, material: &[u8]) -> Result<Verifying> {
        Verifying::expand(material)
    }

    fn public(&self) -> Option<&[u8]> {
        None
    }

    fn id(&self, _: Usage) -> u64 {
        first_u64(&finish(self.bare.clone(), KEY_ID_LABEL))
    }

    fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
        compare(&self.tag(message), signature)
    }

    fn verify_pair(&self, messages: [&Message<'_>; 2], signatures: [&[u8]; 2]) -> [Result<()>; 2] {
        let expected = self.tag_pair(messages);
        [0, 1].map(|index| compare(&expected[index], signatures[index]))
    }

    fn verify_once(
        _: Kind,
        material: &[u8],
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<()> {
        compare(&tag_once(material, message), signature)
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
        Ok(Signature::new(&self.tag(message)))
    }

    fn sign_pair(&self, messages: [&Message<'_>; 2]) -> [Result<Signature>; 2] {
        self.tag_pair(messages).map(|tag| Ok(Signature::new(&tag)))
    }

    fn sign_once(material: &[u8], message: &Message<'_>) -> Result<Signature> {
        Ok(Signature::new(&tag_once(material, message)))
    }
}
