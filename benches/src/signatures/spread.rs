//! How single calls spread, and whether two threads keep each other waiting.

use std::time::Instant;

use super::contender::{Contender, Form};
use super::messages::{IN_TURN, TYPICAL, TYPICAL_IN_TURN, messages, seeds};
use super::{Column, Key, Operations, shown};
use crate::rounds::{Effort, Pass, scaling};

/// Of calls with a message of the typical size and a prepared key, by operation.
pub fn columns(key: &Key, contenders: &[Contender], effort: Effort) -> Operations {
    [keygen(contenders, effort), sign(contenders, effort), verify(key, contenders, effort)]
}

fn keygen(contenders: &[Contender], effort: Effort) -> Vec<Column> {
    let seeds = seeds(TYPICAL_IN_TURN);
    let single = |call: usize| std::slice::from_ref(&seeds[call % TYPICAL_IN_TURN]);
    spread("keygen", contenders, effort, |contender, call| contender.making_keys(single(call)))
}

fn sign(contenders: &[Contender], effort: Effort) -> Vec<Column> {
    let messages = messages(TYPICAL, TYPICAL_IN_TURN);
    let single = |call: usize| std::slice::from_ref(&messages[call % TYPICAL_IN_TURN]);
    let mut columns =
        spread("sign", contenders, effort, |contender, call| contender.signing(single(call)));
    columns.push(both("sign", contenders, effort, |c| c.signing(&messages[..IN_TURN])));
    columns
}

fn verify(key: &Key, contenders: &[Contender], effort: Effort) -> Vec<Column> {
    let messages = messages(TYPICAL, IN_TURN);
    let signatures = key.sign(&messages);
    let signatures: Vec<&[u8]> = signatures.iter().map(Vec::as_slice).collect();
    let one = |call: usize| call % IN_TURN..call % IN_TURN + 1;
    let mut columns = spread("verify", contenders, effort, |contender, call| {
        contender.verifying(&messages[one(call)], &signatures[one(call)])
    });
    columns.push(both("verify", contenders, effort, |c| c.verifying(&messages, &signatures)));
    columns
}

/// Mean and 99th percentile of calls that are timed one by one, all contenders in turn.
fn spread<'a>(
    operation: &str,
    contenders: &'a [Contender],
    effort: Effort,
    pass: impl Fn(&'a Contender, usize) -> Option<Pass<'a>>,
) -> Vec<Column> {
    let mut times = vec![Vec::with_capacity(effort.single_calls); contenders.len()];
    for call in 0..effort.single_calls {
        for (contender, times) in prepared(contenders).zip(&mut times) {
            if let Some(mut pass) = contender.and_then(|contender| pass(contender, call)) {
                let begin = Instant::now();
                pass();
                times.push(begin.elapsed().as_nanos() as f64 / 1000.0);
            }
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable_by(f64::total_cmp));
    let column = |what: &str, of: fn(&[f64]) -> f64| {
        let cell = |times: &Vec<f64>| match &times[..] {
            [] => String::new(),
            times => shown(of(times)),
        };
        Column { head: head(operation, what), cells: times.iter().map(cell).collect() }
    };
    vec![
        column("mean", |times| times.iter().sum::<f64>() / times.len() as f64),
        column("p99", |times| times[times.len() * 99 / 100]),
    ]
}

fn head(operation: &str, what: &str) -> String {
    match operation {
        "keygen" => format!("{operation}: {what}"),
        _ => format!("{operation} {TYPICAL} B: {what}"),
    }
}

/// The contenders, without those whose key is not prepared.
fn prepared(contenders: &[Contender]) -> impl Iterator<Item = Option<&Contender>> {
    contenders.iter().map(|contender| Some(contender).filter(|c| c.form == Form::Prepared))
}

/// What two threads with one key take, to one.
fn both<'a>(
    operation: &str,
    contenders: &'a [Contender],
    effort: Effort,
    pass: impl Fn(&'a Contender) -> Option<Pass<'a>>,
) -> Column {
    let cell = |contender: Option<&'a Contender>| {
        let pass = || contender.and_then(&pass);
        match (pass(), pass()) {
            (Some(one), Some(other)) => format!("{:.2}", scaling(effort, [one, other])),
            _ => String::new(),
        }
    };
    Column { head: head(operation, "2 threads"), cells: prepared(contenders).map(cell).collect() }
}
