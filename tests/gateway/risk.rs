//! Gate 5: one test for each reason, and the fixed order of the checks.

use tinywindow::Reason;
use tinywindow::gateway::{ExecError, HaltScope, OrdStatus};
use tinywindow::order::{Order, Request, Side, Terms, TimeInForce, UNIT};

use crate::desk::*;

pub fn with_terms(order: Order, change: impl Fn(&mut Terms)) -> Order {
    let mut terms = *order.terms().expect("terms");
    change(&mut terms);
    Order { request: Request::New(terms), ..order }
}

/// A desk with this change to the limits of AAPL, whose reference price is 100.
fn limited(key: &str, value: &str) -> Desk {
    let key = format!("AAPL.{key}");
    Desk::open(&config(&[(&key, value), ("AAPL.reference_price", "100")]))
}

fn market_of(symbol: &str, order: Order) -> Order {
    Order { symbol: text(symbol), ..order }
}

#[test]
fn each_halt_stops_its_scope_alone_until_it_is_lifted() {
    let scopes = [
        (HaltScope::Gateway, Reason::HaltedGateway, None),
        (HaltScope::Session(1), Reason::HaltedSession, Some(of(2, buy(100, 1)))),
        (
            HaltScope::Symbol(text("AAPL")),
            Reason::HaltedSymbol,
            Some(market_of("MSFT", buy(100, 1))),
        ),
        (
            HaltScope::Account(text("fund")),
            Reason::HaltedAccount,
            Some(Order { account: text("other"), ..buy(100, 1) }),
        ),
    ];
    for (scope, reason, outside) in scopes {
        let desk = Desk::open(&config(&[]));
        let order = desk.accept(buy(100, 1));
        desk.gateway.halt(scope).unwrap();
        desk.reject(buy(100, 1), reason);
        desk.reject(replace(order, buy(101, 1)), reason);
        if let Some(outside) = outside {
            desk.accept(outside);
        }
        desk.accept(cancel(order));
        desk.gateway.resume(scope).unwrap();
        desk.accept(buy(100, 1));
    }
}

#[test]
fn an_account_may_be_halted_before_its_first_order() {
    let desk = Desk::open(&config(&[]));
    desk.gateway.halt(HaltScope::Account(text("fund"))).unwrap();
    desk.reject(buy(100, 1), Reason::HaltedAccount);
}

#[test]
fn an_order_for_no_instrument_is_rejected() {
    let desk = Desk::open(&config(&[]));
    desk.reject(market_of("NONE", buy(100, 1)), Reason::UnknownSymbol);
}

#[test]
fn a_restricted_instrument_takes_no_order() {
    limited("restricted", "true").reject(buy(100, 1), Reason::RestrictedSymbol);
}

#[test]
fn a_side_that_is_not_permitted_is_rejected() {
    let desk = limited("sides", "['buy', 'sell']");
    desk.reject(limit(Side::SellShort, 100, 1), Reason::Side);
    desk.accept(sell(100, 1));
}

#[test]
fn an_order_type_that_is_not_permitted_is_rejected() {
    let desk = limited("order_types", "['limit']");
    desk.reject(market(Side::Buy, 1), Reason::OrderType);
    desk.reject(stop_limit(100, 1), Reason::OrderType);
    desk.accept(buy(100, 1));
}

#[test]
fn a_time_in_force_that_is_not_permitted_is_rejected() {
    let desk = limited("times_in_force", "['day']");
    desk.reject(buy(100, 1), Reason::TimeInForce);
    desk.accept(with_terms(buy(100, 1), |terms| terms.time_in_force = TimeInForce::Day));
}

#[test]
fn both_prices_must_be_on_the_tick() {
    let desk = limited("order_types", "['limit', 'stop_limit']");
    let off = UNIT as i64 / 1000;
    let add = |price: &mut Option<i64>| *price = price.map(|price| price + off);
    desk.reject(with_terms(buy(100, 1), |terms| add(&mut terms.price)), Reason::Tick);
    desk.reject(with_terms(stop_limit(100, 1), |terms| add(&mut terms.stop_price)), Reason::Tick);
    desk.accept(with_terms(buy(100, 1), |terms| terms.price = Some(-(UNIT as i64))));
}

