//! `journal prove`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;
use tinywindow::Error;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::journal::merkle::{self, Hash, Subtrees, leaf_hash};
use tinywindow::journal::{
    Checkpoint, ConsistencyProof, InclusionProof, Kind, Record, SignedCheckpoint,
};

use super::checkpoint;
use super::verify::Audit;
use super::{Destination, Source};
use crate::output::{self, Result, Verdict};

/// Writes a proof that needs no journal: that an order is in it, or that it only grew.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal prove orders.twj 17 -o 17.tlog-proof
  tinywindow journal prove orders.twj --session 1 --client-order 7 -o 7.tlog-proof
  tinywindow journal prove orders.twj --from 2026-11-23.checkpoint -o since.proof
  tinywindow journal check-proof 17.tlog-proof --key log.pub

The proof of an order has one part for each of its records, the decision first: the record, its
path in the tree, and the newest checkpoint; each is a file of C2SP's tlog-proof. Records that are
newer than the newest checkpoint cannot be proved yet. That a journal only grew is proved from an
older checkpoint to the newest one.

Exit code 0: it is written. 1: the journal is corrupt, or is not what the older checkpoint was
signed for. 2: there is no such order or checkpoint, or it cannot be read.")]
pub struct Prove {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    destination: Destination,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct What {
    /// The order's id, as acks and `journal show` have it
    #[arg(conflicts_with_all = ["session", "client_order", "from"])]
    order: Option<u64>,
    /// The order's session
    #[arg(long, value_name = "ID", requires = "client_order", conflicts_with = "from")]
    session: Option<u64>,
    /// The order's id in its session
    #[arg(long, value_name = "ID", requires = "session", conflicts_with = "from")]
    client_order: Option<u64>,
    /// An older checkpoint, which the newest one must continue
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

pub fn prove(args: &Prove) -> Result<Verdict> {
    match &args.what.from {
        Some(from) => prove_growth(args, &checkpoint::read(from)?),
        None => prove_order(args),
    }
}

/// A record of the order, and its place in the tree.
struct Part {
    leaf: Vec<u8>,
    index: u64,
}

fn prove_order(args: &Prove) -> Result<Verdict> {
    let (mut sought, mut parts) = (Vec::from_iter(args.what.order), Vec::new());
    let newest = newest(&args.source, None, |record| {
        if is_of(record, &args.what, &mut sought)? {
            parts.push(Part { leaf: record.leaf(), index: record.sequence - 1 });
        }
        Ok(())
    })?;
    let Some(newest) = newest else { return Ok(Verdict::Negative) };
    if parts.is_empty() {
        return Err(format!("{} has no such order", args.source.journal.display()).into());
    }
    let Checkpoint { size, root, .. } = *newest.unverified();
    let found = parts.len();
    parts.retain(|part| part.index < size);
    if parts.is_empty() {
        let remedy = "the next one comes as `checkpoint_records` and `checkpoint_seconds` say, \
                      or when the gateway is closed";
        return Err(format!("the order is newer than the newest checkpoint; {remedy}").into());
    }
    if parts.len() < found {
        let left = found - parts.len();
        output::warn(&format!("{left} of its records are newer than the newest checkpoint"));
    }
    let paths: Option<Vec<_>> =
        parts.iter().map(|part| merkle::inclusion(part.index, size)).collect();
    let paths = paths.ok_or("the journal has fewer records than its checkpoint")?;
    let subtrees = subtrees(&args.source, paths.iter().flatten())?;
    let mut text = String::new();
    for (Part { leaf, index }, ranges) in parts.into_iter().zip(paths) {
        let path = roots(&subtrees, &ranges)?;
        if !merkle::includes(size, &root, index, leaf_hash(&leaf), &path) {
            return Err(changed(&args.source.journal).into());
        }
        text += &InclusionProof { leaf, index, path, checkpoint: newest.clone() }.to_string();
    }
    args.destination.write(&text)?;
    Ok(Verdict::Positive)
}

/// Whether a record is of the order that is sought, or of the gateway's own cancel of it. What is
/// sought by name is known by its id from its decision on.
fn is_of(record: &Record<'_>, what: &What, sought: &mut Vec<u64>) -> tinywindow::Result<bool> {
    if record.kind != Kind::Event {
        return Ok(false);
    }
    let event = Event::decode(record.payload).ok_or(Error::JournalCorrupt)?;
    Ok(match event.kind {
        EventKind::Decided { order_id, frame, .. } => {
            let names = (Some(frame.order.session_id), Some(frame.order.client_order_id));
            // A duplicate client order id is decided too; the first one is the order.
            if sought.is_empty() && names == (what.session, what.client_order) {
                sought.push(order_id);
            }
            sought.contains(&order_id)
        }
        EventKind::Executed(execution) => sought.contains(&execution.order_id),
        EventKind::NotDelivered { order_id } => sought.contains(&order_id),
        EventKind::Cancelled { order_id, orig_order_id, .. } => {
            if sought.contains(&orig_order_id) {
                sought.push(order_id);
            }
            sought.contains(&order_id)
        }
        _ => false,
    })
}

fn prove_growth(args: &Prove, old: &SignedCheckpoint) -> Result<Verdict> {
    let known = old.unverified();
    let Some(newest) = newest(&args.source, Some(known), |_| Ok(()))? else {
        return Ok(Verdict::Negative);
    };
    let size = newest.unverified().size;
    let ranges = merkle::consistency(known.size, size)
        .ok_or("the checkpoint is newer than the newest one of the journal")?;
    let path = roots(&subtrees(&args.source, &ranges)?, &ranges)?;
    let proof = ConsistencyProof { old: known.size, path, checkpoint: newest };
    args.destination.write(&proof.to_string())?;
    Ok(Verdict::Positive)
}

/// The newest checkpoint of a journal that is whole and, if there is one, agrees with the known
/// checkpoint; `None` after saying why it is not.
fn newest(
    source: &Source,
    known: Option<&Checkpoint>,
    mut each: impl FnMut(&Record<'_>) -> tinywindow::Result<()>,
) -> Result<Option<SignedCheckpoint>> {
    let mut audit = Audit::new(&[], known);
    let journal = &source.journal;
    let history = source.read_whole(|record| {
        audit.record(record)?;
        each(record)
    })?;
    if super::verdict(journal, &history)? == Verdict::Negative {
        return Ok(None);
    }
    if let Some(objection) = audit.objection(journal)? {
        output::object(&objection);
        return Ok(None);
    }
    let newest = audit.newest.ok_or_else(|| checkpoint::without_checkpoint(journal))?;
    Ok(Some(newest))
}

/// Goes through the journal once more for the roots of these subtrees.
fn subtrees<'a>(
    source: &Source,
    ranges: impl IntoIterator<Item = &'a Range<u64>>,
) -> Result<Subtrees> {
    let mut subtrees = Subtrees::new(ranges);
    source.read_whole(|record| {
        subtrees.push(record.hash);
        Ok(())
    })?;
    Ok(subtrees)
}

fn roots(subtrees: &Subtrees, ranges: &[Range<u64>]) -> Result<Vec<Hash>> {
    let roots: Option<Vec<Hash>> = ranges.iter().map(|range| subtrees.root(range)).collect();
    roots.ok_or_else(|| "the journal became shorter while it was read".into())
}

fn changed(journal: &Path) -> String {
    format!("{} was changed while it was read; verify it", journal.display())
}
