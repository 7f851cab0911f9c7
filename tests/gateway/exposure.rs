//! Gate 5: gross and net notional and loss, of an account and of the firm.

use tinywindow::gateway::{
    ExecError, ExposureLimits, ExposureScope, ExposureState, HaltScope, PositionState,
};
use tinywindow::order::{Order, Request, Side, Terms, UNIT};
use tinywindow::{Error, Reason};

use crate::desk::*;

const PRICES: [(&str, &str); 2] = [("AAPL.reference_price", "100"), ("MSFT.reference_price", "50")];

/// A desk with this limit; AAPL is worth 100, MSFT 50.
fn limited(key: &str, value: &str) -> Desk {
    Desk::open(&config(&[&PRICES[..], &[(key, value)]].concat()))
}

fn msft(order: Order) -> Order {
    Order { symbol: text("MSFT"), ..order }
}

/// The order, of another account: one that trades with it.
fn other(order: Order) -> Order {
    of(2, Order { account: text("other"), ..order })
}

/// Trades as much at this price.
fn fill(desk: &Desk, side: Side, price: i64, quantity: u64) {
    let against = if side == Side::Buy { Side::Sell } else { Side::Buy };
    desk.accept(other(limit(against, price, quantity)));
    desk.accept(limit(side, price, quantity));
}

fn set_reference(desk: &Desk, symbol: &str, price: i64) {
    desk.gateway.set_reference_price(&text(symbol), price * UNIT as i64).unwrap();
}

#[test]
fn gross_notional_adds_up_what_may_be_held_long_and_short() {
    for (key, reason) in [
        ("account_limits.max_gross_notional", Reason::AccountGross),
        ("firm.max_gross_notional", Reason::FirmGross),
    ] {
        let desk = limited(key, "2000");
        desk.accept(buy(100, 10));
        desk.accept(msft(sell(50, 20)));
        desk.reject(buy(100, 1), reason);
        desk.reject(msft(sell(50, 1)), reason);
        // What can come of both sides of an instrument is one or the other.
        desk.accept(sell(101, 9));
        desk.reject(sell(101, 1), reason);
        desk.accept(cancel(1));
        desk.accept(buy(91, 9));
    }
}

#[test]
fn net_notional_takes_what_is_short_from_what_is_long_once_it_is_held() {
    for (key, reason) in [
        ("account_limits.max_net_notional", Reason::AccountNet),
        ("firm.max_net_notional", Reason::FirmNet),
    ] {
        let desk = limited(key, "1000");
        desk.accept(buy(100, 10));
        desk.reject(msft(buy(50, 1)), reason);
        desk.accept(msft(sell(50, 20)));
        desk.reject(sell(200, 1), reason);
        if reason == Reason::AccountNet {
            desk.accept(msft(other(buy(50, 20))));
            desk.accept(msft(buy(50, 20)));
            desk.reject(msft(buy(50, 1)), reason);
            desk.reject(sell(200, 1), reason);
        }
    }
}

#[test]
fn an_account_is_held_to_its_own_limits_and_the_firm_to_the_sum() {
    let text = config(&[
        ("AAPL.reference_price", "100"),
        ("account_limits.max_gross_notional", "500"),
        ("firm.max_gross_notional", "1800"),
    ]) + "[[accounts]]\nname = 'big'\nmax_gross_notional = 1000\n";
    let desk = Desk::open(&text);
    let of_account = |name, order: Order| Order { account: crate::desk::text(name), ..order };
    desk.reject(buy(100, 6), Reason::AccountGross);
    desk.accept(buy(100, 5));
    desk.reject(of_account("big", buy(100, 11)), Reason::AccountGross);
    desk.accept(of_account("big", buy(100, 10)));
    desk.reject(of_account("small", buy(100, 4)), Reason::FirmGross);
    desk.accept(of_account("small", buy(100, 3)));
}

#[test]
fn an_order_counts_at_the_dearer_of_its_price_and_the_reference() {
    let desk = limited("account_limits.max_gross_notional", "1000");
    desk.reject(sell(1, 11), Reason::AccountGross);
    desk.reject(buy(200, 6), Reason::AccountGross);
    desk.reject(market(Side::Buy, 11), Reason::AccountGross);
    desk.accept(sell(1, 5));
    desk.accept(sell(500, 1));
}

#[test]
fn without_a_reference_price_nothing_can_be_counted() {
    for key in ["account_limits.max_loss", "firm.max_net_notional"] {
        Desk::open(&config(&[(key, "1000")])).reject(buy(100, 1), Reason::NoReferencePrice);
    }
}

