//! Metrics and the log sink.

use std::ffi::c_void;

use super::boundary::{Output, guard};
use super::{tw_bytes, tw_status};
use crate::error::Error;
use crate::telemetry::{self, Level, Record};

/// More bytes than tw_metrics_text ever writes.
pub const TW_METRICS_TEXT_MAX: usize = 65536;

/// Level of a log event: no more orders are taken, or something is broken.
pub const TW_LOG_ERROR: u32 = 1;
/// Level of a log event: somebody should look.
pub const TW_LOG_WARN: u32 = 2;
/// Level of a log event: the course of things.
pub const TW_LOG_INFO: u32 = 3;

/// A field of a log event. Both are UTF-8.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_log_field {
    /// Its name.
    pub key: tw_bytes,
    /// Its value as text; ids of keys are 16 hexadecimal digits.
    pub value: tw_bytes,
}

/// A log event. It and what it points to live until the callback returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_log_record {
    /// sizeof(tw_log_record) of the library; later versions add fields at the end.
    pub struct_size: u32,
    /// TW_LOG_*.
    pub level: u32,
    /// Nanoseconds since 1970 UTC.
    pub time: u64,
    /// The part of the library that tells it, UTF-8.
    pub target: tw_bytes,
    /// What happened, always in the same words, UTF-8.
    pub message: tw_bytes,
    /// fields_len of them, in a fixed order.
    pub fields: *const tw_log_field,
    /// How many fields there are.
    pub fields_len: usize,
}

/// Is told log events. See tw_log_set.
pub type tw_log_fn = Option<unsafe extern "C" fn(user: *mut c_void, record: *const tw_log_record)>;

const _: () = assert!(TW_METRICS_TEXT_MAX == telemetry::TEXT_MAX);

/// All metrics of the process in Prometheus's text format, version 0.0.4 (docs/OBSERVABILITY.md).
///
/// out: receives the text, not NUL-terminated; TW_METRICS_TEXT_MAX bytes are always enough. (NULL,
/// 0) asks for the size, but numbers may have grown longer when the text is asked for.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_BUFFER.
/// Ownership: nothing is kept. Threads: any. Cost: about 30 microseconds, and no order waits for
/// it. Since 0.1.
///
/// # Safety
/// out is writable for out_cap bytes, out_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_metrics_text(
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about out and out_len.
        let output = unsafe { Output::new(out, out_cap, out_len) }?;
        output.put(telemetry::metrics_text().as_bytes())
    })
}

/// Sets who is told of log events (docs/OBSERVABILITY.md lists them), for the whole process; the
/// library is silent until then.
///
/// callback: told of every event of `level` and graver ones, on the thread where it happens, which
/// waits; never under a lock of the library's, so it may call the library, but not this function,
/// and it must not close or free a gateway. It must return: no longjmp, no exception. NULL is
/// silence. user: passed on as it is. level: TW_LOG_*.
/// When this returns, the callback before is not running and will not be called again. A forked
/// child is silent until it sets its own.
/// Returns TW_OK; TW_ERR_ARGUMENT for an unknown level; TW_ERR_BUSY from within a callback;
/// TW_ERR_MEMORY.
/// Ownership: user is the caller's. Threads: any. Cost: that of a callback that is running.
/// Since 0.1.
///
/// # Safety
/// callback may be called with user on any thread until it is replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_log_set(
    callback: tw_log_fn,
    user: *mut c_void,
    level: u32,
) -> tw_status {
    guard(|| {
        let level = Level::from_number(level).ok_or(Error::Argument)?;
        let Some(callback) = callback else { return telemetry::set_log_sink(None, level) };
        let sink = Sink { callback, user };
        telemetry::set_log_sink(Some(Box::new(move |record| sink.tell(record))), level)
    })
}

struct Sink {
    callback: unsafe extern "C" fn(*mut c_void, *const tw_log_record),
    user: *mut c_void,
}

// SAFETY: the caller of tw_log_set promises that the two may be used on any thread.
unsafe impl Send for Sink {}
// SAFETY: as above, and by several at once.
unsafe impl Sync for Sink {}

impl Sink {
    fn tell(&self, record: &Record) {
        let field =
            |(key, value): (&str, &str)| tw_log_field { key: bytes(key), value: bytes(value) };
        let fields: Vec<tw_log_field> = record.fields().map(field).collect();
        let record = tw_log_record {
            struct_size: size_of::<tw_log_record>() as u32,
            level: record.event.level().number(),
            time: record.time,
            target: bytes(record.event.target()),
            message: bytes(record.event.message()),
            fields: fields.as_ptr(),
            fields_len: fields.len(),
        };
        // SAFETY: the promise of tw_log_set's caller; the record lives until this returns.
        unsafe { (self.callback)(self.user, &record) };
    }
}

fn bytes(text: &str) -> tw_bytes {
    tw_bytes { data: text.as_ptr(), len: text.len() }
}
