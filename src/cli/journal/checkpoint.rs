//! `journal checkpoint`, and reading checkpoints and the keys that signed them.

use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use clap::Args;
use serde_json::{Value, json};
use tinywindow::Error;
use tinywindow::journal::{self, Checkpoint, CheckpointKey, SignedCheckpoint};

use super::Destination;
use super::verify::Audit;
use crate::files;
use crate::output::{self, Result, Verdict};

/// Writes the newest checkpoint of a journal.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal checkpoint orders.twj -o 2026-11-24.checkpoint
  tinywindow journal verify orders.twj --checkpoint 2026-11-24.checkpoint --key log.pub

A checkpoint is the size and root of a tree over all records, signed: kept where nobody who can
write the journal can write, it tells whether what was there then is there still. Its format is
C2SP's tlog-checkpoint.

Exit code 0: it is written. 1: the journal is corrupt. 2: it has none, or cannot be read.")]
pub struct Latest {
    /// The journal's folder
    journal: PathBuf,
    #[command(flatten)]
    destination: Destination,
}

/// Prints the keys of a journal's checkpoints as other tools take them.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal vkey example.com/desk-1 log.pub

C2SP's verifier key, on a line for each: the name, the key's id, its type and the key. Witnesses and
tools for transparency logs take these.")]
pub struct Vkey {
    /// The journal's name, `checkpoint_origin`
    #[arg(value_parser = parse_origin)]
    origin: String,
    /// Raw public keys
    #[arg(required = true, value_name = "KEYFILE")]
    keys: Vec<PathBuf>,
}

fn parse_origin(origin: &str) -> Result<String, String> {
    match journal::is_origin(origin) {
        true => Ok(origin.to_owned()),
        false => Err("a name has 1 to 255 printable ASCII characters, none of them a +".to_owned()),
    }
}

pub fn vkey(args: &Vkey) -> Result<Verdict> {
    for path in &args.keys {
        output::print(format_args!("{}\n", read_key(path)?.vkey(&args.origin)))?;
    }
    Ok(Verdict::Positive)
}

/// Which keys must have signed.
#[derive(Args)]
pub struct Keys {
    /// Raw public key that signed the checkpoints; of several, all must have
    #[arg(long = "key", value_name = "FILE")]
    paths: Vec<PathBuf>,
}

impl Keys {
    pub fn read(&self) -> Result<Vec<CheckpointKey>> {
        self.paths.iter().map(|path| read_key(path)).collect()
    }
}

fn read_key(path: &Path) -> Result<CheckpointKey> {
    CheckpointKey::new(&files::read_key(path)?).map_err(|error| {
        let remedy = match error {
            Error::Suite => "checkpoints are signed by Ed25519 and ML-DSA-44",
            Error::KeyUsage => "checkpoints are signed by keys that `keygen --raw` made",
            _ => "name a file that `tinywindow public` wrote",
        };
        format!("{}: {error}; {remedy}", files::input_name(path)).into()
    })
}

/// A checkpoint in a file, its signatures not yet checked.
pub fn read(path: &Path) -> Result<SignedCheckpoint> {
    let text = String::from_utf8(files::read(path)?).ok();
    text.and_then(|text| SignedCheckpoint::parse(&text)).ok_or_else(|| {
        let name = files::input_name(path);
        format!("{name} is no checkpoint; name a file that `journal checkpoint` wrote").into()
    })
}

pub fn fields(checkpoint: &Checkpoint) -> Value {
    let Checkpoint { origin, size, root } = checkpoint;
    json!({ "origin": origin, "size": size, "root": base64(root) })
}

/// As in checkpoints.
pub fn base64(root: &[u8]) -> String {
    Base64::encode_string(root)
}

pub fn latest(args: &Latest) -> Result<Verdict> {
    let mut audit = Audit::new(&[], None);
    let history = super::read(&args.journal, &[], |record| audit.record(record))?;
    let verdict = super::verdict(&args.journal, &history)?;
    let Some(newest) = audit.newest.filter(|_| verdict == Verdict::Positive) else {
        if verdict == Verdict::Negative {
            return Ok(verdict);
        }
        return Err(without_checkpoint(&args.journal).into());
    };
    args.destination.write(&newest.to_string())?;
    Ok(Verdict::Positive)
}

/// Why nothing can be proved of a journal, and what to do.
pub fn without_checkpoint(journal: &Path) -> String {
    let journal = journal.display();
    format!("{journal} has no checkpoint; configure `checkpoint_keys`, and open a gateway on it")
}
