//! What sessions may do, changed while they trade.

use tinywindow::config::{Rate, SessionLimits, SessionPermissions};
use tinywindow::gateway::event::{Event, EventKind, SessionName};
use tinywindow::gateway::{ExecError, HaltScope, Permitted, SessionState, acting_as};
use tinywindow::journal::{self, Kind};
use tinywindow::order::{OrdType, Order, Side};
use tinywindow::{Error, Reason};

use crate::desk::*;

/// As wide as those of the desk.
const WIDE: SessionLimits = SessionLimits {
    rate: Rate { per_second: 1_000_000, burst: 1_000_000 },
    cancel_rate: Rate { per_second: 1_000_000, burst: 1_000_000 },
    max_open_orders: 1_000_000,
    max_repeats: u32::MAX,
    repeat_window_ns: SECOND,
    max_order_to_trade: u32::MAX,
    order_to_trade_after: 1_000,
};

const ONCE: Rate = Rate { per_second: 1, burst: 1 };

fn in_msft(order: Order) -> Order {
    Order { symbol: text("MSFT"), ..order }
}

fn only(symbol: &str, account: &str) -> SessionPermissions {
    let (symbols, accounts) = (vec![text(symbol)], vec![text(account)]);
    SessionPermissions { symbols, accounts, ..SessionPermissions::default() }
}

#[test]
fn each_limit_of_a_session_holds_from_the_next_frame_on_and_for_it_alone() {
    let desk = Desk::open(&config(&[]));
    let set = |limits| desk.gateway.set_session_limits(1, limits).unwrap();
    let throttled = Err(ExecError::Refused(Error::Throttled));
    let order = desk.accept(buy(100, 1));

    set(SessionLimits { max_open_orders: 1, ..WIDE });
    desk.reject(buy(100, 1), Reason::MaxOpenOrders);
    set(SessionLimits { rate: ONCE, ..WIDE });
    desk.clock.set(NOW + SECOND);
    desk.accept(buy(100, 1));
    assert_eq!(desk.try_send(buy(100, 1)), throttled);
    set(SessionLimits { cancel_rate: ONCE, ..WIDE });
    desk.accept(cancel(order));
    assert_eq!(desk.try_send(cancel(order)), throttled);
    set(SessionLimits { max_repeats: 1, ..WIDE });
    desk.clock.set(NOW + 3 * SECOND);
    desk.accept(buy(70, 7));
    desk.reject(buy(70, 7), Reason::RepeatedOrder);
    set(SessionLimits { max_order_to_trade: 1, order_to_trade_after: 1, ..WIDE });
    desk.accept(buy(70, 7));
    desk.reject(buy(70, 8), Reason::OrderToTrade);
    for _ in 0..3 {
        desk.accept(of(2, buy(100, 1)));
    }
    set(WIDE);
    desk.accept(buy(70, 7));
}

#[test]
fn a_rate_that_is_raised_does_not_hold_back_what_the_old_one_would_have() {
    let desk = Desk::open(&config(&[("sessions.per_second", "1"), ("sessions.burst", "3")]));
    for _ in 0..3 {
        desk.accept(buy(100, 1));
    }
    assert_eq!(desk.try_send(buy(100, 1)), Err(ExecError::Refused(Error::Throttled)));
    desk.gateway.set_session_limits(1, WIDE).unwrap();
    desk.clock.set(NOW + 1_000);
    desk.accept(buy(100, 1));
}

#[test]
fn permissions_of_a_session_are_replaced_as_a_whole() {
    let desk = Desk::open(&config(&[("sessions.symbols", "['AAPL']")]));
    desk.reject(in_msft(buy(100, 1)), Reason::SessionSymbol);
    let order = desk.accept(buy(100, 1));
    let set = |permissions| desk.gateway.set_session_permissions(1, permissions);
    let permissions = SessionPermissions {
        symbols: ["MSFT", "IBM", "MSFT"].map(text).to_vec(),
        accounts: ["fund", "another"].map(text).to_vec(),
        sides: Permitted::sides(&[Side::Buy]),
        order_types: Permitted::order_types(&[OrdType::Limit]),
        max_sequence_gap: 0,
    };
    set(permissions).unwrap();
    desk.reject(buy(100, 1), Reason::SessionSymbol);
    desk.reject(replace(order, buy(100, 2)), Reason::SessionSymbol);
    desk.accept(cancel(order));
    desk.accept(in_msft(buy(100, 1)));
    desk.accept(in_msft(Order { account: text("another"), ..buy(100, 1) }));
    desk.reject(in_msft(Order { account: text("other"), ..buy(100, 1) }), Reason::SessionAccount);
    desk.reject(in_msft(sell(100, 1)), Reason::SessionSide);
    desk.reject(in_msft(market(Side::Buy, 1)), Reason::SessionOrderType);
    let far = Order { sequence: 1_000, ..in_msft(buy(100, 1)) };
    assert_eq!(desk.try_send(far), Err(ExecError::Refused(Error::SequenceGap)));
    set(SessionPermissions::default()).unwrap();
    desk.accept(far);
    desk.reject(of(2, in_msft(buy(100, 1))), Reason::SessionSymbol);
}

