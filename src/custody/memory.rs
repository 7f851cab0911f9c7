//! Keys in this process's guarded memory, gone with it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use zeroize::Zeroizing;

use super::{KeyError, KeyProvider, SecureSigner, SignError, VerifyError};
use crate::error::{Error, Result};
use crate::secret::Guarded;
use crate::signing::{
    self, Context, HEADER_SIZE, Key, Kind, RAW_HMAC_MAX, Signer, Suite, Usage, Verifier,
};

/// Keys in guarded memory, prepared to sign. Any number of threads may use them at once.
#[derive(Default)]
pub struct MemoryKeys {
    keys: RwLock<HashMap<String, Arc<Held>>>,
}

/// A key that is held.
struct Held {
    identity: (Suite, u64),
    usage: Usage,
    bytes: Stored,
    /// `None` for a public key.
    signer: Option<Signer>,
    verifier: Verifier,
}

/// Key bytes where they belong.
enum Stored {
    Secret(Guarded<KeyBytes<SECRET_MAX>>),
    Expanded(Guarded<KeyBytes<EXPANDED_MAX>>),
    Public(Vec<u8>),
}

/// Bytes of the longest secret key of all suites, and of the longest expanded one.
const SECRET_MAX: usize = HEADER_SIZE + RAW_HMAC_MAX;
const EXPANDED_MAX: usize = Suite::MlDsa87.expanded_key_size().expect("it has such keys");

/// Secret key bytes without a heap of their own, so that guarded pages hold all of them.
struct KeyBytes<const MAX: usize> {
    bytes: [u8; MAX],
    size: usize,
}

impl<const MAX: usize> KeyBytes<MAX> {
    fn new(key: &[u8]) -> Result<Guarded<Self>> {
        Guarded::new(|| {
            let mut bytes = [0; MAX];
            bytes.get_mut(..key.len()).ok_or(Error::Key)?.copy_from_slice(key);
            Ok(KeyBytes { bytes, size: key.len() })
        })
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

impl Held {
    fn new(key: &[u8]) -> Result<Held> {
        let parsed = Key::parse(key)?;
        Ok(Held {
            identity: identity(key)?,
            usage: parsed.usage,
            bytes: match parsed.kind {
                Kind::Secret => Stored::Secret(KeyBytes::new(key)?),
                Kind::Expanded => Stored::Expanded(KeyBytes::new(key)?),
                Kind::Public => Stored::Public(key.to_vec()),
            },
            signer: parsed.kind.signs().then(|| Signer::new(key)).transpose()?,
            verifier: Verifier::new(key)?,
        })
    }

    /// Whether the two are the same material, once framed and once raw.
    fn conflicts_with(&self, other: &Held) -> bool {
        self.identity == other.identity && self.usage != other.usage
    }
}

/// What a key is whatever its usage: the id it has, or would have, as a framed key.
fn identity(key: &[u8]) -> Result<(Suite, u64)> {
    let suite = Key::parse(key)?.suite;
    let id = match signing::public_key(key) {
        Ok(public) => {
            let material = Key::parse(&public)?.material;
            signing::key_id(&signing::import(suite, Kind::Public, Usage::Framed, material)?)?
        }
        // Where there is no public key, the id has no usage in it.
        Err(Error::KeyKind) => signing::key_id(key)?,
        Err(error) => return Err(error),
    };
    Ok((suite, id))
}

impl MemoryKeys {
    /// No keys yet.
    pub fn new() -> MemoryKeys {
        MemoryKeys::default()
    }

    fn held(&self, key_id: &str) -> Result<Arc<Held>, KeyError> {
        self.read().get(key_id).map(Arc::clone).ok_or(KeyError::NotFound)
    }

    // Nothing is half done when a thread panics under the lock: an entry is there or not.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Arc<Held>>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Arc<Held>>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyProvider for MemoryKeys {
    fn get_key(&self, key_id: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let held = self.held(key_id)?;
        Ok(Zeroizing::new(match &held.bytes {
            Stored::Secret(key) => key.get().map_err(KeyError::Key)?.as_slice().to_vec(),
            Stored::Expanded(key) => key.get().map_err(KeyError::Key)?.as_slice().to_vec(),
            Stored::Public(key) => key.clone(),
        }))
    }

    fn store_key(&self, key_id: &str, key: &[u8]) -> Result<(), KeyError> {
        let held = Held::new(key).map_err(KeyError::Key)?;
        let mut keys = self.write();
        if keys.contains_key(key_id) || keys.values().any(|other| other.conflicts_with(&held)) {
            return Err(KeyError::Conflict);
        }
        keys.insert(key_id.to_owned(), Arc::new(held));
        Ok(())
    }

    fn delete_key(&self, key_id: &str) -> Result<(), KeyError> {
        self.write().remove(key_id).map(drop).ok_or(KeyError::NotFound)
    }
}

impl SecureSigner for MemoryKeys {
    fn sign_secure_with_context(
        &self,
        key_id: &str,
        context: Context<'_>,
        payload: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let held = self.held(key_id)?;
        let signer = held.signer.as_ref().ok_or(SignError::Refused(Error::KeyKind))?;
        let signature = signer.sign(context, payload).map_err(SignError::Refused)?;
        Ok(signature.to_vec())
    }

    fn verify_secure_with_context(
        &self,
        key_id: &str,
        context: Context<'_>,
        payload: &[u8],
        sig: &[u8],
    ) -> Result<bool, VerifyError> {
        match self.held(key_id)?.verifier.verify(context, payload, sig) {
            Ok(()) => Ok(true),
            Err(Error::Signature) => Ok(false),
            Err(error) => Err(VerifyError::Refused(error)),
        }
    }
}

/// Says how many keys there are, and nothing of them.
impl fmt::Debug for MemoryKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryKeys").field("count", &self.read().len()).finish_non_exhaustive()
    }
}
