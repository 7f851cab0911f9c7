//! Keys in the forms of other tools.

use super::boundary::{Output, because, guard, input};
use super::tw_status;
use crate::error::{Error, Result};
use crate::interchange::{self, Encoding};
use crate::signing::{Key, Suite, Usage};

/// DER: PKCS#8 (RFC 5958) for a secret key, SubjectPublicKeyInfo (RFC 5280) for a public one.
pub const TW_ENCODING_DER: u32 = 1;
/// PEM (RFC 7468) of the same.
pub const TW_ENCODING_PEM: u32 = 2;
/// A line of OpenSSH's authorized_keys (RFC 8709), for public Ed25519 keys.
pub const TW_ENCODING_OPENSSH: u32 = 3;

/// Bytes that hold a key of any suite in any encoding.
pub const TW_ENCODED_KEY_MAX: usize = 16384;

const _: () = assert!(TW_ENCODED_KEY_MAX == interchange::ENCODED_KEY_MAX);

/// Writes key bytes in a form that other tools read, as OpenSSL or ssh: private keys of ML-DSA as
/// their seed, or expanded where it is not known. Of a secret key this is one
/// of the few functions that give key material away.
///
/// encoding: TW_ENCODING_*. password: UTF-8 by custom; with one a secret key is encrypted, by PBES2
/// (RFC 8018) of PBKDF2-HMAC-SHA256 with 600,000 rounds and AES-256-CBC; (NULL, 0): not encrypted.
/// encoded: receives the key, without a NUL at its end (TW_ENCODED_KEY_MAX is always enough); wipe
/// it after use if it is a secret one. (NULL, 0) asks for the size.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_ARGUMENT for an unknown encoding,
/// one that the suite or this half of the key does not have, or a password for a public key;
/// TW_ERR_ENTROPY; TW_ERR_BUFFER; TW_ERR_MEMORY as tw_sign, for expanded keys.
/// Threads: any. Cost: that of checking the key; with a password 0.1 s and more, the size query
/// too. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, password for password_len, encoded is writable for
/// encoded_cap bytes, encoded_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_key_encode(
    key: *const u8,
    key_len: usize,
    encoding: u32,
    password: *const u8,
    password_len: usize,
    encoded: *mut u8,
    encoded_cap: usize,
    encoded_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about encoded and encoded_len.
        let output = unsafe { Output::new(encoded, encoded_cap, encoded_len) }?;
        // SAFETY: the caller's promise about key.
        let key = unsafe { input(key, key_len) }?;
        // SAFETY: the caller's promise about password.
        let password = unsafe { optional(password, password_len) }?;
        let encoding = Encoding::from_number(encoding)
            .ok_or_else(|| because(Error::Argument, c"encoding: must be one of TW_ENCODING_*"))?;
        let encoded = interchange::encode(key, encoding, password);
        output.put(&encoded.map_err(|error| not_encoded(error, key, encoding))?)
    })
}

/// Reads a key in any of the forms that tw_key_encode writes, told apart by what they begin with,
/// and gives its key bytes. ML-DSA private keys may hold their seed, the expanded key (which gives a
/// key of TW_KIND_EXPANDED) or both.
///
/// usage: TW_USAGE_*: no such form tells what its key is for; raw keys are for the protocols of
/// others. encoded: at most TW_ENCODED_KEY_MAX bytes. password: of an encrypted key; (NULL, 0) is
/// none. key: receives the key bytes (TW_KEY_MAX is always enough), wipe them after use if they are
/// secret. (NULL, 0) asks for the size.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for longer input; TW_ERR_KEY_USAGE; TW_ERR_SUITE for a
/// key of an algorithm that is no suite; TW_ERR_PASSWORD for a missing or wrong password, or one
/// for a key that is not encrypted; TW_ERR_UNSUPPORTED for a private key in OpenSSH's form, one not
/// encrypted by PBES2 with AES and SHA-2 or scrypt, or at a cost of more than 10,000,000 rounds or
/// 256 MiB; TW_ERR_KEY for all else that is not exactly one key; TW_ERR_BUFFER; TW_ERR_MEMORY as
/// tw_sign.
/// Threads: any. Cost: that of checking the key; with a password what its writer chose. Since 0.1.
///
/// # Safety
/// encoded is readable for encoded_len bytes, password for password_len, key is writable for
/// key_cap bytes, key_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_key_decode(
    usage: u32,
    encoded: *const u8,
    encoded_len: usize,
    password: *const u8,
    password_len: usize,
    key: *mut u8,
    key_cap: usize,
    key_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and key_len.
        let output = unsafe { Output::new(key, key_cap, key_len) }?;
        // SAFETY: the caller's promise about encoded.
        let encoded = unsafe { input(encoded, encoded_len) }?;
        // SAFETY: the caller's promise about password.
        let password = unsafe { optional(password, password_len) }?;
        let usage = Usage::from_number(usage).ok_or_else(|| {
            because(Error::KeyUsage, c"usage: must be TW_USAGE_FRAMED or TW_USAGE_RAW")
        })?;
        let key = interchange::decode(usage, encoded, password);
        output.put(&key.map_err(|error| not_decoded(error, password.is_some()))?)
    })
}

/// Says which form the key has none of, or that it is none.
fn not_encoded(error: Error, key: &[u8], encoding: Encoding) -> Error {
    let is_hmac = Key::parse(key).is_ok_and(|key| key.suite == Suite::HmacSha256);
    match error {
        Error::Argument if encoding == Encoding::OpenSsh => because(
            error,
            c"encoding: an OpenSSH line must be of a public Ed25519 key, without a password",
        ),
        Error::Argument if is_hmac => {
            because(error, c"key: must not be of HMAC-SHA256, which PKCS#8 has no form for")
        }
        Error::Argument => because(error, c"password: must be none for a public key"),
        Error::Key => {
            because(error, c"key: must be key bytes; tw_key_decode makes them of other forms")
        }
        _ => error,
    }
}

/// Says what was expected.
fn not_decoded(error: Error, has_password: bool) -> Error {
    let expected = match error {
        Error::Length => c"encoded: must be at most TW_ENCODED_KEY_MAX bytes",
        Error::Key => c"encoded: must be exactly one key as PEM, DER or an OpenSSH line",
        Error::Suite => c"encoded: must be a key of one of the suites",
        Error::Unsupported => {
            c"encoded: must be PKCS#8, and if encrypted by PBES2 with AES and SHA-2 or scrypt"
        }
        Error::Password if has_password => {
            c"password: is wrong, or there must be none since the key is not encrypted"
        }
        Error::Password => c"password: must be given, since the key is encrypted",
        _ => return error,
    };
    because(error, expected)
}

/// A password; (NULL, 0) is none, and so is an empty one.
///
/// # Safety
/// As for [`input`].
unsafe fn optional<'a>(data: *const u8, len: usize) -> Result<Option<&'a [u8]>> {
    // SAFETY: the caller's promise is passed on.
    let bytes = unsafe { input(data, len) }?;
    Ok((!bytes.is_empty()).then_some(bytes))
}
