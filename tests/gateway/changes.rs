//! What changes at run time: keys, instruments, reference prices; and what happens at the limits
//! of what a gateway may hold.

use std::time::Duration;

use tinywindow::gateway::{
    ExecError, HaltScope, Hours, Instrument, KeyState, MAX_KEYS_PER_SESSION, NO_COLLAR, Permitted,
    SessionKey, TICK_BANDS_MAX, TickBand, UNLIMITED,
};
use tinywindow::order::{OrdType, Order, PRICE_NONE, Side, TimeInForce, UNIT};
use tinywindow::signing::{self, Suite};
use tinywindow::{Error, Reason};

use crate::desk::*;

pub fn instrument(symbol: &str) -> Instrument {
    Instrument {
        symbol: text(symbol),
        restricted: false,
        tick: UNIT,
        lot: UNIT,
        min_quantity: 0,
        max_quantity: UNLIMITED,
        min_price: i64::MIN,
        max_price: i64::MAX,
        max_notional: UNLIMITED,
        max_position: UNLIMITED,
        collar_basis_points: NO_COLLAR,
        last_trade_collar_basis_points: NO_COLLAR,
        locate: UNLIMITED,
        hours: Hours::default(),
        sides: Permitted::sides(Side::ALL),
        order_types: Permitted::order_types(OrdType::ALL),
        times_in_force: Permitted::times_in_force(TimeInForce::ALL),
    }
}

#[test]
fn keys_are_listed_as_they_came_with_their_state() {
    let desk = Desk::open(&config(&[]));
    let second = signing::public_key(&signing::keygen(Suite::Ed25519, 5)).unwrap();
    desk.gateway.add_key(1, &second).unwrap();
    let ids = [key(1), second].map(|key| signing::key_id(&key).unwrap());
    desk.gateway.retire_key(1, ids[0]).unwrap();
    assert_eq!(
        desk.gateway.keys(1).unwrap(),
        [
            SessionKey { key_id: ids[0], suite: Suite::HmacSha256, state: KeyState::Retired },
            SessionKey { key_id: ids[1], suite: Suite::Ed25519, state: KeyState::Active },
        ]
    );
    assert_eq!(desk.gateway.retire_key(1, ids[0]), Ok(()), "retiring again is fine");
}

#[test]
fn keys_of_nobody_are_not_found() {
    let desk = Desk::open(&config(&[]));
    assert_eq!(desk.gateway.add_key(99, &key(9)), Err(Error::NotFound));
    assert_eq!(desk.gateway.keys(99), Err(Error::NotFound));
    assert_eq!(desk.gateway.retire_key(99, 1), Err(Error::NotFound));
    assert_eq!(desk.gateway.retire_key(1, 1), Err(Error::NotFound));
    assert_eq!(desk.gateway.add_key(1, b"no key"), Err(Error::Key));
    let secret = signing::keygen(Suite::Ed25519, 5);
    assert_eq!(desk.gateway.add_key(1, &secret), Err(Error::KeyKind), "the public one is enough");
    assert_eq!(desk.gateway.add_key(1, &key(1)), Err(Error::Conflict), "it has it");
}

#[test]
fn a_session_has_a_limited_number_of_keys_and_may_roll_them_over_for_ever() {
    let desk = Desk::open(&config(&[]));
    for seed in 1..MAX_KEYS_PER_SESSION as u64 {
        desk.gateway.add_key(1, &key(100 + seed)).unwrap();
    }
    for seed in 200..200 + 2 * MAX_KEYS_PER_SESSION as u64 {
        assert_eq!(desk.gateway.add_key(1, &key(seed)), Err(Error::Capacity));
        let oldest = desk
            .gateway
            .keys(1)
            .unwrap()
            .into_iter()
            .find(|key| key.state == KeyState::Active)
            .unwrap();
        desk.gateway.retire_key(1, oldest.key_id).unwrap();
        desk.gateway.add_key(1, &key(seed)).unwrap();
    }
}

#[test]
fn an_instrument_set_at_run_time_trades_and_its_limits_change_at_once() {
    let desk = Desk::open(&config(&[]));
    let order = Order { symbol: text("NEW"), ..buy(100, 5) };
    desk.reject(order, Reason::UnknownSymbol);
    desk.gateway.set_instrument(instrument("NEW")).unwrap();
    desk.accept(order);
    let smaller = Instrument { max_quantity: 4 * UNIT, ..instrument("NEW") };
    desk.gateway.set_instrument(smaller).unwrap();
    desk.reject(order, Reason::MaxQuantity);
    desk.gateway.set_instrument(Instrument { restricted: true, ..smaller }).unwrap();
    desk.reject(order, Reason::RestrictedSymbol);
}

