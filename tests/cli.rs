//! The `tinywindow` command, driven as its users do.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tinywindow::order::{self, OrdType, Order, Request, Side, Terms, TimeInForce};
use tinywindow::signing::{self, Context, Suite};

const BINARY: &str = env!("CARGO_BIN_EXE_tinywindow");
const REAL_FLOW: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/orders/AAPL_2012-06-21_message.csv");

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn run_with(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .current_dir(folder)
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A command that does not read its input closes the pipe: nothing to complain of.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    run_with(folder, arguments, b"")
}

/// Checks the exit code; gives the standard output. What goes wrong is said on the standard error,
/// by name, and nothing else is.
fn expect(output: &Output, code: i32) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "stdout: {stdout}\nstderr: {stderr}");
    match code {
        2 => assert!(stderr.starts_with("tinywindow: "), "{stderr}"),
        _ => assert_eq!(stderr, ""),
    }
    assert!(!stdout.contains('\x1b'), "colour without a terminal: {stdout}");
    stdout
}

fn expect_json(output: &Output, code: i32) -> Value {
    serde_json::from_str(&expect(output, code)).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_command_has_help_with_examples() {
    let folder = folder("help");
    let commands: [&[&str]; 8] = [
        &["keygen"],
        &["public"],
        &["sign"],
        &["verify"],
        &["inspect"],
        &["config", "check"],
        &["replay"],
        &["flow"],
    ];
    for command in commands {
        let help = expect(&run(&folder, &[command, &["--help"]].concat()), 0);
        assert!(help.contains("Examples:\n  tinywindow"), "{command:?}: {help}");
    }
    let help = expect(&run(&folder, &["--help"]), 0);
    assert!(help.contains("Exit codes:"), "{help}");
    let version = expect(&run(&folder, &["--version"]), 0);
    assert_eq!(version, format!("tinywindow {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = folder("usage");
    for wrong in [&[][..], &["sing"], &["keygen"], &["flow", "--events", "many"]] {
        expect(&run(&folder, wrong), 2);
    }
    let suite = run(&folder, &["keygen", "--suite", "rot13", "-o", "key"]);
    expect(&suite, 2);
    assert!(stderr(&suite).contains("hmac-sha256, ed25519"), "{}", stderr(&suite));
}

#[test]
fn a_key_file_is_its_owners_alone_and_is_not_overwritten() {
    let folder = folder("keygen");
    let path = folder.join("trader.key");
    let text = expect(&run(&folder, &["keygen", "-o", "trader.key"]), 0);
    assert!(text.starts_with("trader.key: secret key, hmac-sha256, key id "), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let first = fs::read(&path).unwrap();

    let again = run(&folder, &["keygen", "-o", "trader.key"]);
    expect(&again, 2);
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    assert_eq!(fs::read(&path).unwrap(), first);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    expect(&run(&folder, &["keygen", "-o", "trader.key", "--force"]), 0);
    let second = fs::read(&path).unwrap();
    assert_ne!(second, first, "two keys from the operating system's entropy are equal");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "something was left beside the key");
}

#[test]
fn a_seed_gives_the_librarys_key() {
    let folder = folder("seed");
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let key = run(&folder, &["keygen", "--suite", suite.name(), "--seed", "7", "-o", "-"]);
        assert_eq!(key.status.code(), Some(0));
        assert_eq!(key.stdout, signing::keygen(suite, 7)[..]);
    }
}

#[test]
fn a_secret_is_not_written_to_a_terminal() {
    let folder = folder("terminal");
    let command = format!("{BINARY} keygen -o -");
    let script = Command::new("script").args(["-qec", &command, "/dev/null"]).output();
    let Ok(output) = script else {
        eprintln!("SKIPPED: no `script` command here to make a terminal with");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("not written to a terminal"), "{text}");
    assert_eq!(output.status.code(), Some(2));
    drop(folder);
}

/// Files `key`, `public` (what verifies) and `payload`.
fn key_folder(name: &str, suite: Suite) -> PathBuf {
    let folder = folder(&format!("{name}-{}", suite.name()));
    let key = signing::keygen(suite, 1);
    let verifies = signing::public_key(&key).unwrap_or_else(|_| key.to_vec());
    fs::write(folder.join("key"), &key[..]).unwrap();
    fs::write(folder.join("public"), verifies).unwrap();
    fs::write(folder.join("payload"), b"a payload").unwrap();
    folder
}

#[test]
fn signatures_verify_in_every_form() {
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let folder = key_folder("sign", suite);
        let expected = tinywindow::sign(&signing::keygen(suite, 1), b"a payload").unwrap();
        let text = expect(&run(&folder, &["sign", "--key", "key", "payload"]), 0);
        assert_eq!(text, hex(&expected) + "\n");
        let json =
            expect_json(&run_with(&folder, &["sign", "--key", "key", "--json"], b"a payload"), 0);
        assert_eq!(json["signature"], hex(&expected));
        assert_eq!(json["suite"], suite.name());
        expect(&run(&folder, &["sign", "--key", "key", "payload", "-o", "signature"]), 0);
        assert_eq!(fs::read(folder.join("signature")).unwrap(), expected);

        let by_text = ["verify", "--key", "public", "--signature", text.trim(), "-"];
        let by_file = ["verify", "--key", "public", "--signature-file", "signature", "payload"];
        assert!(expect(&run_with(&folder, &by_text, b"a payload"), 0).starts_with("valid"));
        expect(&run(&folder, &by_file), 0);
        assert!(expect(&run_with(&folder, &by_text, b"A payload"), 1).starts_with("not valid"));
        let json = expect_json(&run_with(&folder, &[&by_text[..], &["--json"]].concat(), b""), 1);
        assert_eq!(json["valid"], false);
    }
}

#[test]
fn a_context_is_part_of_the_signature() {
    let folder = key_folder("context", Suite::Ed25519);
    let sign = ["sign", "--key", "key", "--context", "reports", "payload"];
    let signature = expect(&run(&folder, &sign), 0);
    let verify = |context: &[&str]| {
        let verify = ["verify", "--key", "public", "--signature", signature.trim(), "payload"];
        run(&folder, &[&verify[..], context].concat())
    };
    expect(&verify(&["--context", "reports"]), 0);
    expect(&verify(&["--context", "orders"]), 1);
    expect(&verify(&[]), 1);
    let reserved = verify(&["--context", "tinywindow/v1/order"]);
    expect(&reserved, 2);
    assert!(stderr(&reserved).contains("1 to 60 bytes"), "{}", stderr(&reserved));
}

#[test]
fn what_is_no_key_or_no_signature_is_bad_input() {
    let folder = key_folder("bad", Suite::HmacSha256);
    let wrong: [&[&str]; 7] = [
        &["sign", "--key", "payload", "payload"],
        &["sign", "--key", "absent", "payload"],
        &["sign", "--key", "-", "-"],
        &["public", "key"],
        &["verify", "--key", "key", "payload"],
        &["verify", "--key", "key", "--signature", "0x12", "payload"],
        &["verify", "--key", "key", "--signature", "00", "absent"],
    ];
    for arguments in wrong {
        expect(&run(&folder, arguments), 2);
    }
}

#[test]
fn the_public_key_is_written_as_text_bytes_and_json() {
    let folder = key_folder("public", Suite::Ed25519);
    let public = fs::read(folder.join("public")).unwrap();
    assert_eq!(expect(&run(&folder, &["public", "key"]), 0), hex(&public) + "\n");
    expect(&run(&folder, &["public", "key", "-o", "copy"]), 0);
    assert_eq!(fs::read(folder.join("copy")).unwrap(), public);
    let secret = fs::read(folder.join("key")).unwrap();
    let json = expect_json(&run_with(&folder, &["public", "-", "--json"], &secret), 0);
    assert_eq!(json["public_key"], hex(&public));
}

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
    assert_eq!(json["public_key"], hex(&public[8..]));
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

/// A line of a flow, as far as the tests need it.
#[derive(Clone)]
struct Line {
    kind: u8,
    order_id: i64,
    size: u64,
    price: i64,
    side: i8,
}

fn parse(flow: &str) -> Vec<Line> {
    let line = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        Line {
            kind: fields[1].parse().unwrap(),
            order_id: fields[2].parse().unwrap(),
            size: fields[3].parse().unwrap(),
            price: fields[4].parse().unwrap(),
            side: fields[5].parse().unwrap(),
        }
    };
    flow.lines().map(line).collect()
}

