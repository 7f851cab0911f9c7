//! `key import`, `key export` and `key inspect`: keys in the forms of other tools.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tinywindow::Error;
use tinywindow::interchange::{self, Encoding};
use tinywindow::signing::{self, Key, Kind, Usage};
use zeroize::Zeroizing;

use crate::files;
use crate::inspect;
use crate::jwk;
use crate::output::{self, Failure, Result, Verdict};

#[derive(Subcommand)]
pub enum Command {
    Import(Import),
    Export(Export),
    Inspect(Inspect),
}

/// Makes key bytes of a PEM, DER, OpenSSH or JWK file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  openssl genpkey -algorithm ed25519 | tinywindow key import - -o trader.key
  tinywindow key import locked.pem --password-file password.txt -o trader.key
  tinywindow key import ~/.ssh/id_ed25519.pub -o trader.pub

What kind of file it is shows by itself. PKCS#8 may be encrypted by PBES2 with AES
and SHA-2 or scrypt.")]
pub struct Import {
    #[command(flatten)]
    source: Source,
    /// Make a raw key, which signs bare payloads for the protocols of others and never an order
    #[arg(long)]
    raw: bool,
    /// Where the key bytes go; `-` is the standard output, if that is no terminal
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// Writes a key as PEM, DER, OpenSSH line or JWK.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow key export trader.key --public                   # PEM, for openssl and the like
  tinywindow key export trader.key --public --format openssh
  tinywindow key export trader.key --password-file password.txt -o trader.pem

Of a secret key the secret is written, unless --public says otherwise. HMAC keys are written as JWK
only; OpenSSH lines hold public Ed25519 keys only.")]
pub struct Export {
    #[command(flatten)]
    source: Source,
    /// The form to write
    #[arg(long, value_enum, default_value_t = Format::Pem)]
    format: Format,
    /// Write the public half
    #[arg(long)]
    public: bool,
    /// Where it goes; `-` is the standard output, for a secret only if that is no terminal
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// Says what key is in a PEM, DER, OpenSSH or JWK file, never the secret.
#[derive(Args)]
#[command(after_help = "\
JSON keys: form, suite, kind, key_id (of the key imported without --raw), public_material.")]
pub struct Inspect {
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Source {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A file whose first line is the password of an encrypted PKCS#8 key
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Pem,
    Der,
    Openssh,
    Jwk,
}

impl Format {
    /// The form that the bytes would be in, if they are a key at all.
    fn of(encoded: &[u8]) -> Format {
        match Encoding::of(encoded) {
            _ if jwk::is_jwk(encoded) => Format::Jwk,
            Encoding::Pem => Format::Pem,
            Encoding::OpenSsh => Format::Openssh,
            Encoding::Der => Format::Der,
        }
    }
}

pub fn run(command: &Command) -> Result<Verdict> {
    match command {
        Command::Import(args) => import(args),
        Command::Export(args) => export(args),
        Command::Inspect(args) => show(args),
    }
}

impl Source {
    /// The key in its foreign form, and as key bytes of this usage.
    fn decode(&self, usage: Usage) -> Result<(Format, Zeroizing<Vec<u8>>)> {
        let (encoded, file) = files::read_secret(&self.file)?;
        let password = self.password()?;
        let password = password.as_ref().map(|password| password.as_slice());
        let format = Format::of(&encoded);
        let decoded = match format {
            Format::Jwk if password.is_some() => Err(Error::Password),
            Format::Jwk => jwk::decode(usage, &encoded),
            _ => interchange::decode(usage, &encoded, password),
        };
        let key = decoded.map_err(|error| failure(&self.file, error))?;
        if password.is_none() && Key::parse(&key).is_ok_and(|key| key.kind.signs()) {
            files::warn_if_open(&self.file, &file, "a secret key");
        }
        Ok((format, key))
    }

