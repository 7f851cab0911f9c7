//! Gate 5, risk: the firm's limits (SEC 15c3-5, MiFID II RTS 6). Each check is a small function
//! that reads; [`each`] is their order, which `docs/RISK.md` tells. The first that fails gives the
//! reason; a check before the trade may ask for all.
//!
//! New orders and replaces pass every check; what a replace adds to a position is checked last,
//! since only the order it names tells. Cancels reduce risk: of all checks only those that identify
//! the order apply to them.

use crate::config::{SelfTradeMode, SessionPermissions};
use crate::error::Reason;
use crate::gateway::activity::Likeness;
use crate::gateway::exposure::{Counted, Exposure, ExposureLimits, Position, Totals};
use crate::gateway::instrument::{Instrument, NO_COLLAR, UNLIMITED};
use crate::gateway::own_orders;
use crate::gateway::records::{OrderRecord, Outcome};
use crate::gateway::state::{Account, Listing, Named, Session, State};
use crate::order::{OrdType, Order, Request, Side, Template, Terms, Text, UNIT};

type Check = Result<(), Reason>;

const BASIS_POINTS: u128 = 10_000;

/// So many orders at most are cancelled for one that would trade with them: each takes as long as a
/// decision, and all are made under the lock.
pub(super) const SELF_TRADE_CANCELS_MAX: usize = 64;

/// What is asked, and by whom, with all that the checks look up.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    state: &'a State,
    session: &'a Session,
    order: &'a Order,
    named: &'a Named,
    now: u64,
}

impl<'a> Asked<'a> {
    /// An order, what it names, and the clock.
    pub(super) fn new(state: &'a State, named: &'a Named, order: &'a Order, now: u64) -> Self {
        let session = state.sessions.row(named.session);
        Self { state, session, order, named, now: now.max(state.now) }
    }

    /// The first reason not to accept it.
    pub(super) fn check(&self) -> Check {
        each(self, |verdict| verdict)
    }

    /// Every reason not to accept it, in the order of the checks.
    pub(super) fn reasons(&self, mut found: impl FnMut(Reason)) {
        // Going on after each check: there is no first one to be told.
        let _ = each(self, |verdict| {
            verdict.err().into_iter().for_each(&mut found);
            Ok(())
        });
    }

    fn listing(&self) -> Option<&'a Listing> {
        self.named.instrument.map(|row| self.state.instruments.row(row))
    }

    fn account(&self) -> Option<&'a Account> {
        self.named.account.map(|row| self.state.accounts.row(row))
    }

    fn account_limits(&self) -> &'a ExposureLimits {
        let own = self.account().and_then(|account| account.limits.as_ref());
        own.unwrap_or(&self.state.account_limits)
    }

    fn has_exposure_limits(&self) -> bool {
        self.state.firm_limits != ExposureLimits::NONE
            || *self.account_limits() != ExposureLimits::NONE
    }

    fn position(&self) -> Option<&'a Position> {
        self.named.position.map(|row| self.state.positions.row(row))
    }
}

/// What the request would make of the order it is about.
struct Step {
    before: Counted,
    after: Counted,
    /// What it asks for, whatever was before.
    asked: Counted,
}

/// The checks, one behind the other. `on` is told each verdict and says whether to go on.
fn each(asked: &Asked<'_>, mut on: impl FnMut(Check) -> Check) -> Check {
    let on = &mut on;
    let Some(terms) = asked.order.terms() else {
        on(unused_id(asked))?;
        return on(original(asked).map(drop));
    };
    on(refuse_if(asked.state.halted.is_some(), Reason::HaltedGateway))?;
    on(refuse_if(asked.session.halted.is_some(), Reason::HaltedSession))?;
    on(refuse_if(asked.listing().is_some_and(|l| l.halted.is_some()), Reason::HaltedSymbol))?;
    on(refuse_if(asked.account().is_some_and(|a| a.halted.is_some()), Reason::HaltedAccount))?;
    each_of_permissions(asked, terms, on)?;
    let Some(listing) = asked.listing() else {
        return on(Err(Reason::UnknownSymbol));
    };
    each_of_terms(asked, listing, terms, on)?;
    on(unused_id(asked))?;
    if let Request::Replace(..) = asked.order.request {
        on(order_to_trade(asked))?;
        return match replaced(asked, listing, terms) {
            Ok(step) => each_of_exposure(asked, listing, &step, on),
            Err(reason) => on(Err(reason)),
        };
    }
    on(repeated_order(asked, terms))?;
    on(order_to_trade(asked))?;
    on(open_orders(asked))?;
    let new = Counted::of(asked.order.side, terms, terms.quantity, listing.mark);
    let step = Step { before: Counted::NOTHING, after: new, asked: new };
    each_of_exposure(asked, listing, &step, on)
}

