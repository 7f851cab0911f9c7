//! Gate 4, throttle: token buckets per session, per symbol and for the gateway. A throttled frame is
//! refused, consumes nothing and is not journaled; the same frame may come again.
//!
//! A bucket is kept as one number, the theoretical arrival time of the generic cell rate algorithm
//! (ITU-T I.371): to ask changes nothing, and only what passes is written down, so a restart
//! finds every bucket as it was from the journaled decisions alone.

use crate::config::Rate;
use crate::error::{Error, Result};
use crate::gateway::row::row;
use crate::gateway::state::{Listing, Session, State};

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

/// A token bucket at its rate: the time at which it will be full again. Until it has a rate it
/// holds nothing back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    full_at: u64,
    /// Between tokens; kept, since a division is what most of asking would cost.
    interval_ns: u64,
    /// What may be missing of a full bucket while a token is there.
    tolerance_ns: u64,
}

row!(Bucket { full_at, interval_ns, tolerance_ns });

impl Bucket {
    /// Whether a token is there at `now`.
    pub(super) fn has_token(self, now: u64) -> bool {
        self.full_at.saturating_sub(now) <= self.tolerance_ns
    }

    /// Takes a token at `now`.
    pub(super) fn take(&mut self, now: u64) {
        self.full_at = self.full_at.max(now).saturating_add(self.interval_ns);
    }

    /// Goes on as full as it is when time is taken back by this much.
    pub(super) fn set_back(&mut self, by_ns: u64) {
        self.full_at = self.full_at.saturating_sub(by_ns);
    }

    /// Goes on at this rate: empty at worst, however long another one would have held it back.
    pub(super) fn change(&mut self, rate: Rate, now: u64) {
        let burst = u64::from(rate.burst);
        // Rounded up: never faster than the limit.
        self.interval_ns = NANOSECONDS_PER_SECOND.div_ceil(u64::from(rate.per_second));
        self.tolerance_ns = self.interval_ns.saturating_mul(burst - 1);
        let longest = self.interval_ns.saturating_mul(burst);
        self.full_at = self.full_at.min(now.saturating_add(longest));
    }
}

/// Refuses what comes too fast. Cancels reduce risk: they pass the order buckets and have a flood
/// cap of their own.
pub(super) fn check(
    state: &State,
    session: &Session,
    listing: Option<&Listing>,
    is_cancel: bool,
    now: u64,
) -> Result<()> {
    let passes = if is_cancel {
        session.cancel_bucket.has_token(now)
    } else {
        session.bucket.has_token(now)
            && state.bucket.has_token(now)
            && listing.is_none_or(|listing| listing.has_token(now))
    };
    passes.then_some(()).ok_or(Error::Throttled)
}
