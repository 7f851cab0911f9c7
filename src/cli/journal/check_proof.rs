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
    let checked = match &args.from {
        Some(from) => {
            let proof = ConsistencyProof::parse(&text).ok_or_else(|| {
                match InclusionProof::parse_all(&text).is_some() {
                    true => format!("{name} is a proof of records; leave --from out"),
                    false => format!("{name} is no proof that a journal grew"),
                }
            })?;
            growth(&proof, from, &keys)?
        }
        None => {
            let proofs = InclusionProof::parse_all(&text).ok_or_else(|| {
                match ConsistencyProof::parse(&text) {
                    Some(_) => format!(
                        "{name} is a proof that a journal grew; name the checkpoint from which \
                         with --from"
                    ),
                    None => format!("{name} is no proof of records"),
                }
            })?;
            order(&proofs, &keys)
        }
    };
    match checked {
        Ok(found) => {
            inspect::print(&found, args.json)?;
            if !args.json {
                output::print(format_args!(
                    "{}: {}\n",
                    Style::stdout().good("proved"),
                    what(&found)
                ))?;
            }
            Ok(Verdict::Positive)
        }
        Err(error) => {
            let why = match error {
                Error::Signature => "the keys did not sign its checkpoint",
                Error::JournalCorrupt => "what it says is not what was signed",
                error => error.message(),
            };
            output::hint(&format!("{name} proves nothing: {why}"));
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
        inspect::merge(&mut record, super::fields(leaf.kind, leaf.payload)?);
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
