//! The working orders of every book: a slab with a free list, found by id.
//!
//! Ids come from a counter, so their low bits spread them evenly over the chains of a plain table:
//! no hash function, and no rehash that would stall one unlucky order.

use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use crate::order::Side;
use crate::venue::NewOrder;

/// Where an order is kept, counted from 1: a table of `None` is zeroed memory, which the system
/// hands out without touching it.
pub(super) type Slot = NonZeroU32;

/// An order that may still fill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Working {
    pub order_id: u64,
    /// The worst price it takes, exponent -8.
    pub price: i64,
    /// Total, exponent -8.
    pub quantity: u64,
    /// Filled of the total, exponent -8.
    pub filled: u64,
    pub instrument: u32,
    pub side: Side,
    /// Neighbours in the queue of its price; `next` also links the free slots.
    pub previous: Option<Slot>,
    pub next: Option<Slot>,
    /// The next order of the same chain of ids.
    chained: Option<Slot>,
}

impl Working {
    pub fn new(order: &NewOrder, price: i64, filled: u64) -> Self {
        Self {
            order_id: order.order_id,
            price,
            quantity: order.quantity,
            filled,
            instrument: order.instrument,
            side: order.side,
            previous: None,
            next: None,
            chained: None,
        }
    }

    pub fn leaves(&self) -> u64 {
        self.quantity - self.filled
    }
}

#[derive(Debug)]
pub(super) struct Orders {
    slots: Vec<Working>,
    free: Option<Slot>,
    /// The first order of each chain; as many chains as a power of two.
    chains: Vec<Option<Slot>>,
    open: usize,
    max: usize,
}

impl Orders {
    /// Room for `max` orders, and all the memory for them.
    pub fn new(max: usize) -> Self {
        Self {
            slots: Vec::with_capacity(max),
            free: None,
            chains: vec![None; max.next_power_of_two()],
            open: 0,
            max,
        }
    }

    pub fn max(&self) -> usize {
        self.max
    }

    pub fn is_full(&self) -> bool {
        self.open >= self.max
    }

    pub fn find(&self, order_id: u64) -> Option<Slot> {
        let mut found = self.chains[self.chain(order_id)];
        while let Some(slot) = found
            && self[slot].order_id != order_id
        {
            found = self[slot].chained;
        }
        found
    }

    /// Keeps an order, over the maximum too: who asks has looked at [`is_full`](Self::is_full).
    pub fn insert(&mut self, order: Working) -> Slot {
        let slot = match self.free {
            Some(slot) => {
                self.free = self[slot].next;
                self[slot] = order;
                slot
            }
            None => {
                self.slots.push(order);
                let count = u32::try_from(self.slots.len()).ok();
                count.and_then(Slot::new).expect("fewer than 2^32 orders")
            }
        };
        self.open += 1;
        self.link(slot);
        slot
    }

    pub fn remove(&mut self, slot: Slot) {
        self.unlink(slot);
        self.open -= 1;
        self[slot].next = self.free;
        self.free = Some(slot);
    }

    /// Makes the order known under another id only.
    pub fn rename(&mut self, slot: Slot, order_id: u64) {
        self.unlink(slot);
        self[slot].order_id = order_id;
        self.link(slot);
    }

    fn chain(&self, order_id: u64) -> usize {
        order_id as usize & (self.chains.len() - 1)
    }

    fn link(&mut self, slot: Slot) {
        let chain = self.chain(self[slot].order_id);
        self[slot].chained = self.chains[chain].replace(slot);
    }

    fn unlink(&mut self, slot: Slot) {
        let Working { order_id, chained, .. } = self[slot];
        let chain = self.chain(order_id);
        let mut before = None;
        let mut at = self.chains[chain];
        while let Some(other) = at
            && other != slot
        {
            (before, at) = (at, self[other].chained);
        }
        match before {
            Some(before) => self[before].chained = chained,
            None => self.chains[chain] = chained,
        }
    }
}

impl Index<Slot> for Orders {
    type Output = Working;

    fn index(&self, slot: Slot) -> &Working {
        &self.slots[slot.get() as usize - 1]
    }
}

impl IndexMut<Slot> for Orders {
    fn index_mut(&mut self, slot: Slot) -> &mut Working {
        &mut self.slots[slot.get() as usize - 1]
    }
}
