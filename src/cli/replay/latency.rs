//! How long each gate took, in HDR histograms (<https://hdrhistogram.org>).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;
use tinywindow::gateway::{Gate, Observer};

/// Longer than any gate takes; what is above counts as this. Nanoseconds.
const HIGHEST: u64 = 60_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// One histogram per gate, fed by the gateway's threads.
pub struct Latencies([Mutex<Histogram<u64>>; Gate::ALL.len()]);

/// Nanoseconds.
#[derive(Clone, Copy, Serialize)]
pub struct Percentiles {
    pub p50: u64,
    pub p99: u64,
    #[serde(rename = "p99.9")]
    pub p99_9: u64,
    pub max: u64,
}

impl Latencies {
    pub fn new() -> Latencies {
        Latencies(std::array::from_fn(|_| Mutex::new(histogram())))
    }

    /// The gates and what was seen of them, in order.
    pub fn histograms(&self) -> Vec<(&'static str, Histogram<u64>)> {
        let copy = |(gate, histogram): (&Gate, &Mutex<Histogram<u64>>)| {
            (gate.name(), histogram.lock().unwrap_or_else(PoisonError::into_inner).clone())
        };
        Gate::ALL.iter().zip(&self.0).map(copy).collect()
    }
}

impl Observer for Latencies {
    fn gate(&self, gate: Gate, elapsed: Duration) {
        let histogram = &self.0[gate as usize];
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        histogram.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(nanoseconds);
    }
}

pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, HIGHEST, SIGNIFICANT_DIGITS).expect("the bounds are valid")
}

pub fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    Percentiles {
        p50: histogram.value_at_quantile(0.5),
        p99: histogram.value_at_quantile(0.99),
        p99_9: histogram.value_at_quantile(0.999),
        max: histogram.max(),
    }
}
