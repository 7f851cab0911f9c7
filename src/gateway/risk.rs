//! Gate 5, risk: the firm's limits, in the order of their reason numbers (SEC 15c3-5, MiFID II
//! RTS 6 practice). The first check that fails gives the reason.
//!
//! New orders and replaces pass every check; a replace's position is checked last, since only the
//! order it names tells what is added. Cancels reduce risk: of all checks only those that identify
//! the order apply to them.

use crate::error::Reason;
use crate::gateway::instrument::{Instrument, NO_COLLAR, UNLIMITED};
use crate::gateway::state::{Listing, OrderRecord, Outcome, Position, State};
use crate::order::{OrdType, Order, Request, Side, Terms, UNIT};

type Check = Result<(), Reason>;

const BASIS_POINTS: u128 = 10_000;

/// Checks the request of the session in this row.
pub(super) fn check(state: &State, session: u32, order: &Order) -> Check {
    match &order.request {
        Request::New(terms) => {
            let listing = halted_or_unlisted(state, session, order)?;
            check_terms(listing, order.side, terms)?;
            unused_id(state, session, order)?;
            open_orders(state, session)?;
            let position = position_of(state, order);
            max_position(&listing.instrument, &position, order.side, i128::from(terms.quantity))
        }
        Request::Replace(orig, terms) => {
            let listing = halted_or_unlisted(state, session, order)?;
            check_terms(listing, order.side, terms)?;
            unused_id(state, session, order)?;
            let record = original(state, session, *orig, order)?;
            if terms.ord_type != record.terms.ord_type {
                return Err(Reason::OrderMismatch);
            }
            let leaves = terms.quantity.checked_sub(record.cum_quantity).filter(|&q| q > 0);
            let more = i128::from(leaves.ok_or(Reason::QuantityFilled)?)
                .saturating_sub(i128::from(record.reserved));
            let position = state.positions.row(record.position);
            max_position(&listing.instrument, position, order.side, more)
        }
        Request::Cancel(orig) => {
            unused_id(state, session, order)?;
            original(state, session, *orig, order).map(drop)
        }
    }
}

fn halted_or_unlisted<'a>(
    state: &'a State,
    session: u32,
    order: &Order,
) -> Result<&'a Listing, Reason> {
    let listing = state.instruments.get(&order.symbol);
    let account = state.accounts.get(&order.account);
    refuse_if(state.halted, Reason::HaltedGateway)?;
    refuse_if(state.sessions.row(session).halted, Reason::HaltedSession)?;
    refuse_if(listing.is_some_and(|listing| listing.halted), Reason::HaltedSymbol)?;
    refuse_if(account.is_some_and(|account| account.halted), Reason::HaltedAccount)?;
    listing.ok_or(Reason::UnknownSymbol)
}

/// What depends on the order and its instrument alone.
fn check_terms(listing: &Listing, side: Side, terms: &Terms) -> Check {
    let instrument = &listing.instrument;
    refuse_if(instrument.restricted, Reason::RestrictedSymbol)?;
    refuse_if(!instrument.sides.has(side.fix()), Reason::Side)?;
    refuse_if(!instrument.order_types.has(terms.ord_type.fix()), Reason::OrderType)?;
    refuse_if(!instrument.times_in_force.has(terms.time_in_force.fix()), Reason::TimeInForce)?;
    for price in [terms.price, terms.stop_price].into_iter().flatten() {
        refuse_if(!price.unsigned_abs().is_multiple_of(instrument.tick), Reason::Tick)?;
    }
    refuse_if(!terms.quantity.is_multiple_of(instrument.lot), Reason::Lot)?;
    refuse_if(terms.quantity > instrument.max_quantity, Reason::MaxQuantity)?;
    let reference = reference_price(listing, terms)?;
    max_notional(instrument, terms, reference)?;
    price_collar(instrument, terms, reference)
}