#[test]
fn what_lowers_the_exposure_passes_whatever_the_limit() {
    let desk = limited("sessions.max_open_orders", "1000");
    fill(&desk, Side::Buy, 100, 10);
    let tight = ExposureLimits {
        max_gross_notional: 100 * UNIT,
        max_net_notional: 100 * UNIT,
        ..ExposureLimits::NONE
    };
    let scope = ExposureScope::Account(text("fund"));
    desk.gateway.set_exposure_limits(scope, Some(tight)).unwrap();
    desk.reject(buy(100, 1), Reason::AccountGross);
    desk.accept(sell(100, 10));
    desk.reject(sell(100, 11), Reason::AccountGross);
    desk.gateway.set_exposure_limits(scope, None).unwrap();
    desk.accept(buy(90, 1));
}

#[test]
fn a_reference_price_revalues_what_is_held_at_once() {
    let desk = limited("account_limits.max_gross_notional", "2000");
    fill(&desk, Side::Buy, 100, 10);
    set_reference(&desk, "AAPL", 190);
    desk.reject(msft(buy(50, 3)), Reason::AccountGross);
    set_reference(&desk, "AAPL", 180);
    desk.accept(msft(buy(50, 3)));
}

#[test]
fn a_replace_counts_with_the_worse_of_old_and_new_until_it_is_answered() {
    let desk = limited("account_limits.max_gross_notional", "1000");
    let order = desk.accept(buy(100, 5));
    desk.reject(replace(order, buy(100, 11)), Reason::AccountGross);
    desk.reject(replace(order, buy(201, 5)), Reason::AccountGross);
    let order = desk.accept(replace(order, buy(200, 5)));
    desk.reject(msft(buy(50, 1)), Reason::AccountGross);
    desk.accept(replace(order, buy(100, 4)));
    desk.accept(msft(buy(50, 12)));
    desk.reject(msft(buy(50, 1)), Reason::AccountGross);
}

#[test]
fn a_loss_is_what_was_paid_and_not_got_back_or_is_no_longer_worth_it() {
    for (key, reason) in
        [("account_limits.max_loss", Reason::AccountLoss), ("firm.max_loss", Reason::FirmLoss)]
    {
        let desk = limited(key, "100");
        desk.accept(other(sell(110, 10)));
        desk.accept(buy(110, 10));
        desk.accept(msft(buy(50, 1)));
        // The other account has won what this one lost: the firm has lost nothing.
        let is_firm = reason == Reason::FirmLoss;
        set_reference(&desk, "AAPL", 99);
        if is_firm {
            desk.accept(msft(buy(50, 1)));
            continue;
        }
        desk.reject(msft(buy(50, 1)), reason);
        desk.accept(sell(99, 10));
        set_reference(&desk, "AAPL", 100);
        desk.accept(msft(buy(50, 1)));
    }
}

#[test]
fn a_days_loss_ends_with_the_day() {
    let folder = Folder::new();
    let changes = [&PRICES[..], &[("account_limits.max_loss", "10")]].concat();
    let config = folder.config(&changes);
    let desk = Desk::open(&config);
    fill(&desk, Side::Buy, 110, 10);
    desk.reject(buy(100, 1), Reason::AccountLoss);
    drop(desk);
    let midnight = (NOW / (86_400 * SECOND) + 1) * 86_400 * SECOND;
    let desk = Desk::reopen(&config, 3);
    let at = |order| Order { sending_time: midnight, ..order };
    desk.reject(buy(100, 1), Reason::AccountLoss);
    desk.clock.set(midnight);
    desk.accept(at(buy(90, 1)));
    set_reference(&desk, "AAPL", 98);
    desk.reject(at(buy(90, 1)), Reason::AccountLoss);
}

#[test]
fn the_largest_orders_overflow_no_sum() {
    let desk = Desk::open(&config(&[("AAPL.reference_price", "'92233720368.54775807'")]));
    let largest = Terms {
        price: Some(i64::MAX - i64::MAX % 1_000_000),
        quantity: u64::MAX - u64::MAX % UNIT,
        ..limit_terms(1, 1)
    };
    let request = Request::New(largest);
    for _ in 0..10 {
        desk.accept(other(Order { request, ..sell(1, 1) }));
        desk.accept(Order { request, ..buy(1, 1) });
    }
    let limits = ExposureLimits { max_gross_notional: u64::MAX - 1, ..ExposureLimits::NONE };
    desk.gateway.set_exposure_limits(ExposureScope::Firm, Some(limits)).unwrap();
    desk.reject(buy(1, 1), Reason::FirmGross);
}

