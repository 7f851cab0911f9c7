//! Comparisons within one run. The contenders take turns in short slices, so that whatever else
//! the machine does falls on all of them alike; what counts is the ratio within a round.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub slice: Duration,
    /// Orders sent through each gateway.
    pub orders: usize,
}

/// Something measured beside others.
pub struct Contender<'a> {
    pub name: &'static str,
    repeat: Box<dyn FnMut(u32) + 'a>,
}

impl<'a> Contender<'a> {
    /// `call` is inlined into the loop that repeats it.
    pub fn new<R>(name: &'static str, mut call: impl FnMut() -> R + 'a) -> Self {
        let repeat = move |count| {
            for _ in 0..count {
                black_box(call());
            }
        };
        Self { name, repeat: Box::new(repeat) }
    }

    /// Nanoseconds a call takes.
    fn time(&mut self, count: u32) -> f64 {
        let start = Instant::now();
        (self.repeat)(count);
        start.elapsed().as_nanos() as f64 / f64::from(count)
    }

    /// How many calls fill a slice.
    fn count_for(&mut self, slice: Duration) -> u32 {
        let mut count = 1;
        while self.time(count) * f64::from(count) < slice.as_nanos() as f64 {
            count *= 2;
        }
        count
    }
}

/// What a call of a contender took.
#[derive(Clone, Copy)]
pub struct Measured {
    /// Nanoseconds, the median of the rounds.
    pub median: f64,
    /// To the first contender: the median of the ratios within each round.
    pub ratio: f64,
    /// Nanoseconds more than the first: the median of the differences within each round.
    pub more: f64,
}

/// Measures all contenders side by side. The first is the one that the others are compared to.
pub fn compare(effort: Effort, contenders: &mut [Contender<'_>]) -> Vec<Measured> {
    let counts: Vec<u32> = contenders.iter_mut().map(|c| c.count_for(effort.slice)).collect();
    let mut times = vec![Vec::with_capacity(effort.rounds); contenders.len()];
    for _ in 0..effort.rounds {
        for (index, contender) in contenders.iter_mut().enumerate() {
            times[index].push(contender.time(counts[index]));
        }
    }
    let against_first = |of: &[f64], measure: fn(f64, f64) -> f64| {
        median(of.iter().zip(&times[0]).map(|(&own, &first)| measure(own, first)).collect())
    };
    times
        .iter()
        .map(|of| Measured {
            median: median(of.clone()),
            ratio: against_first(of, |own, first| own / first),
            more: against_first(of, |own, first| own - first),
        })
        .collect()
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
