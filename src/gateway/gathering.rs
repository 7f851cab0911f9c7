//! How long the writer thread lets orders gather before it makes them durable together.
//!
//! Clients who wait for acks come back with their next orders just after they were answered. A
//! writer that took at once what had come while it worked would never meet them all: there would
//! be two crowds for ever, one in the sync and one before it. So it waits for those whom it has
//! just answered, as PostgreSQL's `commit_delay` does, but by its own measure: for as many as were
//! in flight, for at most half the time that the last batch took, and seldom once they do not come.

use std::time::{Duration, Instant};

/// After so many times in vain, one after the other, the pauses in between grow no longer: 64
/// batches that nobody waits for cost a hundredth, and it is soon seen when the crowd is back.
const VAIN_MAX: u32 = 6;

/// What the writer thread knows of the crowd.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    /// How many orders were in flight when the last batch was answered, its own and those behind.
    crowd: usize,
    /// No longer than until then.
    until: Option<Instant>,
    /// How often it was in vain since it last was not.
    vain: u32,
    /// So many batches are taken as they come.
    pause: u32,
}

impl Gathering {
    /// A batch that began then was answered, with so many orders in flight.
    pub(super) fn answered(&mut self, begin: Instant, in_flight: usize) {
        let now = Instant::now();
        (self.crowd, self.until) = (in_flight, None);
        if in_flight > 1 && self.pause == 0 {
            self.until = Some(now + (now - begin) / 2);
        }
        self.pause = self.pause.saturating_sub(1);
    }

    /// How much longer to wait for how many, when so many orders are there; `None`: not at all.
    pub(super) fn waits(&mut self, waiting: usize) -> Option<(Duration, usize)> {
        let until = self.until?;
        let left = until.saturating_duration_since(Instant::now());
        if waiting < self.crowd && !left.is_zero() {
            return Some((left, self.crowd));
        }
        self.until = None;
        // Some are always late; of a crowd that is really there most come.
        let came = waiting >= self.crowd - self.crowd / 4;
        self.vain = if came { 0 } else { VAIN_MAX.min(self.vain + 1) };
        self.pause = (1 << self.vain) - 1;
        None
    }
}
