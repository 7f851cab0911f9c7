//! What a call takes, by the size of the message.

use super::contender::Contender;
use super::messages::{IN_TURN, SIZE_NAMES, SIZES, messages, seeds};
use super::{Column, Key, Operations, shown};
use crate::rounds::{Effort, Measured, Pass, compare};

/// Key generation, signing by size, verifying by size: microseconds, the median of the rounds, and
/// the ratio to the first contender.
pub fn columns(key: &Key, contenders: &[Contender], effort: Effort) -> Operations {
    let seeds = seeds(IN_TURN);
    let keygen = vec![column("keygen".into(), contenders, effort, |c| c.making_keys(&seeds))];
    let sizes = || SIZE_NAMES.into_iter().zip(SIZES);
    let sign = sizes().map(|(name, size)| {
        let messages = messages(size, IN_TURN);
        column(format!("sign {name}"), contenders, effort, |c| c.signing(&messages))
    });
    let verify = sizes().map(|(name, size)| {
        let messages = messages(size, IN_TURN);
        let signatures = key.sign(&messages);
        let signatures: Vec<&[u8]> = signatures.iter().map(Vec::as_slice).collect();
        let head = format!("verify {name}");
        column(head, contenders, effort, |c| c.verifying(&messages, &signatures))
    });
    [keygen, sign.collect(), verify.collect()]
}

fn cell(measured: Measured) -> String {
    let microseconds = measured.median / IN_TURN as f64 / 1000.0;
    format!("{} ({:.2})", shown(microseconds), measured.ratio)
}

/// Those who can, side by side.
fn column<'a>(
    head: String,
    contenders: &'a [Contender],
    effort: Effort,
    pass: impl Fn(&'a Contender) -> Option<Pass<'a>>,
) -> Column {
    let passes: Vec<Option<Pass<'a>>> = contenders.iter().map(pass).collect();
    let can: Vec<bool> = passes.iter().map(Option::is_some).collect();
    let measured = compare(effort, &mut passes.into_iter().flatten().collect::<Vec<_>>());
    let mut measured = measured.into_iter().map(cell);
    let mut next = |can| if can { measured.next() } else { None }.unwrap_or_default();
    let cells = can.into_iter().map(&mut next).collect();
    Column { head, cells }
}
