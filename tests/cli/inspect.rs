//! `inspect` and `config check`.

use std::fs;

use serde_json::{Value, json};
use tinywindow::order::{self, OrdType, Order, Request, Side, Terms, TimeInForce};
use tinywindow::signing::{self, Context, Suite};

use crate::{expect, expect_json, expect_said, folder, hex, key_folder, run, run_with, stdout};

#[test]
fn inspect_tells_everything_of_a_key_but_the_secret() {
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let folder = key_folder("inspect", suite);
        let secret = fs::read(folder.join("key")).unwrap();
        let material = &secret[secret.len() - 32..];
        let key_id = format!("{:016x}", signing::key_id(&secret).unwrap());
        for arguments in [&["inspect", "key"][..], &["inspect", "key", "--json"]] {
            let text = expect(&run(&folder, arguments), 0);
            assert!(text.contains("secret") && text.contains(&key_id), "{text}");
            // Any four bytes of it in a row would be too much.
            let shown = material.windows(4).any(|part| text.contains(&hex(part)));
            assert!(!shown, "{text}");
        }
    }
    let folder = key_folder("inspect", Suite::Ed25519);
    let public = fs::read(folder.join("public")).unwrap();
    let json = expect_json(&run(&folder, &["inspect", "public", "--json"]), 0);
    assert_eq!(json["public_material"], hex(&public[8..]));
    assert!(json.get("public_key").is_none(), "that is what `public` calls the key bytes");
    expect(&run(&folder, &["inspect", "payload"]), 2);
}

#[test]
fn inspect_decodes_an_order_frame() {
    let folder = folder("frame");
    let order = Order {
        sequence: 3,
        sending_time: 1_340_271_000_004_241_176,
        client_order_id: 77,
        session_id: 9,
        key_id: 0xabcd,
        symbol: order::text(b"AAPL").unwrap(),
        account: order::text(b"").unwrap(),
        side: Side::Sell,
        request: Request::Replace(
            76,
            Terms {
                ord_type: OrdType::Limit,
                time_in_force: TimeInForce::Day,
                price: Some(58_533_000_000),
                stop_price: None,
                quantity: 18 * order::UNIT,
            },
        ),
    };
    let mut signed = [0; order::SIGNED_MAX];
    let length = order::encode(&order, &mut signed).unwrap();
    let signer = signing::Signer::new(&signing::keygen(Suite::HmacSha256, 1)).unwrap();
    let signature = signer.sign(Context::Order, &signed[..length]).unwrap();
    let mut frame = [0; order::FRAME_MAX];
    let length = order::frame(&signed[..length], &signature, &mut frame).unwrap();

    let json = expect_json(&run_with(&folder, &["inspect", "-", "--json"], &frame[..length]), 0);
    let expected = [
        ("type", "order"),
        ("template", "OrderCancelReplaceRequest"),
        ("sending_time", "2012-06-21T09:30:00.004241176Z"),
        ("key_id", "000000000000abcd"),
        ("symbol", "AAPL"),
        ("side", "Sell"),
        ("price", "585.33"),
        ("quantity", "18"),
    ];
    for (name, value) in expected {
        assert_eq!(json[name], value, "{json}");
    }
    assert_eq!(json["orig_client_order_id"], 76);
    assert_eq!(json["signature"], hex(&signature));
    let text = expect(&run_with(&folder, &["inspect", "-"], &frame[..length]), 0);
    assert!(text.lines().any(|line| line.starts_with("price ") && line.ends_with(" 585.33")));
    expect(&run_with(&folder, &["inspect", "-"], &frame[..length - 1]), 2);
}

#[test]
fn config_check_names_line_and_column() {
    let folder = folder("config");
    let good = expect(&run(&folder, &["replay", "--print-config"]), 0);
    expect(&run_with(&folder, &["config", "check", "-"], good.as_bytes()), 0);
    fs::write(folder.join("bad.toml"), good.replace("lot = 1", "lott = 1")).unwrap();
    let line = 1 + good.lines().position(|line| line == "lot = 1").unwrap();
    let text = expect(&run(&folder, &["config", "check", "bad.toml"]), 1);
    assert!(text.starts_with(&format!("bad.toml:{line}:1: ")), "{text}");
    let json = expect_json(&run(&folder, &["config", "check", "bad.toml", "--json"]), 1);
    assert_eq!((&json["valid"], &json["line"]), (&Value::Bool(false), &line.into()));
    expect(&run(&folder, &["config", "check", "absent.toml"]), 2);
}

