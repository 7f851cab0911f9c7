//! How long each gate took, for whoever wants to know; without an observer no clock is read.

use std::time::{Duration, Instant};

use crate::telemetry;

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

/// A stopwatch that reports each lap to the observer, if there is one, and to the metrics, if they
/// want this order's. Otherwise no clock is read.
pub(super) struct Laps<'a> {
    observer: Option<&'a dyn Observer>,
    lap: Option<Lap>,
}

/// A lap that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lap {
    since: Instant,
    in_metrics: bool,
}

impl<'a> Laps<'a> {
    /// `started`: when the order came, if the metrics want its laps.
    pub(super) fn start(observer: Option<&'a dyn Observer>, started: Option<Instant>) -> Self {
        let since = started.or_else(|| observer.map(|_| Instant::now()));
        Self { observer, lap: since.map(|since| Lap { since, in_metrics: started.is_some() }) }
    }

    /// Goes on with a lap of the same order.
    pub(super) fn resume(observer: Option<&'a dyn Observer>, lap: Option<Lap>) -> Self {
        Self { observer, lap }
    }

    /// Ends a lap; the next one begins.
    #[inline]
    pub(super) fn lap(&mut self, gate: Gate) {
        if self.lap.is_some() {
            self.lap_at(gate, Instant::now());
        }
    }

    /// [`lap`](Self::lap) at a time known already. Rare where no file is synced: out of the way.
    #[cold]
    pub(super) fn lap_at(&mut self, gate: Gate, now: Instant) {
        let Some(lap) = &mut self.lap else { return };
        let elapsed = now.saturating_duration_since(lap.since);
        lap.since = now;
        if lap.in_metrics {
            telemetry::GATE_LATENCY.observe(gate as usize, elapsed);
        }
        if let Some(observer) = self.observer {
            observer.gate(gate, elapsed);
        }
    }

    /// Begins the lap anew: what was since the last one is nobody's.
    pub(super) fn restart(&mut self) {
        if let Some(lap) = &mut self.lap {
            lap.since = Instant::now();
        }
    }

    pub(super) fn current(&self) -> Option<Lap> {
        self.lap
    }
}