#[test]
fn exposure_is_as_before_after_a_restart_and_the_text_wins() {
    let folder = Folder::new();
    let limit = ("account_limits.max_gross_notional", "2000");
    let first = folder.config(&[&PRICES[..], &[limit]].concat());
    let desk = Desk::open(&first);
    fill(&desk, Side::Buy, 100, 10);
    desk.accept(msft(buy(50, 19)));
    let own = ExposureScope::Account(text("fund"));
    desk.gateway.set_exposure_limits(own, Some(ExposureLimits::NONE)).unwrap();
    desk.accept(msft(buy(50, 1)));
    drop(desk);
    let desk = Desk::reopen(&first, 5);
    desk.reject(msft(buy(50, 1)), Reason::AccountGross);
    drop(desk);
    let second = folder.config(&[&PRICES[..], &[("firm.max_gross_notional", "3050")]].concat());
    let desk = Desk::reopen(&second, 6);
    desk.accept(msft(buy(50, 1)));
    desk.reject(msft(buy(50, 1)), Reason::FirmGross);
}

#[test]
fn a_check_before_the_trade_tells_every_reason_in_order() {
    let desk = Desk::open(&config(&[
        ("AAPL.reference_price", "100"),
        ("AAPL.max_quantity", "10"),
        ("AAPL.collar_percent", "10"),
        ("AAPL.max_position", "15"),
        ("firm.max_gross_notional", "1000"),
        ("sessions.max_open_orders", "1"),
    ]));
    let reasons = |order| desk.gateway.pre_trade_reasons(&desk.frame(order));
    let at_once =
        vec![Reason::MaxQuantity, Reason::PriceCollar, Reason::MaxPosition, Reason::FirmGross];
    assert_eq!(reasons(buy(200, 20)), Ok(at_once));
    assert_eq!(reasons(buy(100, 1)), Ok(vec![]));
    assert_eq!(
        reasons(Order { symbol: text("NONE"), ..buy(100, 1) }),
        Ok(vec![Reason::UnknownSymbol])
    );
    desk.accept(buy(100, 1));
    assert_eq!(reasons(buy(100, 10)), Ok(vec![Reason::MaxOpenOrders, Reason::FirmGross]));
    let stale = Order { sending_time: 1, ..buy(100, 1) };
    assert_eq!(reasons(stale), Err(ExecError::Refused(tinywindow::Error::StaleTime)));
}

/// Money as it is told.
fn money(amount: i64) -> i64 {
    amount * UNIT as i64
}

#[test]
fn what_an_account_holds_is_told_to_the_end_and_after_a_restart() {
    let folder = Folder::new();
    let config = folder.config(&[PRICES[0], ("account_limits.max_loss", "1000")]);
    let desk = Desk::open(&config);
    let position = |desk: &Desk, account| desk.gateway.position(&text(account), &text("AAPL"));
    let risk = |desk: &Desk, scope| desk.gateway.exposure(scope);
    fill(&desk, Side::Buy, 101, 10);
    desk.accept(buy(90, 5));
    desk.accept(sell(110, 20));
    let fund = PositionState {
        quantity: money(10),
        open_buy: 5 * UNIT,
        open_sell: 20 * UNIT,
        mark: Some(money(100)),
        cash: money(-1010),
        equity: money(-10),
        gross: 1_500 * UNIT,
    };
    assert_eq!(position(&desk, "fund"), Ok(fund));
    let other = position(&desk, "other").unwrap();
    assert_eq!((other.quantity, other.equity, other.gross), (money(-10), money(10), 1_000 * UNIT));
    let scope = ExposureScope::Account(text("fund"));
    desk.gateway.halt(HaltScope::Account(text("fund"))).unwrap();
    let told = ExposureState {
        held: money(1_000),
        gross: 1_500 * UNIT,
        net_buy: money(1_500),
        net_sell: money(1_200),
        equity: money(-10),
        day_loss: money(10),
        halted: Some(NOW),
        limits: ExposureLimits { max_loss: 1_000 * UNIT, ..ExposureLimits::NONE },
    };
    assert_eq!(risk(&desk, scope), Ok(told));
    let firm = ExposureState {
        held: 0,
        gross: 2_500 * UNIT,
        net_buy: money(500),
        net_sell: money(2_200),
        equity: 0,
        day_loss: 0,
        halted: None,
        limits: ExposureLimits::NONE,
    };
    assert_eq!(risk(&desk, ExposureScope::Firm), Ok(firm));
    desk.gateway.close().unwrap();
    assert_eq!(position(&desk, "fund"), Ok(fund), "a closed one tells too");
    drop(desk);
    let desk = Desk::reopen(&config, 0);
    assert_eq!(position(&desk, "fund"), Ok(fund));
    assert_eq!(risk(&desk, scope), Ok(told));
    desk.clock.set(NOW + 86_400 * SECOND);
    assert_eq!(risk(&desk, scope).unwrap().day_loss, 0, "another day");
    // The gateway's time follows with the next order, and by that day it is checked.
    desk.gateway.halt(HaltScope::Session(4)).unwrap();
    desk.clock.set(NOW);
    assert_eq!(risk(&desk, scope).unwrap().day_loss, money(10), "its clock was wrong");
}