/// What the session may trade, and for whom.
fn each_of_permissions(
    asked: &Asked<'_>,
    terms: &Terms,
    on: &mut impl FnMut(Check) -> Check,
) -> Check {
    let Some(permissions) = &asked.session.permissions else { return Ok(()) };
    let is_missing = |names: &[Text], name| !names.is_empty() && names.binary_search(name).is_err();
    let SessionPermissions { symbols, accounts, sides, order_types, .. } = &**permissions;
    on(refuse_if(is_missing(symbols, &asked.order.symbol), Reason::SessionSymbol))?;
    on(refuse_if(is_missing(accounts, &asked.order.account), Reason::SessionAccount))?;
    on(refuse_if(!sides.has(asked.order.side.fix()), Reason::SessionSide))?;
    on(refuse_if(!order_types.has(terms.ord_type.fix()), Reason::SessionOrderType))
}

/// What depends on the order and its instrument alone.
fn each_of_terms(
    asked: &Asked<'_>,
    listing: &Listing,
    terms: &Terms,
    on: &mut impl FnMut(Check) -> Check,
) -> Check {
    let instrument = &listing.instrument;
    on(refuse_if(instrument.restricted, Reason::RestrictedSymbol))?;
    on(refuse_if(!instrument.hours.contain(asked.now), Reason::MarketClosed))?;
    on(refuse_if(!instrument.sides.has(asked.order.side.fix()), Reason::Side))?;
    on(refuse_if(!instrument.order_types.has(terms.ord_type.fix()), Reason::OrderType))?;
    let is_permitted = instrument.times_in_force.has(terms.time_in_force.fix());
    on(refuse_if(!is_permitted, Reason::TimeInForce))?;
    on(tick(listing, terms))?;
    on(refuse_if(!terms.quantity.is_multiple_of(instrument.lot), Reason::Lot))?;
    on(refuse_if(terms.quantity < instrument.min_quantity, Reason::MinQuantity))?;
    on(refuse_if(terms.quantity > instrument.max_quantity, Reason::MaxQuantity))?;
    on(price_band(instrument, terms))?;
    on(no_reference_price(asked, listing, terms))?;
    on(max_notional(listing, terms))?;
    let Instrument { collar_basis_points, last_trade_collar_basis_points, .. } = *instrument;
    let collar = collar(terms, listing.reference_price, collar_basis_points);
    on(refuse_if(collar, Reason::PriceCollar))?;
    let collar = self::collar(terms, listing.last_price, last_trade_collar_basis_points);
    on(refuse_if(collar, Reason::LastTradeCollar))
}

/// Whether this is wrong with one of its prices.
fn has_price(terms: &Terms, is_wrong: impl Fn(i64) -> bool) -> bool {
    terms.price.is_some_and(&is_wrong) || terms.stop_price.is_some_and(&is_wrong)
}

fn tick(listing: &Listing, terms: &Terms) -> Check {
    let is_off = |price: i64| {
        let price = price.unsigned_abs();
        !price.is_multiple_of(listing.tick_at(price))
    };
    refuse_if(has_price(terms, is_off), Reason::Tick)
}

fn price_band(instrument: &Instrument, terms: &Terms) -> Check {
    let band = instrument.min_price..=instrument.max_price;
    refuse_if(has_price(terms, |price| !band.contains(&price)), Reason::PriceBand)
}

/// When no check needs it, it may be missing. A collar is measured from it, a market order, having
/// no price, is valued at it, and so is what an account holds.
fn no_reference_price(asked: &Asked<'_>, listing: &Listing, terms: &Terms) -> Check {
    if listing.reference_price.is_some() {
        return Ok(());
    }
    let Instrument { collar_basis_points, max_notional, .. } = listing.instrument;
    let values_market = max_notional != UNLIMITED && terms.ord_type == OrdType::Market;
    let is_needed =
        collar_basis_points != NO_COLLAR || values_market || asked.has_exposure_limits();
    refuse_if(is_needed, Reason::NoReferencePrice)
}

