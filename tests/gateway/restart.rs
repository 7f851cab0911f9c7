//! What a gateway with a journal knows after a restart: everything, as if there had been none.

use tinywindow::Error::{self, StaleSequence, Throttled, Unauthenticated};
use tinywindow::Reason;
use tinywindow::gateway::{
    ExecError, ExecutionReport, HaltScope, KeyState, OrdStatus, OrderAck, OrderState, RETRY_MEMORY,
};
use tinywindow::order::{Order, Side, UNIT};
use tinywindow::signing;

use crate::changes::instrument;
use crate::desk::*;

fn refused(error: Error) -> Result<OrderAck, ExecError> {
    Err(ExecError::Refused(error))
}

/// Ends a gateway: closed, or dropped as it is.
fn endings() -> [fn(Desk); 2] {
    [|desk| desk.gateway.close().unwrap(), drop]
}

#[test]
fn sequences_retries_and_order_ids_go_on() {
    for end in endings() {
        let folder = Folder::new();
        let config = folder.config(&[("limits.max_quantity", "10")]);
        let desk = Desk::open(&config);
        let frames = [buy(100, 1), buy(100, 11)].map(|order| desk.frame(order));
        let acks = frames.clone().map(|frame| desk.send_frame(&frame).unwrap());
        end(desk);
        let desk = Desk::open(&config);
        for (frame, ack) in frames.iter().zip(acks) {
            assert_eq!(desk.send_frame(frame), Ok(OrderAck { duplicate: true, ..ack }));
        }
        let other = Order { sequence: 2, ..named(9, buy(100, 1)) };
        assert_eq!(desk.try_send(other), refused(Error::SequenceReused));
        assert_eq!(desk.send(Order { sequence: 3, ..buy(100, 1) }).order_id, 3);
    }
}

#[test]
fn the_memory_of_frames_is_as_long_as_before() {
    let folder = Folder::new();
    // None is refused because the disk is slow.
    let config = folder.config(&[("gateway.max_in_flight", "8_192")]);
    let desk = Desk::open(&config);
    let frames: Vec<_> = (0..=RETRY_MEMORY).map(|_| desk.frame(buy(100, 1))).collect();
    for (tag, frame) in frames.iter().enumerate() {
        desk.gateway.submit(frame, tag as u64).unwrap();
    }
    drop(desk);
    let desk = Desk::open(&config);
    assert_eq!(desk.send_frame(&frames[0]), refused(StaleSequence));
    assert!(desk.send_frame(&frames[1]).unwrap().duplicate);
}

#[test]
fn throttles_are_as_empty_as_they_were() {
    let folder = Folder::new();
    let changes = [("sessions.per_second", "10"), ("sessions.burst", "2")];
    let changes = [&changes[..], &[("throttle.per_second", "1"), ("throttle.burst", "3")]].concat();
    let config = folder.config(&changes);
    let desk = Desk::open(&config);
    desk.accept(buy(100, 1));
    desk.accept(buy(100, 1));
    drop(desk);
    let desk = Desk::reopen(&config, 2);
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled));
    desk.accept(of(2, buy(100, 1)));
    drop(desk);
    let desk = Desk::reopen(&config, 3);
    desk.clock.set(NOW + SECOND / 10);
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled), "by the gateway's own rate");
    desk.clock.set(NOW + SECOND);
    desk.accept(buy(100, 1));
}

#[test]
fn a_rate_raised_in_the_text_frees_at_once_whom_the_old_one_held_back() {
    let rates = |rate: &'static str, burst: &'static str| {
        ["throttle", "sessions"].into_iter().flat_map(move |table| {
            let keys = match table {
                "throttle" => vec![("throttle.per_second", rate), ("throttle.burst", burst)],
                _ => vec![
                    ("sessions.per_second", rate),
                    ("sessions.burst", burst),
                    ("sessions.cancels_per_second", rate),
                    ("sessions.cancels_burst", burst),
                ],
            };
            keys.into_iter()
        })
    };
    let folder = Folder::new();
    let slow: Vec<_> = rates("1", "1000").collect();
    let fast: Vec<_> = rates("1000", "5").collect();
    let desk = Desk::open(&folder.config(&slow));
    for _ in 0..50 {
        let order = desk.accept(buy(100, 1));
        desk.accept(cancel(order));
    }
    drop(desk);

    let desk = Desk::reopen(&folder.config(&fast), 100);
    assert_eq!(desk.try_send(buy(100, 1)), refused(Error::Throttled), "no token is given away");
    desk.clock.set(NOW + SECOND / 1000);
    let order = desk.accept(buy(100, 1));
    desk.accept(cancel(order));
}