#[test]
fn who_asks_of_nobody_and_of_nothing_is_told_so() {
    let desk = Desk::open(&config(&[]));
    let nothing = PositionState::default();
    assert_eq!(desk.gateway.position(&text("typo"), &text("AAPL")), Ok(nothing));
    assert_eq!(desk.gateway.position(&text("fund"), &text("NONE")), Err(Error::NotFound));
    desk.accept(buy(100, 1));
    let exposure = |scope| desk.gateway.exposure(scope);
    assert_eq!(exposure(ExposureScope::Firm), Err(Error::NotFound), "nothing is added up");
    assert_eq!(exposure(ExposureScope::EveryAccount), Err(Error::Argument));
    let limits = ExposureLimits { max_loss: 1, ..ExposureLimits::NONE };
    desk.gateway.set_exposure_limits(ExposureScope::Account(text("own")), Some(limits)).unwrap();
    assert_eq!(exposure(ExposureScope::Firm).unwrap().gross, 100 * UNIT, "what is there already");
    assert_eq!(exposure(ExposureScope::Account(text("typo"))).unwrap().gross, 0);
    assert_eq!(exposure(ExposureScope::Account(text("own"))).unwrap().limits, limits);
}

/// A hundredth of the least that can be told: what is told is above a limit exactly where the next
/// order finds it so.
#[test]
fn money_is_rounded_to_the_side_of_caution() {
    let small = [("AAPL.reference_price", "'0.01'"), ("limits.lot", "'0.00000001'")];
    let desk = Desk::open(&config(&small));
    let order = |side, price: i64, quantity| {
        let terms = Terms { price: Some(price * UNIT as i64 / 100), quantity, ..limit_terms(1, 1) };
        Order { request: Request::New(terms), ..limit(side, 1, 1) }
    };
    let scope = ExposureScope::Account(text("fund"));
    let limits = ExposureLimits { max_gross_notional: 1, ..ExposureLimits::NONE };
    desk.gateway.set_exposure_limits(scope, Some(limits)).unwrap();
    let told = || desk.gateway.exposure(scope).unwrap();
    desk.accept(other(order(Side::Sell, 2, 1)));
    desk.accept(order(Side::Buy, 2, 1));
    assert_eq!((told().gross, told().held), (1, 0));
    assert_eq!((told().equity, told().day_loss), (-1, 1));
    desk.accept(order(Side::Buy, 1, 99));
    assert_eq!((told().gross, told().net_buy), (1, 1), "at the limit");
    desk.reject(order(Side::Buy, 1, 1), Reason::AccountGross);
    desk.gateway.set_exposure_limits(scope, None).unwrap();
    desk.accept(order(Side::Buy, 1, 1));
    assert_eq!((told().gross, told().net_buy), (2, 2), "above it");
}

#[test]
fn a_limit_of_zero_is_refused_at_run_time_as_in_the_text() {
    let desk = Desk::open(&config(&PRICES));
    for zero in [
        ExposureLimits { max_gross_notional: 0, ..ExposureLimits::NONE },
        ExposureLimits { max_net_notional: 0, ..ExposureLimits::NONE },
        ExposureLimits { max_loss: 0, ..ExposureLimits::NONE },
    ] {
        let set = desk.gateway.set_exposure_limits(ExposureScope::Firm, Some(zero));
        assert_eq!(set, Err(Error::Argument), "{zero:?}");
    }
    desk.gateway.set_exposure_limits(ExposureScope::Firm, Some(ExposureLimits::NONE)).unwrap();
}
