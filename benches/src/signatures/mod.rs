//! Signatures: every suite through the library, beside its peers.

mod contender;
mod ed25519;
mod hmac_sha256;
mod messages;
mod ml_dsa;
mod ours;
mod sizes;
mod spread;

use tinywindow::signing::{self, HEADER_SIZE, Kind, Signer, Suite, Usage};

use crate::library::Shared;
use crate::rounds::Effort;
use contender::{Contender, Form};
use messages::{IN_TURN, TYPICAL, messages};

/// What one was measured by, with a cell for each contender.
struct Column {
    head: String,
    cells: Vec<String>,
}

/// The columns of making keys, signing and verifying.
type Operations = [Vec<Column>; 3];

/// A table for each suite: medians by size, and how calls of one size spread.
pub fn run(shared: &'static Shared, effort: Effort) {
    for &suite in Suite::ALL {
        let key = Key::new(suite);
        let contenders = contenders(shared, &key);
        for contender in &contenders {
            check(contender, &key);
        }
        let by_size = sizes::columns(&key, &contenders, effort);
        let spread = spread::columns(&key, &contenders, effort);
        let columns = by_size.into_iter().zip(spread).flat_map(|(medians, tail)| [medians, tail]);
        print(suite, &contenders, columns.flatten().collect());
    }
}

fn print(suite: Suite, contenders: &[Contender], columns: Vec<Column>) {
    let heads: Vec<_> = columns.iter().map(|column| &*column.head).collect();
    println!("\n### {}\n\n| µs (ratio) | {} |", suite.name(), heads.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len()));
    for (row, contender) in contenders.iter().enumerate() {
        let cells: Vec<_> = columns.iter().map(|column| &*column.cells[row]).collect();
        println!("| {} | {} |", title(contender), cells.join(" | "));
    }
}

fn title(contender: &Contender) -> String {
    match contender.form {
        Form::Prepared => contender.name.to_owned(),
        Form::Batch => format!("{}, batch of {IN_TURN}", contender.name),
        Form::Bytes => format!("{}, from key bytes", contender.name),
    }
}

/// A key of ours for what others sign: the bare message, in the empty context where there is one.
struct Key {
    suite: Suite,
    secret: &'static [u8],
    /// What verifies: the secret key if there is no public one.
    public: &'static [u8],
}

impl Key {
    fn new(suite: Suite) -> Key {
        let framed = signing::keygen(suite, 1);
        let raw = signing::import(suite, Kind::Secret, Usage::Raw, &framed[HEADER_SIZE..]);
        let secret: &[u8] = raw.expect("good material").to_vec().leak();
        let public = match suite.public_key_size() {
            Some(_) => signing::public_key(secret).expect("a secret key").leak(),
            None => secret,
        };
        Key { suite, secret, public }
    }

    /// Bare, as the peers take them.
    fn material(&self) -> &'static [u8] {
        &self.secret[HEADER_SIZE..]
    }

    fn public_material(&self) -> &'static [u8] {
        &self.public[HEADER_SIZE..]
    }

    fn seed(&self) -> [u8; 32] {
        self.material().try_into().expect("32 bytes")
    }

    fn sign(&self, messages: &[&[u8]]) -> Vec<Vec<u8>> {
        let signer = Signer::new(self.secret).expect("a secret key");
        let sign = |message| signer.sign(signing::Context::Payload, message).expect("signs");
        messages.iter().map(|message| sign(message).to_vec()).collect()
    }
}

fn contenders(shared: &'static Shared, key: &Key) -> Vec<Contender> {
    let mut all = ours::contenders(shared, key);
    all.extend(match key.suite {
        Suite::HmacSha256 => hmac_sha256::peers(key),
        Suite::Ed25519 => ed25519::peers(key),
        Suite::MlDsa44 | Suite::MlDsa65 | Suite::MlDsa87 => ml_dsa::peers(key),
        _ => Vec::new(),
    });
    all.sort_by_key(|contender| contender.form);
    all
}

/// That it computes the same signature as the library, unless it never computes one twice.
fn check(contender: &Contender, key: &Key) {
    let message = messages(TYPICAL, 1)[0];
    if let Some(signature) = contender.signature(message, key.suite.signature_size()) {
        assert_eq!(signature, key.sign(&[message])[0], "{}: another signature", contender.name);
    }
}

/// Three digits that tell something.
fn shown(value: f64) -> String {
    let decimals = match value {
        _ if value < 1.0 => 3,
        _ if value < 10.0 => 2,
        _ if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
