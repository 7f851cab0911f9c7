//! Orders, positions and halts as the model has them: the fold of its log, and docs/RISK.md.

use std::collections::{BTreeMap, BTreeSet};

use tinywindow::Reason;
use tinywindow::gateway::HaltScope;
use tinywindow::order::{Order, Request, Side, Text};
use tinywindow::venue::{Execution, ExecutionKind};

use crate::model::{Fact, MAX_NOTIONAL, MAX_OPEN_ORDERS, MAX_POSITION, MAX_QUANTITY, UNIT};

/// A decided request. `outcome`: `None` until the venue has answered, then why it was rejected.
#[derive(Clone, Debug)]
pub struct Decided {
    pub request: Order,
    pub outcome: Option<Option<Reason>>,
    /// Which of the orders it is about.
    order: Option<usize>,
}

#[derive(Clone, Debug)]
struct Working {
    id: u64,
    session: u64,
    symbol: Text,
    side: Side,
    quantity: u64,
    filled: u64,
    /// What it counts with at its worst.
    counted: u64,
    unanswered: u32,
    is_open: bool,
    is_confirmed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Session {
    pub last_sequence: u64,
    pub frames: BTreeMap<u64, (Order, u64)>,
    pub used: BTreeMap<u64, u64>,
    pub open_orders: usize,
}

#[derive(Debug, Default)]
pub struct Book {
    requests: Vec<Decided>,
    orders: Vec<Working>,
    sessions: BTreeMap<u64, Session>,
    net: BTreeMap<Text, i128>,
    halted: bool,
    halted_sessions: BTreeSet<u64>,
    halted_symbols: BTreeSet<Text>,
    pub last_exec_id: u64,
}

impl Book {
    pub fn session(&self, id: u64) -> Session {
        self.sessions.get(&id).cloned().unwrap_or_default()
    }

    pub fn next_order_id(&self) -> u64 {
        self.requests.len() as u64 + 1
    }

    pub fn request(&self, order_id: u64) -> Option<&Decided> {
        self.requests.get(order_id.checked_sub(1)? as usize)
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

    pub fn fold(&mut self, fact: &Fact) {
        match fact {
            Fact::Decided { order_id, reason, order } => self.decide(*order_id, *reason, order),
            Fact::Executed(execution) => self.execute(execution),
            Fact::NotDelivered(order_id) => self.give_up(*order_id),
            Fact::Halt(HaltScope::Gateway, halted) => self.halted = *halted,
            Fact::Halt(HaltScope::Session(id), true) => drop(self.halted_sessions.insert(*id)),
            Fact::Halt(HaltScope::Session(id), false) => drop(self.halted_sessions.remove(id)),
            Fact::Halt(HaltScope::Symbol(s), true) => drop(self.halted_symbols.insert(*s)),
            Fact::Halt(HaltScope::Symbol(s), false) => drop(self.halted_symbols.remove(s)),
            Fact::Halt(HaltScope::Account(_), _) | Fact::ClockSetBack => {}
        }
    }

    fn decide(&mut self, order_id: u64, reason: Option<Reason>, order: &Order) {
        let named =
            order.orig_client_order_id().and_then(|orig| self.named(order.session_id, orig));
        let session = self.sessions.entry(order.session_id).or_default();
        session.last_sequence = order.sequence;
        session.frames.insert(order.sequence, (*order, order_id));
        session.used.entry(order.client_order_id).or_insert(order_id);
        let about = match (reason, order.request) {
            (Some(_), _) => None,
            (None, Request::New(terms)) => {
                session.open_orders += 1;
                self.orders.push(Working {
                    id: order_id,
                    session: order.session_id,
                    symbol: order.symbol,
                    side: order.side,
                    quantity: terms.quantity,
                    filled: 0,
                    counted: terms.quantity,
                    unanswered: 1,
                    is_open: true,
                    is_confirmed: false,
                });
                Some(self.orders.len() - 1)
            }
            (None, Request::Replace(..) | Request::Cancel(_)) => {
                if let Some(row) = named {
                    let may_become = order.terms().map_or(0, |terms| terms.quantity);
                    let working = &mut self.orders[row];
                    working.unanswered += 1;
                    let more = may_become.saturating_sub(working.filled);
                    working.counted = working.counted.max(more);
                }
                named
            }
        };
        let outcome = reason.map(Some);
        self.requests.push(Decided { request: *order, outcome, order: about });
    }

    /// The order that a request of the session with this client order id is about.
    fn named(&self, session: u64, client_order_id: u64) -> Option<usize> {
        let order_id = *self.sessions.get(&session)?.used.get(&client_order_id)?;
        self.request(order_id)?.order
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
            ExecutionKind::CancelRejected(_) => self.recount(row),
            ExecutionKind::Replaced => {
                let request = &self.requests[execution.order_id as usize - 1].request;
                let total = request.terms().map_or(0, |terms| terms.quantity);
                self.orders[row].id = execution.order_id;
                self.orders[row].quantity = total;
                self.recount(row);
                self.close_if_filled(row);
            }
            ExecutionKind::Trade { quantity, .. } => {
                let order = &mut self.orders[row];
                order.filled += quantity;
                order.counted = order.counted.saturating_sub(quantity);
                order.is_confirmed = true;
                let sign = if order.side == Side::Buy { 1 } else { -1 };
                *self.net.entry(order.symbol).or_default() += sign * i128::from(quantity);
                self.close_if_filled(row);
            }
        }
    }

