//! What must be: an independent model of the gateway, written from its documents. It folds a log of
//! its own, says beforehand how each frame must end, and holds the journal against that log.

use std::collections::BTreeSet;

use tinywindow::gateway::{ExposureLimits, ExposureScope, HaltScope, OrderAck};
use tinywindow::order::{Order, Request, Text};
use tinywindow::venue::{Command, Execution, OpenOrder};
use tinywindow::{Error, Reason};

use crate::book::Book;
use crate::chronicle::{Chronicle, Seen};
use crate::client::{SESSIONS, key_id, text};
use crate::exposure::Limits;
use crate::rules::{
    ACCOUNTS, MAX_NOTIONAL, MAX_OPEN_ORDERS, MAX_QUANTITY, Rules, SECOND, SYMBOLS, UNIT,
};
use crate::world::Snapshot;

const UNDELIVERED_NS: u64 = 5 * SECOND;
/// A clock that is farther behind was wrong before.
const SET_BACK_NS: u64 = SECOND;

/// What the journal must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Decided {
        order_id: u64,
        reason: Option<Reason>,
        order: Order,
    },
    /// The gateway's own cancel of an order.
    Cancelled {
        order_id: u64,
        orig_order_id: u64,
        reason: Reason,
    },
    Executed(Execution),
    NotDelivered(u64),
    Halt(HaltScope, bool),
    /// With the agreement of a second person.
    Resumed(HaltScope),
    Key {
        session_id: u64,
        key_id: u64,
        active: bool,
    },
    Reference(Text, i64),
    Limits(ExposureScope, Option<ExposureLimits>),
    /// By a text with this digest.
    Configured([u8; 32]),
    ClockSetBack,
    /// What had finished and was decided before.
    Forgotten(u64),
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

#[derive(Debug)]
pub struct Model {
    log: Vec<Dated>,
    book: Book,
    /// Keys, by session, that this process was given: the journal holds none.
    given: BTreeSet<(u64, u64)>,
    /// The gateway's time.
    now: u64,
    /// So much of the log was acknowledged: it must never be missing.
    promised: usize,
    /// Orders up to this one were found on stable storage.
    durable: u64,
    seen: Seen,
    /// How many requests openings have forgotten.
    pub forgotten: u64,
}

impl Model {
    pub fn new(rules: Rules) -> Model {
        Model {
            log: Vec::new(),
            book: Book::new(rules),
            given: BTreeSet::new(),
            now: 0,
            promised: 0,
            durable: 0,
            seen: Seen::default(),
            forgotten: 0,
        }
    }

    /// Something happens; how long the log is then.
    pub fn add(&mut self, time: u64, fact: Fact) -> usize {
        self.now = time;
        self.book.fold(time, &fact);
        self.log.push((time, fact));
        self.log.len()
    }

    /// A request that asks for the time comes at this one: the gateway's follows a clock that was
    /// set back.
    pub fn ask_time(&mut self, clock: u64) -> u64 {
        if self.now.saturating_sub(clock) > SET_BACK_NS {
            self.add(clock, Fact::ClockSetBack);
        }
        self.now.max(clock)
    }

    /// A key signs if the session has it, it was not retired, and this process was given it.
    pub fn may_sign(&self, session_id: u64, key_id: u64) -> bool {
        let is_active = self.book.session(session_id).keys.get(&key_id) == Some(&true);
        is_active && self.given.contains(&(session_id, key_id))
    }

    /// The process is given a key; whether it had it already.
    pub fn give(&mut self, session_id: u64, key_id: u64) -> bool {
        !self.given.insert((session_id, key_id))
    }

    pub fn forget(&mut self, session_id: u64, key_id: u64) {
        self.given.remove(&(session_id, key_id));
    }

