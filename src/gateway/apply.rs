//! `apply` writes and never decides: it folds one event into the state.
//!
//! The only events that reach it are the gateway's own, live or from a checked journal. What a
//! venue says is nevertheless taken with care: sums saturate and unknown ids are passed over.

mod counting;
mod decision;
mod execution;

pub(super) use decision::apply_decision;
pub(super) use execution::apply_execution;

use crate::config::SessionPermissions;
use crate::gateway::activity::Shorts;
use crate::gateway::event::{Event, EventKind, HaltScope, SessionName};
use crate::gateway::exposure::{ExposureLimits, ExposureScope};
use crate::gateway::own_orders::Best;
use crate::gateway::state::{Account, KeyRecord, Listing, Session, State};
use crate::gateway::throttle::Bucket;
use crate::order::Text;
use decision::apply_cancel;
use execution::give_up;

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
            state.bucket.change(*throttle, state.now);
            state.self_trade_mode = *self_trade_mode;
            state.prevent_self_trades(*self_trade_prevention);
        }
        EventKind::Session { id, limits, max_orders } => {
            let row = state.sessions.find_or_insert(*id, || Session::new(*id, *limits));
            let session = state.sessions.row_mut(row);
            session.limits = *limits;
            session.max_orders = *max_orders;
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
                rate: None,
                bucket: Bucket::default(),
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
            let Some(session) = state.sessions.find(&frame.order.session_id) else { return };
            let named = state.named(session, &frame.order);
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
                let permissions = session.permissions.get_or_insert_default();
                match what {
                    SessionName::Symbol(symbol) => permissions.symbols.push(*symbol),
                    SessionName::Account(account) => permissions.accounts.push(*account),
                }
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
        EventKind::InstrumentRate { symbol, rate } => {
            if let Some(listing) = state.instruments.get_mut(symbol) {
                listing.rate = *rate;
                if let Some(rate) = rate {
                    listing.bucket.change(*rate, state.now);
                }
            }
        }
        EventKind::OrdersForgotten { before } => state.forget_finished(*before),
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
