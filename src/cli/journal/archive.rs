//! `journal archive`: moves away what opening no longer needs.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tinywindow::{Error, journal};

use super::unread;
use crate::inspect;
use crate::output::{Failure, Result, Verdict};

/// Moves the segments of a journal that a snapshot stands for to another folder.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal archive orders.twj --to /archive/orders.twj
  tinywindow journal verify orders.twj --archive /archive/orders.twj --key log.pub

What is moved is all that opening does not read: the segments before that of the newest snapshot's
record (`snapshot_events` of the configuration says how often there is one). Oldest first, each is
durable in the other folder before it leaves the journal; to another file system it is copied. A
gateway may have the journal open. verify, show, prove and export read both with --archive.

Exit code 0: they are moved, or there was nothing to move. 2: the journal has no good snapshot, or
something cannot be moved; what was moved before is moved.")]
pub struct Archive {
    /// The journal's folder
    journal: PathBuf,
    /// The folder to move them to, made if it is not there
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn archive(args: &Archive) -> Result<Verdict> {
    let names = journal::archivable(&args.journal).map_err(|error| match error {
        Error::NotFound => format!(
            "{} has no good snapshot: all of it is needed; `snapshot_events` says how often there \
             is one",
            args.journal.display()
        )
        .into(),
        error => unread(&args.journal, error),
    })?;
    let failed = |error| Failure::file("write", &args.to, &error);
    match DirBuilder::new().mode(0o700).create(&args.to) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    for name in &names {
        move_segment(&args.journal.join(name), &args.to.join(name))
            .map_err(|error| Failure::file("move", &args.journal.join(name), &error))?;
    }
    inspect::print(&json!({ "segment_count": names.len(), "segments": names }), args.json)?;
    Ok(Verdict::Positive)
}

/// Moves a file; when it is no longer here it is durable there.
fn move_segment(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        // An earlier run ended between the two, or it is another journal's.
        if !is_same(from, to)? {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "another one is there"));
        }
        sync_folder(to)?;
        fs::remove_file(from)?;
    } else {
        match fs::rename(from, to) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => copy(from, to)?,
            renamed => renamed?,
        }
    }
    sync_folder(to)?;
    sync_folder(from)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let part = to.with_extension("part");
    // With its permissions.
    fs::copy(from, &part)?;
    File::open(&part)?.sync_all()?;
    fs::rename(&part, to)?;
    sync_folder(to)?;
    fs::remove_file(from)
}

fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(fs::canonicalize(one)? != fs::canonicalize(other)? && fs::read(one)? == fs::read(other)?)
}

fn sync_folder(of: &Path) -> io::Result<()> {
    of.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
