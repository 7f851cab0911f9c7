//! How single calls spread, and whether two threads keep each other waiting.

use std::time::Instant;

use super::contender::Contender;
use super::messages::{IN_TURN, TYPICAL, TYPICAL_IN_TURN, messages, seeds};
use super::{Key, shown};
use crate::rounds::{Effort, Pass, scaling};

/// A row for each contender.
pub fn print(key: &Key, contenders: &[&Contender], effort: Effort) {
    let columns =
        [keygen(contenders, effort), sign(contenders, effort), verify(key, contenders, effort)];
    println!(
        "\n| {TYPICAL} B, prepared: µs | keygen p50 | mean | p99 | sign p50 | mean | p99 | \
         2 threads | verify p50 | mean | p99 | 2 threads |\n|---|{}",
        "---:|".repeat(11)
    );
    for (row, contender) in contenders.iter().enumerate() {
        let cells: Vec<_> = columns.iter().flat_map(|column| column[row].clone()).collect();
        println!("| {} | {} |", contender.name, cells.join(" | "));
    }
}

fn keygen(contenders: &[&Contender], effort: Effort) -> Vec<Vec<String>> {
    let seeds = seeds(TYPICAL_IN_TURN);
    let single = |call: usize| std::slice::from_ref(&seeds[call % TYPICAL_IN_TURN]);
    spread(contenders, effort, |contender, call| contender.making_keys(single(call)))
}

fn sign(contenders: &[&Contender], effort: Effort) -> Vec<Vec<String>> {
    let messages = messages(TYPICAL, TYPICAL_IN_TURN);
    let single = |call: usize| std::slice::from_ref(&messages[call % TYPICAL_IN_TURN]);
    let mut cells = spread(contenders, effort, |contender, call| contender.signing(single(call)));
    for (cells, contender) in cells.iter_mut().zip(contenders) {
        cells.push(both(effort, || contender.signing(&messages[..IN_TURN])));
    }
    cells
}

fn verify(key: &Key, contenders: &[&Contender], effort: Effort) -> Vec<Vec<String>> {
    let messages = messages(TYPICAL, IN_TURN);
    let signatures = key.sign(&messages);
    let signatures: Vec<&[u8]> = signatures.iter().map(Vec::as_slice).collect();
    let one = |call: usize| call % IN_TURN..call % IN_TURN + 1;
    let mut cells = spread(contenders, effort, |contender, call| {
        contender.verifying(&messages[one(call)], &signatures[one(call)])
    });
    for (cells, contender) in cells.iter_mut().zip(contenders) {
        cells.push(both(effort, || contender.verifying(&messages, &signatures)));
    }
    cells
}

/// Median, mean and 99th percentile of calls that are timed one by one, all contenders in turn.
fn spread<'a>(
    contenders: &[&'a Contender],
    effort: Effort,
    pass: impl Fn(&'a Contender, usize) -> Option<Pass<'a>>,
) -> Vec<Vec<String>> {
    let mut times = vec![Vec::with_capacity(effort.single_calls); contenders.len()];
    for call in 0..effort.single_calls {
        for (contender, times) in contenders.iter().zip(&mut times) {
            if let Some(mut pass) = pass(contender, call) {
                let begin = Instant::now();
                pass();
                times.push(begin.elapsed().as_nanos() as f64 / 1000.0);
            }
        }
    }
    times.into_iter().map(cells).collect()
}

fn cells(mut times: Vec<f64>) -> Vec<String> {
    if times.is_empty() {
        return vec![String::new(); 3];
    }
    times.sort_unstable_by(f64::total_cmp);
    let (count, sum) = (times.len(), times.iter().sum::<f64>());
    vec![shown(times[count / 2]), shown(sum / count as f64), shown(times[count * 99 / 100])]
}

/// What two threads with one key take, to one.
fn both<'a>(effort: Effort, pass: impl Fn() -> Option<Pass<'a>>) -> String {
    match (pass(), pass()) {
        (Some(one), Some(other)) => format!("{:.2}", scaling(effort, [one, other])),
        _ => String::new(),
    }
}
