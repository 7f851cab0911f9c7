//! Gate 5: bands, last trade, hours, short sales, repeats and orders for each trade.

use tinywindow::Reason;
use tinywindow::gateway::{ExecError, HaltScope, Hours, Instrument, Permitted};
use tinywindow::order::{OrdType, Order, Side, TimeInForce, UNIT};

use crate::changes::instrument;
use crate::desk::*;
use crate::risk::with_terms;

const DAY: u64 = 86_400 * SECOND;

/// A desk with these changes to AAPL.
fn limited(changes: &[(&str, &str)]) -> Desk {
    let named: Vec<_> = changes.iter().map(|(key, v)| (format!("AAPL.{key}"), *v)).collect();
    let named: Vec<_> = named.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    Desk::open(&config(&named))
}

/// An order, sent at this time; the clock is set to it.
fn at(desk: &Desk, time: u64, order: Order) -> Order {
    desk.clock.set(time);
    Order { sending_time: time, ..order }
}

fn trade(desk: &Desk, price: i64, quantity: u64) {
    desk.accept(of(2, sell(price, quantity)));
    desk.accept(of(3, buy(price, quantity)));
}

#[test]
fn the_least_quantity_is_the_first_that_passes() {
    let desk = limited(&[("min_quantity", "10")]);
    desk.reject(buy(100, 9), Reason::MinQuantity);
    desk.accept(buy(100, 10));
}

#[test]
fn a_price_band_holds_both_prices_and_its_ends_pass() {
    let desk = limited(&[
        ("min_price", "90"),
        ("max_price", "110"),
        ("order_types", "['market', 'limit', 'stop_limit']"),
    ]);
    desk.accept(buy(90, 1));
    desk.accept(sell(110, 1));
    desk.reject(buy(89, 1), Reason::PriceBand);
    desk.reject(sell(111, 1), Reason::PriceBand);
    desk.reject(stop_limit(111, 1), Reason::PriceBand);
    desk.accept(market(Side::Buy, 1));
}

#[test]
fn the_last_trade_has_a_collar_of_its_own() {
    let desk = limited(&[("last_trade_collar_percent", "10")]);
    desk.accept(cancel(desk.accept(buy(500, 1))));
    trade(&desk, 100, 1);
    desk.reject(buy(111, 1), Reason::LastTradeCollar);
    trade(&desk, 110, 1);
    desk.accept(buy(99, 1));
    desk.reject(buy(98, 1), Reason::LastTradeCollar);
    desk.accept(market(Side::Sell, 1));
}

#[test]
fn orders_are_taken_within_the_hours_only_and_cancels_always() {
    let midnight = (NOW / DAY + 1) * DAY;
    let hour = 3600 * SECOND;
    let desk = limited(&[("opens", "'08:00'"), ("closes", "'16:30'")]);
    desk.reject(at(&desk, midnight + 8 * hour - 1, buy(100, 1)), Reason::MarketClosed);
    let order = desk.accept(at(&desk, midnight + 8 * hour, buy(100, 1)));
    desk.accept(at(&desk, midnight + 16 * hour + hour / 2 - 1, buy(100, 1)));
    let closed = midnight + 16 * hour + hour / 2;
    desk.reject(at(&desk, closed, buy(100, 1)), Reason::MarketClosed);
    desk.reject(at(&desk, closed, replace(order, buy(100, 2))), Reason::MarketClosed);
    desk.accept(at(&desk, closed, cancel(order)));
    desk.accept(Order { symbol: text("MSFT"), ..at(&desk, closed, buy(100, 1)) });
}

#[test]
fn hours_may_go_over_midnight() {
    let midnight = (NOW / DAY + 1) * DAY;
    let desk = Desk::open(&config(&[]));
    let hours = Hours { opens_s: 86_399, closes_s: 1 };
    desk.gateway.set_instrument(Instrument { hours, ..instrument("NIGHT") }).unwrap();
    let night = |time| Order { symbol: text("NIGHT"), ..at(&desk, time, buy(100, 1)) };
    desk.reject(night(midnight - SECOND - 1), Reason::MarketClosed);
    desk.accept(night(midnight - SECOND));
    desk.accept(night(midnight));
    desk.reject(night(midnight + SECOND), Reason::MarketClosed);
}

