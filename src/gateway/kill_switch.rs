//! The kill switch: halts and resumes at four levels. Whoever may call halts at once; to resume may
//! take a second person, who agrees with a signature.

use crate::error::{Error, Result};
use crate::gateway::event::{EventKind, HaltScope};
use crate::gateway::state::State;
use crate::gateway::{Gateway, meter};
use crate::signing::Context;

/// The context of the signatures that agree to resuming.
pub const RESUME_CONTEXT: &[u8] = b"resume";

impl Gateway {
    /// Stops new orders and replaces in the scope, at once and across restarts. Cancels pass.
    pub fn halt(&self, scope: HaltScope) -> Result<()> {
        self.set_halt(scope, true)
    }

    /// Lifts the halt of exactly this scope. [`Error::Unauthenticated`]: the configuration wants a
    /// second person; [`resume_agreed`](Self::resume_agreed).
    pub fn resume(&self, scope: HaltScope) -> Result<()> {
        if !self.resume_keys.is_empty() {
            return Err(Error::Unauthenticated);
        }
        self.set_halt(scope, false)
    }

    fn set_halt(&self, scope: HaltScope, halted: bool) -> Result<()> {
        let changed = self.change(|state| {
            match &scope {
                HaltScope::Gateway => Ok(()),
                HaltScope::Session(id) => state.sessions.find(id).map(drop).ok_or(Error::NotFound),
                HaltScope::Symbol(symbol) => {
                    state.instruments.find(symbol).map(drop).ok_or(Error::NotFound)
                }
                HaltScope::Account(account) => state.has_room_for(account),
            }?;
            Ok(Some(EventKind::Halt { scope, halted }))
        });
        changed.inspect(|()| meter::halted(&scope, halted))
    }

    /// Since when exactly this scope is halted, nanoseconds since 1970 UTC; `None`: it is not.
    /// [`Error::NotFound`]: no such session or symbol. Works on a closed gateway too.
    pub fn halted(&self, scope: HaltScope) -> Result<Option<u64>> {
        self.shared.fork.check()?;
        halted(&self.shared.core()?.state, &scope)
    }

    /// What the holder of one of `resume_keys` signs, in [`RESUME_CONTEXT`], to agree to lifting the
    /// halt of this scope: a line that says which. It is about this halt alone; once the scope is
    /// halted anew it takes another. [`Error::NotFound`]: it is not halted.
    pub fn resume_request(&self, scope: HaltScope) -> Result<String> {
        self.shared.fork.check()?;
        let core = self.shared.core()?;
        core.takes_orders()?;
        request(&core.state, &scope)
    }

    /// Lifts the halt of exactly this scope, with the agreement of a second person: a signature of
    /// [`resume_request`](Self::resume_request). The journal tells whose key it was.
    /// [`Error::Unauthenticated`]: it is no signature of that by one of the configured keys.
    /// [`Error::NotFound`]: the scope is not halted.
    pub fn resume_agreed(&self, scope: HaltScope, signature: &[u8]) -> Result<()> {
        let agreed_to = self.resume_request(scope)?;
        let context = Context::Custom(RESUME_CONTEXT);
        let agrees = self
            .resume_keys
            .iter()
            .find(|key| key.verify(context, agreed_to.as_bytes(), signature).is_ok());
        let key_id = agrees.ok_or(Error::Unauthenticated)?.key_id();
        let changed = self.change(|state| {
            // It may have been halted anew since, and that nobody has agreed to lift.
            let is_same = request(state, &scope)? == agreed_to;
            is_same
                .then_some(Some(EventKind::Resumed { scope, key_id }))
                .ok_or(Error::Unauthenticated)
        });
        changed.inspect(|()| meter::halted(&scope, false))
    }
}

fn halted(state: &State, scope: &HaltScope) -> Result<Option<u64>> {
    Ok(match scope {
        HaltScope::Gateway => state.halted,
        HaltScope::Session(id) => state.sessions.get(id).ok_or(Error::NotFound)?.halted,
        HaltScope::Symbol(symbol) => state.instruments.get(symbol).ok_or(Error::NotFound)?.halted,
        // Of an account that nobody has named yet nothing is known, so no halt either.
        HaltScope::Account(account) => state.accounts.get(account).and_then(|a| a.halted),
    })
}

fn request(state: &State, scope: &HaltScope) -> Result<String> {
    let since = halted(state, scope)?.ok_or(Error::NotFound)?;
    Ok(format!("resume {scope}, halted at {since}"))
}
