//! PKCS#8 EncryptedPrivateKeyInfo (RFC 5958, section 3), by PBES2 (RFC 8018).

use crate::{Error, Result};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode, Encode};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::{EncryptedPrivateKeyInfo, EncryptedPrivateKeyInfoRef};
use zeroize::Zeroizing;

/// Rounds of PBKDF2-HMAC-SHA256: what OWASP asks for, and any tool can read.
const ROUNDS: u32 = 600_000;

/// Above what any tool writes: a file must not make its reader work for minutes.
const ROUNDS_MAX: u32 = 10_000_000;
/// Bytes of memory that scrypt may need, and how often it may pass over them.
const SCRYPT_MEMORY_MAX: u64 = 256 << 20;
const SCRYPT_PASSES_MAX: u32 = 16;

pub(super) fn encrypt(der: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    if password.is_empty() {
        return Err(Error::Password);
    }
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    getrandom::fill(&mut salt).map_err(|_| Error::Entropy)?;
    getrandom::fill(&mut iv).map_err(|_| Error::Entropy)?;
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv)
        .map_err(|_| Error::Internal)?;
    let ciphertext = parameters.encrypt(password, der).map_err(|_| Error::Internal)?;
    let info = EncryptedPrivateKeyInfo {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&ciphertext).map_err(|_| Error::Internal)?,
    };
    info.to_der().map(Zeroizing::new).map_err(|_| Error::Internal)
}

/// The PrivateKeyInfo within.
pub(super) fn decrypt(der: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| Error::Unsupported)?;
    let parameters = info.encryption_algorithm.pbes2().ok_or(Error::Unsupported)?;
    is_affordable(&parameters.kdf).then_some(()).ok_or(Error::Unsupported)?;
    let mut plaintext = Zeroizing::new(info.encrypted_data.as_bytes().to_vec());
    // A wrong password shows as bad padding, or as what is no PrivateKeyInfo.
    let size = parameters
        .decrypt_in_place(password, &mut plaintext)
        .map_err(|error| match error {
            pkcs8::pkcs5::Error::DecryptFailed => Error::Password,
            _ => Error::Unsupported,
        })?
        .len();
    plaintext.truncate(size);
    if super::pem::label(&plaintext) == Ok(super::pem::PRIVATE) {
        Ok(plaintext)
    } else {
        Err(Error::Password)
    }
}

fn is_affordable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(params) => params.iteration_count <= ROUNDS_MAX,
        Kdf::Scrypt(params) => {
            let memory = params.cost_parameter.saturating_mul(128 * u64::from(params.block_size));
            memory <= SCRYPT_MEMORY_MAX && u32::from(params.parallelization) <= SCRYPT_PASSES_MAX
        }
        _ => false,
    }
}
