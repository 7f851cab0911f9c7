//! The paper venue: one book per instrument, matched by price, then time, in this process.
//!
//! What it answers depends on its commands alone: no clock, no randomness. It answers at once and
//! keeps working orders only, so an order that has ended is one it does not know. There is no
//! trading day: a day order rests as long as a good-till-cancel order does.

mod book;
mod orders;

use self::book::{Book, opposite, rank};
use self::orders::{Orders, Slot, Working};
use super::ExecutionKind::{CancelRejected, Canceled, Expired, Rejected, Replaced, Trade};
use super::{
    Cancel, Command, Execution, ExecutionKind, NewOrder, OpenOrder, Replace, Venue, VenueStatus,
    keeps_priority,
};
use crate::error::Reason;
use crate::order::{OrdType, Side, TimeInForce};

/// A price-time-priority book per instrument.
#[derive(Debug)]
pub struct PaperVenue {
    books: Vec<Book>,
    orders: Orders,
    reports: Reports,
    /// First and last request answered since this venue was made or recovered. Ids come from a
    /// counter and requests in its order, so these two tell of all between them.
    answered: Option<(u64, u64)>,
}

/// What happened and was not collected yet.
#[derive(Debug)]
struct Reports {
    last_exec_id: u64,
    executions: Vec<Execution>,
}

impl Reports {
    fn push(&mut self, order_id: u64, kind: ExecutionKind, cum: u64, leaves: u64) {
        self.last_exec_id += 1;
        self.executions.push(Execution {
            exec_id: self.last_exec_id,
            order_id,
            kind,
            cum_quantity: cum,
            leaves_quantity: leaves,
        });
    }

    /// Something about the order under the id that it has now.
    fn push_of(&mut self, order: &Working, kind: ExecutionKind) {
        self.push(order.order_id, kind, order.filled, order.leaves());
    }
}

impl PaperVenue {
    /// A venue for `instruments` instruments, to which more may come, and at most `max_orders`
    /// resting orders. It has all its memory from here on, but for further instruments and for
    /// sides of a book with more than 4,096 prices.
    pub fn new(instruments: usize, max_orders: usize) -> Self {
        Self {
            books: std::iter::repeat_with(Book::new).take(instruments).collect(),
            orders: Orders::new(max_orders),
            reports: Reports {
                last_exec_id: 0,
                // At most: accepted, both sides of a fill with every other order, expired.
                executions: Vec::with_capacity(2 * max_orders + 2),
            },
            answered: None,
        }
    }

    /// The first `levels` prices of a side, best first, each with what its orders may still fill
    /// together; both with exponent -8.
    pub fn depth(
        &self,
        instrument: u32,
        side: Side,
        levels: usize,
    ) -> impl Iterator<Item = (i64, u128)> {
        let book = self.books.get(instrument as usize);
        let depth = book.into_iter().flat_map(move |book| book.side(side).depth());
        depth.take(levels).map(move |(of_price, quantity)| (rank(side, of_price), quantity))
    }

    fn new_order(&mut self, order: &NewOrder) {
        let order_id = order.order_id;
        let Some(price) = worst_price(order) else {
            let refused = Rejected(Reason::VenueUnsupported);
            return self.reports.push(order_id, refused, 0, 0);
        };
        if rests(order) && self.orders.is_full() {
            let refused = Rejected(Reason::VenueCapacity);
            return self.reports.push(order_id, refused, 0, 0);
        }
        let taker = Working::new(order, price, 0);
        self.reports.push_of(&taker, ExecutionKind::New);
        self.enter(taker, order);
    }

    fn replace(&mut self, replace: &Replace) {
        let order = &replace.order;
        let order_id = order.order_id;
        let Some(slot) = self.find(replace.orig_order_id, order.instrument) else {
            let refused = CancelRejected(Reason::VenueUnknownOrder);
            return self.reports.push(order_id, refused, 0, 0);
        };
        let old = self.orders[slot];
        let Some(price) = worst_price(order).filter(|_| order.side == old.side) else {
            let refused = CancelRejected(Reason::VenueUnsupported);
            return self.reports.push(order_id, refused, old.filled, old.leaves());
        };
        if order.quantity < old.filled {
            let refused = CancelRejected(Reason::VenueTooLate);
            return self.reports.push(order_id, refused, old.filled, old.leaves());
        }
        let new = Working::new(order, price, old.filled);
        self.reports.push_of(&new, Replaced);
        let stays = rests(order) && new.leaves() > 0;
        if stays && keeps_priority(Some(old.price), old.quantity, order) {
            let lowered = old.quantity - new.quantity;
            let book = &mut self.books[old.instrument as usize];
            book.side_mut(old.side).lower(rank(old.side, old.price), lowered);
            self.orders[slot].quantity = new.quantity;
            self.orders.rename(slot, order_id);
        } else {
            self.remove(slot);
            self.enter(new, order);
        }
    }

