//! `replay`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::flow::{apply, parse, queue};
use crate::skipped::skipped;
use crate::{expect, expect_json, expect_said, folder, run, run_with, stderr};

const REAL_FLOW: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/orders/AAPL_2012-06-21_message.csv");

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
    let variants: [&[&str]; 5] = [
        &["--sessions", "1"],
        &["--suite", "ed25519"],
        &["--suite", "ml-dsa-65"],
        &["--suite", "mldsa65-ed25519"],
        &["--window", "1"],
    ];
    for variant in variants {
        let json = [&["replay", "-", "--json"], variant].concat();
        let json = expect_json(&run_with(&folder, &json, &flow), 0);
        let executions = &json["events"]["execution"];
        assert!(executions["read"].as_u64().unwrap() > 0, "{json}");
        assert_eq!(executions["read"], executions["matched"], "{variant:?}: {json}");
    }
}

/// Every kind of event: fills between partial cancels, orders from before, a halt that halts.
const EVERY_KIND: &str = "\
34200.000000001,1,1,100,100000,1
34200.000000002,1,2,50,100000,1
34200.000000003,4,1,30,100000,1
34200.000000004,2,1,20,100000,1
34200.000000005,2,1,10,100000,1
34200.000000006,4,1,40,100000,1
34200.000000007,4,2,50,100000,1
34200.000000008,4,90,5,100000,1
34200.000000009,3,91,5,100000,1
34200.000000010,2,92,5,100000,-1
34200.000000011,5,0,5,100000,-1
34200.000000012,6,-1,5,100000,-1
34200.000000013,7,0,0,-1,-1
34200.000000014,1,3,10,100000,1
34200.000000015,7,0,0,0,-1
34200.000000016,1,4,10,100000,1
34200.000000017,7,0,0,1,-1
34200.000000018,2,4,10,100000,1
";

#[test]
fn every_kind_of_event_is_sent_as_what_it_is() {
    let folder = folder("kinds");
    let json =
        expect_json(&run_with(&folder, &["replay", "-", "--json"], EVERY_KIND.as_bytes()), 0);
    let kind = |name: &str| {
        let kind = &json["events"][name];
        ["read", "sent", "matched", "not_of_this_flow"].map(|key| kind[key].as_u64().unwrap())
    };
    assert_eq!(kind("new_order"), [4, 4, 3, 0], "the one while halted is rejected");
    assert_eq!(kind("partial_cancel"), [4, 3, 3, 1]);
    assert_eq!(kind("delete"), [1, 0, 0, 1]);
    assert_eq!(kind("execution"), [4, 3, 3, 1]);
    assert_eq!(kind("hidden_execution"), [1, 0, 0, 0]);
    assert_eq!(kind("cross"), [1, 0, 0, 0]);
    assert_eq!(kind("halt"), [3, 3, 3, 0]);
    assert_eq!(json["reasons"], serde_json::json!({ "halted_symbol": 1 }));
    assert_eq!(json["replaces"]["accepted"], 2);
    assert_eq!(json["cancels"]["accepted"], 1, "a partial cancel of all that is left");
    assert_eq!(json["fills"]["quantity"], "120");
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
    assert_eq!(json["check"], "not_matched");
    assert_eq!(json["mismatches"][0]["line"], line);
    let executions = &json["events"]["execution"];
    let [sent, matched] = ["sent", "matched"].map(|key| executions[key].as_u64().unwrap());
    assert_eq!(json["mismatch_count"], sent - matched);
}

#[test]
fn the_real_flow_matches_the_exchange() {
    if !Path::new(REAL_FLOW).exists() {
        return skipped("the_real_flow_matches_the_exchange", "../shared/orders is not there");
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
    let kept = || fs::read(folder.join("kept.twj/00000000000000000001.twj")).unwrap();
    let before = kept();
    expect_said(&run(&folder, &replay[..5]), 2, "is not empty");
    assert!(kept() == before);

    let journal = expect_json(&run(&folder, &["inspect", "kept.twj", "--records", "--json"]), 0);
    assert_eq!(journal["events"]["decided"], json["frames"]);
    assert_eq!(journal["events"]["session"], 4);
    assert_eq!(journal["torn_bytes"], 0);
    assert_eq!(journal["record_bytes"], json["journal_bytes"]);
    let records = journal["records"].as_array().unwrap();
    assert_eq!(journal["event_count"], records.len());
    let trades = records.iter().filter(|record| record["exec_type"] == "Trade").count();
    assert_eq!(json["fills"]["count"], trades / 2, "each trade is told to both sides");
}

#[test]
fn the_report_is_one_file_that_needs_nothing_else() {
    let folder = folder("report");
    let text = expect(&run(&folder, &["replay", "--events", "1000", "--report", "report.html"]), 0);
    assert!(text.ends_with("\nreport: report.html\n"), "{text}");
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
        "34200.499999999,1,11,100,5853300,1",
    ] {
        let output = run_with(&folder, &["replay", "-"], format!("{good}{bad}\n").as_bytes());
        expect(&output, 2);
        assert!(stderr(&output).contains("standard input, line 2: "), "{}", stderr(&output));
    }
    expect(&run(&folder, &["replay", "absent.csv"]), 2);
    let header = format!("time,type,order id,size,price,direction\n{good}");
    let output = run_with(&folder, &["replay", "-"], header.as_bytes());
    expect_said(&output, 2, "line 1: the format has none; remove the header line");
}

#[test]
fn a_flow_without_events_is_bad_input() {
    let folder = folder("empty-flow");
    for (arguments, flow) in [(&["-"][..], ""), (&["-"], "\n\n"), (&["--events", "0"], "")] {
        let arguments = [&["replay", "--journal", "kept.twj"], arguments].concat();
        expect_said(&run_with(&folder, &arguments, flow.as_bytes()), 2, ": no events");
    }
    assert!(!folder.join("kept.twj").exists());
}

#[test]
fn a_flow_without_visible_executions_of_its_orders_shows_nothing() {
    let folder = folder("nothing");
    let flow = b"34200,1,10,100,5853300,1\n34200,4,9,100,5853300,1\n";
    let text = expect(&run_with(&folder, &["replay", "-"], flow), 1);
    assert!(text.contains("\nnothing to compare: "), "{text}");
    let json = expect_json(&run_with(&folder, &["replay", "-", "--json"], flow), 1);
    assert_eq!(json["check"], "nothing_to_compare");
    assert_eq!(json["mismatch_count"], 0);
}

#[test]
fn a_configuration_without_the_flows_symbol_is_bad_input() {
    let folder = folder("symbol");
    let config = expect(&run(&folder, &["replay", "--symbol", "MSFT", "--print-config"]), 0);
    fs::write(folder.join("msft.toml"), config).unwrap();
    let replay = ["replay", "--events", "150", "--config", "msft.toml"];
    expect_said(&run(&folder, &replay), 2, "msft.toml has no instrument SYNTH; ");
    expect_said(&run(&folder, &replay), 2, "--symbol");
    expect(&run(&folder, &[&replay[..], &["--symbol", "MSFT"]].concat()), 0);
}