    fn password(&self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Some(path) = &self.password_file else { return Ok(None) };
        let (mut password, file) = files::read_secret(path)?;
        files::warn_if_open(path, &file, "a password");
        let is_end = |byte: &u8| *byte == b'\n' || *byte == b'\r';
        let end = password.iter().position(is_end).unwrap_or(password.len());
        password.truncate(end);
        if password.is_empty() {
            return Err(format!("{}: the first line is empty", files::input_name(path)).into());
        }
        Ok(Some(password))
    }
}

fn import(args: &Import) -> Result<Verdict> {
    let usage = if args.raw { Usage::Raw } else { Usage::Framed };
    let (_, key) = args.source.decode(usage)?;
    let kind = Key::parse(&key).map_err(|error| failure(&args.source.file, error))?.kind;
    write(kind, &args.output, &key, &args.source.file, args.force)?;
    Ok(Verdict::Positive)
}

fn export(args: &Export) -> Result<Verdict> {
    let path = &args.source.file;
    let failed = |error| failure(path, error);
    let mut key = files::read_key(path)?;
    if args.public {
        key = Zeroizing::new(signing::public_key(&key).map_err(failed)?);
    }
    let password = args.source.password()?;
    let password = password.as_ref().map(|password| password.as_slice());
    let encoded = match args.format {
        Format::Jwk if password.is_some() => Err(Error::Argument),
        Format::Jwk => jwk::encode(&key),
        Format::Pem => interchange::encode(&key, Encoding::Pem, password),
        Format::Der => interchange::encode(&key, Encoding::Der, password),
        Format::Openssh => interchange::encode(&key, Encoding::OpenSsh, password),
    };
    let encoded = encoded.map_err(failed)?;
    let kind = Key::parse(&key).map_err(failed)?.kind;
    write(kind, &args.output, &encoded, path, args.force)?;
    Ok(Verdict::Positive)
}

fn show(args: &Inspect) -> Result<Verdict> {
    let failed = |error| failure(&args.source.file, error);
    // Every key can be a raw one.
    let (format, key) = args.source.decode(Usage::Raw)?;
    let parsed = Key::parse(&key).map_err(failed)?;
    let id = |key: &[u8]| signing::key_id(key).map(|id| format!("{id:016x}"));
    let framed = signing::import(parsed.suite, parsed.kind, Usage::Framed, parsed.material);
    let mut found = json!({
        "form": format.to_possible_value().map(|value| value.get_name().to_owned()),
        "suite": parsed.suite.name(),
        "kind": parsed.kind.name(),
    });
    if let Ok(framed) = framed {
        found["key_id"] = id(&framed).map_err(failed)?.into();
    }
    found["raw_key_id"] = id(&key).map_err(failed)?.into();
    if parsed.kind == Kind::Public {
        found["public_material"] = output::hex(parsed.material).into();
    }
    inspect::print(&found, args.json)?;
    Ok(Verdict::Positive)
}

fn write(kind: Kind, path: &Path, bytes: &[u8], source: &Path, force: bool) -> Result<()> {
    match kind {
        Kind::Secret | Kind::Expanded => files::write_secret(path, bytes, force),
        Kind::Public => files::write_result(path, bytes, &[source], force),
    }
}

/// What is wrong with the file, and what to do about it.
fn failure(path: &Path, error: Error) -> Failure {
    let name = files::input_name(path);
    let what = match error {
        Error::Key => "holds no key as PEM, DER, OpenSSH line or JWK that can be read",
        Error::Suite => "its algorithm is none of ours; `tinywindow keygen --help` names them",
        Error::Password => {
            "the password is missing or wrong, or nothing is encrypted; give --password-file if, \
             and only if, it is"
        }
        Error::Unsupported => {
            "neither OpenSSH's private keys are read, nor what is encrypted otherwise than by AES \
             with SHA-2 or scrypt; `openssl pkcs8 -topk8` writes what is"
        }
        Error::Argument => {
            "has no such form: HMAC keys are written as JWK only, secrets alone are encrypted, and \
             OpenSSH lines hold public Ed25519 keys; try --format jwk or --public, or no password"
        }
        Error::KeyKind => {
            "there is no such half: HMAC-SHA256 has no public key, and a JWK of ML-DSA needs the \
             seed, which an expanded key has not; try --format pem"
        }
        _ => return format!("{name}: {error}").into(),
    };
    format!("{name}: {what}").into()
}
