//! `journal check-proof`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tinywindow::Error;
use tinywindow::journal::{CheckpointKey, ConsistencyProof, InclusionProof};

use super::checkpoint::{self, Keys};
use crate::files;
use crate::inspect;
use crate::output::{self, Result, Style, Verdict};

/// Checks a proof that `journal prove` wrote; no journal is needed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal check-proof 17.tlog-proof --key log.pub
  tinywindow journal check-proof since.proof --from 2026-11-23.checkpoint --key log.pub

Of an order it prints the records that are proved, in full. What is not in the proof may be in the
journal all the same.

Exit code 0: it is proved. 1: it is not: another key signed, or something was changed. 2: it could
not be told.")]
pub struct CheckProof {
    /// The proof; `-` is the standard input
    proof: PathBuf,
    #[command(flatten)]
    keys: Keys,
    /// The older checkpoint, for a proof that a journal only grew
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn check_proof(args: &CheckProof) -> Result<Verdict> {
    let keys = args.keys.read()?;
    if keys.is_empty() {
        return Err("name the keys that must have signed, each with --key".into());
    }
    let name = files::input_name(&args.proof);
    let text = String::from_utf8(files::read(&args.proof)?).unwrap_or_default();
    let grew = ConsistencyProof::parse(&text);
    let records = InclusionProof::parse_all(&text);
    let checked = match (&args.from, grew, records) {
        (Some(from), Some(proof), _) => growth(&proof, from, &keys)?,
        (None, _, Some(proofs)) => order(&proofs, &keys),
        (Some(_), None, Some(_)) => {
            return Err(format!("{name} is a proof of records; leave --from out").into());
        }
        (None, Some(_), None) => {
            let remedy = "name the checkpoint from which with --from";
            return Err(format!("{name} is a proof that a journal grew; {remedy}").into());
        }
        (_, None, None) => {
            return Err(format!("{name} is no proof; name what `journal prove` wrote").into());
        }
    };
    match checked {
        Ok(found) => {
            inspect::print(&found, args.json)?;
            if !args.json {
                let proved = Style::stdout().good("proved");
                output::print(format_args!("{proved}: {}\n", what(&found)))?;
            }
            Ok(Verdict::Positive)
        }
        Err(error) => {
            let why = match error {
                Error::Signature => "the keys did not sign its checkpoint",
                Error::JournalCorrupt => "what it says is not what was signed",
                error => error.message(),
            };
            output::object(&format!("{name} proves nothing: {why}"));
            Ok(Verdict::Negative)
        }
    }
}

/// What is proved, in a few words.
fn what(found: &Value) -> String {
    match found["records"].as_array() {
        Some(records) => format!("{} records", records.len()),
        None => {
            format!("the first {} of {} records are the same", found["from_size"], found["size"])
        }
    }
}

fn order(proofs: &[InclusionProof], keys: &[CheckpointKey]) -> tinywindow::Result<Value> {
    let mut found = json!({ "type": "proof" });
    let mut records = Vec::new();
    for proof in proofs {
        let (leaf, checkpoint) = proof.verify(keys)?;
        inspect::merge(&mut found, checkpoint::fields(checkpoint));
        let mut record = json!({ "number": leaf.sequence });
        inspect::merge(&mut record, super::fields(leaf.sequence, leaf.kind, leaf.payload)?);
        records.push(record);
    }
    found["records"] = records.into();
    Ok(found)
}

fn growth(
    proof: &ConsistencyProof,
    from: &Path,
    keys: &[CheckpointKey],
) -> Result<tinywindow::Result<Value>> {
    let old = checkpoint::read(from)?;
    Ok(proof.verify(&old, keys).map(|new| {
        let mut found = json!({ "type": "proof", "from_size": proof.old });
        inspect::merge(&mut found, checkpoint::fields(new));
        found
    }))
}
