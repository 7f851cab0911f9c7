//! `keygen`, `public`, `sign` and `verify`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use tinywindow::Error;
use tinywindow::signing::{self, Context, Key, Kind, Signer, Suite, Usage, Verifier};
use zeroize::Zeroizing;

use crate::files;
use crate::output::{self, Failure, Result, Style, Verdict};

/// Makes a secret key.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow keygen -o trader.key
  tinywindow keygen --suite mldsa65-ed25519 -o trader.key
  tinywindow keygen --suite ed25519 --raw -o log.key    # signs checkpoints of a journal
  tinywindow keygen -o - | age -r RECIPIENT > trader.key.age

The file can be read by its owner alone and is not overwritten without --force.")]
pub struct Keygen {
    /// Signature suite
    #[arg(long, default_value = "hmac-sha256", value_parser = suites())]
    suite: Suite,
    /// Derive the key from this number instead of the operating system's entropy: for tests and
    /// simulations only, whoever knows the number has the key
    #[arg(long)]
    seed: Option<u64>,
    /// Make a raw key, which signs bare payloads for the protocols of others and never an order
    #[arg(long)]
    raw: bool,
    /// Where the key goes; `-` is the standard output, if that is no terminal
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// Writes the public key of a key.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow public trader.key                  # as hexadecimal text
  tinywindow public trader.key -o trader.pub    # as key bytes

HMAC-SHA256 has no public key: both sides hold the same secret. JSON keys: suite, key_id,
public_key (key bytes, as hexadecimal text).")]
pub struct Public {
    /// Key file; `-` is the standard input
    #[arg(value_name = "KEYFILE")]
    key: PathBuf,
    /// Write the key bytes to this new file; `-` is the standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "json")]
    output: Option<PathBuf>,
    /// Overwrite the output file if it is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Signs a file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow sign --key trader.key report.pdf              # as hexadecimal text
  tinywindow sign --key trader.key report.pdf -o report.sig
  cat report.pdf | tinywindow sign --key trader.key --json")]
pub struct Sign {
    #[command(flatten)]
    source: Source,
    /// Write the signature's bytes to this new file; `-` is the standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "json")]
    output: Option<PathBuf>,
    /// Overwrite the output file if it is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Verifies a signature.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow verify --key trader.pub --signature-file report.sig report.pdf
  tinywindow verify --key trader.pub --signature 3f2a… < report.pdf

Exit code 0: valid. 1: not valid. 2: could not be told.")]
pub struct Verify {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    signature: Signature,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The key, and what is signed with it.
#[derive(Args)]
struct Source {
    /// Key file; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What the signature is for, 1 to 60 bytes: it is worthless for anything else
    #[arg(long, value_name = "TEXT")]
    context: Option<String>,
    /// What is signed; `-` is the standard input
    #[arg(value_name = "INPUT", default_value = "-")]
    input: PathBuf,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Signature {
    /// The signature as hexadecimal text
    #[arg(long = "signature", value_name = "HEX")]
    text: Option<String>,
    /// The file with the signature's bytes
    #[arg(long = "signature-file", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Source {
    fn context(&self) -> Context<'_> {
        match &self.context {
            Some(context) => Context::Custom(context.as_bytes()),
            None => Context::Payload,
        }
    }