/// Price times quantity.
fn max_notional(listing: &Listing, terms: &Terms) -> Check {
    let limit = listing.instrument.max_notional;
    let price = terms.price.or(terms.stop_price).or(listing.reference_price);
    let (true, Some(price)) = (limit != UNLIMITED, price) else { return Ok(()) };
    let notional = u128::from(price.unsigned_abs()) * u128::from(terms.quantity);
    refuse_if(notional > u128::from(limit) * u128::from(UNIT), Reason::MaxNotional)
}

/// Whether a price is farther from this one than the collar is wide. Where there is none to measure
/// from nothing is: that is a reason of its own, or before the first trade none.
fn collar(terms: &Terms, from: Option<i64>, basis_points: u32) -> bool {
    let (true, Some(from)) = (basis_points != NO_COLLAR, from) else { return false };
    let widest = u128::from(from.unsigned_abs()) * u128::from(basis_points);
    has_price(terms, |price| u128::from(price.abs_diff(from)) * BASIS_POINTS > widest)
}

fn unused_id(asked: &Asked<'_>) -> Check {
    let used = asked.state.used(asked.named.session, asked.order.client_order_id).is_some();
    refuse_if(used, Reason::DuplicateClientOrderId)
}

fn repeated_order(asked: &Asked<'_>, terms: &Terms) -> Check {
    let limits = &asked.session.limits;
    let (true, Some(instrument)) = (limits.max_repeats != u32::MAX, asked.named.instrument) else {
        return Ok(());
    };
    let like = Likeness::of(instrument, asked.order.side, terms);
    let Session { recent, .. } = asked.session;
    let repeats = recent.repeats(&like, limits.max_repeats, limits.repeat_window_ns, asked.now);
    refuse_if(repeats, Reason::RepeatedOrder)
}

fn order_to_trade(asked: &Asked<'_>) -> Check {
    let limits = &asked.session.limits;
    let (ratio, after) = (limits.max_order_to_trade, limits.order_to_trade_after);
    let exceeds = ratio != u32::MAX && asked.session.of_day.exceeds(ratio, after, asked.now);
    refuse_if(exceeds, Reason::OrderToTrade)
}

fn open_orders(asked: &Asked<'_>) -> Check {
    let session = asked.session;
    refuse_if(session.open_orders >= session.limits.max_open_orders, Reason::MaxOpenOrders)
}

/// What a replace adds: until it is answered the order counts with the worse of old and new.
fn replaced(asked: &Asked<'_>, listing: &Listing, terms: &Terms) -> Result<Step, Reason> {
    let record = original(asked)?;
    refuse_if(terms.ord_type != record.terms.ord_type, Reason::OrderMismatch)?;
    let leaves = terms.quantity.checked_sub(record.cum_quantity).filter(|&leaves| leaves > 0);
    let leaves = leaves.ok_or(Reason::QuantityFilled)?;
    let new = Counted::of(record.side, terms, leaves, listing.mark);
    Ok(Step { before: record.counted, after: record.counted.or_worse(new), asked: new })
}

/// The open order that a cancel or replace names: by its latest id, accepted or on its way.
fn original<'a>(asked: &Asked<'a>) -> Result<&'a OrderRecord, Reason> {
    let Asked { state, order, .. } = *asked;
    let orig = order.orig_client_order_id().ok_or(Reason::UnknownOrder)?;
    let order_id = state.used(asked.named.session, orig).ok_or(Reason::UnknownOrder)?;
    let request = state.request(order_id).ok_or(Reason::UnknownOrder)?;
    let is_cancel = request.template == Template::OrderCancelRequest;
    let record = match request.order {
        Some(row) if !is_cancel => &state.orders[row as usize],
        _ => return Err(Reason::UnknownOrder),
    };
    refuse_if(!record.is_open(), Reason::OrderClosed)?;
    let is_latest = record.order_id == order_id || request.outcome == Outcome::Pending;
    refuse_if(!is_latest, Reason::UnknownOrder)?;
    let same = asked.named.instrument == Some(record.instrument)
        && asked.named.account == Some(record.account)
        && record.side == order.side;
    refuse_if(!same, Reason::OrderMismatch)?;
    Ok(record)
}

