//! What signs with Ed25519. RFC 8032 leaves a signature no choice, so it is the same whichever of
//! two vetted cores makes it: `graviola`, whose arithmetic is s2n-bignum's, proven, constant-time
//! and twice as fast, where the processor has what it needs; `ed25519-dalek` everywhere else.

use super::context::Message;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign_byupdate};
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use graviola::signing::eddsa::Ed25519SigningKey;
use sha2::{Digest, Sha512};
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use zeroize::Zeroizing;

/// Scalar, prefix and public key (RFC 8032, section 5.1.5); wipes itself when dropped.
pub(super) enum Secret {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    Graviola(Ed25519SigningKey),
    Dalek(ExpandedSecretKey, VerifyingKey),
}

impl Secret {
    pub(super) fn new(seed: &[u8; 32]) -> Secret {
        Secret::of_graviola(seed).unwrap_or_else(|| Secret::of_dalek(seed))
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn of_graviola(seed: &[u8; 32]) -> Option<Secret> {
        let key =
            graviola::util::is_cpu_supported().then(|| Ed25519SigningKey::from_bytes(seed))?;
        Some(Secret::Graviola(key.expect("any 32 bytes are a seed")))
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn of_graviola(_: &[u8; 32]) -> Option<Secret> {
        None
    }

    fn of_dalek(seed: &[u8; 32]) -> Secret {
        let secret = ExpandedSecretKey::from(seed);
        let public = VerifyingKey::from(&secret);
        Secret::Dalek(secret, public)
    }

    pub(super) fn public(&self) -> VerifyingKey {
        match self {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            Secret::Graviola(key) => VerifyingKey::from_bytes(&key.public_key().as_bytes())
                .expect("the public key is a point"),
            Secret::Dalek(_, public) => *public,
        }
    }

    pub(super) fn sign(&self, message: &Message<'_>) -> [u8; 64] {
        match self {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            Secret::Graviola(key) => in_one_piece(message, |whole| key.sign(whole))
                .unwrap_or_else(|| Secret::of_dalek(&Zeroizing::new(key.as_seed())).sign(message)),
            Secret::Dalek(secret, public) => {
                let block = message.context.map(|context| context.block());
                let absorb = |hash: &mut Sha512| {
                    hash.update(block.as_ref().map_or(&[][..], |block| block));
                    hash.update(message.payload);
                    Ok(())
                };
                let signature = raw_sign_byupdate(secret, absorb, public);
                signature.expect("absorbing a message cannot fail").to_bytes()
            }
        }
    }
}

/// Bytes of what is put together on the stack, an order with its context among it.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const SMALL: usize = 512;

/// Bytes of what is put together at all. Beyond, hashing is nearly all of the time, in which the two
/// cores are equal, and a copy could be more than a caller has memory for.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const LARGE: usize = 128 << 10;

/// Hands on the context's block, if there is one, and the payload behind it; `None` if there is no
/// room for both.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn in_one_piece<R>(message: &Message<'_>, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
    let Some(context) = message.context else { return Some(take(message.payload)) };
    let (block, payload) = (context.block(), message.payload);
    let size = block.len() + payload.len();
    let mut small = [0; SMALL];
    let Some(whole) = small.get_mut(..size) else {
        let mut whole = Vec::new();
        (size <= LARGE && whole.try_reserve_exact(size).is_ok()).then_some(())?;
        whole.extend_from_slice(&block);
        whole.extend_from_slice(payload);
        return Some(take(&whole));
    };
    whole[..block.len()].copy_from_slice(&block);
    whole[block.len()..].copy_from_slice(payload);
    Some(take(whole))
}

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "../../tests/support/skipped.rs"]
mod skipped;

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::skipped::skipped;
    use super::*;
    use crate::signing::{Context, Suite, Usage};
    use proptest::prelude::*;

    /// Else a signature would depend on the processor.
    #[test]
    fn both_cores_sign_alike() {
        if Secret::of_graviola(&[0; 32]).is_none() {
            return skipped("both_cores_sign_alike", "this processor has only dalek's");
        }
        proptest!(|(
            seed: [u8; 32],
            payload in prop_oneof![
                9 => prop::collection::vec(any::<u8>(), 0..2 * SMALL),
                1 => prop::collection::vec(any::<u8>(), LARGE - 64..LARGE - 62),
            ],
            is_framed: bool,
        )| {
            let usage = if is_framed { Usage::Framed } else { Usage::Raw };
            let message = Message::new((Suite::Ed25519, usage), Context::Payload, &payload);
            let message = message.expect("does not look framed");
            let portable = Secret::of_dalek(&seed);
            let fast = Secret::of_graviola(&seed).expect("as a moment ago");
            prop_assert_eq!(fast.public(), portable.public());
            prop_assert_eq!(fast.sign(&message), portable.sign(&message));
        });
    }
}
