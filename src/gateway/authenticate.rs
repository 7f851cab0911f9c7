//! Gate 2, authenticate: a known session, one of its active keys, a valid signature. Whatever is
//! wrong, the answer is the same, and a signature of a suite's length takes as long as a verification
//! of that suite, whether the key is known or not.

use std::sync::{Arc, PoisonError, RwLock};

use crate::error::{Error, Result};
use crate::gateway::observer::{Gate, Laps};
use crate::gateway::table::Map;
use crate::gateway::turnstile::Turnstile;
use crate::order::Frame;
use crate::signing::{self, Context, Key, Suite, Usage, Verifier};

/// At most so many keys per session that may sign: they are searched one by one.
pub const MAX_KEYS_PER_SESSION: usize = 16;

/// Everything a caller's thread needs to authenticate a frame without the gateway's lock.
#[derive(Debug)]
pub(super) struct Authenticator {
    sessions: Map<u64, Entrance>,
    /// One key per suite that no session has; the lengths of signatures tell suites apart.
    decoys: Arc<[Verifier]>,
}

/// A session's keys and the order in which its frames came. Each on cache lines of its own, a pair
/// of them as processors fetch them: sessions on different threads must not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Entrance {
    /// The session's row in the state.
    session: u32,
    pub turnstile: Turnstile,
    keys: RwLock<Vec<Verifier>>,
}

impl Authenticator {
    /// `sessions`: their ids, and their rows in the state.
    pub(super) fn new(sessions: impl Iterator<Item = (u64, u32)>, decoys: Arc<[Verifier]>) -> Self {
        let entrance = |session| {
            let (turnstile, keys) = (Turnstile::default(), RwLock::default());
            Entrance { session, turnstile, keys }
        };
        Self { sessions: sessions.map(|(id, row)| (id, entrance(row))).collect(), decoys }
    }

    pub(super) fn entrance(&self, session_id: u64) -> Option<&Entrance> {
        self.sessions.get(&session_id)
    }

    /// The row of the frame's session, if the signature is that of the session. This is its entrance
    /// if there is such a session.
    pub(super) fn authenticate(
        &self,
        entrance: Option<&Entrance>,
        frame: &Frame<'_>,
        laps: &mut Laps<'_>,
    ) -> Result<u32> {
        let verdict = self.verify(entrance, frame);
        laps.lap(Gate::Authenticate);
        match verdict {
            Ok(()) => entrance.map(|entrance| entrance.session).ok_or(Error::Unauthenticated),
            // Not the frame's fault, and the same for every frame.
            Err(error @ (Error::Forked | Error::Memory)) => Err(error),
            Err(_) => Err(Error::Unauthenticated),
        }
    }

    /// With the session's key, or with a decoy if it has no such key of the signature's length: one
    /// of another suite would refuse at once.
    fn verify(&self, entrance: Option<&Entrance>, frame: &Frame<'_>) -> Result<()> {
        let keys =
            entrance.map(|entrance| entrance.keys.read().unwrap_or_else(PoisonError::into_inner));
        let fits = |key: &&Verifier| key.suite().signature_size() == frame.signature.len();
        let is_named = |key: &&Verifier| key.key_id() == frame.order.key_id;
        let known = keys.iter().flat_map(|keys| keys.iter()).find(|key| is_named(key) && fits(key));
        let key = known.or_else(|| self.decoys.iter().find(fits)).ok_or(Error::Signature)?;
        key.verify(Context::Order, frame.signed, frame.signature)?;
        // What a decoy takes for valid somebody has guessed.
        known.map(drop).ok_or(Error::Signature)
    }
}

/// One key of each suite, of nobody.
pub(super) fn decoys() -> Result<Arc<[Verifier]>> {
    let decoy = |&suite: &Suite| {
        let key = signing::generate_unseen(suite)?;
        // Verifying is prepared from what a session gives.
        match suite.public_key_size() {
            Some(_) => Verifier::new(&signing::public_key(&key)?),
            None => Verifier::new(&key),
        }
    };
    Suite::ALL.iter().map(decoy).collect()
}

impl Entrance {
    /// Makes the key known; whether it may sign is the state's to say.
    pub(super) fn learn(&self, key: Verifier) -> Result<()> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.iter().any(|known| known.key_id() == key.key_id()) {
            return Err(Error::Conflict);
        }
        if keys.len() >= MAX_KEYS_PER_SESSION {
            return Err(Error::Capacity);
        }
        keys.push(key);
        Ok(())
    }

    pub(super) fn knows(&self, key_id: u64) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().any(|known| known.key_id() == key_id)
    }

    /// Drops the key: its memory is wiped and its signatures are worthless from now on.
    pub(super) fn forget(&self, key_id: u64) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|key| key.key_id() != key_id);
    }
}

/// Prepares a key that verifies orders.
pub(super) fn order_key(bytes: &[u8]) -> Result<Verifier> {
    check_order_key(bytes)?;
    Verifier::new(bytes)
}

/// Whether these are the bytes of a key that verifies orders: a framed one, and of a suite with
/// public keys the public one. Who only verifies must not be able to sign.
pub(crate) fn check_order_key(bytes: &[u8]) -> Result<()> {
    let key = Key::parse(bytes)?;
    if key.usage != Usage::Framed {
        return Err(Error::KeyUsage);
    }
    if key.kind.signs() && key.suite.public_key_size().is_some() {
        return Err(Error::KeyKind);
    }
    Ok(())
}
