//! One instrument's book: for each side its prices, for each price its orders in time priority.

use super::orders::{Orders, Slot};
use crate::order::Side;

/// Prices that each side has memory for from the start; a side with more grows by doubling.
const LEVELS: usize = 4096;

#[derive(Debug)]
pub(super) struct Book {
    bids: Ladder,
    asks: Ladder,
}

/// One side's prices, sorted by [`rank`]: the best is last, where most of what happens happens.
#[derive(Debug)]
pub(super) struct Ladder {
    levels: Vec<Level>,
}

/// The orders at one price: a queue that is never empty, linked through the orders.
#[derive(Debug)]
pub(super) struct Level {
    rank: i64,
    /// What they may still fill together, exponent -8.
    pub quantity: u128,
    pub first: Slot,
    last: Slot,
}

/// Orders one side's prices from worst to best. It is its own reverse.
pub(super) fn rank(side: Side, price: i64) -> i64 {
    match side {
        Side::Buy => price,
        Side::Sell | Side::SellShort => !price,
    }
}

/// The side that trades with this one.
pub(super) fn opposite(side: Side) -> Side {
    match side {
        Side::Buy => Side::Sell,
        Side::Sell | Side::SellShort => Side::Buy,
    }
}

impl Book {
    pub fn new() -> Self {
        let ladder = || Ladder { levels: Vec::with_capacity(LEVELS) };
        Self { bids: ladder(), asks: ladder() }
    }

    pub fn side(&self, side: Side) -> &Ladder {
        match side {
            Side::Buy => &self.bids,
            Side::Sell | Side::SellShort => &self.asks,
        }
    }

    pub fn side_mut(&mut self, side: Side) -> &mut Ladder {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell | Side::SellShort => &mut self.asks,
        }
    }
}

impl Ladder {
    /// The best level, if its rank is at least this.
    pub fn best(&mut self, worst_rank: i64) -> Option<&mut Level> {
        self.levels.last_mut().filter(|level| level.rank >= worst_rank)
    }

    /// Whether orders of at least this rank may fill this quantity.
    pub fn can_fill(&self, worst_rank: i64, quantity: u64) -> bool {
        let mut missing = u128::from(quantity);
        let levels = self.levels.iter().rev().take_while(|level| level.rank >= worst_rank);
        for level in levels.map(|level| level.quantity) {
            missing = missing.saturating_sub(level);
            if missing == 0 {
                return true;
            }
        }
        missing == 0
    }

    /// Ranks and quantities, best first.
    pub fn depth(&self) -> impl Iterator<Item = (i64, u128)> {
        self.levels.iter().rev().map(|level| (level.rank, level.quantity))
    }

    /// Queues an order behind all others at its price.
    pub fn push(&mut self, orders: &mut Orders, slot: Slot) {
        let order = orders[slot];
        let rank = rank(order.side, order.price);
        let quantity = u128::from(order.leaves());
        let at = self.position(rank);
        match self.levels.get_mut(at) {
            Some(level) if level.rank == rank => {
                orders[level.last].next = Some(slot);
                orders[slot].previous = Some(level.last);
                level.last = slot;
                level.quantity += quantity;
            }
            _ => self.levels.insert(at, Level { rank, quantity, first: slot, last: slot }),
        }
    }

    /// Takes an order out of its queue.
    pub fn unlink(&mut self, orders: &mut Orders, slot: Slot) {
        let order = orders[slot];
        if let Some(previous) = order.previous {
            orders[previous].next = order.next;
        }
        if let Some(next) = order.next {
            orders[next].previous = order.previous;
        }
        let at = self.position(rank(order.side, order.price));
        let level = &mut self.levels[at];
        level.quantity -= u128::from(order.leaves());
        match (order.previous, order.next) {
            (None, None) => drop(self.levels.remove(at)),
            (None, Some(next)) => level.first = next,
            (Some(previous), None) => level.last = previous,
            (Some(_), Some(_)) => {}
        }
    }

    /// Notes that a queued order's total was lowered by this.
    pub fn lower(&mut self, rank: i64, by: u64) {
        let at = self.position(rank);
        self.levels[at].quantity -= u128::from(by);
    }

    fn position(&self, rank: i64) -> usize {
        self.levels.partition_point(|level| level.rank < rank)
    }
}
