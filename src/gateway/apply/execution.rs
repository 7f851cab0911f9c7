//! What the venue's answers make of the state, and answers that never come.

use super::counting::{count, counted, leave, recount};
use crate::error::Reason;
use crate::gateway::exposure::Counted;
use crate::gateway::records::{OrderRecord, Outcome};
use crate::gateway::report::OrdStatus;
use crate::gateway::state::State;
use crate::order::{Side, Template};
use crate::venue::{self, Execution, ExecutionKind};

/// Folds what the venue said. Whether it is the first answer to its request.
pub(in crate::gateway) fn apply_execution(
    state: &mut State,
    time: u64,
    execution: &Execution,
) -> bool {
    state.now = state.now.max(time);
    state.last_exec_id = state.last_exec_id.max(execution.exec_id);
    let outcome = match execution.kind {
        ExecutionKind::Rejected(reason) | ExecutionKind::CancelRejected(reason) => {
            Outcome::Rejected(reason)
        }
        _ => Outcome::Accepted,
    };
    let Some((row, is_first)) = answer(state, execution.order_id, outcome) else { return false };
    let record = &mut state.orders[row as usize];
    match execution.kind {
        ExecutionKind::New => {
            record.status = OrdStatus::New;
            record.priority = execution.exec_id;
        }
        ExecutionKind::Rejected(_) => close(state, row, OrdStatus::Rejected),
        ExecutionKind::Canceled => close(state, row, OrdStatus::Canceled),
        ExecutionKind::Expired => close(state, row, OrdStatus::Expired),
        ExecutionKind::CancelRejected(_) => {
            let request = state.request(execution.order_id);
            if request.is_some_and(|request| request.by_gateway.is_some()) {
                leave(state, row, false);
            }
            release(state, row);
        }
        ExecutionKind::Replaced => replace(state, row, execution),
        ExecutionKind::Trade { price, quantity } => trade(state, row, price, quantity),
    }
    is_first
}

/// The request never reached the venue: a new order is none, another leaves its order as it was.
pub(super) fn give_up(state: &mut State, order_id: u64) {
    let outcome = Outcome::Rejected(Reason::NotDelivered);
    let Some((row, _)) = answer(state, order_id, outcome) else { return };
    match state.request(order_id).map(|request| request.template) {
        Some(Template::NewOrderSingle) => close(state, row, OrdStatus::Rejected),
        _ => release(state, row),
    }
}

/// Gives a request its outcome, if it has none yet; its order, and whether it had none.
fn answer(state: &mut State, order_id: u64, outcome: Outcome) -> Option<(u32, bool)> {
    let request = state.request_mut(order_id)?;
    let is_first = request.outcome == Outcome::Pending;
    if is_first {
        request.outcome = outcome;
    }
    let row = request.order?;
    if is_first {
        let pending = &mut state.orders[row as usize].pending;
        *pending = pending.saturating_sub(1);
    }
    Some((row, is_first))
}

fn replace(state: &mut State, row: u32, execution: &Execution) {
    let request = state.request(execution.order_id);
    let Some(terms) = request.and_then(|request| state.terms(request)) else { return };
    let record = &mut state.orders[row as usize];
    let new = record.at_venue(execution.order_id, terms);
    if !venue::keeps_priority(record.terms.price, record.terms.quantity, &new) {
        record.priority = execution.exec_id;
    }
    record.order_id = execution.order_id;
    record.terms = terms;
    release(state, row);
    close_if_filled(state, row);
}

fn trade(state: &mut State, row: u32, price: i64, quantity: u64) {
    let record = &mut state.orders[row as usize];
    record.cum_quantity = record.cum_quantity.saturating_add(quantity);
    if record.is_open() {
        record.status = OrdStatus::PartiallyFilled;
    }
    let OrderRecord { session, side, position, instrument, counted, .. } = *record;
    let after = Counted { quantity: counted.quantity.saturating_sub(quantity), ..counted };
    let before = recount(state, row, after);
    let now = state.now;
    let listing = state.instruments.row_mut(instrument);
    listing.last_price = Some(price);
    let mark = *listing.mark.get_or_insert(price);
    if side == Side::SellShort {
        listing.shorts.sell(quantity, now);
    }
    let session = state.sessions.row_mut(session);
    if session.limits.max_order_to_trade != u32::MAX {
        session.of_day.count_trade(now);
    }
    state.change_position(position, |position| {
        let mut change = position.count(side, before, after);
        change += position.trade(side, price, quantity, mark);
        change
    });
    close_if_filled(state, row);
}

/// With no request on its way the order counts with its leaves alone.
fn release(state: &mut State, row: u32) {
    let record = &state.orders[row as usize];
    if !record.is_open() {
        return;
    }
    let now = counted(state, record, &record.terms, record.leaves());
    let worst = if record.pending == 0 { now } else { record.counted.or_worse(now) };
    count(state, row, worst);
}

fn close_if_filled(state: &mut State, row: u32) {
    let record = &state.orders[row as usize];
    if record.is_open() && record.leaves() == 0 {
        close(state, row, OrdStatus::Filled);
    }
}

fn close(state: &mut State, row: u32, status: OrdStatus) {
    let record = &mut state.orders[row as usize];
    if !record.is_open() {
        return;
    }
    record.status = status;
    let session = record.session;
    count(state, row, Counted::NOTHING);
    let open_orders = &mut state.sessions.row_mut(session).open_orders;
    *open_orders = open_orders.saturating_sub(1);
}
