//! Gates 3 to 5 as the model has them: docs/RISK.md, check by check in its order.

use tinywindow::gateway::HaltScope;
use tinywindow::order::{Order, Request, Side, Terms};
use tinywindow::{Error, Reason};

use crate::book::{Book, Counted, Working};
use crate::client::text;
use crate::rules::{
    AAPL_CLOSED, DEAR, MAX_NOTIONAL, MAX_OPEN_ORDERS, MAX_POSITION, MAX_QUANTITY, MSFT_CLOSED,
    Mode, Prevents, SECOND, SYMBOLS, UNIT,
};

const BACK_NS: u64 = 5 * SECOND;
const AHEAD_NS: u64 = SECOND;

fn unless(wrong: bool, reason: Reason) -> Result<(), Reason> {
    if wrong { Err(reason) } else { Ok(()) }
}

impl Book {
    /// Gate 3: under which order id the frame was decided before, if it was; or why it is refused.
    pub fn freshness(&self, order: &Order, clock: u64) -> Result<Option<u64>, Error> {
        let session = self.session(order.session_id);
        if order.sequence <= session.last_sequence {
            return match session.frames.get(&order.sequence) {
                Some((known, order_id)) if known == order => Ok(Some(*order_id)),
                Some(_) => Err(Error::SequenceReused),
                None => Err(Error::StaleSequence),
            };
        }
        let sent = order.sending_time;
        let is_stale = sent + BACK_NS < clock || sent > clock + AHEAD_NS;
        if is_stale { Err(Error::StaleTime) } else { Ok(None) }
    }

    /// Gate 4.
    pub fn throttles(&self, order: &Order, now: u64) -> bool {
        let session = self.session(order.session_id);
        if order.terms().is_none() {
            return !session.cancel_bucket.has_token(now);
        }
        let is_msft = order.symbol == text(SYMBOLS[1]);
        !session.bucket.has_token(now)
            || !self.bucket.has_token(now)
            || (is_msft && !self.msft_bucket.has_token(now))
    }

    /// Gate 5: why the order must be rejected.
    pub fn rejects(&self, order: &Order, now: u64) -> Result<(), Reason> {
        let session = self.session(order.session_id);
        let is_used = session.used.contains_key(&order.client_order_id);
        let Some(terms) = order.terms() else {
            unless(is_used, Reason::DuplicateClientOrderId)?;
            return self.original(order).map(drop);
        };
        let is_halted = |scope| self.halted(&scope).is_some();
        unless(is_halted(HaltScope::Gateway), Reason::HaltedGateway)?;
        unless(is_halted(HaltScope::Session(order.session_id)), Reason::HaltedSession)?;
        unless(is_halted(HaltScope::Symbol(order.symbol)), Reason::HaltedSymbol)?;
        unless(is_halted(HaltScope::Account(order.account)), Reason::HaltedAccount)?;
        self.rejects_terms(order, terms, now)?;
        unless(is_used, Reason::DuplicateClientOrderId)?;
        let is_full = session.of_day.is_full(self.rules.order_to_trade, now);
        let (before, after) = if let Request::Replace(..) = order.request {
            unless(is_full, Reason::OrderToTrade)?;
            let (row, working) = self.original(order)?;
            unless(terms.quantity <= working.filled, Reason::QuantityFilled)?;
            (working.counted, self.may_become(row, Some(terms)))
        } else {
            let like = (order.symbol, order.side, terms.price, terms.quantity);
            unless(session.repeats.is_one_too_many(like, now), Reason::RepeatedOrder)?;
            unless(is_full, Reason::OrderToTrade)?;
            unless(session.open_orders >= MAX_OPEN_ORDERS, Reason::MaxOpenOrders)?;
            (Counted::default(), self.counted(order.symbol, terms, terms.quantity))
        };
        unless(self.prevents(order, terms), Reason::SelfTrade)?;
        let more = i128::from(after.quantity) - i128::from(before.quantity);
        let worst = self.worst(order) + more;
        unless(more > 0 && worst > i128::from(MAX_POSITION), Reason::MaxPosition)?;
        self.exceeds(order, before, after, now)
    }