/// What depends on everything that is held and open.
fn each_of_exposure(
    asked: &Asked<'_>,
    listing: &Listing,
    step: &Step,
    on: &mut impl FnMut(Check) -> Check,
) -> Check {
    on(self_trade(asked, step))?;
    on(locate(asked, listing, step))?;
    on(max_position(asked, listing, step))?;
    if !asked.has_exposure_limits() {
        return Ok(());
    }
    let (side, now) = (asked.order.side, asked.now);
    let exposure = asked.position().map_or_else(Exposure::default, |position| position.exposure);
    let change = exposure.change(side, step.before, step.after);
    let none = Totals::default();
    let account = asked.account().map_or(&none, |account| &account.totals);
    let (firm, limits) = (&asked.state.firm, asked.account_limits());
    let firm_limits = &asked.state.firm_limits;
    on(refuse_if(account.exceeds_gross(limits, &change), Reason::AccountGross))?;
    on(refuse_if(account.exceeds_net(limits, side, &change), Reason::AccountNet))?;
    on(refuse_if(firm.exceeds_gross(firm_limits, &change), Reason::FirmGross))?;
    on(refuse_if(firm.exceeds_net(firm_limits, side, &change), Reason::FirmNet))?;
    on(refuse_if(account.exceeds_loss(limits, &change, now), Reason::AccountLoss))?;
    on(refuse_if(firm.exceeds_loss(firm_limits, &change, now), Reason::FirmLoss))
}

/// Whether it would trade with an order of the same account or firm, and those that it would trade
/// with are not cancelled for it.
fn self_trade(asked: &Asked<'_>, step: &Step) -> Check {
    let state = asked.state;
    let mut crossed = crossed(state, asked.named, asked.order.side, step.asked.rank);
    let prevents = match state.self_trade_mode {
        SelfTradeMode::CancelNewest | SelfTradeMode::CancelBoth => crossed.next().is_some(),
        SelfTradeMode::CancelOldest => {
            let stays = |(count, row)| {
                let record: &OrderRecord = &state.orders[row as usize];
                count >= SELF_TRADE_CANCELS_MAX || !record.can_be_cancelled()
            };
            crossed.enumerate().any(stays)
        }
    };
    refuse_if(prevents, Reason::SelfTrade)
}

/// The rows of the orders of the same account or firm that an order of this rank would trade with. A
/// stop order may come at any time, and counts like one that has come.
fn crossed<'a>(
    state: &'a State,
    named: &Named,
    side: Side,
    rank: i64,
) -> impl Iterator<Item = u32> + use<'a> {
    let best = named.instrument.and_then(|row| state.best_of(row, named.position));
    let opposite = best.and_then(|best| match side {
        Side::Buy => best.sell,
        Side::Sell | Side::SellShort => best.buy,
    });
    own_orders::at_least(&state.orders, opposite, !rank)
}

/// The orders that this one would trade with and that are cancelled instead, where the configuration
/// says so: as many as there is room for, and how many.
pub(super) fn to_cancel(
    state: &State,
    order: &Order,
    named: &Named,
    found: &mut [u32; SELF_TRADE_CANCELS_MAX],
) -> usize {
    let Some(terms) = order.terms() else { return 0 };
    let rank = Counted::of(order.side, terms, terms.quantity, None).rank;
    let can_be_cancelled = |row: &u32| state.orders[*row as usize].can_be_cancelled();
    let crossed = crossed(state, named, order.side, rank).filter(can_be_cancelled);
    found.iter_mut().zip(crossed).map(|(place, row)| *place = row).count()
}

fn locate(asked: &Asked<'_>, listing: &Listing, step: &Step) -> Check {
    let located = listing.instrument.locate;
    if located == UNLIMITED || asked.order.side != Side::SellShort {
        return Ok(());
    }
    let more = i128::from(step.after.quantity) - i128::from(step.before.quantity);
    let used = listing.shorts.used(asked.now);
    refuse_if(more > 0 && used.saturating_add(more) > i128::from(located), Reason::Locate)
}

/// The position at its worst, every open order on this side filled. What does not raise it passes.
fn max_position(asked: &Asked<'_>, listing: &Listing, step: &Step) -> Check {
    let limit = listing.instrument.max_position;
    let more = i128::from(step.after.quantity) - i128::from(step.before.quantity);
    if limit == UNLIMITED || more <= 0 {
        return Ok(());
    }
    let worst = asked.position().map_or(0, |position| match asked.order.side {
        Side::Buy => position.net + position.open_buy,
        Side::Sell | Side::SellShort => position.open_sell - position.net,
    });
    refuse_if(worst + more > i128::from(limit), Reason::MaxPosition)
}

fn refuse_if(wrong: bool, reason: Reason) -> Check {
    if wrong { Err(reason) } else { Ok(()) }
}
