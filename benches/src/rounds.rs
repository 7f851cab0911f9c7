//! Comparisons within one run. Those compared take turns in short slices, so that whatever else
//! the machine does falls on all of them alike; what counts is the ratio within a round, of the
//! time that the processor gave.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Rounds of a comparison at most; at least a twentieth of them, however long these take.
    pub rounds: usize,
    /// After this no further round begins.
    pub comparison: Duration,
    /// One turn takes at least this.
    pub slice: Duration,
    /// Calls that are timed one by one.
    pub single_calls: usize,
    /// Orders sent through each gateway.
    pub orders: usize,
}

/// What is repeated and timed.
pub type Pass<'a> = Box<dyn FnMut() + Send + 'a>;

/// What a pass took.
#[derive(Clone, Copy)]
pub struct Measured {
    /// Nanoseconds, the median of the rounds.
    pub median: f64,
    /// To the first pass of the comparison: the median of the ratios within each round.
    pub ratio: f64,
}

/// Measures all side by side. The first is the one that the others are compared to.
pub fn compare(effort: Effort, passes: &mut [Pass<'_>]) -> Vec<Measured> {
    let counts: Vec<u32> = passes.iter_mut().map(|pass| count_for(pass, effort.slice)).collect();
    let times = rounds(effort, || {
        let turns = passes.iter_mut().zip(&counts);
        turns.map(|(pass, &count)| alone(pass, count)).collect()
    });
    let of = |index: usize| median(times.iter().map(|round| round[index]).collect());
    let to_first =
        |index: usize| median(times.iter().map(|round| round[index] / round[0]).collect());
    (0..passes.len()).map(|index| Measured { median: of(index), ratio: to_first(index) }).collect()
}

/// The same done by two threads at once, to one alone: 1 if neither keeps the other waiting.
pub fn scaling(effort: Effort, mut both: [Pass<'_>; 2]) -> f64 {
    let count = count_for(&mut both[0], effort.slice);
    let times =
        rounds(effort, || vec![together(&mut both[..1], count), together(&mut both, count)]);
    median(times.iter().map(|round| round[1] / round[0]).collect())
}

/// Each round begins somewhere else on the stack, all over a page of it: what is written there and
/// happens to lie a multiple of 4096 bytes from what is read delays the reading, which adds up to a
/// third to a verification of Ed25519 and is nobody's merit.
fn rounds(effort: Effort, mut round: impl FnMut() -> Vec<f64>) -> Vec<Vec<f64>> {
    let begin = Instant::now();
    let mut times = Vec::new();
    while times.len() < effort.rounds
        && (times.len() < effort.rounds.div_ceil(20) || begin.elapsed() < effort.comparison)
    {
        deeper(depth(times.len()), &mut || times.push(round()));
    }
    times
}

/// How many frames deep the round with this number begins.
pub fn depth(round: usize) -> usize {
    round * 7 % 40
}

/// Calls `body` some hundred bytes deeper on the stack for each of the frames.
#[inline(never)]
pub fn deeper(frames: usize, body: &mut dyn FnMut()) {
    let room = black_box([0_u8; 64]);
    if frames == 0 {
        body()
    } else {
        deeper(frames - 1, body)
    }
    black_box(room);
}

/// Nanoseconds of a pass that is repeated, of the processor's time: what others have of it in
/// between is not counted.
fn alone(pass: &mut Pass<'_>, count: u32) -> f64 {
    let begin = processor_time();
    (0..count).for_each(|_| pass());
    (processor_time() - begin).as_nanos() as f64 / f64::from(count)
}

/// That this thread has had.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is writable.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// How often a pass fills a slice.
fn count_for(pass: &mut Pass<'_>, slice: Duration) -> u32 {
    let mut count = 1;
    while together(std::slice::from_mut(pass), count) * f64::from(count) < slice.as_nanos() as f64 {
        count *= 2;
    }
    count
}

/// Nanoseconds of a pass that is repeated; of several, each on a thread of its own and all begun
/// together, the mean.
pub fn together(passes: &mut [Pass<'_>], count: u32) -> f64 {
    let start = Barrier::new(passes.len());
    let timed = |pass: &mut Pass<'_>| {
        start.wait();
        let begin = Instant::now();
        (0..count).for_each(|_| pass());
        begin.elapsed().as_nanos() as f64 / f64::from(count)
    };
    if let [pass] = passes {
        return timed(pass);
    }
    let threads = passes.len() as f64;
    thread::scope(|scope| {
        let running: Vec<_> = passes.iter_mut().map(|pass| scope.spawn(|| timed(pass))).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).sum::<f64>() / threads
    })
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
