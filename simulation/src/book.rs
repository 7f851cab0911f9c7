//! Orders, positions, rates, halts and keys as the model has them: the fold of its log.

use std::collections::BTreeMap;

use tinywindow::Reason;
use tinywindow::gateway::{HaltScope, RETRY_MEMORY};
use tinywindow::order::{Order, Request, Side, Terms, Text};
use tinywindow::venue::{Execution, ExecutionKind};

use crate::client::{SESSIONS, text};
use crate::exposure::{DayBegan, Limits, Position};
use crate::model::Fact;
use crate::rates::{Bucket, OfDay, Repeats};
use crate::rules::{ACCOUNTS, CANCEL_RATE, GATEWAY_RATE, MSFT_RATE, Rules, SESSION_RATE, SYMBOLS};

/// A decided request. `outcome`: `None` until the venue has answered, then why it was rejected.
#[derive(Clone, Debug)]
pub struct Decided {
    pub time: u64,
    /// Whose request it is.
    pub session: u64,
    /// What a client asked for.
    pub request: Option<Order>,
    /// Why the gateway itself asks to cancel.
    pub by_gateway: Option<Reason>,
    pub outcome: Option<Option<Reason>>,
    /// Which of the orders it is about.
    pub order: Option<usize>,
    pub is_forgotten: bool,
}

/// With what an order counts: a quantity, the value of a unit, a price to trade with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    pub quantity: u64,
    pub weight: u64,
    pub price: i64,
}

#[derive(Clone, Debug)]
pub struct Working {
    /// As the venue knows it.
    pub id: u64,
    pub session: u64,
    pub account: Text,
    pub symbol: Text,
    pub side: Side,
    price: i64,
    quantity: u64,
    pub filled: u64,
    /// At its worst.
    pub counted: Counted,
    unanswered: u32,
    pub is_open: bool,
    is_confirmed: bool,
    /// The gateway's own cancel of it is on its way.
    pub is_leaving: bool,
}

#[derive(Clone, Debug)]
pub struct Session {
    pub last_sequence: u64,
    pub frames: BTreeMap<u64, (Order, u64)>,
    pub used: BTreeMap<u64, u64>,
    pub open_orders: usize,
    pub bucket: Bucket,
    pub cancel_bucket: Bucket,
    pub repeats: Repeats,
    pub of_day: OfDay,
    /// Every key that it has or had, and whether it may sign.
    pub keys: BTreeMap<u64, bool>,
}

impl Session {
    fn new() -> Session {
        Session {
            last_sequence: 0,
            frames: BTreeMap::new(),
            used: BTreeMap::new(),
            open_orders: 0,
            bucket: Bucket::new(SESSION_RATE),
            cancel_bucket: Bucket::new(CANCEL_RATE),
            repeats: Repeats::default(),
            of_day: OfDay::default(),
            keys: BTreeMap::new(),
        }
    }
}

#[derive(Debug)]
pub struct Book {
    pub rules: Rules,
    /// Of the latest fact.
    pub now: u64,
    pub requests: Vec<Decided>,
    pub orders: Vec<Working>,
    pub sessions: BTreeMap<u64, Session>,
    pub positions: BTreeMap<(Text, Text), Position>,
    /// What positions are valued at: the reference price, before one the first trade's.
    pub marks: BTreeMap<Text, i64>,
    pub references: BTreeMap<Text, i64>,
    pub limits: Limits,
    pub began: BTreeMap<Option<Text>, DayBegan>,
    pub bucket: Bucket,
    pub msft_bucket: Bucket,
    halted: Vec<(HaltScope, u64)>,
    pub last_exec_id: u64,
}

impl Book {
    pub fn new(rules: Rules) -> Book {
        Book {
            rules,
            now: 0,
            requests: Vec::new(),
            orders: Vec::new(),
            sessions: SESSIONS.map(|id| (id, Session::new())).into(),
            positions: BTreeMap::new(),
            marks: BTreeMap::new(),
            references: BTreeMap::new(),
            limits: Limits::default(),
            began: BTreeMap::new(),
            bucket: Bucket::new(GATEWAY_RATE),
            msft_bucket: Bucket::new(MSFT_RATE),
            halted: Vec::new(),
            last_exec_id: 0,
        }
    }

