//! What would be decided: checks before the trade.

use super::boundary::{Output, input, put};
use super::gateway::{tw_gateway, with};
use super::send::refused;
use super::tw_status;
use crate::error::{Error, Reason};
use crate::gateway::{ExecError, Gateway};

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
            Err(ExecError::Refused(error) | ExecError::Unknown { error, .. }) => {
                return Err(refused(error));
            }
        };
        // SAFETY: the caller's promise about reason.
        unsafe { put(reason, number) }
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Says every reason for which a frame would be rejected now, in the order of the checks: gates 1
/// to 5 alone. Changes nothing.
///
/// reasons: receives up to reasons_cap of them. *reasons_len: how many, 0 if the order would be
/// accepted; (NULL, 0) asks for it.
/// Returns TW_OK; TW_ERR_BUFFER; else as tw_pre_trade_check.
/// Ownership: nothing is kept. Threads: any. Cost: as tw_pre_trade_check, and an allocation when
/// there are reasons. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, frame is readable for frame_len bytes, reasons is writable for
/// reasons_cap elements, reasons_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_pre_trade_reasons(
    gateway: *mut tw_gateway,
    frame: *const u8,
    frame_len: usize,
    reasons: *mut u32,
    reasons_cap: usize,
    reasons_len: *mut usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about reasons, reasons_len and frame.
        let (output, frame) =
            unsafe { (Output::new(reasons, reasons_cap, reasons_len)?, input(frame, frame_len)?) };
        let found = gateway.pre_trade_reasons(frame).map_err(|error| match error {
            ExecError::Refused(error) | ExecError::Unknown { error, .. } => refused(error),
            ExecError::Rejected(_) => Error::Internal,
        })?;
        let numbers: Vec<u32> = found.into_iter().map(Reason::number).collect();
        output.put(&numbers)
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}
