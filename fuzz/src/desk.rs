//! The gateway and the daemon that seeds are made with and fuzzers open.
#![allow(dead_code, reason = "each fuzzer opens one of the two")]

use std::path::Path;

use tinywindow::signing::{self, Suite};

/// The time on its clock, nanoseconds since 1970 UTC.
pub const NOW: u64 = 1_700_000_000_000_000_000;

pub fn config(journal: &Path) -> String {
    let path = journal.display();
    gateway(&format!(r#"kind = "file", path = "{path}", segment_bytes = 131_072"#))
}

fn gateway(journal: &str) -> String {
    format!(
        r#"
        gateway.max_orders = 64
        gateway.max_in_flight = 8
        gateway.max_completions = 64
        gateway.memory_lock = "preferred"
        journal = {{ {journal} }}
        venue = {{ kind = "paper" }}
        sessions = [{{ id = 1 }}, {{ id = 2 }}]
        [[instruments]]
        symbol = "AAPL"
        tick = "0.01"
        lot = 1
        max_quantity = 1000
        max_notional = 1000000
        max_position = 5000
        collar_percent = 10
        reference_price = "585.33"
        "#
    )
}

/// The key that the daemon holds.
pub fn reports_key() -> Vec<u8> {
    signing::keygen(Suite::Ed25519, 100).to_vec()
}

/// The key of session 1.
pub fn session_key() -> Vec<u8> {
    signing::keygen(Suite::HmacSha256, 1).to_vec()
}

/// A daemon with one key, `reports.key`, for everyone on this machine or for one remote peer.
pub fn service(is_remote: bool) -> String {
    let service = match is_remote {
        false => "listen = '127.0.0.1:0'",
        // None of these files is read: nothing listens.
        true => {
            "listen = '0.0.0.0:0'
            certificate = 'service.pem'
            private_key = 'service.key'
            client_ca = 'clients.pem'
            [[peers]]
            certificate = 'desk-1.example'
            sessions = [1]
            keys = ['reports.key']"
        }
    };
    let gateway = gateway(r#"kind = "memory""#);
    format!("{gateway}\n[service]\nkeys = ['reports.key']\n{service}")
}
