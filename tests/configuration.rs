//! The configuration: every key against its reference page, every value where it belongs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tinywindow::MemoryLock;
use tinywindow::config::*;
use tinywindow::decimal;
use tinywindow::gateway::exposure::ExposureLimits;
use tinywindow::gateway::instrument::{
    Hours, Instrument, NO_COLLAR, Permitted, TickBand, UNLIMITED,
};
use tinywindow::order::{OrdType, Side, TimeInForce, text};

const PAGE: &str = include_str!("../docs/CONFIGURATION.md");

// ---- The reference page ----

/// One row of the page: a key of a table.
#[derive(Debug)]
struct Row<'a> {
    table: &'a str,
    key: &'a str,
    kind: &'a str,
    range: &'a str,
    default: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let mut table = "";
    let mut rows = Vec::new();
    for line in PAGE.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            table = heading.trim_matches(|c: char| !c.is_ascii_lowercase());
        } else if line.starts_with("| `") {
            let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
            let [key, kind, range, default, _meaning] = cells[..] else { panic!("{line}") };
            rows.push(Row { table, key: key.trim_matches('`'), kind, range, default });
        }
    }
    rows
}

/// The TOML examples of the page, in order.
fn examples() -> Vec<&'static str> {
    let blocks = PAGE.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// A small valid configuration, with some of its keys set or (by "") removed.