#[test]
fn orders_positions_and_their_limits_are_as_before() {
    for end in endings() {
        let folder = Folder::new();
        let changes = [("limits.max_position", "10"), ("sessions.max_open_orders", "2")];
        let config = folder.config(&changes);
        let desk = Desk::open(&config);
        let order = desk.accept(buy(100, 6));
        desk.accept(Order { account: text("other"), ..of(2, sell(100, 2)) });
        let replaced = desk.accept(replace(order, buy(99, 7)));
        let cancelled = desk.accept(cancel(desk.accept(buy(90, 1))));
        let ids = [order, replaced, cancelled, cancelled - 1];
        let before = ids.map(|id| desk.status(id));
        end(desk);
        let desk = Desk::reopen(&config, 10);
        assert_eq!(ids.map(|id| desk.status(id)), before);
        desk.reject(buy(98, 4), Reason::MaxPosition);
        desk.accept(buy(98, 3));
        desk.reject(sell(101, 1), Reason::MaxOpenOrders);
        desk.accept(cancel(replaced));
        desk.reject(buy(98, 6), Reason::MaxPosition);
        desk.accept(buy(98, 5));
    }
}

#[test]
fn halts_stay_until_they_are_lifted() {
    let scopes = [
        HaltScope::Gateway,
        HaltScope::Session(1),
        HaltScope::Symbol(text("AAPL")),
        HaltScope::Account(text("fund")),
    ];
    for (scope, reason) in scopes.into_iter().zip(Reason::ALL) {
        let folder = Folder::new();
        Desk::open(&folder.config(&[])).gateway.halt(scope).unwrap();
        let desk = Desk::open(&folder.config(&[]));
        desk.reject(buy(100, 1), *reason);
        desk.gateway.resume(scope).unwrap();
        drop(desk);
        Desk::reopen(&folder.config(&[]), 1).accept(buy(100, 1));
    }
}

#[test]
fn a_retired_key_stays_retired_and_the_others_are_told_again() {
    let folder = Folder::new();
    let path = folder.journal().with_extension("key");
    std::fs::write(&path, key(1)).unwrap();
    let keys = format!("['{}']", path.display());
    let text = folder.config(&[]).replacen("id = 1\n", &format!("id = 1\nkeys = {keys}\n"), 1);
    let key_id = signing::key_id(&key(1)).unwrap();
    let open = |text: &str| tinywindow::Gateway::open(text).unwrap();
    let gateway = open(&text);
    gateway.add_key(1, &key(50)).unwrap();
    gateway.retire_key(1, key_id).unwrap();
    drop(gateway);
    let gateway = open(&text);
    assert_eq!(gateway.add_key(1, &key(1)), Err(Error::Conflict));
    let states = || gateway.keys(1).unwrap().iter().map(|key| key.state).collect::<Vec<_>>();
    assert_eq!(states(), [KeyState::Retired, KeyState::Absent]);
    let desk = || Desk::open(&config(&[]));
    let frame = desk().frame(buy(100, 1));
    assert_eq!(gateway.send(&frame, PATIENCE), refused(Unauthenticated));
    gateway.add_key(1, &key(50)).expect("the journal holds no key: it is handed over again");
    assert_eq!(states(), [KeyState::Retired, KeyState::Active]);
    gateway.add_key(1, &key(50)).expect_err("once");
}

#[test]
fn an_instrument_that_is_not_in_the_text_comes_back_restricted() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    desk.gateway.set_instrument(instrument("NEW")).unwrap();
    let order = desk.accept(Order { symbol: text("NEW"), ..buy(100, 1) });
    drop(desk);
    let desk = Desk::reopen(&folder.config(&[]), 5);
    desk.reject(Order { symbol: text("NEW"), ..buy(100, 1) }, Reason::RestrictedSymbol);
    desk.accept(Order { symbol: text("NEW"), ..cancel(order) });
    desk.gateway.set_instrument(instrument("NEW")).unwrap();
    desk.accept(Order { symbol: text("NEW"), ..buy(100, 1) });
}

