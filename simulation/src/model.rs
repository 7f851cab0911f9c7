//! What must be: an independent model of the gateway, written from its documents. It folds a log of
//! its own, says beforehand how each frame must end, and holds the journal against that log.

use tinywindow::gateway::{HaltScope, OrderAck};
use tinywindow::order::{Order, Request};
use tinywindow::venue::{Command, Execution, OpenOrder};
use tinywindow::{Error, Reason};

use crate::book::Book;
use crate::chronicle::{Chronicle, Seen};
use crate::world::Snapshot;

const SECOND: u64 = 1_000_000_000;

// The configuration's limits, in the units of the wire (exponent -8).
pub const UNIT: u64 = 100_000_000;
pub const MAX_QUANTITY: u64 = 20 * UNIT;
pub const MAX_NOTIONAL: u64 = 1_500 * UNIT;
pub const MAX_POSITION: u64 = 30 * UNIT;
pub const MAX_OPEN_ORDERS: usize = 4;
pub const SYMBOLS: [&str; 2] = ["AAPL", "MSFT"];
const BACK_NS: u64 = 5 * SECOND;
const AHEAD_NS: u64 = SECOND;
const UNDELIVERED_NS: u64 = 5 * SECOND;
/// A clock that is farther behind was wrong before.
const SET_BACK_NS: u64 = SECOND;

/// What the journal must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Decided { order_id: u64, reason: Option<Reason>, order: Order },
    Executed(Execution),
    NotDelivered(u64),
    Halt(HaltScope, bool),
    ClockSetBack,
}

pub type Dated = (u64, Fact);

/// How a frame must end at gates 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Refused(Error),
    /// It was decided before, under this order id.
    Repeat(u64),
    Decided {
        order_id: u64,
        reason: Option<Reason>,
    },
}

#[derive(Debug, Default)]
pub struct Model {
    log: Vec<Dated>,
    book: Book,
    /// The gateway's time.
    now: u64,
    /// So much of the log was acknowledged: it must never be missing.
    promised: usize,
    /// Orders up to this one were found on stable storage.
    durable: u64,
    seen: Seen,
}

impl Model {
    fn add(&mut self, time: u64, fact: Fact) {
        self.now = time;
        self.book.fold(&fact);
        self.log.push((time, fact));
    }

    /// A request that asks for the time comes at this one: the gateway's follows a clock that was
    /// set back.
    pub fn ask_time(&mut self, clock: u64) -> u64 {
        if self.now.saturating_sub(clock) > SET_BACK_NS {
            self.add(clock, Fact::ClockSetBack);
        }
        self.now.max(clock)
    }

    /// How an authentic frame must end now.
    pub fn fate(&self, order: &Order, clock: u64) -> Fate {
        let session = self.book.session(order.session_id);
        if order.sequence <= session.last_sequence {
            return match session.frames.get(&order.sequence) {
                Some((known, order_id)) if known == order => Fate::Repeat(*order_id),
                Some(_) => Fate::Refused(Error::SequenceReused),
                None => Fate::Refused(Error::StaleSequence),
            };
        }
        let sent = order.sending_time;
        if sent + BACK_NS < clock || sent > clock + AHEAD_NS {
            return Fate::Refused(Error::StaleTime);
        }
        let order_id = self.book.next_order_id();
        Fate::Decided { order_id, reason: self.book.rejects(order).err() }
    }

    pub fn decided(&mut self, time: u64, order_id: u64, reason: Option<Reason>, order: Order) {
        self.add(time, Fact::Decided { order_id, reason, order });
    }

    /// The decision that was foretold last was not made: the gateway had ended.
    pub fn take_back(&mut self, order_id: u64) {
        if matches!(self.log.last(), Some((_, Fact::Decided { order_id: last, .. })) if *last == order_id)
        {
            self.log.pop();
            self.rebuild();
        }
    }

    pub fn executed(&mut self, execution: Execution, clock: u64) {
        self.add(self.now.max(clock), Fact::Executed(execution));
    }

    pub fn halted(&mut self, time: u64, scope: HaltScope, halted: bool) -> usize {
        self.add(time, Fact::Halt(scope, halted));
        self.log.len()
    }

    /// So much of the log has been acknowledged.
    pub fn promise(&mut self, length: usize) {
        self.promised = self.promised.max(length);
    }

    /// An order that never reached the venue is found at opening: too old, it is given up.
    pub fn finds_undelivered(&mut self, order_id: u64, clock: u64) {
        let now = self.now.max(clock);
        let decided = self.log.iter().find_map(|(time, fact)| match fact {
            Fact::Decided { order_id: id, order, .. } if *id == order_id => Some((*time, order)),
            _ => None,
        });
        if let Some((time, order)) = decided
            && !matches!(order.request, Request::Cancel(_))
            && time.abs_diff(now) > UNDELIVERED_NS
        {
            self.add(now, Fact::NotDelivered(order_id));
        }
    }

    /// The ack of an order, if the venue has answered or need not.
    pub fn check_ack(&mut self, ack: &OrderAck, order_id: u64, dup: bool) -> Result<(), String> {
        let request = self.book.request(order_id).ok_or("an ack of no order")?;
        let order = &request.request;
        let expected = (order_id, request.outcome, dup, order.session_id, order.sequence);
        let reason = ack.reason;
        let outcome = if ack.accepted { Some(None) } else { Some(reason) };
        let told = (ack.order_id, outcome, ack.duplicate, ack.session_id, ack.sequence);
        if told != expected || ack.client_order_id != order.client_order_id {
            return Err(format!("acknowledged {ack:?}, must be {expected:?}"));
        }
        let at = self.log.iter().position(
            |(_, fact)| matches!(fact, Fact::Decided { order_id: id, .. } if *id == order_id),
        );
        self.promise(at.map_or(0, |at| at + 1));
        Ok(())
    }

