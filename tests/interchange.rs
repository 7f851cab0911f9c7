//! Keys as PKCS#8, SubjectPublicKeyInfo, PEM and OpenSSH lines, against the examples of RFC 8410
//! and against the openssl command as an independent reader and writer.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use skipped::skipped;
use tinywindow::Error;
use tinywindow::interchange::{ENCODED_KEY_MAX, Encoding, decode, encode};
use tinywindow::signing::{self, Context, Key, Kind, Signer, Suite, Usage, Verifier};

#[path = "support/skipped.rs"]
mod skipped;

/// RFC 8410, section 10.3: version 1, the seed alone.
const RFC_8410_PRIVATE: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
/// Section 10.3: version 2, with attributes and the public key.
const RFC_8410_PRIVATE_V2: &str = "\
-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
";
/// Section 10.1.
const RFC_8410_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";
const PASSWORD: &[u8] = b"correct horse battery staple";

fn ed25519() -> Vec<u8> {
    signing::keygen(Suite::Ed25519, 7).to_vec()
}

fn read(encoded: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
    decode(Usage::Raw, encoded.as_ref(), None).map(|key| key.to_vec())
}

#[test]
fn the_examples_of_rfc_8410_are_read_and_written() {
    let public = read(RFC_8410_PUBLIC).unwrap();
    for text in [RFC_8410_PRIVATE, RFC_8410_PRIVATE_V2] {
        let secret = read(text).unwrap();
        assert_eq!(signing::public_key(&secret).unwrap(), public);
        let written = encode(&secret, Encoding::Pem, None).unwrap();
        assert_eq!(written.as_slice(), RFC_8410_PRIVATE.as_bytes());
    }
    let written = encode(&public, Encoding::Pem, None).unwrap();
    assert_eq!(written.as_slice(), RFC_8410_PUBLIC.as_bytes());
}

/// The composite draft's vectors: PKCS#8 of the seed, the public key, for every suite there.
#[test]
fn the_private_keys_of_the_composite_draft_are_read_and_written() {
    let name = "the_private_keys_of_the_composite_draft_are_read_and_written";
    let path = "../shared/vectors/composite/testvectors.json";
    let Ok(text) = fs::read_to_string(path) else { return skipped(name, path) };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let suites = HashMap::from([
        ("id-ML-DSA-44", Suite::MlDsa44),
        ("id-ML-DSA-65", Suite::MlDsa65),
        ("id-ML-DSA-87", Suite::MlDsa87),
        ("id-MLDSA65-Ed25519-SHA512", Suite::MlDsa65Ed25519),
    ]);
    let mut read_and_written = 0;
    for vector in vectors["tests"].as_array().unwrap() {
        let bytes = |field: &str| Base64::decode_vec(vector[field].as_str().unwrap()).unwrap();
        let Some(suite) = suites.get(vector["tcId"].as_str().unwrap()) else {
            // MLDSA44 with Ed25519 is no suite of ours, and is said not to be.
            assert_eq!(read(bytes("sk_pkcs8")).unwrap_err(), Error::Suite);
            continue;
        };
        let secret = read(bytes("sk_pkcs8")).unwrap();
        assert_eq!(Key::parse(&secret).unwrap().suite, *suite);
        assert_eq!(Key::parse(&secret).unwrap().material, bytes("sk"));
        let public = signing::public_key(&secret).unwrap();
        assert_eq!(Key::parse(&public).unwrap().material, bytes("pk"));
        assert_eq!(encode(&secret, Encoding::Der, None).unwrap().as_slice(), bytes("sk_pkcs8"));
        let written = encode(&public, Encoding::Der, None).unwrap();
        assert_eq!(read(&written).unwrap(), public);
        // The certificate holds the SubjectPublicKeyInfo as it is.
        let certificate = bytes("x5c");
        assert!(certificate.windows(written.len()).any(|window| window == written.as_slice()));
        read_and_written += 1;
    }
    assert_eq!(read_and_written, suites.len());
}

#[test]
fn every_encoding_gives_the_same_key_back_in_the_usage_asked_for() {
    for suite in Suite::ALL.iter().filter(|suite| **suite != Suite::HmacSha256) {
        let secret = signing::keygen(*suite, 7).to_vec();
        let public = signing::public_key(&secret).unwrap();
        for (key, encoding, password) in [
            (&secret, Encoding::Der, None),
            (&secret, Encoding::Pem, None),
            (&secret, Encoding::Der, Some(PASSWORD)),
            (&secret, Encoding::Pem, Some(PASSWORD)),
            (&public, Encoding::Der, None),
            (&public, Encoding::Pem, None),
        ] {
            comes_back(key, encoding, password);
        }
    }
    comes_back(&signing::public_key(&ed25519()).unwrap(), Encoding::OpenSsh, None);
}