/// The open orders of a side, best price first, then oldest.
fn queue(open: &BTreeMap<i64, Line>, side: i8) -> Vec<&Line> {
    let mut orders: Vec<_> = open.values().filter(|order| order.side == side).collect();
    orders.sort_by_key(|order| (-order.price * i64::from(side), order.order_id));
    orders
}

/// Applies an event to the open orders, which a sorted id keeps in the order of entry.
fn apply(open: &mut BTreeMap<i64, Line>, line: &Line) {
    match line.kind {
        1 => drop(open.insert(line.order_id, line.clone())),
        2..=4 => {
            let order = open.get_mut(&line.order_id).expect("an event of an open order");
            assert_eq!((order.price, order.side), (line.price, line.side));
            order.size = order.size.checked_sub(line.size).expect("no more than is left");
            if order.size == 0 {
                open.remove(&line.order_id);
            }
        }
        _ => {}
    }
}

#[test]
fn a_flow_is_the_same_every_time_and_on_every_machine() {
    let folder = folder("flow");
    let flow = expect(&run(&folder, &["flow", "--seed", "7", "--events", "1000"]), 0);
    assert_eq!(flow.lines().count(), 1_000);
    assert_eq!(
        hex(&Sha256::digest(&flow)),
        "bc8294ad7c120e827a18e5642a6102c20a1d02486fd94a260978e86c90bf439b",
    );
    expect(&run(&folder, &["flow", "--seed", "7", "--events", "1000", "-o", "flow.csv"]), 0);
    assert_eq!(fs::read_to_string(folder.join("flow.csv")).unwrap(), flow);
    let other = expect(&run(&folder, &["flow", "--seed", "8", "--events", "1000"]), 0);
    assert_ne!(other, flow);
}

