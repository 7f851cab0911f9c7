//! Where accepted orders go.

pub mod paper;

use std::task::Waker;

use crate::error::Reason;
use crate::order::{OrdType, Side, TimeInForce};

/// A new order as the venue sees it. `order_id` is the gateway's counter and the ClOrdID (FIX 11)
/// at the venue: each request, new, replace or cancel, has one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    pub order_id: u64,
    /// The instrument's index in the gateway; every venue call about one order has the same.
    pub instrument: u32,
    pub side: Side,
    pub ord_type: OrdType,
    pub time_in_force: TimeInForce,
    /// Exponent -8; `None` for a market order.
    pub price: Option<i64>,
    /// Exponent -8.
    pub quantity: u64,
}

/// OrderCancelReplaceRequest: `order` has the new terms, its `quantity` the new total (FIX 38).
/// Instrument and side are the original order's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replace {
    /// OrigClOrdID: the latest accepted id of the order's chain, as far as the sender knows.
    pub orig_order_id: u64,
    pub order: NewOrder,
}

/// OrderCancelRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancel {
    pub order_id: u64,
    pub orig_order_id: u64,
    pub instrument: u32,
}

/// One request to the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    New(NewOrder),
    Replace(Replace),
    Cancel(Cancel),
}

/// One answer of the venue (ExecutionReport, FIX 35=8, or OrderCancelReject, FIX 35=9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Strictly increasing per venue (FIX 17).
    pub exec_id: u64,
    /// The ClOrdID this is about: the request answered, or for trades and what comes unasked the
    /// id under which the venue knows the order now.
    pub order_id: u64,
    pub kind: ExecutionKind,
    /// What is filled of the order so far, exponent -8 (FIX 14).
    pub cum_quantity: u64,
    /// What may still fill, exponent -8 (FIX 151).
    pub leaves_quantity: u64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionKind {
    /// The order is live (ExecType 0). Always the first answer to an accepted new order.
    New,
    /// The new order is refused (ExecType 8).
    Rejected(Reason),
    /// The order is cancelled, asked for or not (ExecType 4).
    Canceled,
    /// The order has its new terms and is known under the replace's id (ExecType 5).
    Replaced,
    /// The replace or cancel is refused; the order is as it was (FIX 35=9).
    CancelRejected(Reason),
    /// The venue ended the order (ExecType C): the rest of an IOC, an FOK, a market order.
    Expired,
    /// A fill (ExecType F): price and quantity, exponent -8.
    Trade { price: i64, quantity: u64 },
}

/// An order that is open at the venue, as the journal tells it, to rebuild a venue in process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrder {
    /// Terms now; `order.quantity` is the total.
    pub order: NewOrder,
    pub cum_quantity: u64,
    /// The `exec_id` that gave the order its place in time priority.
    pub priority: u64,
}

/// What the venue says of a request when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenueStatus {
    /// It never came: it may be sent.
    NotReceived,
    /// It came; its answers will come or have come again through `events`.
    Received,
}

/// A place that takes orders, and what one outside of this process (FIX) will implement. **Not yet
/// for hosts:** a gateway has the venue that its configuration names, which can be the paper one
/// alone ([`paper::PaperVenue`]), and nothing public takes another.
///
/// Calls come one at a time, in journal order, only after the decision is durable. Answers are
/// appended to `answers`, in the order in which they happened.
pub trait Venue: Send {
    /// Told once, at opening, behind [`recover`](Self::recover): a venue that says things unasked
    /// keeps the waker, and wakes it from any thread whenever [`events`](Self::events) has
    /// something new, whatever lock of its own it holds. It is asked soon after, once for any
    /// number of wake-ups before. One that only answers keeps nothing.
    fn begin(&mut self, _news: Waker) {}

    /// Sends a new order, replace or cancel. What is known at once is answered at once.
    fn submit(&mut self, command: &Command, answers: &mut Vec<Execution>);

    /// Collects what has come since. An answer that comes again, known by its `exec_id`, is passed
    /// over. Asked at opening, after each batch of work, and when the venue says so.
    fn events(&mut self, answers: &mut Vec<Execution>);

    /// After a restart, for a request that was durable and has no answer.
    fn status(&mut self, order_id: u64) -> VenueStatus;

    /// After a restart: what the journal knows to be open, in no particular order, and the last
    /// `exec_id` seen. A venue out of process compares; a venue in process rebuilds itself. Answers
    /// that were lost come again through [`events`](Self::events).
    fn recover(&mut self, open: &[OpenOrder], last_exec_id: u64);
}

/// Whether a replace keeps its place in time priority: same price, total not raised.
pub fn keeps_priority(old_price: Option<i64>, old_quantity: u64, new: &NewOrder) -> bool {
    new.price == old_price && new.quantity <= old_quantity
}
