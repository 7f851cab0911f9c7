//! PKCS#8 PrivateKeyInfo (RFC 5958) and SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), whose
//! algorithm identifiers have no parameters in any of the suites.

use crate::signing::{self, Key, Kind, Suite, Usage};
use crate::{Error, Result};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

/// RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The suites that have these forms.
const ALGORITHMS: &[(Suite, ObjectIdentifier)] = &[(Suite::Ed25519, ED25519)];

pub(super) fn encode_private(key: &Key<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let algorithm = algorithm(key.suite)?;
    let private_key = Zeroizing::new(encode_material(key)?);
    let private_key = OctetStringRef::new(&private_key).map_err(|_| Error::Internal)?;
    to_der(&PrivateKeyInfoRef::new(algorithm, private_key))
}

pub(super) fn decode_private(usage: Usage, der: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| Error::Key)?;
    let suite = suite(&info.algorithm)?;
    let material = decode_material(suite, info.private_key.as_bytes())?;
    let key = signing::import(suite, Kind::Secret, usage, material)?;
    if let Some(public) = info.public_key {
        let derived = signing::public_key(&key)?;
        let is_its_own = public.as_bytes() == Some(Key::parse(&derived)?.material);
        is_its_own.then_some(()).ok_or(Error::Key)?;
    }
    Ok(key)
}

pub(super) fn encode_public(key: &Key<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let subject_public_key = BitStringRef::from_bytes(key.material).map_err(|_| Error::Internal)?;
    to_der(&SubjectPublicKeyInfoRef { algorithm: algorithm(key.suite)?, subject_public_key })
}

pub(super) fn decode_public(usage: Usage, der: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| Error::Key)?;
    let suite = suite(&info.algorithm)?;
    let public = info.subject_public_key.as_bytes().ok_or(Error::Key)?;
    signing::import(suite, Kind::Public, usage, public)
}

/// What stands inside the OCTET STRING of PrivateKeyInfo. RFC 8410, section 7: an OCTET STRING.
fn encode_material(key: &Key<'_>) -> Result<Vec<u8>> {
    OctetStringRef::new(key.material)
        .and_then(|octets| octets.to_der())
        .map_err(|_| Error::Internal)
}

fn decode_material(_: Suite, bytes: &[u8]) -> Result<&[u8]> {
    let octets = <&OctetStringRef>::from_der(bytes).map_err(|_| Error::Key)?;
    Ok(octets.as_bytes())
}

fn algorithm(suite: Suite) -> Result<AlgorithmIdentifierRef<'static>> {
    let row = ALGORITHMS.iter().find(|row| row.0 == suite).ok_or(Error::Argument)?;
    Ok(AlgorithmIdentifierRef { oid: row.1, parameters: None })
}

fn suite(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Suite> {
    let row = ALGORITHMS.iter().find(|row| row.1 == algorithm.oid).ok_or(Error::Suite)?;
    if algorithm.parameters.is_none() { Ok(row.0) } else { Err(Error::Key) }
}

fn to_der(document: &impl Encode) -> Result<Zeroizing<Vec<u8>>> {
    document.to_der().map(Zeroizing::new).map_err(|_| Error::Internal)
}
