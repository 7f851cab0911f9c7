//! The gateway.

use std::ffi::CStr;

use super::boundary::{
    Detailed, Handle, Output, because, give, guard, input, put, take_back, text_input,
};
use super::tw_status;
use crate::error::{Error, Result};
use crate::gateway::{Gateway, HaltScope, KeyState};
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

/// Scope of a halt: everything.
pub const TW_HALT_GATEWAY: u32 = 1;
/// Scope of a halt: one session, by session_id.
pub const TW_HALT_SESSION: u32 = 2;
/// Scope of a halt: one symbol, by name.
pub const TW_HALT_SYMBOL: u32 = 3;
/// Scope of a halt: one account, by name.
pub const TW_HALT_ACCOUNT: u32 = 4;

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

const _: () = assert!(size_of::<tw_session_key>() == 16);

/// Opens a gateway.
///
/// text: its configuration, TOML, UTF-8 (docs/CONFIGURATION.md). *gateway is written on success.
/// With a file journal the gateway starts one thread, three more while it opens, and another while it
/// makes the next file of the journal; otherwise none.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for a text that is not UTF-8;
/// TW_ERR_CONFIG, of which tw_config_check tells more; for a key file TW_ERR_IO, TW_ERR_KEY,
/// TW_ERR_KEY_KIND or TW_ERR_KEY_USAGE; TW_ERR_CONFLICT for a key named twice; TW_ERR_IO where the
/// system gives no thread; TW_ERR_MEMORY; TW_ERR_ENTROPY;
/// TW_ERR_JOURNAL; TW_ERR_JOURNAL_CORRUPT; TW_ERR_JOURNAL_LOCKED; TW_ERR_JOURNAL_FULL;
/// TW_ERR_UNSUPPORTED for a journal of another format.
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
/// tw_gateway_poll, tw_order_status and what else only asks still work; what would change something
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
    unsafe {
        with(gateway, |gateway| {
            let added = gateway.add_key(session_id, input(key, key_len)?);
            added
                .detailed(Error::Capacity, c"keys: the session has 16; retire one")
                .detailed(Error::NotFound, NO_SESSION)
        })
    }
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
    unsafe {
        with(gateway, |gateway| {
            let retired = gateway.retire_key(session_id, key_id);
            retired.detailed(Error::NotFound, c"no such session, or it never had this key")
        })
    }
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
        let keys = gateway.keys(session_id).detailed(Error::NotFound, NO_SESSION)?;
        output.put(&keys.iter().map(session_key).collect::<Vec<_>>())
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
    unsafe {
        with(gateway, |gateway| {
            let halted = gateway.halt(scope_of(scope, session_id, name, name_len)?);
            halted.detailed(Error::Capacity, TOO_MANY_ACCOUNTS).detailed(Error::NotFound, NO_SCOPE)
        })
    }
}

/// Lifts the halt of exactly this scope; durable when this returns.
///
/// As tw_gateway_halt.
/// Returns as tw_gateway_halt; TW_ERR_UNAUTHENTICATED where the configuration has resume_keys: then
/// tw_gateway_resume_agreed does it.
/// Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
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
    unsafe {
        with(gateway, |gateway| {
            let resumed = gateway.resume(scope_of(scope, session_id, name, name_len)?);
            resumed.detailed(Error::NotFound, NO_SCOPE).detailed(Error::Unauthenticated, NOT_AGREED)
        })
    }
}

