//! Clocks that are wrong, and what is too old to be sent after a restart.

use std::process::Command;

use tinywindow::Error::{self, StaleTime, Throttled};
use tinywindow::Reason;
use tinywindow::gateway::{ExecError, HaltScope, OrdStatus, OrderAck};
use tinywindow::order::{Order, UNIT};

use crate::desk::*;

const DAY: u64 = 86_400 * SECOND;

fn refused(error: Error) -> Result<OrderAck, ExecError> {
    Err(ExecError::Refused(error))
}

/// Something is journaled while the clock is a day ahead; then the clock is corrected.
fn run_ahead(desk: &Desk) {
    desk.clock.set(NOW + DAY);
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    desk.gateway.resume(HaltScope::Gateway).unwrap();
    desk.clock.set(NOW);
}

#[test]
fn a_clock_that_ran_ahead_holds_nobody_back_once_it_is_corrected() {
    let desk = Desk::open(&config(&[]));
    run_ahead(&desk);
    let order = desk.frame(buy(100, 1));
    assert_eq!(desk.gateway.pre_trade_check(&order), Ok(()));
    assert_eq!(desk.send_frame(&order).unwrap().time, NOW);
    desk.clock.set(NOW + DAY);
    assert_eq!(desk.try_send(buy(100, 1)), refused(StaleTime), "by the clock as it is");
    desk.clock.set(NOW + SECOND);
    assert_eq!(desk.send(buy(100, 1)).time, NOW + SECOND);
}

#[test]
fn a_clock_that_ran_ahead_holds_nobody_back_after_a_restart() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    let before = desk.send(buy(100, 1));
    run_ahead(&desk);
    drop(desk);
    let desk = Desk::reopen(&folder.config(&[]), before.sequence);
    assert_eq!(desk.send(buy(100, 1)).time, NOW);
}

#[test]
fn a_clock_set_back_gives_no_token_away_and_takes_none() {
    let folder = Folder::new();
    let config = folder.config(&[("sessions.per_second", "10"), ("sessions.burst", "2")]);
    let desk = Desk::open(&config);
    desk.accept(buy(100, 1));
    run_ahead(&desk);
    let later = |order: Order| Order { sending_time: NOW + DAY, ..order };
    desk.clock.set(NOW + DAY);
    desk.accept(later(buy(100, 1)));
    desk.accept(later(buy(100, 1)));
    desk.clock.set(NOW);
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled));
    drop(desk);
    let desk = Desk::reopen(&config, 4);
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled));
    desk.clock.set(NOW + SECOND / 10);
    desk.accept(buy(100, 1));
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled));
}

#[test]
fn a_little_back_is_no_clock_set_back() {
    let desk = Desk::open(&config(&[]));
    assert_eq!(desk.send(buy(100, 1)).time, NOW);
    desk.clock.set(NOW - SECOND);
    assert_eq!(desk.send(buy(100, 1)).time, NOW);
    desk.clock.set(NOW - SECOND - 1);
    let order = Order { sending_time: NOW - SECOND, ..buy(100, 1) };
    assert_eq!(desk.send(order).time, NOW - SECOND - 1);
}

/// What a crash between journal and venue leaves behind: three orders that rest, then these.
fn crashed(orders: &[Order]) -> (Folder, Vec<Vec<u8>>) {
    let folder = Folder::new();
    let copy = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    desk.accept(sell(100, 10));
    desk.accept(buy(90, 5));
    hold.hold();
    let before = desk.submit(buy(80, 1));
    hold.wait_for(1);
    let frames: Vec<_> = orders.iter().map(|order| desk.frame(*order)).collect();
    for frame in &frames {
        desk.gateway.submit(frame, 0).unwrap();
    }
    // While it is held all of these gather in the next batch.
    hold.let_one_pass();
    while desk.status(before).accepted.is_none() {
        std::thread::yield_now();
    }
    hold.wait_for(1);
    let copied = Command::new("cp").arg("-r").args([folder.journal(), copy.journal()]).status();
    assert!(copied.unwrap().success());
    hold.release();
    (copy, frames)
}

#[test]
fn an_order_too_old_to_be_sent_after_a_restart_ends_rejected() {
    let (folder, frames) = crashed(&[buy(100, 4), replace(2, buy(100, 6)), cancel(2)]);
    let config = folder.config(&[("freshness.undelivered_ms", "3_000")]);
    let at = NOW + 3 * SECOND + 1;
    for _ in 0..2 {
        let desk = Desk::try_open(&config, at, None).unwrap();
        let answers = [0, 1].map(|frame| desk.send_frame(&frames[frame]).unwrap());
        for ack in answers {
            assert_eq!((ack.accepted, ack.reason), (false, Some(Reason::NotDelivered)));
        }
        assert_eq!(desk.status(1).cum_quantity, 0, "nothing was sent");
        assert_eq!(desk.status(4).ord_status, OrdStatus::Rejected);
        assert!(desk.send_frame(&frames[2]).unwrap().accepted, "a cancel is never too old");
        assert_eq!(desk.status(2).ord_status, OrdStatus::Canceled);
    }
}

#[test]
fn what_was_given_up_counts_nowhere() {
    let (folder, _) = crashed(&[buy(100, 4), replace(2, buy(91, 7))]);
    let limits = [("limits.max_position", "10"), ("sessions.max_open_orders", "4")];
    let config = folder.config(&limits);
    let desk = Desk::try_open(&config, NOW + 6 * SECOND, None).unwrap();
    let now = |order: Order| Order { sending_time: NOW + 6 * SECOND, ..order };
    let next = |sequence| now(Order { sequence, ..buy(91, 4) });
    desk.accept(next(6));
    desk.reject(Order { request: buy(91, 1).request, ..next(7) }, Reason::MaxOpenOrders);
    let status = desk.status(2);
    assert_eq!((status.leaves_quantity, status.price), (5 * UNIT, Some(90 * UNIT as i64)));
}

#[test]
fn an_order_young_enough_is_sent_after_a_restart() {
    let (folder, frames) = crashed(&[buy(100, 4)]);
    let desk = Desk::try_open(&folder.config(&[]), NOW + 5 * SECOND, None).unwrap();
    assert!(desk.send_frame(&frames[0]).unwrap().accepted);
    assert_eq!(desk.status(1).cum_quantity, 4 * UNIT);
}

#[test]
fn an_order_from_the_future_is_not_sent_after_a_restart() {
    let (folder, frames) = crashed(&[buy(100, 4)]);
    let desk = Desk::try_open(&folder.config(&[]), NOW - DAY, None).unwrap();
    let ack = desk.send_frame(&frames[0]).unwrap();
    assert_eq!(ack.reason, Some(Reason::NotDelivered), "nobody knows how old it is");
}
