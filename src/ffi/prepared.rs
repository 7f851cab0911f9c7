//! Sign and verify with prepared keys.

use super::boundary::{Handle, Output, give, guard, input, overlap, put, take_back};
use super::{TW_OK, tw_status};
use crate::error::{Error, Result};
use crate::signing::{Context, Signer, Verifier};

/// A secret key prepared to sign often, in guarded memory. Any number of threads may use one.
/// Made by tw_signer_new, ended by tw_signer_free.
#[derive(Debug)]
pub struct tw_signer(Handle<Signer>);

/// A key prepared to verify often. Any number of threads may use one.
/// Made by tw_verifier_new, ended by tw_verifier_free.
#[derive(Debug)]
pub struct tw_verifier(Handle<Verifier>);

/// Bytes of the caller's: data may be NULL only if len is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_bytes {
    pub data: *const u8,
    pub len: usize,
}

/// Prepares a secret key.
///
/// key: secret key bytes; not needed any more when this returns. *signer is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_KIND for a public key;
/// TW_ERR_MEMORY.
/// Ownership: the caller frees the signer. Threads: any. Cost: a few system calls. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, signer is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_new(
    key: *const u8,
    key_len: usize,
    signer: *mut *mut tw_signer,
) -> tw_status {
    // SAFETY: the caller's promise about signer and key.
    unsafe { give(signer, || Ok(tw_signer(Handle::new(Signer::new(input(key, key_len)?)?)))) }
}

/// Wipes and frees a signer. NULL is fine.
///
/// Returns nothing. Threads: when no other uses the signer any more. Cost: a few system calls.
/// Since 0.1.
///
/// # Safety
/// signer is NULL or from tw_signer_new, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_free(signer: *mut tw_signer) {
    // SAFETY: the caller's promise is passed on.
    unsafe { take_back(signer) };
}

/// The id of the signer's key, as tw_key_id.
///
/// *key_id is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// signer is NULL or live, key_id is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_key_id(signer: *const tw_signer, key_id: *mut u64) -> tw_status {
    // SAFETY: the caller's promise about signer and key_id.
    unsafe { with_signer(signer, |signer| put(key_id, signer.key_id())) }
}

/// Signs a payload, as tw_sign.
///
/// sig: receives the signature; (NULL, 0) asks for its size. It may overlap the payload.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY for an expanded key whose damage shows only
/// now; TW_ERR_PAYLOAD; TW_ERR_BUFFER; TW_ERR_FORKED; TW_ERR_MEMORY as tw_sign; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: linear in payload_len; no
/// allocation but one by ML-DSA, of the signature's size, and one by framed Ed25519 keys, of the
/// payload's, if that is more than 448 bytes and less than 128 KiB. Since 0.1.
///
/// # Safety
/// signer is NULL or live, payload is readable for payload_len bytes, sig is writable for sig_cap
/// bytes, sig_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_sign(
    signer: *const tw_signer,
    payload: *const u8,
    payload_len: usize,
    sig: *mut u8,
    sig_cap: usize,
    sig_len: *mut usize,
) -> tw_status {
    let body = |signer: &Signer| {
        // SAFETY: the caller's promise about sig and sig_len.
        let output = unsafe { Output::new(sig, sig_cap, sig_len) }?;
        // SAFETY: the caller's promise about payload.
        sign(signer, Context::Payload, unsafe { input(payload, payload_len) }?, &output)
    };
    // SAFETY: the caller's promise about signer.
    unsafe { with_signer(signer, body) }
}

