//! What positions are worth and what they may become: the sums behind the limits of accounts and
//! of the firm, kept up with every event so that a check only compares.
//!
//! Money here has exponent -16, price times quantity, exact. What one order or position counts
//! with ends at `VALUE_MAX`, far above every limit, so that no sum overflows.

use std::ops::{AddAssign, Sub};

use crate::error::Invalid;
use crate::gateway::instrument::UNLIMITED;
use crate::gateway::own_orders::Best;
use crate::gateway::row::row;
use crate::order::{Side, Terms, Text, UNIT};

/// Limits of an account, or of the firm. Money has exponent -8; [`UNLIMITED`] is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposureLimits {
    /// Sum over the instruments of what is held or may come to be held, long or short.
    pub max_gross_notional: u64,
    /// The same, but with what is short taken from what is long.
    pub max_net_notional: u64,
    /// Of a day in UTC: realised, and open positions at their reference prices.
    pub max_loss: u64,
}

impl ExposureLimits {
    /// No limit at all.
    pub const NONE: Self =
        Self { max_gross_notional: UNLIMITED, max_net_notional: UNLIMITED, max_loss: UNLIMITED };

    /// Whether a text could give them; else the first that it could not.
    pub fn check(&self) -> Result<(), Invalid> {
        Invalid::first(&[
            (self.max_gross_notional > 0, c"max_gross_notional: must be above 0, or none"),
            (self.max_net_notional > 0, c"max_net_notional: must be above 0, or none"),
            (self.max_loss > 0, c"max_loss: must be above 0, or none"),
        ])
    }
}

/// Whose limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExposureScope {
    Firm,
    /// Each account that has no limits of its own.
    EveryAccount,
    Account(Text),
}

/// 7.9 trillion in money; the highest limit is 0.18 trillion.
const VALUE_MAX: i128 = 1 << 96;

const NANOSECONDS_PER_DAY: u64 = 86_400_000_000_000;

/// Of one position, or of all positions of an account or the firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exposure {
    /// What is held, at reference prices: long above 0, short below.
    pub held: i128,
    /// What open orders may add to it, and take from it.
    pub buys: i128,
    pub sells: i128,
    /// What a position may become at its worst, long or short; of many positions their sum.
    pub gross: i128,
    /// Money received less money paid, and what is held at reference prices.
    pub equity: i128,
}

row!(Exposure { held, buys, sells, gross, equity });

impl AddAssign for Exposure {
    fn add_assign(&mut self, other: Self) {
        self.held += other.held;
        self.buys += other.buys;
        self.sells += other.sells;
        self.gross += other.gross;
        self.equity += other.equity;
    }
}

impl Sub for Exposure {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            held: self.held - other.held,
            buys: self.buys - other.buys,
            sells: self.sells - other.sells,
            gross: self.gross - other.gross,
            equity: self.equity - other.equity,
        }
    }
}

impl Exposure {
    /// An order of this side in the one position that this is of counts differently from now on;
    /// what that changes.
    fn count(&mut self, side: Side, before: Counted, after: Counted) -> Exposure {
        let value = after.value() - before.value();
        let (buys, sells) = match side {
            Side::Buy => (value, 0),
            Side::Sell | Side::SellShort => (0, value),
        };
        let gross = self.gross;
        self.buys += buys;
        self.sells += sells;
        self.add_up();
        Exposure { buys, sells, gross: self.gross - gross, ..Exposure::default() }
    }

    fn add_up(&mut self) {
        self.gross = (self.held + self.buys).max(self.sells - self.held);
    }

    /// What it would change by if an order of this side counted differently.
    pub fn change(&self, side: Side, before: Counted, after: Counted) -> Exposure {
        let mut changed = *self;
        changed.count(side, before, after)
    }
}

/// What an account holds of an instrument, and what its open orders may make of it. Quantities
/// have exponent -8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub account: u32,
    /// The position before this one in the same instrument.
    pub previous: Option<u32>,
    pub net: i128,
    /// What its open orders may still buy and sell, at their worst.
    pub open_buy: i128,
    pub open_sell: i128,
    pub cash: i128,
    pub exposure: Exposure,
    /// Of its open orders, while self-trades within an account are prevented.
    pub best: Best,
}

