//! The gateway that the journal's seed is made with and its fuzzer opens.

use std::path::Path;

/// The time on its clock, nanoseconds since 1970 UTC.
pub const NOW: u64 = 1_700_000_000_000_000_000;

pub fn config(journal: &Path) -> String {
    format!(
        r#"
        gateway = {{ max_orders = 64, max_in_flight = 8, max_completions = 64 }}
        journal = {{ kind = "file", path = "{}" }}
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
        "#,
        journal.display()
    )
}
