//! `replay`: an exchange's order flow through the gateway, held against what the exchange did.

mod check;
mod latency;
mod pipeline;
mod script;
mod setup;
mod source;
mod summary;
mod timeline;

use std::path::PathBuf;

use clap::Args;
use tinywindow::signing::Suite;

use crate::date::Date;
use crate::output::{self, Result, Style, Verdict};
use crate::{files, keys, report};

use pipeline::Pipeline;
use setup::{Setup, Sizes};
use source::Flow;

pub use pipeline::Replayed;
pub use summary::{Check, Summary, Table, time};
pub use timeline::{LEVELS, Sample};

/// Sends a day of orders through a gateway and checks the fills against the exchange's.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow replay AAPL_2012-06-21_message.csv
  tinywindow replay AAPL_2012-06-21_message.csv --report report.html --journal aapl.twj
  tinywindow replay --seed 7 --events 100000 --json > replay.json
  tinywindow replay AAPL_2012-06-21_message.csv --print-config > limits.toml    # change it, then
  tinywindow replay AAPL_2012-06-21_message.csv --config limits.toml

FLOW is a LOBSTER message file, or `-` for the standard input; without it, the flow is that of
`tinywindow flow` with the same --seed and --events. Each event becomes a signed frame of one of
the sessions: 1 a new order, 2 a replace with what is left, 3 a cancel, 4 an immediate-or-cancel
order from the other side, 7 a halt of the symbol or its end; 5 and 6 are counted. Events of orders
that came before the flow begins are \"not of this flow\": counted and not sent. The clock is the
flow's own.

The sessions' keys are made from seeds: a replay is a simulation. --config brings sessions,
instruments and limits of your own; its journal and the sessions' key files are left alone, its
checkpoint_keys sign the replay's journal, and its resume_keys are read. Limits that count open
orders depend on how far the answers have come: --window 1 makes them the same every time. The
temporary journal is in TMPDIR: the latencies of journal and ack are mostly that disk's.

JSON keys: flow, symbol, date, sessions, suite, events.KIND.{read,sent,matched,not_of_this_flow},
{orders,replaces,cancels}.{sent,accepted,rejected,refused}, fills.{count,quantity,unexpected},
unknown, gates.GATE, reasons.REASON, refusals.STATUS, latencies_ns.GATE.{p50,p99,p99.9,max},
frames, seconds, frames_per_second, journal_bytes, check (matched, not_matched, nothing_to_compare
or refused), mismatch_count, mismatches (the first 20).

Exit code 0: every visible execution of an order of the flow filled that very order, for that
size. 1: not all did, there was none, or without --config a frame was refused. 2: the replay could
not be done.")]
pub struct Replay {
    /// LOBSTER message file; `-` is the standard input
    #[arg(value_name = "FLOW", conflicts_with_all = ["seed", "events"])]
    flow: Option<PathBuf>,
    /// How many sessions send; with --config all of its sessions, if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    sessions: Option<u32>,
    /// Suite of the sessions' keys, as in `keygen`
    #[arg(long, default_value = "hmac-sha256", value_parser = keys::suites())]
    suite: Suite,
    /// Configuration of the gateway, instead of one with which nothing real is rejected
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep the journal in this folder, which must be new or empty
    #[arg(long, value_name = "FOLDER")]
    journal: Option<PathBuf>,
    /// Symbol; by default the one in FLOW's name, else SYNTH
    #[arg(long, value_parser = source::parse_symbol)]
    symbol: Option<String>,
    /// Day of the flow, as if its midnight were UTC; by default the one in FLOW's name, else
    /// 1970-01-01
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// Write a report with plots, one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print one JSON object instead of the tables
    #[arg(long)]
    json: bool,
    /// Which synthetic flow
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Length of the synthetic flow
    #[arg(long, default_value_t = 100_000)]
    events: u64,
    /// Frames in flight at most: they share the journal's syncs
    #[arg(long, value_name = "N", default_value_t = 256,
          value_parser = clap::value_parser!(u32).range(1..=65_536))]
    window: u32,
    /// Print the configuration that would be used, and do nothing
    #[arg(long)]
    print_config: bool,
}

const DEFAULT_SESSIONS: u32 = 4;

pub fn replay(args: &Replay) -> Result<Verdict> {
    let (flow, events) = source::open(args)?;
    let (text, name) = configuration(args, &flow)?;
    if args.print_config {
        output::print(text)?;
        return Ok(Verdict::Positive);
    }
    let mut events = events.peekable();
    if events.peek().is_none() {
        return Err(format!("{}: no events", flow.name).into());
    }
    let setup = Setup::open(&text, &name, args, &flow)?;
    let replayed = Pipeline::new(&setup, &flow, args.window)?.run(events)?;
    if let Some(path) = &args.report {
        files::write_result(path, report::html(&replayed)?.as_bytes(), &[], true)?;
    }
    let summary = &replayed.summary;
    if args.json {
        output::print_json(summary)?;
    } else {
        output::print(summary.text(Style::stdout()))?;
        if let Some(path) = &args.report {
            output::print(format_args!("report: {}\n", path.display()))?;
        }
    }
    Ok(if summary.check == Check::Matched { Verdict::Positive } else { Verdict::Negative })
}

/// The configuration's text, and what error messages call it.
fn configuration(args: &Replay, flow: &Flow) -> Result<(String, String)> {
    if let Some(path) = &args.config {
        let name = files::input_name(path);
        let text = String::from_utf8(files::read(path)?)
            .map_err(|_| format!("{name} is not UTF-8 text; a configuration is TOML"))?;
        return Ok((text, name));
    }
    let sessions = args.sessions.unwrap_or(DEFAULT_SESSIONS);
    let sizes = Sizes { symbol: &flow.symbol, sessions, events: flow.count };
    Ok((setup::configuration(&sizes), "the generated configuration".to_owned()))
}
