//! `config check`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tinywindow::config::{Config, ConfigError};

use crate::files;
use crate::output::{self, Result, Style, Verdict};

#[derive(Subcommand)]
pub enum Command {
    Check(Check),
}

/// Says whether a gateway would open with this configuration.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow config check gateway.toml
  tinywindow replay --print-config | tinywindow config check -

Exit code 0: valid. 1: not valid; FILE:LINE:COLUMN, what is wrong and what to do are printed.
The key files and the daemon's certificates that it names are read too, relative to the current
directory.")]
pub struct Check {
    /// Configuration, TOML; `-` is the standard input
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn check(args: &Check) -> Result<Verdict> {
    let name = files::input_name(&args.file);
    let text = String::from_utf8(files::read(&args.file)?)
        .map_err(|_| format!("{name} is not UTF-8 text; a configuration is TOML"))?;
    let error = Config::check(&text).err();
    if args.json {
        output::print_json(&match &error {
            None => json!({ "valid": true }),
            Some(e) => json!({
                "valid": false, "line": e.line, "column": e.column, "message": e.message,
            }),
        })?;
    } else {
        match &error {
            None => output::print(format_args!("{name}: {}\n", Style::stdout().good("valid")))?,
            Some(e) => {
                output::print(format_args!("{}\n", Style::stdout().bad(message(&name, e))))?;
            }
        }
    }
    Ok(if error.is_none() { Verdict::Positive } else { Verdict::Negative })
}

/// The place as compilers write it, so that editors find it; what is wrong, what to do.
pub fn message(name: &str, error: &ConfigError) -> String {
    format!("{name}:{}:{}: {}", error.line, error.column, error.message)
}