#[test]
fn no_more_is_sold_short_in_a_day_than_is_located_by_whomever() {
    let desk = limited(&[("locate", "10")]);
    let short = |price, quantity| limit(Side::SellShort, price, quantity);
    let other = |order| of(4, Order { account: text("other"), ..order });
    let first = desk.accept(short(100, 6));
    desk.reject(other(short(100, 5)), Reason::Locate);
    desk.accept(sell(200, 100));
    desk.reject(replace(first, short(100, 11)), Reason::Locate);
    let first = desk.accept(replace(first, short(100, 10)));
    desk.accept(of(2, buy(100, 3)));
    desk.reject(other(short(100, 1)), Reason::Locate);
    desk.accept(Order { side: Side::SellShort, ..cancel(first) });
    desk.accept(other(short(200, 7)));
    desk.reject(other(short(200, 1)), Reason::Locate);
    // What was sold is gone for the day; what rests counts on.
    let tomorrow = (NOW / DAY + 1) * DAY;
    desk.reject(at(&desk, tomorrow, short(200, 4)), Reason::Locate);
    desk.accept(at(&desk, tomorrow, short(200, 3)));
}

#[test]
fn the_same_order_is_taken_so_often_within_the_window() {
    let folder = Folder::new();
    let limits = [("sessions.max_repeats", "2"), ("sessions.repeat_window_ms", "1000")];
    let config = folder.config(&limits);
    let desk = Desk::open(&config);
    desk.accept(buy(100, 1));
    desk.accept(at(&desk, NOW + SECOND / 2, buy(100, 1)));
    desk.reject(buy(100, 1), Reason::RepeatedOrder);
    drop(desk);
    let desk = Desk::reopen(&config, 3);
    desk.clock.set(NOW + SECOND / 2);
    desk.reject(buy(100, 1), Reason::RepeatedOrder);
    for another in [buy(100, 2), buy(101, 1), sell(200, 1), of(2, buy(100, 1))] {
        desk.accept(another);
    }
    desk.accept(Order { symbol: text("MSFT"), ..buy(100, 1) });
    desk.reject(at(&desk, NOW + SECOND - 1, buy(100, 1)), Reason::RepeatedOrder);
    desk.accept(at(&desk, NOW + SECOND, buy(100, 1)));
    desk.reject(at(&desk, NOW + SECOND, buy(100, 1)), Reason::RepeatedOrder);
}

#[test]
fn a_session_without_trades_sends_no_more_than_its_free_requests() {
    let desk = Desk::open(&config(&[
        ("sessions.max_order_to_trade", "2"),
        ("sessions.order_to_trade_after", "3"),
    ]));
    let first = desk.accept(sell(100, 5));
    let first = desk.accept(replace(first, sell(100, 6)));
    desk.accept(sell(101, 1));
    desk.reject(sell(101, 1), Reason::OrderToTrade);
    desk.reject(replace(first, sell(100, 7)), Reason::OrderToTrade);
    desk.accept(of(2, buy(100, 1)));
    desk.accept(sell(101, 1));
    desk.accept(Order { side: Side::Sell, ..cancel(first) });
    desk.reject(sell(101, 1), Reason::OrderToTrade);
    let tomorrow = (NOW / DAY + 1) * DAY;
    for _ in 0..3 {
        desk.accept(at(&desk, tomorrow, sell(101, 1)));
    }
    desk.reject(at(&desk, tomorrow, sell(101, 1)), Reason::OrderToTrade);
}

#[test]
fn what_is_counted_in_time_goes_on_when_the_clock_is_set_back() {
    let desk = Desk::open(&config(&[
        ("sessions.max_repeats", "1"),
        ("sessions.repeat_window_ms", "1000"),
    ]));
    let ahead = NOW + 3600 * SECOND;
    desk.accept(at(&desk, ahead, buy(100, 1)));
    desk.reject(at(&desk, NOW, buy(100, 1)), Reason::RepeatedOrder);
    desk.accept(at(&desk, NOW + SECOND, buy(100, 1)));
}

#[test]
fn every_reason_is_told_beside_a_halt() {
    let desk = limited(&[("min_quantity", "10"), ("max_price", "50")]);
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    let reasons = desk.gateway.pre_trade_reasons(&desk.frame(buy(100, 1)));
    let expected = vec![Reason::HaltedGateway, Reason::MinQuantity, Reason::PriceBand];
    assert_eq!(reasons, Ok(expected));
    let unknown = desk.gateway.pre_trade_reasons(&desk.frame(cancel(999)));
    assert_eq!(unknown, Ok(vec![Reason::UnknownOrder]));
    let no_frame = desk.gateway.pre_trade_reasons(&[0; 8]);
    assert_eq!(no_frame, Err(ExecError::Refused(tinywindow::Error::Order)));
}

