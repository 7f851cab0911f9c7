//! Time is a parameter: the system's clock, or a flow's own in replay and simulation.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the gateway takes the time from. It may stand still. When it goes back by more than a
/// second it was wrong before, and the gateway's time follows it, with an event.
pub trait Clock: Send + Sync {
    /// Nanoseconds since 1970 UTC.
    fn now(&self) -> u64;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // In 64 bits: it is read for every order.
        let whole = since_1970.as_secs().saturating_mul(1_000_000_000);
        whole.saturating_add(since_1970.subsec_nanos().into())
    }
}

/// A clock that its owner sets.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that shows `now`, in nanoseconds since 1970 UTC.
    pub const fn new(now: u64) -> Self {
        Self(AtomicU64::new(now))
    }

    /// Sets the time, in nanoseconds since 1970 UTC.
    pub fn set(&self, now: u64) {
        self.0.store(now, Ordering::Release);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}
