//! The whole gateway in a world that is simulated, disk, venue and clock, every fault among it, and
//! an independent model that checks after every step (docs/RELIABILITY.md).
//!
//!     simulation SEED HISTORIES
//!
//! lives so many histories from this seed on. One that goes wrong is told step by step, and its seed
//! lives it again.

mod book;
mod changes;
mod checks;
mod chronicle;
mod client;
mod disk;
mod exposure;
mod history;
mod keeping;
mod model;
mod random;
mod rates;
mod rules;
mod setting;
mod submission;
mod tally;
mod venue;
mod world;

use std::process::ExitCode;

use history::History;
use setting::Setting;
use tally::Tally;

fn main() -> ExitCode {
    let arguments: Vec<u64> =
        std::env::args().skip(1).map_while(|text| text.parse().ok()).collect();
    let [first, histories] = arguments[..] else {
        eprintln!("usage: simulation SEED HISTORIES");
        return ExitCode::from(2);
    };
    let setting = Setting::new();
    let mut sum = Tally::default();
    for seed in first..first + histories {
        match History::run(&setting, seed, None) {
            Ok(tally) => sum += tally,
            Err(_) => return tell_again(&setting, seed),
        }
    }
    println!("simulation: {histories} histories from seed {first}: {sum}");
    if histories >= ENOUGH && !sum.is_complete() {
        let missing = sum.missing();
        eprintln!(
            "simulation: something of what can happen did not; for {missing:?} nothing was rejected"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// In so many histories everything happens.
const ENOUGH: u64 = 1_000;

/// Lives the history again, and tells it.
fn tell_again(setting: &Setting, seed: u64) -> ExitCode {
    let mut steps = Vec::new();
    let finding = History::run(setting, seed, Some(&mut steps)).err();
    for (number, step) in (1..).zip(&steps) {
        println!("{number:4} {step}");
    }
    let finding = finding.unwrap_or("it did not come again".into());
    println!("simulation: FOUND in history {seed}, after {} steps: {finding}", steps.len());
    ExitCode::FAILURE
}
