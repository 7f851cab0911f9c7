//! What may be traded, and within which limits.

use crate::error::Invalid;
use crate::order::{self, OrdType, Side, Text, TimeInForce};

/// "No limit" in a field that limits.
pub const UNLIMITED: u64 = u64::MAX;

/// "No collar".
pub const NO_COLLAR: u32 = u32::MAX;

/// Prices and tick sizes are compared as i64.
pub(crate) const PRICE_MAX: u64 = i64::MAX as u64;

/// A hundred times the reference price holds nothing back.
pub(crate) const COLLAR_BASIS_POINTS_MAX: u32 = 1_000_000;

/// One instrument and its limits. Prices, quantities and money have exponent -8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instrument {
    pub symbol: Text,
    /// On the restricted list: no new order.
    pub restricted: bool,
    /// Prices are multiples of this, below the first [`TickBand`] if there are some; above 0.
    pub tick: u64,
    /// Quantities are multiples of this; above 0.
    pub lot: u64,
    /// Per order; 0 for none.
    pub min_quantity: u64,
    /// Per order; [`UNLIMITED`] for none.
    pub max_quantity: u64,
    /// Lowest price, above 0; `i64::MIN` for none.
    pub min_price: i64,
    /// Highest price, above 0; `i64::MAX` for none.
    pub max_price: i64,
    /// Price times quantity per order; [`UNLIMITED`] for none.
    pub max_notional: u64,
    /// Absolute position of an account, its open orders counted; [`UNLIMITED`] for none.
    pub max_position: u64,
    /// Greatest distance from the reference price in 1/10,000 of it; [`NO_COLLAR`] for none.
    pub collar_basis_points: u32,
    /// The same from the last trade's price.
    pub last_trade_collar_basis_points: u32,
    /// What the firm may sell short in a day, because it is located; [`UNLIMITED`] for what need
    /// not be.
    pub locate: u64,
    /// When it may be traded.
    pub hours: Hours,
    pub sides: Permitted,
    pub order_types: Permitted,
    pub times_in_force: Permitted,
}

impl Instrument {
    /// Whether a text could give it; else the first field that it could not.
    pub fn check(&self) -> Result<(), Invalid> {
        let is_name = order::is_text(&self.symbol) && self.symbol[0] != 0;
        Invalid::first(&[
            (is_name, c"symbol: must be 1 to 16 bytes 0x21 to 0x7E"),
            (is_price(self.tick), c"tick: must be above 0 and a price"),
            (self.lot > 0 && self.lot != UNLIMITED, c"lot: must be above 0"),
            (self.hours.opens_s < SECONDS_PER_DAY, c"opens_s: must be below 86400"),
            (self.hours.closes_s < SECONDS_PER_DAY, c"closes_s: must be below 86400"),
        ])?;
        self.check_limits()?;
        self.check_permitted()
    }

    fn check_limits(&self) -> Result<(), Invalid> {
        let is_collar =
            |points| points == NO_COLLAR || (1..=COLLAR_BASIS_POINTS_MAX).contains(&points);
        let is_lowest = self.min_price == i64::MIN || self.min_price > 0;
        let in_order = self.min_quantity <= self.max_quantity && self.min_quantity != UNLIMITED;
        Invalid::first(&[
            (self.max_quantity > 0, c"max_quantity: must be above 0, or none"),
            (self.max_notional > 0, c"max_notional: must be above 0, or none"),
            (self.max_position > 0, c"max_position: must be above 0, or none"),
            (self.locate > 0, c"locate: must be above 0, or none"),
            (
                is_collar(self.collar_basis_points),
                c"collar_basis_points: must be from 1 to 1000000, or none",
            ),
            (
                is_collar(self.last_trade_collar_basis_points),
                c"last_trade_collar_basis_points: must be from 1 to 1000000, or none",
            ),
            (is_lowest, c"min_price: must be above 0, or none"),
            (self.max_price > 0, c"max_price: must be above 0, or none"),
            (self.min_price <= self.max_price, c"min_price: must not be above max_price"),
            (in_order, c"min_quantity: must not be above max_quantity"),
        ])
    }

