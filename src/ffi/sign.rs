//! Sign and verify with key bytes: the same code as prepared keys, behind a throw-away one.

use super::boundary::{Output, guard, input};
use super::tw_status;
use crate::error::Result;
use crate::signing::{self, Context, Key};

/// Signs a payload. Framed keys sign in the context "tinywindow/v1/payload", raw keys the bare
/// payload, in the empty context if their standard knows contexts. Deterministic: same key, same
/// payload, same signature.
///
/// sig: receives tw_signature_size(suite) bytes; TW_SIGNATURE_MAX is always enough; (NULL, 0) asks
/// for the size. It may overlap the inputs.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_KIND for a public key;
/// TW_ERR_PAYLOAD for a raw key of HMAC or Ed25519 and a payload that begins like a framed one;
/// TW_ERR_BUFFER; TW_ERR_MEMORY when there is no stack for ML-DSA.
/// Ownership: nothing is kept. Threads: any. Cost: prepares the key each time, linear in
/// payload_len; who signs often prepares once (tw_signer_new). Since 0.1.
///
/// # Safety
/// key and payload are readable for their lengths, sig is writable for sig_cap bytes, sig_len is
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_sign(
    key: *const u8,
    key_len: usize,
    payload: *const u8,
    payload_len: usize,
    sig: *mut u8,
    sig_cap: usize,
    sig_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about sig and sig_len.
        let output = unsafe { Output::new(sig, sig_cap, sig_len) }?;
        // SAFETY: the caller's promise about key and payload.
        let (key, payload) = unsafe { (input(key, key_len)?, input(payload, payload_len)?) };
        sign(key, Context::Payload, payload, &output)
    })
}

/// Verifies a signature made by tw_sign.
///
/// key: secret or public key bytes.
/// Returns TW_OK when valid; TW_ERR_SIGNATURE when not, a signature of another length included;
/// TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY as tw_sign.
/// Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
///
/// # Safety
/// key, payload and sig are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verify(
    key: *const u8,
    key_len: usize,
    payload: *const u8,
    payload_len: usize,
    sig: *const u8,
    sig_len: usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key, payload and sig.
        let (key, payload, sig) =
            unsafe { (input(key, key_len)?, input(payload, payload_len)?, input(sig, sig_len)?) };
        signing::verify_with_context(key, Context::Payload, payload, sig)
    })
}

/// Signs a payload in a context of the caller's own: worthless in every other context.
///
/// context: 1 to TW_CONTEXT_MAX bytes, not beginning with "tinywindow/"; of raw keys of ML-DSA and
/// its composite 0 to TW_RAW_CONTEXT_MAX bytes, the context of the standard. sig: as in tw_sign.
/// Returns as tw_sign; TW_ERR_KEY_USAGE for other raw keys, which know no contexts; TW_ERR_CONTEXT.
/// Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
///
/// # Safety
/// key, context and payload are readable for their lengths, sig is writable for sig_cap bytes,
/// sig_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_sign_with_context(
    key: *const u8,
    key_len: usize,
    context: *const u8,
    context_len: usize,
    payload: *const u8,
    payload_len: usize,
    sig: *mut u8,
    sig_cap: usize,
    sig_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about sig and sig_len.
        let output = unsafe { Output::new(sig, sig_cap, sig_len) }?;
        // SAFETY: the caller's promise about key, context and payload.
        let (key, context, payload) = unsafe {
            (input(key, key_len)?, input(context, context_len)?, input(payload, payload_len)?)
        };
        sign(key, Context::Custom(context), payload, &output)
    })
}

/// Verifies a signature made by tw_sign_with_context in the same context.
///
/// key: secret or public key bytes. context: as in tw_sign_with_context.
/// Returns as tw_verify; TW_ERR_KEY_USAGE and TW_ERR_CONTEXT as tw_sign_with_context.
/// Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
///
/// # Safety
/// key, context, payload and sig are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verify_with_context(
    key: *const u8,
    key_len: usize,
    context: *const u8,
    context_len: usize,
    payload: *const u8,
    payload_len: usize,
    sig: *const u8,
    sig_len: usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and context.
        let (key, context) = unsafe { (input(key, key_len)?, input(context, context_len)?) };
        // SAFETY: the caller's promise about payload and sig.
        let (payload, sig) = unsafe { (input(payload, payload_len)?, input(sig, sig_len)?) };
        signing::verify_with_context(key, Context::Custom(context), payload, sig)
    })
}

/// Verifies the first bytes of an HMAC tag, for protocols that truncate it: exactly tag_len bytes
/// are compared. Raw HMAC keys only.
///
/// tag: 16 to 32 bytes.
/// Returns TW_OK when valid; TW_ERR_SIGNATURE when not; TW_ERR_NULL; TW_ERR_LENGTH for a tag of
/// another length; TW_ERR_KEY; TW_ERR_SUITE and TW_ERR_KEY_USAGE for other keys.
/// Ownership: nothing is kept. Threads: any. Cost: linear in payload_len. Since 0.1.
///
/// # Safety
/// key, payload and tag are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verify_truncated(
    key: *const u8,
    key_len: usize,
    payload: *const u8,
    payload_len: usize,
    tag: *const u8,
    tag_len: usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key, payload and tag.
        let (key, payload, tag) =
            unsafe { (input(key, key_len)?, input(payload, payload_len)?, input(tag, tag_len)?) };
        signing::verify_truncated(key, payload, tag)
    })
}

/// Signs only when there is room for the signature, and answers a size query without signing.
fn sign(key: &[u8], context: Context<'_>, payload: &[u8], output: &Output<u8>) -> Result<()> {
    let size = Key::split(key)?.suite.signature_size();
    if let Some(room) = output.room(size)? {
        room.fill(&signing::sign_with_context(key, context, payload)?);
    }
    Ok(())
}
