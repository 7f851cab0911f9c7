//! PEM (RFC 7468): DER as text between two lines that name what it is.

use crate::{Error, Result};
use pkcs8::der::asn1::{AnyRef, SequenceRef};
use pkcs8::der::pem::{self, LineEnding};
use pkcs8::der::{Decode, Header, SliceReader, Tag};
use zeroize::Zeroizing;

pub(super) const PUBLIC: &str = "PUBLIC KEY";
pub(super) const PRIVATE: &str = "PRIVATE KEY";
pub(super) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const LABELS: [&str; 3] = [PUBLIC, PRIVATE, ENCRYPTED];

/// What keys begin with whose algorithm stands in their label: RFC 8017 and SEC 1, as OpenSSL once
/// wrote them.
const FOREIGN: &[&str] =
    &["RSA PRIVATE KEY", "RSA PUBLIC KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"];
const OPENSSH: &str = "OPENSSH PRIVATE KEY";

/// What begins every text, behind whatever a tool wrote above it.
const BOUNDARY: &[u8] = b"-----BEGIN ";

pub(super) fn encode(label: &str, der: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let size = pem::encoded_len(label, LineEnding::LF, der).map_err(|_| Error::Internal)?;
    let mut text = Zeroizing::new(vec![0; size]);
    pem::encode(label, LineEnding::LF, der, &mut text).map_err(|_| Error::Internal)?;
    Ok(text)
}

pub(super) fn is_text(encoded: &[u8]) -> bool {
    encoded.windows(BOUNDARY.len()).any(|window| window == BOUNDARY)
}

/// The label and the DER of a text, or of DER itself what its label would be.
pub(super) fn decode(encoded: &[u8]) -> Result<(&'static str, Zeroizing<Vec<u8>>)> {
    if !is_text(encoded) {
        return Ok((label(encoded)?, Zeroizing::new(encoded.to_vec())));
    }
    if FOREIGN.iter().any(|label| begins(encoded, label)) {
        return Err(Error::Suite);
    }
    if begins(encoded, OPENSSH) {
        return Err(Error::Unsupported);
    }
    let mut der = Zeroizing::new(vec![0; encoded.len()]);
    let (label, decoded) = pem::decode(encoded, &mut der).map_err(|_| Error::Key)?;
    let (label, size) = (LABELS.into_iter().find(|known| *known == label), decoded.len());
    der.truncate(size);
    Ok((label.ok_or(Error::Key)?, der))
}

/// Whether the first label is this one.
fn begins(text: &[u8], label: &str) -> bool {
    let is_boundary = |start: &usize| text[*start..].starts_with(BOUNDARY);
    let label_starts = (0..text.len()).find(is_boundary).map(|start| start + BOUNDARY.len());
    label_starts.is_some_and(|start| text[start..].starts_with(label.as_bytes()))
}

/// PrivateKeyInfo begins with its version and its algorithm; the other two differ in what follows
/// the algorithm. Keys of RSA and of elliptic curves without PrivateKeyInfo have numbers there.
pub(super) fn label(der: &[u8]) -> Result<&'static str> {
    let second = |sequence: &SequenceRef| {
        let mut reader = SliceReader::new(sequence.as_bytes())?;
        let first = Header::peek(&reader)?.tag();
        AnyRef::decode(&mut reader)?;
        Ok((first, Header::peek(&reader)?.tag()))
    };
    let sequence = <&SequenceRef>::from_der(der).map_err(|_| Error::Key)?;
    match second(sequence).map_err(|_: pkcs8::der::Error| Error::Key)? {
        (Tag::Integer, Tag::Sequence) => Ok(PRIVATE),
        (Tag::Integer, Tag::Integer | Tag::OctetString) => Err(Error::Suite),
        (Tag::Sequence, Tag::BitString) => Ok(PUBLIC),
        (Tag::Sequence, Tag::OctetString) => Ok(ENCRYPTED),
        _ => Err(Error::Key),
    }
}
