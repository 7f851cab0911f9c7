//! Counting and timing: the library's cells, compiled from their own source, beside
//! `prometheus-client`; on one thread, and on two that do the same at once.

#[path = "../../src/telemetry/cells.rs"]
#[allow(dead_code, reason = "reading is not measured")]
mod cells;

/// What the cells ask of the table of metrics: how many there are.
pub mod metrics {
    pub const CELLS: usize = 64;
}

use std::hint::black_box;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

use crate::rounds::{Effort, Pass, median, together};

/// Calls of one thread in a round.
const CALLS: u32 = 200_000;

/// What is timed, in nanoseconds: it varies, as latencies do.
fn latency(call: u32) -> Duration {
    Duration::from_nanos(200 + u64::from(call % 1024) * 7)
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

pub fn run(effort: Effort) {
    const COUNTER: cells::Counter = cells::Counter::new(0);
    const HISTOGRAM: cells::Histogram = cells::Histogram::new(8);
    let counters = Family::<Status, Counter>::default();
    let histograms = Family::<Status, Histogram>::new_with_constructor(|| {
        Histogram::new(exponential_buckets(128e-9, 2.0, 27))
    });
    let labels = Status { status: "success" };
    let (counter, histogram) =
        (counters.get_or_create_owned(&labels), histograms.get_or_create_owned(&labels));

    println!("\n### Telemetry, nanoseconds\n\n| | 1 thread | 2 threads |\n|---|---:|---:|");
    row("counter", effort, |_| COUNTER.add(0, 1));
    row("`prometheus-client`, counter kept", effort, |_| {
        counter.inc();
    });
    row("`prometheus-client`, counter by label", effort, |_| {
        counters.get_or_create(&labels).inc();
    });
    row("latency sample, its time known", effort, |call| HISTOGRAM.observe(0, latency(call)));
    row("`prometheus-client`, histogram kept", effort, |call| {
        histogram.observe(latency(call).as_secs_f64());
    });
    row("`prometheus-client`, histogram by label", effort, |call| {
        histograms.get_or_create(&labels).observe(latency(call).as_secs_f64());
    });
    row("deciding whether to time a call", effort, |_| {
        black_box(cells::sampled(cells::Operation::Sign));
    });
    row("reading the clock", effort, |_| {
        black_box(Instant::now());
    });
}

/// On one thread, and on two that begin together.
fn row(name: &str, effort: Effort, call: impl Fn(u32) + Sync) {
    let pass =
        || -> Pass<'_> { Box::new(|| (0..CALLS).for_each(|number| call(black_box(number)))) };
    let mut passes = [pass(), pass()];
    let [one, two] = [1, 2].map(|threads| {
        let mut round = || together(&mut passes[..threads], 1) / f64::from(CALLS);
        median((0..effort.rounds).map(|_| round()).collect())
    });
    println!("| {name} | {one:.1} | {two:.1} |");
}
