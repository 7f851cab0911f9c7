//! Gate 5: what becomes of one's own orders that would trade with each other.

use tinywindow::Reason;
use tinywindow::gateway::{ExecType, ExecutionReport, OrdStatus};
use tinywindow::order::{Order, Request, Side};

use crate::desk::*;

/// What is configured: of the whole firm, and this becomes of them.
fn prevented(mode: &'static str) -> [(&'static str, &'static str); 2] {
    [("firm.self_trade_prevention", "'firm'"), ("firm.self_trade_mode", mode)]
}

fn desk(mode: &'static str) -> Desk {
    Desk::open(&config(&prevented(mode)))
}

/// The state of an order of this session.
fn status(desk: &Desk, session_id: u64, client_order_id: u64) -> OrdStatus {
    desk.gateway.order_status(session_id, client_order_id).unwrap().ord_status
}

/// What its owner hears of an order that the gateway has cancelled.
fn cancelled(executions: &[ExecutionReport]) -> Vec<(u64, u64, Option<Reason>)> {
    let cancels = executions.iter().filter(|report| report.exec_type == ExecType::Canceled);
    cancels.map(|report| (report.session_id, report.client_order_id, report.reason)).collect()
}

#[test]
fn the_older_are_cancelled_and_the_newer_trades_with_others_only() {
    let desk = desk("'cancel_oldest'");
    for (session_id, price) in [(1, 101), (2, 102), (3, 103)] {
        desk.accept(of(session_id, sell(price, 1)));
    }
    desk.executions();
    let newer = desk.accept(of(4, buy(102, 2)));
    let executions = desk.executions();
    let why = Some(Reason::SelfTrade);
    assert_eq!(cancelled(&executions), [(1, 1, why), (2, 2, why)]);
    assert!(executions.iter().all(|report| report.exec_type != ExecType::Trade));
    assert!(executions[0].orig_client_order_id.is_none(), "nobody asked for it");
    assert_eq!(status(&desk, 1, 1), OrdStatus::Canceled);
    assert_eq!(status(&desk, 3, 3), OrdStatus::New);
    assert_eq!(status(&desk, 4, newer), OrdStatus::New);
    // A client's id is its own: the cancels have used none.
    assert!(desk.send(of(1, cancel_of(101, sell(1, 1)))).reason == Some(Reason::UnknownOrder));
    desk.accept(of(1, named(200, sell(104, 1))));
}

/// A cancel of the order `orig`, else like this one.
fn cancel_of(orig: u64, order: Order) -> Order {
    Order { request: Request::Cancel(orig), ..order }
}

#[test]
fn both_are_ended() {
    let desk = desk("'cancel_both'");
    let older = desk.accept(sell(101, 1));
    let far = desk.accept(sell(103, 1));
    desk.reject(of(2, buy(102, 1)), Reason::SelfTrade);
    assert_eq!(status(&desk, 1, older), OrdStatus::Canceled);
    assert_eq!(status(&desk, 1, far), OrdStatus::New);
    // A replace that is rejected leaves its order as it was.
    let bid = desk.accept(of(2, buy(100, 1)));
    desk.reject(of(2, replace(bid, buy(103, 1))), Reason::SelfTrade);
    assert_eq!(status(&desk, 1, far), OrdStatus::Canceled);
    assert_eq!(status(&desk, 2, bid), OrdStatus::New);
}

#[test]
fn an_order_that_is_rejected_for_something_else_cancels_nothing() {
    for mode in ["'cancel_oldest'", "'cancel_both'"] {
        let limits = [&prevented(mode)[..], &[("limits.max_quantity", "10")]].concat();
        let desk = Desk::open(&config(&limits));
        let older = desk.accept(sell(101, 1));
        desk.reject(buy(101, 11), Reason::MaxQuantity);
        let frame = desk.frame(buy(101, 1));
        let reasons = desk.gateway.pre_trade_reasons(&frame).unwrap();
        let is_taken = mode == "'cancel_oldest'";
        assert_eq!(reasons, if is_taken { vec![] } else { vec![Reason::SelfTrade] });
        assert_eq!(status(&desk, 1, older), OrdStatus::New, "asking changes nothing");
        assert_eq!(desk.send_frame(&frame).unwrap().accepted, is_taken);
        assert_eq!(status(&desk, 1, older), OrdStatus::Canceled);
    }
}

