//! `apply` writes and never decides: it folds one event into the state.
//!
//! The only events that reach it are the gateway's own, live or from a checked journal. What a
//! venue says is nevertheless taken with care: sums saturate and unknown ids are passed over.

use crate::config::SessionPermissions;
use crate::error::Reason;
use crate::gateway::activity::{Likeness, Shorts};
use crate::gateway::event::{Event, EventKind, HaltScope, SessionName};
use crate::gateway::exposure::{Counted, ExposureLimits, ExposureScope};
use crate::gateway::freshness::gap;
use crate::gateway::own_orders::{Best, Links};
use crate::gateway::report::OrdStatus;
use crate::gateway::state::{
    Account, KeyRecord, Listing, Named, OrderRecord, Outcome, RequestRecord, Session, State,
};
use crate::order::{Frame, Order, Request, Side, Template, Terms, Text};
use crate::venue::{self, Execution, ExecutionKind};

/// Folds the event into the state.
pub(super) fn apply(state: &mut State, event: &Event<'_>) {
    if event.kind == EventKind::ClockSetBack {
        state.set_back(state.now.saturating_sub(event.time));
    }
    state.now = state.now.max(event.time);
    match &event.kind {
        EventKind::Configured {
            digest,
            freshness,
            throttle,
            self_trade_prevention,
            self_trade_mode,
        } => {
            state.config_digest = *digest;
            state.freshness = *freshness;
            state.throttle = *throttle;
            state.bucket.change(*throttle, state.now);
            state.self_trade_mode = *self_trade_mode;
            state.prevent_self_trades(*self_trade_prevention);
        }
        EventKind::Session { id, limits } => {
            let row = state.sessions.find_or_insert(*id, || Session::new(*id, *limits));
            let session = state.sessions.row_mut(row);
            session.limits = *limits;
            session.bucket.change(limits.rate, state.now);
            session.cancel_bucket.change(limits.cancel_rate, state.now);
        }
        EventKind::Key { session_id, key_id, suite, active } => {
            let record = KeyRecord { key_id: *key_id, suite: *suite, active: *active };
            apply_key(state, *session_id, record);
        }
        EventKind::Instrument(instrument) => {
            let listing = Listing {
                instrument: *instrument,
                reference_price: None,
                mark: None,
                halted: None,
                latest_position: None,
                last_price: None,
                shorts: Shorts::default(),
                best: Best::default(),
                tick_bands: Vec::new(),
            };
            let row = state.instruments.find_or_insert(instrument.symbol, || listing);
            state.instruments.row_mut(row).instrument = *instrument;
        }
        EventKind::ReferencePrice { symbol, price } => apply_reference(state, symbol, *price),
        EventKind::ExposureLimits { scope, limits } => apply_limits(state, scope, *limits),
        EventKind::Halt { scope, halted } => {
            apply_halt(state, scope, halted.then_some(state.now));
        }
        EventKind::Resumed { scope, .. } => apply_halt(state, scope, None),
        EventKind::Decided { order_id: _, reason, frame } => {
            let named = state.named(&frame.order);
            apply_decision(state, event.time, frame, &named, *reason);
        }
        EventKind::Executed(execution) => {
            apply_execution(state, event.time, execution);
        }
        EventKind::NotDelivered { order_id } => give_up(state, *order_id),
        EventKind::ClockSetBack => {}
        EventKind::Cancelled { order_id: _, orig_order_id, reason } => {
            apply_cancel(state, *orig_order_id, *reason);
        }
        EventKind::SessionTrades { session_id, sides, order_types, max_sequence_gap } => {
            if let Some(session) = state.sessions.get_mut(session_id) {
                let (sides, order_types) = (*sides, *order_types);
                let max_sequence_gap = *max_sequence_gap;
                let every = SessionPermissions::default();
                session.permit(SessionPermissions {
                    sides,
                    order_types,
                    max_sequence_gap,
                    ..every
                });
            }
        }
        EventKind::SessionTradesOnly { session_id, what } => {
            if let Some(session) = state.sessions.get_mut(session_id) {
                let mut permissions =
                    session.permissions.take().map_or_else(Default::default, |p| *p);
                match what {
                    SessionName::Symbol(symbol) => permissions.symbols.push(*symbol),
                    SessionName::Account(account) => permissions.accounts.push(*account),
                }
                session.permit(permissions);
            }
        }
        EventKind::TickBand { symbol, band } => {
            if let Some(listing) = state.instruments.get_mut(symbol) {
                match band {
                    Some(band) => listing.tick_bands.push(*band),
                    None => listing.tick_bands.clear(),
                }
            }
        }
    }
}

fn apply_key(state: &mut State, session_id: u64, record: KeyRecord) {
    let Some(session) = state.sessions.get_mut(&session_id) else { return };
    match session.keys.iter_mut().find(|key| key.key_id == record.key_id) {
        Some(key) => *key = record,
        None => session.keys.push(record),
    }
}

/// Every position in the instrument is worth something else from now on.
fn apply_reference(state: &mut State, symbol: &Text, price: i64) {
    let Some(listing) = state.instruments.get_mut(symbol) else { return };
    listing.reference_price = Some(price);
    listing.mark = Some(price);
    let mut position = listing.latest_position;
    while let Some(row) = position {
        state.change_position(row, |position| position.mark(price));
        position = state.positions.row(row).previous;
    }
}

