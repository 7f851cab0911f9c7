//! The counters agree with what a run did.

use std::collections::BTreeMap;
use std::time::Duration;

use tinywindow::gateway::{Gate, HaltScope};
use tinywindow::signing::{Suite, generate, keygen, sign, verify};
use tinywindow::{Reason, telemetry};

use crate::desk::*;
use crate::handles::{Handles, item};
use crate::seen::{changes, metrics, turn};

fn expected(counts: &[(&str, u32)]) -> BTreeMap<String, f64> {
    counts
        .iter()
        .map(|(series, count)| (format!("tinywindow_{series}"), f64::from(*count)))
        .collect()
}

#[test]
fn of_keys_and_signatures() {
    let _turn = turn();
    let before = metrics();
    let key = keygen(Suite::HmacSha256, 1);
    generate(Suite::Ed25519).unwrap();
    let signature = sign(&key, b"payload").unwrap();
    sign(b"no key", b"payload").unwrap_err();
    assert!(verify(&key, b"payload", &signature));
    assert!(verify(&key, b"payload", &signature));
    assert!(!verify(&key, b"another", &signature));
    assert!(!verify(&key, b"payload", b"short"));
    assert!(!verify(b"no key", b"payload", &signature));
    let counts = [
        ("encryption_keygen_total{status=\"success\"}", 2),
        ("encryption_sign_total{status=\"success\"}", 1),
        ("encryption_sign_total{status=\"error\"}", 1),
        ("encryption_verify_total{status=\"success\",result=\"valid\"}", 2),
        ("encryption_verify_total{status=\"success\",result=\"invalid\"}", 2),
        ("encryption_verify_total{status=\"error\",result=\"invalid\"}", 1),
    ];
    assert_eq!(changes(&before), expected(&counts));
}

/// Each item of a batch, also where two are signed at once.
#[test]
fn of_batches() {
    let _turn = turn();
    let before = metrics();
    let handles = Handles::new(&keygen(Suite::HmacSha256, 1));
    let payloads = [&[1; 300][..], &[2; 300], b"short"].map(item);
    let (mut signatures, _) = handles.sign(&payloads);
    signatures[1][0] ^= 1;
    handles.verify(&payloads, &[0, 1, 2].map(|index| item(&signatures[index])));
    let counts = [
        ("encryption_keygen_total{status=\"success\"}", 1),
        ("encryption_sign_total{status=\"success\"}", 3),
        ("encryption_verify_total{status=\"success\",result=\"valid\"}", 2),
        ("encryption_verify_total{status=\"success\",result=\"invalid\"}", 1),
    ];
    assert_eq!(changes(&before), expected(&counts));
}

/// One of everything that can become of a frame: every count is what this says.
fn script(desk: &Desk) {
    let bid = desk.accept(buy(100, 5));
    desk.accept(sell(100, 2));
    desk.reject(buy(i64::from(u32::MAX), 1_000_000), Reason::MaxQuantity);
    desk.reject(cancel(77), Reason::UnknownOrder);
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    desk.reject(buy(100, 1), Reason::HaltedGateway);
    desk.gateway.resume(HaltScope::Gateway).unwrap();
    let again = desk.frame(buy(99, 1));
    assert!(!desk.send_frame(&again).unwrap().duplicate);
    assert!(desk.send_frame(&again).unwrap().duplicate);
    desk.gateway.submit(&again, 0).unwrap();
    desk.submit(buy(98, 1));
    let mut forged = desk.frame(buy(97, 1));
    *forged.last_mut().unwrap() ^= 1;
    desk.send_frame(&forged).unwrap_err();
    desk.gateway.submit(&forged, 1).unwrap_err();
    desk.send_frame(b"no frame").unwrap_err();
    desk.gateway.pre_trade_check(b"no frame").unwrap_err();
    desk.gateway.pre_trade_check(&desk.frame(buy(96, 1))).unwrap();
    desk.accept(cancel(bid));
}