row!(Position { account, previous, net, open_buy, open_sell, cash, exposure, best });

/// With what an order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub quantity: u64,
    /// The value of a unit of it.
    pub weight: u64,
    /// How good its price is for who would trade with it: the higher the better, of buys and of
    /// sells. One without a price takes any. Two of opposite sides would trade with each other if
    /// the one's rank is at least `!` the other's.
    pub rank: i64,
}

row!(Counted { quantity, weight, rank });

impl Counted {
    /// What is not open.
    pub const NOTHING: Self = Self { quantity: 0, weight: 0, rank: i64::MIN };

    /// What an order with these terms counts with: at its price or the reference price, whichever
    /// is worth more, since a sell order below the market trades at the market.
    pub fn of(side: Side, terms: &Terms, quantity: u64, mark: Option<i64>) -> Self {
        let magnitude = |price: Option<i64>| price.map_or(0, i64::unsigned_abs);
        let weight = magnitude(terms.price).max(magnitude(terms.stop_price)).max(magnitude(mark));
        let rank = match (side, terms.price) {
            (_, None) => i64::MAX,
            (Side::Buy, Some(price)) => price,
            (Side::Sell | Side::SellShort, Some(price)) => !price,
        };
        Self { quantity, weight, rank }
    }

    /// The worse of the two in both respects: what an order counts with while nobody knows which
    /// of them it is.
    pub fn or_worse(self, other: Self) -> Self {
        Self {
            quantity: self.quantity.max(other.quantity),
            weight: self.weight.max(other.weight),
            rank: self.rank.max(other.rank),
        }
    }

    fn value(self) -> i128 {
        let value = u128::from(self.quantity) * u128::from(self.weight);
        value.min(VALUE_MAX as u128) as i128
    }
}

impl Position {
    /// An order of this side counts differently from now on; what that changes.
    pub fn count(&mut self, side: Side, before: Counted, after: Counted) -> Exposure {
        let quantity = i128::from(after.quantity) - i128::from(before.quantity);
        match side {
            Side::Buy => self.open_buy += quantity,
            Side::Sell | Side::SellShort => self.open_sell += quantity,
        }
        self.exposure.count(side, before, after)
    }

    /// A fill; what that changes.
    pub fn trade(&mut self, side: Side, price: i64, quantity: u64, mark: i64) -> Exposure {
        let paid = i128::from(price).saturating_mul(quantity.into());
        let paid = paid.clamp(-VALUE_MAX, VALUE_MAX);
        match side {
            Side::Buy => {
                self.net += i128::from(quantity);
                self.cash = self.cash.saturating_sub(paid);
            }
            Side::Sell | Side::SellShort => {
                self.net -= i128::from(quantity);
                self.cash = self.cash.saturating_add(paid);
            }
        }
        self.mark(mark)
    }

    /// What is held is valued at this price; what that changes.
    pub fn mark(&mut self, price: i64) -> Exposure {
        let before = self.exposure;
        let worth = self.net.saturating_mul(price.into()).clamp(-VALUE_MAX, VALUE_MAX);
        self.exposure.held = if price < 0 { -worth } else { worth };
        self.exposure.equity = self.cash.saturating_add(worth);
        self.exposure.add_up();
        self.exposure - before
    }
}

/// The sums of an account, or of the firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub sum: Exposure,
    /// The latest day, since 1970 UTC, on which something changed, and the equity before that.
    day: u64,
    equity_before: i128,
}

row!(Totals { sum, day, equity_before });

/// The day of a time, since 1970 UTC.
pub(crate) fn day_of(time: u64) -> u64 {
    time / NANOSECONDS_PER_DAY
}

impl Totals {
    /// Something that is there already when the sums begin: it is no change of the day.
    pub fn begin_with(&mut self, exposure: Exposure, now: u64) {
        self.day = day_of(now);
        self.sum += exposure;
        self.equity_before = self.sum.equity;
    }