fn apply_limits(state: &mut State, scope: &ExposureScope, limits: Option<ExposureLimits>) {
    if limits.is_some_and(|limits| limits != ExposureLimits::NONE) {
        state.add_up_exposure();
    }
    match scope {
        ExposureScope::Firm => state.firm_limits = limits.unwrap_or(ExposureLimits::NONE),
        ExposureScope::EveryAccount => {
            state.account_limits = limits.unwrap_or(ExposureLimits::NONE);
        }
        ExposureScope::Account(account) => {
            let row = account_row(state, *account);
            state.accounts.row_mut(row).limits = limits;
        }
    }
}

fn apply_halt(state: &mut State, scope: &HaltScope, halted: Option<u64>) {
    match scope {
        HaltScope::Gateway => state.halted = halted,
        HaltScope::Session(id) => {
            if let Some(session) = state.sessions.get_mut(id) {
                session.halted = halted;
            }
        }
        HaltScope::Symbol(symbol) => {
            if let Some(listing) = state.instruments.get_mut(symbol) {
                listing.halted = halted;
            }
        }
        HaltScope::Account(account) => {
            let row = account_row(state, *account);
            state.accounts.row_mut(row).halted = halted;
        }
    }
}

fn account_row(state: &mut State, account: Text) -> u32 {
    state.accounts.find_or_insert(account, || Account { name: account, ..Account::default() })
}

/// Folds a decision about a frame. `named` is what the frame's order names in this state.
pub(super) fn apply_decision(
    state: &mut State,
    time: u64,
    frame: &Frame<'_>,
    named: &Named,
    reason: Option<Reason>,
) {
    state.now = state.now.max(time);
    let order = &frame.order;
    let Some(session) = named.session else { return };
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
        row.cancel_bucket.take(row.limits.cancel_rate, now);
    } else {
        row.bucket.take(row.limits.rate, now);
        state.bucket.take(state.throttle, now);
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
    state.push_request(RequestRecord {
        template: order.template(),
        session,
        sequence: order.sequence,
        sequence_gap: u32::try_from(gap).unwrap_or(u32::MAX),
        time: now,
        client_order_id: order.client_order_id,
        orig_client_order_id: order.orig_client_order_id(),
        side: order.side,
        terms: order.terms().copied(),
        order: record,
        outcome,
        by_gateway: None,
    });
}

/// A cancel of the gateway's own is on its way: whatever follows reaches the venue behind it, so the
/// order is none that others must not trade with.
fn apply_cancel(state: &mut State, orig_order_id: u64, reason: Reason) {
    let Some(row) = state.request(orig_order_id).and_then(|request| request.order) else { return };
    expect_answer(state, row, Counted::NOTHING);
    leave(state, row, true);
    let OrderRecord { session, side, .. } = state.orders[row as usize];
    state.push_request(RequestRecord {
        template: Template::OrderCancelRequest,
        session,
        sequence: 0,
        sequence_gap: 0,
        time: state.now,
        client_order_id: 0,
        orig_client_order_id: None,
        side,
        terms: None,
        order: Some(row),
        outcome: Outcome::Pending,
        by_gateway: Some(reason),
    });
}

/// The order leaves because the gateway cancels it, or stays after all.
fn leave(state: &mut State, row: u32, is_leaving: bool) {
    let was_in = state.orders[row as usize].is_ranked();
    state.orders[row as usize].is_leaving = is_leaving;
    let is_in = state.orders[row as usize].is_ranked();
    state.rank(row, was_in, is_in);
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
    let (session, instrument) = named.session.zip(named.instrument)?;
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

/// One more request about the order is on its way; until it is answered the order counts with the
/// larger of what is open and what it may become.
fn expect_answer(state: &mut State, row: u32, may_become: Counted) {
    let record = &mut state.orders[row as usize];
    record.pending += 1;
    let worst = record.counted.or_worse(may_become);
    count(state, row, worst);
}

/// What the order would count with under these terms.
fn counted(state: &State, record: &OrderRecord, terms: &Terms, leaves: u64) -> Counted {
    Counted::of(record.side, terms, leaves, state.instruments.row(record.instrument).mark)
}

/// Makes the order count with this in its position.
fn count(state: &mut State, row: u32, after: Counted) {
    let before = recount(state, row, after);
    let OrderRecord { side, position, .. } = state.orders[row as usize];
    state.change_position(position, |position| position.count(side, before, after));
}

/// Makes the order count with this everywhere but in its position; what it counted with before.
fn recount(state: &mut State, row: u32, after: Counted) -> Counted {
    let record = &mut state.orders[row as usize];
    let was_in = record.is_ranked();
    let before = std::mem::replace(&mut record.counted, after);
    let is_in = record.is_ranked();
    if record.side == Side::SellShort {
        let more = i128::from(after.quantity) - i128::from(before.quantity);
        state.instruments.row_mut(record.instrument).shorts.open += more;
    }
    if (was_in, before.rank) != (is_in, after.rank) {
        state.rank(row, was_in, is_in);
    }
    before
}

/// Folds what the venue said. Whether it is the first answer to its request.
pub(super) fn apply_execution(state: &mut State, time: u64, execution: &Execution) -> bool {
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

/// The request never reached the venue: a new order is none, another leaves its order as it was.
fn give_up(state: &mut State, order_id: u64) {
    let outcome = Outcome::Rejected(Reason::NotDelivered);
    let Some((row, _)) = answer(state, order_id, outcome) else { return };
    match state.request(order_id).map(|request| request.template) {
        Some(Template::NewOrderSingle) => close(state, row, OrdStatus::Rejected),
        _ => release(state, row),
    }
}

fn replace(state: &mut State, row: u32, execution: &Execution) {
    let request = state.request(execution.order_id);
    let Some(terms) = request.and_then(|request| request.terms) else { return };
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
        position.count(side, before, after);
        position.trade(side, price, quantity, mark);
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
