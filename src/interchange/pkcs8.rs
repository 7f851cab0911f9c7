//! PKCS#8 PrivateKeyInfo (RFC 5958) and SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), whose
//! algorithm identifiers have no parameters in any of the suites.

use crate::signing::{self, Key, Kind, Suite, Usage};
use crate::{Error, Result};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{
    BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef, SequenceRef,
};
use pkcs8::der::{self, Decode, Encode, Header, Reader, SliceReader, Tag, TagMode, TagNumber};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

/// What stands inside the OCTET STRING of PrivateKeyInfo.
#[derive(Clone, Copy)]
enum Form {
    /// The seed in an OCTET STRING: RFC 8410, section 7.
    Curve,
    /// A choice, of which each is read, and the seed written where it is known: RFC 9881,
    /// section 6.
    MlDsa,
    /// The two seeds, bare: draft-ietf-lamps-pq-composite-sigs, section 4.
    Composite,
}

/// The suites that have these forms.
const ALGORITHMS: &[(Suite, ObjectIdentifier, Form)] = &[
    (Suite::Ed25519, ObjectIdentifier::new_unwrap("1.3.101.112"), Form::Curve),
    (Suite::MlDsa44, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), Form::MlDsa),
    (Suite::MlDsa65, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"), Form::MlDsa),
    (Suite::MlDsa87, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"), Form::MlDsa),
    (Suite::MlDsa65Ed25519, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.6.48"), Form::Composite),
];

pub(super) fn encode_private(key: &Key<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let (algorithm, form) = algorithm(key.suite)?;
    let private_key = encode_material(form, key)?;
    let private_key = OctetStringRef::new(&private_key).map_err(|_| Error::Internal)?;
    to_der(&PrivateKeyInfoRef::new(algorithm, private_key))
}

pub(super) fn decode_private(usage: Usage, der: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| Error::Key)?;
    let (suite, form) = suite(&info.algorithm)?;
    let (kind, material) = decode_material(suite, form, info.private_key.as_bytes())?;
    let key = signing::import(suite, kind, usage, material)?;
    if let Some(public) = info.public_key {
        let derived = signing::public_key(&key)?;
        let is_its_own = public.as_bytes() == Some(Key::parse(&derived)?.material);
        is_its_own.then_some(()).ok_or(Error::Key)?;
    }
    Ok(key)
}

pub(super) fn encode_public(key: &Key<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let subject_public_key = BitStringRef::from_bytes(key.material).map_err(|_| Error::Internal)?;
    let (algorithm, _) = algorithm(key.suite)?;
    to_der(&SubjectPublicKeyInfoRef { algorithm, subject_public_key })
}

pub(super) fn decode_public(usage: Usage, der: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| Error::Key)?;
    let (suite, _) = suite(&info.algorithm)?;
    let public = info.subject_public_key.as_bytes().ok_or(Error::Key)?;
    signing::import(suite, Kind::Public, usage, public)
}

fn encode_material(form: Form, key: &Key<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let octets = OctetStringRef::new(key.material).map_err(|_| Error::Internal)?;
    match form {
        Form::Curve => to_der(&octets),
        Form::MlDsa if key.kind == Kind::Expanded => to_der(&octets),
        Form::MlDsa => {
            let (tag_number, tag_mode) = (SEED, TagMode::Implicit);
            to_der(&ContextSpecific { tag_number, tag_mode, value: octets })
        }
        Form::Composite => Ok(Zeroizing::new(key.material.to_vec())),
    }
}

fn decode_material(suite: Suite, form: Form, bytes: &[u8]) -> Result<(Kind, &[u8])> {
    let seed = match form {
        Form::Curve => <&OctetStringRef>::from_der(bytes).map_err(|_| Error::Key)?.as_bytes(),
        Form::MlDsa => return seed_or_expanded(suite, bytes),
        Form::Composite => bytes,
    };
    Ok((Kind::Secret, seed))
}

/// The tag of a seed that stands alone: [0] IMPLICIT OCTET STRING.
const SEED: TagNumber = TagNumber(0);

/// RFC 9881's choice: the seed if it is there. An expanded key beside it must be its own.
fn seed_or_expanded(suite: Suite, choice: &[u8]) -> Result<(Kind, &[u8])> {
    match parse_choice(choice).map_err(|_| Error::Key)? {
        (Some(seed), Some(expanded)) if !signing::is_expansion(suite, seed, expanded)? => {
            Err(Error::Key)
        }
        (Some(seed), _) => Ok((Kind::Secret, seed)),
        (None, Some(expanded)) => Ok((Kind::Expanded, expanded)),
        (None, None) => Err(Error::Key),
    }
}

/// What is there of seed and expanded key.
type Choice<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

fn parse_choice(choice: &[u8]) -> der::Result<Choice<'_>> {
    let mut reader = SliceReader::new(choice)?;
    let found = match Header::peek(&reader)?.tag() {
        Tag::OctetString => (None, Some(<&OctetStringRef>::decode(&mut reader)?.as_bytes())),
        Tag::Sequence => {
            let mut both = SliceReader::new(<&SequenceRef>::decode(&mut reader)?.as_bytes())?;
            let [seed, expanded] =
                [<&OctetStringRef>::decode(&mut both)?, <&OctetStringRef>::decode(&mut both)?];
            both.finish()?;
            (Some(seed.as_bytes()), Some(expanded.as_bytes()))
        }
        tag => {
            let seed = ContextSpecific::<&OctetStringRef>::decode_implicit(&mut reader, SEED)?;
            (Some(seed.ok_or_else(|| tag.value_error())?.value.as_bytes()), None)
        }
    };
    reader.finish()?;
    Ok(found)
}

fn algorithm(suite: Suite) -> Result<(AlgorithmIdentifierRef<'static>, Form)> {
    let row = ALGORITHMS.iter().find(|row| row.0 == suite).ok_or(Error::Argument)?;
    Ok((AlgorithmIdentifierRef { oid: row.1, parameters: None }, row.2))
}

fn suite(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<(Suite, Form)> {
    let row = ALGORITHMS.iter().find(|row| row.1 == algorithm.oid).ok_or(Error::Suite)?;
    if algorithm.parameters.is_none() { Ok((row.0, row.2)) } else { Err(Error::Key) }
}

fn to_der(document: &impl Encode) -> Result<Zeroizing<Vec<u8>>> {
    document.to_der().map(Zeroizing::new).map_err(|_| Error::Internal)
}
