//! `journal export`: one of everything that can happen to an order, as rows and as FIX messages.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tinywindow::Gateway;
use tinywindow::order::{Order, Request, Side, Terms, UNIT};
use tinywindow::signing::{self, Signer, Suite};

use crate::{expect, folder, run};

/// A symbol that CSV has to quote.
const SYMBOL: &str = "A,\"B\"";

fn config(journal: &Path) -> String {
    format!(
        r#"
        journal = {{ kind = "file", path = "{}", segment_bytes = 131072 }}
        venue = {{ kind = "paper" }}
        sessions = [{{ id = 1 }}, {{ id = 2 }}]
        gateway = {{ max_orders = 100, memory_lock = "preferred" }}
        [[instruments]]
        symbol = 'A,"B"'
        tick = "0.01"
        lot = 1
        max_quantity = 1000
        max_notional = "unlimited"
        max_position = "unlimited"
        collar_percent = "unlimited"
        "#,
        journal.display()
    )
}

/// A session that numbers its orders.
struct Session<'a> {
    gateway: &'a Gateway,
    id: u64,
    signer: Signer,
    sequence: u64,
}

impl Session<'_> {
    fn send(
        &mut self,
        request: impl FnOnce(Terms) -> Request,
        side: Side,
        quantity: u64,
        price: i64,
    ) {
        self.sequence += 1;
        let order = Order::limit(SYMBOL, side, quantity * UNIT, price * UNIT as i64).unwrap();
        let order = Order {
            session_id: self.id,
            sequence: self.sequence,
            client_order_id: 100 * self.id + self.sequence,
            sending_time: SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64,
            request: request(*order.terms().unwrap()),
            ..order
        };
        let frame = order.sign(&self.signer).unwrap();
        self.gateway.send(&frame, Duration::from_secs(20)).unwrap();
    }
}

/// A closed journal, `orders.twj`.
fn traded(name: &str) -> PathBuf {
    let folder = folder(&format!("export-{name}"));
    let gateway = Gateway::open(&config(&folder.join("orders.twj"))).unwrap();
    let [mut seller, mut buyer] = [1, 2].map(|id| {
        let key = signing::keygen(Suite::HmacSha256, id);
        gateway.add_key(id, &key).unwrap();
        let signer = Signer::new(&key).unwrap();
        Session { gateway: &gateway, id, signer, sequence: 0 }
    });
    seller.send(Request::New, Side::Sell, 100, 10); // 101: live
    buyer.send(Request::New, Side::Buy, 30, 11); // 201: fills 30 at 10
    seller.send(|terms| Request::Replace(101, terms), Side::Sell, 90, 12); // 102: 60 left at 12
    buyer.send(Request::New, Side::Buy, 20, 12); // 202: fills 20 at 12
    seller.send(Request::New, Side::Sell, 5_000, 10); // 103: above max_quantity
    seller.send(|_| Request::Cancel(999), Side::Sell, 1, 1); // 104: no such order
    seller.send(|_| Request::Cancel(102), Side::Sell, 1, 1); // 105: cancels the 40 that are left
    buyer.send(Request::New, Side::Buy, 7, 9); // 203: cancelled by the gateway
    gateway.cancel_session(2).unwrap();
    gateway.close().unwrap();
    folder
}

fn export(folder: &Path, format: &str) -> String {
    expect(&run(folder, &["journal", "export", "orders.twj", "--format", format]), 0)
}

type Fields = HashMap<u32, String>;

/// The log's messages, their frames checked.
fn messages(folder: &Path) -> Vec<Fields> {
    let log = export(folder, "fix");
    let message = |line: &str| {
        let (start, rest) = line.split_at(line.match_indices('\u{1}').nth(1).unwrap().0 + 1);
        let (body, sum) = rest.split_at(rest.rfind("10=").unwrap());
        assert_eq!(start, format!("8=FIX.4.4\u{1}9={}\u{1}", body.len()));
        let bytes = start.bytes().chain(body.bytes());
        let expected = bytes.fold(0u32, |sum, byte| sum + u32::from(byte)) % 256;
        assert_eq!(sum, format!("10={expected:03}\u{1}"));
        let fields = body.trim_end_matches('\u{1}').split('\u{1}');
        let fields = fields.map(|field| field.split_once('=').unwrap());
        fields.map(|(tag, value)| (tag.parse().unwrap(), value.to_owned())).collect()
    };
    log.lines().map(message).collect()
}