#[test]
fn how_a_session_stands_is_told_across_restarts() {
    let folder = Folder::new();
    let config = folder.config(&[]);
    let desk = Desk::open(&config);
    assert_eq!(desk.gateway.session_state(1).unwrap().last_sequence, 0);
    desk.accept(Order { sequence: 7, ..buy(100, 1) });
    let order = desk.accept(Order { sequence: 8, ..buy(100, 1) });
    desk.accept(Order { sequence: 9, ..cancel(order) });
    let permissions = only("AAPL", "fund");
    let limits = SessionLimits { max_open_orders: 7, ..WIDE };
    desk.gateway.set_session_permissions(1, permissions.clone()).unwrap();
    desk.gateway.set_session_limits(1, limits).unwrap();
    assert_eq!(desk.gateway.halted(HaltScope::Session(1)), Ok(None));
    desk.gateway.halt(HaltScope::Session(1)).unwrap();
    assert_eq!(desk.gateway.halted(HaltScope::Session(1)), Ok(Some(NOW)));
    let told = SessionState { last_sequence: 9, open_orders: 1, halted: Some(NOW) };
    desk.gateway.close().unwrap();
    assert_eq!(desk.gateway.session_state(1), Ok(told), "a closed one tells too");
    assert_eq!(desk.gateway.session_limits(1), Ok(limits));
    assert_eq!(desk.gateway.session_permissions(1), Ok(permissions));
    drop(desk);
    let desk = Desk::reopen(&config, 9);
    assert_eq!(desk.gateway.session_state(1), Ok(told));
    assert_eq!(desk.gateway.session_limits(1), Ok(WIDE), "the text's");
    assert_eq!(desk.gateway.session_permissions(1), Ok(SessionPermissions::default()));
    for scope in
        [HaltScope::Gateway, HaltScope::Symbol(text("MSFT")), HaltScope::Account(text("A"))]
    {
        assert_eq!(desk.gateway.halted(scope), Ok(None), "of {scope} alone");
        desk.gateway.halt(scope).unwrap();
        assert_eq!(desk.gateway.halted(scope), Ok(Some(NOW)));
    }
    assert_eq!(desk.gateway.session_state(99), Err(Error::NotFound));
    assert_eq!(desk.gateway.halted(HaltScope::Session(99)), Err(Error::NotFound));
    assert_eq!(desk.gateway.halted(HaltScope::Symbol(text("NONE"))), Err(Error::NotFound));
}

#[test]
fn what_no_text_could_give_is_refused_and_changes_nothing() {
    let desk = Desk::open(&config(&[]));
    let zero = Rate { per_second: 0, burst: 1 };
    let refused = |limits: SessionLimits, why: &str| {
        let set = desk.gateway.set_session_limits(1, limits);
        assert_eq!(set, Err(Error::Argument), "{limits:?}");
        assert_eq!(limits.check().unwrap_err().to_string(), why);
    };
    let rate = "must be from 1 to 1000000000";
    let no_burst = Rate { per_second: 1, burst: 0 };
    let too_fast = Rate { per_second: 1_000_000_001, burst: 1 };
    refused(SessionLimits { rate: zero, ..WIDE }, &format!("per_second: {rate}"));
    refused(SessionLimits { rate: too_fast, ..WIDE }, &format!("per_second: {rate}"));
    refused(SessionLimits { rate: no_burst, ..WIDE }, &format!("burst: {rate}"));
    refused(SessionLimits { cancel_rate: zero, ..WIDE }, &format!("cancels_per_second: {rate}"));
    refused(SessionLimits { cancel_rate: no_burst, ..WIDE }, &format!("cancels_burst: {rate}"));
    let count = "must be from 1 to 100000000";
    for wrong in [0, 100_000_001, u32::MAX] {
        let why = format!("max_open_orders: {count}");
        refused(SessionLimits { max_open_orders: wrong, ..WIDE }, &why);
        let why = format!("order_to_trade_after: {count}");
        refused(SessionLimits { order_to_trade_after: wrong, ..WIDE }, &why);
    }
    for wrong in [0, 100_000_001] {
        let why = format!("max_repeats: {count}, or none");
        refused(SessionLimits { max_repeats: wrong, ..WIDE }, &why);
        let why = format!("max_order_to_trade: {count}, or none");
        refused(SessionLimits { max_order_to_trade: wrong, ..WIDE }, &why);
    }
    for wrong in [0, 3_600 * SECOND + 1] {
        let why = "repeat_window_ns: must be from 1 to 3600000000000";
        refused(SessionLimits { repeat_window_ns: wrong, ..WIDE }, why);
    }
    let every = SessionPermissions::default;
    for (permissions, field) in [
        (SessionPermissions { sides: Permitted(0), ..every() }, "sides"),
        (SessionPermissions { sides: Permitted(1 << 3), ..every() }, "sides"),
        (SessionPermissions { order_types: Permitted(0), ..every() }, "order_types"),
        (SessionPermissions { order_types: Permitted(1 << 9), ..every() }, "order_types"),
        (SessionPermissions { max_sequence_gap: 1_000_000_001, ..every() }, "max_sequence_gap"),
        (SessionPermissions { symbols: vec![[0; 16]], ..every() }, "symbols"),
        (SessionPermissions { accounts: vec![[b' '; 16]], ..every() }, "accounts"),
        (
            SessionPermissions {
                accounts: (0..1_025).map(|n| text(&format!("A{n}"))).collect(),
                ..every()
            },
            "accounts",
        ),
    ] {
        let set = desk.gateway.set_session_permissions(1, permissions.clone());
        assert_eq!(set, Err(Error::Argument), "{permissions:?}");
        let why = permissions.check().unwrap_err().to_string();
        assert!(why.starts_with(&format!("{field}: must ")), "{why}");
    }
    assert_eq!(desk.gateway.set_session_limits(99, WIDE), Err(Error::NotFound));
    assert_eq!(desk.gateway.set_session_permissions(99, every()), Err(Error::NotFound));
    desk.accept(buy(100, 1));
    desk.gateway.close().unwrap();
    assert_eq!(desk.gateway.set_session_limits(1, WIDE), Err(Error::Closed));
    assert_eq!(desk.gateway.set_session_permissions(1, every()), Err(Error::Closed));
}