#[test]
fn a_reference_price_outlives_the_one_in_the_text() {
    let folder = Folder::new();
    let changes = [("AAPL.reference_price", "100"), ("AAPL.collar_percent", "10")];
    let config = folder.config(&changes);
    let desk = Desk::open(&config);
    desk.accept(buy(100, 1));
    desk.gateway.set_reference_price(&text("AAPL"), 200 * UNIT as i64).unwrap();
    drop(desk);
    let desk = Desk::reopen(&config, 1);
    desk.reject(buy(100, 1), Reason::PriceCollar);
    desk.accept(buy(200, 1));
}

#[test]
fn what_the_text_says_of_limits_wins() {
    let folder = Folder::new();
    let first = [("limits.max_quantity", "10"), ("freshness.back_ms", "1000")];
    Desk::open(&folder.config(&first)).reject(buy(100, 11), Reason::MaxQuantity);
    let second = [("limits.max_quantity", "20"), ("sessions.max_open_orders", "1")];
    let desk = Desk::reopen(&folder.config(&second), 1);
    desk.clock.set(NOW + 4 * SECOND);
    desk.accept(buy(100, 11));
    desk.reject(buy(100, 1), Reason::MaxOpenOrders);
    drop(desk);
    let desk = Desk::reopen(&folder.config(&first), 3);
    desk.clock.set(NOW + 4 * SECOND);
    assert_eq!(desk.try_send(buy(100, 1)), refused(Error::StaleTime));
}

#[test]
fn what_was_decided_and_not_delivered_is_delivered_at_the_next_start() {
    let folder = Folder::new();
    let copy = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    let resting = desk.accept(sell(100, 10));
    hold.hold();
    let submitted = [buy(100, 4), buy(99, 1)].map(|order| desk.frame(order));
    for frame in &submitted {
        desk.gateway.submit(frame, 0).unwrap();
    }
    hold.wait_for(1);
    copy_journal(&folder.journal(), &copy.journal());
    hold.release();
    // The copy is what a crash before the venue would have left behind.
    let after = Desk::open(&copy.config(&[]));
    assert_eq!(after.status(resting).cum_quantity, 4 * UNIT);
    let ack = after.send_frame(&submitted[0]).unwrap();
    assert!(ack.accepted && ack.duplicate);
}

fn resting_side(desk: &Desk, side: Side) {
    for (price, quantity) in [(100, 3), (101, 4), (100, 5), (101, 2), (100, 1)] {
        desk.accept(limit(side, price, quantity));
    }
}

/// Gives orders their places in the queue by every means, then lets others trade with them.
fn queue_and_trade(config: &str, in_between: impl Fn(Desk) -> Desk) -> Vec<ExecutionReport> {
    let desk = Desk::open(config);
    resting_side(&desk, Side::Sell);
    desk.accept(Order { account: text("other"), ..of(2, buy(100, 1)) });
    desk.accept(replace(1, named(20, sell(100, 2))));
    desk.accept(replace(3, named(21, sell(100, 9))));
    desk.accept(replace(2, named(22, sell(100, 4))));
    desk.accept(Order { side: Side::Sell, ..cancel(4) });
    let desk = in_between(desk);
    desk.completions();
    for quantity in [2, 1, 7, 20] {
        desk.accept(Order { account: text("other"), ..of(2, buy(101, quantity)) });
    }
    desk.executions()
}

#[test]
fn the_book_is_rebuilt_in_the_same_priority() {
    let expected = queue_and_trade(&config(&[]), |desk| desk);
    for end in endings() {
        let folder = Folder::new();
        let config = folder.config(&[]);
        let executions = queue_and_trade(&config, |desk| {
            end(desk);
            Desk::reopen(&config, 10)
        });
        assert_eq!(executions, expected);
    }
}

#[test]
fn a_chain_of_restarts_forgets_nothing() {
    let folder = Folder::new();
    let mut before: Vec<OrderState> = Vec::new();
    for round in 0..10 {
        let desk = Desk::reopen(&folder.config(&[]), before.len() as u64);
        let now: Vec<OrderState> = before.iter().map(|s| desk.status(s.client_order_id)).collect();
        assert_eq!(now, before);
        desk.accept(buy(100 + round, 1));
        before = (1..=before.len() as u64 + 1).map(|id| desk.status(id)).collect();
    }
    assert!(before.iter().all(|state| state.ord_status == OrdStatus::New));
}
