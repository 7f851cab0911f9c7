//! Looks for secrets in what was shown or dumped: for any part of them, in every form that is
//! likely, and for what is as good as the key because the key or its signatures follow from it.

use std::collections::HashMap;

use libcrux_ml_dsa::{ml_dsa_44, ml_dsa_65, ml_dsa_87};
use sha2::Digest;
use tinywindow::signing::{HEADER_SIZE, Key, Kind, Suite, keygen, public_key, sign};

/// So many bytes of a secret together are a part of it; fewer could be there by chance.
const RUN: usize = 6;

/// What is looked for.
#[derive(Default)]
pub struct Secrets {
    /// By their first bytes: the name of a secret and the form that it might have.
    forms: HashMap<[u8; START], Vec<(String, Vec<u8>)>>,
    /// Whether any form begins like this: dumps are large.
    starts: Starts,
}

/// So many zeros hold no secret.
const NOTHING: [u8; 512] = [0; 512];

/// Bytes by which forms are found.
const START: usize = 3;

/// A bit for every three bytes.
struct Starts(Vec<u64>);

impl Default for Starts {
    fn default() -> Starts {
        Starts(vec![0; 1 << (8 * START - 6)])
    }
}

impl Starts {
    fn place([first, second, third]: [u8; START]) -> (usize, u64) {
        let number = u32::from_le_bytes([first, second, third, 0]);
        (number as usize / 64, 1 << (number % 64))
    }

    fn insert(&mut self, start: [u8; START]) {
        let (word, bit) = Starts::place(start);
        self.0[word] |= bit;
    }

    fn has(&self, start: [u8; START]) -> bool {
        let (word, bit) = Starts::place(start);
        self.0[word] & bit != 0
    }
}

impl Secrets {
    /// Every part of these bytes.
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        for run in secret.windows(RUN) {
            forms(run).into_iter().for_each(|form| self.add_form(name, form));
        }
    }

    /// A seed: its bytes both ways, and the number.
    pub fn add_seed(&mut self, name: &str, seed: u64) {
        self.add(name, &seed.to_le_bytes());
        self.add(name, &seed.to_be_bytes());
        for number in [seed.to_string(), format!("{seed:x}"), format!("{seed:X}")] {
            self.add_form(name, number.into_bytes());
        }
    }

    /// The material of a secret key, and what is derived from it.
    pub fn add_key(&mut self, name: &str, key: &[u8]) {
        let key = Key::parse(key).expect("a key");
        if key.kind != Kind::Expanded {
            self.add(name, key.material);
        }
        let derived = match key.suite {
            _ if key.kind == Kind::Expanded => of_expanded(key.suite, key.material),
            Suite::HmacSha256 => of_hmac_sha256(key.material),
            Suite::Ed25519 => of_ed25519(key.material),
            Suite::MlDsa44 | Suite::MlDsa65 | Suite::MlDsa87 => of_ml_dsa(key.suite, key.material),
            Suite::MlDsa65Ed25519 => {
                let (ml_dsa, ed25519) = key.material.split_at(32);
                [of_ml_dsa(Suite::MlDsa65, ml_dsa), of_ed25519(ed25519)].concat()
            }
            other => panic!("what follows from a key of {other:?}?"),
        };
        for (what, bytes) in derived {
            self.add(&format!("{name}: {what}"), &bytes);
        }
    }

    fn add_form(&mut self, name: &str, form: Vec<u8>) {
        let start = *form.first_chunk().expect("a form is no shorter than a run");
        self.starts.insert(start);
        self.forms.entry(start).or_default().push((name.to_owned(), form));
    }

    /// The names of those that are there, each once, in the order in which they appear.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut at = 0;
        while at + RUN <= bytes.len() {
            // Most of a dump; what goes on behind it is found by what comes next.
            if bytes[at..].starts_with(&NOTHING) {
                at += NOTHING.len();
                continue;
            }
            let start = [bytes[at], bytes[at + 1], bytes[at + 2]];
            if self.starts.has(start) {
                let forms = self.forms[&start].iter();
                let here = forms.filter(|(_, form)| bytes[at..].starts_with(form));
                for (name, _) in here {
                    if !found.contains(&name.as_str()) {
                        found.push(name);
                    }
                }
            }
            at += 1;
        }
        found
    }
}

/// Every way in which these bytes are likely to be shown.
fn forms(run: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = run.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = |separator: &str| run.iter().map(u8::to_string).collect::<Vec<_>>().join(separator);
    let mut texts = vec![hex.to_uppercase(), hex, base64(run), run.escape_ascii().to_string()];
    texts.extend([list(", "), list(","), list(",\n    ")]);
    // Of bytes that are no text too little is left.
    let text = String::from_utf8_lossy(run);
    if text.chars().filter(char::is_ascii).count() >= RUN / 2 {
        texts.push(text.into_owned());
    }
    std::iter::once(run.to_vec()).chain(texts.into_iter().map(String::into_bytes)).collect()
}