#[test]
fn of_a_corrupt_journal_the_good_records_are_shown() {
    let folder = folder("corrupt");
    expect(&run(&folder, &["replay", "--events", "200", "--journal", "orders.twj"]), 0);
    let inspect = ["inspect", "orders.twj", "--records", "--json"];
    let whole = expect_json(&run(&folder, &inspect), 0);
    assert_eq!(whole["corrupt_at"], Value::Null);
    assert_eq!(whole["segment_count"], 1);
    let records = whole["records"].as_array().unwrap();
    let damaged = &records[records.len() / 2];
    let [offset, number] = ["offset", "number"].map(|key| damaged[key].as_u64().unwrap());
    let name = "00000000000000000001.twj";
    let segment = folder.join("orders.twj").join(name);
    let mut journal = fs::read(&segment).unwrap();
    journal[offset as usize + 30] ^= 1;
    fs::write(&segment, &journal).unwrap();

    let output = run(&folder, &inspect);
    let json: Value = serde_json::from_str(&stdout(&output, 1)).unwrap();
    let said: Value = serde_json::from_slice(&output.stderr).unwrap();
    let place = format!("byte {offset} of {name}");
    assert!(said["error"].as_str().unwrap().contains(&place), "{said}");
    assert_eq!(json["corrupt_at"], json!({ "segment": name, "offset": offset }));
    assert_eq!(json["record_count"], number - 1);
    assert_eq!(json["torn_bytes"], 0);
    let good = records.iter().take_while(|record| record["offset"] != offset);
    assert_eq!(json["records"], good.cloned().collect::<Value>());
    for command in [&["inspect", "orders.twj"][..], &["journal", "verify", "orders.twj"]] {
        let text = expect_said(&run(&folder, command), 1, "no gateway opens it");
        let is_told = command[0] == "journal";
        assert_eq!(text.lines().last() == Some("not valid"), is_told, "{text}");
        let line = text.lines().find(|line| line.starts_with("corrupt_at "));
        assert!(line.unwrap().ends_with(&format!(" segment={name} offset={offset}")), "{text}");
    }
    let shown = expect_said(&run(&folder, &["journal", "show", "orders.twj"]), 1, &place);
    assert_eq!(shown.lines().count() as u64, number - 1);
    assert!(fs::read(&segment).unwrap() == journal, "it is only read");
}

#[test]
fn a_journal_of_another_format_is_not_read_and_that_is_said() {
    let folder = folder("format");
    fs::write(folder.join("old.twj"), b"TWJ\x01\0\0\0\0").unwrap();
    for command in [&["inspect"][..], &["journal", "show"], &["journal", "verify"]] {
        let arguments = [command, &["old.twj"]].concat();
        expect_said(&run(&folder, &arguments), 2, "of another format than 2");
    }
}

#[test]
fn what_is_no_journal_is_told_from_one_that_cannot_be_read() {
    let folder = folder("no-journal");
    fs::create_dir(folder.join("empty")).unwrap();
    fs::create_dir(folder.join("other")).unwrap();
    fs::write(folder.join("other/file"), "text").unwrap();
    for (path, said) in [
        ("absent", "absent: there is no such folder; name the folder that `path` of [journal]"),
        ("empty", "empty: no journal is in this folder"),
        ("other", "other: no journal is in this folder"),
        ("other/file", "other/file: a file; a journal is a folder"),
    ] {
        for command in ["show", "verify", "checkpoint"] {
            expect_said(&run(&folder, &["journal", command, path]), 2, said);
        }
    }
}

