//! The table and the JSON object at the end of a replay.

use std::fmt::{self, Write};

use serde::{Serialize, Serializer};

use super::check::{Fills, Mismatch, Requests};
use super::latency::Percentiles;
use crate::output::{Style, thousands};

/// The first mismatches are listed; more than these say nothing new.
const MISMATCHES_LISTED: usize = 20;

/// What a replay found. The field names are the keys of `--json`, and stay.
#[derive(Serialize)]
pub struct Summary {
    pub flow: String,
    pub symbol: String,
    pub date: String,
    pub sessions: usize,
    pub suite: &'static str,
    /// By kind of event.
    #[serde(serialize_with = "map")]
    pub events: Vec<(&'static str, Events)>,
    /// New orders, immediate or cancel ones included.
    pub orders: Requests,
    pub replaces: Requests,
    pub cancels: Requests,
    pub fills: Fills,
    /// Frames whose outcome is not known.
    pub unknown: u64,
    /// Frames that passed through each gate.
    #[serde(serialize_with = "map")]
    pub gates: Vec<(&'static str, u64)>,
    /// Rejections by reason.
    #[serde(serialize_with = "map")]
    pub reasons: Vec<(&'static str, u64)>,
    /// Frames refused at once, by status.
    #[serde(serialize_with = "map")]
    pub refusals: Vec<(&'static str, u64)>,
    /// By gate, and `ack`: from the submission to the answer.
    #[serde(serialize_with = "map")]
    pub latencies_ns: Vec<(&'static str, Percentiles)>,
    pub frames: u64,
    pub seconds: f64,
    pub frames_per_second: f64,
    pub journal_bytes: u64,
    pub check: Check,
    /// Visible executions of orders of the flow that did not fill that order, for that size.
    pub mismatch_count: usize,
    #[serde(serialize_with = "first")]
    pub mismatches: Vec<Mismatch>,
}

/// Whether this was what the exchange did.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    Matched,
    NotMatched,
    /// The flow has no visible execution of an order of its own.
    NothingToCompare,
    /// Frames were refused, by a configuration that must not.
    Refused,
}

impl Check {
    pub const fn words(self) -> &'static str {
        match self {
            Check::Matched => "matched",
            Check::NotMatched => "not matched",
            Check::NothingToCompare => "nothing to compare",
            Check::Refused => "frames were refused",
        }
    }
}

/// What became of the events of one kind.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Events {
    pub read: u64,
    pub sent: u64,
    /// Here happened what happened at the exchange.
    pub matched: u64,
    /// The flow never introduced their order: not sent.
    pub not_of_this_flow: u64,
}

fn map<K: Serialize, V: Serialize, S: Serializer>(
    pairs: &[(K, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

fn first<S: Serializer>(mismatches: &[Mismatch], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(mismatches.iter().take(MISMATCHES_LISTED))
}

impl Summary {
    /// The tables, for people.
    pub fn text(&self, style: Style) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out, style);
        out
    }

    fn write(&self, out: &mut String, style: Style) -> fmt::Result {
        let Summary { flow, symbol, date, sessions, suite, .. } = self;
        writeln!(out, "{} {symbol} {date}, {flow}", style.bold("replay"))?;
        writeln!(out, "{sessions} sessions, {suite}\n")?;
        self.tables().iter().for_each(|table| out.push_str(&table.text(style)));
        writeln!(out, "{}", self.sentence())?;
        let words = match self.check {
            Check::Matched => style.good(self.check.words()),
            _ => style.bad(self.check.words()),
        };
        writeln!(out, "{words}: {}", self.verdict())?;
        self.mismatch_lines().try_for_each(|line| writeln!(out, "  {line}"))
    }

    /// The first mismatches, and how many more there are.
    pub fn mismatch_lines(&self) -> impl Iterator<Item = String> {
        let line = |m: &Mismatch| {
            format!("line {}: the exchange {}; here: {}", m.line, m.expected, m.found)
        };
        let more = self.mismatch_count.saturating_sub(MISMATCHES_LISTED);
        let more = (more > 0).then(|| format!("and {} more", thousands(more as u64)));
        self.mismatches.iter().take(MISMATCHES_LISTED).map(line).chain(more)
    }

    /// Trades, throughput and journal in one sentence.
    pub fn sentence(&self) -> String {
        format!(
            "{} fills, {} shares; {} frames in {:.3} s, {} per second; journal {} bytes",
            thousands(self.fills.count),
            thousands(self.fills.quantity / tinywindow::order::UNIT),
            thousands(self.frames),
            self.seconds,
            thousands(self.frames_per_second as u64),
            thousands(self.journal_bytes),
        )
    }

    /// The self-check in one sentence.
    pub fn verdict(&self) -> String {
        let (_, executions) = self.events[3];
        format!(
            "{} of {} visible executions of the flow's orders filled that very order, for that \
             size",
            thousands(executions.matched),
            thousands(executions.matched + self.mismatch_count as u64),
        )
    }

    /// Every table that has something to say.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.events_table(), self.requests_table(), self.latency_table()];
        let counts = [("rejected because", &self.reasons), ("refused with", &self.refusals)];
        for (header, counts) in counts.into_iter().filter(|(_, counts)| !counts.is_empty()) {
            let rows = counts.iter().map(|(name, count)| row(name, &[*count]));
            tables.push(Table::new(&[header, "frames"], rows));
        }
        tables
    }

    fn events_table(&self) -> Table {
        let header = ["events", "read", "sent", "matched", "not of this flow"];
        let row = |(name, e): &(&str, Events)| {
            row(name, &[e.read, e.sent, e.matched, e.not_of_this_flow])
        };
        Table::new(&header, self.events.iter().map(row))
            .with_note("not of this flow: of an order that came before the flow begins; not sent")
    }

    fn requests_table(&self) -> Table {
        let header = ["requests", "sent", "accepted", "rejected", "refused"];
        let requests =
            [("orders", self.orders), ("replaces", self.replaces), ("cancels", self.cancels)];
        let row =
            |(name, r): &(&str, Requests)| row(name, &[r.sent, r.accepted, r.rejected, r.refused]);
        Table::new(&header, requests.iter().map(row))
    }

    fn latency_table(&self) -> Table {
        let header = ["latency", "p50", "p99", "p99.9", "max"];
        let row = |(name, p): &(&str, Percentiles)| {
            let times = [p.p50, p.p99, p.p99_9, p.max].map(time);
            std::iter::once(name.to_string()).chain(times).collect()
        };
        Table::new(&header, self.latencies_ns.iter().map(row)).with_note(
            "journal, and ack with it: mostly the disk's sync, which a batch of frames shares",
        )
    }
}

fn row(name: &str, numbers: &[u64]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(numbers.iter().map(|n| thousands(*n))).collect()
}

/// A duration with three digits that matter: `1.23 µs`.
pub fn time(nanoseconds: u64) -> String {
    let value = nanoseconds as f64;
    let (value, unit) = match nanoseconds {
        0..1_000 => return format!("{nanoseconds} ns"),
        1_000..1_000_000 => (value / 1e3, "µs"),
        1_000_000..1_000_000_000 => (value / 1e6, "ms"),
        _ => (value / 1e9, "s"),
    };
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$} {unit}")
}

/// Names on the left, numbers on the right.
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// What its words mean, where they need it.
    pub note: &'static str,
}

impl Table {
    fn new(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
        let header = header.iter().map(|cell| cell.to_string()).collect();
        Table { header, rows: rows.collect(), note: "" }
    }

    fn with_note(self, note: &'static str) -> Table {
        Table { note, ..self }
    }

    fn text(&self, style: Style) -> String {
        let all = || std::iter::once(&self.header).chain(&self.rows);
        let width = |column: usize| all().map(|r| r[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<_> = (0..self.header.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let mut line = format!("{:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(&widths).skip(1) {
                let _ = write!(line, "  {cell:>width$}");
            }
            line
        };
        let rows = self.rows.iter().map(|row| line(row) + "\n").collect::<String>();
        let note = if self.note.is_empty() { String::new() } else { format!("({})\n", self.note) };
        format!("{}\n{rows}{note}\n", style.bold(line(&self.header)))
    }
}
