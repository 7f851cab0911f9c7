//! Custody: where keys are kept, and who signs with them.
//!
//! A [`KeyProvider`] gives keys out; a [`SecureSigner`] uses them where they are. Both know a key
//! by an id that is the backend's own: a path, a name in a vault. One file per backend.

mod files;
mod memory;

pub use files::FileKeys;
pub use memory::MemoryKeys;

use std::fmt;
use std::io;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::signing::Context;

/// Keeps keys, secret or public, as key bytes.
pub trait KeyProvider: Send + Sync {
    /// The key with this id.
    fn get_key(&self, key_id: &str) -> Result<Zeroizing<Vec<u8>>, KeyError>;

    /// Keeps a key. [`KeyError::Conflict`]: the id is taken; what it names is never replaced.
    fn store_key(&self, key_id: &str, key: &[u8]) -> Result<(), KeyError>;

    /// Removes a key; the id is free again.
    fn delete_key(&self, key_id: &str) -> Result<(), KeyError>;
}

/// Signs and verifies with keys that stay where they are.
pub trait SecureSigner: Send + Sync {
    /// Signs a payload: [`sign_secure_with_context`](Self::sign_secure_with_context) in
    /// [`Context::Payload`].
    fn sign_secure(&self, key_id: &str, payload: &[u8]) -> Result<Vec<u8>, SignError> {
        self.sign_secure_with_context(key_id, Context::Payload, payload)
    }

    /// Whether the signature is this key's, of this payload in [`Context::Payload`].
    fn verify_secure(&self, key_id: &str, payload: &[u8], sig: &[u8]) -> Result<bool, VerifyError> {
        self.verify_secure_with_context(key_id, Context::Payload, payload, sig)
    }

    /// Signs a payload for one purpose.
    fn sign_secure_with_context(
        &self,
        key_id: &str,
        context: Context<'_>,
        payload: &[u8],
    ) -> Result<Vec<u8>, SignError>;

    /// Whether the signature is this key's, of this payload, for this purpose.
    fn verify_secure_with_context(
        &self,
        key_id: &str,
        context: Context<'_>,
        payload: &[u8],
        sig: &[u8],
    ) -> Result<bool, VerifyError>;
}

/// Why a key cannot be had, kept or removed.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no key with this id.
    NotFound,
    /// The id is taken, or the same material is held under the other usage.
    Conflict,
    /// It is no key, or cannot be held.
    Key(Error),
    /// The place where keys are kept does not give or take them.
    Storage(io::Error),
}

/// Why there is no signature.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignError {
    /// The key cannot be had.
    Key(KeyError),
    /// The key does not sign this: a public key, a context or a payload it may not sign.
    Refused(Error),
}

/// Why it cannot be said whether a signature is valid.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// The key cannot be had.
    Key(KeyError),
    /// The key verifies nothing in this context.
    Refused(Error),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::NotFound => f.write_str("there is no key with this id"),
            KeyError::Conflict => {
                f.write_str("the id is taken, or the key is held under the other usage")
            }
            KeyError::Key(error) => error.fmt(f),
            KeyError::Storage(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Conflict => Error::Conflict,
            KeyError::Key(error) => error,
            KeyError::NotFound | KeyError::Storage(_) => Error::Io,
        }
    }
}

/// What both ways of using a key share.
macro_rules! use_errors {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $name::Key(error) => error.fmt(f),
                    $name::Refused(error) => error.fmt(f),
                }
            }
        }

        impl std::error::Error for $name {}

        impl From<KeyError> for $name {
            fn from(error: KeyError) -> Self {
                $name::Key(error)
            }
        }
    )*};
}

use_errors!(SignError, VerifyError);
