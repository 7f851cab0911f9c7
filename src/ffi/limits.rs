//! What may be traded, held and lost: limits that are set at run time.

use super::boundary::{Detailed, Versioned, because, elements, invalid, struct_input};
use super::gateway::{NO_INSTRUMENT, TOO_MANY_ACCOUNTS, name, symbol, tw_gateway, with};
use super::tw_status;
use crate::error::{Error, Invalid, Result};
use crate::gateway::instrument::{check_bands, check_reference_price};
use crate::gateway::{
    ExposureLimits, ExposureScope, Gateway, Hours, Instrument, Permitted, TickBand,
};
use crate::order::Text;

/// Flag of an instrument on the restricted list: no new order.
pub const TW_INSTRUMENT_RESTRICTED: u32 = 1;

/// An instrument and its limits. Prices, quantities and money are integers with exponent -8;
/// TW_UNLIMITED in a limit is none; 0 is refused there, as in the configuration's text.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_instrument {
    /// sizeof(tw_instrument), set by the caller.
    pub struct_size: u32,
    /// Sum of TW_INSTRUMENT_*.
    pub flags: u32,
    /// Bytes 0x21 to 0x7E, then NULs; not empty.
    pub symbol: [u8; 16],
    /// Prices are multiples of this, below the first tw_tick_band if there are some; above 0.
    pub tick: u64,
    /// Quantities are multiples of this; above 0.
    pub lot: u64,
    /// Per order.
    pub max_quantity: u64,
    /// Price times quantity per order.
    pub max_notional: u64,
    /// Absolute position of an account, its open orders counted.
    pub max_position: u64,
    /// Greatest distance of a price from the reference price, in 1/10000 of it: 1 to
    /// 1000000; 4294967295 is none.
    pub collar_basis_points: u32,
    /// Bit n: the side '0' + n (FIX 54) is permitted; at least one.
    pub sides: u32,
    /// Bit n: the order type '0' + n (FIX 40) is permitted; at least one.
    pub order_types: u32,
    /// Bit n: the time in force '0' + n (FIX 59) is permitted; at least one.
    pub times_in_force: u32,
    /// Per order; 0 is none.
    pub min_quantity: u64,
    /// Lowest price, above 0; that and max_price 0: any price. INT64_MIN is none.
    pub min_price: i64,
    /// Highest price, above 0; that and min_price 0: any price. INT64_MAX is none.
    pub max_price: i64,
    /// What the firm may sell short in a day in UTC, open orders counted.
    pub locate: u64,
    /// Greatest distance of a price from the last trade's; as collar_basis_points.
    pub last_trade_collar_basis_points: u32,
    /// When new orders are taken, in seconds since midnight UTC, from this one …
    pub opens_s: u32,
    /// … to this one, over midnight if it is the smaller; both the same: the whole day.
    pub closes_s: u32,
    /// Zero.
    pub reserved: u32,
}

/// From this price on, without its sign, prices are multiples of another tick. Exponent -8.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_tick_band {
    /// Above 0.
    pub from: u64,
    /// Above 0.
    pub tick: u64,
}

/// The most bands of an instrument: the tick tables of RTS 11 have 19.
pub const TW_TICK_BANDS_MAX: u32 = 32;

const _: () = assert!(TW_TICK_BANDS_MAX as usize == crate::gateway::TICK_BANDS_MAX);

/// Limits of the whole firm.
pub const TW_EXPOSURE_FIRM: u32 = 1;
/// Limits of every account that has none of its own.
pub const TW_EXPOSURE_EVERY_ACCOUNT: u32 = 2;
/// Limits of one account.
pub const TW_EXPOSURE_ACCOUNT: u32 = 3;
/// Flag of limits: there are none any more, and an account goes by those of every account.
pub const TW_EXPOSURE_RESET: u32 = 1;

/// Limits of an account or of the firm: integers with exponent -8, above 0; TW_UNLIMITED is
/// none. docs/RISK.md defines each.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_exposure_limits {
    /// sizeof(tw_exposure_limits), set by the caller.
    pub struct_size: u32,
    /// 0, or TW_EXPOSURE_RESET.
    pub flags: u32,
    /// What is held and may come to be held, long and short added up.
    pub max_gross_notional: u64,
    /// The same with what is short taken from what is long.
    pub max_net_notional: u64,
    /// Of a day in UTC, realised and at reference prices.
    pub max_loss: u64,
}

const _: () = assert!(size_of::<tw_instrument>() == 128);
const _: () = assert!(size_of::<tw_exposure_limits>() == 32);

// SAFETY: repr(C), integers and arrays of them, no padding (see the sizes), struct_size first.
unsafe impl Versioned for tw_instrument {}
// SAFETY: as above.
unsafe impl Versioned for tw_exposure_limits {}

/// Adds an instrument, or changes the limits of one; in force at once, durable when this returns, and
/// until the next opening, where the configuration's text wins. A halt outlives it.
///
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for a field outside its set;
/// TW_ERR_CAPACITY; TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, instrument is readable for its struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_instrument_set(
    gateway: *mut tw_gateway,
    instrument: *const tw_instrument,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and instrument.
    unsafe {
        with(gateway, |gateway| {
            let instrument = instrument_of(&struct_input(instrument)?)?;
            instrument.check().map_err(invalid)?;
            let set = gateway.set_instrument(instrument);
            set.detailed(Error::Capacity, c"instruments: there are 65536 already")
        })
    }
}