#[test]
fn an_impossible_instrument_is_refused() {
    let desk = Desk::open(&config(&[]));
    let good = instrument("NEW");
    for bad in [
        Instrument { symbol: [0; 16], ..good },
        Instrument { symbol: [b' '; 16], ..good },
        Instrument { tick: 0, ..good },
        Instrument { tick: 1 << 63, ..good },
        Instrument { max_quantity: 0, ..good },
        Instrument { max_notional: 0, ..good },
        Instrument { max_position: 0, ..good },
        Instrument { locate: 0, ..good },
        Instrument { collar_basis_points: 0, ..good },
        Instrument { collar_basis_points: 1_000_001, ..good },
        Instrument { last_trade_collar_basis_points: 0, ..good },
        Instrument { last_trade_collar_basis_points: 1_000_001, ..good },
        Instrument { min_quantity: UNLIMITED, ..good },
        Instrument { min_price: 0, ..good },
        Instrument { min_price: -1, ..good },
        Instrument { max_price: 0, ..good },
        Instrument { min_quantity: 2, max_quantity: 1, ..good },
        Instrument { min_price: 2, max_price: 1, ..good },
        Instrument { hours: Hours { opens_s: 86_400, closes_s: 0 }, ..good },
        Instrument { hours: Hours { opens_s: 0, closes_s: 86_400 }, ..good },
        Instrument { lot: 0, ..good },
        Instrument { lot: UNLIMITED, ..good },
        Instrument { sides: Permitted(0), ..good },
        Instrument { order_types: Permitted(0), ..good },
        Instrument { times_in_force: Permitted(0), ..good },
        Instrument { sides: Permitted(1 << 3), ..good },
        Instrument { order_types: Permitted(1 << 31), ..good },
        Instrument { times_in_force: Permitted(1 << 2), ..good },
    ] {
        assert_eq!(desk.gateway.set_instrument(bad), Err(Error::Argument), "{bad:?}");
    }
}

#[test]
fn a_reference_price_moves_the_collar_at_once() {
    let desk = Desk::open(&config(&[("AAPL.collar_percent", "10")]));
    let set = |symbol, price| desk.gateway.set_reference_price(&text(symbol), price);
    desk.reject(buy(100, 1), Reason::NoReferencePrice);
    set("AAPL", 100 * UNIT as i64).unwrap();
    desk.accept(buy(100, 1));
    set("AAPL", 200 * UNIT as i64).unwrap();
    desk.reject(buy(100, 1), Reason::PriceCollar);
    assert_eq!(set("NONE", 1), Err(Error::NotFound));
    for price in [0, -1, PRICE_NONE] {
        assert_eq!(set("AAPL", price), Err(Error::Argument), "{price}: no text has it");
    }
    desk.accept(buy(200, 1));
}

#[test]
fn halts_of_what_is_not_there_are_not_found() {
    let desk = Desk::open(&config(&[]));
    assert_eq!(desk.gateway.halt(HaltScope::Session(99)), Err(Error::NotFound));
    assert_eq!(desk.gateway.halt(HaltScope::Symbol(text("NONE"))), Err(Error::NotFound));
    assert_eq!(desk.gateway.resume(HaltScope::Gateway), Ok(()), "what is not halted resumes too");
}

#[test]
fn a_full_gateway_refuses_orders_and_still_takes_their_cancels() {
    let desk = Desk::open(&config(&[("sessions.max_orders", "3")]));
    let orders = [buy(100, 1), buy(99, 1), buy(98, 1)].map(|order| desk.accept(order));
    let full = ExecError::Refused(Error::Capacity);
    let frame = desk.frame(buy(100, 1));
    assert_eq!(desk.send_frame(&frame), Err(full));
    assert_eq!(desk.try_send(replace(orders[0], buy(100, 2))), Err(full));
    assert_eq!(desk.gateway.pre_trade_check(&frame), Err(full));
    for order in orders {
        desk.accept(cancel(order));
    }
    desk.reject(cancel(orders[0]), Reason::OrderClosed);
}

#[test]
fn rejections_take_no_room_from_orders_and_their_cancels() {
    let limits = [("sessions.max_orders", "3"), ("limits.max_quantity", "20")];
    let desk = Desk::open(&config(&limits));
    for _ in 0..3 {
        desk.reject(cancel(999), Reason::UnknownOrder);
    }
    let full = ExecError::Refused(Error::Capacity);
    assert_eq!(desk.try_send(cancel(999)), Err(full), "so many rejections and no more");
    assert_eq!(desk.try_send(buy(100, 21)), Err(full), "of any kind");
    let orders = [buy(100, 1), buy(99, 1), buy(98, 1)].map(|order| desk.accept(order));
    for order in orders {
        desk.accept(cancel(order));
    }
}