#[test]
fn a_replace_cancels_what_it_would_trade_with() {
    let desk = desk("'cancel_oldest'");
    let older = desk.accept(sell(101, 1));
    let bid = desk.accept(of(2, buy(100, 1)));
    let moved = desk.accept(of(2, replace(bid, buy(101, 1))));
    assert_eq!(status(&desk, 1, older), OrdStatus::Canceled);
    assert_eq!(status(&desk, 2, moved), OrdStatus::New);
}

#[test]
fn more_than_64_are_too_many_to_cancel_for_one() {
    let desk = desk("'cancel_oldest'");
    for _ in 0..65 {
        desk.accept(sell(101, 1));
    }
    desk.reject(buy(101, 1), Reason::SelfTrade);
    assert_eq!(status(&desk, 1, 1), OrdStatus::New);
    desk.accept(cancel_of(1, sell(1, 1)));
    desk.accept(buy(101, 1));
    assert!((2..=65).all(|id| status(&desk, 1, id) == OrdStatus::Canceled));
}

#[test]
fn an_order_whose_replace_is_on_its_way_is_not_cancelled() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&prevented("'cancel_oldest'")));
    let older = desk.accept(sell(101, 1));
    hold.hold();
    let moved = desk.submit(replace(older, sell(102, 1)));
    let newer = desk.submit(of(2, buy(102, 1)));
    hold.release();
    let acks = desk.acks(2);
    assert!(acks[&moved].accepted);
    assert_eq!(acks[&newer].reason, Some(Reason::SelfTrade));
    assert_eq!(status(&desk, 1, moved), OrdStatus::New);
}

#[test]
fn an_order_that_is_on_its_way_is_cancelled_behind_itself() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&prevented("'cancel_oldest'")));
    hold.hold();
    let older = desk.submit(sell(101, 1));
    hold.wait_for(1);
    let newer = desk.submit(of(2, buy(101, 1)));
    // Its cancel is on its way: one is enough.
    let newest = desk.submit(of(3, buy(102, 1)));
    hold.release();
    let acks = desk.acks(3);
    assert!([older, newer, newest].iter().all(|id| acks[id].accepted), "{acks:?}");
    assert_eq!(status(&desk, 1, older), OrdStatus::Canceled);
    assert_eq!(status(&desk, 2, newer), OrdStatus::New);
    assert_eq!(desk.status(older).cum_quantity, 0);
    assert_eq!(acks[&newest].order_id - acks[&older].order_id, 3, "one cancel has an id");
}

/// What was decided and not sent when the process ended is sent afterwards, cancels first.
#[test]
fn a_crash_between_the_decision_and_the_venue_leaves_them_apart() {
    for mode in ["'cancel_oldest'", "'cancel_both'"] {
        let (folder, copy) = (Folder::new(), Folder::new());
        let (desk, hold) = Desk::open_held(&folder.config(&prevented(mode)));
        let older = desk.accept(sell(101, 1));
        hold.hold();
        let newer = desk.submit(of(2, buy(101, 1)));
        // Durable, and no answer of the venue written down.
        hold.wait_for(1);
        copy_journal(&folder.journal(), &copy.journal());
        hold.release();
        desk.acks(1);
        desk.gateway.close().unwrap();
        for folder in [folder, copy] {
            let again = Desk::open(&folder.config(&prevented(mode)));
            assert_eq!(status(&again, 1, older), OrdStatus::Canceled);
            let is_taken = mode == "'cancel_oldest'";
            let expected = if is_taken { OrdStatus::New } else { OrdStatus::Rejected };
            assert_eq!(status(&again, 2, newer), expected);
            let state = again.gateway.order_status(2, newer).unwrap();
            assert_eq!(state.cum_quantity, 0);
        }
    }
}

#[test]
fn what_is_cancelled_by_the_gateway_stays_so_after_a_restart() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&prevented("'cancel_oldest'")));
    desk.accept(sell(101, 1));
    let newer = desk.accept(of(2, buy(101, 1)));
    let last = desk.accept(limit(Side::Sell, 105, 1));
    let order_id = desk.status(last).order_id;
    drop(desk);
    let desk = Desk::reopen(&folder.config(&prevented("'cancel_oldest'")), last);
    assert_eq!(status(&desk, 1, 1), OrdStatus::Canceled);
    assert_eq!(status(&desk, 2, newer), OrdStatus::New);
    let next = desk.accept(buy(99, 1));
    assert_eq!(desk.status(next).order_id, order_id + 1);
}
