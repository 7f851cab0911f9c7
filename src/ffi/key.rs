//! Keys as bytes.

use super::boundary::{Output, guard, input, put};
use super::tw_status;
use crate::error::{Error, Result};
use crate::signing::{self, Key, Kind, Suite, Usage};
use zeroize::Zeroizing;

/// Kind of a key that signs and verifies.
pub const TW_KIND_SECRET: u32 = 1;
/// Kind of a key that verifies.
pub const TW_KIND_PUBLIC: u32 = 2;
/// Kind of a key that signs and verifies, of ML-DSA alone: the private key whose seed is not known,
/// expanded (FIPS 204, section 4).
pub const TW_KIND_EXPANDED: u32 = 3;
/// Usage of keys that sign payloads and orders, each in a context.
pub const TW_USAGE_FRAMED: u32 = 1;
/// Usage of keys that sign bare payloads, for the protocols of others; never an order.
pub const TW_USAGE_RAW: u32 = 2;

/// Makes a framed secret key from a 64-bit seed, the same on every machine for ever. FOR TESTS,
/// FIXTURES AND SIMULATIONS ONLY: a seed that short can be guessed. Real keys: tw_generate.
///
/// key: receives the key bytes (tw_secret_key_size(suite); TW_KEY_MAX is always enough), secret:
/// wipe them after use. (NULL, 0) asks for the size.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_SUITE; TW_ERR_BUFFER.
/// Threads: any. Cost: constant, a few microseconds. Since 0.1.
///
/// # Safety
/// key is writable for key_cap bytes, key_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_keygen(
    suite: u32,
    seed: u64,
    key: *mut u8,
    key_cap: usize,
    key_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and key_len.
        let output = unsafe { Output::new(key, key_cap, key_len) }?;
        put_new(&output, suite, |suite| Ok(signing::keygen(suite, seed)))
    })
}

/// Makes a framed secret key from the operating system's entropy.
///
/// key: as in tw_keygen.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_SUITE; TW_ERR_BUFFER; TW_ERR_ENTROPY.
/// Threads: any. Cost: constant, one system call. Since 0.1.
///
/// # Safety
/// key is writable for key_cap bytes, key_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_generate(
    suite: u32,
    key: *mut u8,
    key_cap: usize,
    key_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and key_len.
        let output = unsafe { Output::new(key, key_cap, key_len) }?;
        put_new(&output, suite, signing::generate)
    })
}

/// Makes a framed secret key from the caller's own entropy, the same for the same entropy.
///
/// entropy: TW_ENTROPY_SIZE bytes that nobody can guess. key: as in tw_keygen.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for another amount of entropy; TW_ERR_SUITE;
/// TW_ERR_BUFFER. Threads: any. Cost: constant, a few microseconds. Since 0.1.
///
/// # Safety
/// entropy is readable for entropy_len bytes, key is writable for key_cap bytes, key_len is
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_keygen_from_entropy(
    suite: u32,
    entropy: *const u8,
    entropy_len: usize,
    key: *mut u8,
    key_cap: usize,
    key_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and key_len.
        let output = unsafe { Output::new(key, key_cap, key_len) }?;
        // SAFETY: the caller's promise about entropy.
        let entropy = unsafe { input(entropy, entropy_len) }?;
        let entropy = entropy.try_into().map_err(|_| Error::Length)?;
        put_new(&output, suite, |suite| Ok(signing::keygen_from_entropy(suite, entropy)))
    })
}

/// Makes a key only if there is room for it.
fn put_new(
    output: &Output<u8>,
    suite: u32,
    make: impl FnOnce(Suite) -> Result<Zeroizing<Vec<u8>>>,
) -> Result<()> {
    let suite = known(suite)?;
    if let Some(room) = output.room(suite.secret_key_size())? {
        room.fill(&make(suite)?);
    }
    Ok(())
}

/// Makes key bytes from bare material, as its standard has it.
///
/// kind: TW_KIND_*. usage: TW_USAGE_*; raw keys are for the protocols of others. material: of the
/// suite's size; of raw HMAC keys 1 to 1024 bytes; of expanded keys 2560, 4032 or 4896 bytes. key:
/// as in tw_keygen.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_SUITE; TW_ERR_KEY_KIND for an unknown kind or
/// one that the suite does not have; TW_ERR_KEY_USAGE for an unknown usage; TW_ERR_KEY for bad
/// material, as an expanded key that is not of the public key whose hash it holds; TW_ERR_BUFFER;
/// TW_ERR_MEMORY as tw_sign, for expanded keys. Threads: any. Cost: that of checking the material,
/// for expanded keys half a millisecond. Since 0.1.
///
/// # Safety
/// material is readable for material_len bytes, key is writable for key_cap bytes, key_len is
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_key_import(
    suite: u32,
    kind: u32,
    usage: u32,
    material: *const u8,
    material_len: usize,
    key: *mut u8,
    key_cap: usize,
    key_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and key_len.
        let output = unsafe { Output::new(key, key_cap, key_len) }?;
        // SAFETY: the caller's promise about material.
        let material = unsafe { input(material, material_len) }?;
        let suite = known(suite)?;
        let kind = Kind::from_number(kind).ok_or(Error::KeyKind)?;
        let usage = Usage::from_number(usage).ok_or(Error::KeyUsage)?;
        output.put(&signing::import(suite, kind, usage, material)?)
    })
}

