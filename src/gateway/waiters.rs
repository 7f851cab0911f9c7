//! Who waits for which decision: a polled submission, a blocked thread or a task. Several may wait
//! for one, since a repeated frame joins the original while that is in flight.

use std::task::Waker;
use std::time::Instant;

use crate::error::Result;
use crate::gateway::report::{ExecError, OrderAck};
use crate::gateway::shares::Shares;
use crate::gateway::table::Map;

/// The ending of a submission.
pub(super) type Ending = std::result::Result<OrderAck, ExecError>;

/// How a waiter hears of its ending.
#[derive(Debug)]
pub(super) enum Listener {
    /// Through the completion queue, with this tag; `started` as in `Sending`.
    Queue { tag: u64, started: Option<Instant> },
    /// Woken, then it comes and takes the ending. `None` while it is known to be looking.
    Waker(Option<Waker>),
}

/// A limited number of waiters, each session's its own. A waiter's number stays valid until its
/// ending is taken.
#[derive(Debug)]
pub(super) struct Waiters {
    slots: Vec<Slot>,
    free: Vec<u32>,
    shares: Shares,
    /// By order id: the latest waiter, the head of a list through `Slot::next`.
    heads: Map<u64, u32>,
    /// Whom to wake when no lock is held any more: what a waker does is its executor's affair, and
    /// it may drop a future that needs the lock.
    pub woken: Vec<Waker>,
}

#[derive(Debug)]
struct Slot {
    /// In whose share it is.
    session: u32,
    duplicate: bool,
    next: Option<u32>,
    state: SlotState,
}

#[derive(Debug)]
enum SlotState {
    Free,
    Waiting(Listener),
    /// Its owner gave up; the slot is freed when the ending comes.
    Abandoned,
    Ended(Ending),
}

/// An ending that goes to the completion queue.
#[derive(Debug)]
pub(super) struct Queued {
    pub tag: u64,
    pub started: Option<Instant>,
    pub ending: Ending,
}

impl Waiters {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Vec::with_capacity(2 * capacity),
            free: Vec::with_capacity(2 * capacity),
            shares: Shares::default(),
            heads: Map::with_capacity_and_hasher(2 * capacity, Default::default()),
            woken: Vec::with_capacity(2 * capacity),
        }
    }

    /// Each session may have so many waiters, and for cancels as many again.
    pub(super) fn divide(&mut self, sizes: &[u32]) {
        self.shares = Shares::of(sizes);
    }

    /// Whether one more frame of the session can wait.
    pub(super) fn has_room(&self, session: u32, is_cancel: bool) -> Result<()> {
        self.shares.has_room(session, is_cancel)
    }

    /// Waits for the decision with this order id. The caller has seen that there is room.
    pub(super) fn wait(
        &mut self,
        session: u32,
        order_id: u64,
        duplicate: bool,
        listener: Listener,
    ) -> u32 {
        self.shares.take(session);
        let next = self.heads.get(&order_id).copied();
        let slot = Slot { session, duplicate, next, state: SlotState::Waiting(listener) };
        let number = match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = slot;
                number
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        self.heads.insert(order_id, number);
        number
    }

    /// Gives the ending to all who wait for this order id: the wakers are `woken`, the others go to
    /// `queue`, those who came first first.
    pub(super) fn end(&mut self, order_id: u64, ending: &Ending, mut queue: impl FnMut(Queued)) {
        let latest = self.heads.remove(&order_id);
        let mut next = self.reverse(latest);
        while let Some(number) = next {
            let slot = &mut self.slots[number as usize];
            next = slot.next.take();
            let ending = marked(ending, slot.duplicate);
            match std::mem::replace(&mut slot.state, SlotState::Free) {
                SlotState::Waiting(Listener::Queue { tag, started }) => {
                    self.free(number);
                    queue(Queued { tag, started, ending });
                }
                SlotState::Waiting(Listener::Waker(waker)) => {
                    slot.state = SlotState::Ended(ending);
                    self.woken.extend(waker);
                }
                SlotState::Abandoned | SlotState::Free | SlotState::Ended(_) => self.free(number),
            }
        }
    }

    fn free(&mut self, number: u32) {
        let slot = &mut self.slots[number as usize];
        slot.state = SlotState::Free;
        self.shares.give_back(slot.session);
        self.free.push(number);
    }

    /// Lists are kept latest first; endings are given earliest first.
    fn reverse(&mut self, mut head: Option<u32>) -> Option<u32> {
        let mut reversed = None;
        while let Some(number) = head {
            let slot = &mut self.slots[number as usize];
            head = std::mem::replace(&mut slot.next, reversed);
            reversed = Some(number);
        }
        reversed
    }

    /// The ending, if it has come: the slot is free again. Otherwise the waker is called when it
    /// comes.
    pub(super) fn take(&mut self, number: u32, waker: Option<&Waker>) -> Option<Ending> {
        let slot = &mut self.slots[number as usize];
        match &mut slot.state {
            SlotState::Ended(ending) => {
                let ending = *ending;
                self.free(number);
                Some(ending)
            }
            SlotState::Waiting(Listener::Waker(known)) => {
                if let Some(waker) = waker
                    && !known.as_ref().is_some_and(|known| known.will_wake(waker))
                {
                    *known = Some(waker.clone());
                }
                None
            }
            _ => None,
        }
    }

    /// The owner waits no longer; the decision itself stands.
    pub(super) fn abandon(&mut self, number: u32) {
        let slot = &mut self.slots[number as usize];
        match slot.state {
            SlotState::Ended(_) => self.free(number),
            SlotState::Waiting(_) => slot.state = SlotState::Abandoned,
            SlotState::Free | SlotState::Abandoned => {}
        }
    }

    /// Whom to wake, if there is anybody.
    pub(super) fn take_woken(&mut self) -> Option<Vec<Waker>> {
        (!self.woken.is_empty()).then(|| std::mem::take(&mut self.woken))
    }

    pub(super) fn is_waited_for(&self, order_id: u64) -> bool {
        self.heads.contains_key(&order_id)
    }

    /// How many decisions are waited for.
    pub(super) fn in_flight(&self) -> usize {
        self.heads.len()
    }

    /// Every order id that is waited for, smallest first.
    pub(super) fn waited_for(&self) -> Vec<u64> {
        let mut order_ids: Vec<u64> = self.heads.keys().copied().collect();
        order_ids.sort_unstable();
        order_ids
    }
}

fn marked(ending: &Ending, duplicate: bool) -> Ending {
    match *ending {
        Ok(ack) => Ok(OrderAck { duplicate, ..ack }),
        Err(ExecError::Unknown { error, ack }) => {
            Err(ExecError::Unknown { error, ack: OrderAck { duplicate, ..ack } })
        }
        refused => refused,
    }
}