/// Sets the ticks of higher prices than the instrument's own tick is for, in place of all that it
/// had; in force at once, durable when this returns, until the next opening, where the
/// configuration's text wins.
///
/// symbol: 1 to 16 bytes 0x21 to 0x7E. bands: bands_len of them, at most TW_TICK_BANDS_MAX, each
/// from a higher price than the one before; with none its tick is that of all prices.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_NOT_FOUND for an unknown symbol;
/// TW_ERR_ARGUMENT for other bytes and other bands; TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED;
/// TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, symbol is readable for symbol_len bytes, bands for bands_len elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_tick_bands_set(
    gateway: *mut tw_gateway,
    symbol: *const u8,
    symbol_len: usize,
    bands: *const tw_tick_band,
    bands_len: usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        if bands_len > TW_TICK_BANDS_MAX as usize {
            return Err(because(Error::Length, c"bands: must be at most 32"));
        }
        // SAFETY: the caller's promise about symbol and bands.
        let (symbol, bands) =
            unsafe { (self::symbol(symbol, symbol_len)?, elements(bands, bands_len)?) };
        let band = |raw: &tw_tick_band| TickBand { from: raw.from, tick: raw.tick };
        let bands: Vec<_> = bands.iter().map(band).collect();
        check_bands(&bands).map_err(invalid)?;
        gateway.set_tick_bands(&symbol, &bands).detailed(Error::NotFound, NO_INSTRUMENT)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Sets the price by which collars and the notional of market orders are measured; in force at
/// once, durable when this returns.
///
/// symbol: 1 to 16 bytes 0x21 to 0x7E. price: exponent -8, above 0.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_NOT_FOUND for an unknown symbol;
/// TW_ERR_ARGUMENT for other bytes and another price; TW_ERR_CLOSED;
/// TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, symbol is readable for symbol_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_reference_price_set(
    gateway: *mut tw_gateway,
    symbol: *const u8,
    symbol_len: usize,
    price: i64,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and symbol.
    unsafe {
        with(gateway, |gateway| {
            let symbol = self::symbol(symbol, symbol_len)?;
            check_reference_price(price).map_err(invalid)?;
            let set = gateway.set_reference_price(&symbol, price);
            set.detailed(Error::NotFound, NO_INSTRUMENT)
        })
    }
}

/// Sets the limits of an account, of every account that has none of its own, or of the firm; in
/// force at once, durable when this returns.
///
/// scope: TW_EXPOSURE_FIRM and its like. name is read for TW_EXPOSURE_ACCOUNT: up to 16 bytes 0x21
/// to 0x7E.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for an unknown
/// scope or flag, other bytes and a limit of 0; TW_ERR_CAPACITY; TW_ERR_CLOSED; TW_ERR_JOURNAL;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes, limits is readable for its
/// struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_exposure_set(
    gateway: *mut tw_gateway,
    scope: u32,
    name: *const u8,
    name_len: usize,
    limits: *const tw_exposure_limits,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about name and limits.
        let (name, limits) = unsafe { (self::name(name, name_len)?, struct_input(limits)?) };
        let limits = exposure_limits_of(&limits)?;
        let set = gateway.set_exposure_limits(exposure_scope(scope, name)?, limits);
        set.detailed(Error::Capacity, TOO_MANY_ACCOUNTS)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

pub(super) fn exposure_scope(scope: u32, name: Text) -> Result<ExposureScope> {
    match scope {
        TW_EXPOSURE_FIRM => Ok(ExposureScope::Firm),
        TW_EXPOSURE_EVERY_ACCOUNT => Ok(ExposureScope::EveryAccount),
        TW_EXPOSURE_ACCOUNT => Ok(ExposureScope::Account(name)),
        _ => Err(because(Error::Argument, c"scope: must be one of TW_EXPOSURE_*")),
    }
}

fn exposure_limits_of(raw: &tw_exposure_limits) -> Result<Option<ExposureLimits>> {
    let limits = ExposureLimits {
        max_gross_notional: raw.max_gross_notional,
        max_net_notional: raw.max_net_notional,
        max_loss: raw.max_loss,
    };
    match raw.flags {
        0 => limits.check().map(|()| Some(limits)).map_err(invalid),
        TW_EXPOSURE_RESET => Ok(None),
        _ => Err(because(Error::Argument, c"flags: must be 0 or TW_EXPOSURE_RESET")),
    }
}

fn instrument_of(raw: &tw_instrument) -> Result<Instrument> {
    Invalid::first(&[
        (raw.reserved == 0, c"reserved: must be 0"),
        (
            raw.flags & !TW_INSTRUMENT_RESTRICTED == 0,
            c"flags: must be 0 or TW_INSTRUMENT_RESTRICTED",
        ),
    ])
    .map_err(invalid)?;
    let has_band = raw.min_price != 0 || raw.max_price != 0;
    Ok(Instrument {
        symbol: raw.symbol,
        restricted: raw.flags & TW_INSTRUMENT_RESTRICTED != 0,
        tick: raw.tick,
        lot: raw.lot,
        min_quantity: raw.min_quantity,
        max_quantity: raw.max_quantity,
        min_price: if has_band { raw.min_price } else { i64::MIN },
        max_price: if has_band { raw.max_price } else { i64::MAX },
        max_notional: raw.max_notional,
        max_position: raw.max_position,
        collar_basis_points: raw.collar_basis_points,
        last_trade_collar_basis_points: raw.last_trade_collar_basis_points,
        locate: raw.locate,
        hours: Hours { opens_s: raw.opens_s, closes_s: raw.closes_s },
        sides: Permitted(raw.sides),
        order_types: Permitted(raw.order_types),
        times_in_force: Permitted(raw.times_in_force),
    })
}