#[test]
fn a_flow_never_crosses_and_executes_by_price_time_priority() {
    let folder = folder("priority");
    let flow = expect(&run(&folder, &["flow", "--seed", "3", "--events", "12000"]), 0);
    let lines = parse(&flow);
    let mut open = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        match line.kind {
            1 => {
                let best = queue(&open, -line.side).first().map(|best| best.price);
                let side = i64::from(line.side);
                assert!(best.is_none_or(|best| line.price * side < best * side), "line {number}");
            }
            3 => assert_eq!(open[&line.order_id].size, line.size, "line {number}"),
            4 => assert_eq!(queue(&open, line.side)[0].order_id, line.order_id, "line {number}"),
            _ => {}
        }
        apply(&mut open, line);
    }
    let counts = [1, 2, 3, 4, 5, 6].map(|kind| lines.iter().filter(|l| l.kind == kind).count());
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    let halts: Vec<_> = lines.iter().filter(|l| l.kind == 7).map(|l| l.price).collect();
    assert_eq!(halts, [-1, 0, 1], "halted, quoting, trading");
}

#[test]
fn a_replay_of_a_synthetic_flow_matches_and_adds_up() {
    let folder = folder("replay");
    let json = expect_json(&run(&folder, &["replay", "--events", "2000", "--json"]), 0);
    let count = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{value} in {json}"));
    let events = json["events"].as_object().unwrap();
    assert_eq!(events.values().map(|kind| count(&kind["read"])).sum::<u64>(), 2_000);
    for (name, kind) in events {
        let sent = if ["hidden_execution", "cross"].contains(&&name[..]) {
            0
        } else {
            count(&kind["read"])
        };
        assert_eq!(count(&kind["sent"]), sent, "{name}");
        assert_eq!(count(&kind["matched"]), sent, "{name}");
        assert_eq!(count(&kind["not_of_this_flow"]), 0, "{name}");
    }
    let sent = |kind: &str| count(&events[kind]["sent"]);
    assert_eq!(count(&json["orders"]["sent"]), sent("new_order") + sent("execution"));
    let reducing = count(&json["replaces"]["sent"]) + count(&json["cancels"]["sent"]);
    assert_eq!(reducing, sent("partial_cancel") + sent("delete"));
    for requests in ["orders", "replaces", "cancels"] {
        assert_eq!(json[requests]["accepted"], json[requests]["sent"]);
    }
    assert_eq!(count(&json["fills"]["count"]), sent("execution"));
    assert_eq!(count(&json["fills"]["unexpected"]), 0);
    assert_eq!(count(&json["mismatch_count"]), 0);
    let frames = count(&json["frames"]);
    assert_eq!(frames, count(&json["orders"]["sent"]) + reducing);
    let gates = ["decode", "authenticate", "freshness", "throttle", "risk", "journal", "venue"];
    for gate in gates {
        assert_eq!(count(&json["gates"][gate]), frames, "{gate}");
        let latency = &json["latencies_ns"][gate];
        let of = |name: &str| count(&latency[name]);
        assert!(0 < of("max") && of("p50") <= of("p99"), "{gate}: {latency}");
        assert!(of("p99") <= of("p99.9") && of("p99.9") <= of("max"), "{gate}: {latency}");
    }
    assert!(count(&json["journal_bytes"]) > 100 * frames);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "the temporary journal was left");
}

