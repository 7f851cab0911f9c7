//! Replaces and cancels: which original they may name, also while it is still on its way, and
//! what is known of each request.

use tinywindow::gateway::{ExecError, ExecType, OrdStatus};
use tinywindow::order::{Order, Side, UNIT};
use tinywindow::{Error, Reason};

use crate::desk::*;

#[test]
fn a_replace_gives_new_terms_and_a_new_id() {
    let desk = Desk::open(&config(&[]));
    let order = desk.accept(buy(100, 10));
    let replaced = desk.accept(replace(order, buy(101, 20)));
    for id in [order, replaced] {
        let state = desk.status(id);
        assert_eq!(state.price, Some(101 * UNIT as i64), "one order, asked for by id {id}");
        assert_eq!((state.quantity, state.leaves_quantity), (20 * UNIT, 20 * UNIT));
        assert_eq!(state.ord_status, OrdStatus::New);
    }
    assert_eq!(desk.status(replaced).orig_client_order_id, Some(order));
    desk.reject(cancel(order), Reason::UnknownOrder);
    desk.accept(cancel(replaced));
}

#[test]
fn requests_for_an_order_that_never_was_are_rejected() {
    let desk = Desk::open(&config(&[("limits.max_quantity", "10")]));
    desk.reject(named(70, buy(100, 11)), Reason::MaxQuantity);
    let order = desk.accept(buy(100, 1));
    let cancelled = desk.accept(cancel(order));
    for unknown in [99, 70, cancelled] {
        desk.reject(cancel(unknown), Reason::UnknownOrder);
        desk.reject(replace(unknown, buy(100, 1)), Reason::UnknownOrder);
    }
}

#[test]
fn a_session_cannot_touch_the_orders_of_another() {
    let desk = Desk::open(&config(&[]));
    let order = desk.accept(buy(100, 1));
    desk.reject(of(2, cancel(order)), Reason::UnknownOrder);
    desk.reject(of(2, replace(order, buy(100, 2))), Reason::UnknownOrder);
}

#[test]
fn requests_for_an_order_that_has_ended_are_rejected() {
    let desk = Desk::open(&config(&[]));
    let cancelled = desk.accept(buy(100, 1));
    desk.accept(cancel(cancelled));
    let filled = desk.accept(buy(100, 1));
    desk.accept(of(2, sell(100, 1)));
    let expired = desk.accept(market(Side::Buy, 1));
    for closed in [cancelled, filled, expired] {
        desk.reject(cancel(closed), Reason::OrderClosed);
    }
    desk.reject(replace(filled, buy(100, 2)), Reason::OrderClosed);
}

#[test]
fn requests_that_contradict_the_original_are_rejected() {
    let desk = Desk::open(&config(&[]));
    let order = desk.accept(buy(100, 1));
    for wrong in [
        Order { symbol: text("MSFT"), ..cancel(order) },
        Order { account: text("other"), ..cancel(order) },
        Order { side: Side::Sell, ..cancel(order) },
        Order { side: Side::Sell, ..replace(order, buy(100, 2)) },
        replace(order, market(Side::Buy, 2)),
    ] {
        desk.reject(wrong, Reason::OrderMismatch);
    }
    desk.accept(cancel(order));
}

#[test]
fn a_short_sale_is_not_closed_as_a_sale() {
    let desk = Desk::open(&config(&[]));
    let order = desk.accept(limit(Side::SellShort, 100, 1));
    desk.reject(Order { side: Side::Sell, ..cancel(order) }, Reason::OrderMismatch);
    desk.accept(Order { side: Side::SellShort, ..cancel(order) });
}

#[test]
fn the_new_total_must_be_above_what_is_filled() {
    let desk = Desk::open(&config(&[]));
    let order = desk.accept(buy(100, 10));
    desk.accept(of(2, sell(100, 4)));
    desk.reject(replace(order, buy(100, 3)), Reason::QuantityFilled);
    desk.reject(replace(order, buy(100, 4)), Reason::QuantityFilled);
    let order = desk.accept(replace(order, buy(100, 5)));
    assert_eq!(desk.status(order).ord_status, OrdStatus::PartiallyFilled);
    assert_eq!(desk.status(order).leaves_quantity, UNIT);
}

