//! Where numbers are kept: counters and histograms that any number of threads add to without
//! waiting for each other.
//!
//! Each thread adds to a shard of its own (threads beyond [`SHARDS`] share), with relaxed atomic
//! additions; who reads sums the shards. Each cell only grows, so what is read is never less than
//! what was read before, but cells read one after the other may be of different moments.

use std::array;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::telemetry::metrics::CELLS;

/// More threads than these on the order path at once are rare, and then two of them share a cache
/// line now and then.
const SHARDS: usize = 16;

/// Two cache lines: processors fetch them in pairs.
#[repr(align(128))]
struct Shard([AtomicU64; CELLS]);

static STORE: [Shard; SHARDS] = [const { Shard([const { AtomicU64::new(0) }; CELLS]) }; SHARDS];

/// One in so many calls of a thread is timed, the first one included. Reading the clock twice takes
/// some 50 ns, in many virtual machines more: a third of what an HMAC takes.
pub(crate) const SAMPLING: u8 = 64;

/// What is timed by sampling, each with a count of its own.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Keygen,
    Sign,
    Verify,
    Send,
    PreTrade,
}

struct Thread {
    shard: Cell<Option<&'static Shard>>,
    calls: [Cell<u8>; Operation::PreTrade as usize + 1],
}

thread_local! {
    static THREAD: Thread = const {
        Thread { shard: Cell::new(None), calls: [const { Cell::new(0) }; 5] }
    };
}

fn cell(index: usize) -> &'static AtomicU64 {
    let shard = THREAD.with(|thread| thread.shard.get().unwrap_or_else(|| take_shard(thread)));
    &shard.0[index]
}

#[cold]
fn take_shard(thread: &Thread) -> &'static Shard {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let shard = &STORE[NEXT.fetch_add(1, Relaxed) % SHARDS];
    thread.shard.set(Some(shard));
    shard
}

/// The time, if this call is one of those that are timed.
#[inline]
pub(crate) fn sampled(operation: Operation) -> Option<Instant> {
    THREAD.with(|thread| {
        let calls = &thread.calls[operation as usize];
        let call = calls.get();
        calls.set((call + 1) % SAMPLING);
        (call == 0).then(Instant::now)
    })
}

/// The sum of a cell over all shards.
pub(super) fn total(index: usize) -> u64 {
    STORE.iter().map(|shard| shard.0[index].load(Relaxed)).fold(0, u64::wrapping_add)
}

/// A family of counters: one cell a series.
#[derive(Clone, Copy)]
pub(crate) struct Counter {
    first_cell: usize,
}

impl Counter {
    pub(super) const CELLS: usize = 1;

    pub(super) const fn new(first_cell: usize) -> Self {
        Self { first_cell }
    }

    /// `series`: its place among the family's.
    #[inline]
    pub(crate) fn add(self, series: usize, count: u64) {
        cell(self.first_cell + series).fetch_add(count, Relaxed);
    }
}

/// The upper bound of the first bucket is 2 to the power of this, in nanoseconds: 128 ns, less than
/// anything that is timed takes.
const FIRST_EXPONENT: u32 = 7;

/// Bounds double from bucket to bucket; the last finite one is 2^33 ns, 8.6 s: slower than any
/// timeout that makes sense.
pub(super) const BOUNDS: usize = 27;

/// A family of histograms: per series the buckets, the one without bound last, then the sum in
/// nanoseconds (which takes 584 years of latency to overflow).
#[derive(Clone, Copy)]
pub(crate) struct Histogram {
    first_cell: usize,
}

/// What a series of a histogram says.
pub(super) struct Distribution {
    /// How many were not above each bound; the last is how many there were.
    pub cumulative: [u64; BOUNDS + 1],
    pub sum_ns: u64,
}

impl Histogram {
    pub(super) const CELLS: usize = BOUNDS + 2;

    pub(super) const fn new(first_cell: usize) -> Self {
        Self { first_cell }
    }

    /// `series`: its place among the family's.
    pub(crate) fn observe(self, series: usize, elapsed: Duration) {
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let first = self.first_cell + series * Self::CELLS;
        cell(first + bucket(nanoseconds)).fetch_add(1, Relaxed);
        cell(first + BOUNDS + 1).fetch_add(nanoseconds, Relaxed);
    }

    pub(super) fn read(self, series: usize) -> Distribution {
        let first = self.first_cell + series * Self::CELLS;
        let mut count = 0u64;
        let cumulative = array::from_fn(|bucket| {
            count = count.wrapping_add(total(first + bucket));
            count
        });
        Distribution { cumulative, sum_ns: total(first + BOUNDS + 1) }
    }
}

/// The upper bound of a bucket, itself included.
pub(super) fn bound_ns(bucket: usize) -> u64 {
    1 << (FIRST_EXPONENT as usize + bucket)
}

fn bucket(nanoseconds: u64) -> usize {
    // The smallest power of two that is not below it.
    let exponent = u64::BITS - nanoseconds.saturating_sub(1).leading_zeros();
    (exponent.saturating_sub(FIRST_EXPONENT) as usize).min(BOUNDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_takes_what_is_not_above_its_bound() {
        for place in 0..BOUNDS {
            let bound = bound_ns(place);
            assert_eq!((bucket(bound), bucket(bound + 1)), (place, place + 1));
        }
        assert_eq!((bucket(0), bucket(1), bucket(u64::MAX)), (0, 0, BOUNDS));
        assert_eq!((bound_ns(0), bound_ns(BOUNDS - 1)), (128, 8_589_934_592));
    }
}
