//! Keys in the forms that other tools read and write: PKCS#8 and SubjectPublicKeyInfo, as DER or as
//! PEM, encrypted if there is a password; OpenSSH's line for public Ed25519 keys.
//!
//! None of these forms knows of a [`Usage`], so whoever reads one says what the key is for.

mod encrypted;
mod openssh;
mod pem;
mod pkcs8;

use crate::secret::with_clean_stack;
use crate::signing::{Key, Kind, Usage};
use crate::{Error, Result};
use zeroize::Zeroizing;

/// Bytes that no encoded key of any suite is longer than. Longer input is refused unread.
pub const ENCODED_KEY_MAX: usize = 16 * 1024;

/// A form of a key that others know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Encoding {
    /// PKCS#8 (RFC 5958) for a secret key, SubjectPublicKeyInfo (RFC 5280) for a public one.
    Der = 1,
    /// The same as text (RFC 7468).
    Pem = 2,
    /// A line of `authorized_keys` (RFC 4253, section 6.6; RFC 8709), for public Ed25519 keys.
    OpenSsh = 3,
}

impl Encoding {
    /// Every encoding, in the order of its number.
    pub const ALL: &[Encoding] = &[Encoding::Der, Encoding::Pem, Encoding::OpenSsh];

    /// The number at the C ABI.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The encoding that the bytes would be in, if they are an encoded key at all.
    pub fn of(encoded: &[u8]) -> Encoding {
        match encoded {
            line if openssh::is_line(line) => Encoding::OpenSsh,
            text if pem::is_text(text) => Encoding::Pem,
            _ => Encoding::Der,
        }
    }

    /// The encoding with this number.
    pub fn from_number(number: u32) -> Option<Encoding> {
        Encoding::ALL.iter().copied().find(|encoding| encoding.number() == number)
    }
}

/// Writes key bytes in another form, ML-DSA's private keys as their seed where it is known. A secret
/// key is encrypted if there is a password (PBES2 of RFC 8018: PBKDF2-HMAC-SHA256 of 600,000 rounds,
/// AES-256-CBC), which takes a fraction of a second.
///
/// [`Error::Argument`]: the suite or this half of the key has no such form, or a public key was
/// to be encrypted. [`Error::Password`]: the password is empty.
pub fn encode(
    key: &[u8],
    encoding: Encoding,
    password: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>> {
    let key = Key::parse(key)?;
    if encoding == Encoding::OpenSsh {
        let plain = password.is_none().then_some(()).ok_or(Error::Argument);
        return plain.and_then(|()| openssh::encode(&key));
    }
    let (label, der) = with_clean_stack(|| match (key.kind, password) {
        (Kind::Public, None) => Ok((pem::PUBLIC, pkcs8::encode_public(&key)?)),
        (Kind::Public, Some(_)) => Err(Error::Argument),
        (Kind::Secret | Kind::Expanded, None) => Ok((pem::PRIVATE, pkcs8::encode_private(&key)?)),
        (Kind::Secret | Kind::Expanded, Some(password)) => {
            Ok((pem::ENCRYPTED, encrypted::encrypt(&pkcs8::encode_private(&key)?, password)?))
        }
    })?;
    if encoding == Encoding::Der { Ok(der) } else { pem::encode(label, &der) }
}

/// Reads a key in any of these forms, which it tells apart by itself, as key bytes of this usage.
///
/// [`Error::Length`]: more than [`ENCODED_KEY_MAX`] bytes. [`Error::Suite`]: a key of an algorithm
/// that is no suite of ours. [`Error::Password`]: missing, wrong, or there is nothing to decrypt.
/// [`Error::Unsupported`]: encrypted in another way than by PBES2 with AES and SHA-2 or scrypt, or
/// at a cost above what a reader should pay; OpenSSH's form of a private key.
/// [`Error::Key`]: anything else that is not exactly a key.
pub fn decode(usage: Usage, encoded: &[u8], password: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>> {
    if encoded.len() > ENCODED_KEY_MAX {
        return Err(Error::Length);
    }
    if Encoding::of(encoded) == Encoding::OpenSsh {
        unneeded(password)?;
        return openssh::decode(usage, encoded);
    }
    let (label, der) = pem::decode(encoded)?;
    with_clean_stack(|| match label {
        pem::ENCRYPTED => {
            let password = password.ok_or(Error::Password)?;
            pkcs8::decode_private(usage, &encrypted::decrypt(&der, password)?)
        }
        pem::PRIVATE => unneeded(password).and_then(|()| pkcs8::decode_private(usage, &der)),
        _ => unneeded(password).and_then(|()| pkcs8::decode_public(usage, &der)),
    })
}

/// Who gives a password believes the key to be encrypted.
fn unneeded(password: Option<&[u8]>) -> Result<()> {
    if password.is_none() { Ok(()) } else { Err(Error::Password) }
}