/// Half of one set of permissions and half of another would permit what neither does.
#[test]
fn no_frame_sees_a_part_of_new_permissions() {
    const CHANGES: usize = 200;
    let desk = Desk::open(&config(&[]));
    let sets = [only("AAPL", "fund"), only("MSFT", "other")];
    desk.gateway.set_session_permissions(1, sets[0].clone()).unwrap();
    let neither = desk.frame(Order { account: text("other"), ..buy(100, 1) });
    std::thread::scope(|threads| {
        let changing = threads.spawn(|| {
            for n in 1..=CHANGES {
                desk.gateway.set_session_permissions(1, sets[n % 2].clone()).unwrap();
            }
        });
        while !changing.is_finished() {
            let reasons = desk.gateway.pre_trade_reasons(&neither).unwrap();
            let is_whole = [[Reason::SessionAccount], [Reason::SessionSymbol]]
                .contains(reasons.as_slice().try_into().expect("one reason"));
            assert!(is_whole, "{reasons:?}");
        }
    });
}

/// Every record, as the commits divide them: what changed a session, and who did it.
fn batches(folder: &Folder) -> Vec<Vec<(String, String)>> {
    let mut batches = vec![Vec::new()];
    let each = |record: &journal::Record<'_>| {
        if record.kind == Kind::Commit {
            batches.push(Vec::new());
        }
        if record.kind == Kind::Event {
            let event = Event::decode(record.payload).unwrap();
            let what = match event.kind {
                EventKind::Session { id, limits, .. } => {
                    format!("session {id} {}", limits.max_open_orders)
                }
                EventKind::SessionTrades { session_id, .. } => format!("trades {session_id}"),
                EventKind::SessionTradesOnly { session_id, what } => match what {
                    SessionName::Symbol(_) => format!("only symbol {session_id}"),
                    SessionName::Account(_) => format!("only account {session_id}"),
                },
                _ => return Ok(()),
            };
            let by = tinywindow::order::text_str(&event.by).to_owned();
            batches.last_mut().unwrap().push((what, by));
        }
        Ok(())
    };
    journal::read(&folder.journal(), each).unwrap();
    batches.retain(|batch| !batch.is_empty());
    batches
}

#[test]
fn the_journal_tells_who_changed_a_session_and_has_a_change_whole() {
    let folder = Folder::new();
    let config = folder.config(&[]);
    let desk = Desk::open(&config);
    acting_as(text("alice"), || {
        desk.gateway.set_session_permissions(3, only("AAPL", "fund")).unwrap();
        let limits = SessionLimits { max_open_orders: 7, ..WIDE };
        desk.gateway.set_session_limits(3, limits).unwrap();
    });
    drop(desk);
    let by = |whose: &str, what: &[&str]| -> Vec<(String, String)> {
        what.iter().map(|what| ((*what).to_owned(), whose.to_owned())).collect()
    };
    let changed = batches(&folder);
    assert_eq!(
        changed[1..],
        [
            by("alice", &["trades 3", "only symbol 3", "only account 3"]),
            by("alice", &["session 3 7"])
        ]
    );

    // At the next opening the text wins, and the journal tells that too, in nobody's name.
    let desk = Desk::reopen(&config, 0);
    desk.accept(of(3, in_msft(buy(100, 1))));
    drop(desk);
    let reopened = batches(&folder);
    assert_eq!(reopened[..3], changed);
    assert_eq!(reopened[3..], [by("", &["session 3 1000000", "trades 3"])]);
}