#[test]
fn a_replay_does_the_same_with_one_session_another_suite_and_from_the_standard_input() {
    let folder = folder("variants");
    let flow = run(&folder, &["flow", "--events", "150"]).stdout;
    let variants: [&[&str]; 3] =
        [&["--sessions", "1"], &["--suite", "ed25519"], &["--window", "1"]];
    for variant in variants {
        let json = [&["replay", "-", "--json"], variant].concat();
        let json = expect_json(&run_with(&folder, &json, &flow), 0);
        let executions = &json["events"]["execution"];
        assert!(executions["read"].as_u64().unwrap() > 0, "{json}");
        assert_eq!(executions["read"], executions["matched"], "{variant:?}: {json}");
    }
}

/// The flow with one execution moved to the order behind in the same queue, and its line number.
fn tampered(flow: &str) -> (String, usize) {
    let mut lines: Vec<String> = flow.lines().map(str::to_owned).collect();
    let mut open = BTreeMap::new();
    for (index, line) in parse(flow).iter().enumerate() {
        if line.kind == 4
            && let [first, second, ..] = queue(&open, line.side)[..]
            && first.price == second.price
            && second.size >= line.size
        {
            let (id, other) = (format!(",{},", line.order_id), format!(",{},", second.order_id));
            lines[index] = lines[index].replacen(&id, &other, 1);
            return (lines.join("\n") + "\n", index + 1);
        }
        apply(&mut open, line);
    }
    panic!("no execution with another order behind it");
}

#[test]
fn an_execution_of_another_order_is_found_and_named() {
    let folder = folder("tampered");
    let flow = expect(&run(&folder, &["flow", "--events", "2000"]), 0);
    let (flow, line) = tampered(&flow);
    fs::write(folder.join("flow.csv"), &flow).unwrap();
    let text = expect(&run(&folder, &["replay", "flow.csv"]), 1);
    assert!(text.contains(&format!("  line {line}: the exchange filled order ")), "{text}");
    let json = expect_json(&run(&folder, &["replay", "flow.csv", "--json"]), 1);
    assert_eq!(json["mismatches"][0]["line"], line);
    let executions = &json["events"]["execution"];
    let [sent, matched] = ["sent", "matched"].map(|key| executions[key].as_u64().unwrap());
    assert_eq!(json["mismatch_count"], sent - matched);
}

#[test]
fn the_real_flow_matches_the_exchange() {
    if !Path::new(REAL_FLOW).exists() {
        eprintln!("SKIPPED: the real order flow is not at {REAL_FLOW}");
        return;
    }
    let folder = folder("real");
    let json = expect_json(&run(&folder, &["replay", REAL_FLOW, "--json"]), 0);
    assert_eq!((&json["symbol"], &json["date"]), (&"AAPL".into(), &"2012-06-21".into()));
    let kind = |name: &str| {
        let kind = &json["events"][name];
        ["read", "sent", "matched", "not_of_this_flow"].map(|key| kind[key].as_u64().unwrap())
    };
    // 98 visible executions, 4 of them of orders from before the file begins.
    assert_eq!(kind("execution"), [98, 94, 94, 4]);
    assert_eq!(kind("new_order"), [471, 471, 471, 0]);
    assert_eq!(kind("delete"), [369, 364, 364, 5]);
    assert_eq!(kind("hidden_execution"), [61, 0, 0, 0]);
    assert_eq!(json["mismatch_count"], 0);
}

