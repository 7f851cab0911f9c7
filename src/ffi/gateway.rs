//! The gateway.

use std::os::fd::AsRawFd;
use std::time::Duration;

use super::boundary::{
    Handle, Output, Versioned, give, guard, input, put, struct_input, struct_output, take_back,
    text_input,
};
use super::tw_status;
use crate::error::{Error, Reason, Result};
use crate::gateway::{
    Completion, ExecError, ExecutionReport, Gateway, HaltScope, Instrument, KeyState, OrderAck,
    OrderState, Permitted,
};
use crate::order::{self, Text};

/// The firm's gate to a venue. Any number of threads may use one.
/// Made by tw_gateway_open, ended by tw_gateway_free.
#[derive(Debug)]
pub struct tw_gateway(Handle<Gateway>);

/// State of a session's key: it may sign.
pub const TW_KEY_ACTIVE: u32 = 1;
/// State of a session's key: it may never sign again.
pub const TW_KEY_RETIRED: u32 = 2;
/// State of a session's key: it may sign, but was given to an earlier process; add it again.
pub const TW_KEY_ABSENT: u32 = 3;

/// Flag of an instrument on the restricted list: no new order.
pub const TW_INSTRUMENT_RESTRICTED: u32 = 1;

/// Scope of a halt: everything.
pub const TW_HALT_GATEWAY: u32 = 1;
/// Scope of a halt: one session, by session_id.
pub const TW_HALT_SESSION: u32 = 2;
/// Scope of a halt: one symbol, by name.
pub const TW_HALT_SYMBOL: u32 = 3;
/// Scope of a halt: one account, by name.
pub const TW_HALT_ACCOUNT: u32 = 4;

/// Kind of a completion: the end of a submission.
pub const TW_COMPLETION_ACK: u32 = 1;
/// Kind of a completion: something the venue said about an order.
pub const TW_COMPLETION_EXECUTION: u32 = 2;

/// One of a session's keys.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_session_key {
    /// As tw_key_id.
    pub key_id: u64,
    /// TW_KEY_ACTIVE, TW_KEY_RETIRED or TW_KEY_ABSENT.
    pub state: u32,
    /// TW_SUITE_*.
    pub suite: u32,
}

/// An instrument and its limits. Prices, quantities and money are integers with exponent -8;
/// TW_UNLIMITED in a limit is none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_instrument {
    /// sizeof(tw_instrument), set by the caller.
    pub struct_size: u32,
    /// Sum of TW_INSTRUMENT_*.
    pub flags: u32,
    /// Bytes 0x21 to 0x7E, then NULs; not empty.
    pub symbol: [u8; 16],
    /// Prices are multiples of this; above 0.
    pub tick: u64,
    /// Quantities are multiples of this; above 0.
    pub lot: u64,
    /// Per order.
    pub max_quantity: u64,
    /// Price times quantity per order.
    pub max_notional: u64,
    /// Absolute position of an account, its open orders counted.
    pub max_position: u64,
    /// Greatest distance of a price from the reference price, in 1/10000 of it; 4294967295 is
    /// none.
    pub collar_basis_points: u32,
    /// Bit n: the side '0' + n (FIX 54) is permitted.
    pub sides: u32,
    /// Bit n: the order type '0' + n (FIX 40) is permitted.
    pub order_types: u32,
    /// Bit n: the time in force '0' + n (FIX 59) is permitted.
    pub times_in_force: u32,
    /// Zero.
    pub reserved: u64,
}

/// The durable decision about an order together with the venue's first answer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_order_ack {
    /// sizeof(tw_order_ack), set by the caller.
    pub struct_size: u32,
    /// 1 or 0; 0 when the gateway or the venue refused.
    pub accepted: u32,
    /// 0 when accepted; 1 to 99: the gateway refused; from 100: the venue. See tw_reason_name.
    pub reason: u32,
    /// 1: the frame repeats one decided before, and this is that one's ack.
    pub duplicate: u32,
    /// The gateway's number of the request, and the ClOrdID (FIX 11) at the venue.
    pub order_id: u64,
    /// FIX 49.
    pub session_id: u64,
    /// FIX 34.
    pub sequence: u64,
    /// FIX 11.
    pub client_order_id: u64,
    /// When it was decided, nanoseconds since 1970 UTC.
    pub time: u64,
    /// Zeros.
    pub reserved: [u64; 3],
}