    pub fn session(&self, id: u64) -> &Session {
        &self.sessions[&id]
    }

    pub fn session_mut(&mut self, id: u64) -> &mut Session {
        self.sessions.get_mut(&id).expect("a session")
    }

    pub fn next_order_id(&self) -> u64 {
        self.requests.len() as u64 + 1
    }

    pub fn request(&self, order_id: u64) -> Option<&Decided> {
        self.requests.get(order_id.checked_sub(1)? as usize).filter(|r| !r.is_forgotten)
    }

    /// The order that a request is about.
    pub fn order_of(&self, order_id: u64) -> Option<&Working> {
        Some(&self.orders[self.request(order_id)?.order?])
    }

    /// Since when.
    pub fn halted(&self, scope: &HaltScope) -> Option<u64> {
        self.halted.iter().find(|(halted, _)| halted == scope).map(|(_, since)| *since)
    }

    /// Requests that the venue owes an answer.
    pub fn unanswered(&self) -> Vec<u64> {
        let ids = (1..).zip(&self.requests).filter(|(_, request)| request.outcome.is_none());
        ids.map(|(order_id, _)| order_id).collect()
    }

    /// Of each open order that the venue has confirmed: id, total, what is filled.
    pub fn confirmed(&self) -> Vec<(u64, u64, u64)> {
        let confirmed = self.orders.iter().filter(|order| order.is_open && order.is_confirmed);
        let mut open: Vec<_> = confirmed.map(|o| (o.id, o.quantity, o.filled)).collect();
        open.sort_unstable();
        open
    }

    /// What the gateway cancels of a session that is lost, the latest first.
    pub fn to_cancel(&self, session: u64) -> Vec<u64> {
        let is_its = |o: &&Working| o.session == session && o.is_open && !o.is_leaving;
        self.orders.iter().rev().filter(is_its).map(|order| order.id).collect()
    }

    pub fn fold(&mut self, time: u64, fact: &Fact) {
        if *fact == Fact::ClockSetBack {
            self.set_back(time);
        }
        self.now = time;
        match fact {
            Fact::Decided { order_id, reason, order } => self.decide(*order_id, *reason, order),
            Fact::Cancelled { orig_order_id, reason, .. } => self.cancel(*orig_order_id, *reason),
            Fact::Executed(execution) => self.execute(execution),
            Fact::NotDelivered(order_id) => self.give_up(*order_id),
            Fact::Halt(scope, halted) => {
                self.halted.retain(|(known, _)| known != scope);
                self.halted.extend(halted.then_some((*scope, time)));
            }
            Fact::Resumed(scope) => self.halted.retain(|(known, _)| known != scope),
            Fact::Key { session_id, key_id, active } => {
                self.session_mut(*session_id).keys.insert(*key_id, *active);
            }
            Fact::Reference(symbol, price) => {
                let accounts = ACCOUNTS.map(text);
                let holds = |account: &&Text| self.positions.contains_key(&(**account, *symbol));
                for account in accounts.iter().filter(holds).copied().collect::<Vec<_>>() {
                    self.touch(account);
                }
                self.references.insert(*symbol, *price);
                self.marks.insert(*symbol, *price);
            }
            Fact::Limits(scope, limits) => self.limits.set(*scope, *limits),
            Fact::Configured(_) | Fact::ClockSetBack => {}
            Fact::Forgotten(before) => self.forget(*before),
        }
    }

    fn set_back(&mut self, to: u64) {
        let from = self.now;
        self.bucket.set_back(from, to);
        self.msft_bucket.set_back(from, to);
        for session in self.sessions.values_mut() {
            session.bucket.set_back(from, to);
            session.cancel_bucket.set_back(from, to);
            session.repeats.set_back(from - to);
        }
    }

    /// A decided frame has taken its tokens, accepted or not.
    fn take_tokens(&mut self, order: &Order) {
        let now = self.now;
        if order.terms().is_none() {
            return self.session_mut(order.session_id).cancel_bucket.take(now);
        }
        self.session_mut(order.session_id).bucket.take(now);
        self.bucket.take(now);
        if order.symbol == text(SYMBOLS[1]) {
            self.msft_bucket.take(now);
        }
    }

