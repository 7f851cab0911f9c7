//! `journal verify`: every byte, and what was signed of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tinywindow::Error;
use tinywindow::journal::merkle::{Frontier, Hash};
use tinywindow::journal::{
    Checkpoint, CheckpointKey, History, Kind, Record, SignedCheckpoint, SnapshotRecord, Tree,
    segment_name, snapshot_name,
};

use super::checkpoint::{self, Keys, base64};
use super::{Source, entry, verdict};
use crate::inspect;
use crate::output::{self, Failure, Result, Style, Verdict};

/// Checks every byte of a journal: checksums, order, batches, the chain from segment to segment,
/// the checkpoints, the snapshots.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal verify orders.twj
  tinywindow journal verify orders.twj --key log.pub
  tinywindow journal verify orders.twj --key log.pub --checkpoint 2026-11-24.checkpoint

corrupt_at names the first record that is not as it was written: its segment and the offset in
bytes. record_bytes are those of the records that were checked, torn_bytes those of a batch that a
crash cut off, or that is being written: they were never acknowledged. chain is a hash of all records, root that of the tree over them.

With --key the newest checkpoint in the journal must be signed by that key: nobody without it has
changed the records up to signed_number. With --checkpoint the records that one covers must be
those that are there: nobody has, not even with the key, and no newer segment is missing of them.

Exit code 0: it is whole. 1: it is corrupt, or not what was signed. 2: it cannot be read,
or the checkpoint is of another journal.")]
pub struct Verify {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    keys: Keys,
    /// An older checkpoint of it
    #[arg(long, value_name = "FILE", requires = "paths")]
    checkpoint: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The tree over a journal's records, held against checkpoints while it is read.
pub struct Audit<'a> {
    keys: &'a [CheckpointKey],
    tree: Tree,
    last: u64,
    count: u64,
    pub newest: Option<SignedCheckpoint>,
    /// What the newest checkpoint says, if the keys signed it.
    signed: Option<Checkpoint>,
    /// A checkpoint from elsewhere, and the root that the journal has at its size.
    known: Option<&'a Checkpoint>,
    root_there: Option<Hash>,
    /// Whether a checkpoint in the journal has the origin of that from elsewhere.
    has_origin: bool,
}

impl<'a> Audit<'a> {
    pub fn new(keys: &'a [CheckpointKey], known: Option<&'a Checkpoint>) -> Self {
        let (tree, newest, signed) = (Tree::default(), None, None);
        let root_there = known.filter(|known| known.size == 0).map(|_| Frontier::new().root());
        let has_origin = false;
        Self { keys, tree, last: 0, count: 0, newest, signed, known, root_there, has_origin }
    }

    /// [`Error::JournalCorrupt`]: a checkpoint of other records than those before it.
    pub fn record(&mut self, record: &Record<'_>) -> tinywindow::Result<()> {
        self.last = record.sequence;
        self.tree.add(record)?;
        if record.kind == Kind::Checkpoint {
            let told = SignedCheckpoint::decode(record.payload).ok_or(Error::JournalCorrupt)?;
            self.count += 1;
            // Of records that are not there it says nothing.
            let is_held = self.tree.known().is_some();
            self.signed = told.verify(self.keys).ok().filter(|_| is_held).cloned();
            self.has_origin |=
                self.known.is_some_and(|known| known.origin == told.unverified().origin);
            self.newest = Some(told);
        }
        self.compare();
        Ok(())
    }

    fn compare(&mut self) {
        if let (Some(known), Some(tree)) = (self.known, self.tree.known())
            && known.size == tree.size()
        {
            self.root_there = Some(tree.root());
        }
    }

    fn fields(&self) -> Value {
        let root = self.tree.known().map_or_else(|| Frontier::new().root(), Frontier::root);
        let mut fields = json!({ "root": base64(&root), "checkpoint_count": self.count });
        if !self.keys.is_empty() {
            let signed = self.signed.as_ref().map_or(0, |checkpoint| checkpoint.size);
            inspect::merge(&mut fields, json!({ "signed_number": signed }));
        }
        if let Some(known) = self.known {
            let holds = self.root_there == Some(known.root);
            let size = known.size;
            inspect::merge(&mut fields, json!({ "checkpoint_size": size, "is_as_signed": holds }));
        }
        fields
    }

    /// The origin of the journal, if it is another than that of the checkpoint from elsewhere.
    fn other_origin(&self) -> Option<&str> {
        let newest = self.newest.as_ref().filter(|_| !self.has_origin);
        newest.map(|newest| &newest.unverified().origin[..])
    }

    /// A failure where the checkpoint from elsewhere is of another journal: nobody is to blame.
    fn check_origin(&self, journal: &Path) -> Result<()> {
        let Some((known, ours)) = self.known.zip(self.other_origin()) else { return Ok(()) };
        let name = journal.display();
        Err(format!(
            "the checkpoint is of another journal: its `origin` is {}, and that of {name} is \
             {ours}; name a checkpoint of this one",
            known.origin
        )
        .into())
    }