/// The reference price; when no check needs it, it may be missing and is 0. A collar is measured
/// from it, and a market order, having no price, is valued at it.
fn reference_price(listing: &Listing, terms: &Terms) -> Result<i64, Reason> {
    let Instrument { collar_basis_points, max_notional, .. } = listing.instrument;
    let values_market = max_notional != UNLIMITED && terms.ord_type == OrdType::Market;
    match listing.reference_price {
        None if collar_basis_points != NO_COLLAR || values_market => Err(Reason::NoReferencePrice),
        price => Ok(price.unwrap_or(0)),
    }
}

/// Price times quantity.
fn max_notional(instrument: &Instrument, terms: &Terms, reference: i64) -> Check {
    let limit = instrument.max_notional;
    if limit == UNLIMITED {
        return Ok(());
    }
    let price = terms.price.or(terms.stop_price).unwrap_or(reference);
    let notional = u128::from(price.unsigned_abs()) * u128::from(terms.quantity);
    refuse_if(notional > u128::from(limit) * u128::from(UNIT), Reason::MaxNotional)
}

fn price_collar(instrument: &Instrument, terms: &Terms, reference: i64) -> Check {
    let basis_points = instrument.collar_basis_points;
    if basis_points == NO_COLLAR {
        return Ok(());
    }
    let widest = u128::from(reference.unsigned_abs()) * u128::from(basis_points);
    for price in [terms.price, terms.stop_price].into_iter().flatten() {
        let distance = u128::from(price.abs_diff(reference)) * BASIS_POINTS;
        refuse_if(distance > widest, Reason::PriceCollar)?;
    }
    Ok(())
}

fn unused_id(state: &State, session: u32, order: &Order) -> Check {
    let used = state.used(session, order.client_order_id).is_some();
    refuse_if(used, Reason::DuplicateClientOrderId)
}

fn open_orders(state: &State, session: u32) -> Check {
    let session = state.sessions.row(session);
    refuse_if(session.open_orders >= session.limits.max_open_orders, Reason::MaxOpenOrders)
}

fn position_of(state: &State, order: &Order) -> Position {
    let account = state.accounts.find(&order.account);
    let instrument = state.instruments.find(&order.symbol);
    account.zip(instrument).and_then(|key| state.positions.get(&key).copied()).unwrap_or_default()
}

/// The position at its worst, every open order on this side filled and `more` besides. What does
/// not raise the exposure passes.
fn max_position(instrument: &Instrument, position: &Position, side: Side, more: i128) -> Check {
    if instrument.max_position == UNLIMITED || more <= 0 {
        return Ok(());
    }
    let worst = match side {
        Side::Buy => position.net + position.open_buy + more,
        Side::Sell | Side::SellShort => position.open_sell + more - position.net,
    };
    refuse_if(worst > i128::from(instrument.max_position), Reason::MaxPosition)
}

/// The open order that a cancel or replace names: by its latest id, accepted or on its way.
fn original<'a>(
    state: &'a State,
    session: u32,
    orig: u64,
    order: &Order,
) -> Result<&'a OrderRecord, Reason> {
    let order_id = state.used(session, orig).ok_or(Reason::UnknownOrder)?;
    let request = state.request(order_id).ok_or(Reason::UnknownOrder)?;
    let is_cancel = request.terms.is_none();
    let record = match request.order {
        Some(row) if !is_cancel => &state.orders[row as usize],
        _ => return Err(Reason::UnknownOrder),
    };
    refuse_if(!record.is_open(), Reason::OrderClosed)?;
    let is_latest = record.order_id == order_id || request.outcome == Outcome::Pending;
    refuse_if(!is_latest, Reason::UnknownOrder)?;
    let same = state.instruments.row(record.instrument).instrument.symbol == order.symbol
        && state.accounts.find(&order.account) == Some(record.account)
        && record.side == order.side;
    refuse_if(!same, Reason::OrderMismatch)?;
    Ok(record)
}

fn refuse_if(wrong: bool, reason: Reason) -> Check {
    if wrong { Err(reason) } else { Ok(()) }
}