#[test]
fn the_tick_is_that_of_the_band_of_the_price() {
    let bands = "[{ from = 50, tick = '0.5' }, { from = '100', tick = 5 }]";
    let desk = limited("tick_bands", bands);
    let at =
        |cents: i64| with_terms(buy(1, 1), |terms| terms.price = Some(cents * UNIT as i64 / 100));
    for cents in [1, 4_999, 5_000, 9_950, 10_000, 10_500] {
        desk.accept(at(cents));
        desk.accept(at(-cents));
    }
    for cents in [5_001, 9_999, 10_050, 10_499] {
        desk.reject(at(cents), Reason::Tick);
        desk.reject(at(-cents), Reason::Tick);
    }
    desk.reject(with_terms(at(0), |t| t.price = Some(UNIT as i64 / 1000)), Reason::Tick);
}

#[test]
fn the_quantity_must_be_whole_lots() {
    let desk = limited("lot", "100");
    desk.reject(buy(100, 150), Reason::Lot);
    desk.accept(buy(100, 200));
}

#[test]
fn the_quantity_limit_is_the_last_that_passes() {
    let desk = limited("max_quantity", "10");
    desk.accept(buy(100, 10));
    desk.reject(buy(100, 11), Reason::MaxQuantity);
}

#[test]
fn checks_that_need_a_reference_price_reject_without_one() {
    let desk = Desk::open(&config(&[("AAPL.max_notional", "1000"), ("MSFT.collar_percent", "10")]));
    desk.reject(market(Side::Buy, 1), Reason::NoReferencePrice);
    desk.accept(buy(100, 1));
    desk.reject(market_of("MSFT", buy(100, 1)), Reason::NoReferencePrice);
}

#[test]
fn the_notional_limit_is_the_last_that_passes() {
    let desk = limited("max_notional", "1000");
    desk.accept(buy(100, 10));
    desk.reject(with_terms(buy(100, 10), |t| t.price = Some(10_001_000_000)), Reason::MaxNotional);
    desk.accept(market(Side::Buy, 10));
    desk.reject(market(Side::Buy, 11), Reason::MaxNotional);
    desk.reject(with_terms(buy(-100, 11), |_| ()), Reason::MaxNotional);
}

#[test]
fn the_notional_of_the_largest_order_does_not_overflow() {
    let desk = limited("max_notional", "1000");
    let largest = |terms: &mut Terms| {
        terms.price = Some(i64::MAX - i64::MAX % 1_000_000);
        terms.quantity = u64::MAX - u64::MAX % UNIT;
    };
    desk.reject(with_terms(buy(1, 1), largest), Reason::MaxNotional);
}

#[test]
fn the_collar_is_the_last_price_that_passes_on_both_sides() {
    let desk = limited("collar_percent", "10");
    desk.accept(buy(90, 1));
    desk.accept(sell(110, 1));
    desk.reject(with_terms(buy(90, 1), |t| t.price = Some(8_999_000_000)), Reason::PriceCollar);
    desk.reject(with_terms(sell(1, 1), |t| t.price = Some(11_001_000_000)), Reason::PriceCollar);
    desk.reject(with_terms(buy(1, 1), |t| t.price = Some(-10_000_000_000)), Reason::PriceCollar);
}

#[test]
fn a_client_order_id_is_used_up_by_whatever_was_decided_under_it() {
    let desk = limited("max_quantity", "10");
    let order = desk.accept(named(7, buy(100, 1)));
    desk.reject(named(8, buy(100, 11)), Reason::MaxQuantity);
    desk.accept(named(9, cancel(order)));
    for used in 7..=9 {
        desk.reject(named(used, buy(100, 1)), Reason::DuplicateClientOrderId);
        desk.reject(named(used, cancel(7)), Reason::DuplicateClientOrderId);
    }
    desk.accept(named(7, of(2, buy(100, 1))));
    assert_eq!(desk.status(7).ord_status, OrdStatus::Canceled, "the first keeps the id");
}

