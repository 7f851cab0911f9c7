//! What sessions may do, limits and permissions that are set at run time, and how they stand.

use super::boundary::{
    Detailed, Versioned, because, elements, invalid, struct_input, struct_output,
};
use super::gateway::{NO_SESSION, tw_gateway, with};
use super::tw_status;
use crate::config::{Rate, SESSION_NAMES_MAX, SessionLimits, SessionPermissions};
use crate::error::{Error, Result};
use crate::gateway::{Gateway, Permitted};
use crate::order::Text;

/// The most symbols, and the most accounts, that a session is held to.
pub const TW_SESSION_NAMES_MAX: u32 = 1024;

const _: () = assert!(TW_SESSION_NAMES_MAX as usize == SESSION_NAMES_MAX);

/// How much and how fast a session may trade; docs/CONFIGURATION.md says what each is, and its
/// range.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_session_limits {
    /// sizeof(tw_session_limits), set by the caller.
    pub struct_size: u32,
    /// Lasting rate of new orders and replaces.
    pub per_second: u32,
    /// New orders and replaces that may come at once.
    pub burst: u32,
    /// Lasting rate of cancels.
    pub cancels_per_second: u32,
    /// Cancels that may come at once.
    pub cancels_burst: u32,
    /// Orders open at one time.
    pub max_open_orders: u32,
    /// How often the same new order is taken within the window; 4294967295: as often as one likes.
    pub max_repeats: u32,
    /// Requests for each trade of a day in UTC; 4294967295: any number.
    pub max_order_to_trade: u32,
    /// So many requests of a day need no trade.
    pub order_to_trade_after: u32,
    /// Zero.
    pub reserved: u32,
    /// The window of max_repeats.
    pub repeat_window_ns: u64,
}

/// What a session may trade, beside the names of symbols and accounts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_session_permissions {
    /// sizeof(tw_session_permissions), set by the caller.
    pub struct_size: u32,
    /// Bit n: the side '0' + n (FIX 54) is permitted; at least one.
    pub sides: u32,
    /// Bit n: the order type '0' + n (FIX 40) is permitted; at least one.
    pub order_types: u32,
    /// Sequences that it may leave out at once; 4294967295: any number.
    pub max_sequence_gap: u32,
}

/// How a session stands.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_session_state {
    /// sizeof(tw_session_state), set by the caller.
    pub struct_size: u32,
    /// Orders that may still fill.
    pub open_orders: u32,
    /// Of its latest decided frame; 0: there was none.
    pub last_sequence: u64,
    /// Nanoseconds since 1970 UTC; 0: it is not halted.
    pub halted_since: u64,
    /// Zeros.
    pub reserved: [u64; 5],
}

/// A symbol or an account among others.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_name {
    /// Bytes 0x21 to 0x7E, then NULs; not empty.
    pub name: [u8; 16],
}

const _: () = assert!(size_of::<tw_session_limits>() == 48);
const _: () = assert!(size_of::<tw_session_permissions>() == 16);
const _: () = assert!(size_of::<tw_session_state>() == 64);
const _: () = assert!(size_of::<tw_name>() == 16);

// SAFETY: repr(C), integers, no padding (see the sizes), struct_size first.
unsafe impl Versioned for tw_session_limits {}
// SAFETY: as above.
unsafe impl Versioned for tw_session_permissions {}
// SAFETY: as above.
unsafe impl Versioned for tw_session_state {}

/// Sets how much and how fast a session may trade; in force for its next frame, durable when this
/// returns, until the next opening, where the configuration's text wins.
///
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for a value that the configuration
/// could not have; TW_ERR_NOT_FOUND for an unknown session; TW_ERR_CLOSED; TW_ERR_JOURNAL;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, limits is readable for its struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_session_limits_set(
    gateway: *mut tw_gateway,
    session_id: u64,
    limits: *const tw_session_limits,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about limits.
        let limits = limits_of(&unsafe { struct_input(limits) }?)?;
        limits.check().map_err(invalid)?;
        gateway.set_session_limits(session_id, limits).detailed(Error::NotFound, NO_SESSION)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Sets what a session may trade, and for whom, in place of all that it might before; in force for