    /// Why the journal is not what was signed, and what to do.
    pub fn objection(&self, journal: &Path) -> Result<Option<String>> {
        let name = journal.display();
        let remedy = "keep the folder, go back to a good copy, and find out who could write it";
        if let Some(known) = self.known
            && self.root_there != Some(known.root)
        {
            let (last, size) = (self.last, known.size);
            let is_archived = self.root_there.is_none() && size <= last;
            if !is_archived {
                self.check_origin(journal)?;
            }
            return Ok(Some(match self.root_there {
                None if is_archived => {
                    "the records that the checkpoint covers are archived: name their folder with \
                     --archive"
                        .into()
                }
                None => format!(
                    "{name} ends with record {last} and had {size} when that checkpoint was \
                     signed: it was rolled back, or its newest segments are gone; {remedy}"
                ),
                Some(_) => format!(
                    "the first {size} records of {name} are not those that the checkpoint was \
                     signed for: they were rewritten; {remedy}"
                ),
            }));
        }
        if self.keys.is_empty() || self.signed.is_some() {
            return Ok(None);
        }
        Ok(Some(match self.newest {
            None => checkpoint::without_checkpoint(journal),
            Some(_) => format!(
                "the newest checkpoint of {name} is not signed by the key; name the key of its \
                 gateway, or else {remedy}"
            ),
        }))
    }
}

pub fn verify(args: &Verify) -> Result<Verdict> {
    let verdict = checked(args)?;
    let style = Style::stdout();
    match verdict {
        _ if args.json => {}
        Verdict::Positive => output::print(format_args!("{}\n", style.good("valid")))?,
        Verdict::Negative => output::print(format_args!("{}\n", style.bad("not valid")))?,
    }
    Ok(verdict)
}

fn checked(args: &Verify) -> Result<Verdict> {
    let keys = args.keys.read()?;
    let Some(path) = &args.checkpoint else {
        return audit(&args.source, &mut Audit::new(&keys, None), None, args.json);
    };
    let known = checkpoint::read(path)?;
    match known.verify(&keys) {
        Ok(known) => audit(&args.source, &mut Audit::new(&keys, Some(known)), None, args.json),
        Err(_) => {
            output::object(&format!(
                "{} is not signed by the key, or was changed: it says nothing",
                path.display()
            ));
            Ok(Verdict::Negative)
        }
    }
}

/// Prints what a journal holds; with `records` each of them.
pub fn describe(path: &Path, records: bool, as_json: bool) -> Result<Verdict> {
    let listed = records.then(Vec::new);
    let source = Source { journal: path.to_owned(), archive: Vec::new() };
    audit(&source, &mut Audit::new(&[], None), listed, as_json)
}

/// What a journal's records add up to.
#[derive(Default)]
struct Summary {
    counts: BTreeMap<String, u64>,
    first: Value,
    last: Value,
    last_number: u64,
    chain: Value,
}

impl Summary {
    fn add(&mut self, record: &Record<'_>, entry: &Value) {
        self.last_number = record.sequence;
        match record.kind {
            Kind::Commit => self.chain = entry["chain"].clone(),
            Kind::Checkpoint | Kind::Snapshot => {}
            Kind::Event => {
                if let Some(event) = entry["event"].as_str() {
                    *self.counts.entry(event.to_owned()).or_default() += 1;
                }
                self.last = entry["time"].clone();
                if self.first.is_null() {
                    self.first = self.last.clone();
                }
            }
        }
    }
}

fn audit(
    source: &Source,
    audit: &mut Audit<'_>,
    mut listed: Option<Vec<Value>>,
    as_json: bool,
) -> Result<Verdict> {
    let mut summary = Summary::default();
    let path = &source.journal;
    let mut snapshots = Vec::new();
    let history = source.read(|record| {
        let entry = entry(record)?;
        audit.record(record)?;
        if record.kind == Kind::Snapshot {
            let told = SnapshotRecord::decode(record.sequence, record.payload);
            snapshots.push((record.sequence, told.ok_or(Error::JournalCorrupt)?));
        }
        summary.add(record, &entry);
        if let Some(listed) = listed.as_mut().filter(|_| record.kind != Kind::Commit) {
            listed.push(entry);
        }
        Ok(())
    })?;
    inspect::print(&found(&history, summary, audit, listed), as_json)?;
    if history.begins_with > 1 {
        output::hint(&format!(
            "the records before {} are archived: they were not looked at; name their folder with \
             --archive",
            history.begins_with
        ));
    }
    let verdict = verdict(path, &history)?;
    if verdict == Verdict::Positive
        && let Some(objection) = audit.objection(path)?
    {
        output::object(&objection);
        return Ok(Verdict::Negative);
    }
    Ok(if are_as_written(path, &snapshots)? { verdict } else { Verdict::Negative })
}

/// Whether the snapshots that are there are those that the journal vouches for.
fn are_as_written(journal: &Path, snapshots: &[(u64, SnapshotRecord)]) -> Result<bool> {
    let mut are_good = true;
    for (sequence, told) in snapshots {
        let file = journal.join(snapshot_name(*sequence));
        if file.exists() && !told.is_of(&file).map_err(|e| Failure::file("read", &file, &e))? {
            are_good = false;
            output::object(&format!(
                "{} is not as it was written: opening passes it over. Remove it, and check the disk",
                file.display()
            ));
        }
    }
    Ok(are_good)
}

fn found(
    history: &History,
    summary: Summary,
    audit: &Audit<'_>,
    listed: Option<Vec<Value>>,
) -> Value {
    let mut found = json!({
        "type": "journal",
        "segment_count": history.segments,
        "record_count": history.records,
        "event_count": summary.counts.values().sum::<u64>(),
        "record_bytes": history.bytes,
        "torn_bytes": history.torn,
        "corrupt_at": history.damage.map(|damage| json!({
            "segment": segment_name(damage.segment), "offset": damage.offset,
        })),
        "first_number": history.begins_with,
        "last_number": summary.last_number,
        "chain": summary.chain,
    });
    inspect::merge(&mut found, audit.fields());
    let Summary { first, last, counts, .. } = summary;
    inspect::merge(&mut found, json!({ "first": first, "last": last, "events": counts }));
    if let Some(listed) = listed {
        found["records"] = listed.into();
    }
    found
}