    pub fn book(&self) -> &Book {
        &self.book
    }

    pub fn is_known_durable(&self, order_id: u64) -> bool {
        order_id <= self.durable
    }

    /// Looks for an order's decision on stable storage.
    pub fn find_durable(&mut self, image: &Snapshot, order_id: u64) -> Result<(), String> {
        let found = Chronicle::read(image).map_err(|error| format!("stable storage: {error}"))?;
        let found = found.facts;
        self.is_prefix(&found)?;
        let decided = |(_, fact): &Dated| match fact {
            Fact::Decided { order_id, .. } => Some(*order_id),
            _ => None,
        };
        self.durable = found.iter().rev().find_map(decided).unwrap_or(0);
        if self.is_known_durable(order_id) {
            return Ok(());
        }
        Err(format!("order {order_id} is not on stable storage, only {} are", self.durable))
    }

    fn is_prefix(&self, found: &[Dated]) -> Result<(), String> {
        for (at, fact) in found.iter().enumerate() {
            if self.log.get(at) != Some(fact) {
                return Err(format!("journaled {fact:?}, must be {:?}", self.log.get(at)));
            }
        }
        Ok(())
    }

    /// After the process ended: what the journal holds is a beginning of the log with all that was
    /// promised, and everything goes on from there. `Ok(false)`: it says itself that it is corrupt.
    pub fn restart(&mut self, image: &Snapshot, clock: u64) -> Result<bool, String> {
        let Ok(chronicle) = Chronicle::read_with_tree(image) else { return Ok(false) };
        self.seen.look_at(&chronicle)?;
        let Chronicle { facts: found, last, .. } = chronicle;
        self.is_prefix(&found)?;
        if found.len() < self.promised {
            return Err(format!("{:?} was promised and is lost", self.log[found.len()]));
        }
        self.log = found;
        self.rebuild();
        self.now = last;
        self.ask_time(clock);
        Ok(true)
    }

    /// An auditor takes a copy of the newest checkpoint, from files that may be in writing.
    pub fn audit(&mut self, image: &Snapshot) -> Result<(), String> {
        Chronicle::read_with_tree(image).map_or(Ok(()), |chronicle| self.seen.look_at(&chronicle))
    }

    /// The journal holds exactly what the log does.
    pub fn is_whole(&mut self, image: &Snapshot) -> Result<(), String> {
        let chronicle = Chronicle::read_with_tree(image).map_err(|error| error.to_string())?;
        self.seen.look_at(&chronicle)?;
        let Chronicle { facts: found, last, .. } = chronicle;
        self.is_prefix(&found)?;
        self.now = self.now.max(last);
        let missing = self.log.get(found.len());
        missing.map_or(Ok(()), |fact| Err(format!("{fact:?} is not in the journal")))
    }

    fn rebuild(&mut self) {
        self.book = Book::default();
        self.log.iter().for_each(|(_, fact)| self.book.fold(fact));
        self.now = self.log.last().map_or(0, |(time, _)| *time);
    }

    /// What a venue is told at opening is what the log says.
    pub fn check_open(&self, open: &[OpenOrder], last_exec_id: u64) -> Result<(), String> {
        let mut told: Vec<(u64, u64, u64)> = open
            .iter()
            .map(|open| (open.order.order_id, open.order.quantity, open.cum_quantity))
            .collect();
        told.sort_unstable();
        let expected = (self.book.confirmed(), self.book.last_exec_id);
        if (&told, last_exec_id) != (&expected.0, expected.1) {
            return Err(format!("open: {told:?} to {last_exec_id}, must be {expected:?}"));
        }
        Ok(())
    }

    /// What comes to the venue was decided so, and keeps the limits.
    pub fn may_be_sent(&self, command: &Command) -> Result<(), String> {
        let (order_id, sent) = match command {
            Command::New(order) => (order.order_id, Some(order)),
            Command::Replace(replace) => (replace.order.order_id, Some(&replace.order)),
            Command::Cancel(cancel) => (cancel.order_id, None),
        };
        let request = self.book.request(order_id).ok_or(format!("order {order_id} is none"))?;
        if request.outcome.is_some() {
            return Err(format!("order {order_id} is sent, and has ended: {request:?}"));
        }
        let (Some(sent), Some(terms)) = (sent, request.request.terms()) else { return Ok(()) };
        let symbol = SYMBOLS[sent.instrument as usize].as_bytes();
        let is_same = (sent.price, sent.quantity) == (terms.price, terms.quantity)
            && sent.side == request.request.side
            && request.request.symbol.starts_with(symbol);
        let notional =
            u128::from(sent.price.unwrap_or(0).unsigned_abs()) * u128::from(sent.quantity);
        let is_within = sent.quantity <= MAX_QUANTITY
            && notional <= u128::from(MAX_NOTIONAL) * u128::from(UNIT)
            && self.book.session(request.request.session_id).open_orders <= MAX_OPEN_ORDERS;
        let verdict = if is_same && is_within { Ok(()) } else { Err(()) };
        verdict.map_err(|()| format!("order {order_id} is sent as {sent:?}, was {request:?}"))
    }
}
