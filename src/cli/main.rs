//! The `tinywindow` command.

#![forbid(unsafe_code)]
#![warn(rust_2018_idioms)]

mod config;
mod date;
mod files;
mod flow;
mod inspect;
mod interchange;
mod journal;
mod jwk;
mod keys;
mod lobster;
mod manual;
mod output;
mod replay;
mod report;
#[cfg(feature = "grpc")]
mod serve;
mod synthesize;

use std::process::ExitCode;

use clap::{Parser, Subcommand, error::ErrorKind};

use output::{Failure, Result, Verdict};

/// Sign with a key, send an order safely.
#[derive(Parser)]
#[command(
    name = "tinywindow",
    version,
    after_help = "\
Examples:
  tinywindow keygen --suite ed25519 -o trader.key
  tinywindow sign --key trader.key report.pdf
  tinywindow replay AAPL_2012-06-21_message.csv --report report.html
  tinywindow flow --seed 7 --events 100000 | tinywindow replay -

Exit codes:
  0  done; a verdict, where one is asked for, is positive
  1  the verdict is negative: not valid, or not what the exchange did
  2  usage or bad input; the standard error says what to do"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Keygen(keys::Keygen),
    Public(keys::Public),
    Sign(keys::Sign),
    Verify(keys::Verify),
    /// Reads and writes keys in the forms of other tools
    #[command(subcommand)]
    Key(interchange::Command),
    Inspect(inspect::Inspect),
    /// Looks into journals
    #[command(subcommand)]
    Journal(journal::Command),
    /// Looks at configurations
    #[command(subcommand)]
    Config(config::Command),
    Replay(replay::Replay),
    Flow(synthesize::Synthesize),
    #[cfg(feature = "grpc")]
    Serve(serve::Serve),
    Completions(manual::Completions),
    #[command(hide = true)]
    Man(manual::Man),
}

fn main() -> ExitCode {
    output::finish(parse().and_then(|cli| match cli {
        Some(cli) => run(cli.command),
        None => Ok(Verdict::Positive),
    }))
}

/// The command line; `None` when it asked for help or the version, which is printed.
fn parse() -> Result<Option<Cli>> {
    let error = match Cli::try_parse() {
        Ok(cli) => return Ok(Some(cli)),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::print(error.render())?;
            Ok(None)
        }
        _ => {
            let text = error.render().to_string();
            Err(Failure::Message(text.trim_start_matches("error: ").trim_end().to_owned()))
        }
    }
}

fn run(command: Command) -> Result<Verdict> {
    match command {
        Command::Keygen(args) => keys::keygen(&args),
        Command::Public(args) => keys::public(&args),
        Command::Sign(args) => keys::sign(&args),
        Command::Verify(args) => keys::verify(&args),
        Command::Key(command) => interchange::run(&command),
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Journal(command) => journal::run(&command),
        Command::Config(config::Command::Check(args)) => config::check(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Flow(args) => synthesize::synthesize(&args),
        #[cfg(feature = "grpc")]
        Command::Serve(args) => serve::serve(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
    }
}
