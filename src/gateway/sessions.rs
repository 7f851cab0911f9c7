//! What sessions may do, changed at run time.

use crate::config::{SessionLimits, SessionPermissions};
use crate::error::{Error, Result};
use crate::gateway::Gateway;
use crate::gateway::event::{EventKind, SessionName};

impl Gateway {
    /// Sets how much and how fast a session may trade: in force for the next frame, durable when
    /// this returns, and until the next opening, where the configuration's text wins.
    /// [`Error::NotFound`]: no such session. [`Error::Argument`]: limits that no text can give.
    pub fn set_session_limits(&self, session_id: u64, limits: SessionLimits) -> Result<()> {
        if !limits.is_valid() {
            return Err(Error::Argument);
        }
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
        if !permissions.is_valid() {
            return Err(Error::Argument);
        }
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