    fn decide(&mut self, order_id: u64, reason: Option<Reason>, order: &Order) {
        self.take_tokens(order);
        let named =
            order.orig_client_order_id().and_then(|orig| self.named(order.session_id, orig));
        let now = self.now;
        let session = self.session_mut(order.session_id);
        session.last_sequence = order.sequence;
        session.frames.insert(order.sequence, (*order, order_id));
        if session.frames.len() > RETRY_MEMORY {
            session.frames.pop_first();
        }
        session.used.entry(order.client_order_id).or_insert(order_id);
        if reason.is_none() {
            session.of_day.request(now);
        }
        let about = match (reason, order.request) {
            (Some(_), _) => None,
            (None, Request::New(terms)) => {
                session.open_orders += 1;
                let like = (order.symbol, order.side, terms.price, terms.quantity);
                session.repeats.remember(like, now);
                Some(self.open(order_id, order, &terms))
            }
            (None, Request::Replace(..) | Request::Cancel(_)) => {
                if let Some(row) = named {
                    self.orders[row].unanswered += 1;
                    let worst = self.may_become(row, order.terms());
                    self.count(row, worst);
                }
                named
            }
        };
        self.requests.push(Decided {
            time: now,
            session: order.session_id,
            request: Some(*order),
            by_gateway: None,
            outcome: reason.map(Some),
            order: about,
            is_forgotten: false,
        });
    }

    fn open(&mut self, order_id: u64, order: &Order, terms: &Terms) -> usize {
        self.positions.entry((order.account, order.symbol)).or_default();
        self.orders.push(Working {
            id: order_id,
            session: order.session_id,
            account: order.account,
            symbol: order.symbol,
            side: order.side,
            price: terms.price.unwrap_or(0),
            quantity: terms.quantity,
            filled: 0,
            counted: Counted::default(),
            unanswered: 1,
            is_open: true,
            is_confirmed: false,
            is_leaving: false,
        });
        let row = self.orders.len() - 1;
        self.count(row, self.counted(order.symbol, terms, terms.quantity));
        row
    }

    /// What so much of these terms counts with.
    pub fn counted(&self, symbol: Text, terms: &Terms, quantity: u64) -> Counted {
        let price = terms.price.unwrap_or(0);
        let mark = self.marks.get(&symbol).copied().unwrap_or(0);
        Counted { quantity, weight: price.unsigned_abs().max(mark.unsigned_abs()), price }
    }

    /// What an order counts with while it may get these terms; none: a cancel.
    pub fn may_become(&self, row: usize, terms: Option<&Terms>) -> Counted {
        let order = &self.orders[row];
        let Some(terms) = terms else { return order.counted };
        let leaves = terms.quantity.saturating_sub(order.filled);
        let new = self.counted(order.symbol, terms, leaves);
        worse(order.side, order.counted, new)
    }

    fn count(&mut self, row: usize, counted: Counted) {
        self.touch(self.orders[row].account);
        self.orders[row].counted = counted;
    }

    /// The order that a request of the session with this client order id is about.
    fn named(&self, session: u64, client_order_id: u64) -> Option<usize> {
        let order_id = *self.session(session).used.get(&client_order_id)?;
        self.request(order_id)?.order
    }

    /// The gateway itself cancels an order.
    fn cancel(&mut self, orig_order_id: u64, reason: Reason) {
        let about = self.requests[orig_order_id as usize - 1].order;
        if let Some(row) = about {
            self.touch(self.orders[row].account);
            self.orders[row].is_leaving |= self.orders[row].can_be_cancelled();
            self.orders[row].unanswered += 1;
        }
        self.requests.push(Decided {
            time: self.now,
            session: about.map_or(0, |row| self.orders[row].session),
            request: None,
            by_gateway: Some(reason),
            outcome: None,
            order: about,
            is_forgotten: false,
        });
    }

    /// Gives a request its outcome, if it has none; the order it is about.
    fn answer(&mut self, order_id: u64, outcome: Option<Reason>) -> Option<usize> {
        let request = &mut self.requests[order_id as usize - 1];
        let is_first = request.outcome.is_none();
        request.outcome.get_or_insert(outcome);
        let row = request.order?;
        self.orders[row].unanswered -= u32::from(is_first);
        Some(row)
    }

