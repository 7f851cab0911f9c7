//! What may be traded, and within which limits.

use crate::error::Invalid;
use crate::order::{self, OrdType, Side, Text, TimeInForce};

/// "No limit" in a field that limits.
pub const UNLIMITED: u64 = u64::MAX;

/// "No collar".
pub const NO_COLLAR: u32 = u32::MAX;

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
    /// Lowest price; `i64::MIN` for none.
    pub min_price: i64,
    /// Highest price; `i64::MAX` for none.
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
    /// Whether every field is of its documented set; else the first that is not.
    pub fn check(&self) -> Result<(), Invalid> {
        let is_name = order::is_text(&self.symbol) && self.symbol[0] != 0;
        let sides = Permitted::sides(Side::ALL);
        let order_types = Permitted::order_types(OrdType::ALL);
        let times_in_force = Permitted::times_in_force(TimeInForce::ALL);
        Invalid::first(&[
            (is_name, c"symbol: must be 1 to 16 bytes 0x21 to 0x7E"),
            (self.tick > 0, c"tick: must be above 0"),
            (self.lot > 0, c"lot: must be above 0"),
            (self.min_price <= self.max_price, c"min_price: must not be above max_price"),
            (
                self.min_quantity <= self.max_quantity,
                c"min_quantity: must not be above max_quantity",
            ),
            (self.hours.opens_s < SECONDS_PER_DAY, c"opens_s: must be below 86400"),
            (self.hours.closes_s < SECONDS_PER_DAY, c"closes_s: must be below 86400"),
            (sides.contains(self.sides), c"sides: must be of the bits 1, 2 and 5"),
            (order_types.contains(self.order_types), c"order_types: must be of the bits 1 to 4"),
            (
                times_in_force.contains(self.times_in_force),
                c"times_in_force: must be of the bits 0, 1, 3 and 4",
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
    let is_price = |band: &TickBand| (1..=i64::MAX as u64).contains(&band.from);
    let rises = bands.is_sorted_by(|one, next| one.from < next.from);
    Invalid::first(&[
        (bands.len() <= TICK_BANDS_MAX, c"bands: must be at most 32"),
        (bands.iter().all(is_price), c"from: must be above 0 and a price"),
        (bands.iter().all(|band| band.tick > 0), c"tick: must be above 0"),
        (rises, c"from: must be above that of the band before"),
    ])
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
