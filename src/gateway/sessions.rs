//! What sessions may do, changed at run time, and how they stand.

use crate::config::{SessionLimits, SessionPermissions};
use crate::error::{Error, Result};
use crate::gateway::Gateway;
use crate::gateway::event::{EventKind, SessionName};
use crate::gateway::state::Session;

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionState {
    /// Of its latest decided frame; 0: there was none.
    pub last_sequence: u64,
    /// Orders that may still fill.
    pub open_orders: u32,
    /// Since when, nanoseconds since 1970 UTC.
    pub halted: Option<u64>,
}

impl Gateway {
    /// How a session stands. [`Error::NotFound`]: no such session. Works on a closed gateway too.
    pub fn session_state(&self, session_id: u64) -> Result<SessionState> {
        self.of_session(session_id, |session| SessionState {
            last_sequence: session.last_sequence,
            open_orders: session.open_orders,
            halted: session.halted,
        })
    }

    /// What a session is limited to now; fails and works as
    /// [`session_state`](Self::session_state).
    pub fn session_limits(&self, session_id: u64) -> Result<SessionLimits> {
        self.of_session(session_id, |session| session.limits)
    }

    /// What a session may trade now, and for whom; fails and works as
    /// [`session_state`](Self::session_state).
    pub fn session_permissions(&self, session_id: u64) -> Result<SessionPermissions> {
        let permissions = |session: &Session| session.permissions.as_deref().cloned();
        Ok(self.of_session(session_id, permissions)?.unwrap_or_default())
    }

    fn of_session<T>(&self, session_id: u64, ask: impl FnOnce(&Session) -> T) -> Result<T> {
        self.shared.fork.check()?;
        let core = self.shared.core()?;
        core.state.sessions.get(&session_id).map(ask).ok_or(Error::NotFound)
    }

    /// Sets how much and how fast a session may trade: in force for the next frame, durable when
    /// this returns, and until the next opening, where the configuration's text wins.
    /// [`Error::NotFound`]: no such session. [`Error::Argument`]: limits that no text can give;
    /// [`SessionLimits::check`] tells which.
    pub fn set_session_limits(&self, session_id: u64, limits: SessionLimits) -> Result<()> {
        limits.check()?;
        self.change(|state| {
            let session = state.sessions.get(&session_id).ok_or(Error::NotFound)?;
            let max_orders = session.max_orders;
            Ok(Some(EventKind::Session { id: session_id, limits, max_orders }))
        })
    }

    /// Sets what a session may trade, and for whom, in place of all that it might before; names in
    /// any order. In force, durable and refused as with
    /// [`set_session_limits`](Self::set_session_limits): no frame sees a part of it, and no crash
    /// leaves one.
    pub fn set_session_permissions(
        &self,
        session_id: u64,
        mut permissions: SessionPermissions,
    ) -> Result<()> {
        for names in [&mut permissions.symbols, &mut permissions.accounts] {
            names.sort_unstable();
            names.dedup();
        }
        permissions.check()?;
        self.change(|state| {
            state.sessions.find(&session_id).ok_or(Error::NotFound)?;
            Ok(permitting(session_id, &permissions))
        })
    }
}

/// The events that give a session these permissions and no others.
pub(super) fn permitting(
    session_id: u64,
    permissions: &SessionPermissions,
) -> impl Iterator<Item = EventKind<'static>> + use<'_> {
    let SessionPermissions { symbols, accounts, sides, order_types, max_sequence_gap } =
        permissions;
    let trades = EventKind::SessionTrades {
        session_id,
        sides: *sides,
        order_types: *order_types,
        max_sequence_gap: *max_sequence_gap,
    };
    let symbols = symbols.iter().copied().map(SessionName::Symbol);
    let names = symbols.chain(accounts.iter().copied().map(SessionName::Account));
    let only = move |what| EventKind::SessionTradesOnly { session_id, what };
    std::iter::once(trades).chain(names.map(only))
}