/// One entry of the completion queue: the end of a submission (kind TW_COMPLETION_ACK), or an
/// ExecutionReport (kind TW_COMPLETION_EXECUTION). Prices and quantities: exponent -8.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_completion {
    /// sizeof(tw_completion), set by the caller in the first element.
    pub struct_size: u32,
    /// TW_COMPLETION_*.
    pub kind: u32,
    /// 1, 2, 3 and so on, in the order of completion.
    pub number: u64,
    /// Ack: the tag given to tw_gateway_submit.
    pub tag: u64,
    /// Ack: TW_OK when decided; TW_ERR_UNKNOWN when the order may be live.
    pub status: tw_status,
    /// Ack: as in tw_order_ack.
    pub accepted: u32,
    /// Ack: as in tw_order_ack.
    pub reason: u32,
    /// Ack: as in tw_order_ack.
    pub duplicate: u32,
    /// As in tw_order_ack; of the request that this is about.
    pub order_id: u64,
    /// FIX 49.
    pub session_id: u64,
    /// Ack: FIX 34.
    pub sequence: u64,
    /// FIX 11: of the request answered; for trades and what comes unasked the order's latest.
    pub client_order_id: u64,
    /// Execution: FIX 41 of what was cancelled or replaced on request, else 0.
    pub orig_client_order_id: u64,
    /// When it was decided or learned, nanoseconds since 1970 UTC.
    pub time: u64,
    /// Execution: FIX 17, strictly increasing. This and all below are 0 in an ack.
    pub exec_id: u64,
    /// FIX 31: of a trade, else 0.
    pub last_price: i64,
    /// FIX 32: of a trade, else 0.
    pub last_quantity: u64,
    /// FIX 14.
    pub cum_quantity: u64,
    /// FIX 151.
    pub leaves_quantity: u64,
    /// FIX 150: '0' new, '4' canceled, '5' replaced, '8' rejected, 'C' expired, 'F' trade.
    pub exec_type: u8,
    /// FIX 39: '0' new, '1' partially filled, '2' filled, '4' canceled, '8' rejected,
    /// 'C' expired.
    pub ord_status: u8,
    /// FIX 54.
    pub side: u8,
    /// Zeros.
    pub reserved: [u8; 5],
    /// Zero.
    pub reserved2: u64,
}

/// What is known of a request and its order. Prices and quantities: exponent -8.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_order_state {
    /// sizeof(tw_order_state), set by the caller.
    pub struct_size: u32,
    /// 1 or 0; 2 while its ack is still to come.
    pub accepted: u32,
    /// As in tw_order_ack.
    pub reason: u32,
    /// FIX 39, as in tw_completion; also 'A' pending new, '6' pending cancel, 'E' pending replace.
    pub ord_status: u8,
    /// FIX 54.
    pub side: u8,
    /// Zeros.
    pub reserved: [u8; 2],
    /// Of the request asked for.
    pub order_id: u64,
    /// FIX 11, as asked for.
    pub client_order_id: u64,
    /// FIX 41: of a replace or cancel, else 0.
    pub orig_client_order_id: u64,
    /// FIX 49.
    pub session_id: u64,
    /// The order's price now; TW_PRICE_NONE for a market order.
    pub price: i64,
    /// The order's total now.
    pub quantity: u64,
    /// What is filled.
    pub cum_quantity: u64,
    /// What may still fill.
    pub leaves_quantity: u64,
    /// Zeros.
    pub reserved2: [u64; 4],
}

const _: () = assert!(size_of::<tw_session_key>() == 16);
const _: () = assert!(size_of::<tw_instrument>() == 88);
const _: () = assert!(size_of::<tw_order_ack>() == 80);
const _: () = assert!(size_of::<tw_completion>() == 144);
const _: () = assert!(size_of::<tw_order_state>() == 112);