/// Signs a payload in a context of the caller's own, as tw_sign_with_context.
///
/// context: as tw_sign_with_context. sig: as tw_signer_sign.
/// Returns as tw_signer_sign; TW_ERR_KEY_USAGE and TW_ERR_CONTEXT as tw_sign_with_context.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: as tw_signer_sign and one hash
/// block more. Since 0.1.
///
/// # Safety
/// signer is NULL or live, context and payload are readable for their lengths, sig is writable for
/// sig_cap bytes, sig_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_sign_with_context(
    signer: *const tw_signer,
    context: *const u8,
    context_len: usize,
    payload: *const u8,
    payload_len: usize,
    sig: *mut u8,
    sig_cap: usize,
    sig_len: *mut usize,
) -> tw_status {
    let body = |signer: &Signer| {
        // SAFETY: the caller's promise about sig and sig_len.
        let output = unsafe { Output::new(sig, sig_cap, sig_len) }?;
        // SAFETY: the caller's promise about context and payload.
        let (context, payload) =
            unsafe { (input(context, context_len)?, input(payload, payload_len)?) };
        sign(signer, Context::Custom(context), payload, &output)
    };
    // SAFETY: the caller's promise about signer.
    unsafe { with_signer(signer, body) }
}

/// Signs many payloads. One bad item spoils no other.
///
/// payloads, results: count each. sigs: receives the signatures side by side, each of the suite's
/// size; that of a failed item is zeros; (NULL, 0) asks for the size of all, with nothing signed
/// and results untouched, though not NULL. results receives the status of each item. sigs, results
/// and *sigs_len must overlap neither each other nor any input.
/// Returns TW_OK when every item is; else the status of the first that is not, or, with nothing
/// done: TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for overlapping memory; TW_ERR_BUFFER;
/// TW_ERR_FORKED. After TW_ERR_INTERNAL use nothing that was written.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: at most the sum of the
/// items. Since 0.1.
///
/// # Safety
/// signer is NULL or live; payloads is readable for count items and each of these for its length;
/// sigs is writable for sigs_cap bytes, results for count statuses, sigs_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_sign_batch(
    signer: *const tw_signer,
    payloads: *const tw_bytes,
    count: usize,
    sigs: *mut u8,
    sigs_cap: usize,
    sigs_len: *mut usize,
    results: *mut tw_status,
) -> tw_status {
    let body = |signer: &Signer| {
        // SAFETY: the caller's promise about sigs and sigs_len.
        let output = unsafe { Output::new(sigs, sigs_cap, sigs_len) }?;
        let size = signer.signature_size();
        let total = count.checked_mul(size).ok_or(Error::Length)?;
        // SAFETY: the caller's promise about payloads and results.
        unsafe {
            check_items(payloads, count)?;
            check_results(results, count, &[(payloads, count)])?;
        }
        let out = (sigs.cast_const(), total);
        let mixed = overlap(out.0, out.1, payloads, count)
            || overlap(out.0, out.1, results, count)
            // SAFETY: `check_items` saw that the items are there.
            || (0..count).any(|i| unsafe { overlaps_item(out, payloads.add(i)) });
        if !sigs.is_null() && mixed {
            return Err(Error::Argument);
        }
        let Some(room) = output.room(total)? else { return Ok(()) };
        // SAFETY: within count; the caller's promise about each payload.
        let items = (0..count).map(|index| unsafe { item(payloads, index) });
        let mut outcome = Ok(());
        signer.sign_batch(Context::Payload, items, |index, signature| {
            room.fill_part(index, size, signature.as_deref().ok());
            // SAFETY: within count; writable by the caller's promise.
            unsafe { results.add(index).write_unaligned(status(&signature)) };
            outcome = outcome.and(signature.map(drop));
        });
        room.done();
        outcome
    };
    // SAFETY: the caller's promise about signer.
    unsafe { with_signer(signer, body) }
}

/// Prepares a key to verify with.
///
/// key: public or secret key bytes; not needed any more when this returns. *verifier is written on
/// success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY.
/// Ownership: the caller frees the verifier. Threads: any. Cost: a few system calls. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, verifier is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verifier_new(
    key: *const u8,
    key_len: usize,
    verifier: *mut *mut tw_verifier,
) -> tw_status {
    // SAFETY: the caller's promise about verifier and key.
    unsafe { give(verifier, || Ok(tw_verifier(Handle::new(Verifier::new(input(key, key_len)?)?)))) }
}