/// Fields by tag, in order, `-` where there is none.
fn told(message: &Fields, tags: &[u32]) -> String {
    let told = |tag| message.get(tag).map_or("-", String::as_str);
    tags.iter().map(told).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_fix_log_has_requests_reports_and_rejects() {
    let folder = traded("fix");
    let messages = messages(&folder);
    // MsgType, from, to, ClOrdID, OrigClOrdID, OrderQty, Price.
    let is_request = |message: &&Fields| message[&56] == "TINYWINDOW";
    let requests: Vec<String> = messages
        .iter()
        .filter(is_request)
        .map(|message| told(message, &[35, 49, 34, 11, 41, 38, 44]))
        .collect();
    assert_eq!(
        requests,
        [
            "D 1 1 101 - 100 10",
            "D 2 1 201 - 30 11",
            "G 1 2 102 101 90 12",
            "D 2 2 202 - 20 12",
            "D 1 3 103 - 5000 10",
            "F 1 4 104 999 - -",
            "F 1 5 105 102 90 -",
            "D 2 3 203 - 7 9",
        ]
    );
    // OrderID, ExecType, OrdStatus, ClOrdID, LastPx, LastQty, LeavesQty, CumQty, AvgPx, Text.
    let reports = |session: &str| -> Vec<String> {
        let of_session = messages.iter().filter(|message| message[&56] == session);
        let numbered = of_session.enumerate().map(|(index, message)| {
            assert_eq!(message[&34], (index + 1).to_string(), "no gap");
            assert!(message.contains_key(&55) || message[&35] == "9");
            message
        });
        numbered
            .map(|message| match &*message[&35] {
                "8" => told(message, &[37, 150, 39, 11, 31, 32, 151, 14, 6, 58]),
                _ => told(message, &[35, 37, 39, 11, 41, 434, 102, 58]),
            })
            .collect()
    };
    assert_eq!(
        reports("1"),
        [
            "1 0 0 101 - - 100 0 0 -",
            "1 F 1 101 10 30 70 30 10 -",
            "1 5 1 102 - - 60 30 10 -",
            "1 F 1 102 12 20 40 50 10.8 -",
            "5 8 8 103 - - 0 0 0 max_quantity",
            "9 NONE 8 104 999 1 1 unknown_order",
            "1 4 4 105 - - 0 50 10.8 -",
        ]
    );
    assert_eq!(
        reports("2"),
        [
            "2 0 0 201 - - 30 0 0 -",
            "2 F 2 201 10 30 0 30 10 -",
            "4 0 0 202 - - 20 0 0 -",
            "4 F 2 202 12 20 0 20 12 -",
            "8 0 0 203 - - 7 0 0 -",
            "8 4 4 203 - - 0 0 0 session_cancelled",
        ]
    );
}

#[test]
fn csv_quotes_and_tells_the_gateways_own_cancels() {
    let folder = traded("csv");
    let text = export(&folder, "csv");
    let (header, rows) = text.split_once("\r\n").unwrap();
    let columns: Vec<&str> = header.split(',').collect();
    let rows: Vec<Vec<String>> = rows.lines().map(cells).collect();
    assert!(rows.iter().all(|row| row.len() == columns.len()));
    let cell = |row: &[String], name: &str| {
        row[columns.iter().position(|column| *column == name).unwrap()].clone()
    };
    assert!(rows.iter().all(|row| cell(row, "symbol") == SYMBOL));
    let own = rows.iter().find(|row| cell(row, "event") == "cancelled").expect("its own cancel");
    assert_eq!(cell(own, "reason"), "session_cancelled");
    assert_eq!(cell(own, "client_order_id"), "203");
    assert_eq!(cell(own, "template"), "");
    let count = |event: &str| rows.iter().filter(|row| cell(row, "event") == event).count();
    assert_eq!([count("decided"), count("cancelled")], [8, 1]);
    let refused = rows.iter().filter(|row| cell(row, "accepted") == "false");
    let reasons: Vec<String> = refused.map(|row| cell(row, "reason")).collect();
    assert_eq!(reasons, ["max_quantity", "unknown_order"]);
}

/// The cells of a line of CSV (RFC 4180).
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut quoted, mut rest) = (false, line.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                cells.last_mut().unwrap().extend(rest.next());
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[test]
fn of_a_corrupt_journal_what_is_before_the_damage_is_exported() {
    let folder = traded("corrupt");
    let whole = export(&folder, "csv");
    let shown = expect(&run(&folder, &["journal", "show", "orders.twj", "--json"]), 0);
    let mut lines = shown.lines().rev().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let last = lines.find(|line| line["event"] == "decided").unwrap();
    let segment = folder.join("orders.twj/00000000000000000001.twj");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[last["offset"].as_u64().unwrap() as usize] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let output = run(&folder, &["journal", "export", "orders.twj", "--format", "csv"]);
    let part = crate::expect_said(&output, 1, "is corrupt at byte");
    assert!(whole.starts_with(&part) && part.len() < whole.len());
}

#[test]
fn an_export_that_cannot_be_written_is_said() {
    let folder = traded("unwritten");
    let export = ["journal", "export", "orders.twj", "--format", "parquet", "-o", "none/orders"];
    crate::expect_said(&run(&folder, &export), 2, "cannot write none/orders");
    if Path::new("/dev/full").exists() {
        for format in ["csv", "parquet", "fix"] {
            let full = ["journal", "export", "orders.twj", "--format", format, "-o", "/dev/full"];
            crate::expect_said(&run(&folder, &full), 2, "cannot write /dev/full");
        }
    }
}