fn comes_back(key: &[u8], encoding: Encoding, password: Option<&[u8]>) {
    let encoded = encode(key, encoding, password).unwrap();
    assert!(encoded.len() <= ENCODED_KEY_MAX);
    for usage in [Usage::Framed, Usage::Raw] {
        let decoded = decode(usage, &encoded, password).unwrap();
        let (was, is) = (Key::parse(key).unwrap(), Key::parse(&decoded).unwrap());
        assert_eq!((was.suite, was.kind, was.material), (is.suite, is.kind, is.material));
        assert_eq!(is.usage, usage);
    }
}

#[test]
fn what_a_suite_has_no_form_for_is_refused() {
    let hmac = signing::keygen(Suite::HmacSha256, 1);
    let secret = ed25519();
    let public = signing::public_key(&secret).unwrap();
    for encoding in Encoding::ALL {
        assert_eq!(encode(&hmac, *encoding, None).unwrap_err(), Error::Argument);
    }
    let ml_dsa = signing::public_key(&signing::keygen(Suite::MlDsa65, 1)).unwrap();
    for key in [&secret, &ml_dsa] {
        assert_eq!(encode(key, Encoding::OpenSsh, None).unwrap_err(), Error::Argument);
    }
    assert_eq!(encode(&public, Encoding::Pem, Some(PASSWORD)).unwrap_err(), Error::Argument);
    assert_eq!(encode(&public, Encoding::OpenSsh, Some(PASSWORD)).unwrap_err(), Error::Argument);
    assert_eq!(encode(&secret[1..], Encoding::Pem, None).unwrap_err(), Error::Key);
}

#[test]
fn passwords_are_missing_wrong_or_unneeded_but_never_passed_over() {
    let secret = ed25519();
    assert_eq!(encode(&secret, Encoding::Pem, Some(b"")).unwrap_err(), Error::Password);
    let locked = encode(&secret, Encoding::Pem, Some(PASSWORD)).unwrap();
    let again = encode(&secret, Encoding::Pem, Some(PASSWORD)).unwrap();
    assert_ne!(locked, again, "salt and IV are new each time");
    for password in [None, Some(&b"wrong"[..]), Some(b"")] {
        assert_eq!(decode(Usage::Raw, &locked, password).unwrap_err(), Error::Password);
    }
    let plain = encode(&secret, Encoding::Pem, None).unwrap();
    let public = encode(&signing::public_key(&secret).unwrap(), Encoding::OpenSsh, None).unwrap();
    for encoded in [&plain[..], &public[..]] {
        assert_eq!(decode(Usage::Raw, encoded, Some(PASSWORD)).unwrap_err(), Error::Password);
    }
}

#[test]
fn every_cut_every_extension_and_every_flipped_bit_of_der_is_seen_or_gives_another_key() {
    let secret = ed25519();
    let public = signing::public_key(&secret).unwrap();
    for key in [&secret, &public] {
        let der = encode(key, Encoding::Der, None).unwrap().to_vec();
        for end in 0..der.len() {
            assert!(read(&der[..end]).is_err(), "cut to {end} bytes");
        }
        assert_eq!(read([&der[..], &[0]].concat()).unwrap_err(), Error::Key);
        let original = read(&der).unwrap();
        for bit in 0..8 * der.len() {
            let mut flipped = der.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = read(&flipped) {
                let material = Key::parse(&original).unwrap().material.len();
                assert_ne!(other, original, "bit {bit}");
                assert!(bit / 8 >= der.len() - material, "bit {bit} is not of the material");
            }
        }
    }
}

#[test]
fn a_private_key_with_the_public_key_of_another_is_refused() {
    let mut lines: Vec<&str> = RFC_8410_PRIVATE_V2.lines().collect();
    let swapped = lines[3].replacen("lshQ", "lshR", 1);
    lines[3] = &swapped;
    assert_eq!(read(lines.join("\n") + "\n").unwrap_err(), Error::Key);
}

#[test]
fn algorithms_that_are_no_suite_are_named_as_such() {
    let folder = Folder::new("foreign");
    for algorithm in [&["RSA"][..], &["X25519"], &["EC", "ec_paramgen_curve:P-256"]] {
        let path = folder.path("foreign.pem");
        let option: Vec<&str> = algorithm[1..].iter().flat_map(|o| ["-pkeyopt", o]).collect();
        openssl(&[&["genpkey", "-algorithm", algorithm[0], "-out", &path][..], &option].concat());
        assert_eq!(read(fs::read(&path).unwrap()).unwrap_err(), Error::Suite, "{algorithm:?}");
    }
    assert_eq!(read("ssh-rsa AAAAB3NzaC1yc2E= a@b").unwrap_err(), Error::Suite);
    let traditional = |form| {
        let (ours, theirs) = (folder.path("foreign.pem"), folder.path("traditional"));
        let locked = ["-aes128", "-passout", "pass:x"];
        let options = if form == "locked" { &locked[..] } else { &["-outform", form] };
        let pkey = ["pkey", "-in", &ours, "-traditional", "-out", &theirs];
        openssl(&[&pkey[..], options].concat());
        fs::read(theirs).unwrap()
    };
    let rsa = ["genpkey", "-algorithm", "RSA", "-out", &folder.path("foreign.pem")];
    for _ in ["EC of SEC 1", "RSA of PKCS#1"] {
        for form in ["PEM", "DER", "locked"] {
            assert_eq!(read(traditional(form)).unwrap_err(), Error::Suite, "{form}");
        }
        openssl(&rsa);
    }
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n";
    assert_eq!(read(openssh).unwrap_err(), Error::Unsupported);
    assert_eq!(read(vec![b'a'; ENCODED_KEY_MAX + 1]).unwrap_err(), Error::Length);
    for nothing in ["", "-----BEGIN PRIVATE KEY-----\n", "ssh-ed25519", "ssh-ed25519 AAAA\n"] {
        assert_eq!(read(nothing).unwrap_err(), Error::Key, "{nothing:?}");
    }
}

