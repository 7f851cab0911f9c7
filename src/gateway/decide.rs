//! `decide` reads and never writes: gates 3 to 5 over a state, a frame and a time. No clock, no
//! randomness, no I/O: same state, same frame, same time, same verdict.

use crate::error::{Error, Reason, Result};
use crate::gateway::observer::{Gate, Laps};
use crate::gateway::state::State;
use crate::gateway::{freshness, risk, throttle};
use crate::order::{Frame, Request};

/// What is to happen with a frame that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It repeats the frame decided under this order id: same ack again, nothing else.
    Repeat(u64),
    /// Accepted, or rejected for a reason. From here on the outcome is durable.
    Decided(Result<(), Reason>),
}

/// Takes an authentic frame through gates 3 to 5. An error refuses it: nothing has happened.
///
/// `now` is the clock as it is, which a frame's sending time is held against; all else goes by the
/// time of the gateway, which does not go back for a little.
pub(super) fn decide(
    state: &State,
    frame: &Frame<'_>,
    now: u64,
    laps: &mut Laps<'_>,
) -> Result<Verdict> {
    let order = &frame.order;
    let session_row = state.sessions.find(&order.session_id).ok_or(Error::Unauthenticated)?;
    let session = state.sessions.row(session_row);
    // The signature was checked outside the lock; the key may have been retired since.
    if !session.key_is_active(order.key_id) {
        return Err(Error::Unauthenticated);
    }
    let repeated = freshness::check(session, state.freshness, order, frame.signed, now)?;
    laps.lap(Gate::Freshness);
    if let Some(order_id) = repeated {
        return Ok(Verdict::Repeat(order_id));
    }
    let now = now.max(state.now);
    let is_cancel = matches!(order.request, Request::Cancel(_));
    throttle::check(state, session, is_cancel, now)?;
    laps.lap(Gate::Throttle);
    let verdict = risk::check(state, session_row, order);
    state.has_room(session, order, verdict.is_ok())?;
    laps.lap(Gate::Risk);
    Ok(Verdict::Decided(verdict))
}