    /// Something changed by this much.
    pub fn add(&mut self, change: Exposure, now: u64) {
        let day = day_of(now);
        // A clock set back over midnight begins no day.
        if day > self.day {
            self.day = day;
            self.equity_before = self.sum.equity;
        }
        self.sum += change;
    }

    /// Whether with this change more may be held, long and short together, than is permitted.
    pub fn exceeds_gross(&self, limits: &ExposureLimits, change: &Exposure) -> bool {
        change.gross > 0 && is_above(self.sum.gross + change.gross, limits.max_gross_notional)
    }

    /// Whether with this change of this side more may be held on it than is permitted.
    pub fn exceeds_net(&self, limits: &ExposureLimits, side: Side, change: &Exposure) -> bool {
        let Exposure { held, buys, sells, .. } = self.sum;
        let (more, worst) = match side {
            Side::Buy => (change.buys, held + buys + change.buys),
            Side::Sell | Side::SellShort => (change.sells, sells + change.sells - held),
        };
        more > 0 && is_above(worst, limits.max_net_notional)
    }

    /// Whether more is lost today than is permitted, and this change raises what may be lost.
    pub fn exceeds_loss(&self, limits: &ExposureLimits, change: &Exposure, now: u64) -> bool {
        change.gross > 0 && is_above(self.loss(now), limits.max_loss)
    }

    /// What is lost on this day; below 0: won.
    pub fn loss(&self, now: u64) -> i128 {
        // Nothing has changed on a day that has not begun.
        if day_of(now) > self.day { 0 } else { self.equity_before - self.sum.equity }
    }
}

fn is_above(amount: i128, limit: u64) -> bool {
    limit != UNLIMITED && amount > i128::from(limit) * i128::from(UNIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: i64 = 100 * UNIT as i64;

    fn limits(max_loss: u64) -> ExposureLimits {
        ExposureLimits { max_loss: max_loss * UNIT, ..ExposureLimits::NONE }
    }

    /// In the paper venue the firm trades with itself and loses nothing; elsewhere it may.
    #[test]
    fn a_loss_is_of_the_day_and_holds_back_what_raises_the_exposure() {
        let (mut totals, mut position) = (Totals::default(), Position::default());
        let mut change = |totals: &mut Totals, day: u64, f: &dyn Fn(&mut Position) -> Exposure| {
            totals.add(f(&mut position), day * NANOSECONDS_PER_DAY);
        };
        change(&mut totals, 1, &|p| p.trade(Side::Buy, PRICE, 10 * UNIT, PRICE));
        let more = Exposure { gross: 1, ..Exposure::default() };
        let less = Exposure { gross: -1, ..Exposure::default() };
        let exceeds = |totals: &Totals, limit, day: u64, change: &Exposure| {
            totals.exceeds_loss(&limits(limit), change, day * NANOSECONDS_PER_DAY)
        };
        assert!(!exceeds(&totals, 1, 1, &more), "what was paid is what it is worth");
        change(&mut totals, 1, &|p| p.mark(PRICE - 10 * UNIT as i64));
        assert!(exceeds(&totals, 99, 1, &more));
        assert!(!exceeds(&totals, 100, 1, &more));
        assert!(!exceeds(&totals, 99, 1, &less));
        assert!(!exceeds(&totals, 1, 2, &more), "nothing has been lost on a day to come");
        change(&mut totals, 2, &|p| p.trade(Side::Sell, PRICE / 2, 10 * UNIT, PRICE / 2));
        assert!(exceeds(&totals, 399, 2, &more));
        assert!(!exceeds(&totals, 400, 2, &more));
    }

    #[test]
    fn a_price_below_zero_is_worth_as_much_and_earns_as_little() {
        let mut position = Position::default();
        position.trade(Side::Buy, -PRICE, UNIT, -PRICE);
        let value = i128::from(PRICE) * i128::from(UNIT);
        assert_eq!((position.exposure.gross, position.exposure.equity), (value, 0));
        position.mark(-2 * PRICE);
        assert_eq!((position.exposure.gross, position.exposure.equity), (2 * value, -value));
    }
}