    /// What depends on the order and its instrument alone.
    fn rejects_terms(&self, order: &Order, terms: &Terms, now: u64) -> Result<(), Reason> {
        let is_msft = order.symbol == text(SYMBOLS[1]);
        let (from, until) = if is_msft { MSFT_CLOSED } else { AAPL_CLOSED };
        let second = now / SECOND % 86_400;
        unless((from..until).contains(&second), Reason::MarketClosed)?;
        let price = terms.price.unwrap_or(0).unsigned_abs();
        let is_off = is_msft && price >= DEAR && !price.is_multiple_of(2 * UNIT);
        unless(is_off, Reason::Tick)?;
        unless(terms.quantity > MAX_QUANTITY, Reason::MaxQuantity)?;
        let needs_a_price = self.limits.need_a_price(&order.account);
        let is_unknown = !self.references.contains_key(&order.symbol);
        unless(needs_a_price && is_unknown, Reason::NoReferencePrice)?;
        let notional = u128::from(price) * u128::from(terms.quantity);
        let limit = u128::from(MAX_NOTIONAL) * u128::from(UNIT);
        unless(notional > limit, Reason::MaxNotional)
    }

    /// The position on the order's side with every open order of that side filled.
    fn worst(&self, order: &Order) -> i128 {
        let is_same = |o: &&Working| {
            (o.account, o.symbol) == (order.account, order.symbol) && o.side == order.side
        };
        let quantities = self.orders.iter().filter(is_same).map(|o| i128::from(o.counted.quantity));
        let open = quantities.sum::<i128>();
        let net = self.positions.get(&(order.account, order.symbol)).map_or(0, |held| held.net);
        if order.side == Side::Buy { net + open } else { open - net }
    }

    /// The open orders that this one would trade with and must not.
    fn crossed(&self, order: &Order, terms: &Terms) -> impl Iterator<Item = &Working> {
        let price = terms.price.unwrap_or(0);
        let crosses = move |other: &&Working| {
            let of_same = match self.rules.prevents {
                Prevents::Nobody => false,
                Prevents::Account => other.account == order.account,
                Prevents::Firm => true,
            };
            let would_trade = match order.side {
                Side::Buy => price >= other.counted.price,
                Side::Sell | Side::SellShort => price <= other.counted.price,
            };
            let is_there = other.counted.quantity > 0 && !other.is_leaving;
            let is_opposite = (other.side == Side::Buy) != (order.side == Side::Buy);
            of_same && other.symbol == order.symbol && is_opposite && is_there && would_trade
        };
        self.orders.iter().filter(crosses)
    }

    fn prevents(&self, order: &Order, terms: &Terms) -> bool {
        let mut crossed = self.crossed(order, terms);
        match self.rules.mode {
            Mode::Newest | Mode::Both => crossed.next().is_some(),
            Mode::Oldest => crossed.any(|other| !other.can_be_cancelled()),
        }
    }

    /// What the gateway cancels before it decides an order so, in any order.
    pub fn cancels_for(&self, order: &Order, verdict: Result<(), Reason>) -> Vec<u64> {
        let cancels = match self.rules.mode {
            Mode::Newest => false,
            Mode::Oldest => verdict.is_ok(),
            Mode::Both => verdict == Err(Reason::SelfTrade),
        };
        let Some(terms) = order.terms().filter(|_| cancels) else { return Vec::new() };
        let crossed = self.crossed(order, terms).filter(|other| other.can_be_cancelled());
        crossed.map(|other| other.id).collect()
    }

    fn original(&self, order: &Order) -> Result<(usize, &Working), Reason> {
        let orig = order.orig_client_order_id().ok_or(Reason::UnknownOrder)?;
        let session = self.session(order.session_id);
        let order_id = *session.used.get(&orig).ok_or(Reason::UnknownOrder)?;
        let request = self.request(order_id).ok_or(Reason::UnknownOrder)?;
        let has_terms = request.request.is_some_and(|request| request.terms().is_some());
        let row = request.order.filter(|_| has_terms).ok_or(Reason::UnknownOrder)?;
        let working = &self.orders[row];
        if !working.is_open {
            return Err(Reason::OrderClosed);
        }
        if working.id != order_id && request.outcome.is_some() {
            return Err(Reason::UnknownOrder);
        }
        let known = (working.symbol, working.account, working.side);
        let is_same = known == (order.symbol, order.account, order.side);
        if is_same { Ok((row, working)) } else { Err(Reason::OrderMismatch) }
    }
}
