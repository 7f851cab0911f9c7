//! What a call takes, by the size of the message.

use super::contender::{Contender, Form};
use super::messages::{IN_TURN, SIZE_NAMES, SIZES, messages, seeds};
use super::{Key, shown};
use crate::rounds::{Effort, Measured, Pass, compare};

/// A row for each contender: microseconds, the median of the rounds, and the ratio to the first.
pub fn print(key: &Key, contenders: &[Contender], effort: Effort) {
    let columns = columns(key, contenders, effort);
    let sizes = |operation: &str| SIZE_NAMES.map(|size| format!("{operation} {size}")).join(" | ");
    println!("\n| µs (ratio) | keygen | {} | {} |", sizes("sign"), sizes("verify"));
    println!("|---|{}", "---:|".repeat(columns.len()));
    for (row, contender) in contenders.iter().enumerate() {
        let cell = |column: &Vec<Option<Measured>>| column[row].map_or(String::new(), cell);
        let cells: Vec<_> = columns.iter().map(cell).collect();
        println!("| {} | {} |", title(contender), cells.join(" | "));
    }
}

fn title(contender: &Contender) -> String {
    match contender.form {
        Form::Prepared => contender.name.to_owned(),
        Form::Batch => format!("{}, batch of {IN_TURN}", contender.name),
        Form::Bytes => format!("{}, from key bytes", contender.name),
    }
}

fn cell(measured: Measured) -> String {
    let microseconds = measured.median / IN_TURN as f64 / 1000.0;
    format!("{} ({:.2})", shown(microseconds), measured.ratio)
}

/// One after the other: key generation, signing by size, verifying by size.
fn columns(key: &Key, contenders: &[Contender], effort: Effort) -> Vec<Vec<Option<Measured>>> {
    let seeds = seeds(IN_TURN);
    let mut columns = vec![column(contenders, effort, |c| c.making_keys(&seeds))];
    for size in SIZES {
        let messages = messages(size, IN_TURN);
        columns.push(column(contenders, effort, |c| c.signing(&messages)));
    }
    for size in SIZES {
        let messages = messages(size, IN_TURN);
        let signatures = key.sign(&messages);
        let signatures: Vec<&[u8]> = signatures.iter().map(Vec::as_slice).collect();
        columns.push(column(contenders, effort, |c| c.verifying(&messages, &signatures)));
    }
    columns
}

/// Those who can, side by side.
fn column<'a>(
    contenders: &'a [Contender],
    effort: Effort,
    pass: impl Fn(&'a Contender) -> Option<Pass<'a>>,
) -> Vec<Option<Measured>> {
    let passes: Vec<Option<Pass<'a>>> = contenders.iter().map(pass).collect();
    let can: Vec<bool> = passes.iter().map(Option::is_some).collect();
    let mut measured =
        compare(effort, &mut passes.into_iter().flatten().collect::<Vec<_>>()).into_iter();
    can.into_iter().map(|can| if can { measured.next() } else { None }).collect()
}