#[test]
fn of_two_orders_that_would_trade_with_each_other_the_newer_is_rejected() {
    for (of_whom, is_firm) in [("'account'", false), ("'firm'", true)] {
        let desk = Desk::open(&config(&[("firm.self_trade_prevention", of_whom)]));
        let other = |order| of(2, Order { account: text("other"), ..order });
        desk.accept(sell(102, 1));
        let best = desk.accept(sell(101, 1));
        desk.reject(buy(101, 1), Reason::SelfTrade);
        desk.reject(of(3, buy(105, 1)), Reason::SelfTrade);
        desk.reject(market(Side::Buy, 1), Reason::SelfTrade);
        let bid = desk.accept(buy(100, 1));
        desk.reject(replace(bid, buy(101, 1)), Reason::SelfTrade);
        desk.reject(limit(Side::SellShort, 100, 1), Reason::SelfTrade);
        desk.accept(Order { symbol: text("MSFT"), ..buy(101, 1) });
        let moved = desk.accept(replace(best, sell(103, 1)));
        desk.accept(replace(bid, buy(101, 1)));
        desk.reject(replace(moved, sell(101, 1)), Reason::SelfTrade);
        if is_firm {
            desk.reject(other(buy(102, 1)), Reason::SelfTrade);
        } else {
            desk.accept(other(buy(102, 1)));
            // The best is gone, traded with another.
            desk.accept(buy(102, 1));
        }
    }
}

#[test]
fn prevention_of_self_trades_begins_with_what_is_open() {
    let folder = Folder::new();
    let of_whom = |whom| folder.config(&[("firm.self_trade_prevention", whom)]);
    let desk = Desk::open(&of_whom("'off'"));
    for price in [105, 101, 103, 102, 104] {
        desk.accept(sell(price, 1));
    }
    desk.accept(Order { side: Side::Sell, ..cancel(2) });
    drop(desk);
    let mut sequence = 6;
    for whom in ["'account'", "'firm'", "'account'", "'account'"] {
        let desk = Desk::reopen(&of_whom(whom), sequence);
        desk.reject(buy(102, 1), Reason::SelfTrade);
        let order = desk.accept(buy(101, 1));
        desk.accept(cancel(order));
        sequence += 3;
    }
    Desk::reopen(&of_whom("'off'"), sequence).accept(buy(102, 1));
}

/// The reasons in the order in which docs/RISK.md tells its checks.
fn documented() -> Vec<&'static str> {
    let page = include_str!("../../docs/RISK.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap()).collect()
}

#[test]
fn the_checks_run_in_the_order_of_the_page() {
    let desk = Desk::open(&config(&[
        ("AAPL.reference_price", "100"),
        ("AAPL.tick", "'0.001'"),
        ("sessions.max_open_orders", "1"),
        ("sessions.max_repeats", "1"),
        ("sessions.max_order_to_trade", "1"),
        ("sessions.order_to_trade_after", "1"),
        ("account_limits.max_net_notional", "6000"),
        ("firm.max_net_notional", "6000"),
        ("firm.max_gross_notional", "8000"),
    ]));
    let other = |order| of(3, Order { account: text("other"), ..order });
    desk.accept(other(buy(150, 1)));
    desk.accept(of(4, Order { account: text("another"), ..sell(150, 1) }));
    let price = Some(100_101 * UNIT as i64 / 1000);
    let order = named(1, with_terms(buy(100, 55), |terms| terms.price = price));
    desk.accept(order);
    let strict = Instrument {
        restricted: true,
        lot: 10 * UNIT,
        max_quantity: 50 * UNIT,
        max_price: 90 * UNIT as i64,
        max_notional: UNIT,
        max_position: UNIT,
        collar_basis_points: 1,
        last_trade_collar_basis_points: 1,
        hours: Hours { opens_s: 0, closes_s: 1 },
        sides: Permitted::sides(&[Side::SellShort]),
        order_types: Permitted::order_types(&[OrdType::Stop]),
        times_in_force: Permitted::times_in_force(&[TimeInForce::FillOrKill]),
        ..instrument("AAPL")
    };
    desk.gateway.set_instrument(strict).unwrap();
    let scopes = [
        HaltScope::Gateway,
        HaltScope::Session(1),
        HaltScope::Symbol(text("AAPL")),
        HaltScope::Account(text("fund")),
    ];
    scopes.iter().for_each(|scope| desk.gateway.halt(*scope).unwrap());
    let reasons = desk.gateway.pre_trade_reasons(&desk.frame(order)).unwrap();
    assert_eq!(reasons.len(), 24, "{reasons:?}");
    let order_of_page = documented();
    let place = |reason: &Reason| order_of_page.iter().position(|name| *name == reason.name());
    assert!(reasons.iter().map(place).is_sorted_by(|a, b| a.is_some() && a < b), "{reasons:?}");
}
