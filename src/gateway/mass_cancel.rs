//! Cancels all open orders of a session: what a host calls when the session's connection is lost.

use std::time::Duration;

use crate::error::{Error, Reason, Result};
use crate::gateway::core::Core;
use crate::gateway::{Gateway, actor};

/// Orders that are looked at, and cancels that are made, under one lock: others wait no longer than
/// for some decisions.
const ORDERS_AT_ONCE: usize = 4096;
const CANCELS_AT_ONCE: usize = 64;

/// How far it has come, from the latest order to the earliest.
struct Progress {
    /// The orders before this one are still to be looked at.
    before: usize,
    /// So many open ones of the session are among them, at most.
    left: u32,
    cancelled: u64,
}

impl Gateway {
    /// Cancels the orders of the session that are open now; how many. The cancels are the gateway's
    /// own, durable when this returns, and their answers come as those of the venue do. To keep
    /// others from following, halt the session first.
    pub fn cancel_session(&self, session_id: u64) -> Result<u64> {
        self.shared.fork.check()?;
        let mut progress: Option<Progress> = None;
        loop {
            let (mut core, now) = self.shared.core_now()?;
            core.takes_orders()?;
            let row = core.state.sessions.find(&session_id).ok_or(Error::NotFound)?;
            let progress = progress.get_or_insert_with(|| Progress {
                before: core.state.orders.len(),
                left: core.state.sessions.row(row).open_orders,
                cancelled: 0,
            });
            core.cancel_some(row, now, progress);
            if progress.left > 0 && progress.before > 0 {
                self.shared.release(core);
                continue;
            }
            let waiter = if progress.cancelled > 0 { core.barrier() } else { None };
            self.shared.release(core);
            if let Some(waiter) = waiter {
                self.shared.wait(waiter, 0, Duration::MAX).map_err(|_| Error::Journal)?;
            }
            return Ok(progress.cancelled);
        }
    }
}

impl Core {
    /// Goes on with the orders of the session in this row.
    fn cancel_some(&mut self, session: u32, now: u64, progress: &mut Progress) {
        let last = progress.before.saturating_sub(ORDERS_AT_ONCE);
        let most = progress.cancelled + CANCELS_AT_ONCE as u64;
        while progress.before > last && progress.left > 0 && progress.cancelled < most {
            progress.before -= 1;
            let order = &self.state.orders[progress.before];
            if order.session != session || !order.is_open() {
                continue;
            }
            progress.left -= 1;
            if !order.is_leaving {
                let row = progress.before as u32;
                self.cancel(actor::actor(), now, row, Reason::SessionCancelled);
                progress.cancelled += 1;
            }
        }
    }
}