    fn cancel(&mut self, cancel: &Cancel) {
        let order_id = cancel.order_id;
        let Some(slot) = self.find(cancel.orig_order_id, cancel.instrument) else {
            let refused = CancelRejected(Reason::VenueUnknownOrder);
            return self.reports.push(order_id, refused, 0, 0);
        };
        let filled = self.orders[slot].filled;
        self.remove(slot);
        self.reports.push(order_id, Canceled, filled, 0);
    }

    /// Lets an order trade, then rest or expire as its terms say.
    fn enter(&mut self, mut taker: Working, order: &NewOrder) {
        let index = taker.instrument as usize;
        if index >= self.books.len() {
            self.books.resize_with(index + 1, Book::new);
        }
        self.trade(&mut taker, order.time_in_force == TimeInForce::FillOrKill);
        if taker.leaves() == 0 {
            return;
        }
        if rests(order) {
            let slot = self.orders.insert(taker);
            let book = &mut self.books[index];
            book.side_mut(taker.side).push(&mut self.orders, slot);
        } else {
            let filled = taker.filled;
            self.reports.push(taker.order_id, Expired, filled, 0);
        }
    }

    /// Fills an order from the other side, best price and oldest order first, as far as its price
    /// and what rests there allow; with `all_or_none` to the end or not at all.
    fn trade(&mut self, taker: &mut Working, all_or_none: bool) {
        let side = opposite(taker.side);
        let worst = rank(side, taker.price);
        let ladder = self.books[taker.instrument as usize].side_mut(side);
        if all_or_none && !ladder.can_fill(worst, taker.leaves()) {
            return;
        }
        while taker.leaves() > 0
            && let Some(level) = ladder.best(worst)
        {
            let slot = level.first;
            let maker = &mut self.orders[slot];
            let quantity = taker.leaves().min(maker.leaves());
            let price = maker.price;
            let fill = Trade { price, quantity };
            maker.filled += quantity;
            taker.filled += quantity;
            level.quantity -= u128::from(quantity);
            self.reports.push_of(maker, fill);
            self.reports.push_of(taker, fill);
            if maker.leaves() == 0 {
                ladder.unlink(&mut self.orders, slot);
                self.orders.remove(slot);
            }
        }
    }

    fn find(&self, order_id: u64, instrument: u32) -> Option<Slot> {
        let slot = self.orders.find(order_id)?;
        (self.orders[slot].instrument == instrument).then_some(slot)
    }

    fn remove(&mut self, slot: Slot) {
        let order = self.orders[slot];
        let book = &mut self.books[order.instrument as usize];
        book.side_mut(order.side).unlink(&mut self.orders, slot);
        self.orders.remove(slot);
    }
}

impl Venue for PaperVenue {
    fn submit(&mut self, command: &Command, answers: &mut Vec<Execution>) {
        self.events(answers);
        // What happens is written where it is wanted.
        std::mem::swap(&mut self.reports.executions, answers);
        let order_id = match command {
            Command::New(order) => {
                self.new_order(order);
                order.order_id
            }
            Command::Replace(replace) => {
                self.replace(replace);
                replace.order.order_id
            }
            Command::Cancel(cancel) => {
                self.cancel(cancel);
                cancel.order_id
            }
        };
        let first = self.answered.map_or(order_id, |(first, _)| first);
        self.answered = Some((first, order_id));
        std::mem::swap(&mut self.reports.executions, answers);
    }

    fn events(&mut self, answers: &mut Vec<Execution>) {
        if !self.reports.executions.is_empty() {
            answers.append(&mut self.reports.executions);
        }
    }

    fn status(&mut self, order_id: u64) -> VenueStatus {
        let in_range = |(first, last)| (first..=last).contains(&order_id);
        if self.answered.is_some_and(in_range) || self.orders.find(order_id).is_some() {
            VenueStatus::Received
        } else {
            VenueStatus::NotReceived
        }
    }

    /// Enters the orders again, oldest priority first. Had the process ended between the answers to
    /// one request, this gives the missing ones, to be collected with [`events`](Self::events).
    fn recover(&mut self, open: &[OpenOrder], last_exec_id: u64) {
        *self = Self::new(self.books.len(), self.orders.max());
        self.reports.last_exec_id = last_exec_id;
        let mut open: Vec<&OpenOrder> = open.iter().collect();
        open.sort_unstable_by_key(|open| open.priority);
        for &OpenOrder { order, cum_quantity, .. } in open {
            if let Some(price) = worst_price(&order) {
                self.enter(Working::new(&order, price, cum_quantity), &order);
            }
        }
    }
}

/// The worst price the order takes; `None` if this venue does not take the order at all.
fn worst_price(order: &NewOrder) -> Option<i64> {
    match (order.ord_type, order.side) {
        (OrdType::Market, Side::Buy) => Some(i64::MAX),
        (OrdType::Market, Side::Sell | Side::SellShort) => Some(i64::MIN),
        (OrdType::Limit, _) => order.price,
        (OrdType::Stop | OrdType::StopLimit, _) => None,
    }
}

/// Whether what does not trade at once waits in the book.
fn rests(order: &NewOrder) -> bool {
    use TimeInForce::{Day, GoodTillCancel};
    order.ord_type == OrdType::Limit && matches!(order.time_in_force, Day | GoodTillCancel)
}