fn script_counts() -> BTreeMap<String, f64> {
    expected(&[
        ("encryption_sign_total{status=\"success\"}", 10),
        ("encryption_verify_total{status=\"success\",result=\"valid\"}", 11),
        ("encryption_verify_total{status=\"success\",result=\"invalid\"}", 2),
        ("exec_orders_total{status=\"accepted\"}", 5),
        ("exec_orders_total{status=\"rejected\"}", 3),
        ("exec_rejections_total{reason=\"max_quantity\"}", 1),
        ("exec_rejections_total{reason=\"unknown_order\"}", 1),
        ("exec_rejections_total{reason=\"halted_gateway\"}", 1),
        ("exec_retries_total", 2),
        // Who sends next after the forged ones leaves theirs out.
        ("exec_sequence_gaps_total", 1),
        ("exec_errors_total{type=\"validation\"}", 4),
        ("exec_refusals_total{status=\"TW_ERR_UNAUTHENTICATED\"}", 2),
        ("exec_refusals_total{status=\"TW_ERR_ORDER\"}", 2),
        ("exec_gateways", 1),
        // At 99 and at 98.
        ("exec_open_orders", 2),
        // Two acks; new, new, two trades, new, new, canceled.
        ("exec_completions_waiting", 9),
    ])
}

/// What has changed, but for the keys that the desk makes.
fn order_changes(since: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let mut changes = changes(since);
    changes.retain(|series, _| !series.contains("_keygen_"));
    changes
}

const LIMITS: &[(&str, &str)] = &[("limits.max_quantity", "1000")];

#[test]
fn of_orders_with_the_memory_journal() {
    let _turn = turn();
    let before = metrics();
    let desk = Desk::open(&config(LIMITS));
    script(&desk);
    assert_eq!(order_changes(&before), script_counts());
    drop(desk);
    let gauges = ["gateways", "open_orders", "in_flight", "completions_waiting"];
    for gauge in gauges.map(|gauge| format!("tinywindow_exec_{gauge}")) {
        assert_eq!(metrics()[&gauge], before[&gauge], "{gauge}");
    }
}

#[test]
fn of_orders_with_a_journal_in_a_file() {
    let _turn = turn();
    let folder = Folder::new();
    let before = metrics();
    let desk = Desk::open(&folder.config(LIMITS));
    script(&desk);
    desk.gateway.halt(HaltScope::Session(2)).unwrap();
    let mut changes = order_changes(&before);
    let bytes = changes.remove("tinywindow_exec_journal_bytes_total").unwrap();
    assert_eq!(changes, script_counts());
    desk.gateway.close().unwrap();
    let now = metrics();
    let change = |series: &str| now[series] - before[series];
    let history = tinywindow::journal::read(&folder.journal(), |_| Ok(())).unwrap();
    let at_close = change("tinywindow_exec_journal_bytes_total") - bytes;
    assert_eq!(bytes + at_close, history.bytes as f64);
    // One for each of four keys, three halts and eight orders, of which the one submitted may share
    // the next one's; one or two at the end.
    let syncs = change("tinywindow_exec_journal_sync_seconds_count");
    assert!((15.0..=17.0).contains(&syncs), "{syncs}");
    let send = "tinywindow_exec_order_latency_seconds_count{operation=\"send\"}";
    assert_eq!(change(send), 10.0, "every ack is timed");
}

#[test]
fn of_every_gate_of_every_order_with_a_journal_in_a_file() {
    let _turn = turn();
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    let before = metrics();
    for _ in 0..5 {
        assert!(desk.send(buy(100, 1)).accepted);
    }
    let now = metrics();
    for gate in Gate::ALL.map(Gate::name) {
        let series = format!("tinywindow_exec_gate_latency_seconds_count{{gate=\"{gate}\"}}");
        assert_eq!(now[&series] - before[&series], 5.0, "{gate}");
    }
}

