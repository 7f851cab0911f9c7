//! Reading and writing what the commands are given: files, `-`, and secrets with care.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tinywindow::interchange::ENCODED_KEY_MAX;
use tinywindow::signing::Key;
use zeroize::Zeroizing;

use crate::output::{self, Failure, Result};

/// Above the largest key of any suite.
const KEY_MAX: u64 = 8 * 1024;
const SECRET_MODE: u32 = 0o600;
const PUBLIC_MODE: u32 = 0o644;
/// Of a file's mode: what its group and everybody else may do.
const OTHERS: u32 = 0o077;

/// Whether the path means the standard input or output.
pub fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// What an error message calls the input.
pub fn input_name(path: &Path) -> String {
    if is_standard(path) { "standard input".into() } else { path.display().to_string() }
}

/// The whole of a file, or of the standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match is_standard(path) {
        true => io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map(drop),
    };
    read.map_err(|error| Failure::file("read", Path::new(&input_name(path)), &error))?;
    Ok(bytes)
}

/// The whole of an input that may hold a secret key, wiped when dropped; at most 8 KiB. Warns of a
/// secret key that others can read.
pub fn read_key(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let (key, file) = read_at_most(KEY_MAX, path)?;
    if Key::parse(&key).is_ok_and(|key| key.kind.signs()) {
        warn_if_open(path, &file, "a secret key");
    }
    Ok(key)
}

/// What may be a key of other tools, or a password: wiped when dropped. Of a longer input, more
/// than any encoded key has. What it was read from is for [`warn_if_open`].
pub fn read_secret(path: &Path) -> Result<(Zeroizing<Vec<u8>>, Metadata)> {
    read_at_most(ENCODED_KEY_MAX as u64 + 1, path)
}

/// Warns if others may read the file that `what` was in.
pub fn warn_if_open(path: &Path, file: &Metadata, what: &str) {
    if file.is_file() && file.mode() & OTHERS != 0 {
        let name = input_name(path);
        output::warn(&format!(
            "{name} holds {what} and is open to others; close it: chmod 600 {name}"
        ));
    }
}

fn read_at_most(max: u64, path: &Path) -> Result<(Zeroizing<Vec<u8>>, Metadata)> {
    // Room for all of it from the start: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(max as usize + 1));
    // Not `io::stdin`, whose buffer would keep a copy.
    let source = if is_standard(path) { Path::new("/dev/stdin") } else { path };
    let read = File::open(source).and_then(|file| {
        (&file).take(max).read_to_end(&mut bytes)?;
        file.metadata()
    });
    let file = read.map_err(|error| Failure::file("read", Path::new(&input_name(path)), &error))?;
    Ok((bytes, file))
}

/// Where more is written than should be held in memory: a file, over another one only with
/// `overwrite`, or the standard output for `-`.
pub fn stream(path: &Path, overwrite: bool) -> Result<Box<dyn Write + Send>> {
    if is_standard(path) {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    let mut options = OpenOptions::new();
    match overwrite || is_special(path) {
        true => options.create(true).truncate(true),
        false => options.create_new(true),
    };
    let file = options.write(true).open(path).map_err(|error| not_written(path, &error))?;
    Ok(Box::new(BufWriter::new(file)))
}

/// Writes what was made of `sources` to a file, and never over one of them; over another file only
/// with `overwrite`.
pub fn write_result(path: &Path, bytes: &[u8], sources: &[&Path], overwrite: bool) -> Result<()> {
    if is_standard(path) {
        return write_stdout(bytes);
    }
    if sources.iter().any(|source| is_same(source, path)) {
        return Err(format!("{} is read from; write to another file", path.display()).into());
    }
    write_file(path, bytes, PUBLIC_MODE, overwrite || is_special(path))
}

/// Writes a secret to a file that its owner alone can read. `-` writes to the standard output, if
/// that is no terminal.
pub fn write_secret(path: &Path, bytes: &[u8], overwrite: bool) -> Result<()> {
    if is_standard(path) {
        if io::stdout().is_terminal() {
            let message = "a secret key is not written to a terminal; name a file with -o, or \
                           pipe the output to where the key belongs";
            return Err(message.into());
        }
        return write_stdout(bytes);
    }
    write_file(path, bytes, SECRET_MODE, overwrite)
}

/// Whether both are one regular file, whatever their names.
fn is_same(a: &Path, b: &Path) -> bool {
    let identity = |path| {
        let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some((file.dev(), file.ino()))
    };
    identity(a).is_some() && identity(a) == identity(b)
}

fn write_file(path: &Path, bytes: &[u8], mode: u32, overwrite: bool) -> Result<()> {
    if overwrite {
        return replace(path, bytes, mode);
    }
    create(path, bytes, mode).map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AlreadyExists => format!(
            "{} is there already; name another file, or overwrite it with --force",
            path.display()
        )
        .into(),
        _ => Failure::file("write", path, error),
    }
}

/// What is there and no regular file (a pipe, /dev/null) is written to, not replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| !file.is_file())
}

fn write_stdout(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::stdout)
}

/// A new file; nothing is left of it when writing fails.
fn create(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // The error in hand is the one to report.
        let _ = fs::remove_file(path);
    }
    written
}

/// Writes beside the path and renames, so that either the old content stays or the new is whole.
fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let failure = |error: io::Error| Failure::file("write", path, &error);
    if is_special(path) {
        return File::options()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(failure);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside: PathBuf = path.with_file_name(name);
    create(&beside, bytes, mode).map_err(failure)?;
    fs::rename(&beside, path).map_err(|error| {
        let _ = fs::remove_file(&beside);
        failure(error)
    })
}