// SAFETY: repr(C), integers and arrays of them, no padding (see the sizes), struct_size first.
unsafe impl Versioned for tw_instrument {}
// SAFETY: as above.
unsafe impl Versioned for tw_order_ack {}
// SAFETY: as above.
unsafe impl Versioned for tw_completion {}
// SAFETY: as above.
unsafe impl Versioned for tw_order_state {}

/// Opens a gateway.
///
/// text: its configuration, TOML, UTF-8 (docs/CONFIGURATION.md). *gateway is written on success.
/// With a file journal the gateway starts one thread; otherwise none.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for a text that is not UTF-8;
/// TW_ERR_CONFIG, of which tw_config_check tells more; for a key file TW_ERR_IO, TW_ERR_KEY,
/// TW_ERR_KEY_KIND or TW_ERR_KEY_USAGE; TW_ERR_CONFLICT for a key named twice; TW_ERR_MEMORY; TW_ERR_ENTROPY;
/// TW_ERR_JOURNAL; TW_ERR_JOURNAL_CORRUPT; TW_ERR_JOURNAL_LOCKED.
/// Ownership: the caller closes and frees the gateway. Threads: any. Cost: linear in the journal.
/// Since 0.1.
///
/// # Safety
/// text is readable for text_len bytes, gateway is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_open(
    text: *const u8,
    text_len: usize,
    gateway: *mut *mut tw_gateway,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and text.
    unsafe {
        give(gateway, || {
            let text = text_input(text, text_len)?;
            Ok(tw_gateway(Handle::new(with_signals_blocked(|| Gateway::open(text))?)))
        })
    }
}

/// Threads started meanwhile take no signals: the host's handlers run on the host's threads alone.
fn with_signals_blocked<R>(body: impl FnOnce() -> R) -> R {
    // SAFETY: a zeroed set is a valid place for sigfillset to fill, and both sets outlive the
    // calls; the mask of this thread is put back as it was. A panic in between ends in `guard`
    // with the signals still blocked, which is a bug of ours in any case.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, &raw mut before);
        let result = body();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        result
    }
}

/// Takes no more orders, completes what is pending and gives the journal free. Afterwards
/// tw_gateway_poll, tw_order_status and tw_gateway_keys still work; what would change something
/// gives TW_ERR_CLOSED. Closing again is fine.
///
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_JOURNAL when the last answers could not be made durable;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Threads: any. Cost: that of what is pending. Since 0.1.
///
/// # Safety
/// gateway is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_close(gateway: *mut tw_gateway) -> tw_status {
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, Gateway::close) }
}

/// Closes a gateway if it is open, and frees it. NULL is fine.
///
/// Returns nothing. Threads: when no other uses the gateway any more. Cost: as tw_gateway_close.
/// Since 0.1.
///
/// # Safety
/// gateway is NULL or from tw_gateway_open, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_free(gateway: *mut tw_gateway) {
    // SAFETY: the caller's promise is passed on.
    unsafe { take_back(gateway) };
}

/// Lets a key sign orders of a session from now on; that it may is durable when this returns. The
/// journal never holds a key: after a restart it must be added again, or be named in the
/// configuration.
///
/// key: framed key bytes; of a suite with public keys the public key. Not needed any more when this
/// returns.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_USAGE for a raw key;
/// TW_ERR_KEY_KIND for a secret key of a suite with public keys; TW_ERR_NOT_FOUND for an unknown
/// session; TW_ERR_CONFLICT for a key that the session has or that was retired; TW_ERR_CAPACITY for
/// more than 16 keys; TW_ERR_MEMORY; TW_ERR_CLOSED;
/// TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, key is readable for key_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_key_add(
    gateway: *mut tw_gateway,
    session_id: u64,
    key: *const u8,
    key_len: usize,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and key.
    unsafe { with(gateway, |gateway| gateway.add_key(session_id, input(key, key_len)?)) }
}

/// Ends a key of a session for ever; frames it signed that are not decided yet are refused.
///
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_NOT_FOUND for an unknown session or key;
/// TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_key_retire(
    gateway: *mut tw_gateway,
    session_id: u64,
    key_id: u64,
) -> tw_status {
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, |gateway| gateway.retire_key(session_id, key_id)) }
}