    fn execute(&mut self, execution: &Execution) {
        self.last_exec_id = execution.exec_id;
        let reason = match execution.kind {
            ExecutionKind::Rejected(reason) | ExecutionKind::CancelRejected(reason) => Some(reason),
            _ => None,
        };
        let Some(row) = self.answer(execution.order_id, reason) else { return };
        match execution.kind {
            ExecutionKind::New => self.orders[row].is_confirmed = true,
            ExecutionKind::Rejected(_) | ExecutionKind::Canceled | ExecutionKind::Expired => {
                self.close(row);
            }
            ExecutionKind::CancelRejected(_) => {
                let request = &self.requests[execution.order_id as usize - 1];
                self.orders[row].is_leaving &= request.by_gateway.is_none();
                self.recount(row);
            }
            ExecutionKind::Replaced => {
                let request = &self.requests[execution.order_id as usize - 1].request;
                let terms = request.and_then(|request| request.terms().copied());
                let order = &mut self.orders[row];
                order.id = execution.order_id;
                order.quantity = terms.map_or(0, |terms| terms.quantity);
                order.price = terms.and_then(|terms| terms.price).unwrap_or(0);
                self.recount(row);
                self.close_if_filled(row);
            }
            ExecutionKind::Trade { price, quantity } => self.trade(row, price, quantity),
        }
    }

    fn trade(&mut self, row: usize, price: i64, quantity: u64) {
        self.touch(self.orders[row].account);
        let order = &mut self.orders[row];
        order.filled += quantity;
        order.counted.quantity = order.counted.quantity.saturating_sub(quantity);
        order.is_confirmed = true;
        let sign = if order.side == Side::Buy { 1 } else { -1 };
        let (session, symbol, key) = (order.session, order.symbol, (order.account, order.symbol));
        let position = self.positions.entry(key).or_default();
        position.net += sign * i128::from(quantity);
        position.cash -= sign * i128::from(quantity) * i128::from(price);
        self.marks.entry(symbol).or_insert(price);
        let now = self.now;
        self.session_mut(session).of_day.trade(now);
        self.close_if_filled(row);
    }

    fn give_up(&mut self, order_id: u64) {
        let request = self.requests[order_id as usize - 1].request;
        let is_new = request.is_some_and(|order| matches!(order.request, Request::New(_)));
        match self.answer(order_id, Some(Reason::NotDelivered)) {
            Some(row) if is_new => self.close(row),
            Some(row) => self.recount(row),
            None => {}
        }
    }

    /// Once nothing about it is on its way an order counts with what may still fill.
    fn recount(&mut self, row: usize) {
        let order = &self.orders[row];
        if !order.is_open {
            return;
        }
        let leaves = order.quantity.saturating_sub(order.filled);
        let mark = self.marks.get(&order.symbol).copied().unwrap_or(0).unsigned_abs();
        let weight = order.price.unsigned_abs().max(mark);
        let now = Counted { quantity: leaves, weight, price: order.price };
        let is_settled = order.unanswered == 0;
        self.count(row, if is_settled { now } else { worse(order.side, order.counted, now) });
    }

    fn close_if_filled(&mut self, row: usize) {
        if self.orders[row].filled >= self.orders[row].quantity {
            self.close(row);
        }
    }

    fn close(&mut self, row: usize) {
        if std::mem::take(&mut self.orders[row].is_open) {
            self.count(row, Counted::default());
            let session = self.orders[row].session;
            self.session_mut(session).open_orders -= 1;
        }
    }
}

impl Working {
    /// Whether a cancel that is sent now ends it, whatever it is by then: nothing is on its way but
    /// the order.
    pub fn can_be_cancelled(&self) -> bool {
        self.unanswered == u32::from(!self.is_confirmed)
    }
}

fn worse(side: Side, one: Counted, other: Counted) -> Counted {
    let price = match side {
        Side::Buy => one.price.max(other.price),
        Side::Sell | Side::SellShort => one.price.min(other.price),
    };
    let quantity = one.quantity.max(other.quantity);
    Counted { quantity, weight: one.weight.max(other.weight), price }
}
