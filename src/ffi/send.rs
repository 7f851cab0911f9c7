//! Sending orders: send, submit, poll, ask.

use std::ffi::CStr;
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::boundary::{Versioned, because, input, put, struct_output};
use super::gateway::{tw_gateway, with};
use super::{TW_OK, tw_status};
use crate::error::{Error, Reason};
use crate::gateway::{Completion, ExecError, ExecutionReport, Gateway, OrderAck, OrderState};
use crate::order;

const FULL: &CStr = c"max_orders: the session's share of it, or of the accounts, is used up; \
    with keep_finished_days the next opening frees what has finished long enough";

/// Kind of a completion: the end of a submission.
pub const TW_COMPLETION_ACK: u32 = 1;
/// Kind of a completion: something the venue said about an order.
pub const TW_COMPLETION_EXECUTION: u32 = 2;

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
    /// How many sequences the session left out before this one: lost on the way, if it did not mean to.
    pub sequence_gap: u64,
    /// Zeros.
    pub reserved: [u64; 2],
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
    /// Ack: as in tw_order_ack. Execution: why the gateway itself has cancelled the order, else 0.
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
    /// Ack: as in tw_order_ack.
    pub sequence_gap: u64,
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

const _: () = assert!(size_of::<tw_order_ack>() == 80);
const _: () = assert!(size_of::<tw_completion>() == 144);
const _: () = assert!(size_of::<tw_order_state>() == 112);

// SAFETY: repr(C), integers and arrays of them, no padding (see the sizes), struct_size first.
unsafe impl Versioned for tw_order_ack {}
// SAFETY: as above.
unsafe impl Versioned for tw_completion {}
// SAFETY: as above.
unsafe impl Versioned for tw_order_state {}

/// Why a frame is refused, with more to say where the session has no room for it.
pub(super) fn refused(error: Error) -> Error {
    match error {
        Error::Capacity => because(error, FULL),
        error => error,
    }
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
/// TW_ERR_STALE_SEQUENCE; TW_ERR_SEQUENCE_REUSED; TW_ERR_SEQUENCE_GAP; TW_ERR_THROTTLED; TW_ERR_BUSY; TW_ERR_CAPACITY;
/// TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_MEMORY when there is no stack to verify ML-DSA on;
/// TW_ERR_FORKED.
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
            Err(ExecError::Refused(error)) => return Err(refused(error)),
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
    unsafe {
        with(gateway, |gateway| gateway.submit(input(frame, frame_len)?, tag).map_err(refused))
    }
}

/// Takes completions from the queue, oldest first: acks of tw_gateway_submit, and executions. From
/// the first call of tw_gateway_submit, tw_gateway_poll or tw_gateway_fd on none is ever dropped,
/// and while the queue is not drained a session that has filled its share of it meets TW_ERR_BUSY;
/// before, the latest executions are kept, and a gap in the numbers tells of older ones.
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

fn timeout(timeout_ns: u64) -> Duration {
    if timeout_ns == u64::MAX { Duration::MAX } else { Duration::from_nanos(timeout_ns) }
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
        sequence_gap: ack.sequence_gap.into(),
        reserved: [0; 2],
    }
}

const NO_COMPLETION: tw_completion = tw_completion {
    struct_size: 0,
    kind: 0,
    number: 0,
    tag: 0,
    status: TW_OK,
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
    sequence_gap: 0,
};

fn completion_of(completion: &Completion) -> tw_completion {
    match *completion {
        Completion::Ack { number, tag, result } => {
            let (status, ack) = match result {
                Ok(ack) => (TW_OK, Some(ack)),
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
                sequence_gap: ack.sequence_gap.into(),
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
        reason: execution.reason.map_or(0, Reason::number),
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
