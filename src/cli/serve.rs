//! `serve`.

use std::path::PathBuf;

use clap::Args;
use tinywindow::config::Config;

use crate::files;
use crate::output::{Result, Verdict};

/// Serves a gateway and its keys over gRPC.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow config check service.toml
  tinywindow serve service.toml

The [service] table says where it listens; docs/SERVICE.md has the rest. The standard output has
one JSON object for each event. SIGTERM and SIGINT stop it: what was accepted is finished.

Exit code 0: stopped as asked. 2: it could not start; the standard error says what to do.")]
pub struct Serve {
    /// Configuration, TOML; `-` is the standard input
    config: PathBuf,
}

pub fn serve(args: &Serve) -> Result<Verdict> {
    let name = files::input_name(&args.config);
    let text = String::from_utf8(files::read(&args.config)?)
        .map_err(|_| format!("{name} is not UTF-8 text; a configuration is TOML"))?;
    let config = Config::parse(&text)
        .map_err(|error| format!("{name}:{}:{}: {}", error.line, error.column, error.message))?;
    tinywindow::service::serve(&config)?;
    Ok(Verdict::Positive)
}
