//! What happened to orders, event by event, each time with what is known of the order by then.

use std::collections::HashMap;

use tinywindow::Reason;
use tinywindow::gateway::OrdStatus;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::order::{Order, Template};
use tinywindow::venue::{Execution, ExecutionKind};

/// One thing that happened to an order.
#[derive(Clone, Copy, Debug)]
pub struct Happened {
    /// The record's sequence.
    pub number: u64,
    /// Nanoseconds since 1970 UTC.
    pub time: u64,
    pub what: What,
    /// The request that it is about.
    pub order_id: u64,
    pub request: Request,
    /// What is known of the order that the request is about: of a cancel or a refused replace the
    /// original.
    pub subject: Option<Request>,
}

#[derive(Clone, Copy, Debug)]
pub enum What {
    Decided(Option<Reason>),
    Executed(Execution),
    NotDelivered,
    /// The gateway cancels the order by itself.
    Cancelled(Reason),
}

/// A request, and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Of a cancel that is the gateway's own, the order that it cancels.
    pub order: Order,
    /// Why the gateway cancels.
    pub own_cancel: Option<Reason>,
    /// The order_id of the new order that its chain began with.
    pub root: u64,
    original: Option<u64>,
    pub status: OrdStatus,
    /// Exponent -8.
    pub filled: u64,
    /// Sum of price times quantity, exponent -16.
    notional: i128,
}

impl Request {
    /// Whether it asks for the end of another order, the subject.
    pub fn is_cancel(&self) -> bool {
        self.own_cancel.is_some() || self.order.template() == Template::OrderCancelRequest
    }

    /// Of all fills, exponent -8; 0 without any.
    pub fn average_price(&self) -> i64 {
        self.notional.checked_div(i128::from(self.filled)).unwrap_or(0) as i64
    }
}

/// Every request so far.
#[derive(Debug, Default)]
pub struct Orders {
    requests: HashMap<u64, Request>,
    /// Accepted orders and replaces by session and client order id.
    names: HashMap<(u64, u64), u64>,
    /// The last replace of each chain, by its root.
    replaces: HashMap<u64, u64>,
}

impl Orders {
    /// Goes on with an event of the journal; `None` when it is about no order.
    pub fn apply(&mut self, number: u64, event: &Event<'_>) -> Option<Happened> {
        let (order_id, what) = match event.kind {
            EventKind::Decided { order_id, reason, frame } => {
                self.decide(order_id, reason, frame.order);
                (order_id, What::Decided(reason))
            }
            EventKind::Executed(execution) => {
                self.execute(&execution);
                (execution.order_id, What::Executed(execution))
            }
            EventKind::NotDelivered { order_id } => {
                self.requests.get_mut(&order_id)?.status = OrdStatus::Rejected;
                (order_id, What::NotDelivered)
            }
            EventKind::Cancelled { order_id, orig_order_id, reason } => {
                self.cancel(order_id, orig_order_id, reason)?;
                (order_id, What::Cancelled(reason))
            }
            _ => return None,
        };
        let request = *self.requests.get(&order_id)?;
        let subject = request.original.and_then(|id| self.requests.get(&id)).copied();
        Some(Happened { number, time: event.time, what, order_id, request, subject })
    }

    fn decide(&mut self, order_id: u64, reason: Option<Reason>, order: Order) {
        let name = |client_order_id| (order.session_id, client_order_id);
        let original = order.orig_client_order_id();
        let original = original.and_then(|id| self.names.get(&name(id)).copied());
        let root = original.and_then(|id| self.requests.get(&id)).map_or(order_id, |o| o.root);
        if reason.is_none() && order.template() != Template::OrderCancelRequest {
            self.names.insert(name(order.client_order_id), order_id);
        }
        let status = if reason.is_none() { OrdStatus::PendingNew } else { OrdStatus::Rejected };
        let own_cancel = None;
        let request = Request { order, own_cancel, root, original, status, filled: 0, notional: 0 };
        self.requests.insert(order_id, request);
    }

    /// The gateway's own cancel of an order, which any request of its chain names.
    fn cancel(&mut self, order_id: u64, orig_order_id: u64, reason: Reason) -> Option<()> {
        let root = self.requests.get(&orig_order_id)?.root;
        let live = self.replaces.get(&root).copied().unwrap_or(root);
        let cancelled = *self.requests.get(&live)?;
        let (own_cancel, original) = (Some(reason), Some(live));
        let request = Request { own_cancel, original, status: OrdStatus::PendingNew, ..cancelled };
        self.requests.insert(order_id, request);
        Some(())
    }

    fn execute(&mut self, execution: &Execution) {
        let Some(request) = self.requests.get(&execution.order_id).copied() else { return };
        // A cancel's answer is about the order that it cancels.
        let is_cancel = request.is_cancel();
        let subject = request.original.filter(|_| is_cancel).unwrap_or(execution.order_id);
        let status = match execution.kind {
            ExecutionKind::CancelRejected(_) => {
                self.set(execution.order_id, |request| request.status = OrdStatus::Rejected);
                return;
            }
            ExecutionKind::Replaced => {
                let original = request.original.and_then(|id| self.requests.get(&id)).copied();
                self.set(execution.order_id, |replace| {
                    replace.notional = original.map_or(0, |original| original.notional);
                });
                self.replaces.insert(request.root, execution.order_id);
                match execution.cum_quantity {
                    0 => OrdStatus::New,
                    _ => OrdStatus::PartiallyFilled,
                }
            }
            ExecutionKind::New => OrdStatus::New,
            ExecutionKind::Rejected(_) => OrdStatus::Rejected,
            ExecutionKind::Canceled => OrdStatus::Canceled,
            ExecutionKind::Expired => OrdStatus::Expired,
            ExecutionKind::Trade { price, quantity } => {
                let traded = i128::from(price) * i128::from(quantity);
                self.set(subject, |order| {
                    order.notional = order.notional.saturating_add(traded);
                });
                match execution.leaves_quantity {
                    0 => OrdStatus::Filled,
                    _ => OrdStatus::PartiallyFilled,
                }
            }
        };
        let filled = execution.cum_quantity;
        self.set(subject, |order| (order.status, order.filled) = (status, filled));
    }

    fn set(&mut self, order_id: u64, change: impl FnOnce(&mut Request)) {
        if let Some(request) = self.requests.get_mut(&order_id) {
            change(request);
        }
    }
}
