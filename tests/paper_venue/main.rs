//! The paper venue: each rule of matching by itself, then all of them against a naive model, over
//! a restart, and without allocating.

mod allocations;
mod ledger;
mod model;
mod properties;
mod rules;

use tinywindow::Reason;
use tinywindow::order::{OrdType, Side, TimeInForce};
use tinywindow::venue::ExecutionKind::{
    CancelRejected, Canceled, Expired, New, Rejected, Replaced, Trade,
};
use tinywindow::venue::paper::PaperVenue;
use tinywindow::venue::{
    Cancel, Command, Execution, ExecutionKind, NewOrder, OpenOrder, Replace, Venue, VenueStatus,
    keeps_priority,
};

/// A good-till-cancel limit order for instrument 0, to be varied with struct update syntax.
fn limit(order_id: u64, side: Side, price: i64, quantity: u64) -> NewOrder {
    NewOrder {
        order_id,
        instrument: 0,
        side,
        ord_type: OrdType::Limit,
        time_in_force: TimeInForce::GoodTillCancel,
        price: Some(price),
        quantity,
    }
}

fn buy(order_id: u64, price: i64, quantity: u64) -> NewOrder {
    limit(order_id, Side::Buy, price, quantity)
}

fn sell(order_id: u64, price: i64, quantity: u64) -> NewOrder {
    limit(order_id, Side::Sell, price, quantity)
}

fn immediate(order: NewOrder) -> NewOrder {
    let time_in_force = TimeInForce::ImmediateOrCancel;
    NewOrder { time_in_force, ..order }
}

fn fill_or_kill(order: NewOrder) -> NewOrder {
    let time_in_force = TimeInForce::FillOrKill;
    NewOrder { time_in_force, ..order }
}

fn market(order_id: u64, side: Side, quantity: u64) -> NewOrder {
    let (ord_type, price) = (OrdType::Market, None);
    NewOrder { ord_type, price, ..limit(order_id, side, 0, quantity) }
}

fn replace(orig_order_id: u64, order: NewOrder) -> Command {
    Command::Replace(Replace { orig_order_id, order })
}

fn cancel(order_id: u64, orig_order_id: u64) -> Command {
    Command::Cancel(Cancel { order_id, orig_order_id, instrument: 0 })
}

/// An answer without its exec id: order id, kind, cum quantity, leaves quantity.
type Answer = (u64, ExecutionKind, u64, u64);

fn submit(venue: &mut PaperVenue, command: Command) -> Vec<Answer> {
    let mut answers = Vec::new();
    venue.submit(&command, &mut answers);
    let answer = |e: &Execution| (e.order_id, e.kind, e.cum_quantity, e.leaves_quantity);
    answers.iter().map(answer).collect()
}

fn fill(price: i64, quantity: u64) -> ExecutionKind {
    Trade { price, quantity }
}

/// A venue in which these orders rest.
fn venue_with(resting: &[NewOrder]) -> PaperVenue {
    let mut venue = PaperVenue::new(1, 100);
    for order in resting {
        let accepted = (order.order_id, New, 0, order.quantity);
        assert_eq!(submit(&mut venue, Command::New(*order)), [accepted]);
    }
    venue
}

fn depth(venue: &PaperVenue, side: Side) -> Vec<(i64, u128)> {
    venue.depth(0, side, usize::MAX).collect()
}

fn leaves(open: &OpenOrder) -> u64 {
    open.order.quantity - open.cum_quantity
}

/// Whether the order belongs to this side of this instrument's book.
fn belongs(order: &NewOrder, instrument: u32, side: Side) -> bool {
    order.instrument == instrument && (order.side == Side::Buy) == (side == Side::Buy)
}