#[test]
fn the_open_order_limit_is_given_back_by_fill_cancel_and_expiry() {
    let desk = Desk::open(&config(&[("sessions.max_open_orders", "2")]));
    let first = desk.accept(buy(100, 1));
    desk.accept(buy(99, 1));
    desk.reject(buy(98, 1), Reason::MaxOpenOrders);
    desk.accept(replace(first, buy(101, 1)));
    desk.accept(of(2, sell(101, 1)));
    let third = desk.accept(buy(98, 1));
    desk.reject(buy(97, 1), Reason::MaxOpenOrders);
    desk.accept(cancel(third));
    let immediate = |terms: &mut Terms| terms.time_in_force = TimeInForce::ImmediateOrCancel;
    desk.accept(with_terms(buy(1, 1), immediate));
    desk.accept(buy(97, 1));
}

#[test]
fn the_position_limit_counts_open_orders_on_their_side() {
    let desk = limited("max_position", "10");
    desk.accept(buy(90, 6));
    desk.accept(buy(90, 4));
    desk.reject(buy(90, 1), Reason::MaxPosition);
    desk.accept(sell(110, 10));
    desk.reject(sell(110, 1), Reason::MaxPosition);
    desk.reject(limit(Side::SellShort, 110, 1), Reason::MaxPosition);
    desk.accept(Order { account: text("other"), ..buy(90, 10) });
    desk.accept(market_of("MSFT", buy(90, 11)));
}

#[test]
fn fills_move_the_position_and_free_what_was_open() {
    let desk = limited("max_position", "10");
    desk.accept(buy(100, 10));
    desk.accept(of(2, Order { account: text("other"), ..sell(100, 10) }));
    desk.reject(buy(90, 1), Reason::MaxPosition);
    desk.accept(sell(110, 20));
    desk.reject(sell(110, 1), Reason::MaxPosition);
}

#[test]
fn a_replace_counts_what_it_may_become_and_gives_it_back() {
    let desk = limited("max_position", "10");
    let order = desk.accept(buy(90, 4));
    desk.reject(replace(order, buy(90, 11)), Reason::MaxPosition);
    let order = desk.accept(replace(order, buy(90, 10)));
    desk.reject(buy(90, 1), Reason::MaxPosition);
    desk.accept(replace(order, buy(90, 3)));
    desk.accept(buy(90, 7));
    desk.reject(buy(90, 1), Reason::MaxPosition);
}

#[test]
fn an_order_the_venue_refuses_is_open_nowhere() {
    let desk = Desk::open(&config(&[
        ("limits.order_types", "['limit', 'stop_limit']"),
        ("limits.max_position", "10"),
        ("sessions.max_open_orders", "1"),
    ]));
    desk.reject(named(7, stop_limit(100, 10)), Reason::VenueUnsupported);
    assert_eq!(desk.status(7).ord_status, OrdStatus::Rejected);
    assert_eq!(desk.status(7).leaves_quantity, 0);
    desk.reject(cancel(7), Reason::OrderClosed);
    desk.accept(buy(100, 10));
}

