//! Checkpoints: the size and root of the tree over a journal's records, signed.
//!
//! The text is C2SP's `tlog-checkpoint`, the whole a `signed-note`. Keys sign as C2SP has it for
//! their suite: Ed25519 the text (type 0x01), ML-DSA-44 a `tlog-cosignature` (type 0x06), which
//! says of the time nothing. Every such key is a raw one: its signatures are other tools' to check.

use std::fmt;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::journal::merkle::Hash;
use crate::signing::{self, Context, Key, Signer, Suite, Usage, Verifier};

/// Longest name of a journal: an ML-DSA-44 cosignature counts its bytes in one.
pub const ORIGIN_MAX: usize = 255;
/// A note has at least as many signatures as anybody asks for, and fewer than cost much to read.
const SIGNATURES_MAX: usize = 32;
/// Bytes of a key's id.
const ID: usize = 4;
/// A cosignature begins with a time, which is 0 here: it is not said when.
const NO_TIME: [u8; 8] = [0; 8];

/// What a tree over a journal's records is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The journal's name, and that of the keys that sign for it.
    pub origin: String,
    /// How many records the tree has: those with the sequences from 1 to this.
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text; it must be just as [`Display`](fmt::Display) writes it.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: decode(root)?.try_into().ok()?,
        };
        (is_origin(origin) && checkpoint.to_string() == text).then_some(checkpoint)
    }

    /// What an ML-DSA-44 key signs of it (C2SP tlog-cosignature, `cosigned_message`).
    fn cosigned(&self) -> Vec<u8> {
        let name = [&[self.origin.len() as u8], self.origin.as_bytes()].concat();
        let [start, end] = [0, self.size].map(u64::to_be_bytes);
        [b"subtree/v1\n\0", &name[..], &NO_TIME, &name, &start, &end, &self.root].concat()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, size, root } = self;
        write!(f, "{origin}\n{size}\n{}\n", Base64::encode_string(root))
    }
}

/// Whether a journal may have this name: C2SP's key names, in ASCII.
pub fn is_origin(name: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_graphic() && byte != b'+';
    (1..=ORIGIN_MAX).contains(&name.len()) && name.bytes().all(is_good)
}

/// A checkpoint with its signatures, none of them checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    signatures: Vec<Line>,
}

/// One signature: the key's name and id, and what it made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; ID],
    signature: Vec<u8>,
}

/// What a signature line begins with: an em dash.
const DASH: &str = "\u{2014} ";

impl SignedCheckpoint {
    /// Reads a note; `None` unless it is one, of a checkpoint without extension lines.
    pub fn parse(note: &str) -> Option<Self> {
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let signatures: Option<Vec<Line>> =
            signatures.strip_suffix('\n')?.split('\n').map(Line::parse).collect();
        let signatures = signatures.filter(|lines| lines.len() <= SIGNATURES_MAX)?;
        let checkpoint = Checkpoint::parse(&format!("{text}\n"))?;
        Some(Self { checkpoint, signatures })
    }

    /// Reads the payload of a checkpoint's record.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        Self::parse(std::str::from_utf8(payload).ok()?)
    }

    /// What it says; to be believed after [`verify`](Self::verify) only.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What it says, if every one of these keys signed it. Signatures of other keys are ignored.
    ///
    /// [`Error::Signature`] if one did not, or there is no key.
    pub fn verify(&self, keys: &[CheckpointKey]) -> Result<&Checkpoint> {
        let is_signed = !keys.is_empty() && keys.iter().all(|key| self.is_signed_by(key));
        if is_signed { Ok(&self.checkpoint) } else { Err(Error::Signature) }
    }

    fn is_signed_by(&self, key: &CheckpointKey) -> bool {
        let checkpoint = &self.checkpoint;
        let id = key.form.id(&checkpoint.origin, &key.material);
        let is_of_it = |line: &&Line| line.name == checkpoint.origin && line.id == id;
        let mut lines = self.signatures.iter().filter(is_of_it).peekable();
        let message = key.form.message(checkpoint);
        let is_valid = |line: &Line| {
            let signature = key.form.signature(&line.signature);
            signature.is_some_and(|s| key.verifier.verify(Context::Payload, &message, s).is_ok())
        };
        lines.peek().is_some() && lines.all(is_valid)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        self.signatures.iter().try_for_each(|Line { name, id, signature }| {
            let signature = Base64::encode_string(&[id, &signature[..]].concat());
            writeln!(f, "{DASH}{name} {signature}")
        })
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let signature = decode(signature)?;
        let (id, signature) = signature.split_first_chunk()?;
        let is_line = is_origin(name) && !signature.is_empty();
        is_line.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

/// How C2SP has a suite sign notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Ed25519,
    MlDsa44,
}