/// Wipes and frees a verifier. NULL is fine.
///
/// Returns nothing. Threads: when no other uses the verifier any more. Cost: a few system calls.
/// Since 0.1.
///
/// # Safety
/// verifier is NULL or from tw_verifier_new, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verifier_free(verifier: *mut tw_verifier) {
    // SAFETY: the caller's promise is passed on.
    unsafe { take_back(verifier) };
}

/// The id of the verifier's key, as tw_key_id.
///
/// *key_id is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// verifier is NULL or live, key_id is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verifier_key_id(
    verifier: *const tw_verifier,
    key_id: *mut u64,
) -> tw_status {
    // SAFETY: the caller's promise about verifier and key_id.
    unsafe { with_verifier(verifier, |verifier| put(key_id, verifier.key_id())) }
}

/// Verifies a signature of a payload, as tw_verify.
///
/// Returns TW_OK when valid; TW_ERR_SIGNATURE when not; TW_ERR_NULL; TW_ERR_LENGTH;
/// TW_ERR_FORKED; TW_ERR_MEMORY as tw_sign; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: as tw_signer_sign. Since 0.1.
///
/// # Safety
/// verifier is NULL or live, payload and sig are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verifier_verify(
    verifier: *const tw_verifier,
    payload: *const u8,
    payload_len: usize,
    sig: *const u8,
    sig_len: usize,
) -> tw_status {
    let body = |verifier: &Verifier| {
        // SAFETY: the caller's promise about payload and sig.
        let (payload, sig) = unsafe { (input(payload, payload_len)?, input(sig, sig_len)?) };
        verifier.verify(Context::Payload, payload, sig)
    };
    // SAFETY: the caller's promise about verifier.
    unsafe { with_verifier(verifier, body) }
}

/// Verifies a signature made in a context of the caller's own, as tw_verify_with_context.
///
/// Returns as tw_verifier_verify; TW_ERR_KEY_USAGE and TW_ERR_CONTEXT as tw_sign_with_context.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: as
/// tw_signer_sign_with_context. Since 0.1.
///
/// # Safety
/// verifier is NULL or live, context, payload and sig are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verifier_verify_with_context(
    verifier: *const tw_verifier,
    context: *const u8,
    context_len: usize,
    payload: *const u8,
    payload_len: usize,
    sig: *const u8,
    sig_len: usize,
) -> tw_status {
    let body = |verifier: &Verifier| {
        // SAFETY: the caller's promise about context, payload and sig.
        let (context, payload, sig) = unsafe {
            (input(context, context_len)?, input(payload, payload_len)?, input(sig, sig_len)?)
        };
        verifier.verify(Context::Custom(context), payload, sig)
    };
    // SAFETY: the caller's promise about verifier.
    unsafe { with_verifier(verifier, body) }
}

/// Verifies many signatures. One bad item spoils no other.
///
/// payloads, sigs, results: count each. results receives the status of each item: TW_OK when
/// valid. It must not overlap the inputs.
/// Returns TW_OK when every signature is valid; else the status of the first that is not, or, with
/// nothing done: TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for overlapping memory;
/// TW_ERR_FORKED. After TW_ERR_INTERNAL use nothing that was written.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: at most the sum of the
/// items. Since 0.1.
///
/// # Safety
/// verifier is NULL or live; payloads and sigs are readable for count items and each of these for
/// its length; results is writable for count statuses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_verifier_verify_batch(
    verifier: *const tw_verifier,
    payloads: *const tw_bytes,
    sigs: *const tw_bytes,
    count: usize,
    results: *mut tw_status,
) -> tw_status {
    let body = |verifier: &Verifier| {
        // SAFETY: the caller's promise about payloads, sigs and results.
        unsafe {
            check_items(payloads, count)?;
            check_items(sigs, count)?;
            check_results(results, count, &[(payloads, count), (sigs, count)])?;
        }
        let items = (0..count).map(|index| {
            // SAFETY: within count; the caller's promise about each payload and signature.
            unsafe { item(payloads, index).and_then(|payload| Ok((payload, item(sigs, index)?))) }
        });
        let mut outcome = Ok(());
        verifier.verify_batch(Context::Payload, items, |index, verdict| {
            // SAFETY: within count; writable by the caller's promise.
            unsafe { results.add(index).write_unaligned(status(&verdict)) };
            outcome = outcome.and(verdict);
        });
        outcome
    };
    // SAFETY: the caller's promise about verifier.
    unsafe { with_verifier(verifier, body) }
}

