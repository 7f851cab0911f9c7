//! What happened in a history, or in many.

use std::fmt;
use std::ops::AddAssign;

use tinywindow::{Error, Reason};

use crate::model::Fate;

/// Why orders were not taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Saw {
    /// How many were rejected, by the reason's place in [`REASONS`].
    reasons: [u64; REASONS.len()],
    pub rejected: u64,
    pub throttled: u64,
    /// Refused because the session's share was used up.
    pub without_room: u64,
}

impl Saw {
    pub fn fate(&mut self, fate: &Fate) {
        match fate {
            Fate::Decided { reason: Some(reason), .. } => {
                self.rejected += 1;
                let place = REASONS.iter().position(|known| known == reason);
                self.reasons[place.expect("a reason that there is here")] += 1;
            }
            Fate::Refused(Error::Throttled) => self.throttled += 1,
            Fate::Refused(Error::Capacity) => self.without_room += 1,
            _ => {}
        }
    }
}

/// What orders are rejected for.
const REASONS: [Reason; 25] = [
    Reason::HaltedGateway,
    Reason::HaltedSession,
    Reason::HaltedSymbol,
    Reason::HaltedAccount,
    Reason::MarketClosed,
    Reason::Tick,
    Reason::MaxQuantity,
    Reason::NoReferencePrice,
    Reason::MaxNotional,
    Reason::DuplicateClientOrderId,
    Reason::RepeatedOrder,
    Reason::OrderToTrade,
    Reason::MaxOpenOrders,
    Reason::UnknownOrder,
    Reason::OrderClosed,
    Reason::QuantityFilled,
    Reason::SelfTrade,
    Reason::MaxPosition,
    Reason::AccountGross,
    Reason::AccountNet,
    Reason::FirmGross,
    Reason::FirmNet,
    Reason::AccountLoss,
    Reason::FirmLoss,
    Reason::OrderMismatch,
];

#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    pub orders: u64,
    pub acks: u64,
    pub saw: Saw,
    /// The gateway's own.
    pub cancels: u64,
    /// Of halts, keys, prices and limits.
    pub changes: u64,
    pub restarts: u64,
    /// Finished requests that an opening forgot.
    pub forgotten: u64,
    pub power_losses: u64,
    pub faults: u64,
    /// Damage on the disk that a gateway refused to open on.
    pub corruptions: u64,
}

impl Tally {
    fn counts(&self) -> [(u64, &'static str); 13] {
        [
            (self.steps, "steps"),
            (self.orders, "requests"),
            (self.acks, "acks"),
            (self.saw.rejected, "rejections"),
            (self.saw.throttled, "throttled"),
            (self.saw.without_room, "without room"),
            (self.cancels, "cancels of the gateway's own"),
            (self.changes, "changes"),
            (self.restarts, "openings"),
            (self.forgotten, "forgotten"),
            (self.power_losses, "losses of power"),
            (self.faults, "failures of the disk"),
            (self.corruptions, "corrupt journals refused"),
        ]
    }

    /// Whether everything happened that can, each reason to reject an order among it.
    pub fn is_complete(&self) -> bool {
        self.counts().iter().all(|(count, _)| *count > 0) && self.missing().is_empty()
    }

    /// Reasons that nothing was rejected for.
    pub fn missing(&self) -> Vec<Reason> {
        let counts = REASONS.into_iter().zip(self.saw.reasons);
        counts.filter(|(_, count)| *count == 0).map(|(reason, _)| reason).collect()
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, of: Tally) {
        self.steps += of.steps;
        self.orders += of.orders;
        self.acks += of.acks;
        let mine = self.saw.reasons.iter_mut();
        mine.zip(of.saw.reasons).for_each(|(mine, other)| *mine += other);
        self.saw.rejected += of.saw.rejected;
        self.saw.throttled += of.saw.throttled;
        self.saw.without_room += of.saw.without_room;
        self.cancels += of.cancels;
        self.changes += of.changes;
        self.restarts += of.restarts;
        self.forgotten += of.forgotten;
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