#[test]
fn of_what_is_too_late_or_too_much() {
    let _turn = turn();
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[("sessions.burst", "2")]));
    let before = metrics();
    hold.hold();
    desk.gateway.send(&desk.frame(buy(100, 1)), Duration::from_millis(10)).unwrap_err();
    desk.submit(buy(100, 1));
    let in_flight = "tinywindow_exec_in_flight";
    assert_eq!(metrics()[in_flight], 2.0);
    desk.try_send(buy(100, 1)).unwrap_err();
    hold.release();
    desk.acks(1);
    desk.gateway.close().unwrap();
    desk.try_send(buy(100, 1)).unwrap_err();
    let mut changes = changes(&before);
    changes.retain(|series, _| series.contains("_errors_") || series.contains("_refusals_"));
    let counts = [
        ("exec_errors_total{type=\"timeout\"}", 1),
        ("exec_errors_total{type=\"validation\"}", 1),
        ("exec_errors_total{type=\"connection\"}", 1),
        ("exec_refusals_total{status=\"TW_ERR_THROTTLED\"}", 1),
        ("exec_refusals_total{status=\"TW_ERR_CLOSED\"}", 1),
    ];
    assert_eq!(changes, expected(&counts));
    assert_eq!(metrics()[in_flight], 0.0);
}

/// The latencies are a sample of one in 64, so that many make it certain.
#[test]
fn of_samples() {
    const ORDERS: usize = 640;
    let _turn = turn();
    let desk = Desk::open(&config(&[]));
    let frames: Vec<_> = (0..ORDERS).map(|_| desk.frame(buy(100, 1))).collect();
    let before = metrics();
    for frame in &frames {
        desk.gateway.pre_trade_check(frame).unwrap();
        desk.send_frame(frame).unwrap();
    }
    let now = metrics();
    let change = |series: &str| now[series] - before[series];
    for series in [
        "exec_order_latency_seconds_count{operation=\"send\"}",
        "exec_order_latency_seconds_count{operation=\"pretrade\"}",
        "exec_gate_latency_seconds_count{gate=\"decode\"}",
        "exec_gate_latency_seconds_count{gate=\"authenticate\"}",
        "exec_gate_latency_seconds_count{gate=\"freshness\"}",
        "exec_gate_latency_seconds_count{gate=\"throttle\"}",
        "exec_gate_latency_seconds_count{gate=\"risk\"}",
        "exec_gate_latency_seconds_count{gate=\"journal\"}",
        "exec_gate_latency_seconds_count{gate=\"venue\"}",
    ] {
        assert_eq!(change(&format!("tinywindow_{series}")), 10.0, "{series}");
    }
    let verify = "tinywindow_encryption_latency_seconds_count{operation=\"verify\"}";
    assert_eq!(change(verify), 20.0);
    let send = "tinywindow_exec_order_latency_seconds";
    assert_eq!(change(&format!("{send}_bucket{{operation=\"send\",le=\"+Inf\"}}")), 10.0);
    let gates: f64 = now
        .keys()
        .filter(|series| series.starts_with("tinywindow_exec_gate_latency_seconds_sum"))
        .map(|series| change(series))
        .sum();
    let whole = change(&format!("{send}_sum{{operation=\"send\"}}"));
    assert!(0.0 < gates && gates < whole, "the gates are a part of the whole");
}

#[test]
fn of_many_threads() {
    const THREADS: u32 = 40;
    const CALLS: u32 = 100;
    let _turn = turn();
    let before = metrics();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope
                .spawn(|| (0..CALLS).for_each(|seed| drop(keygen(Suite::HmacSha256, seed.into()))));
        }
        let counted = || {
            let text = telemetry::metrics_text();
            let line = "tinywindow_encryption_keygen_total{status=\"success\"} ";
            text.split_once(line).unwrap().1.lines().next().unwrap().parse::<u64>().unwrap()
        };
        let mut last = 0;
        for _ in 0..20 {
            let now = counted();
            assert!(now >= last, "a counter never goes back");
            last = now;
        }
    });
    let counts = [("encryption_keygen_total{status=\"success\"}", THREADS * CALLS)];
    assert_eq!(changes(&before), expected(&counts));
}
