//! What a decision makes of the state, and a cancel of the gateway's own.

use super::account_row;
use super::counting::{count, counted, expect_answer, leave};
use crate::error::Reason;
use crate::gateway::activity::Likeness;
use crate::gateway::exposure::Counted;
use crate::gateway::freshness::gap;
use crate::gateway::own_orders::Links;
use crate::gateway::records::{OrderRecord, Outcome, RequestRecord};
use crate::gateway::report::OrdStatus;
use crate::gateway::state::{Named, State};
use crate::order::{Frame, Order, Request, Template, Terms};

/// Folds a decision about a frame. `named` is what the frame's order names in this state.
pub(in crate::gateway) fn apply_decision(
    state: &mut State,
    time: u64,
    frame: &Frame<'_>,
    named: &Named,
    reason: Option<Reason>,
) {
    state.now = state.now.max(time);
    let order = &frame.order;
    let session = named.session;
    let outcome = reason.map_or(Outcome::Pending, Outcome::Rejected);
    let order_id = state.next_order_id();
    let now = state.now;

    let row = state.sessions.row_mut(session);
    let gap = gap(row.last_sequence, order.sequence);
    row.last_sequence = order.sequence;
    row.retries.remember(order.sequence, frame.signed, order_id);
    let counts_requests = row.limits.max_order_to_trade != u32::MAX;
    if counts_requests && !matches!(outcome, Outcome::Rejected(_)) {
        row.of_day.count_request(now);
    }
    if matches!(order.request, Request::Cancel(_)) {
        row.cancel_bucket.take(now);
    } else {
        row.bucket.take(now);
        state.bucket.take(now);
        if let Some(row) = named.instrument {
            state.instruments.row_mut(row).take_token(now);
        }
    }

    let record = match outcome {
        Outcome::Rejected(_) => None,
        _ => match &order.request {
            Request::New(terms) => open_order(state, named, order_id, order, terms),
            Request::Replace(orig, terms) => {
                let row = chain(state, session, *orig);
                if let Some(row) = row {
                    let record = &state.orders[row as usize];
                    let leaves = terms.quantity.saturating_sub(record.cum_quantity);
                    let counted = counted(state, record, terms, leaves);
                    expect_answer(state, row, counted);
                }
                row
            }
            Request::Cancel(orig) => {
                let row = chain(state, session, *orig);
                if let Some(row) = row {
                    expect_answer(state, row, Counted::NOTHING);
                }
                row
            }
        },
    };
    let tells_itself = record.is_some() && matches!(order.request, Request::New(_));
    let asked = order.terms().filter(|_| !tells_itself).map(|terms| state.push_asked(terms));
    state.push_request(RequestRecord {
        template: order.template(),
        session,
        sequence: order.sequence,
        sequence_gap: u32::try_from(gap).unwrap_or(u32::MAX),
        time: now,
        client_order_id: order.client_order_id,
        orig_client_order_id: order.orig_client_order_id().unwrap_or_default(),
        side: order.side,
        asked,
        order: record,
        outcome,
        by_gateway: None,
    });
}

/// A cancel of the gateway's own is on its way: whatever follows reaches the venue behind it, so the
/// order is none that others must not trade with.
pub(super) fn apply_cancel(state: &mut State, orig_order_id: u64, reason: Reason) {
    let Some(row) = state.request(orig_order_id).and_then(|request| request.order) else { return };
    // With a replace on its way the venue may know it by another id when the cancel comes.
    let ends_it = state.orders[row as usize].can_be_cancelled();
    expect_answer(state, row, Counted::NOTHING);
    if ends_it {
        leave(state, row, true);
    }
    let OrderRecord { session, side, .. } = state.orders[row as usize];
    state.push_request(RequestRecord {
        template: Template::OrderCancelRequest,
        session,
        sequence: 0,
        sequence_gap: 0,
        time: state.now,
        client_order_id: 0,
        orig_client_order_id: 0,
        side,
        asked: None,
        order: Some(row),
        outcome: Outcome::Pending,
        by_gateway: Some(reason),
    });
}

/// The order that a request of the session belongs to, by the request's client order id.
fn chain(state: &State, session: u32, client_order_id: u64) -> Option<u32> {
    state.used(session, client_order_id).and_then(|id| state.request(id)?.order)
}

fn open_order(
    state: &mut State,
    named: &Named,
    order_id: u64,
    order: &Order,
    terms: &Terms,
) -> Option<u32> {
    let (session, instrument) = (named.session, named.instrument?);
    let account = named.account.unwrap_or_else(|| {
        state.sessions.row_mut(session).accounts += 1;
        account_row(state, order.account)
    });
    let position = named.position.unwrap_or_else(|| state.open_position(account, instrument));
    let mark = state.instruments.row(instrument).mark;
    let now = state.now;
    let row = state.sessions.row_mut(session);
    row.open_orders += 1;
    if row.limits.max_repeats != u32::MAX {
        row.recent.remember(Likeness::of(instrument, order.side, terms), now);
    }
    state.orders.push(OrderRecord {
        session,
        instrument,
        account,
        position,
        side: order.side,
        order_id,
        terms: *terms,
        cum_quantity: 0,
        counted: Counted::NOTHING,
        links: Links::default(),
        pending: 1,
        status: OrdStatus::PendingNew,
        is_leaving: false,
        priority: 0,
    });
    let row = (state.orders.len() - 1) as u32;
    count(state, row, Counted::of(order.side, terms, terms.quantity, mark));
    Some(row)
}