/// Every key that a session has or had, in the order in which they came.
///
/// keys: receives up to keys_cap of them. *keys_len: how many; (NULL, 0) asks for it.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_NOT_FOUND for an unknown session; TW_ERR_BUFFER;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: linear in the keys. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, keys is writable for keys_cap elements, keys_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_keys(
    gateway: *mut tw_gateway,
    session_id: u64,
    keys: *mut tw_session_key,
    keys_cap: usize,
    keys_len: *mut usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about keys and keys_len.
        let output = unsafe { Output::new(keys, keys_cap, keys_len) }?;
        let keys: Vec<_> = gateway.keys(session_id)?.iter().map(session_key).collect();
        output.put(&keys)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

fn session_key(key: &crate::gateway::SessionKey) -> tw_session_key {
    tw_session_key {
        key_id: key.key_id,
        state: match key.state {
            KeyState::Active => TW_KEY_ACTIVE,
            KeyState::Retired => TW_KEY_RETIRED,
            KeyState::Absent => TW_KEY_ABSENT,
        },
        suite: key.suite.number(),
    }
}

/// Adds an instrument, or changes the limits of one; in force at once, durable when this returns.
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
        with(gateway, |gateway| gateway.set_instrument(instrument_of(&struct_input(instrument)?)?))
    }
}

/// Sets the price by which collars and the notional of market orders are measured; in force at
/// once, durable when this returns.
///
/// symbol: 1 to 16 bytes 0x21 to 0x7E. price: exponent -8.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_NOT_FOUND for an unknown symbol;
/// TW_ERR_ARGUMENT for other bytes and for TW_PRICE_NONE; TW_ERR_CLOSED;
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
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about symbol.
        let known = unsafe { self::symbol(symbol, symbol_len) }?;
        if price == order::PRICE_NONE {
            return Err(Error::Argument);
        }
        gateway.set_reference_price(&known, price)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Stops new orders and replaces in a scope, at once and across restarts; durable when this
/// returns. Cancels pass.
///
/// scope: TW_HALT_*. session_id is read for TW_HALT_SESSION. name is read for TW_HALT_SYMBOL and
/// TW_HALT_ACCOUNT: up to 16 bytes 0x21 to 0x7E; of a symbol at least 1.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for an unknown scope or other bytes;
/// TW_ERR_NOT_FOUND for an unknown session or symbol; TW_ERR_CAPACITY; TW_ERR_CLOSED;
/// TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_halt(
    gateway: *mut tw_gateway,
    scope: u32,
    session_id: u64,
    name: *const u8,
    name_len: usize,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and name.
    unsafe { with(gateway, |gateway| gateway.halt(scope_of(scope, session_id, name, name_len)?)) }
}

/// Lifts the halt of exactly this scope; durable when this returns.
///
/// As tw_gateway_halt.
/// Returns as tw_gateway_halt. Threads: any. Cost: one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_resume(
    gateway: *mut tw_gateway,
    scope: u32,
    session_id: u64,
    name: *const u8,
    name_len: usize,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and name.
    unsafe { with(gateway, |gateway| gateway.resume(scope_of(scope, session_id, name, name_len)?)) }
}

