//! From the flow's events to order messages: which session asks for what.

use std::collections::HashMap;

use tinywindow::order::{self, OrdType, Order, Request, Side, Terms, Text, TimeInForce};

use crate::lobster::{Event, HALTED, Kind};

/// What an event means for the gateway.
pub enum Step {
    /// Send this; its `key_id` is the signer's to fill in.
    Send(Message),
    /// Halt or resume the symbol.
    Halt(bool),
    /// Nothing to send: what is hidden, or of an auction.
    Count,
    /// Its order came before the flow began.
    NotOfThisFlow,
}

/// An order message, and the session that sends it.
pub struct Message {
    /// Index of the session.
    pub session: usize,
    pub order: Order,
}

/// Keeps what the messages need to know of the flow's open orders.
pub struct Script {
    symbol: Text,
    sessions: Vec<Session>,
    orders: HashMap<i64, FlowOrder>,
}

struct Session {
    id: u64,
    account: Text,
    /// Sequence and client order id: each message has the next.
    last: u64,
}

/// An open order of the flow. Quantities have exponent -8.
struct FlowOrder {
    session: usize,
    /// The latest client order id of its chain, and the one before while its replace is on the way.
    client_order_id: u64,
    replacing: Option<u64>,
    /// With all that is filled (FIX 38).
    total: u64,
    filled: u64,
}

impl Script {
    pub fn new(symbol: Text, session_ids: &[u64]) -> Script {
        let session = |(index, &id)| {
            let account = order::text(format!("account-{}", index + 1).as_bytes());
            Session { id, account: account.unwrap_or_default(), last: 0 }
        };
        let sessions = session_ids.iter().enumerate().map(session).collect();
        Script { symbol, sessions, orders: HashMap::new() }
    }

    /// Whether the event's message must name the outcome of a replace that is not known yet.
    pub fn must_wait(&self, event: &Event) -> bool {
        matches!(event.kind, Kind::PartialCancel | Kind::Delete)
            && self.orders.get(&event.order_id).is_some_and(|order| order.replacing.is_some())
    }

    /// The step for an event at `time`, nanoseconds since 1970 UTC.
    ///
    /// # Errors
    /// What no exchange would write.
    pub fn step(&mut self, line: u64, event: &Event, time: u64) -> Result<Step, String> {
        match event.kind {
            Kind::HiddenExecution | Kind::Cross => Ok(Step::Count),
            Kind::Halt => Ok(Step::Halt(event.price == HALTED)),
            Kind::NewOrder => self.enter(event, time).map(Step::Send),
            _ if !self.orders.contains_key(&event.order_id) => Ok(Step::NotOfThisFlow),
            Kind::PartialCancel => self.reduce(event, time).map(Step::Send),
            Kind::Delete => Ok(Step::Send(self.cancel(event, time))),
            Kind::Execution => self.aggress(line, event, time).map(Step::Send),
        }
    }

    fn enter(&mut self, event: &Event, time: u64) -> Result<Message, String> {
        let session = event.order_id.rem_euclid(self.sessions.len() as i64) as usize;
        let terms = limit(event, event.order_quantity(), TimeInForce::Day)?;
        let message = self.message(session, event.side, time, Request::New(terms));
        let order = FlowOrder {
            session,
            client_order_id: message.order.client_order_id,
            replacing: None,
            total: terms.quantity,
            filled: 0,
        };
        match self.orders.insert(event.order_id, order) {
            None => Ok(message),
            Some(_) => Err(format!("order {} is open already", event.order_id)),
        }
    }

    /// A replace with the new total; if nothing would be left of the order, a cancel.
    fn reduce(&mut self, event: &Event, time: u64) -> Result<Message, String> {
        let order = &self.orders[&event.order_id];
        let total = event.order_quantity().and_then(|size| order.total.checked_sub(size));
        let Some(total) = total.filter(|total| *total > order.filled) else {
            return Ok(self.cancel(event, time));
        };
        let (session, replaced) = (order.session, order.client_order_id);
        let terms = limit(event, Some(total), TimeInForce::Day)?;
        let message = self.message(session, event.side, time, Request::Replace(replaced, terms));
        if let Some(order) = self.orders.get_mut(&event.order_id) {
            order.client_order_id = message.order.client_order_id;
            order.replacing = Some(replaced);
            order.total = total;
        }
        Ok(message)
    }

    fn cancel(&mut self, event: &Event, time: u64) -> Message {
        let order = self.orders.remove(&event.order_id).expect("the caller looked it up");
        self.message(order.session, event.side, time, Request::Cancel(order.client_order_id))
    }

    /// The order that took the flow's one: immediate or cancel, from the other side and, where
    /// there is one, from another session.
    fn aggress(&mut self, line: u64, event: &Event, time: u64) -> Result<Message, String> {
        let terms = limit(event, event.order_quantity(), TimeInForce::ImmediateOrCancel)?;
        let order = self.orders.get_mut(&event.order_id).expect("the caller looked it up");
        let resting = order.session;
        order.filled = order.filled.saturating_add(terms.quantity);
        if order.filled >= order.total {
            self.orders.remove(&event.order_id);
        }
        let side = if event.side == Side::Buy { Side::Sell } else { Side::Buy };
        let count = self.sessions.len();
        let others = (count - 1).max(1) as u64;
        let session = (resting + 1 + (line % others) as usize) % count;
        Ok(self.message(session, side, time, Request::New(terms)))
    }

    fn message(&mut self, session: usize, side: Side, time: u64, request: Request) -> Message {
        let sender = &mut self.sessions[session];
        sender.last += 1;
        let order = Order {
            sequence: sender.last,
            sending_time: time,
            client_order_id: sender.last,
            session_id: sender.id,
            key_id: 0,
            symbol: self.symbol,
            account: sender.account,
            side,
            request,
        };
        Message { session, order }
    }

    /// A replace of the flow's order was answered. If it was not accepted, the id before is still
    /// the one to name (FIX 41).
    pub fn replaced(&mut self, order_id: i64, accepted: bool) {
        if let Some(order) = self.orders.get_mut(&order_id)
            && let Some(before) = order.replacing.take()
            && !accepted
        {
            order.client_order_id = before;
        }
    }
}

fn limit(
    event: &Event,
    quantity: Option<u64>,
    time_in_force: TimeInForce,
) -> Result<Terms, String> {
    match (event.order_price(), quantity) {
        (price @ Some(_), Some(quantity @ 1..)) => {
            let ord_type = OrdType::Limit;
            Ok(Terms { ord_type, time_in_force, price, stop_price: None, quantity })
        }
        _ => Err(format!("no order has size {}", event.size)),
    }
}
