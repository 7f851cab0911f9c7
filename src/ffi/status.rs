//! Statuses, reasons, versions.

use std::ffi::{CStr, c_char};

use super::boundary::detail;
use crate::error::{Error, Reason};

/// What a function returns: TW_OK or one of TW_ERR_*. Numbers are never changed or used again.
pub type tw_status = i32;

/// Done.
pub const TW_OK: i32 = 0;
/// A required pointer is NULL.
pub const TW_ERR_NULL: i32 = 1;
/// A length is outside its documented range.
pub const TW_ERR_LENGTH: i32 = 2;
/// The output buffer is too small.
pub const TW_ERR_BUFFER: i32 = 3;
/// A value is outside its documented set.
pub const TW_ERR_ARGUMENT: i32 = 4;
/// A struct, journal or encrypted key of a kind this library does not support.
pub const TW_ERR_UNSUPPORTED: i32 = 5;
/// Unknown signature suite.
pub const TW_ERR_SUITE: i32 = 6;
/// Malformed key bytes.
pub const TW_ERR_KEY: i32 = 7;
/// A key of another kind is needed, or of a kind that its suite has.
pub const TW_ERR_KEY_KIND: i32 = 8;
/// A raw key where a framed one is needed, or the reverse.
pub const TW_ERR_KEY_USAGE: i32 = 9;
/// The context is empty, too long or reserved.
pub const TW_ERR_CONTEXT: i32 = 10;
/// A raw key may not sign a payload that begins like a framed one.
pub const TW_ERR_PAYLOAD: i32 = 11;
/// The signature is not valid.
pub const TW_ERR_SIGNATURE: i32 = 12;
/// The operating system gave no entropy.
pub const TW_ERR_ENTROPY: i32 = 13;
/// Guarded memory could not be had or locked.
pub const TW_ERR_MEMORY: i32 = 14;
/// The handle was made before a fork and belongs to the parent.
pub const TW_ERR_FORKED: i32 = 15;
/// The handle is closed.
pub const TW_ERR_CLOSED: i32 = 16;
/// A bug in this library; the handle can no longer be used.
pub const TW_ERR_INTERNAL: i32 = 17;
/// The configuration is refused; tw_config_check says where and why.
pub const TW_ERR_CONFIG: i32 = 18;
/// Malformed order or frame.
pub const TW_ERR_ORDER: i32 = 19;
/// Unknown session, unknown key or bad signature.
pub const TW_ERR_UNAUTHENTICATED: i32 = 20;
/// Sending_time is outside the permitted window.
pub const TW_ERR_STALE_TIME: i32 = 21;
/// The sequence is not above the session's last; sign with a higher one.
pub const TW_ERR_STALE_SEQUENCE: i32 = 22;
/// The session used this sequence for another frame; sign with a higher one.
pub const TW_ERR_SEQUENCE_REUSED: i32 = 23;
/// Above the permitted rate; the same frame may come again.
pub const TW_ERR_THROTTLED: i32 = 24;
/// Too much in flight, or completions are not drained.
pub const TW_ERR_BUSY: i32 = 25;
/// No answer in time; the order may be live.
pub const TW_ERR_TIMEOUT: i32 = 26;
/// The outcome is unknown; ask with tw_order_status or retry the frame.
pub const TW_ERR_UNKNOWN: i32 = 27;
/// No such session, key, order, instrument or name.
pub const TW_ERR_NOT_FOUND: i32 = 28;
/// It is there already, was retired, or is known under the other usage.
pub const TW_ERR_CONFLICT: i32 = 29;
/// The journal cannot be read or written; no more orders are taken.
pub const TW_ERR_JOURNAL: i32 = 30;
/// The journal is corrupt before its end.
pub const TW_ERR_JOURNAL_CORRUPT: i32 = 31;
/// Another gateway has the journal open.
pub const TW_ERR_JOURNAL_LOCKED: i32 = 32;
/// A file cannot be read.
pub const TW_ERR_IO: i32 = 33;
/// The session's share of max_orders is used up, or there are as many keys, accounts or instruments
/// as may be; tw_error_detail says which of these.
pub const TW_ERR_CAPACITY: i32 = 34;
/// The password is missing or wrong, or there is nothing that it encrypts.
pub const TW_ERR_PASSWORD: i32 = 35;
/// The disk of the journal is full; make room, then open again.
pub const TW_ERR_JOURNAL_FULL: i32 = 36;
/// The sequence leaves out more than the session may (max_sequence_gap); nothing is used up.
pub const TW_ERR_SEQUENCE_GAP: i32 = 37;

/// The version of this header.
pub const TW_VERSION_MAJOR: u32 = 0;
/// The version of this header.
pub const TW_VERSION_MINOR: u32 = 1;
/// The version of this header.
pub const TW_VERSION_PATCH: u32 = 0;
/// The version of the ABI; the shared library's SONAME carries it too.
pub const TW_ABI_VERSION: u32 = 0;

/// The ABI of the library that was loaded, to compare with TW_ABI_VERSION.
///
/// Returns the number. Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_abi_version() -> u32 {
    TW_ABI_VERSION
}