/// its next frame, durable when this returns, until the next opening, where the configuration's text
/// wins. No frame sees a part of it, and no crash leaves one. Cancels need no permission.
///
/// symbols: symbols_len of them, at most TW_SESSION_NAMES_MAX; with none it may trade every one.
/// accounts: likewise; with none it may trade for every one. Both in any order.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for too many names; TW_ERR_UNSUPPORTED;
/// TW_ERR_ARGUMENT for a field outside its set and other bytes; TW_ERR_NOT_FOUND for an unknown
/// session; TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: linear in the names, one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, permissions is readable for its struct_size, symbols for symbols_len
/// elements, accounts for accounts_len elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_session_permissions_set(
    gateway: *mut tw_gateway,
    session_id: u64,
    permissions: *const tw_session_permissions,
    symbols: *const tw_name,
    symbols_len: usize,
    accounts: *const tw_name,
    accounts_len: usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about permissions, symbols and accounts.
        let (permissions, symbols, accounts) = unsafe {
            let permissions = struct_input(permissions)?;
            (permissions, names(symbols, symbols_len)?, names(accounts, accounts_len)?)
        };
        let permissions = SessionPermissions {
            symbols,
            accounts,
            sides: Permitted(permissions.sides),
            order_types: Permitted(permissions.order_types),
            max_sequence_gap: permissions.max_sequence_gap,
        };
        permissions.check().map_err(invalid)?;
        let set = gateway.set_session_permissions(session_id, permissions);
        set.detailed(Error::NotFound, NO_SESSION)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// What a session is limited to now, for instance to change one of these.
///
/// limits: its struct_size is set by the caller; all else is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND for an unknown session;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, limits is writable for its struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_session_limits(
    gateway: *mut tw_gateway,
    session_id: u64,
    limits: *mut tw_session_limits,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about limits.
        let room = unsafe { struct_output(limits) }?;
        let now = gateway.session_limits(session_id).detailed(Error::NotFound, NO_SESSION)?;
        // SAFETY: the caller's promise about limits.
        unsafe { room.put(0, &raw_limits(&now)) };
        Ok(())
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// How a session stands: its last sequence, what is open of it, whether it is halted.
///
/// state: its struct_size is set by the caller; all else is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND for an unknown session;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, state is writable for its struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_session_state(
    gateway: *mut tw_gateway,
    session_id: u64,
    state: *mut tw_session_state,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about state.
        let room = unsafe { struct_output(state) }?;
        let now = gateway.session_state(session_id).detailed(Error::NotFound, NO_SESSION)?;
        let raw = tw_session_state {
            struct_size: 0,
            open_orders: now.open_orders,
            last_sequence: now.last_sequence,
            halted_since: now.halted.unwrap_or(0),
            reserved: [0; 5],
        };
        // SAFETY: the caller's promise about state.
        unsafe { room.put(0, &raw) };
        Ok(())
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// # Safety
/// data is readable for len elements.
unsafe fn names(data: *const tw_name, len: usize) -> Result<Vec<Text>> {
    if len > SESSION_NAMES_MAX {
        return Err(because(Error::Length, c"symbols and accounts: must be at most 1024 each"));
    }
    // SAFETY: the caller's promise is passed on.
    Ok(unsafe { elements(data, len) }?.iter().map(|name| name.name).collect())
}

fn raw_limits(limits: &SessionLimits) -> tw_session_limits {
    tw_session_limits {
        struct_size: 0,
        per_second: limits.rate.per_second,
        burst: limits.rate.burst,
        cancels_per_second: limits.cancel_rate.per_second,
        cancels_burst: limits.cancel_rate.burst,
        max_open_orders: limits.max_open_orders,
        max_repeats: limits.max_repeats,
        max_order_to_trade: limits.max_order_to_trade,
        order_to_trade_after: limits.order_to_trade_after,
        reserved: 0,
        repeat_window_ns: limits.repeat_window_ns,
    }
}

fn limits_of(raw: &tw_session_limits) -> Result<SessionLimits> {
    if raw.reserved != 0 {
        return Err(because(Error::Argument, c"reserved: must be 0"));
    }
    Ok(SessionLimits {
        rate: Rate { per_second: raw.per_second, burst: raw.burst },
        cancel_rate: Rate { per_second: raw.cancels_per_second, burst: raw.cancels_burst },
        max_open_orders: raw.max_open_orders,
        max_repeats: raw.max_repeats,
        repeat_window_ns: raw.repeat_window_ns,
        max_order_to_trade: raw.max_order_to_trade,
        order_to_trade_after: raw.order_to_trade_after,
    })
}