/// Whether exactly this scope is halted.
///
/// Scope, session_id and name as for tw_gateway_halt. *since: nanoseconds since 1970 UTC; 0: it is
/// not halted.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for an unknown scope or other bytes;
/// TW_ERR_NOT_FOUND for an unknown session or symbol; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes, since is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_halted(
    gateway: *mut tw_gateway,
    scope: u32,
    session_id: u64,
    name: *const u8,
    name_len: usize,
    since: *mut u64,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about name and since.
        unsafe {
            let scope = scope_of(scope, session_id, name, name_len)?;
            let halted = gateway.halted(scope).detailed(Error::NotFound, NO_SCOPE)?;
            put(since, halted.unwrap_or(0))
        }
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Cancels the orders of a session that are open now: what to call when its connection is lost. The
/// cancels are the gateway's own, durable when this returns; their answers come as executions whose
/// reason is session_cancelled. An order whose replace is on its way may outlive its cancel: call again
/// until *count is 0. To keep others from following, halt the session first.
///
/// *count: how many.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_NOT_FOUND for an unknown session; TW_ERR_CLOSED;
/// TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any. Cost: linear in the orders since the session's oldest
/// open one, one durable write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, count is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_cancel_session(
    gateway: *mut tw_gateway,
    session_id: u64,
    count: *mut u64,
) -> tw_status {
    let body = |gateway: &Gateway| {
        if count.is_null() {
            return Err(Error::Null);
        }
        let cancelled = gateway.cancel_session(session_id).detailed(Error::NotFound, NO_SESSION)?;
        // SAFETY: the caller's promise about count.
        unsafe { put(count, cancelled) }
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// What a second person signs to agree to lifting the halt of a scope: a line of ASCII that says
/// which, to be signed by one of the configured resume_keys in the context "resume"
/// (tw_sign_with_context, or tinywindow sign --context resume). It is about this halt alone.
///
/// Scope, session_id and name as for tw_gateway_halt. request: output, at most 67 bytes.
/// Returns as tw_gateway_halt; TW_ERR_NOT_FOUND for what is not halted; TW_ERR_BUFFER.
/// Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes, request is writable for
/// request_cap bytes, request_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_resume_request(
    gateway: *mut tw_gateway,
    scope: u32,
    session_id: u64,
    name: *const u8,
    name_len: usize,
    request: *mut u8,
    request_cap: usize,
    request_len: *mut usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about name, request and request_len.
        let (scope, output) = unsafe {
            let scope = scope_of(scope, session_id, name, name_len)?;
            (scope, Output::new(request, request_cap, request_len)?)
        };
        let request = gateway.resume_request(scope);
        let request = request.map_err(|error| not_resumed(gateway, scope, error))?;
        output.put(request.as_bytes())
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Lifts the halt of exactly this scope with the agreement of a second person; durable when this
/// returns. The journal tells whose key it was.
///
/// Scope, session_id and name as for tw_gateway_halt. signature: of tw_gateway_resume_request's
/// line, by one of the configured resume_keys.
/// Returns as tw_gateway_halt; TW_ERR_NOT_FOUND for what is not halted; TW_ERR_UNAUTHENTICATED when
/// the signature is none of these, or of an earlier halt.
/// Ownership: nothing is kept. Threads: any. Cost: a signature for each of resume_keys, one durable
/// write. Since 0.1.
///
/// # Safety
/// gateway is NULL or live, name is readable for name_len bytes, signature for signature_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_gateway_resume_agreed(
    gateway: *mut tw_gateway,
    scope: u32,
    session_id: u64,
    name: *const u8,
    name_len: usize,
    signature: *const u8,
    signature_len: usize,
) -> tw_status {
    let body = |gateway: &Gateway| {
        // SAFETY: the caller's promise about name and signature.
        let (scope, signature) = unsafe {
            (scope_of(scope, session_id, name, name_len)?, input(signature, signature_len)?)
        };
        let resumed = gateway.resume_agreed(scope, signature);
        resumed.map_err(|error| not_resumed(gateway, scope, error))
    };
    // SAFETY: the caller's promise about gateway.
    unsafe { with(gateway, body) }
}

/// Says in whose name the calling thread acts from now on: whatever it changes in a gateway (halts,
/// limits, instruments, prices, keys) is journaled as made by this name.
///
/// name: up to 16 bytes 0x21 to 0x7E; with none it acts in nobody's.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for other bytes; TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any; each has a name of its own. Cost: constant. Since 0.1.
///
/// # Safety
/// name is readable for name_len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_act_as(name: *const u8, name_len: usize) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise is passed on.
        crate::gateway::act_as(unsafe { self::name(name, name_len) }?);
        Ok(())
    })
}

/// # Safety
/// gateway is NULL or live.
pub(super) unsafe fn with(
    gateway: *mut tw_gateway,
    body: impl FnOnce(&Gateway) -> Result<()>,
) -> tw_status {
    // SAFETY: the caller's promise is passed on.
    match unsafe { gateway.as_ref() } {
        Some(gateway) => gateway.0.call(body),
        None => guard(|| Err(Error::Null)),
    }
}

pub(super) const TOO_MANY_ACCOUNTS: &CStr = c"accounts: there are 65536 already";
pub(super) const NO_SESSION: &CStr = c"no such session";
pub(super) const NO_INSTRUMENT: &CStr = c"no such instrument";
const NO_SCOPE: &CStr = c"no such session or instrument";
const NOT_HALTED: &CStr = c"resume: not halted";
const NOT_AGREED: &CStr =
    c"resume: needs a signature by one of resume_keys over the resume request, \
    in the context resume";

/// Why a halt is not lifted with an agreement.
fn not_resumed(gateway: &Gateway, scope: HaltScope, error: Error) -> Error {
    match error {
        Error::NotFound if gateway.halted(scope).is_ok() => because(error, NOT_HALTED),
        Error::NotFound => because(error, NO_SCOPE),
        Error::Unauthenticated => because(error, NOT_AGREED),
        error => error,
    }
}

/// # Safety
/// data is readable for len bytes.
pub(super) unsafe fn name(data: *const u8, len: usize) -> Result<Text> {
    // SAFETY: the caller's promise is passed on.
    let name = unsafe { input(data, len) }?;
    if name.len() > size_of::<Text>() {
        return Err(because(Error::Length, c"name, symbol or account: must be at most 16 bytes"));
    }
    let refused = c"name, symbol or account: must be bytes 0x21 to 0x7E";
    order::text(name).ok_or_else(|| because(Error::Argument, refused))
}

/// # Safety
/// As for [`name`].
pub(super) unsafe fn symbol(data: *const u8, len: usize) -> Result<Text> {
    if len == 0 {
        return Err(because(Error::Length, c"symbol: must not be empty"));
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
        _ => Err(because(Error::Argument, c"scope: must be one of TW_HALT_*")),
    }
}
