//! `flow`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::files;
use crate::flow::Flow;
use crate::output::{Failure, Result, Verdict};

/// Writes a synthetic order flow as a LOBSTER message file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow flow --seed 7 --events 100000 -o SYNTH_1970-01-01_message.csv
  tinywindow flow --events 1000 | head

The same seed and number of events give the same file on every machine. A flow of 10,000 events
or more has a trading halt in its middle.")]
pub struct Synthesize {
    /// Which flow
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many events
    #[arg(long, default_value_t = 100_000)]
    events: u64,
    /// Where they go; `-` is the standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

pub fn synthesize(args: &Synthesize) -> Result<Verdict> {
    let flow = Flow::new(args.seed, args.events);
    if files::is_standard(&args.output) {
        write(flow, io::stdout().lock()).map_err(Failure::stdout)?;
    } else {
        let path: &Path = &args.output;
        let written = File::create(path).and_then(|file| write(flow, file));
        written.map_err(|error| Failure::file("write", path, &error))?;
    }
    Ok(Verdict::Positive)
}

fn write(mut flow: Flow, out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    flow.try_for_each(|event| writeln!(out, "{event}"))?;
    out.flush()
}
