//! What happened in a history, or in many.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    pub orders: u64,
    pub acks: u64,
    pub restarts: u64,
    pub power_losses: u64,
    pub faults: u64,
    /// Damage on the disk that a gateway refused to open on.
    pub corruptions: u64,
}

impl Tally {
    fn counts(&self) -> [(u64, &'static str); 7] {
        [
            (self.steps, "steps"),
            (self.orders, "requests"),
            (self.acks, "acks"),
            (self.restarts, "openings"),
            (self.power_losses, "losses of power"),
            (self.faults, "failures of the disk"),
            (self.corruptions, "corrupt journals refused"),
        ]
    }

    /// Whether everything happened that can.
    pub fn is_complete(&self) -> bool {
        self.counts().iter().all(|(count, _)| *count > 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, of: Tally) {
        self.steps += of.steps;
        self.orders += of.orders;
        self.acks += of.acks;
        self.restarts += of.restarts;
        self.power_losses += of.power_losses;
        self.faults += of.faults;
        self.corruptions += of.corruptions;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts().map(|(count, what)| format!("{count} {what}"));
        f.write_str(&counts.join(", "))
    }
}