/// Takes key bytes apart. This is one of the few functions that give key material away.
///
/// *suite, *kind and *usage are written on success; each may be NULL. material: receives the bare
/// material; (NULL, 0) asks for its size.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_BUFFER; TW_ERR_MEMORY as tw_sign,
/// for expanded keys. Threads: any. Cost: that of checking the key. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, material is writable for material_cap bytes, material_len is
/// writable, suite, kind and usage are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_key_export(
    key: *const u8,
    key_len: usize,
    suite: *mut u32,
    kind: *mut u32,
    usage: *mut u32,
    material: *mut u8,
    material_cap: usize,
    material_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about material and material_len.
        let output = unsafe { Output::new(material, material_cap, material_len) }?;
        // SAFETY: the caller's promise about key.
        let key = Key::parse(unsafe { input(key, key_len) }?)?;
        // The material may lie in the caller's output buffer: copied out before it is written.
        let copy = zeroize::Zeroizing::new(key.material.to_vec());
        let about =
            [(suite, key.suite.number()), (kind, key.kind.number()), (usage, key.usage.number())];
        output.put(&copy)?;
        for (place, number) in about.into_iter().filter(|(place, _)| !place.is_null()) {
            // SAFETY: the caller's promise about suite, kind and usage.
            unsafe { put(place, number) }?;
        }
        Ok(())
    })
}

/// The public key bytes of a secret or public key, of the same usage.
///
/// public_key: receives tw_public_key_size(suite) bytes; (NULL, 0) asks for the size.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_KIND for a suite without
/// public keys (HMAC); TW_ERR_BUFFER; TW_ERR_MEMORY as tw_sign. Threads: any. Cost: that of making
/// a key pair from a seed. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, public_key is writable for public_key_cap bytes,
/// public_key_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_public_key(
    key: *const u8,
    key_len: usize,
    public_key: *mut u8,
    public_key_cap: usize,
    public_key_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about public_key and public_key_len.
        let output = unsafe { Output::new(public_key, public_key_cap, public_key_len) }?;
        // SAFETY: the caller's promise about key.
        let public = signing::public_key(unsafe { input(key, key_len) }?)?;
        output.put(&public)
    })
}

/// The suite of a key.
///
/// *suite is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY as tw_sign, for expanded
/// keys. Threads: any. Cost: that of checking the key. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, suite is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_key_suite(
    key: *const u8,
    key_len: usize,
    suite: *mut u32,
) -> tw_status {
    // SAFETY: the caller's promise is passed on.
    unsafe { about(key, key_len, suite, |key| Ok(Key::parse(key)?.suite.number())) }
}

/// The id by which orders and gateways know a key, the same for its secret and public half.
///
/// The first 8 bytes, big-endian, of SHA-256 over the public key bytes; for HMAC of
/// HMAC-SHA256(material, "tinywindow/v1/key-id"). Shown as 16 hex digits. *key_id is written on
/// success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY as tw_sign.
/// Threads: any. Cost: that of tw_public_key, for HMAC two hashes. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, key_id is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_key_id(key: *const u8, key_len: usize, key_id: *mut u64) -> tw_status {
    // SAFETY: the caller's promise is passed on.
    unsafe { about(key, key_len, key_id, signing::key_id) }
}

/// # Safety
/// key is readable for key_len bytes, place is writable.
unsafe fn about<T>(
    key: *const u8,
    key_len: usize,
    place: *mut T,
    answer: impl FnOnce(&[u8]) -> Result<T>,
) -> tw_status {
    guard(|| {
        if place.is_null() {
            return Err(Error::Null);
        }
        // SAFETY: the caller's promise about key.
        let answer = answer(unsafe { input(key, key_len) }?)?;
        // SAFETY: the caller's promise about place.
        unsafe { put(place, answer) }
    })
}

fn known(suite: u32) -> Result<Suite> {
    Suite::from_number(suite).ok_or(Error::Suite)
}