    /// How a frame signed by this session's key must end now; what is decided is in the log from
    /// here on.
    pub fn take(&mut self, order: &Order, clock: u64) -> Fate {
        if !self.may_sign(order.session_id, order.key_id) {
            return Fate::Refused(Error::Unauthenticated);
        }
        let time = self.ask_time(clock);
        match self.book.freshness(order, clock) {
            Err(error) => return Fate::Refused(error),
            Ok(Some(order_id)) => return Fate::Repeat(order_id),
            Ok(None) => {}
        }
        if self.book.throttles(order, time) {
            return Fate::Refused(Error::Throttled);
        }
        let verdict = self.book.rejects(order, time);
        if self.book.has_no_room(order, verdict.is_ok()) {
            return Fate::Refused(Error::Capacity);
        }
        for orig_order_id in self.book.cancels_for(order, verdict) {
            self.cancels(time, orig_order_id, Reason::SelfTrade);
        }
        let (order_id, reason) = (self.book.next_order_id(), verdict.err());
        self.add(time, Fact::Decided { order_id, reason, order: *order });
        Fate::Decided { order_id, reason }
    }

    /// The gateway cancels an order.
    pub fn cancels(&mut self, time: u64, orig_order_id: u64, reason: Reason) -> usize {
        let order_id = self.book.next_order_id();
        self.add(time, Fact::Cancelled { order_id, orig_order_id, reason })
    }

    /// The decision that was foretold last was not made, nor the cancels for it: the gateway had
    /// ended.
    pub fn take_back(&mut self, order_id: u64) {
        let is_it =
            |fact: &Fact| matches!(fact, Fact::Decided { order_id: last, .. } if *last == order_id);
        if self.log.pop_if(|(_, fact)| is_it(fact)).is_none() {
            return;
        }
        let is_for_it = |(_, fact): &mut Dated| {
            matches!(fact, Fact::Cancelled { reason: Reason::SelfTrade, .. })
        };
        while self.log.pop_if(is_for_it).is_some() {}
        self.rebuild();
    }