/// The version of the library that was loaded, as "0.1.0".
///
/// Returns a static NUL-terminated string. Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The name of a status, as "TW_ERR_KEY".
///
/// Returns a static NUL-terminated string; "TW_ERR_?" for an unknown status.
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_status_name(status: tw_status) -> *const c_char {
    of_status(status, c"TW_OK", Error::c_name, c"TW_ERR_?")
}

/// What a status means, for a developer to read.
///
/// Returns a static NUL-terminated string, also for an unknown status.
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_status_message(status: tw_status) -> *const c_char {
    of_status(status, c"success", Error::c_message, c"unknown status")
}

/// What more there is to say of the latest call of this thread that failed. After TW_ERR_ARGUMENT
/// of a function that sets limits, instruments, permissions, prices, halts or a name, and of
/// tw_key_encode and tw_key_decode: which value, and what it must be, as "burst: must be from 1 to
/// 1000000000". After some other errors: what is full or missing. Holds no secret.
///
/// Returns a static NUL-terminated string; "" when there is no more to say than
/// tw_status_message does. Threads: each has its own. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_error_detail() -> *const c_char {
    detail().as_ptr()
}

/// The name of a reason, as "max_quantity".
///
/// Returns a static NUL-terminated string; "none" for 0, "?" for an unknown reason.
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_reason_name(reason: u32) -> *const c_char {
    of_reason(reason, c"none", Reason::c_name, c"?")
}

/// What a reason means, for a developer to read.
///
/// Returns a static NUL-terminated string, also for 0 and for an unknown reason.
/// Threads: any. Cost: constant. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tw_reason_message(reason: u32) -> *const c_char {
    of_reason(reason, c"accepted", Reason::c_message, c"unknown reason")
}

fn of_status(
    status: tw_status,
    ok: &'static CStr,
    of: fn(Error) -> &'static CStr,
    unknown: &'static CStr,
) -> *const c_char {
    let known = u32::try_from(status).ok().and_then(Error::from_number);
    let text = if status == TW_OK { Some(ok) } else { known.map(of) };
    text.unwrap_or(unknown).as_ptr()
}

fn of_reason(
    reason: u32,
    none: &'static CStr,
    of: fn(Reason) -> &'static CStr,
    unknown: &'static CStr,
) -> *const c_char {
    let text = if reason == 0 { Some(none) } else { Reason::from_number(reason).map(of) };
    text.unwrap_or(unknown).as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_the_numbers_of_the_table() {
        let constants = [
            (Error::Null, TW_ERR_NULL),
            (Error::Length, TW_ERR_LENGTH),
            (Error::Buffer, TW_ERR_BUFFER),
            (Error::Argument, TW_ERR_ARGUMENT),
            (Error::Unsupported, TW_ERR_UNSUPPORTED),
            (Error::Suite, TW_ERR_SUITE),
            (Error::Key, TW_ERR_KEY),
            (Error::KeyKind, TW_ERR_KEY_KIND),
            (Error::KeyUsage, TW_ERR_KEY_USAGE),
            (Error::Context, TW_ERR_CONTEXT),
            (Error::Payload, TW_ERR_PAYLOAD),
            (Error::Signature, TW_ERR_SIGNATURE),
            (Error::Entropy, TW_ERR_ENTROPY),
            (Error::Memory, TW_ERR_MEMORY),
            (Error::Forked, TW_ERR_FORKED),
            (Error::Closed, TW_ERR_CLOSED),
            (Error::Internal, TW_ERR_INTERNAL),
            (Error::Config, TW_ERR_CONFIG),
            (Error::Order, TW_ERR_ORDER),
            (Error::Unauthenticated, TW_ERR_UNAUTHENTICATED),
            (Error::StaleTime, TW_ERR_STALE_TIME),
            (Error::StaleSequence, TW_ERR_STALE_SEQUENCE),
            (Error::SequenceReused, TW_ERR_SEQUENCE_REUSED),
            (Error::Throttled, TW_ERR_THROTTLED),
            (Error::Busy, TW_ERR_BUSY),
            (Error::Timeout, TW_ERR_TIMEOUT),
            (Error::Unknown, TW_ERR_UNKNOWN),
            (Error::NotFound, TW_ERR_NOT_FOUND),
            (Error::Conflict, TW_ERR_CONFLICT),
            (Error::Journal, TW_ERR_JOURNAL),
            (Error::JournalCorrupt, TW_ERR_JOURNAL_CORRUPT),
            (Error::JournalLocked, TW_ERR_JOURNAL_LOCKED),
            (Error::Io, TW_ERR_IO),
            (Error::Capacity, TW_ERR_CAPACITY),
            (Error::Password, TW_ERR_PASSWORD),
            (Error::JournalFull, TW_ERR_JOURNAL_FULL),
            (Error::SequenceGap, TW_ERR_SEQUENCE_GAP),
        ];
        assert_eq!(constants.len(), Error::ALL.len());
        for (error, constant) in constants {
            assert_eq!(error.number(), constant as u32, "{error:?}");
        }
        let version = format!("{TW_VERSION_MAJOR}.{TW_VERSION_MINOR}.{TW_VERSION_PATCH}");
        assert_eq!(version, env!("CARGO_PKG_VERSION"));
    }
}