    fn give_up(&mut self, order_id: u64) {
        let is_new =
            matches!(self.requests[order_id as usize - 1].request.request, Request::New(_));
        match self.answer(order_id, Some(Reason::NotDelivered)) {
            Some(row) if is_new => self.close(row),
            Some(row) => self.recount(row),
            None => {}
        }
    }

    /// Once nothing about it is on its way an order counts with what may still fill.
    fn recount(&mut self, row: usize) {
        let order = &mut self.orders[row];
        let leaves = order.quantity.saturating_sub(order.filled);
        match (order.is_open, order.unanswered) {
            (false, _) => {}
            (true, 0) => order.counted = leaves,
            (true, _) => order.counted = order.counted.max(leaves),
        }
    }

    fn close_if_filled(&mut self, row: usize) {
        if self.orders[row].filled >= self.orders[row].quantity {
            self.close(row);
        }
    }

    fn close(&mut self, row: usize) {
        let order = &mut self.orders[row];
        order.counted = 0;
        if std::mem::take(&mut order.is_open) {
            self.sessions.entry(order.session).or_default().open_orders -= 1;
        }
    }

    /// Why the order must be rejected; checked in the order of docs/RISK.md.
    pub fn rejects(&self, order: &Order) -> Result<(), Reason> {
        let session = self.session(order.session_id);
        let unless = |wrong: bool, reason| if wrong { Err(reason) } else { Ok(()) };
        let is_used = session.used.contains_key(&order.client_order_id);
        let Some(terms) = order.terms() else {
            unless(is_used, Reason::DuplicateClientOrderId)?;
            return self.original(order).map(drop);
        };
        unless(self.halted, Reason::HaltedGateway)?;
        unless(self.halted_sessions.contains(&order.session_id), Reason::HaltedSession)?;
        unless(self.halted_symbols.contains(&order.symbol), Reason::HaltedSymbol)?;
        unless(terms.quantity > MAX_QUANTITY, Reason::MaxQuantity)?;
        let price = u128::from(terms.price.unwrap_or(0).unsigned_abs());
        let limit = u128::from(MAX_NOTIONAL) * u128::from(UNIT);
        unless(price * u128::from(terms.quantity) > limit, Reason::MaxNotional)?;
        unless(is_used, Reason::DuplicateClientOrderId)?;
        let more = if matches!(order.request, Request::Replace(..)) {
            let working = self.original(order)?;
            let leaves = terms.quantity.saturating_sub(working.filled);
            unless(leaves == 0, Reason::QuantityFilled)?;
            leaves.saturating_sub(working.counted)
        } else {
            unless(session.open_orders >= MAX_OPEN_ORDERS, Reason::MaxOpenOrders)?;
            terms.quantity
        };
        let worst = self.worst(order) + i128::from(more);
        unless(more > 0 && worst > i128::from(MAX_POSITION), Reason::MaxPosition)
    }

    /// The position on the order's side with every open order of that side filled.
    fn worst(&self, order: &Order) -> i128 {
        let is_buy = order.side == Side::Buy;
        let same = |o: &&Working| o.symbol == order.symbol && (o.side == Side::Buy) == is_buy;
        let open = self.orders.iter().filter(same).map(|o| i128::from(o.counted)).sum::<i128>();
        let net = self.net.get(&order.symbol).copied().unwrap_or(0);
        if is_buy { net + open } else { open - net }
    }

    fn original(&self, order: &Order) -> Result<&Working, Reason> {
        let orig = order.orig_client_order_id().ok_or(Reason::UnknownOrder)?;
        let session = self.session(order.session_id);
        let order_id = *session.used.get(&orig).ok_or(Reason::UnknownOrder)?;
        let request = self.request(order_id).ok_or(Reason::UnknownOrder)?;
        let row = request.order.filter(|_| request.request.terms().is_some());
        let working = &self.orders[row.ok_or(Reason::UnknownOrder)?];
        if !working.is_open {
            return Err(Reason::OrderClosed);
        }
        if working.id != order_id && request.outcome.is_some() {
            return Err(Reason::UnknownOrder);
        }
        let same = (working.symbol, working.side) == (order.symbol, order.side);
        if same { Ok(working) } else { Err(Reason::OrderMismatch) }
    }
}
