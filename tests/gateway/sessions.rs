//! What a session may trade, and what becomes of its orders when it is lost.

use tinywindow::gateway::{ExecError, ExecType, OrdStatus};
use tinywindow::order::{Order, Side};
use tinywindow::signing::{Signer, Suite, key_id, keygen, public_key};
use tinywindow::{Error, Reason};

use crate::desk::*;

/// Permissions of every session.
const PERMITTED: [(&str, &str); 6] = [
    ("sessions.symbols", "['MSFT', 'AAPL', 'NONE']"),
    ("sessions.accounts", "['fund', 'another']"),
    ("sessions.sides", "['buy', 'sell']"),
    ("sessions.order_types", "['limit', 'stop']"),
    ("limits.order_types", "['market', 'limit']"),
    ("limits.sides", "['buy', 'sell_short']"),
];

fn check_permissions(desk: &Desk) {
    let of_symbol = |symbol, order| Order { symbol: text(symbol), ..order };
    let of_account = |account, order| Order { account: text(account), ..order };
    desk.accept(of_symbol("MSFT", buy(100, 1)));
    desk.accept(of_account("another", buy(100, 1)));
    desk.reject(of_symbol("IBM", buy(100, 1)), Reason::SessionSymbol);
    desk.reject(of_account("", buy(100, 1)), Reason::SessionAccount);
    desk.reject(limit(Side::SellShort, 100, 1), Reason::SessionSide);
    desk.reject(market(Side::Buy, 1), Reason::SessionOrderType);
    // What the instrument forbids a session's permission does not give.
    desk.reject(sell(100, 1), Reason::Side);
    desk.reject(of_symbol("NONE", buy(100, 1)), Reason::UnknownSymbol);
}

#[test]
fn a_session_trades_what_it_may_and_for_whom_it_may() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&PERMITTED));
    check_permissions(&desk);
    drop(desk);
    let desk = Desk::reopen(&folder.config(&PERMITTED), 8);
    check_permissions(&desk);
    drop(desk);
    // The text wins.
    let desk = Desk::reopen(&folder.config(&PERMITTED[4..]), 16);
    desk.accept(Order { account: text(""), ..buy(100, 1) });
    drop(desk);
    check_permissions(&Desk::reopen(&folder.config(&PERMITTED), 17));
}

#[test]
fn a_permission_taken_away_holds_replaces_back_and_lets_cancels_pass() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    let order = desk.accept(buy(100, 1));
    drop(desk);
    let desk = Desk::reopen(&folder.config(&[("sessions.symbols", "['MSFT']")]), 1);
    desk.reject(replace(order, buy(100, 2)), Reason::SessionSymbol);
    desk.accept(cancel(order));
}

#[test]
fn what_is_open_of_a_session_is_cancelled_at_once() {
    for folder in [None, Some(Folder::new())] {
        let config = |changes: &[(&str, &str)]| match &folder {
            Some(folder) => folder.config(changes),
            None => crate::desk::config(changes),
        };
        let desk = Desk::open(&config(&[]));
        let orders: Vec<u64> = (0..150).map(|n| desk.accept(buy(50 + n % 7, 1))).collect();
        let other = desk.accept(of(2, buy(40, 1)));
        desk.accept(cancel(orders[0]));
        desk.accept(of(2, sell(56, 1)));
        desk.executions();
        assert_eq!(desk.gateway.cancel_session(1), Ok(148), "one is filled, one cancelled");
        // In a file they are durable now; their answers follow.
        desk.send(of(3, cancel(1)));
        let executions = desk.executions();
        assert_eq!(executions.len(), 148);
        for report in &executions {
            assert_eq!(report.exec_type, ExecType::Canceled);
            assert_eq!((report.session_id, report.reason), (1, Some(Reason::SessionCancelled)));
            assert!(orders.contains(&report.client_order_id), "{report:?}");
        }
        assert_eq!(desk.gateway.order_status(2, other).unwrap().ord_status, OrdStatus::New);
        assert_eq!(desk.gateway.cancel_session(1), Ok(0));
        assert_eq!(desk.gateway.cancel_session(99), Err(Error::NotFound));
        desk.accept(buy(100, 1));
    }
}

