//! What accounts hold and how near they are to their limits.

use super::boundary::{Detailed, Versioned, struct_output};
use super::gateway::{NO_INSTRUMENT, name, symbol, tw_gateway, with};
use super::limits::exposure_scope;
use super::tw_status;
use crate::error::Error;
use crate::gateway::{ExposureState, Gateway, PositionState};
use crate::order::PRICE_NONE;

/// What an account holds of an instrument. Everything has exponent -8; docs/RISK.md defines each.
/// gross is rounded up, cash and equity down; what does not fit ends at the type's bounds.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_position {
    /// sizeof(tw_position), set by the caller.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Held: long above 0, short below.
    pub quantity: i64,
    /// What its open orders may still buy, at their worst.
    pub open_buy: u64,
    /// What its open orders may still sell, at their worst.
    pub open_sell: u64,
    /// What it is valued at: the reference price, until there is one the first trade's; else
    /// TW_PRICE_NONE.
    pub mark: i64,
    /// Money received for sales less money paid for purchases, without fees.
    pub cash: i64,
    /// cash, and quantity at mark: what was won or lost with it, realised or not.
    pub equity: i64,
    /// What it may become at its worst, long or short: its part of the gross notional.
    pub gross: u64,
    /// Zeros.
    pub reserved2: [u64; 4],
}

/// What an account, or the firm, has at risk, and its limits. Money has exponent -8; docs/RISK.md
/// defines each. What a limit is held against is rounded up, so that it is above the limit exactly
/// where the gateway finds it so; held and equity are rounded down. What does not fit ends at the
/// type's bounds.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_exposure {
    /// sizeof(tw_exposure), set by the caller.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// What is held, at reference prices, short taken from long.
    pub held: i64,
    /// What max_gross_notional is held against.
    pub gross: u64,
    /// What max_net_notional is held against for a buy.
    pub net_buy: i64,
    /// What max_net_notional is held against for a sell.
    pub net_sell: i64,
    /// Won or lost with all that was ever traded, realised or not.
    pub equity: i64,
    /// What max_loss is held against, of this day in UTC; below 0: a gain.
    pub day_loss: i64,
    /// Of the account, or of the gateway: nanoseconds since 1970 UTC; 0: not halted.
    pub halted_since: u64,
    /// The limit in force; TW_UNLIMITED: none.
    pub max_gross_notional: u64,
    /// The limit in force; TW_UNLIMITED: none.
    pub max_net_notional: u64,
    /// The limit in force; TW_UNLIMITED: none.
    pub max_loss: u64,
    /// Zeros.
    pub reserved2: [u64; 4],
}

const _: () = assert!(size_of::<tw_position>() == 96);
const _: () = assert!(size_of::<tw_exposure>() == 120);

// SAFETY: repr(C), integers and arrays of them, no padding (see the sizes), struct_size first.
unsafe impl Versioned for tw_position {}
// SAFETY: as above.
unsafe impl Versioned for tw_exposure {}

/// What an account holds of an instrument, and what its open orders may make of it: the numbers
/// that the next decision goes by, all of one moment. Of an account that nobody has named yet:
/// nothing.
///
/// account: up to 16 bytes 0x21 to 0x7E; none is the account of orders that name none. symbol: 1 to
/// 16 such bytes. position: its struct_size is set by the caller; all else is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for other bytes; TW_ERR_UNSUPPORTED;
/// TW_ERR_NOT_FOUND for an unknown symbol; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, account is readable for account_len bytes, symbol for symbol_len bytes,
/// position is writable for its struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_position(
    gateway: *mut tw_gateway,
    account: *const u8,
    account_len: usize,
    symbol: *const u8,
    symbol_len: usize,
    position: *mut tw_position,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about account, symbol and position.
        let (account, symbol, room) = unsafe {
            let account = name(account, account_len)?;
            (account, self::symbol(symbol, symbol_len)?, struct_output(position)?)
        };
        let now = gateway.position(&account, &symbol).detailed(Error::NotFound, NO_INSTRUMENT)?;
        let now = raw_position(&now);
        // SAFETY: the caller's promise about position.
        unsafe { room.put(0, &now) };
        Ok(())
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// What an account, or the firm, has at risk, all of one moment, and the limits that it is held to.
/// An account that nobody has named yet has nothing at risk.
///
/// scope: TW_EXPOSURE_FIRM or TW_EXPOSURE_ACCOUNT. name is read for the latter: up to 16 bytes 0x21
/// to 0x7E. exposure: its struct_size is set by the caller; all else is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for another scope or other bytes;
/// TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND where no limit of exposure was ever set, since nothing is
/// added up until then; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes, exposure is writable for its
/// struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_exposure(
    gateway: *mut tw_gateway,
    scope: u32,
    name: *const u8,
    name_len: usize,
    exposure: *mut tw_exposure,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about name and exposure.
        let (scope, room) = unsafe {
            (exposure_scope(scope, self::name(name, name_len)?)?, struct_output(exposure)?)
        };
        let now = gateway
            .exposure(scope)
            .detailed(Error::NotFound, c"no limit of exposure was set: nothing is added up")
            .detailed(Error::Argument, c"scope: every account has an exposure of its own")?;
        let now = raw_exposure(&now);
        // SAFETY: the caller's promise about exposure.
        unsafe { room.put(0, &now) };
        Ok(())
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

fn raw_position(now: &PositionState) -> tw_position {
    tw_position {
        struct_size: 0,
        reserved: 0,
        quantity: now.quantity,
        open_buy: now.open_buy,
        open_sell: now.open_sell,
        mark: now.mark.unwrap_or(PRICE_NONE),
        cash: now.cash,
        equity: now.equity,
        gross: now.gross,
        reserved2: [0; 4],
    }
}

fn raw_exposure(now: &ExposureState) -> tw_exposure {
    tw_exposure {
        struct_size: 0,
        reserved: 0,
        held: now.held,
        gross: now.gross,
        net_buy: now.net_buy,
        net_sell: now.net_sell,
        equity: now.equity,
        day_loss: now.day_loss,
        halted_since: now.halted.unwrap_or(0),
        max_gross_notional: now.limits.max_gross_notional,
        max_net_notional: now.limits.max_net_notional,
        max_loss: now.limits.max_loss,
        reserved2: [0; 4],
    }
}