#[test]
fn cancels_take_no_room_from_orders() {
    let desk = Desk::open(&config(&[("sessions.max_orders", "3")]));
    let first = desk.accept(buy(100, 1));
    desk.accept(cancel(first));
    desk.accept(buy(100, 1));
    desk.accept(buy(100, 1));
    assert_eq!(desk.try_send(buy(100, 1)), Err(ExecError::Refused(Error::Capacity)));
}

#[test]
fn a_session_that_fills_its_room_leaves_the_others_theirs() {
    let limits = [("gateway.max_orders", "12"), ("limits.max_quantity", "20")];
    let desk = Desk::open(&config(&limits));
    let full = Err(ExecError::Refused(Error::Capacity));
    for session_id in SESSIONS {
        let own = |order| of(session_id, order);
        let orders = [buy(100, 1), buy(99, 1), buy(98, 1)].map(|order| desk.accept(own(order)));
        assert_eq!(desk.try_send(own(buy(97, 1))), full, "a quarter of the gateway's");
        for order in orders {
            desk.reject(own(buy(100, 21)), Reason::MaxQuantity);
            desk.accept(own(cancel(order)));
        }
        assert_eq!(desk.try_send(own(buy(100, 21))), full);
    }
}

#[test]
fn a_session_that_fills_its_room_finds_it_full_after_a_restart() {
    let folder = Folder::new();
    let config = folder.config(&[("sessions.max_orders", "2")]);
    let desk = Desk::open(&config);
    desk.accept(buy(100, 1));
    desk.accept(buy(100, 1));
    drop(desk);
    let desk = Desk::reopen(&config, 2);
    assert_eq!(desk.try_send(buy(100, 1)), Err(ExecError::Refused(Error::Capacity)));
    desk.accept(of(2, buy(100, 1)));
}

#[test]
fn a_session_that_names_all_its_accounts_leaves_the_others_theirs() {
    const SHARE: u64 = 65_536 / SESSIONS.len() as u64;
    let desk = Desk::open(&config(&[("gateway.max_orders", "100_000")]));
    let named = |number: u64| text(&format!("A{number}"));
    for number in 1..=SHARE {
        desk.accept(Order { account: named(number), ..buy(100, 1) });
    }
    let one_more = Order { account: named(0), ..buy(100, 1) };
    assert_eq!(desk.try_send(one_more), Err(ExecError::Refused(Error::Capacity)));
    desk.accept(Order { account: named(1), ..buy(100, 1) });
    desk.accept(of(2, one_more));
    desk.accept(one_more);
}

#[test]
fn undrained_completions_stop_the_sessions_orders_and_neither_its_cancels_nor_others() {
    let desk = Desk::open(&config(&[("sessions.max_completions", "4")]));
    let order = desk.submit(buy(100, 1));
    desk.submit(buy(100, 1));
    let frame = desk.frame(Order { sequence: 100, ..buy(100, 1) });
    assert_eq!(desk.gateway.submit(&frame, 0), Err(Error::Busy));
    assert_eq!(desk.send_frame(&frame), Err(ExecError::Refused(Error::Busy)));
    desk.submit(of(2, buy(100, 1)));
    desk.submit(cancel(order));
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    desk.gateway.resume(HaltScope::Gateway).unwrap();
    assert_eq!(desk.completions().len(), 8);
    assert!(desk.send_frame(&frame).unwrap().accepted, "drained, the same frame passes");
}

#[test]
fn executions_fill_the_share_of_the_session_whose_order_it_is() {
    let desk = Desk::open(&config(&[("sessions.max_completions", "4")]));
    let busy = Err(ExecError::Refused(Error::Busy));
    assert_eq!(desk.completions(), []);
    desk.accept(of(2, buy(100, 10)));
    desk.accept(sell(100, 1));
    desk.accept(sell(100, 1));
    assert_eq!(desk.try_send(sell(100, 1)), busy, "two new ones and two trades");
    desk.accept(of(2, buy(99, 1)));
    assert_eq!(desk.try_send(of(2, buy(99, 1))), busy, "the same two trades are its own too");
    desk.accept(of(3, sell(100, 1)));
    assert_eq!(desk.completions().len(), 11, "what happened is told, whosever share is full");
    desk.accept(of(2, buy(99, 1)));
    desk.accept(sell(100, 1));
}