#[test]
fn cancels_of_a_session_that_a_crash_kept_from_the_venue_are_sent_afterwards() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let prevented = [("firm.self_trade_prevention", "'firm'")];
    let (desk, hold) = Desk::open_held(&folder.config(&prevented));
    let [order, still] = [100, 102].map(|price| desk.accept(buy(price, 1)));
    hold.hold();
    let other = desk.submit(of(2, buy(99, 1)));
    hold.wait_for(1);
    let moved = desk.submit(replace(order, buy(101, 1)));
    let opposite = desk.frame(of(3, sell(102, 1)));
    std::thread::scope(|threads| {
        let cancelled = threads.spawn(|| desk.gateway.cancel_session(1));
        // Nobody has to be kept from an order that is being cancelled.
        let begun = std::time::Instant::now();
        while desk.gateway.pre_trade_check(&opposite).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the cancel is on its way");
            std::thread::yield_now();
        }
        hold.let_one_pass();
        assert!(desk.acks(1)[&other].accepted);
        hold.wait_for(1);
        copy_journal(&folder.journal(), &copy.journal());
        hold.release();
        assert_eq!(cancelled.join().unwrap(), Ok(2));
    });
    desk.acks(1);
    desk.gateway.close().unwrap();
    for folder in [folder, copy] {
        let again = Desk::open(&folder.config(&prevented));
        assert_eq!(again.status(still).ord_status, OrdStatus::Canceled);
        // Its replace came first, and the cancel found it under its new id.
        assert_eq!(again.status(moved).accepted, Some(true));
        assert_eq!(again.status(moved).ord_status, OrdStatus::Canceled);
        assert_eq!(again.gateway.order_status(2, other).unwrap().ord_status, OrdStatus::New);
    }
}

#[test]
fn keys_are_rotated_with_an_overlap() {
    let folder = Folder::new();
    let config = folder.config(&[]);
    let desk = Desk::open(&config);
    let [old, new] = [key(1), keygen(Suite::Ed25519, 5).to_vec()];
    let public = public_key(&new).unwrap();
    let sign_with = |desk: &Desk, key: &[u8]| {
        let signer = Signer::new(key).unwrap();
        desk.send_frame(&sign(&signer, &desk.fill_in(buy(100, 1)))).map(|ack| ack.accepted)
    };
    let refused = Err(ExecError::Refused(Error::Unauthenticated));
    assert_eq!(sign_with(&desk, &new), refused);
    desk.gateway.add_key(1, &public).unwrap();
    assert_eq!([&old, &new].map(|key| sign_with(&desk, key)), [Ok(true); 2]);
    desk.gateway.retire_key(1, key_id(&old).unwrap()).unwrap();
    assert_eq!([&old, &new].map(|key| sign_with(&desk, key)), [refused, Ok(true)]);
    assert_eq!(desk.gateway.add_key(1, &old), Err(Error::Conflict), "it never comes back");
}

#[test]
fn what_a_session_leaves_out_of_its_sequences_is_told() {
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    let gap = |desk: &Desk, sequence| desk.send(Order { sequence, ..buy(100, 1) }).sequence_gap;
    assert_eq!([1, 2, 5, 6, 10].map(|sequence| gap(&desk, sequence)), [0, 0, 2, 0, 3]);
    let (repeated, other) = (Order { sequence: 10, ..buy(100, 1) }, of(2, buy(100, 1)));
    assert_eq!(desk.send(repeated).sequence_gap, 3, "as the original's");
    assert_eq!(desk.send(Order { sequence: 1, ..other }).sequence_gap, 0, "each has its own");
    desk.submit(Order { sequence: 12, ..buy(100, 1) });
    assert_eq!(desk.acks(1)[&12].sequence_gap, 1);
    assert_eq!(gap(&desk, u64::MAX), u32::MAX);
    drop(desk);
    let desk = Desk::open(&folder.config(&[]));
    assert_eq!(desk.send(repeated).sequence_gap, 3);
}

#[test]
fn a_session_that_may_leave_out_no_more_is_refused_and_may_send_what_was_lost() {
    let folder = Folder::new();
    let config = folder.config(&[("sessions.max_sequence_gap", "1")]);
    let desk = Desk::open(&config);
    let send = |desk: &Desk, sequence| {
        desk.try_send(Order { sequence, ..buy(100, 1) }).map(|ack| ack.sequence_gap)
    };
    let refused = Err(ExecError::Refused(Error::SequenceGap));
    assert_eq!(send(&desk, 3), refused, "counted from 1");
    assert_eq!(send(&desk, 2), Ok(1));
    assert_eq!(send(&desk, 5), refused);
    assert_eq!(send(&desk, 3), Ok(0));
    assert_eq!(send(&desk, 5), Ok(1), "the refused one has used nothing up");
    drop(desk);
    assert_eq!(send(&Desk::open(&config), 8), refused);
}