    pub fn executed(&mut self, execution: Execution, clock: u64) {
        self.add(self.now.max(clock), Fact::Executed(execution));
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
        let order = request.request.as_ref().ok_or("an ack of what nobody asked for")?;
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
            Fact::Decided { order_id, .. } | Fact::Cancelled { order_id, .. } => Some(*order_id),
            _ => None,
        };
        self.durable = found.iter().rev().find_map(decided).unwrap_or(0);
        if self.is_known_durable(order_id) {
            return Ok(());
        }
        Err(format!("order {order_id} is not on stable storage, only {} are", self.durable))
    }

    fn is_prefix(&mut self, found: &[Dated]) -> Result<(), String> {
        for (at, fact) in found.iter().enumerate() {
            if self.log.get(at) != Some(fact) && !self.may_be_instead(at, fact) {
                return Err(format!("journaled {fact:?}, must be {:?}", self.log.get(at)));
            }
        }
        Ok(())
    }

    /// In which order an order's self-trades are cancelled is the gateway's to choose: it is the
    /// journal's from here on.
    fn may_be_instead(&mut self, at: usize, fact: &Dated) -> bool {
        let (time, Fact::Cancelled { order_id, orig_order_id, reason: Reason::SelfTrade }) = *fact
        else {
            return false;
        };
        let is_of_them = |dated: &&Dated| {
            dated.0 == time && matches!(dated.1, Fact::Cancelled { reason: Reason::SelfTrade, .. })
        };
        let count = self.log[at..].iter().take_while(is_of_them).count();
        let them = &mut self.log[at..at + count];
        let is_it = |dated: &Dated| match dated.1 {
            Fact::Cancelled { orig_order_id: id, .. } => id == orig_order_id,
            _ => false,
        };
        let Some(other) = them.iter().position(is_it) else { return false };
        let Fact::Cancelled { order_id: first, orig_order_id: of_first, .. } = &mut them[0].1
        else {
            return false;
        };
        if *first != order_id {
            return false;
        }
        let displaced = std::mem::replace(of_first, orig_order_id);
        if let Fact::Cancelled { orig_order_id, .. } = &mut them[other].1 {
            *orig_order_id = displaced;
        }
        let now = self.now;
        self.rebuild();
        self.now = now;
        true
    }

    /// After the process ended: what the journal holds is a beginning of the log with all that was
    /// promised, and everything goes on from there. `Ok(false)`: it says itself that it is corrupt.
    /// The text that it is opened with has this digest, and keeps what has finished or forgets it.
    pub fn restart(
        &mut self,
        image: &Snapshot,
        clock: u64,
        digest: [u8; 32],
        forgets: bool,
    ) -> Result<bool, String> {
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
        self.configure(clock, digest);
        if forgets {
            self.forget_finished(clock);
        }
        Ok(true)
    }

    /// What an opening changes because the text says so, and the keys that it gives.
    fn configure(&mut self, clock: u64, digest: [u8; 32]) {
        let time = self.ask_time(clock);
        let configured = |(_, fact): &Dated| match fact {
            Fact::Configured(digest) => Some(*digest),
            _ => None,
        };
        if self.log.iter().rev().find_map(configured) != Some(digest) {
            self.add(time, Fact::Configured(digest));
        }
        self.given = SESSIONS.map(|id| (id, key_id(id, 0))).into();
        for (session_id, key_id) in self.given.clone() {
            if !self.book.session(session_id).keys.contains_key(&key_id) {
                self.add(time, Fact::Key { session_id, key_id, active: true });
            }
        }
        // The text's keys, but for those that were retired.
        let of_text = std::mem::take(&mut self.given);
        let is_active = |(id, key): &(u64, u64)| self.book.session(*id).keys[key];
        self.given = of_text.into_iter().filter(is_active).collect();
        let text = Limits::of_text(text(ACCOUNTS[0]));
        for (scope, limits) in self.book.limits.until(&text) {
            self.add(time, Fact::Limits(scope, limits));
        }
    }

    /// An opening that keeps what has finished for no time at all.
    fn forget_finished(&mut self, clock: u64) {
        let time = self.now.max(clock);
        let finished = self.book.finished(time).len() as u64;
        if finished > 0 {
            self.forgotten += finished;
            self.add(time, Fact::Forgotten(time));
        }
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
        self.book = Book::new(self.book.rules);
        self.log.iter().for_each(|(time, fact)| self.book.fold(*time, fact));
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
        if let Command::Cancel(cancel) = command {
            return self.may_be_cancelled(order_id, cancel.orig_order_id);
        }
        let Some((sent, order)) = sent.zip(request.request) else { return Ok(()) };
        let terms = order.terms().ok_or("a cancel is sent as an order")?;
        let symbol = SYMBOLS[sent.instrument as usize].as_bytes();
        let is_same = (sent.price, sent.quantity) == (terms.price, terms.quantity)
            && sent.side == order.side
            && order.symbol.starts_with(symbol);
        let notional =
            u128::from(sent.price.unwrap_or(0).unsigned_abs()) * u128::from(sent.quantity);
        let is_within = sent.quantity <= MAX_QUANTITY
            && notional <= u128::from(MAX_NOTIONAL) * u128::from(UNIT)
            && self.book.session(order.session_id).open_orders <= MAX_OPEN_ORDERS;
        let verdict = if is_same && is_within { Ok(()) } else { Err(()) };
        verdict.map_err(|()| format!("order {order_id} is sent as {sent:?}, was {request:?}"))
    }

    /// The gateway's own cancels name the order as the venue knows it now.
    fn may_be_cancelled(&self, order_id: u64, named: u64) -> Result<(), String> {
        let is_own = self.book.request(order_id).is_some_and(|r| r.by_gateway.is_some());
        let expected = self.book.order_of(order_id).map(|order| order.id);
        if is_own && expected != Some(named) {
            return Err(format!("cancel {order_id} names {named}, must be {expected:?}"));
        }
        Ok(())
    }
}