impl Form {
    /// [`Error::Suite`] for one without a form.
    fn of(suite: Suite) -> Result<Self> {
        match suite {
            Suite::Ed25519 => Ok(Self::Ed25519),
            Suite::MlDsa44 => Ok(Self::MlDsa44),
            _ => Err(Error::Suite),
        }
    }

    /// The type of its signatures.
    fn number(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::MlDsa44 => 0x06,
        }
    }

    /// The id of a key of this name.
    fn id(self, name: &str, material: &[u8]) -> [u8; ID] {
        let named = Sha256::new_with_prefix(name).chain_update([b'\n', self.number()]);
        let digest: Hash = named.chain_update(material).finalize().into();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// What is signed.
    fn message(self, checkpoint: &Checkpoint) -> Vec<u8> {
        match self {
            Self::Ed25519 => checkpoint.to_string().into_bytes(),
            Self::MlDsa44 => checkpoint.cosigned(),
        }
    }

    /// What stands before the suite's own signature.
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Ed25519 => &[],
            Self::MlDsa44 => &NO_TIME,
        }
    }

    /// The suite's own signature in a line's.
    fn signature(self, line: &[u8]) -> Option<&[u8]> {
        line.strip_prefix(self.prefix())
    }
}

/// A key that checkpoints are verified with.
#[derive(Debug)]
pub struct CheckpointKey {
    form: Form,
    material: Vec<u8>,
    verifier: Verifier,
}

impl CheckpointKey {
    /// From a raw key of Ed25519 or ML-DSA-44, its public half being enough.
    ///
    /// [`Error::Suite`] for other suites, [`Error::KeyUsage`] for a framed key.
    pub fn new(key: &[u8]) -> Result<Self> {
        let form = Form::of(Key::parse(key)?.suite)?;
        let public = signing::public_key(key)?;
        let parsed = Key::parse(&public)?;
        if parsed.usage != Usage::Raw {
            return Err(Error::KeyUsage);
        }
        Ok(Self { form, material: parsed.material.to_vec(), verifier: Verifier::new(&public)? })
    }

    /// The key for other tools, C2SP's `vkey`: name, id, type and public key.
    pub fn vkey(&self, name: &str) -> String {
        let id = u32::from_be_bytes(self.form.id(name, &self.material));
        let key = Base64::encode_string(&[&[self.form.number()], &self.material[..]].concat());
        format!("{name}+{id:08x}+{key}")
    }
}

/// A key that signs the checkpoints of one journal.
#[derive(Debug)]
pub(super) struct CheckpointSigner {
    form: Form,
    id: [u8; ID],
    signer: Signer,
}

impl CheckpointSigner {
    /// From a secret key; see [`CheckpointKey::new`].
    pub fn new(origin: &str, key: &[u8]) -> Result<Self> {
        let CheckpointKey { form, material, .. } = CheckpointKey::new(key)?;
        Ok(Self { form, id: form.id(origin, &material), signer: Signer::new(key)? })
    }

    fn sign(&self, checkpoint: &Checkpoint) -> Result<Line> {
        let signature = self.signer.sign(Context::Payload, &self.form.message(checkpoint))?;
        let signature = [self.form.prefix(), &signature].concat();
        Ok(Line { name: checkpoint.origin.clone(), id: self.id, signature })
    }
}

/// Signs a checkpoint with every key.
pub(super) fn sign(
    checkpoint: Checkpoint,
    signers: &[CheckpointSigner],
) -> Result<SignedCheckpoint> {
    let signatures = signers.iter().map(|signer| signer.sign(&checkpoint));
    let signatures = signatures.collect::<Result<_>>()?;
    Ok(SignedCheckpoint { checkpoint, signatures })
}

/// What is wrong with a key as one that signs checkpoints. It is not prepared: whether its memory
/// can be locked is another question.
pub fn check_checkpoint_key(key: &[u8]) -> Result<()> {
    let parsed = Key::parse(key)?;
    match (Form::of(parsed.suite)?, parsed.kind, parsed.usage) {
        (_, signing::Kind::Public, _) => Err(Error::KeyKind),
        (_, _, Usage::Framed) => Err(Error::KeyUsage),
        _ => Ok(()),
    }
}

/// The bytes of base64 text, canonical and padded.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}
