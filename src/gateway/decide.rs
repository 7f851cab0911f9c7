//! `decide` reads and never writes: gates 3 to 5 over a state, a frame and a time. No clock, no
//! randomness, no I/O: same state, same frame, same time, same verdict.

use crate::error::{Error, Reason, Result};
use crate::gateway::observer::{Gate, Laps};
use crate::gateway::records::Outcome;
use crate::gateway::risk::Asked;
use crate::gateway::state::{Named, Session, State};
use crate::gateway::{freshness, throttle};
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
/// `named` is what the order names in this state. `now` is the clock as it is, which a frame's
/// sending time is held against; all else goes by the time of the gateway, which does not go back
/// for a little.
pub(super) fn decide(
    state: &State,
    frame: &Frame<'_>,
    named: &Named,
    now: u64,
    laps: &mut Laps<'_>,
) -> Result<Verdict> {
    let session = state.sessions.row(named.session);
    if let Some(order_id) = arrive(state, session, frame, named, now, laps)? {
        return Ok(Verdict::Repeat(order_id));
    }
    let verdict = Asked::new(state, named, &frame.order, now).check();
    state.has_room(session, &frame.order, verdict.is_ok())?;
    laps.lap(Gate::Risk);
    Ok(Verdict::Decided(verdict))
}

/// [`decide`] with every reason there is instead of the first.
pub(super) fn reasons(
    state: &State,
    frame: &Frame<'_>,
    named: &Named,
    now: u64,
    mut found: impl FnMut(Reason),
) -> Result<()> {
    let session = state.sessions.row(named.session);
    let mut laps = Laps::start(None, None);
    if let Some(order_id) = arrive(state, session, frame, named, now, &mut laps)? {
        let outcome = state.request(order_id).map(|request| request.outcome);
        if let Some(Outcome::Rejected(reason)) = outcome {
            found(reason);
        }
        return Ok(());
    }
    let mut is_accepted = true;
    Asked::new(state, named, &frame.order, now).reasons(|reason| {
        is_accepted = false;
        found(reason);
    });
    state.has_room(session, &frame.order, is_accepted)
}

/// Gates 3 and 4. `Some(order_id)`: the frame repeats the one decided as `order_id`.
fn arrive(
    state: &State,
    session: &Session,
    frame: &Frame<'_>,
    named: &Named,
    now: u64,
    laps: &mut Laps<'_>,
) -> Result<Option<u64>> {
    let order = &frame.order;
    // The signature was checked outside the lock; the key may have been retired since.
    if !session.key_is_active(order.key_id) {
        return Err(Error::Unauthenticated);
    }
    let repeated = freshness::check(session, state.freshness, order, frame.signed, now)?;
    laps.lap(Gate::Freshness);
    if repeated.is_some() {
        return Ok(repeated);
    }
    let now = now.max(state.now);
    let is_cancel = matches!(order.request, Request::Cancel(_));
    let listing = named.instrument.map(|row| state.instruments.row(row));
    throttle::check(state, session, listing, is_cancel, now)?;
    laps.lap(Gate::Throttle);
    Ok(None)
}