    fn check(&self) -> Result<()> {
        if files::is_standard(&self.key) && files::is_standard(&self.input) {
            return Err("the key and what is signed cannot both come from the standard input; \
                        name a file for one of them"
                .into());
        }
        Ok(())
    }
}

/// For `--suite`: help and completions list the names.
pub fn suites() -> impl TypedValueParser<Value = Suite> {
    let names = Suite::ALL.iter().map(|suite| suite.name());
    PossibleValuesParser::new(names).map(|name| Suite::from_name(&name).expect("one of the names"))
}

/// What is wrong with the key in `path`, and what to do about it.
fn key_failure(path: &Path, error: Error) -> Failure {
    let name = files::input_name(path);
    let remedy = match error {
        Error::Key => {
            "name a file that `tinywindow keygen` or `public` wrote; `tinywindow key import` makes \
             one of PEM, DER, an OpenSSH line or JWK"
        }
        Error::KeyKind => return format!("{name}: a public key; sign with its secret key").into(),
        Error::KeyUsage => "a raw key takes no --context; use a key that `keygen` made",
        Error::Context => "a context has 1 to 60 bytes and does not begin with `tinywindow/`",
        Error::Memory => "raise the limit of locked memory (`ulimit -l`)",
        _ => return format!("{name}: {error}").into(),
    };
    format!("{name}: {error}; {remedy}").into()
}

pub fn keygen(args: &Keygen) -> Result<Verdict> {
    let key = match args.seed {
        Some(seed) => signing::keygen(args.suite, seed),
        None => signing::generate(args.suite).map_err(|error| error.to_string())?,
    };
    let key = if args.raw { as_raw(&key).map_err(|error| error.to_string())? } else { key };
    files::write_secret(&args.output, &key, args.force)?;
    if !files::is_standard(&args.output) {
        let key_id = signing::key_id(&key).map_err(|error| key_failure(&args.output, error))?;
        let (path, suite) = (args.output.display(), args.suite.name());
        output::print(format_args!("{path}: secret key, {suite}, key id {key_id:016x}\n"))?;
    }
    Ok(Verdict::Positive)
}

fn as_raw(key: &[u8]) -> tinywindow::Result<Zeroizing<Vec<u8>>> {
    let Key { suite, material, .. } = Key::parse(key)?;
    signing::import(suite, Kind::Secret, Usage::Raw, material)
}

pub fn public(args: &Public) -> Result<Verdict> {
    let failure = |error| key_failure(&args.key, error);
    let key = files::read_key(&args.key)?;
    let public = signing::public_key(&key).map_err(|error| match error {
        Error::KeyKind => {
            let name = files::input_name(&args.key);
            format!("{name}: HMAC-SHA256 has no public key").into()
        }
        error => failure(error),
    })?;
    if let Some(path) = &args.output {
        files::write_result(path, &public, &[&args.key], args.force)?;
    } else if args.json {
        let suite = Key::parse(&public).map_err(failure)?.suite.name();
        let key_id = signing::key_id(&public).map_err(failure)?;
        let key_id = format!("{key_id:016x}");
        let public_key = output::hex(&public);
        output::print_json(&json!({ "suite": suite, "key_id": key_id, "public_key": public_key }))?;
    } else {
        output::print(format_args!("{}\n", output::hex(&public)))?;
    }
    Ok(Verdict::Positive)
}

pub fn sign(args: &Sign) -> Result<Verdict> {
    let source = &args.source;
    let failure = |error| key_failure(&source.key, error);
    source.check()?;
    let signer = Signer::new(&files::read_key(&source.key)?).map_err(failure)?;
    let payload = files::read(&source.input)?;
    let signature = signer.sign(source.context(), &payload).map_err(failure)?;
    if let Some(path) = &args.output {
        files::write_result(path, &signature, &[&source.key, &source.input], args.force)?;
    } else if args.json {
        output::print_json(&json!({
            "suite": signer.suite().name(),
            "key_id": format!("{:016x}", signer.key_id()),
            "signature": output::hex(&signature),
        }))?;
    } else {
        output::print(format_args!("{}\n", output::hex(&signature)))?;
    }
    Ok(Verdict::Positive)
}

pub fn verify(args: &Verify) -> Result<Verdict> {
    let source = &args.source;
    let failure = |error| key_failure(&source.key, error);
    source.check()?;
    let signature = match (&args.signature.text, &args.signature.file) {
        (Some(text), _) => output::from_hex(text)?,
        (None, Some(path)) => files::read(path)?,
        (None, None) => unreachable!("the group is required"),
    };
    let key = files::read_key(&source.key)?;
    let verifier = Verifier::new(&key).map_err(failure)?;
    let payload = files::read(&source.input)?;
    let valid = match verifier.verify(source.context(), &payload, &signature) {
        Ok(()) => true,
        Err(Error::Signature) => false,
        Err(error) => return Err(failure(error)),
    };
    if let Some(public) = more_than_needed(&key, &source.key) {
        output::warn(&public);
    }
    if let Some(why) = foreign(&signature, verifier.suite()) {
        output::hint(&why);
    } else if !valid && is_of_the_bare_payload(&key, &payload, &signature) {
        output::hint(
            "it is valid for the bare input, as other tools sign: `tinywindow key import --raw` their \
             key and verify with that one",
        );
    }
    let (suite, key_id) = (verifier.suite().name(), format!("{:016x}", verifier.key_id()));
    let style = Style::stdout();
    if args.json {
        output::print_json(&json!({ "valid": valid, "suite": suite, "key_id": key_id }))?;
    } else if valid {
        output::print(format_args!("{}: {suite}, key id {key_id}\n", style.good("valid")))?;
    } else {
        output::print(format_args!("{}: {suite}, key id {key_id}\n", style.bad("not valid")))?;
    }
    Ok(if valid { Verdict::Positive } else { Verdict::Negative })
}

/// That a secret key was named where its public key is enough.
fn more_than_needed(key: &[u8], path: &Path) -> Option<String> {
    let name = files::input_name(path);
    let is_secret = Key::parse(key).is_ok_and(|key| key.kind.signs());
    let has_public = is_secret && signing::public_key(key).is_ok();
    has_public.then(|| {
        format!("{name} is a secret key; its public key verifies too: `tinywindow public {name}`")
    })
}

/// Whether the signature of a framed key is what another tool would make with it.
fn is_of_the_bare_payload(key: &[u8], payload: &[u8], signature: &[u8]) -> bool {
    let raw = Key::parse(key).and_then(|Key { suite, kind, material, .. }| {
        signing::import(suite, kind, Usage::Raw, material)
    });
    let verifier = raw.and_then(|raw| Verifier::new(&raw));
    verifier.is_ok_and(|raw| raw.verify(Context::Payload, payload, signature).is_ok())
}

/// Why the bytes can be no signature of the suite, whatever was signed: their number tells.
fn foreign(signature: &[u8], suite: Suite) -> Option<String> {
    let (length, expected) = (signature.len(), suite.signature_size());
    if length == expected {
        return None;
    }
    let has = format!("{} signatures have {expected} bytes, this one has {length}", suite.name());
    let text = std::str::from_utf8(signature).ok().and_then(|text| output::from_hex(text).ok());
    if text.is_some_and(|bytes| bytes.len() == expected) {
        return Some(format!("{has} of hexadecimal text; pass them with --signature"));
    }
    Some(match Suite::ALL.iter().find(|other| other.signature_size() == length) {
        Some(other) => format!("{has}, like those of {}; name the key that signed", other.name()),
        None => format!("{has}; see that all of it was copied"),
    })
}
