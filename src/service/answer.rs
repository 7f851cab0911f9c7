//! What a caller learns of an error: on this machine all of it, over the network its class alone.
//! The log has all of it.

use tonic::{Code, Request, Status};

use super::access::{Access, Caller};
use super::log::Log;
use crate::error::{Error, Reason};
use crate::telemetry::Level;

/// What everyone may learn.
#[derive(Clone, Copy)]
pub(super) struct Class {
    code: Code,
    name: &'static str,
}

impl Class {
    pub(super) const UNAUTHENTICATED: Class = Class::new(Code::Unauthenticated, "unauthenticated");
    pub(super) const THROTTLED: Class = Class::new(Code::ResourceExhausted, "throttled");
    /// The same request will be refused again.
    pub(super) const MALFORMED: Class = Class::new(Code::InvalidArgument, REJECTED);
    /// Another request may be taken.
    pub(super) const REJECTED: Class = Class::new(Code::FailedPrecondition, REJECTED);
    /// The caller may not do this at all.
    pub(super) const FORBIDDEN: Class = Class::new(Code::PermissionDenied, REJECTED);
    /// No request is taken now.
    pub(super) const UNAVAILABLE: Class = Class::new(Code::Unavailable, REJECTED);
    /// The order may be live.
    pub(super) const UNKNOWN: Class = Class::new(Code::Unknown, "unknown");

    const fn new(code: Code, name: &'static str) -> Class {
        Class { code, name }
    }

    /// The class of an error after which nothing has happened.
    pub(super) fn of(error: Error) -> Class {
        match error {
            Error::Unauthenticated => Class::UNAUTHENTICATED,
            Error::Throttled | Error::Busy | Error::Capacity => Class::THROTTLED,
            Error::StaleTime
            | Error::StaleSequence
            | Error::SequenceReused
            | Error::SequenceGap => Class::REJECTED,
            // This one request found no memory; the next may.
            Error::Memory => Class::UNAVAILABLE,
            error if is_ours(error) => Class::UNAVAILABLE,
            _ => Class::MALFORMED,
        }
    }
}

const REJECTED: &str = "rejected";

/// Whether it is not the caller's fault: the gateway takes no more orders.
pub(super) fn is_ours(error: Error) -> bool {
    matches!(
        error,
        Error::Closed
            | Error::Forked
            | Error::Internal
            | Error::Io
            | Error::Journal
            | Error::JournalCorrupt
            | Error::JournalFull
    )
}

/// An error's name and what it means.
pub(super) fn describe(error: Error) -> String {
    format!("{}: {}", error.name(), error.message())
}

/// Why an order was not accepted, as the caller may learn it.
pub(super) fn reason(access: &Access, reason: Reason) -> String {
    if access.is_local { reason.name().to_owned() } else { REJECTED.to_owned() }
}

/// Writes the whole truth into the log and gives the caller his part.
pub(super) fn refuse(
    access: &Access,
    log: &Log,
    caller: &Caller,
    method: &str,
    class: Class,
    why: &str,
    order: &[(&'static str, String)],
) -> Status {
    log.write(Level::Warn, class.name, details(caller, method, why, order));
    match access.is_local {
        true => Status::new(class.code, format!("{}: {why}", class.name)),
        false => Status::new(class.code, class.name),
    }
}

/// What the log tells of a request that came to nothing.
pub(super) fn details<'a>(
    caller: &'a Caller,
    method: &'a str,
    why: &'a str,
    order: &'a [(&'static str, String)],
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let request = [("method", method), ("address", &*caller.address), ("why", why)];
    let peer = caller.peer.as_deref().map(|peer| ("peer", peer));
    request.into_iter().chain(peer).chain(order.iter().map(|(name, value)| (*name, &**value)))
}

/// Who sent the request. The door puts it there; without, it is a bug and nobody.
pub(super) fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    let caller = request.extensions().get::<Caller>().cloned();
    caller.ok_or_else(|| Status::new(Code::Unauthenticated, Class::UNAUTHENTICATED.name))
}