#[test]
fn rejections_are_counted_by_reason() {
    let folder = folder("rejections");
    let config = expect(&run(&folder, &["replay", "--print-config"]), 0);
    let config = config.replace("max_quantity = \"unlimited\"", "max_quantity = 500");
    fs::write(folder.join("limits.toml"), config).unwrap();
    let arguments = ["replay", "--events", "1000", "--config", "limits.toml", "--json"];
    let json = expect_json(&run(&folder, &arguments), 1);
    let reasons = json["reasons"].as_object().unwrap();
    assert!(reasons["max_quantity"].as_u64().unwrap() > 0, "{json}");
    let rejected = ["orders", "replaces", "cancels"].map(|key| json[key]["rejected"].as_u64());
    let by_reason: u64 = reasons.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(rejected.into_iter().flatten().sum::<u64>(), by_reason);
    let missing = run(&folder, &["replay", "--config", "limits.toml", "--sessions", "5"]);
    expect(&missing, 2);
}

#[test]
fn the_journal_is_kept_and_never_written_over() {
    let folder = folder("journal");
    let replay = ["replay", "--events", "500", "--journal", "kept.twj", "--json"];
    let json = expect_json(&run(&folder, &replay), 0);
    let kept = fs::read(folder.join("kept.twj")).unwrap();
    assert_eq!(json["journal_bytes"], kept.len());
    expect(&run(&folder, &replay), 2);
    assert_eq!(fs::read(folder.join("kept.twj")).unwrap(), kept);

    let journal = expect_json(&run(&folder, &["inspect", "kept.twj", "--records", "--json"]), 0);
    assert_eq!(journal["events"]["decided"], json["frames"]);
    assert_eq!(journal["events"]["session"], 4);
    assert_eq!(journal["torn_bytes"], 0);
    let records = journal["records"].as_array().unwrap();
    assert_eq!(journal["count"], records.len());
    let trades = records.iter().filter(|record| record["exec_type"] == "Trade").count();
    assert_eq!(json["fills"]["count"], trades / 2, "each trade is told to both sides");
}

#[test]
fn the_report_is_one_file_that_needs_nothing_else() {
    let folder = folder("report");
    expect(&run(&folder, &["replay", "--events", "1000", "--report", "report.html"]), 0);
    let html = fs::read_to_string(folder.join("report.html")).unwrap();
    assert_eq!(html.matches("<svg").count(), 3, "nothing was rejected: no fourth plot");
    for external in ["src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!html.contains(external), "{external}");
    }
    for title in ["Latency by gate", "Book depth", "Orders over time", "Rejections"] {
        assert!(html.contains(&format!("<h2>{title}</h2>")), "{title}");
    }
}

#[test]
fn a_flow_that_is_none_is_bad_input_and_its_line_named() {
    let folder = folder("bad-flow");
    let good = "34200.5,1,10,100,5853300,1\n";
    for bad in [
        "time,type,id,size,price,direction",
        "34200.5,8,11,100,5853300,1",
        "34200.5,1,11,100,5853300,2",
        "34200.0123456789,1,11,100,5853300,1",
        "86400,1,11,100,5853300,1",
        "34200.5,1,11,0,5853300,1",
        "34200.5,1,10,100,5853300,1",
        "34200.5,1,11,100,9223372036854775807,1",
    ] {
        let output = run_with(&folder, &["replay", "-"], format!("{good}{bad}\n").as_bytes());
        expect(&output, 2);
        assert!(stderr(&output).contains("standard input, line 2: "), "{}", stderr(&output));
    }
    expect(&run(&folder, &["replay", "absent.csv"]), 2);
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let mut child = Command::new(BINARY)
        .args(["flow", "--events", "100000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(stderr(&output), "");
}