/// Says what would be decided about a frame now: gates 1 to 5 alone. Changes nothing.
///
/// *reason receives 0 if the order would be accepted, else why not.
/// Returns TW_OK when a decision was reached; TW_ERR_NULL; TW_ERR_LENGTH; when the frame would be
/// refused the status that tw_send_order gives; TW_ERR_CLOSED; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: one signature and the checks; no allocation, no
/// system call but the clock. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, frame is readable for frame_len bytes, reason is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_pre_trade_check(
    gateway: *mut tw_gateway,
    frame: *const u8,
    frame_len: usize,
    reason: *mut u32,
) -> tw_status {
    let body = |gateway: &Gateway| {
        if reason.is_null() {
            return Err(Error::Null);
        }
        // SAFETY: the caller's promise about frame.
        let number = match gateway.pre_trade_check(unsafe { input(frame, frame_len) }?) {
            Ok(()) => 0,
            Err(ExecError::Rejected(reason)) => reason.number(),
            Err(ExecError::Refused(error) | ExecError::Unknown { error, .. }) => return Err(error),
        };
        // SAFETY: the caller's promise about reason.
        unsafe { put(reason, number) }
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Sends an order and waits for its ack.
///
/// timeout_ns: how long to wait at most; UINT64_MAX is for ever. ack: its struct_size is set by
/// the caller.
/// There are three endings. Decided: TW_OK, ack tells whether it was accepted. Unknown:
/// TW_ERR_TIMEOUT or TW_ERR_UNKNOWN, the order may be live, ack has its ids; ask with
/// tw_order_status or send the same frame again. TW_ERR_INTERNAL, a bug, is unknown too, but ack is
/// untouched. Refused, nothing happened, ack is untouched: TW_ERR_NULL; TW_ERR_LENGTH;
/// TW_ERR_UNSUPPORTED; TW_ERR_ORDER; TW_ERR_UNAUTHENTICATED; TW_ERR_STALE_TIME;
/// TW_ERR_STALE_SEQUENCE; TW_ERR_SEQUENCE_REUSED; TW_ERR_THROTTLED; TW_ERR_BUSY; TW_ERR_CAPACITY;
/// TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED.
/// Returns one of these.
/// Ownership: nothing is kept. Threads: any; one session's frames are decided in the order in
/// which they came. Cost: one signature, the checks, one durable write shared with all who wait;
/// no allocation. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, frame is readable for frame_len bytes, ack is writable for its
/// struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_send_order(
    gateway: *mut tw_gateway,
    frame: *const u8,
    frame_len: usize,
    timeout_ns: u64,
    ack: *mut tw_order_ack,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about ack and frame.
        let (room, frame) = unsafe { (struct_output(ack)?, input(frame, frame_len)?) };
        let (sent, outcome) = match gateway.send(frame, timeout(timeout_ns)) {
            Ok(ack) => (ack, Ok(())),
            Err(ExecError::Unknown { error, ack }) => (ack, Err(error)),
            Err(ExecError::Refused(error)) => return Err(error),
            Err(ExecError::Rejected(_)) => return Err(Error::Internal),
        };
        // SAFETY: the caller's promise about ack.
        unsafe { room.put(0, &ack_of(&sent)) };
        outcome
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Sends an order without waiting. When this returns TW_OK exactly one completion of kind
/// TW_COMPLETION_ACK with this tag follows through tw_gateway_poll.
///
/// Returns TW_OK; TW_ERR_INTERNAL, a bug: the order may be live; else refused, nothing happened and
/// no completion follows: as tw_send_order.
/// Ownership: nothing is kept. Threads: as tw_send_order. Cost: as tw_send_order without the
/// waiting. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, frame is readable for frame_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_submit(
    gateway: *mut tw_gateway,
    frame: *const u8,
    frame_len: usize,
    tag: u64,
) -> tw_status {
    // SAFETY: the caller's promise about gateway and frame.
    unsafe { with(gateway, |gateway| gateway.submit(input(frame, frame_len)?, tag)) }
}

/// Takes completions from the queue, oldest first: acks of tw_gateway_submit, and executions. From
/// the first call of tw_gateway_submit, tw_gateway_poll or tw_gateway_fd on none is ever dropped,
/// and who does not drain the queue meets TW_ERR_BUSY when it is full; before, the latest
/// executions are kept, and a gap in the numbers tells of older ones.
///
/// completions: receives up to completions_cap; struct_size of the first is set by the caller and
/// is the distance from one to the next. timeout_ns: how long to wait at most for the first one;
/// 0 is not at all, UINT64_MAX for ever. *count: how many; may be 0.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for completions_cap 0; TW_ERR_UNSUPPORTED;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any; each completion goes to one caller. Cost: linear in
/// *count; no allocation. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, completions is writable for completions_cap structs of the first's
/// struct_size, count is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_poll(
    gateway: *mut tw_gateway,
    completions: *mut tw_completion,
    completions_cap: usize,
    timeout_ns: u64,
    count: *mut usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        if count.is_null() {
            return Err(Error::Null);
        }
        // SAFETY: the caller's promise about completions.
        let room = unsafe { struct_output(completions) }?;
        if completions_cap == 0 {
            return Err(Error::Length);
        }
        let mut index = 0;
        let taken = gateway.poll_each(completions_cap, timeout(timeout_ns), |completion| {
            // SAFETY: `poll_each` gives at most completions_cap, which the caller has room for.
            unsafe { room.put(index, &completion_of(&completion)) };
            index += 1;
        })?;
        // SAFETY: the caller's promise about count.
        unsafe { put(count, taken) }
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// A file descriptor that is readable while completions wait, for epoll and its like.
///
/// *fd is written on success. It is the gateway's: do not read, write or close it.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_IO; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: the gateway's, until tw_gateway_free. Threads: any. Cost: a few system calls the
/// first time. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, fd is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_fd(gateway: *mut tw_gateway, fd: *mut i32) -> tw_status {
    let body = |gateway: &Gateway| {
        if fd.is_null() {
            return Err(Error::Null);
        }
        // SAFETY: the caller's promise about fd.
        unsafe { put(fd, gateway.completion_fd()?.as_raw_fd()) }
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// What is known of a request, by the id that its sender gave it.
///
/// state: its struct_size is set by the caller; all else is written on success.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND when it was never decided;
/// TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, state is writable for its struct_size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_order_status(
    gateway: *mut tw_gateway,
    session_id: u64,
    client_order_id: u64,
    state: *mut tw_order_state,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about state.
        let room = unsafe { struct_output(state) }?;
        let known = gateway.order_status(session_id, client_order_id)?;
        // SAFETY: the caller's promise about state.
        unsafe { room.put(0, &state_of(&known)) };
        Ok(())
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// # Safety
/// gateway is NULL or live.
unsafe fn with(gateway: *mut tw_gateway, body: impl FnOnce(&Gateway) -> Result<()>) -> tw_status {
    // SAFETY: the caller's promise is passed on.
    match unsafe { gateway.as_ref() } {
        Some(gateway) => gateway.0.call(body),
        None => guard(|| Err(Error::Null)),
    }
}

fn timeout(timeout_ns: u64) -> Duration {
    if timeout_ns == u64::MAX { Duration::MAX } else { Duration::from_nanos(timeout_ns) }
}

/// # Safety
/// data is readable for len bytes.
unsafe fn name(data: *const u8, len: usize) -> Result<Text> {
    // SAFETY: the caller's promise is passed on.
    let name = unsafe { input(data, len) }?;
    if name.len() > size_of::<Text>() {
        return Err(Error::Length);
    }
    order::text(name).ok_or(Error::Argument)
}

/// # Safety
/// As for [`name`].
unsafe fn symbol(data: *const u8, len: usize) -> Result<Text> {
    if len == 0 {
        return Err(Error::Length);
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { name(data, len) }
}

/// # Safety
/// name is readable for name_len bytes.
unsafe fn scope_of(scope: u32, session_id: u64, data: *const u8, len: usize) -> Result<HaltScope> {
    match scope {
        TW_HALT_GATEWAY => Ok(HaltScope::Gateway),
        TW_HALT_SESSION => Ok(HaltScope::Session(session_id)),
        // SAFETY: the caller's promise is passed on.
        TW_HALT_SYMBOL => Ok(HaltScope::Symbol(unsafe { symbol(data, len) }?)),
        // SAFETY: as above.
        TW_HALT_ACCOUNT => Ok(HaltScope::Account(unsafe { name(data, len) }?)),
        _ => Err(Error::Argument),
    }
}

fn instrument_of(raw: &tw_instrument) -> Result<Instrument> {
    if raw.reserved != 0 || raw.flags & !TW_INSTRUMENT_RESTRICTED != 0 {
        return Err(Error::Argument);
    }
    Ok(Instrument {
        symbol: raw.symbol,
        restricted: raw.flags & TW_INSTRUMENT_RESTRICTED != 0,
        tick: raw.tick,
        lot: raw.lot,
        max_quantity: raw.max_quantity,
        max_notional: raw.max_notional,
        max_position: raw.max_position,
        collar_basis_points: raw.collar_basis_points,
        sides: Permitted(raw.sides),
        order_types: Permitted(raw.order_types),
        times_in_force: Permitted(raw.times_in_force),
    })
}

fn ack_of(ack: &OrderAck) -> tw_order_ack {
    tw_order_ack {
        struct_size: 0,
        accepted: u32::from(ack.accepted),
        reason: ack.reason.map_or(0, Reason::number),
        duplicate: u32::from(ack.duplicate),
        order_id: ack.order_id,
        session_id: ack.session_id,
        sequence: ack.sequence,
        client_order_id: ack.client_order_id,
        time: ack.time,
        reserved: [0; 3],
    }
}

const NO_COMPLETION: tw_completion = tw_completion {
    struct_size: 0,
    kind: 0,
    number: 0,
    tag: 0,
    status: super::TW_OK,
    accepted: 0,
    reason: 0,
    duplicate: 0,
    order_id: 0,
    session_id: 0,
    sequence: 0,
    client_order_id: 0,
    orig_client_order_id: 0,
    time: 0,
    exec_id: 0,
    last_price: 0,
    last_quantity: 0,
    cum_quantity: 0,
    leaves_quantity: 0,
    exec_type: 0,
    ord_status: 0,
    side: 0,
    reserved: [0; 5],
    reserved2: 0,
};

fn completion_of(completion: &Completion) -> tw_completion {
    match *completion {
        Completion::Ack { number, tag, result } => {
            let (status, ack) = match result {
                Ok(ack) => (super::TW_OK, Some(ack)),
                Err(ExecError::Unknown { error, ack }) => (error.number() as tw_status, Some(ack)),
                Err(ExecError::Refused(error)) => (error.number() as tw_status, None),
                Err(ExecError::Rejected(_)) => (Error::Internal.number() as tw_status, None),
            };
            let told =
                tw_completion { kind: TW_COMPLETION_ACK, number, tag, status, ..NO_COMPLETION };
            ack.map_or(told, |ack| tw_completion {
                accepted: u32::from(ack.accepted),
                reason: ack.reason.map_or(0, Reason::number),
                duplicate: u32::from(ack.duplicate),
                order_id: ack.order_id,
                session_id: ack.session_id,
                sequence: ack.sequence,
                client_order_id: ack.client_order_id,
                time: ack.time,
                ..told
            })
        }
        Completion::Execution { number, execution } => execution_of(number, &execution),
    }
}

fn execution_of(number: u64, execution: &ExecutionReport) -> tw_completion {
    tw_completion {
        kind: TW_COMPLETION_EXECUTION,
        number,
        order_id: execution.order_id,
        session_id: execution.session_id,
        client_order_id: execution.client_order_id,
        orig_client_order_id: execution.orig_client_order_id.unwrap_or(0),
        time: execution.time,
        exec_id: execution.exec_id,
        last_price: execution.last_price,
        last_quantity: execution.last_quantity,
        cum_quantity: execution.cum_quantity,
        leaves_quantity: execution.leaves_quantity,
        exec_type: execution.exec_type as u8,
        ord_status: execution.ord_status as u8,
        side: execution.side.fix(),
        ..NO_COMPLETION
    }
}

fn state_of(state: &OrderState) -> tw_order_state {
    tw_order_state {
        struct_size: 0,
        accepted: state.accepted.map_or(2, u32::from),
        reason: state.reason.map_or(0, Reason::number),
        ord_status: state.ord_status as u8,
        side: state.side.fix(),
        reserved: [0; 2],
        order_id: state.order_id,
        client_order_id: state.client_order_id,
        orig_client_order_id: state.orig_client_order_id.unwrap_or(0),
        session_id: state.session_id,
        price: state.price.unwrap_or(order::PRICE_NONE),
        quantity: state.quantity,
        cum_quantity: state.cum_quantity,
        leaves_quantity: state.leaves_quantity,
        reserved2: [0; 4],
    }
}
