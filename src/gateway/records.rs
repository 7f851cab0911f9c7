//! What the state keeps of each request and each order.

use crate::error::Reason;
use crate::gateway::exposure::Counted;
use crate::gateway::own_orders::Links;
use crate::gateway::report::OrdStatus;
use crate::gateway::row::{Row, row};
use crate::journal::{SnapshotReader, SnapshotWriter};
use crate::order::{Side, Template, Terms};
use crate::venue::NewOrder;

/// One decided frame. A cache line: of all rows these are written and kept most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct RequestRecord {
    pub template: Template,
    pub session: u32,
    pub sequence: u64,
    /// So many sequences were left out before it.
    pub sequence_gap: u32,
    pub time: u64,
    pub client_order_id: u64,
    /// Of a client's replace or cancel.
    pub orig_client_order_id: u64,
    pub side: Side,
    /// Index in `State::asked`; none when the order itself tells, as of a new one that is pending.
    pub asked: Option<u32>,
    /// Index in `orders`; none when the gateway rejected it.
    pub order: Option<u32>,
    pub outcome: Outcome,
    /// Why the gateway itself asks for it; none: a client does.
    pub by_gateway: Option<Reason>,
}

const _: () = assert!(size_of::<RequestRecord>() == 64);

impl RequestRecord {
    /// What a client's replace or cancel names.
    pub fn orig_client_order_id(&self) -> Option<u64> {
        let names_one = self.template != Template::NewOrderSingle && self.by_gateway.is_none();
        names_one.then_some(self.orig_client_order_id)
    }
}

row!(RequestRecord {
    template,
    session,
    sequence,
    sequence_gap,
    time,
    client_order_id,
    orig_client_order_id,
    side,
    asked,
    order,
    outcome,
    by_gateway,
});

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Accepted by the gateway, not yet answered by the venue.
    Pending,
    Accepted,
    Rejected(Reason),
}

/// Whether it was answered, and then whether it was rejected, and why.
impl Row for Outcome {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        match self {
            Outcome::Pending => None,
            Outcome::Accepted => Some(None),
            Outcome::Rejected(reason) => Some(Some(*reason)),
        }
        .put(out);
    }

    #[inline]
    fn take(from: &mut SnapshotReader) -> Option<Self> {
        Some(match Row::take(from)? {
            None => Outcome::Pending,
            Some(None) => Outcome::Accepted,
            Some(Some(reason)) => Outcome::Rejected(reason),
        })
    }
}

/// One order through all its replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OrderRecord {
    pub session: u32,
    pub instrument: u32,
    pub account: u32,
    pub position: u32,
    pub side: Side,
    /// The latest accepted request: the id under which the venue knows the order.
    pub order_id: u64,
    /// Terms now, `quantity` being the total.
    pub terms: Terms,
    pub cum_quantity: u64,
    /// What counts as open in the position: the leaves, or more while a replace is pending.
    pub counted: Counted,
    pub links: Links,
    /// Requests the venue has not answered.
    pub pending: u32,
    pub status: OrdStatus,
    /// The gateway's own cancel of it is on its way, and will find it.
    pub is_leaving: bool,
    /// The exec id that gave the order its place in time priority.
    pub priority: u64,
}

row!(OrderRecord {
    session,
    instrument,
    account,
    position,
    side,
    order_id,
    terms,
    cum_quantity,
    counted,
    links,
    pending,
    status,
    is_leaving,
    priority,
});

impl OrderRecord {
    pub fn is_open(&self) -> bool {
        matches!(self.status, OrdStatus::PendingNew | OrdStatus::New | OrdStatus::PartiallyFilled)
    }

    /// Whether others may have to be kept from trading with it.
    pub fn is_ranked(&self) -> bool {
        self.counted.quantity > 0 && !self.is_leaving
    }

    /// Whether a cancel sent now ends it, in whichever form: nothing is on its way but the order.
    pub fn can_be_cancelled(&self) -> bool {
        self.pending == u32::from(self.status == OrdStatus::PendingNew)
    }

    /// The order as the venue sees it, under this id and with these terms.
    pub fn at_venue(&self, order_id: u64, terms: Terms) -> NewOrder {
        NewOrder {
            order_id,
            instrument: self.instrument,
            side: self.side,
            ord_type: terms.ord_type,
            time_in_force: terms.time_in_force,
            price: terms.price,
            quantity: terms.quantity,
        }
    }

    /// What may still fill.
    pub fn leaves(&self) -> u64 {
        if self.is_open() { self.terms.quantity.saturating_sub(self.cum_quantity) } else { 0 }
    }
}
