//! `key import`, `key export` and `key inspect`: keys in the forms of other tools.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tinywindow::Error;
use tinywindow::interchange::{self, Encoding};
use tinywindow::signing::{self, Key, Kind, Suite, Usage};
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
only, composite keys as PEM or DER only; OpenSSH lines hold public Ed25519 keys only. PEM and DER of
a secret key alone can be encrypted.")]
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
    /// As the command line spells it.
    fn name(self) -> &'static str {
        match self {
            Format::Pem => "pem",
            Format::Der => "der",
            Format::Openssh => "openssh",
            Format::Jwk => "jwk",
        }
    }

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

const NOT_LOCKED: &str = "it is not encrypted; leave --password-file out";
/// `ssh-keygen -m PKCS8` leaves Ed25519 in OpenSSH's own form, which `openssl` does not read.
const OPENSSH_PRIVATE: &str = "OpenSSH's form of a private key is not read; Python's cryptography \
    (with bcrypt, if there is a password) writes it as PKCS#8: load_ssh_private_key(data, \
    password).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())";

fn is_openssh_private(encoded: &[u8]) -> bool {
    let label = b"-----BEGIN OPENSSH PRIVATE KEY-----";
    encoded.windows(label.len()).any(|window| window == label)
}

impl Source {
    /// The key in its foreign form, and as key bytes of this usage.
    fn decode(&self, usage: Usage) -> Result<(Format, Zeroizing<Vec<u8>>)> {
        let (encoded, file) = files::read_secret(&self.file)?;
        let password = self.password()?;
        let password = password.as_ref().map(|password| password.as_slice());
        let format = Format::of(&encoded);
        let decode = |password| match format {
            Format::Jwk => jwk::decode(usage, &encoded),
            _ => interchange::decode(usage, &encoded, password),
        };
        let decoded = match decode(None) {
            Ok(_) if password.is_some() => return Err(self.failed(NOT_LOCKED)),
            Err(Error::Password) if password.is_some() => decode(password),
            decoded => decoded,
        };
        let key = decoded.map_err(|error| match error {
            Error::Password if password.is_some() => self.failed("the password is wrong"),
            Error::Unsupported if is_openssh_private(&encoded) => self.failed(OPENSSH_PRIVATE),
            error => match inspect::elsewhere(&encoded) {
                Some(what) => format!("{} {what}", files::input_name(&self.file)).into(),
                None => failure(&self.file, error),
            },
        })?;
        if password.is_none() && Key::parse(&key).is_ok_and(|key| key.kind.signs()) {
            files::warn_if_open(&self.file, &file, "a secret key");
        }
        Ok((format, key))
    }

    fn failed(&self, what: &str) -> Failure {
        format!("{}: {what}", files::input_name(&self.file)).into()
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
        let public = signing::public_key(&key).map_err(|error| match error {
            Error::KeyKind => {
                args.source.failed("HMAC-SHA256 has no public key; leave --public out")
            }
            error => failed(error),
        });
        key = Zeroizing::new(public?);
    }
    let parsed = Key::parse(&key).map_err(failed)?;
    let password = args.source.password()?;
    let password = password.as_ref().map(|password| password.as_slice());
    if let Some(why) = impossible(&parsed, args.format, password.is_some()) {
        return Err(args.source.failed(&format!("{}: {why}", typed(args))));
    }
    let encoded = match args.format {
        Format::Jwk => jwk::encode(&key),
        Format::Pem => interchange::encode(&key, Encoding::Pem, password),
        Format::Der => interchange::encode(&key, Encoding::Der, password),
        Format::Openssh => interchange::encode(&key, Encoding::OpenSsh, password),
    };
    let encoded = encoded.map_err(failed)?;
    write(parsed.kind, &args.output, &encoded, path, args.force)?;
    Ok(Verdict::Positive)
}

/// The options that say in which form, as they were given or by default.
fn typed(args: &Export) -> String {
    let public = if args.public { " --public" } else { "" };
    let locked = if args.source.password_file.is_some() { " --password-file" } else { "" };
    format!("no --format {}{public}{locked}", args.format.name())
}

/// Why the key has no such form, and what to do instead.
fn impossible(key: &Key<'_>, format: Format, locked: bool) -> Option<&'static str> {
    Some(match (format, key.suite, key.kind) {
        (Format::Pem | Format::Der, Suite::HmacSha256, _) => {
            "PKCS#8 has no HMAC keys; write --format jwk"
        }
        (Format::Openssh, Suite::HmacSha256, _) => {
            "an OpenSSH line holds a public Ed25519 key; write --format jwk"
        }
        (Format::Openssh, suite, _) if suite != Suite::Ed25519 => {
            "OpenSSH has Ed25519 alone of our suites; write --format pem"
        }
        (Format::Jwk, Suite::MlDsa65Ed25519, _) => {
            "no JWK of a composite key is defined; write --format pem"
        }
        (Format::Jwk, _, Kind::Expanded) => {
            "a JWK holds the seed, which an expanded key has not; write --format pem, or --public"
        }
        (_, _, Kind::Public) if locked => {
            "a public key is not encrypted; leave --password-file out"
        }
        (Format::Openssh, _, Kind::Secret | Kind::Expanded) => {
            "an OpenSSH line holds a public key; add --public, or write --format pem"
        }
        (Format::Jwk, Suite::HmacSha256, _) if locked => {
            "no JWK is encrypted here; leave --password-file out and encrypt the file"
        }
        (Format::Jwk, ..) if locked => "no JWK is encrypted here; write --format pem",
        _ => return None,
    })
}

fn show(args: &Inspect) -> Result<Verdict> {
    let failed = |error| failure(&args.source.file, error);
    // Every key can be a raw one.
    let (format, key) = args.source.decode(Usage::Raw)?;
    let parsed = Key::parse(&key).map_err(failed)?;
    let id = |key: &[u8]| signing::key_id(key).map(|id| format!("{id:016x}"));
    let framed = signing::import(parsed.suite, parsed.kind, Usage::Framed, parsed.material);
    let mut found = json!({
        "form": format.name(),
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
        Error::Password => "it is encrypted; name the file with its password: --password-file",
        Error::Unsupported => {
            "encrypted otherwise than by AES with SHA-2 or scrypt; `openssl pkcs8 -topk8` writes \
             it anew as it is read here"
        }
        _ => return format!("{name}: {error}").into(),
    };
    format!("{name}: {what}").into()
}