/// Without padding; of six bytes, so aligned as any multiple of three is.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks_exact(3) {
        let bits = group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte));
        for shift in [18, 12, 6, 0] {
            text.push(DIGITS[(bits >> shift) as usize & 63].into());
        }
    }
    text
}

/// The two padded keys (RFC 2104), and SHA-256's states after them, as words of either order.
fn of_hmac_sha256(material: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    const FIRST_STATE: [u32; 8] = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
        0x5be0cd19,
    ];
    let mut derived = Vec::new();
    for (padded, state, pad) in
        [("inner pad", "inner state", 0x36), ("outer pad", "outer state", 0x5c)]
    {
        let mut block = [pad; 64];
        block.iter_mut().zip(material).for_each(|(byte, key)| *byte ^= key);
        let mut words = FIRST_STATE;
        sha2::block_api::compress256(&mut words, &[block]);
        derived.push((padded, block[..material.len()].to_vec()));
        derived.push((state, words.map(u32::to_le_bytes).concat()));
        derived.push((state, words.map(u32::to_be_bytes).concat()));
    }
    derived
}

/// The secret scalar, clamped and reduced, and the prefix of nonces (RFC 8032, section 5.1.5).
fn of_ed25519(material: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let seed: &[u8; 32] = material.try_into().expect("32 bytes");
    let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(seed);
    let clamped = &sha2::Sha512::digest(material)[..32];
    vec![
        ("scalar before reduction", clamped.to_vec()),
        ("scalar", expanded.scalar.to_bytes().to_vec()),
        ("prefix", expanded.hash_prefix.to_vec()),
    ]
}

fn of_ml_dsa(suite: Suite, seed: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    of_expanded(suite, &expanded(suite, seed))
}

/// The private key as FIPS 204 makes it of a seed (algorithms 6 and 24).
pub fn expanded(suite: Suite, seed: &[u8]) -> Vec<u8> {
    let seed = seed.try_into().expect("32 bytes");
    match suite {
        Suite::MlDsa44 => ml_dsa_44::generate_key_pair(seed).signing_key.as_slice().to_vec(),
        Suite::MlDsa65 => ml_dsa_65::generate_key_pair(seed).signing_key.as_slice().to_vec(),
        _ => ml_dsa_87::generate_key_pair(seed).signing_key.as_slice().to_vec(),
    }
}

/// What is secret of it: K, and s1 and s2 as they are packed. The rest, rho, tr and t0, follows from
/// public keys and signatures.
fn of_expanded(suite: Suite, expanded: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    /// Before K is rho, behind it tr.
    const K: std::ops::Range<usize> = 32..64;
    const VECTORS: usize = 128;
    // Bytes of a packed polynomial and how many s1 and s2 have (table 1).
    let (polynomial, count) = match suite {
        Suite::MlDsa44 => (96, 8),
        Suite::MlDsa65 => (128, 11),
        _ => (96, 15),
    };
    let vectors = expanded[VECTORS..][..polynomial * count].to_vec();
    vec![("K", expanded[K].to_vec()), ("s1 and s2", vectors)]
}

/// The search finds every form, and nothing where nothing is.
#[test]
fn every_form_is_found() {
    let secret: Vec<u8> = (0..32).map(|i: u8| i.wrapping_mul(57) ^ 0x5a).collect();
    let mut secrets = Secrets::default();
    secrets.add("secret", &secret);
    secrets.add_seed("seed", 7_302_914_455_618_203_977);
    let hex: String = secret[5..].iter().map(|byte| format!("{byte:02X}")).collect();
    let lower = hex.to_lowercase();
    let (debug, pretty) = (format!("{secret:?}"), format!("{secret:#?}"));
    for text in [&hex, &lower, &base64(&secret[..30]), &base64(&secret[1..31]), &debug, &pretty] {
        assert_eq!(secrets.found_in(text.as_bytes()), ["secret"], "{text}");
    }
    for part in [&secret[..RUN], &secret[32 - RUN..]] {
        let dump = [b"before", part, b"after"].concat();
        assert_eq!(secrets.found_in(&dump), ["secret"]);
    }
    assert_eq!(secrets.found_in(b"seed=7302914455618203977"), ["seed"]);
    assert!(secrets.found_in(&secret[..RUN - 1]).is_empty());
    let key = keygen(Suite::MlDsa65Ed25519, 3);
    secrets.add_key("key", &key);
    let expanded = ml_dsa_65::generate_key_pair(key[HEADER_SIZE..][..32].try_into().unwrap());
    let found = secrets.found_in(expanded.signing_key.as_slice());
    assert_eq!(found, ["key: K", "key: s1 and s2"]);
    let shown = [public_key(&key).unwrap(), sign(&key, b"").unwrap()].concat();
    assert!(secrets.found_in(&shown).is_empty());
    assert!(secrets.found_in(b"nothing of it").is_empty());
}