#[test]
fn a_request_may_name_one_that_is_still_on_its_way() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    hold.hold();
    let order = desk.submit(buy(100, 10));
    let first = desk.submit(replace(order, buy(101, 10)));
    let second = desk.submit(replace(first, buy(102, 10)));
    let cancelled = desk.submit(cancel(second));
    let on_the_way = [order, first, second, cancelled].map(|id| desk.status(id));
    assert_eq!(on_the_way.map(|state| state.accepted), [None; 4]);
    assert_eq!(
        on_the_way.map(|state| state.ord_status),
        [
            OrdStatus::PendingNew,
            OrdStatus::PendingReplace,
            OrdStatus::PendingReplace,
            OrdStatus::PendingCancel,
        ]
    );
    hold.release();
    assert!(desk.acks(4).values().all(|ack| ack.accepted));
    assert_eq!(desk.status(order).ord_status, OrdStatus::Canceled);
}

#[test]
fn a_cancel_that_comes_too_late_at_the_venue_is_rejected_by_it() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    let order = desk.accept(buy(100, 10));
    hold.hold();
    desk.submit(of(2, sell(100, 10)));
    let late = desk.submit(cancel(order));
    hold.release();
    let ack = desk.acks(2)[&late];
    assert_eq!((ack.accepted, ack.reason), (false, Some(Reason::VenueUnknownOrder)));
    assert_eq!(desk.status(order).ord_status, OrdStatus::Filled);
    assert_eq!(desk.status(late).accepted, Some(false));
}

#[test]
fn what_a_replace_reserved_is_given_back_when_the_venue_rejects_it() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[("limits.max_position", "10")]));
    let order = desk.accept(buy(90, 4));
    hold.hold();
    let first = desk.submit(replace(order, buy(90, 5)));
    let second = desk.submit(replace(order, buy(90, 10)));
    let frame = desk.frame(of(2, buy(90, 1)));
    let too_much = Err(ExecError::Rejected(Reason::MaxPosition));
    assert_eq!(desk.gateway.pre_trade_check(&frame), too_much, "its total counts");
    hold.let_one_pass();
    while desk.status(order).quantity < 5 * UNIT {
        std::thread::yield_now();
    }
    assert_eq!(desk.gateway.pre_trade_check(&frame), too_much, "until the second is answered");
    hold.release();
    let acks = desk.acks(2);
    assert!(acks[&first].accepted);
    assert_eq!(acks[&second].reason, Some(Reason::VenueUnknownOrder));
    desk.accept(of(2, buy(90, 5)));
    desk.reject(of(2, buy(90, 1)), Reason::MaxPosition);
}

#[test]
fn an_order_that_fills_while_its_replace_is_on_the_way_counts_once() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[("limits.max_position", "10")]));
    let order = desk.accept(buy(90, 4));
    hold.hold();
    desk.submit(Order { account: text("other"), ..of(2, sell(90, 3)) });
    let larger = desk.submit(replace(order, buy(90, 8)));
    hold.release();
    assert!(desk.acks(2)[&larger].accepted);
    assert_eq!(desk.status(larger).cum_quantity, 3 * UNIT);
    assert_eq!(desk.status(larger).leaves_quantity, 5 * UNIT);
    desk.accept(buy(90, 2));
    desk.reject(buy(90, 1), Reason::MaxPosition);
}

