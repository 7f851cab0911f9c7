//! How long each gate took, for whoever wants to know; without an observer no clock is read.

use std::time::{Duration, Instant};

/// The gates, in the order in which an order passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    Decode,
    Authenticate,
    Freshness,
    Throttle,
    Risk,
    Journal,
    Venue,
}

impl Gate {
    /// Every gate, in order.
    pub const ALL: [Gate; 7] = [
        Gate::Decode,
        Gate::Authenticate,
        Gate::Freshness,
        Gate::Throttle,
        Gate::Risk,
        Gate::Journal,
        Gate::Venue,
    ];

    /// The gate's name, as in the name of its file.
    pub const fn name(self) -> &'static str {
        match self {
            Gate::Decode => "decode",
            Gate::Authenticate => "authenticate",
            Gate::Freshness => "freshness",
            Gate::Throttle => "throttle",
            Gate::Risk => "risk",
            Gate::Journal => "journal",
            Gate::Venue => "venue",
        }
    }
}

/// Is told how long an order spent in a gate. Called on the order path: be quick, do not block,
/// do not call the gateway.
pub trait Observer: Send + Sync {
    /// `elapsed` includes the waiting: for the session's turn and the lock in `Freshness`, for the
    /// batch to be durable in `Journal`.
    fn gate(&self, gate: Gate, elapsed: Duration);
}

/// A stopwatch that reports each lap to the observer, if there is one.
pub(super) struct Laps<'a> {
    observer: Option<&'a dyn Observer>,
    last: Option<Instant>,
}

impl<'a> Laps<'a> {
    pub(super) fn start(observer: Option<&'a dyn Observer>) -> Self {
        Self { observer, last: observer.map(|_| Instant::now()) }
    }

    pub(super) fn lap(&mut self, gate: Gate) {
        if let (Some(observer), Some(last)) = (self.observer, self.last) {
            let now = Instant::now();
            observer.gate(gate, now - last);
            self.last = Some(now);
        }
    }

    pub(super) fn last(&self) -> Option<Instant> {
        self.last
    }
}