    fn check_permitted(&self) -> Result<(), Invalid> {
        let are_some = |all: Permitted, some: Permitted| some.0 != 0 && all.contains(some);
        let order_types = Permitted::order_types(OrdType::ALL);
        let times_in_force = Permitted::times_in_force(TimeInForce::ALL);
        Invalid::first(&[
            (
                are_some(Permitted::sides(Side::ALL), self.sides),
                c"sides: must be one or more of the bits 1, 2 and 5",
            ),
            (
                are_some(order_types, self.order_types),
                c"order_types: must be one or more of the bits 1 to 4",
            ),
            (
                are_some(times_in_force, self.times_in_force),
                c"times_in_force: must be one or more of the bits 0, 1, 3 and 4",
            ),
        ])
    }
}

/// From this price on, without its sign, prices are multiples of another tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickBand {
    /// Exponent -8; above 0.
    pub from: u64,
    /// Exponent -8; above 0.
    pub tick: u64,
}

/// The tables of Delegated Regulation (EU) 2017/588 (RTS 11) have 19.
pub const TICK_BANDS_MAX: usize = 32;

/// Whether these are some bands, each from a higher price than the one before.
pub(crate) fn check_bands(bands: &[TickBand]) -> Result<(), Invalid> {
    let rises = bands.is_sorted_by(|one, next| one.from < next.from);
    Invalid::first(&[
        (bands.len() <= TICK_BANDS_MAX, c"bands: must be at most 32"),
        (bands.iter().all(|band| is_price(band.from)), c"from: must be above 0 and a price"),
        (bands.iter().all(|band| is_price(band.tick)), c"tick: must be above 0 and a price"),
        (rises, c"from: must be above that of the band before"),
    ])
}

/// Whether a text could give this reference price.
pub(crate) fn check_reference_price(price: i64) -> Result<(), Invalid> {
    Invalid::first(&[(price > 0, c"price: must be above 0")])
}

fn is_price(price: u64) -> bool {
    (1..=PRICE_MAX).contains(&price)
}

/// Part of each day, in seconds since midnight UTC: from the one up to, but without, the other. One
/// that closes before it opens goes over midnight. Both the same: the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Hours {
    pub opens_s: u32,
    pub closes_s: u32,
}

/// The seconds of a day, but for leap seconds, which nanoseconds since 1970 do not count.
pub(crate) const SECONDS_PER_DAY: u32 = 86_400;

impl Hours {
    /// Whether this time, in nanoseconds since 1970 UTC, is in them.
    pub fn contain(self, time: u64) -> bool {
        let Hours { opens_s, closes_s } = self;
        if opens_s == closes_s {
            return true;
        }
        let second = (time / 1_000_000_000 % u64::from(SECONDS_PER_DAY)) as u32;
        if opens_s < closes_s {
            (opens_s..closes_s).contains(&second)
        } else {
            second >= opens_s || second < closes_s
        }
    }
}

/// A set of FIX characters '0' to '9': bit n stands for the character '0' + n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Permitted(pub u32);

impl Permitted {
    pub fn sides(values: &[Side]) -> Self {
        Self(values.iter().fold(0, |bits, v| bits | bit(v.fix())))
    }

    pub fn order_types(values: &[OrdType]) -> Self {
        Self(values.iter().fold(0, |bits, v| bits | bit(v.fix())))
    }

    pub fn times_in_force(values: &[TimeInForce]) -> Self {
        Self(values.iter().fold(0, |bits, v| bits | bit(v.fix())))
    }

    /// Whether all of the other set is in this one.
    pub fn contains(self, other: Permitted) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the set has this FIX character.
    pub fn has(self, character: u8) -> bool {
        self.0 & bit(character) != 0
    }
}

fn bit(character: u8) -> u32 {
    1 << (character - b'0')
}
