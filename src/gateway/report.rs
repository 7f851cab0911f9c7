//! What the gateway tells its caller: acks, executions, the state of an order; and how the state
//! tells it.

use std::fmt;

use crate::error::{Error, Reason};
use crate::gateway::completions::{Entry, Told};
use crate::gateway::records::Outcome;
use crate::gateway::state::State;
use crate::order::{Side, Text};
use crate::venue::{Execution, ExecutionKind};

/// The durable decision about an order together with the venue's first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderAck {
    /// The gateway's number of the request, and the ClOrdID (FIX 11) at the venue.
    pub order_id: u64,
    /// False when the gateway or the venue refused.
    pub accepted: bool,
    /// Why it was not accepted; the number tells who refused.
    pub reason: Option<Reason>,
    /// The frame repeats one that was decided before; this is that one's ack.
    pub duplicate: bool,
    pub session_id: u64,
    pub sequence: u64,
    pub client_order_id: u64,
    /// When it was decided, nanoseconds since 1970 UTC.
    pub time: u64,
    /// How many sequences the session left out before this one: lost on the way, if it did not mean
    /// to.
    pub sequence_gap: u32,
}

/// Why there is no ack: three endings that must never be mixed up are *decided* (an
/// [`OrderAck`]), *refused* and *unknown*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecError {
    /// Of `pre_trade_check` only: the order would be rejected for this reason.
    Rejected(Reason),
    /// Nothing happened: nothing is journaled, no sequence is consumed.
    Refused(Error),
    /// The order may be live. `ack` has the ids to ask with; its `accepted` says nothing yet.
    Unknown { error: Error, ack: OrderAck },
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExecError::Rejected(reason) => f.write_str(reason.message()),
            ExecError::Refused(error) => error.fmt(f),
            ExecError::Unknown { error, ack } => write!(f, "order {}: {error}", ack.order_id),
        }
    }
}

impl std::error::Error for ExecError {}

impl From<Error> for ExecError {
    fn from(error: Error) -> Self {
        ExecError::Refused(error)
    }
}

/// One entry of the completion queue. Numbers count 1, 2, 3 … in the order of completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The end of a submission, with the tag it was given.
    Ack { number: u64, tag: u64, result: Result<OrderAck, ExecError> },
    /// Something the venue said about an order.
    Execution { number: u64, execution: ExecutionReport },
}

/// ExecType (FIX 150), by its FIX character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExecType {
    New = b'0',
    Canceled = b'4',
    Replaced = b'5',
    Rejected = b'8',
    Expired = b'C',
    Trade = b'F',
}

/// OrdStatus (FIX 39), by its FIX character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OrdStatus {
    New = b'0',
    PartiallyFilled = b'1',
    Filled = b'2',
    Canceled = b'4',
    PendingCancel = b'6',
    Rejected = b'8',
    PendingNew = b'A',
    Expired = b'C',
    PendingReplace = b'E',
}

impl ExecType {
    /// The name in the FIX specification.
    pub const fn name(self) -> &'static str {
        match self {
            ExecType::New => "New",
            ExecType::Canceled => "Canceled",
            ExecType::Replaced => "Replaced",
            ExecType::Rejected => "Rejected",
            ExecType::Expired => "Expired",
            ExecType::Trade => "Trade",
        }
    }
}

impl OrdStatus {
    /// Every value.
    pub const ALL: &[OrdStatus] = &[
        OrdStatus::New,
        OrdStatus::PartiallyFilled,
        OrdStatus::Filled,
        OrdStatus::Canceled,
        OrdStatus::PendingCancel,
        OrdStatus::Rejected,
        OrdStatus::PendingNew,
        OrdStatus::Expired,
        OrdStatus::PendingReplace,
    ];

    /// The name in the FIX specification.
    pub const fn name(self) -> &'static str {
        match self {
            OrdStatus::New => "New",
            OrdStatus::PartiallyFilled => "PartiallyFilled",
            OrdStatus::Filled => "Filled",
            OrdStatus::Canceled => "Canceled",
            OrdStatus::PendingCancel => "PendingCancel",
            OrdStatus::Rejected => "Rejected",
            OrdStatus::PendingNew => "PendingNew",
            OrdStatus::Expired => "Expired",
            OrdStatus::PendingReplace => "PendingReplace",
        }
    }
}