/// The configuration's own words, and nothing where it says nothing.
#[test]
fn limits_that_are_none_are_shown_as_none() {
    let folder = folder("limits");
    expect(&run(&folder, &["replay", "--events", "300", "--journal", "j.twj"]), 0);
    let shown = expect(&run(&folder, &["journal", "show", "j.twj", "--json"]), 0);
    let records: Vec<Value> =
        shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| records.iter().find(|record| record["event"] == event).unwrap();
    assert_eq!(of("configured")["self_trade_prevention"], "off");
    assert_eq!(of("configured")["self_trade_mode"], "cancel_newest");
    for (event, none) in [
        ("session", &["max_repeats", "max_order_to_trade"][..]),
        ("instrument", &["min_price", "max_price"]),
    ] {
        for name in none {
            assert_eq!(of(event).get(name), Some(&Value::Null), "{}", of(event));
        }
    }
    for sentinel in [u32::MAX.to_string(), "92233720368".to_owned()] {
        assert!(!shown.contains(&sentinel), "{sentinel}: {shown}");
    }
}

#[test]
fn a_journal_is_shown_record_by_record_and_verified() {
    let folder = folder("show");
    let replay = ["replay", "--events", "300", "--journal", "j.twj", "--window", "1"];
    expect(&run(&folder, &replay), 0);
    let verified = expect_json(&run(&folder, &["journal", "verify", "j.twj", "--json"]), 0);
    assert_eq!(verified["corrupt_at"], Value::Null);
    let shown = expect(&run(&folder, &["journal", "show", "j.twj", "--json"]), 0);
    let records: Vec<Value> =
        shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (number, record) in (1u64..).zip(&records) {
        assert_eq!(record["number"], number);
    }
    let commits = records.iter().filter(|record| record["event"] == "commit").count();
    assert_eq!(verified["record_count"], records.len());
    assert_eq!(verified["event_count"], records.len() - commits);
    let last = records.last().unwrap();
    assert_eq!((&last["event"], &last["count"]), (&"commit".into(), &0.into()), "sealed at close");
    assert_eq!(last["chain"], verified["chain"]);
    let text = expect(&run(&folder, &["journal", "show", "j.twj"]), 0);
    assert_eq!(text.lines().count(), records.len());
    assert!(text.lines().next().unwrap().contains(" event=configured "), "{text}");
}

#[test]
fn the_records_of_a_journal_are_shown_with_every_limit() {
    let folder = folder("records");
    let config = expect(&run(&folder, &["replay", "--print-config"]), 0)
        .replace("collar_percent = \"unlimited\"", "collar_percent = \"12.5\"\nsides = [\"buy\"]")
        .replace("max_open_orders = 100000", "max_open_orders = 77");
    fs::write(folder.join("gateway.toml"), config + "\n[freshness]\nback_ms = 3\n").unwrap();
    let replay = ["replay", "--config", "gateway.toml", "--journal", "j.twj", "--events", "50"];
    stdout(&run(&folder, &replay), 1);
    let json = expect_json(&run(&folder, &["inspect", "j.twj", "--records", "--json"]), 0);
    let records = json["records"].as_array().unwrap();
    let first = |event: &str| records.iter().find(|record| record["event"] == event).unwrap();
    let expect = |event: &str, fields: &[(&str, Value)]| {
        for (name, value) in fields {
            assert_eq!(first(event)[name], *value, "{name} of {}", first(event));
        }
    };
    let most = || Value::from(1_000_000_000);
    expect(
        "configured",
        &[("back_ns", 3_000_000.into()), ("per_second", most()), ("burst", most())],
    );
    let rates = ["per_second", "burst", "cancels_per_second", "cancels_burst"];
    expect("session", &rates.map(|name| (name, most())));
    expect("session", &[("max_open_orders", 77.into())]);
    expect("key", &[("suite", "hmac-sha256".into())]);
    expect(
        "instrument",
        &[
            ("symbol", "SYNTH".into()),
            ("tick", "0.0001".into()),
            ("lot", "1".into()),
            ("max_quantity", "unlimited".into()),
            ("max_notional", "unlimited".into()),
            ("max_position", "unlimited".into()),
            ("collar_percent", "12.5".into()),
            ("restricted", false.into()),
            ("sides", vec!["Buy"].into()),
            ("order_types", vec!["Market", "Limit"].into()),
        ],
    );
}
