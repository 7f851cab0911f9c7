//! A synthetic order flow of one instrument, made from a seed: the same on every machine.
//!
//! The generator keeps the book that its own events make, so the flow is one that an exchange with
//! price-time priority could have written: no new order crosses, and what executes is always the
//! order that has priority at that moment. Integer arithmetic only.

use std::collections::BTreeSet;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tinywindow::order::Side;

use crate::lobster::{Event, HALTED, Kind, NANOSECONDS, QUOTING_RESUMED, TRADING_RESUMED};

/// One cent in the file's unit.
const TICK: i64 = 100;
const OPEN: u64 = 34_200 * NANOSECONDS;
const CLOSE: u64 = 57_600 * NANOSECONDS;
const HALT: u64 = 300 * NANOSECONDS;
const FIRST_PRICE: i64 = 5_850_000;
/// The walk turns here, so that no price comes near zero.
const LOWEST_FAIR: i64 = 10_000;
/// Each side is filled up to this before anything else happens, and never swept below.
const SIDE_MIN: usize = 5;
/// The book stops growing here.
const BOOK_MAX: usize = 1_500;
/// A shorter flow has no halt.
const HALT_FLOW_MIN: u64 = 10_000;
/// While halted, orders are only cancelled; while quoting, only entered.
const HALTED_EVENTS: u64 = 20;
const QUOTING_EVENTS: u64 = 20;

/// The events of a flow, in order.
pub struct Flow {
    random: Random,
    book: Book,
    position: u64,
    events: u64,
    /// Where the halt began.
    halted_at: Option<u64>,
    time: u64,
    mean_gap: u64,
    /// Where new orders gather: a random walk.
    fair: i64,
    /// What is left of an aggressive order, and the side it takes from.
    sweep: Option<(Side, u64)>,
}

impl Flow {
    /// A flow of `events` events. The seed makes test data, never secrets.
    pub fn new(seed: u64, events: u64) -> Flow {
        let trading = CLOSE - OPEN - 2 * HALT;
        Flow {
            random: Random::new(seed),
            book: Book::default(),
            position: 0,
            events,
            halted_at: None,
            time: OPEN,
            mean_gap: (trading / events.max(1)).clamp(1, NANOSECONDS / 50),
            fair: FIRST_PRICE,
            sweep: None,
        }
    }

    fn ordinary(&mut self) -> Event {
        if let Some((side, left)) = self.sweep.take() {
            return self.execute(side, left);
        }
        self.time = (self.time + self.gap()).min(CLOSE);
        self.walk();
        if let Some(side) = [Side::Buy, Side::Sell].into_iter().find(|s| self.book.thin(*s)) {
            return self.enter(side);
        }
        match self.random.below(10_000) {
            0..4_600 if self.book.len() < BOOK_MAX => self.enter_anywhere(),
            0..8_300 => self.delete(),
            8_300..9_250 => self.aggress(),
            9_250..9_400 => self.partial_cancel(),
            9_400..9_995 => self.hidden_execution(),
            _ => self.cross(),
        }
    }

    /// Half of the events come in bursts, the others far apart; the mean is about `mean_gap`.
    fn gap(&mut self) -> u64 {
        let scale = if self.random.below(2) == 0 { self.mean_gap / 500 } else { 5 * self.mean_gap };
        1 + self.random.below(scale.max(1)).min(self.random.below(scale.max(1)) * 2)
    }

    fn walk(&mut self) {
        match self.random.below(40) {
            0 => self.fair += TICK,
            1 if self.fair > LOWEST_FAIR => self.fair -= TICK,
            _ => {}
        }
    }

    fn enter_anywhere(&mut self) -> Event {
        let side = self.random.side();
        self.enter(side)
    }

    /// A new limit order near the fair price, not crossing the book.
    fn enter(&mut self, side: Side) -> Event {
        let distance =
            (0..3).map(|_| self.random.below(40)).min().unwrap_or(0) as i64 * TICK + TICK;
        let price = match side {
            Side::Buy => (self.fair - distance).min(self.best(Side::Sell, i64::MAX) - TICK),
            _ => (self.fair + distance).max(self.best(Side::Buy, 0) + TICK),
        };
        let size = self.random.size();
        let order_id = self.book.enter(side, price, size);
        self.event(Kind::NewOrder, order_id, size, price, side)
    }

    fn delete(&mut self) -> Event {
        let index = self.random.young(self.book.len());
        let order = self.book.remove(index);
        self.event(Kind::Delete, order.id, order.size, order.price, order.side)
    }

    fn partial_cancel(&mut self) -> Event {
        let index = self.random.young(self.book.len());
        let order = self.book.order(index);
        if order.size == 1 {
            return self.delete();
        }
        let size = 1 + self.random.below(order.size - 1);
        self.book.reduce(index, size);
        self.event(Kind::PartialCancel, order.id, size, order.price, order.side)
    }

    /// An aggressive order arrives: where the fair price has left orders behind, those go first.
    fn aggress(&mut self) -> Event {
        let side = if self.best(Side::Sell, i64::MAX) <= self.fair {
            Side::Sell
        } else if self.best(Side::Buy, 0) >= self.fair {
            Side::Buy
        } else {
            self.random.side()
        };
        let size = self.random.size();
        self.execute(side, size)
    }

