//! `journal`: its commands, what they share, and `journal show`.

mod archive;
mod check_proof;
mod checkpoint;
mod export;
mod prove;
mod verify;

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tinywindow::Error;
use tinywindow::gateway::event::Event;
use tinywindow::journal::{
    self, Commit, Damage, History, Kind, Record, SignedCheckpoint, SnapshotRecord, segment_name,
};

use crate::date::iso;
use crate::files;
use crate::inspect;
use crate::output::{self, Failure, Result, Verdict};

#[derive(clap::Subcommand)]
pub enum Command {
    Show(Show),
    Verify(verify::Verify),
    Checkpoint(checkpoint::Latest),
    Vkey(checkpoint::Vkey),
    Prove(prove::Prove),
    CheckProof(check_proof::CheckProof),
    Export(export::Export),
    Archive(archive::Archive),
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
    #[command(flatten)]
    source: Source,
    /// Print one JSON object a record
    #[arg(long)]
    json: bool,
}

/// A journal to read.
#[derive(Args)]
pub struct Source {
    /// The journal's folder
    journal: PathBuf,
    /// A folder to which older segments of it were moved
    #[arg(long, value_name = "FOLDER")]
    archive: Vec<PathBuf>,
}

impl Source {
    /// Reads all that is there; see [`read`].
    fn read(&self, each: impl FnMut(&Record<'_>) -> tinywindow::Result<()>) -> Result<History> {
        read(&self.journal, &self.archive, each)
    }

    /// Reads a journal that must be there from its first record on.
    fn read_whole(
        &self,
        mut each: impl FnMut(&Record<'_>) -> tinywindow::Result<()>,
    ) -> Result<History> {
        let (mut is_first, mut begins_later) = (true, false);
        let read = self.read(|record| {
            begins_later |= std::mem::take(&mut is_first) && record.sequence > 1;
            if begins_later {
                return Err(Error::NotFound);
            }
            each(record)
        });
        match begins_later {
            true => Err(format!(
                "the beginning of {} is archived; name its folder with --archive",
                self.journal.display()
            )
            .into()),
            false => read,
        }
    }
}

/// Where what was made of a journal goes.
#[derive(Args)]
pub struct Destination {
    /// Write it to this file; by default to the standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

impl Destination {
    fn write(&self, text: &str) -> Result<()> {
        files::write_result(&self.output, text.as_bytes(), &[], self.force)
    }
}

pub use verify::describe;

pub fn run(command: &Command) -> Result<Verdict> {
    match command {
        Command::Show(args) => show(args),
        Command::Verify(args) => verify::verify(args),
        Command::Checkpoint(args) => checkpoint::latest(args),
        Command::Vkey(args) => checkpoint::vkey(args),
        Command::Prove(args) => prove::prove(args),
        Command::CheckProof(args) => check_proof::check_proof(args),
        Command::Export(args) => export::export(args),
        Command::Archive(args) => archive::archive(args),
    }
}

fn show(args: &Show) -> Result<Verdict> {
    let mut failure = None;
    let history = args.source.read(|record| {
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
    verdict(&args.source.journal, &history?)
}

/// Reads a journal; a record that says nothing known is damage too.
fn read(
    path: &Path,
    archives: &[PathBuf],
    mut each: impl FnMut(&Record<'_>) -> tinywindow::Result<()>,
) -> Result<History> {
    let (mut before, mut senseless) = (History::default(), None);
    let archives: Vec<&Path> = archives.iter().map(PathBuf::as_path).collect();
    let read = journal::read_with(path, &archives, |record| {
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
        read => read.map_err(|error| unread(path, error)),
    }
}

/// Why there is no journal to read at this path, and what to do.
fn unread(path: &Path, error: Error) -> Failure {
    let name = path.display();
    let is_segment = |entry: io::Result<DirEntry>| {
        entry.is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "twj"))
    };
    let what = match fs::read_dir(path) {
        Ok(mut entries) => match entries.any(is_segment) {
            true => return format!("{name}: {error}").into(),
            false => "no journal is in this folder",
        },
        Err(error) if error.kind() == ErrorKind::NotFound => "there is no such folder",
        Err(error) if error.kind() == ErrorKind::NotADirectory => "a file; a journal is a folder",
        Err(error) => return Failure::file("read", path, &error),
    };
    format!("{name}: {what}; name the folder that `path` of [journal] names").into()
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

/// A record of a journal: where it stands, and what it says.
fn entry(record: &Record<'_>) -> tinywindow::Result<Value> {
    let mut entry = json!({
        "number": record.sequence, "segment": segment_name(record.segment), "offset": record.offset,
    });
    inspect::merge(&mut entry, fields(record.sequence, record.kind, record.payload)?);
    Ok(entry)
}

/// What a record says.
fn fields(sequence: u64, kind: Kind, payload: &[u8]) -> tinywindow::Result<Value> {
    Ok(match kind {
        Kind::Event => {
            let event = Event::decode(payload).ok_or(Error::JournalCorrupt)?;
            let (kind, fields) = inspect::event_fields(&event);
            let mut entry = json!({ "time": iso(event.time), "event": kind });
            inspect::merge(&mut entry, fields);
            entry
        }
        Kind::Commit => {
            let Commit { count, durable, chain } =
                Commit::decode(payload).ok_or(Error::JournalCorrupt)?;
            let chain = output::hex(&chain);
            json!({ "event": "commit", "count": count, "durable": durable, "chain": chain })
        }
        Kind::Checkpoint => {
            let signed = SignedCheckpoint::decode(payload).ok_or(Error::JournalCorrupt)?;
            let mut entry = json!({ "event": "checkpoint" });
            inspect::merge(&mut entry, checkpoint::fields(signed.unverified()));
            entry
        }
        Kind::Snapshot => {
            let SnapshotRecord { hash, size, .. } =
                SnapshotRecord::decode(sequence, payload).ok_or(Error::JournalCorrupt)?;
            json!({ "event": "snapshot", "size": size, "sha256": output::hex(&hash) })
        }
    })
}

fn verdict(path: &Path, history: &History) -> Result<Verdict> {
    let Some(Damage { segment, offset }) = history.damage else { return Ok(Verdict::Positive) };
    output::object(&format!(
        "{} is corrupt at byte {offset} of {}: its first {} records are good, and no gateway opens \
         it. Keep the folder, check the disk, go back to a good copy, and ask the venue what \
         became of the orders since",
        path.display(),
        segment_name(segment),
        history.records,
    ));
    Ok(Verdict::Negative)
}