fn text_with(changes: &[(&str, &str, &str)]) -> String {
    let mut keys = BTreeMap::from([
        (("journal", "kind"), "\"file\""),
        (("journal", "path"), "\"a\""),
        (("sessions", "id"), "1"),
        (("instruments", "symbol"), "\"AAPL\""),
        (("instruments", "tick"), "1"),
        (("instruments", "lot"), "1"),
        (("instruments", "max_quantity"), "1"),
        (("instruments", "max_notional"), "1"),
        (("instruments", "max_position"), "1"),
        (("instruments", "collar_percent"), "1"),
        (("accounts", "name"), "\"FUND\""),
        (("venue", "kind"), "\"paper\""),
        (("service", "listen"), "\"127.0.0.1:0\""),
        (("service", "certificate"), "\"a\""),
        (("service", "private_key"), "\"a\""),
        (("service", "client_ca"), "\"a\""),
        (("peers", "certificate"), "\"a\""),
    ]);
    keys.extend(changes.iter().map(|&(table, key, value)| ((table, key), value)));
    let mut text = String::new();
    for &(table, _) in KEYS {
        let header = match table {
            "sessions" | "instruments" | "accounts" | "peers" => format!("[[{table}]]\n"),
            _ => format!("[{table}]\n"),
        };
        text.push_str(&header);
        for ((_, key), value) in keys.iter().filter(|((t, _), v)| *t == table && !v.is_empty()) {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    text
}

fn with(table: &str, key: &str, value: &str) -> Result<Config, ConfigError> {
    let config = Config::parse(&text_with(&[(table, key, value)]))?;
    Ok(Config { digest: [0; 32], ..config })
}

#[test]
fn the_page_has_every_key_in_the_parsers_order() {
    let documented: Vec<_> = rows().iter().map(|row| (row.table, row.key)).collect();
    let known: Vec<_> =
        KEYS.iter().flat_map(|(table, keys)| keys.iter().map(move |key| (*table, *key))).collect();
    assert_eq!(documented, known);
}

#[test]
fn the_pages_defaults_are_the_codes() {
    let plain = with("venue", "kind", "\"paper\"").unwrap();
    let mut counts = BTreeMap::new();
    for row in rows() {
        let (table, key) = (row.table, row.key);
        let kind = match row.default {
            "required" => {
                let error = with(table, key, "").unwrap_err();
                assert!(error.message.contains(&format!("no key `{key}`")), "{row:?}: {error}");
                "required"
            }
            "none" | "from `[limits]`" | "from `[account_limits]`" => "absent",
            literal => {
                let literal = literal.strip_prefix('`').and_then(|l| l.strip_suffix('`')).unwrap();
                assert_eq!(with(table, key, literal).unwrap(), plain, "{row:?}");
                "default"
            }
        };
        *counts.entry(kind).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([("required", 7), ("absent", 60), ("default", 43)]));
}

#[test]
fn the_pages_ranges_are_the_codes() {
    let mut checked = 0;
    for row in rows() {
        let Some((from, to)) = row.range.split_once(" to ") else {
            continue;
        };
        let (from, to) = (&from.replace(',', ""), &to.replace(',', ""));
        let beyond = if row.kind.starts_with("integer") {
            let (from, to): (i128, i128) = (from.parse().unwrap(), to.parse().unwrap());
            vec![(from - 1).to_string(), (to + 1).to_string()]
        } else if row.kind.starts_with("decimal") {
            // The least value is the step too.
            let step = decimal::parse_unsigned(from).unwrap();
            let above = decimal::parse_unsigned(to).unwrap() + step;
            let above = decimal::format_unsigned(above);
            ["0", "-1", &above, &format!("{from}1")].map(|text| format!("'{text}'")).to_vec()
        } else {
            continue;
        };
        for inside in [from, to] {
            let quote = if row.kind.starts_with("decimal") { "'" } else { "" };
            let inside = format!("{quote}{inside}{quote}");
            // Whatever is a session's share, the gateway has it; and no least is above a greatest.
            let rooms = [
                ("gateway", "max_orders", "100_000_000"),
                ("gateway", "max_in_flight", "1_000_000"),
                ("gateway", "max_completions", "16_777_216"),
                ("instruments", "max_quantity", "'unlimited'"),
            ];
            let changes = [&rooms[..], &[(row.table, row.key, &inside)]].concat();
            Config::parse(&text_with(&changes)).unwrap();
        }
        for outside in beyond {
            let error = with(row.table, row.key, &outside).unwrap_err();
            assert!(error.message.contains(&format!("write {from} to {to}")), "{row:?}: {error}");
        }
        let unlimited = with(row.table, row.key, "'unlimited'").is_ok();
        assert_eq!(unlimited, row.kind.contains("unlimited"), "{row:?}");
        checked += 1;
    }
    assert_eq!(checked, 53);
}

#[test]
fn the_pages_names_are_the_codes() {
    let mut checked = 0;
    for row in rows().iter().filter(|row| row.range.starts_with("`\"")) {
        for name in row.range.split(", ") {
            let name = name.trim_matches('`');
            let value = if row.kind.contains("array") { format!("[{name}]") } else { name.into() };
            let path = if name == "\"memory\"" { "" } else { "\"a\"" };
            let prevents = ("firm", "self_trade_prevention", "\"firm\"");
            let changes = [prevents, (row.table, row.key, &value), ("journal", "path", path)];
            Config::parse(&text_with(&changes)).unwrap();
            checked += 1;
        }
        let unknown = if row.kind.contains("array") { "[\"?\"]" } else { "\"?\"" };
        let error = with(row.table, row.key, unknown).unwrap_err();
        let names = row.range.replace(['"', '`'], "").replace(", ", "`, `");
        assert!(error.message.ends_with(&format!("write one of `{names}`")), "{error}");
    }
    assert_eq!(checked, 29);
}

#[test]
fn the_pages_examples_are_valid() {
    let examples = examples();
    assert_eq!(examples.len(), KEYS.len() + 1);
    let (complete, parts) = examples.split_last().unwrap();
    let config = Config::parse(complete).unwrap();
    assert_eq!((config.sessions.len(), config.instruments.len()), (2, 3));
    // The examples of the tables, one after the other, are one configuration.
    let config = Config::parse(&parts.concat()).unwrap();
    assert_eq!(config.instruments[1].instrument.collar_basis_points, 250);
}

#[test]
fn the_service_pages_example_is_valid() {
    let page = include_str!("../docs/SERVICE.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let service = Config::parse(example).unwrap().service.unwrap();
    assert_eq!((service.keys_in_requests, service.peers.len()), (false, 1));
}

// ---- What is read ----

#[test]
fn the_smallest_configuration_has_every_default() {
    let text = "journal.kind = 'memory'\nvenue.kind = 'paper'";
    let config = Config::parse(text).unwrap();
    let expected = Config {
        max_orders: 262_144,
        max_in_flight: 4_096,
        max_completions: 65_536,
        keep_finished_ns: None,
        memory_lock: None,
        journal: JournalConfig::Memory,
        freshness: Freshness { back_ns: 5_000_000_000, ahead_ns: 1_000_000_000 },
        undelivered_ns: 5_000_000_000,
        throttle: Rate { per_second: 100_000, burst: 10_000 },
        sessions: vec![],
        instruments: vec![],
        firm: ExposureLimits::NONE,
        resume_keys: vec![],
        self_trade_prevention: SelfTradePrevention::Off,
        self_trade_mode: SelfTradeMode::CancelNewest,
        account_limits: ExposureLimits::NONE,
        accounts: vec![],
        venue: VenueConfig::Paper,
        service: None,
        digest: config.digest,
    };
    assert_eq!(config, expected);
}

#[test]
fn every_value_arrives_where_it_belongs() {
    let toml = r#"
        gateway.max_orders = 1_0
        gateway.max_in_flight = 0x14
        gateway.max_completions = 30
        gateway.keep_finished_days = 50
        gateway.memory_lock = "preferred"
        journal.kind = "file"
        journal.path = "a/b.twj"
        journal.segment_bytes = 65_537
        journal.checkpoint_origin = "example.com/desk-1"
        journal.checkpoint_keys = ["a.key", "b.key"]
        journal.checkpoint_records = 1_000
        journal.checkpoint_seconds = 5
        journal.snapshot_events = 7_000
        freshness = { back_ms = 40, ahead_ms = 0, undelivered_ms = 45 }
        throttle = { per_second = 50, burst = 60 }
        venue.kind = "paper"
        [[sessions]]
        id = 18446744073709551615
        keys = ["a.pub", "b.key"]
        per_second = 70
        burst = 80
        cancels_per_second = 90
        cancels_burst = 100
        max_open_orders = 110
        max_orders = 9
        max_in_flight = 18
        max_completions = 29
        max_repeats = 8
        repeat_window_ms = 7
        max_order_to_trade = 6
        order_to_trade_after = 5
        symbols = ["ZZ", "AA"]
        accounts = ["B"]
        sides = ["buy"]
        order_types = ["stop"]
        max_sequence_gap = 4
        [limits]
        tick = "0.25"
        tick_bands = [{ from = 1, tick = "0.5" }]
        lot = 100
        max_quantity = "unlimited"
        max_notional = "unlimited"
        max_position = 7
        per_second = 50
        burst = 5
        collar_percent = "unlimited"
        restricted = true
        sides = ["sell"]
        [[instruments]]
        symbol = "LIMITS"
        [[instruments]]
        symbol = "OWN"
        reference_price = "585.33"
        tick = "0.00000001"
        tick_bands = []
        lot = "0.5"
        min_quantity = "0.5"
        max_quantity = 1000
        min_price = "0.1"
        max_price = 200
        last_trade_collar_percent = "0.5"
        locate = 77
        per_second = 60
        opens = "22:30"
        closes = "00:00:59"
        max_notional = "2000.5"
        max_position = "unlimited"
        collar_percent = "12.34"
        restricted = false
        sides = ["buy", "sell_short"]
        order_types = ["stop", "stop_limit"]
        times_in_force = ["day", "fill_or_kill"]
        [firm]
        max_gross_notional = 1
        max_net_notional = 2
        max_loss = 3
        self_trade_prevention = "account"
        self_trade_mode = "cancel_both"
        [kill_switch]
        resume_keys = ["f.pub"]
        [account_limits]
        max_net_notional = 4
        max_loss = 5
        [[accounts]]
        name = "OWN"
        max_gross_notional = 6
        max_net_notional = "unlimited"
        [service]
        listen = "192.0.2.1:120"
        metrics_listen = "[::1]:130"
        certificate = "a.pem"
        private_key = "b.pem"
        client_ca = "c.pem"
        keys = ["d.key", "e.key"]
        keys_in_requests = true
        max_message_bytes = 140000
        max_connections = 150
        max_requests = 160
        handshake_timeout_ms = 170
        request_timeout_ms = 180
        stop_timeout_ms = 190
        [[peers]]
        certificate = "Desk-1.Example"
        sessions = [18446744073709551615]
        cancel_on_disconnect = true
        keys = ["e.key"]
        [[peers]]
        certificate = "desk-2.example"
    "#;
    let config = Config::parse(toml).unwrap();
    let money = |units: [Option<u64>; 3]| {
        let [gross, net, loss] = units.map(|units| units.map_or(UNLIMITED, |u| u * 100_000_000));
        ExposureLimits { max_gross_notional: gross, max_net_notional: net, max_loss: loss }
    };
    let limits = Instrument {
        symbol: text(b"LIMITS").unwrap(),
        restricted: true,
        tick: 25_000_000,
        lot: 10_000_000_000,
        min_quantity: 0,
        max_quantity: UNLIMITED,
        min_price: i64::MIN,
        max_price: i64::MAX,
        max_notional: UNLIMITED,
        max_position: 700_000_000,
        collar_basis_points: NO_COLLAR,
        last_trade_collar_basis_points: NO_COLLAR,
        locate: UNLIMITED,
        hours: Hours::default(),
        sides: Permitted::sides(&[Side::Sell]),
        order_types: Permitted::order_types(&[OrdType::Market, OrdType::Limit]),
        times_in_force: Permitted::times_in_force(TimeInForce::ALL),
    };
    let own = Instrument {
        symbol: text(b"OWN").unwrap(),
        restricted: false,
        tick: 1,
        lot: 50_000_000,
        min_quantity: 50_000_000,
        max_quantity: 100_000_000_000,
        min_price: 10_000_000,
        max_price: 20_000_000_000,
        max_notional: 200_050_000_000,
        max_position: UNLIMITED,
        collar_basis_points: 1_234,
        last_trade_collar_basis_points: 50,
        locate: 7_700_000_000,
        hours: Hours { opens_s: 81_000, closes_s: 59 },
        sides: Permitted::sides(&[Side::Buy, Side::SellShort]),
        order_types: Permitted::order_types(&[OrdType::Stop, OrdType::StopLimit]),
        times_in_force: Permitted::times_in_force(&[TimeInForce::Day, TimeInForce::FillOrKill]),
    };
    let expected = Config {
        max_orders: 10,
        max_in_flight: 20,
        max_completions: 30,
        keep_finished_ns: Some(50 * 86_400_000_000_000),
        memory_lock: Some(MemoryLock::Preferred),
        journal: JournalConfig::File {
            path: PathBuf::from("a/b.twj"),
            segment_bytes: 65_537,
            checkpoints: Some(CheckpointConfig {
                origin: "example.com/desk-1".to_owned(),
                keys: ["a.key", "b.key"].map(str::to_owned).to_vec(),
                records: 1_000,
                seconds: 5,
            }),
            snapshot_events: 7_000,
        },
        freshness: Freshness { back_ns: 40_000_000, ahead_ns: 0 },
        undelivered_ns: 45_000_000,
        throttle: Rate { per_second: 50, burst: 60 },
        sessions: vec![SessionConfig {
            id: u64::MAX,
            keys: vec!["a.pub".to_owned(), "b.key".to_owned()],
            limits: SessionLimits {
                rate: Rate { per_second: 70, burst: 80 },
                cancel_rate: Rate { per_second: 90, burst: 100 },
                max_open_orders: 110,
                max_repeats: 8,
                repeat_window_ns: 7_000_000,
                max_order_to_trade: 6,
                order_to_trade_after: 5,
            },
            share: SessionShare { max_orders: 9, max_in_flight: 18, max_completions: 29 },
            permissions: SessionPermissions {
                symbols: [b"AA", b"ZZ"].map(|symbol| text(symbol).unwrap()).to_vec(),
                accounts: vec![text(b"B").unwrap()],
                sides: Permitted::sides(&[Side::Buy]),
                order_types: Permitted::order_types(&[OrdType::Stop]),
                max_sequence_gap: 4,
            },
        }],
        instruments: vec![
            InstrumentConfig {
                instrument: limits,
                rate: Some(Rate { per_second: 50, burst: 5 }),
                tick_bands: vec![TickBand { from: 100_000_000, tick: 50_000_000 }],
                reference_price: None,
            },
            InstrumentConfig {
                instrument: own,
                rate: Some(Rate { per_second: 60, burst: 5 }),
                tick_bands: vec![],
                reference_price: Some(58_533_000_000),
            },
        ],
        firm: money([Some(1), Some(2), Some(3)]),
        resume_keys: vec!["f.pub".to_owned()],
        self_trade_prevention: SelfTradePrevention::Account,
        self_trade_mode: SelfTradeMode::CancelBoth,
        account_limits: money([None, Some(4), Some(5)]),
        accounts: vec![AccountConfig {
            name: text(b"OWN").unwrap(),
            limits: money([Some(6), None, Some(5)]),
        }],
        venue: VenueConfig::Paper,
        service: Some(ServiceConfig {
            listen: "192.0.2.1:120".parse().unwrap(),
            metrics_listen: Some("[::1]:130".parse().unwrap()),
            tls: Some(TlsConfig {
                certificate: PathBuf::from("a.pem"),
                private_key: PathBuf::from("b.pem"),
                client_ca: Some(PathBuf::from("c.pem")),
            }),
            keys: vec!["d.key".to_owned(), "e.key".to_owned()],
            keys_in_requests: true,
            peers: vec![
                PeerConfig {
                    certificate: "desk-1.example".to_owned(),
                    sessions: vec![u64::MAX],
                    cancel_on_disconnect: true,
                    keys: vec!["e.key".to_owned()],
                },
                PeerConfig {
                    certificate: "desk-2.example".to_owned(),
                    sessions: vec![],
                    cancel_on_disconnect: false,
                    keys: vec![],
                },
            ],
            max_message_bytes: 140_000,
            max_connections: 150,
            max_requests: 160,
            handshake_timeout: Duration::from_millis(170),
            request_timeout: Duration::from_millis(180),
            stop_timeout: Duration::from_millis(190),
        }),
        digest: config.digest,
    };
    assert_eq!(config, expected);
}

#[test]
fn sessions_without_a_share_of_their_own_divide_what_the_others_leave() {
    let text = "gateway={max_orders=10,max_in_flight=9,max_completions=8}\n\
                journal.kind='memory'\nvenue.kind='paper'\n\
                sessions=[{id=1,max_in_flight=1},{id=2,max_orders=3},{id=3,max_completions=4}]";
    let sessions = Config::parse(text).unwrap().sessions;
    let shares = sessions.iter().map(|session| session.share);
    let shares: Vec<_> =
        shares.map(|s| [s.max_orders, s.max_in_flight, s.max_completions]).collect();
    assert_eq!(shares, [[3, 1, 2], [3, 4, 2], [3, 4, 4]]);
}

#[test]
fn keys_travel_in_requests_where_only_this_machine_can_call() {
    let tls = "certificate='a',private_key='b',client_ca='c'";
    for (listen, is_local) in [("127.0.0.1:1", true), ("[::1]:1", true), ("0.0.0.0:1", false)] {
        let text = format!(
            "journal.kind='memory'\nvenue.kind='paper'\nservice={{listen='{listen}',{tls}}}"
        );
        let service = Config::parse(&text).unwrap().service.unwrap();
        assert_eq!((service.is_local(), service.keys_in_requests), (is_local, is_local));
    }
}

#[test]
fn the_digest_is_the_texts_sha_256() {
    // Computed with coreutils: printf "journal.kind='memory'\nvenue.kind='paper'\n" | sha256sum
    let digest = Config::parse("journal.kind='memory'\nvenue.kind='paper'\n").unwrap().digest;
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "995cdf5b738916fcd6b00734ba03c6b828f4b3961506c17aa199f6a383971971");
}