#[test]
fn the_earlier_reason_is_the_answer() {
    let desk = Desk::open(&config(&[
        ("AAPL.sides", "['buy']"),
        ("AAPL.order_types", "['limit', 'stop_limit']"),
        ("AAPL.times_in_force", "['day']"),
        ("AAPL.lot", "100"),
        ("AAPL.max_quantity", "1000"),
        ("AAPL.max_notional", "100_000"),
        ("AAPL.max_position", "1000"),
        ("AAPL.collar_percent", "10"),
        ("sessions.max_open_orders", "1"),
    ]));
    let gateway = &desk.gateway;
    desk.accept(market_of("MSFT", named(7, buy(100, 1))));
    // Violates everything; then one check after the other is met, in their order.
    let order = market_of("NONE", named(7, limit(Side::Sell, 200, 2050)));
    let off_tick = |terms: &mut Terms| terms.price = Some(20_000_100_000);
    let order = with_terms(order, off_tick);
    let scopes = [
        (HaltScope::Gateway, Reason::HaltedGateway),
        (HaltScope::Session(1), Reason::HaltedSession),
        (HaltScope::Account(text("fund")), Reason::HaltedAccount),
    ];
    scopes.iter().for_each(|(scope, _)| gateway.halt(*scope).unwrap());
    gateway.halt(HaltScope::Symbol(text("AAPL"))).unwrap();
    for (scope, reason) in scopes {
        desk.reject(order, reason);
        gateway.resume(scope).unwrap();
    }
    desk.reject(order, Reason::UnknownSymbol);
    let order = market_of("AAPL", order);
    desk.reject(order, Reason::HaltedSymbol);
    gateway.resume(HaltScope::Symbol(text("AAPL"))).unwrap();
    desk.reject(order, Reason::Side);
    let order = Order { side: Side::Buy, ..order };
    desk.reject(order, Reason::TimeInForce);
    let order = with_terms(order, |terms| terms.time_in_force = TimeInForce::Day);
    desk.reject(order, Reason::Tick);
    let order = with_terms(order, |terms| terms.price = Some(200 * UNIT as i64));
    desk.reject(order, Reason::Lot);
    let order = with_terms(order, |terms| terms.quantity = 2000 * UNIT);
    desk.reject(order, Reason::MaxQuantity);
    let order = with_terms(order, |terms| terms.quantity = 1000 * UNIT);
    desk.reject(order, Reason::NoReferencePrice);
    gateway.set_reference_price(&text("AAPL"), 100 * UNIT as i64).unwrap();
    desk.reject(order, Reason::MaxNotional);
    let order = with_terms(order, |terms| terms.quantity = 500 * UNIT);
    desk.reject(order, Reason::PriceCollar);
    let order = with_terms(order, |terms| terms.price = Some(100 * UNIT as i64));
    desk.reject(order, Reason::DuplicateClientOrderId);
    let order = named(0, order);
    desk.reject(order, Reason::MaxOpenOrders);
    desk.accept(Order { symbol: text("MSFT"), ..cancel(7) });
    let order = with_terms(order, |terms| terms.quantity = 1000 * UNIT);
    desk.accept(with_terms(order, |terms| terms.quantity = 500 * UNIT));
    desk.accept(of(2, with_terms(order, |terms| terms.quantity = 500 * UNIT)));
    let order = with_terms(order, |terms| terms.quantity = 100 * UNIT);
    desk.reject(of(3, order), Reason::MaxPosition);
}

#[test]
fn a_pre_trade_check_says_what_would_be_decided_and_changes_nothing() {
    let desk = limited("max_quantity", "10");
    let rejected = desk.frame(named(7, buy(100, 11)));
    let accepted = desk.frame(named(8, buy(100, 1)));
    let check = |frame: &[u8]| desk.gateway.pre_trade_check(frame);
    for _ in 0..3 {
        assert_eq!(check(&rejected), Err(ExecError::Rejected(Reason::MaxQuantity)));
        assert_eq!(check(&accepted), Ok(()));
    }
    for (frame, accepted) in [(&rejected, false), (&accepted, true)] {
        let ack = desk.send_frame(frame).unwrap();
        assert_eq!((ack.accepted, ack.duplicate), (accepted, false), "as if never checked");
    }
    assert_eq!(
        check(&rejected),
        Err(ExecError::Rejected(Reason::MaxQuantity)),
        "as it was decided"
    );
    assert_eq!(check(&accepted), Ok(()));
    assert_eq!(desk.send(buy(100, 1)).order_id, 3);
}

#[test]
fn a_pre_trade_check_takes_no_token() {
    let desk = Desk::open(&config(&[("sessions.per_second", "1"), ("sessions.burst", "1")]));
    let frame = desk.frame(buy(100, 1));
    for _ in 0..3 {
        assert_eq!(desk.gateway.pre_trade_check(&frame), Ok(()));
    }
    assert!(desk.send_frame(&frame).unwrap().accepted);
    let throttled = ExecError::Refused(tinywindow::Error::Throttled);
    assert_eq!(desk.gateway.pre_trade_check(&desk.frame(buy(100, 1))), Err(throttled));
}
