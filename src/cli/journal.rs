//! `journal show` and `journal verify`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tinywindow::Error;
use tinywindow::gateway::event::Event;
use tinywindow::journal::{self, Commit, Damage, History, Kind, Record, segment_name};

use crate::date::iso;
use crate::inspect;
use crate::output::{self, Failure, Result, Verdict};

#[derive(clap::Subcommand)]
pub enum Command {
    Show(Show),
    Verify(Verify),
}

/// Prints every record of a journal, one a line.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal show orders.twj | less
  tinywindow journal show orders.twj --json | jq 'select(.event == \"decided\")'

A journal may be read while a gateway writes it.

Exit code 0: all of it was shown. 1: it is corrupt; what is before the damage was shown. 2: it
cannot be read.")]
pub struct Show {
    /// The journal's folder
    journal: PathBuf,
    /// Print one JSON object a record
    #[arg(long)]
    json: bool,
}

/// Checks every byte of a journal: checksums, order, batches, the chain from segment to segment.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal verify orders.twj

corrupt_at names the first record that is not as it was written: its segment and the offset in
bytes. torn_bytes are those of a batch that a crash cut off, or that is being written: they were
never acknowledged. chain is a hash of all records; of two copies with the same last_number and
chain one is as good as the other.

Exit code 0: it is whole. 1: it is corrupt. 2: it cannot be read.")]
pub struct Verify {
    /// The journal's folder
    journal: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Command) -> Result<Verdict> {
    match command {
        Command::Show(args) => show(args),
        Command::Verify(args) => describe(&args.journal, false, args.json),
    }
}

fn show(args: &Show) -> Result<Verdict> {
    let mut failure = None;
    let history = read(&args.journal, |record| {
        let entry = entry(record)?;
        let printed = match args.json {
            true => output::print(format_args!("{entry}\n")),
            false => inspect::print_line(&entry),
        };
        printed.map_err(|error| {
            failure = Some(error);
            Error::Io
        })
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    verdict(&args.journal, &history?)
}

/// Prints what a journal holds; with `records` each of them.
pub fn describe(path: &Path, records: bool, as_json: bool) -> Result<Verdict> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let (mut first, mut last, mut last_number) = (Value::Null, Value::Null, 0);
    let mut chain = Value::Null;
    let mut listed = Vec::new();
    let history = read(path, |record| {
        let entry = entry(record)?;
        last_number = record.sequence;
        if record.kind == Kind::Commit {
            chain = entry["chain"].clone();
            return Ok(());
        }
        if let Some(event) = entry["event"].as_str() {
            *counts.entry(event.to_owned()).or_default() += 1;
        }
        last = entry["time"].clone();
        if first.is_null() {
            first = last.clone();
        }
        if records {
            listed.push(entry);
        }
        Ok(())
    })?;
    let mut found = json!({
        "type": "journal",
        "segment_count": history.segments,
        "record_count": history.records,
        "event_count": counts.values().sum::<u64>(),
        "bytes": history.bytes,
        "torn_bytes": history.torn,
        "corrupt_at": history.damage.map(|damage| json!({
            "segment": segment_name(damage.segment), "offset": damage.offset,
        })),
        "last_number": last_number,
        "chain": chain,
        "first": first,
        "last": last,
        "events": counts,
    });
    if records {
        found["records"] = listed.into();
    }
    inspect::print(&found, as_json)?;
    verdict(path, &history)
}

/// Reads a journal; a record that says nothing known is damage too.
fn read(
    path: &Path,
    mut each: impl FnMut(&Record<'_>) -> tinywindow::Result<()>,
) -> Result<History> {
    let (mut before, mut senseless) = (History::default(), None);
    let read = journal::read(path, |record| {
        let told = each(record);
        if told == Err(Error::JournalCorrupt) {
            senseless = Some(Damage { segment: record.segment, offset: record.offset });
        } else {
            before.records += 1;
            before.bytes += record.size();
        }
        told
    });
    match read {
        Err(Error::JournalCorrupt) if senseless.is_some() => {
            before.damage = senseless;
            Ok(before)
        }
        Err(Error::Unsupported) => Err(of_another_format(path)),
        read => read.map_err(|error| format!("{}: {error}", path.display()).into()),
    }
}

/// Why a journal of another format is not read, and what to do.
pub fn of_another_format(path: &Path) -> Failure {
    format!(
        "{} is a journal of another format than 2, the one this version reads: read it with the \
         version that wrote it, or name another",
        path.display()
    )
    .into()
}

fn entry(record: &Record<'_>) -> tinywindow::Result<Value> {
    let mut entry = json!({
        "number": record.sequence, "segment": segment_name(record.segment), "offset": record.offset,
    });
    match record.kind {
        Kind::Event => {
            let event = Event::decode(record.payload).ok_or(Error::JournalCorrupt)?;
            let (kind, fields) = inspect::event_fields(&event);
            inspect::merge(&mut entry, json!({ "time": iso(event.time), "event": kind }));
            inspect::merge(&mut entry, fields);
        }
        Kind::Commit => {
            let commit = Commit::decode(record.payload).ok_or(Error::JournalCorrupt)?;
            let Commit { count, durable, chain } = commit;
            let chain = output::hex(&chain);
            let fields = json!({ "count": count, "durable": durable, "chain": chain });
            inspect::merge(&mut entry, json!({ "event": "commit" }));
            inspect::merge(&mut entry, fields);
        }
    }
    Ok(entry)
}

fn verdict(path: &Path, history: &History) -> Result<Verdict> {
    let Some(Damage { segment, offset }) = history.damage else { return Ok(Verdict::Positive) };
    output::hint(&format!(
        "{} is corrupt at byte {offset} of {}: its first {} records are good, and no gateway opens \
         it. Keep the folder, check the disk, go back to a good copy, and ask the venue what \
         became of the orders since",
        path.display(),
        segment_name(segment),
        history.records,
    ));
    Ok(Verdict::Negative)
}