#[test]
fn too_much_in_flight_stops_the_sessions_orders_and_neither_cancels_nor_others() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[("sessions.max_in_flight", "2")]));
    let order = desk.accept(buy(100, 1));
    hold.hold();
    desk.submit(buy(100, 1));
    desk.submit(buy(100, 1));
    let frame = desk.frame(Order { sequence: 100, ..buy(100, 1) });
    assert_eq!(desk.gateway.submit(&frame, 0), Err(Error::Busy));
    desk.submit(of(2, buy(100, 1)));
    let cancelled = desk.submit(cancel(order));
    desk.submit(cancel(order));
    let one_more = desk.frame(cancel(order));
    assert_eq!(desk.gateway.submit(&one_more, 0), Err(Error::Busy), "cancels have a limit too");
    std::thread::scope(|scope| {
        let halt = scope.spawn(|| desk.gateway.halt(HaltScope::Gateway));
        std::thread::sleep(Duration::from_millis(20));
        assert!(!halt.is_finished(), "it waits to be durable");
        hold.release();
        assert_eq!(halt.join().unwrap(), Ok(()));
    });
    assert!(desk.acks(5)[&cancelled].accepted);
    assert_eq!(desk.send_frame(&frame).unwrap().reason, Some(Reason::HaltedGateway));
}

#[test]
fn sessions_divide_what_may_be_in_flight_and_undrained() {
    let folder = Folder::new();
    let sizes = [("gateway.max_in_flight", "4"), ("gateway.max_completions", "8")];
    let (desk, hold) = Desk::open_held(&folder.config(&sizes));
    let each = |session_id| of(session_id, buy(100, 1));
    hold.hold();
    for session_id in SESSIONS {
        desk.submit(each(session_id));
        let frame = desk.frame(each(session_id));
        assert_eq!(desk.gateway.submit(&frame, 0), Err(Error::Busy), "a quarter of four");
    }
    hold.release();
    desk.gateway.set_reference_price(&text("AAPL"), 1).unwrap();
    for session_id in SESSIONS {
        let frame = desk.frame(each(session_id));
        assert_eq!(desk.gateway.submit(&frame, 0), Err(Error::Busy), "an ack and an execution");
    }
    assert_eq!(desk.completions().len(), 8);
    for session_id in SESSIONS {
        desk.accept(each(session_id));
    }
}

#[test]
fn a_session_that_is_gone_from_the_text_fills_nobodys_share() {
    let folder = Folder::new();
    let four = folder.config(&[("gateway.max_completions", "8")]);
    let desk = Desk::open(&four);
    for session_id in SESSIONS {
        desk.accept(of(session_id, buy(100, 2)));
    }
    drop(desk);
    // Only the first is left: the others' orders still trade with its own.
    let first = four.find("[[sessions]]").unwrap();
    let second = first + 1 + four[first + 1..].find("[[sessions]]").unwrap();
    let rest = four.find("[[instruments]]").unwrap();
    let one = format!("{}{}", &four[..second], &four[rest..]);
    let desk = Desk::reopen(&one, 4);
    assert_eq!(desk.completions().len(), 0);
    desk.accept(sell(100, 6));
    assert_eq!(desk.completions().len(), 7, "a new one, and both sides of three trades");
}

fn band(from: u64, tick: u64) -> TickBand {
    TickBand { from: from * UNIT, tick: tick * UNIT }
}

#[test]
fn ticks_change_at_once_and_outlive_the_process_until_the_text_says_otherwise() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    let symbol = text("AAPL");
    desk.accept(buy(101, 1));
    desk.gateway.set_tick_bands(&symbol, &[band(100, 5), band(200, 10)]).unwrap();
    desk.reject(buy(101, 1), Reason::Tick);
    desk.reject(buy(205, 1), Reason::Tick);
    desk.gateway.set_tick_bands(&symbol, &[band(100, 2)]).unwrap();
    desk.accept(buy(102, 1));
    desk.reject(buy(205, 1), Reason::Tick);
    desk.gateway.set_tick_bands(&symbol, &[]).unwrap();
    desk.accept(buy(205, 1));
    drop(desk);
    let banded = folder.config(&[("AAPL.tick_bands", "[{ from = 100, tick = 5 }]")]);
    let desk = Desk::reopen(&banded, 6);
    desk.reject(buy(101, 1), Reason::Tick);
    drop(desk);
    Desk::reopen(&banded, 7).reject(buy(101, 1), Reason::Tick);
    Desk::reopen(&folder.config(&[]), 8).accept(buy(101, 1));
}

#[test]
fn impossible_bands_of_ticks_are_refused() {
    let desk = Desk::open(&config(&[]));
    let set = |bands: &[TickBand]| desk.gateway.set_tick_bands(&text("AAPL"), bands);
    let many: Vec<TickBand> = (1..=TICK_BANDS_MAX as u64 + 1).map(|n| band(n, 1)).collect();
    assert_eq!(set(&many[1..]), Ok(()));
    for bad in [&many[..], &[band(0, 1)], &[band(1, 0)], &[band(2, 1), band(2, 2)]] {
        assert_eq!(set(bad), Err(Error::Argument));
    }
    let beyond = TickBand { from: 1 << 63, tick: 1 };
    assert_eq!(set(&[beyond]), Err(Error::Argument), "no price is as high");
    assert_eq!(desk.gateway.set_tick_bands(&text("NONE"), &[]), Err(Error::NotFound));
}