/// An ExecutionReport (FIX 35=8) in the client's terms. Prices and quantities: exponent -8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionReport {
    /// The gateway's number of the request this is about.
    pub order_id: u64,
    pub session_id: u64,
    /// FIX 11: of the request answered, or the order's latest for trades and expiry.
    pub client_order_id: u64,
    /// FIX 41: of what was cancelled or replaced on request.
    pub orig_client_order_id: Option<u64>,
    pub symbol: Text,
    pub side: Side,
    /// When the gateway learned of it, nanoseconds since 1970 UTC.
    pub time: u64,
    /// FIX 17: strictly increasing.
    pub exec_id: u64,
    pub exec_type: ExecType,
    pub ord_status: OrdStatus,
    /// FIX 31; 0 unless a trade.
    pub last_price: i64,
    /// FIX 32; 0 unless a trade.
    pub last_quantity: u64,
    /// FIX 14.
    pub cum_quantity: u64,
    /// FIX 151.
    pub leaves_quantity: u64,
    /// Why the gateway itself has cancelled it; none: it did not.
    pub reason: Option<Reason>,
}

/// What is known of a request and its order. Prices and quantities: exponent -8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderState {
    /// Of the request that was asked for.
    pub order_id: u64,
    pub session_id: u64,
    pub client_order_id: u64,
    pub orig_client_order_id: Option<u64>,
    /// Whether the request was accepted; `None` while its ack is still to come.
    pub accepted: Option<bool>,
    pub reason: Option<Reason>,
    pub ord_status: OrdStatus,
    pub side: Side,
    /// The order's price now; `None` for a market order.
    pub price: Option<i64>,
    /// The order's total now.
    pub quantity: u64,
    pub cum_quantity: u64,
    pub leaves_quantity: u64,
}

impl State {
    /// The ack; its `accepted` is meaningful once the venue has answered.
    #[inline(always)]
    pub(super) fn ack(&self, order_id: u64) -> OrderAck {
        let request = self.request(order_id);
        let reason = request.and_then(|request| match request.outcome {
            Outcome::Rejected(reason) => Some(reason),
            Outcome::Accepted | Outcome::Pending => None,
        });
        OrderAck {
            order_id,
            accepted: request.is_some_and(|request| request.outcome == Outcome::Accepted),
            reason,
            duplicate: false,
            session_id: request.map_or(0, |request| self.session_id(request.session)),
            sequence: request.map_or(0, |request| request.sequence),
            client_order_id: request.map_or(0, |request| request.client_order_id),
            time: request.map_or(0, |request| request.time),
            sequence_gap: request.map_or(0, |request| request.sequence_gap),
        }
    }

    /// What waited in the queue under this number. What is looked up for it does not change.
    pub(super) fn completion(&self, number: u64, entry: &Entry) -> Completion {
        match *entry {
            Entry::Ack { tag, order_id, duplicate, error, .. } => {
                let ack = OrderAck { duplicate, ..self.ack(order_id) };
                let unknown = |error| Err(ExecError::Unknown { error, ack });
                Completion::Ack { number, tag, result: error.map_or(Ok(ack), unknown) }
            }
            Entry::Execution { execution, told: Told { time, status, .. } } => {
                Completion::Execution { number, execution: self.report(&execution, time, status) }
            }
        }
    }

    /// The execution in the client's terms.
    fn report(&self, execution: &Execution, time: u64, ord_status: OrdStatus) -> ExecutionReport {
        let (exec_type, last_price, last_quantity) = match execution.kind {
            ExecutionKind::New => (ExecType::New, 0, 0),
            ExecutionKind::Rejected(_) | ExecutionKind::CancelRejected(_) => {
                (ExecType::Rejected, 0, 0)
            }
            ExecutionKind::Canceled => (ExecType::Canceled, 0, 0),
            ExecutionKind::Replaced => (ExecType::Replaced, 0, 0),
            ExecutionKind::Expired => (ExecType::Expired, 0, 0),
            ExecutionKind::Trade { price, quantity } => (ExecType::Trade, price, quantity),
        };
        let answered = self.request(execution.order_id).expect("only what has an order is queued");
        let record = &self.orders[answered.order.expect("it is there already") as usize];
        let reason = answered.by_gateway;
        // Of a cancel of the gateway's own its owner hears as of what comes unasked.
        let order_id = reason.map_or(execution.order_id, |_| record.order_id);
        let request = self.request(order_id).expect("what is cancelled was asked for");
        let is_answer = matches!(exec_type, ExecType::Canceled | ExecType::Replaced);
        let is_asked = is_answer && reason.is_none();
        ExecutionReport {
            order_id,
            session_id: self.session_id(request.session),
            client_order_id: request.client_order_id,
            orig_client_order_id: request.orig_client_order_id().filter(|_| is_asked),
            symbol: self.instruments.row(record.instrument).instrument.symbol,
            side: record.side,
            time,
            exec_id: execution.exec_id,
            exec_type,
            ord_status,
            last_price,
            last_quantity,
            cum_quantity: execution.cum_quantity,
            leaves_quantity: execution.leaves_quantity,
            reason,
        }
    }
}