    /// Executes the order with priority; what the aggressor still wants comes with the next event.
    fn execute(&mut self, side: Side, wanted: u64) -> Event {
        let index = self.book.first(side).expect("neither side is ever swept empty");
        let order = self.book.order(index);
        let size = wanted.min(order.size);
        self.book.reduce(index, size);
        if wanted > size && !self.book.thin(side) {
            self.sweep = Some((side, wanted - size));
        }
        self.event(Kind::Execution, order.id, size, order.price, side)
    }

    fn hidden_execution(&mut self) -> Event {
        let middle = (self.best(Side::Buy, self.fair) + self.best(Side::Sell, self.fair)) / 2;
        let (size, side) = (self.random.size(), self.random.side());
        self.event(Kind::HiddenExecution, 0, size, middle, side)
    }

    fn cross(&mut self) -> Event {
        let size = 1_000 * (1 + self.random.below(20));
        self.event(Kind::Cross, -1, size, self.fair, Side::Sell)
    }

    /// In the middle of a long flow, or as soon after it as the book has the orders to cancel: halt,
    /// cancels only, quoting resumes, entries only, trading.
    fn halt(&mut self) -> Option<Event> {
        let is_due = self.events >= HALT_FLOW_MIN && self.position >= self.events / 2;
        if self.halted_at.is_none() && is_due && self.book.len() as u64 >= HALTED_EVENTS {
            self.halted_at = Some(self.position);
        }
        let since = self.position - self.halted_at?;
        let trading = HALTED_EVENTS + QUOTING_EVENTS + 2;
        if since > trading {
            return None;
        }
        self.sweep = None;
        if since == HALTED_EVENTS + 1 || since == trading {
            self.time = (self.time + HALT).min(CLOSE);
        }
        let price = match since {
            0 => HALTED,
            _ if since <= HALTED_EVENTS => return Some(self.delete()),
            _ if since == HALTED_EVENTS + 1 => QUOTING_RESUMED,
            _ if since < trading => return Some(self.enter_anywhere()),
            _ => TRADING_RESUMED,
        };
        Some(self.event(Kind::Halt, 0, 0, price, Side::Sell))
    }

    fn best(&self, side: Side, otherwise: i64) -> i64 {
        self.book.first(side).map_or(otherwise, |index| self.book.order(index).price)
    }

    fn event(&self, kind: Kind, order_id: i64, size: u64, price: i64, side: Side) -> Event {
        Event { time: self.time, kind, order_id, size, price, side }
    }
}

impl Iterator for Flow {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.position == self.events {
            return None;
        }
        let event = self.halt().unwrap_or_else(|| self.ordinary());
        self.position += 1;
        Some(event)
    }
}

#[derive(Clone, Copy)]
struct Resting {
    id: i64,
    side: Side,
    price: i64,
    size: u64,
}

/// The orders that rest, by id, which is also the order in which they came.
#[derive(Default)]
struct Book {
    orders: Vec<Resting>,
    /// (distance of the price from the best imaginable, id): the first has priority.
    bids: BTreeSet<(i64, i64)>,
    asks: BTreeSet<(i64, i64)>,
    last_id: i64,
}

impl Book {
    fn len(&self) -> usize {
        self.orders.len()
    }

    fn order(&self, index: usize) -> Resting {
        self.orders[index]
    }

    fn side(&mut self, side: Side) -> &mut BTreeSet<(i64, i64)> {
        if side == Side::Buy { &mut self.bids } else { &mut self.asks }
    }

    fn thin(&self, side: Side) -> bool {
        (if side == Side::Buy { &self.bids } else { &self.asks }).len() < SIDE_MIN
    }

    /// The index of the order that has price-time priority.
    fn first(&self, side: Side) -> Option<usize> {
        let (_, id) = (if side == Side::Buy { &self.bids } else { &self.asks }).first()?;
        self.orders.binary_search_by_key(id, |order| order.id).ok()
    }

    fn enter(&mut self, side: Side, price: i64, size: u64) -> i64 {
        self.last_id += 1;
        let order = Resting { id: self.last_id, side, price, size };
        self.side(side).insert(rank(&order));
        self.orders.push(order);
        order.id
    }

    fn remove(&mut self, index: usize) -> Resting {
        let order = self.orders.remove(index);
        self.side(order.side).remove(&rank(&order));
        order
    }

    fn reduce(&mut self, index: usize, size: u64) {
        self.orders[index].size -= size;
        if self.orders[index].size == 0 {
            self.remove(index);
        }
    }
}

fn rank(order: &Resting) -> (i64, i64) {
    (if order.side == Side::Buy { -order.price } else { order.price }, order.id)
}

/// ChaCha20 keyed with the seed, as integers.
struct Random(ChaCha20Rng);

impl Random {
    fn new(seed: u64) -> Random {
        let mut key = *b"--------tinywindow/v1/flow------";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Random(ChaCha20Rng::from_seed(key))
    }

    /// 0 to `bound` - 1; the bias is below `bound` / 2^64.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }

    /// Mostly one round lot, some odd lots, few large ones.
    fn size(&mut self) -> u64 {
        match self.below(100) {
            0..60 => 100,
            60..85 => 1 + self.below(99),
            85..95 => 100 * (2 + self.below(4)),
            _ => 1_000,
        }
    }

    /// An index below `len`, rather a late one: most orders that are cancelled are young.
    fn young(&mut self, len: usize) -> usize {
        self.below(len as u64).max(self.below(len as u64)) as usize
    }
}