#[test]
fn status_tells_of_orders_their_replaces_and_cancels_and_of_nothing_else() {
    let desk = Desk::open(&config(&[("limits.max_quantity", "10")]));
    let unknown = Err(Error::NotFound);
    assert_eq!(desk.gateway.order_status(1, 1), unknown);
    assert_eq!(desk.gateway.order_status(99, 1), unknown);
    let order = desk.accept(buy(100, 10));
    desk.accept(of(2, sell(100, 4)));
    assert_eq!(desk.gateway.order_status(2, order), unknown);
    let state = desk.status(order);
    assert_eq!((state.session_id, state.order_id, state.client_order_id), (1, 1, order));
    assert_eq!((state.accepted, state.reason), (Some(true), None));
    assert_eq!((state.side, state.price), (Side::Buy, Some(100 * UNIT as i64)));
    assert_eq!(state.quantity, 10 * UNIT);
    assert_eq!((state.cum_quantity, state.leaves_quantity), (4 * UNIT, 6 * UNIT));
    assert_eq!(state.ord_status, OrdStatus::PartiallyFilled);
    let cancelled = desk.accept(cancel(order));
    for id in [order, cancelled] {
        let state = desk.status(id);
        assert_eq!(state.ord_status, OrdStatus::Canceled);
        assert_eq!((state.cum_quantity, state.leaves_quantity), (4 * UNIT, 0));
    }
    desk.reject(named(50, buy(100, 11)), Reason::MaxQuantity);
    let state = desk.status(50);
    assert_eq!((state.accepted, state.reason), (Some(false), Some(Reason::MaxQuantity)));
    assert_eq!((state.ord_status, state.quantity), (OrdStatus::Rejected, 11 * UNIT));
}

#[test]
fn a_rejection_is_told_by_nobody_before_it_is_durable() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[("limits.max_quantity", "10")]));
    hold.hold();
    desk.submit(buy(100, 1));
    hold.wait_for(1);
    let rejected = desk.submit(buy(100, 11));
    let state = desk.status(rejected);
    assert_eq!((state.accepted, state.reason), (None, None), "not in the journal yet");
    assert_eq!(state.ord_status, OrdStatus::PendingNew);
    hold.release();
    assert_eq!(desk.acks(2)[&rejected].reason, Some(Reason::MaxQuantity));
    let state = desk.status(rejected);
    assert_eq!((state.accepted, state.reason), (Some(false), Some(Reason::MaxQuantity)));
    assert_eq!(state.ord_status, OrdStatus::Rejected);
}

#[test]
fn executions_tell_the_story_in_the_clients_terms() {
    let desk = Desk::open(&config(&[]));
    let order = desk.accept(buy(100, 10));
    let replaced = desk.accept(replace(order, buy(101, 12)));
    let seller = desk.accept(of(2, named(70, sell(99, 5))));
    let cancelled = desk.accept(cancel(replaced));
    let told = |e: &tinywindow::gateway::ExecutionReport| {
        assert_eq!(e.symbol, text("AAPL"));
        let ids = (e.session_id, e.client_order_id, e.orig_client_order_id);
        (ids, e.exec_type, e.ord_status, (e.cum_quantity / UNIT, e.leaves_quantity / UNIT))
    };
    let executions = desk.executions();
    let story: Vec<_> = executions.iter().map(told).collect();
    use ExecType::{Canceled, New, Replaced, Trade};
    assert_eq!(
        story,
        [
            ((1, order, None), New, OrdStatus::New, (0, 10)),
            ((1, replaced, Some(order)), Replaced, OrdStatus::New, (0, 12)),
            ((2, seller, None), New, OrdStatus::New, (0, 5)),
            ((1, replaced, None), Trade, OrdStatus::PartiallyFilled, (5, 7)),
            ((2, seller, None), Trade, OrdStatus::Filled, (5, 0)),
            ((1, cancelled, Some(replaced)), Canceled, OrdStatus::Canceled, (5, 0)),
        ]
    );
    let trade = &executions[3];
    assert_eq!((trade.last_price, trade.last_quantity), (101 * UNIT as i64, 5 * UNIT));
    assert!(executions.windows(2).all(|pair| pair[0].exec_id < pair[1].exec_id));
}