#[test]
fn openssl_reads_what_we_write_and_signs_the_same() {
    let folder = Folder::new("ours");
    let secret = decode(Usage::Raw, RFC_8410_PRIVATE.as_bytes(), None).unwrap();
    let payload = b"what both sign";
    let signature = Signer::new(&secret).unwrap().sign(Context::Payload, payload).unwrap();
    fs::write(folder.path("payload"), payload).unwrap();
    for (encoding, form) in [(Encoding::Pem, "PEM"), (Encoding::Der, "DER")] {
        for password in [None, Some(PASSWORD)] {
            let (key, out) = (folder.path("ours.key"), folder.path("ours.sig"));
            fs::write(&key, encode(&secret, encoding, password).unwrap()).unwrap();
            let pass = format!("pass:{}", String::from_utf8_lossy(PASSWORD));
            openssl(&[
                "pkeyutl",
                "-sign",
                "-rawin",
                "-inkey",
                &key,
                "-keyform",
                form,
                "-passin",
                &pass,
                "-in",
                &folder.path("payload"),
                "-out",
                &out,
            ]);
            assert_eq!(fs::read(&out).unwrap(), &signature[..]);
        }
    }
}

#[test]
fn we_read_what_openssl_writes_plain_and_encrypted_in_every_way_it_has() {
    let folder = Folder::new("theirs");
    let (plain, public) = (folder.path("plain.pem"), folder.path("public.pem"));
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &plain]);
    openssl(&["pkey", "-in", &plain, "-pubout", "-out", &public]);
    let secret = read(fs::read(&plain).unwrap()).unwrap();
    let public = read(fs::read(&public).unwrap()).unwrap();
    assert_eq!(Key::parse(&public).unwrap().kind, Kind::Public);
    assert_eq!(signing::public_key(&secret).unwrap(), public);
    Verifier::new(&public).unwrap();

    let pass = format!("pass:{}", String::from_utf8_lossy(PASSWORD));
    for way in [
        &["-v2", "aes-256-cbc"][..],
        &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"],
        &["-scrypt"],
    ] {
        let locked = folder.path("locked.pem");
        let convert = ["pkcs8", "-topk8", "-in", &plain, "-out", &locked, "-passout", &pass];
        openssl(&[&convert[..], way].concat());
        let decoded = decode(Usage::Raw, &fs::read(&locked).unwrap(), Some(PASSWORD)).unwrap();
        assert_eq!(decoded.as_slice(), secret, "{way:?}");
    }
}

#[test]
fn encryption_that_is_weak_or_would_keep_us_for_minutes_is_unsupported() {
    let folder = Folder::new("unsupported");
    let plain = folder.path("plain.pem");
    fs::write(&plain, RFC_8410_PRIVATE).unwrap();
    for way in [
        &["-v2", "des3"][..],
        &["-v1", "PBE-SHA1-3DES"],
        &["-v2", "aes-256-cbc", "-iter", "10000001"],
    ] {
        let locked = folder.path("locked.pem");
        let convert = ["pkcs8", "-topk8", "-in", &plain, "-out", &locked, "-passout", "pass:x"];
        openssl(&[&convert[..], way].concat());
        let error = decode(Usage::Raw, &fs::read(&locked).unwrap(), Some(b"x")).unwrap_err();
        assert_eq!(error, Error::Unsupported, "{way:?}");
    }
    let locked = folder.path("locked.der");
    let convert = ["pkcs8", "-topk8", "-in", &plain, "-out", &locked, "-passout", "pass:x"];
    openssl(&[&convert[..], &["-outform", "DER", "-scrypt"]].concat());
    let locked = fs::read(&locked).unwrap();
    // N, r and p as three INTEGERs; more than 256 MiB, and more passes than 16.
    let costs = b"\x02\x02\x40\x00\x02\x01\x08\x02\x01\x01";
    let at = locked.windows(costs.len()).position(|window| window == costs).unwrap();
    for higher in
        [b"\x02\x02\x7f\xff\x02\x01\x7f\x02\x01\x01", b"\x02\x02\x40\x00\x02\x01\x08\x02\x01\x11"]
    {
        let mut costly = locked.clone();
        costly[at..at + costs.len()].copy_from_slice(higher);
        assert_eq!(decode(Usage::Raw, &costly, Some(b"x")).unwrap_err(), Error::Unsupported);
    }
}

/// A folder of the test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("interchange-{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().into()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments:?}: {output:?}");
}
