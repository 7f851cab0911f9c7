//! Suites and sizes.

use std::ffi::c_char;
use std::ptr;

use super::boundary::{guard, put, text_input};
use super::tw_status;
use crate::error::Error;
use crate::secret::{MemoryLock, set_memory_policy};
use crate::signing::Suite;

/// HMAC-SHA256 (RFC 2104, FIPS 198-1).
pub const TW_SUITE_HMAC_SHA256: u32 = 1;
/// Ed25519 (RFC 8032), verified strictly.
pub const TW_SUITE_ED25519: u32 = 2;
/// ML-DSA-44 (FIPS 204), deterministic.
pub const TW_SUITE_ML_DSA_44: u32 = 3;
/// ML-DSA-65 (FIPS 204), deterministic.
pub const TW_SUITE_ML_DSA_65: u32 = 4;
/// ML-DSA-87 (FIPS 204), deterministic.
pub const TW_SUITE_ML_DSA_87: u32 = 5;
/// ML-DSA-65 and Ed25519 together, the composite id-MLDSA65-Ed25519-SHA512
/// (draft-ietf-lamps-pq-composite-sigs): valid only if both are.
pub const TW_SUITE_MLDSA65_ED25519: u32 = 6;

/// Bytes that hold the key bytes of any suite.
pub const TW_KEY_MAX: usize = 4904;
/// Bytes that hold the public key bytes of any suite.
pub const TW_PUBLIC_KEY_MAX: usize = 2600;
/// Bytes that hold a signature of any suite.
pub const TW_SIGNATURE_MAX: usize = 4627;
/// Bytes of the longest context of a framed signature; the shortest has 1.
pub const TW_CONTEXT_MAX: usize = 60;
/// Bytes of the longest context of a raw key of ML-DSA or its composite; the shortest has none.
pub const TW_RAW_CONTEXT_MAX: usize = 255;
/// Bytes of entropy that a key is made from.
pub const TW_ENTROPY_SIZE: usize = 32;

/// tw_memory_policy: a key whose memory cannot be locked is refused. The default.
pub const TW_MEMORY_LOCK_REQUIRED: u32 = 1;
/// tw_memory_policy: a key whose memory cannot be locked is used all the same.
pub const TW_MEMORY_LOCK_PREFERRED: u32 = 2;

/// The name of a suite, as "ed25519".
///
/// Returns a static NUL-terminated string, or NULL for an unknown suite.
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_suite_name(suite: u32) -> *const c_char {
    Suite::from_number(suite).map_or(ptr::null(), |suite| suite.c_name().as_ptr())
}

/// The suite with this name.
///
/// name: UTF-8, name_len bytes. *suite is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_SUITE for an unknown name.
/// Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// name is readable for name_len bytes, suite is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_suite_from_name(
    name: *const u8,
    name_len: usize,
    suite: *mut u32,
) -> tw_status {
    guard(|| {
        if suite.is_null() {
            return Err(Error::Null);
        }
        // SAFETY: the caller's promise about name.
        let name = match unsafe { text_input(name, name_len) } {
            Err(Error::Argument) => Err(Error::Suite),
            name => name,
        }?;
        let found = Suite::from_name(name).ok_or(Error::Suite)?;
        // SAFETY: the caller's promise about suite.
        unsafe { put(suite, found.number()) }
    })
}

/// Bytes of a suite's framed secret key bytes.
///
/// Returns 0 for an unknown suite. Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_secret_key_size(suite: u32) -> usize {
    size(suite, |suite| Some(suite.secret_key_size()))
}

/// Bytes of a suite's key bytes that came expanded, without their seed (TW_KIND_EXPANDED).
///
/// Returns 0 for an unknown suite and for one that has no such keys.
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_expanded_key_size(suite: u32) -> usize {
    size(suite, Suite::expanded_key_size)
}

/// Bytes of a suite's public key bytes.
///
/// Returns 0 for an unknown suite and for one without public keys (HMAC).
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_public_key_size(suite: u32) -> usize {
    size(suite, Suite::public_key_size)
}

/// Bytes of a suite's signature.
///
/// Returns 0 for an unknown suite. Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_signature_size(suite: u32) -> usize {
    size(suite, |suite| Some(suite.signature_size()))
}

fn size(suite: u32, of: impl FnOnce(Suite) -> Option<usize>) -> usize {
    Suite::from_number(suite).and_then(of).unwrap_or(0)
}

/// Says what happens when the operating system does not let the memory of a prepared key be
/// locked (RLIMIT_MEMLOCK), for every key prepared from now on in the whole process.
///
/// policy: TW_MEMORY_LOCK_REQUIRED (the default) or TW_MEMORY_LOCK_PREFERRED.
/// Returns TW_OK; TW_ERR_ARGUMENT. Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_memory_policy(policy: u32) -> tw_status {
    guard(|| {
        set_memory_policy(match policy {
            TW_MEMORY_LOCK_REQUIRED => MemoryLock::Required,
            TW_MEMORY_LOCK_PREFERRED => MemoryLock::Preferred,
            _ => return Err(Error::Argument),
        });
        Ok(())
    })
}