/// # Safety
/// signer is NULL or live.
pub(super) unsafe fn with_signer(
    signer: *const tw_signer,
    body: impl FnOnce(&Signer) -> Result<()>,
) -> tw_status {
    // SAFETY: the caller's promise is passed on.
    match unsafe { signer.as_ref() } {
        Some(signer) => signer.0.call(|signer| signer.check().and_then(|()| body(signer))),
        None => guard(|| Err(Error::Null)),
    }
}

/// # Safety
/// verifier is NULL or live.
unsafe fn with_verifier(
    verifier: *const tw_verifier,
    body: impl FnOnce(&Verifier) -> Result<()>,
) -> tw_status {
    // SAFETY: the caller's promise is passed on.
    match unsafe { verifier.as_ref() } {
        Some(verifier) => {
            verifier.0.call(|verifier| verifier.check().and_then(|()| body(verifier)))
        }
        None => guard(|| Err(Error::Null)),
    }
}

fn sign(signer: &Signer, context: Context<'_>, payload: &[u8], output: &Output<u8>) -> Result<()> {
    if let Some(room) = output.room(signer.signature_size())? {
        room.fill(&signer.sign(context, payload)?);
    }
    Ok(())
}

fn status<T>(result: &Result<T>) -> tw_status {
    result.as_ref().map_or_else(|error| error.number() as tw_status, |_| TW_OK)
}

/// Whether an array of items can be read, and each item as far as its pointer and length tell.
///
/// # Safety
/// items is NULL or readable for count items.
unsafe fn check_items(items: *const tw_bytes, count: usize) -> Result<()> {
    if items.is_null() && count > 0 {
        return Err(Error::Null);
    }
    let bytes = count.checked_mul(size_of::<tw_bytes>());
    let fits = bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok());
    fits.then_some(()).ok_or(Error::Length)
}

/// Whether results can be written without touching what is still to be read.
///
/// # Safety
/// Each array is readable for its count of items.
unsafe fn check_results(
    results: *mut tw_status,
    count: usize,
    inputs: &[(*const tw_bytes, usize)],
) -> Result<()> {
    if results.is_null() && count > 0 {
        return Err(Error::Null);
    }
    let out = (results.cast::<u8>().cast_const(), count * size_of::<tw_status>());
    let mixed = inputs.iter().any(|&(items, items_count)| {
        overlap(out.0, out.1, items, items_count)
            // SAFETY: within the array; readable by the caller's promise.
            || (0..items_count).any(|i| unsafe { overlaps_item(out, items.add(i)) })
    });
    if mixed { Err(Error::Argument) } else { Ok(()) }
}

/// # Safety
/// item is readable.
unsafe fn overlaps_item(out: (*const u8, usize), item: *const tw_bytes) -> bool {
    // SAFETY: the caller's promise; C callers may misalign.
    let item = unsafe { item.read_unaligned() };
    // An impossible length, or one of nothing, is that item's own error.
    !item.data.is_null()
        && isize::try_from(item.len).is_ok()
        && overlap(out.0, out.1, item.data, item.len)
}

/// # Safety
/// items has more than index items, and that one is readable for its length.
unsafe fn item<'a>(items: *const tw_bytes, index: usize) -> Result<&'a [u8]> {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        let item = items.add(index).read_unaligned();
        input(item.data, item.len)
    }
}

/// Panics, to prove that no panic crosses the boundary and that it poisons its handle alone.
/// Exists in test builds only (feature `test-panic`).
///
/// # Safety
/// signer is NULL or live.
#[cfg(feature = "test-panic")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_test_panic(signer: *const tw_signer) -> tw_status {
    if signer.is_null() {
        return guard(|| panic!("tw_test_panic"));
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { with_signer(signer, |_| panic!("tw_test_panic")) }
}
