//! What the command says and how it ends.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

/// Exit codes, the same for every command; `--help` lists them.
const NEGATIVE: u8 = 1;
const BAD_INPUT: u8 = 2;
/// What a shell reports of a command that SIGPIPE ended.
const READER_GONE: u8 = 141;

/// What a command that did its work found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Positive,
    Negative,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// What is wrong and what to do about it; holds no secret.
    Message(String),
    /// Whoever read our output went away: nothing left to say, and nobody to say it to.
    ReaderGone,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure to `verb` (read, write, …) the file.
    pub fn file(verb: &str, path: &Path, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ReaderGone,
            _ => Failure::Message(format!("cannot {verb} {}: {error}", path.display())),
        }
    }

    /// A failure to write to the standard output.
    pub fn stdout(error: io::Error) -> Failure {
        Failure::file("write", Path::new("standard output"), &error)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Message(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Failure::Message(message.to_owned())
    }
}

/// Ends the command: the failure, if any, goes to the standard error.
pub fn finish(result: Result<Verdict>) -> ExitCode {
    match result {
        Ok(Verdict::Positive) => ExitCode::SUCCESS,
        Ok(Verdict::Negative) => ExitCode::from(NEGATIVE),
        Err(Failure::ReaderGone) => ExitCode::from(READER_GONE),
        Err(Failure::Message(message)) => {
            say(None, &message);
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// Something the user should know, though the command goes on.
pub fn warn(message: &str) {
    say(Some("warning"), message);
}

/// Why a verdict is negative, and what to do about it.
pub fn object(message: &str) {
    say(None, message);
}

/// What may help somebody to go on.
pub fn hint(message: &str) {
    say(Some("hint"), message);
}

/// Tells people, or with `--json` programs, on the standard error. An error has no label: the exit
/// code says it.
fn say(label: Option<&str>, message: &str) {
    let mut arguments = std::env::args_os().take_while(|argument| argument != "--");
    let text = match label {
        _ if arguments.any(|argument| argument == "--json") => {
            json!({ label.unwrap_or("error"): message }).to_string()
        }
        Some(label) => format!("tinywindow: {label}: {message}"),
        None => format!("tinywindow: {message}"),
    };
    // With the standard error gone too, the exit code is all that is left.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes text to the standard output.
pub fn print(text: impl fmt::Display) -> Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(Failure::stdout)
}

/// Writes one JSON object and a newline to the standard output.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::stdout(e.into()))?;
    print(format_args!("{text}\n"))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of hexadecimal text, white space around it ignored.
pub fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digits = text.trim().as_bytes();
    let digit = |c: u8| char::from(c).to_digit(16);
    let bytes = digits.chunks(2).map(|pair| match *pair {
        [high, low] => Some((digit(high)? << 4 | digit(low)?) as u8),
        _ => None,
    });
    bytes.collect::<Option<_>>().ok_or_else(|| "the signature is not hexadecimal text".into())
}

/// Thousands apart: `1,234,567`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Colours, on a terminal that wants them (<https://no-color.org>).
#[derive(Clone, Copy)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// For text that goes to the standard output.
    pub fn stdout() -> Style {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Style { colour: io::stdout().is_terminal() && !unwanted }
    }

    pub fn bold(self, text: impl fmt::Display) -> String {
        self.paint("1", text)
    }

    pub fn good(self, text: impl fmt::Display) -> String {
        self.paint("32", text)
    }

    pub fn bad(self, text: impl fmt::Display) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: impl fmt::Display) -> String {
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }
}
