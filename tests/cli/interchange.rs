//! `key import`, `key export`, `key inspect`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;
use tinywindow::interchange::{Encoding, encode};
use tinywindow::signing::{self, HEADER_SIZE, Key, Kind, Suite, Usage};

use crate::{
    expect, expect_json, expect_said, folder, hex, key_folder, run, run_with, stderr, write_private,
};

/// RFC 8037, appendix A.1 and A.2.
const RFC_8037: &str = r#"{"kty":"OKP","crv":"Ed25519",
"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// RFC 7517, appendix A.3.
const RFC_7517: &str = r#"{"kty":"oct",
"k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
"kid":"HMAC key used in JWS spec Appendix A.1 example"}"#;

#[test]
fn a_key_made_by_openssl_signs_here_what_openssl_verifies() {
    let folder = folder("key-openssl");
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    };
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", "theirs.pem"]);
    openssl(&["pkey", "-in", "theirs.pem", "-pubout", "-out", "theirs.pub"]);
    expect(&run(&folder, &["key", "import", "theirs.pem", "--raw", "-o", "ours.key"]), 0);
    let mode = fs::metadata(folder.join("ours.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::write(folder.join("payload"), "a payload").unwrap();
    expect(&run(&folder, &["sign", "--key", "ours.key", "payload", "-o", "signature"]), 0);
    openssl(&[
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        "theirs.pub",
        "-in",
        "payload",
        "-sigfile",
        "signature",
    ]);
    let text = expect(&run(&folder, &["key", "export", "ours.key", "--public"]), 0);
    assert_eq!(text, fs::read_to_string(folder.join("theirs.pub")).unwrap());
}

#[test]
fn every_form_gives_the_key_back() {
    for (suite, format) in [
        (Suite::Ed25519, "pem"),
        (Suite::Ed25519, "der"),
        (Suite::Ed25519, "jwk"),
        (Suite::MlDsa65, "pem"),
        (Suite::MlDsa65, "jwk"),
        (Suite::MlDsa65Ed25519, "der"),
        (Suite::HmacSha256, "jwk"),
    ] {
        let folder = key_folder(&format!("key-{format}-{}", suite.name()), suite);
        let export = ["key", "export", "key", "--format", format, "-o", "theirs"];
        expect(&run(&folder, &export), 0);
        expect_said(&run(&folder, &export), 2, "--force");
        let mode = fs::metadata(folder.join("theirs")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        expect(&run(&folder, &["key", "import", "theirs", "-o", "again"]), 0);
        assert_eq!(fs::read(folder.join("again")).unwrap(), signing::keygen(suite, 1)[..]);
    }
    let folder = key_folder("key-openssh", Suite::Ed25519);
    let export = ["key", "export", "key", "--public", "--format", "openssh"];
    let line = expect(&run(&folder, &export), 0);
    expect(&run_with(&folder, &["key", "import", "-", "-o", "again"], line.as_bytes()), 0);
    assert_eq!(fs::read(folder.join("again")).unwrap(), fs::read(folder.join("public")).unwrap());
}

#[test]
fn passwords_come_from_files() {
    let folder = key_folder("key-password", Suite::Ed25519);
    write_private(&folder.join("password"), b"correct horse\n");
    write_private(&folder.join("wrong"), b"battery staple\n");
    let with = |arguments: &[&str], password: &str| {
        run(&folder, &[arguments, &["--password-file", password]].concat())
    };
    expect(&with(&["key", "export", "key", "-o", "locked"], "password"), 0);
    let locked = fs::read_to_string(folder.join("locked")).unwrap();
    assert!(locked.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{locked}");
    let import = ["key", "import", "locked", "-o", "again"];
    expect_said(&run(&folder, &import), 2, "it is encrypted; name the file with its password");
    expect_said(&with(&import, "wrong"), 2, "locked: the password is wrong");
    expect(&run(&folder, &["key", "export", "key", "-o", "plain"]), 0);
    expect(&run(&folder, &["key", "export", "key", "--format", "jwk", "-o", "jwk"]), 0);
    for open in ["plain", "jwk"] {
        let needless = with(&["key", "import", open, "-o", "again"], "password");
        expect_said(&needless, 2, "it is not encrypted; leave --password-file out");
    }
    expect(&with(&import, "password"), 0);
    assert_eq!(fs::read(folder.join("again")).unwrap(), fs::read(folder.join("key")).unwrap());
}

/// An encrypted key may lie open, its password may not.
#[test]
fn secrets_that_lie_open_are_warned_of() {
    let folder = key_folder("key-open", Suite::Ed25519);
    write_private(&folder.join("password"), b"correct horse\n");
    let locked = ["--password-file", "password"];
    expect(&run(&folder, &["key", "export", "key", "-o", "plain"]), 0);
    expect(&run(&folder, &[&["key", "export", "key", "-o", "locked"][..], &locked].concat()), 0);
    let import = |file| run(&folder, &["key", "import", file, "-o", "again", "--force"]);
    let import_locked =
        || run(&folder, &[&["key", "import", "locked", "-o", "-"][..], &locked].concat());
    let open = |file: &str| {
        fs::set_permissions(folder.join(file), fs::Permissions::from_mode(0o644)).unwrap();
    };
    expect(&import("plain"), 0);
    open("plain");
    expect_said(&import("plain"), 0, "plain holds a secret key and is open to others");
    expect_said(&run(&folder, &["key", "inspect", "plain"]), 0, "plain holds a secret key");
    open("locked");
    assert_eq!(stderr(&import_locked()), "");
    open("password");
    assert!(stderr(&import_locked()).contains("password holds a password and is open to others"));
    expect(&run(&folder, &["key", "export", "public", "-o", "public.pem", "--public"]), 0);
    expect(&import("public.pem"), 0);
}

/// An ML-DSA private key without its seed comes and goes as it is; a JWK has room for a seed only.
#[test]
fn an_expanded_key_signs_and_has_no_jwk() {
    let folder = key_folder("key-expanded", Suite::MlDsa44);
    let material = fs::read(folder.join("key")).unwrap()[HEADER_SIZE..].try_into().unwrap();
    let expanded = libcrux_ml_dsa::ml_dsa_44::generate_key_pair(material).signing_key;
    let key = signing::import(Suite::MlDsa44, Kind::Expanded, Usage::Framed, expanded.as_slice());
    let pem = encode(&key.unwrap(), Encoding::Pem, None).unwrap();
    write_private(&folder.join("theirs.pem"), &pem);
    expect(&run(&folder, &["key", "import", "theirs.pem", "-o", "expanded"]), 0);
    let mode = fs::metadata(folder.join("expanded")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let told = expect_json(&run(&folder, &["inspect", "expanded", "--json"]), 0);
    assert_eq!((&told["suite"], &told["kind"]), (&"ml-dsa-44".into(), &"expanded".into()));
    let told = expect_json(&run(&folder, &["key", "inspect", "theirs.pem", "--json"]), 0);
    assert_eq!(told["kind"], "expanded");
    expect(&run(&folder, &["sign", "--key", "key", "payload", "-o", "of-seed"]), 0);
    expect(&run(&folder, &["sign", "--key", "expanded", "payload", "-o", "of-expanded"]), 0);
    let signature = |name| fs::read(folder.join(name)).unwrap();
    assert_eq!(signature("of-seed"), signature("of-expanded"));
    expect(&run(&folder, &["public", "expanded", "-o", "its-public"]), 0);
    assert_eq!(signature("its-public"), signature("public"));
    expect(&run(&folder, &["key", "export", "expanded", "-o", "again.pem"]), 0);
    assert_eq!(signature("again.pem"), *pem);
    expect_said(&run(&folder, &["key", "export", "expanded", "--format", "jwk"]), 2, "seed");
}

#[test]
fn the_jwk_examples_of_the_standards_are_read() {
    let folder = folder("key-jwk");
    let import = ["key", "import", "-", "--raw", "-o", "-"];
    let secret = run_with(&folder, &import, RFC_8037.as_bytes()).stdout;
    let public = signing::public_key(&secret).unwrap();
    assert_eq!(
        hex(Key::parse(&public).unwrap().material),
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    );
    let hmac = run_with(&folder, &import, RFC_7517.as_bytes()).stdout;
    let hmac = Key::parse(&hmac).unwrap();
    assert_eq!((hmac.suite, hmac.usage), (Suite::HmacSha256, Usage::Raw));
    assert_eq!(hmac.material.len(), 64);
    for broken in [
        RFC_8037.replace("11qY", "11qZ"),
        RFC_8037.replace("nWGx", "nWG="),
        RFC_8037.replace("Ed25519", "X25519"),
        RFC_7517.replace("oct", "RSA"),
        "{}".into(),
        "{".into(),
    ] {
        expect(&run_with(&folder, &import, broken.as_bytes()), 2);
    }
}

#[test]
fn inspect_shows_everything_but_the_secret() {
    let folder = key_folder("key-inspect", Suite::Ed25519);
    let key = signing::keygen(Suite::Ed25519, 1);
    let material = Key::parse(&key).unwrap().material;
    expect(&run(&folder, &["key", "export", "key", "-o", "theirs.pem"]), 0);
    let found: Value = expect_json(&run(&folder, &["key", "inspect", "theirs.pem", "--json"]), 0);
    assert_eq!(found["form"], "pem");
    assert_eq!(found["suite"], "ed25519");
    assert_eq!(found["kind"], "secret");
    assert_eq!(found["key_id"], format!("{:016x}", signing::key_id(&key).unwrap()));
    let text = expect(&run(&folder, &["key", "inspect", "theirs.pem"]), 0);
    assert!(text.contains("ed25519") && !text.contains(&hex(material)), "{text}");
    let public = run(&folder, &["key", "export", "key", "--public"]).stdout;
    let found: Value =
        expect_json(&run_with(&folder, &["key", "inspect", "-", "--json"], &public), 0);
    assert_eq!(found["kind"], "public");
}

/// A key id is of key bytes, and those say what the key is for.
#[test]
fn inspect_shows_the_id_for_each_usage_that_the_key_can_have() {
    let folder = folder("key-inspect-usage");
    let inspect = ["key", "inspect", "-", "--json"];
    for (text, is_ever_framed) in [(RFC_8037, true), (RFC_7517, false)] {
        let found: Value = expect_json(&run_with(&folder, &inspect, text.as_bytes()), 0);
        for (name, option, is_there) in
            [("raw_key_id", &["--raw"][..], true), ("key_id", &[], is_ever_framed)]
        {
            let import = [&["key", "import", "-", "-o", "-"], option].concat();
            let imported = run_with(&folder, &import, text.as_bytes()).stdout;
            let id = signing::key_id(&imported).map(|id| format!("{id:016x}"));
            assert_eq!((found[name].as_str(), id.is_ok()), (id.as_deref().ok(), is_there));
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_a_remedy() {
    let folder = key_folder("key-wrong", Suite::HmacSha256);
    fs::write(folder.join("password"), "abc").unwrap();
    // PBES2 of AES-256-CBC and PBKDF2 with HMAC-SHA1, as openssl 1.0 wrote it.
    let convert = "openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -v2 aes-256-cbc \
                   -v2prf hmacWithSHA1 -passout pass:abc -out old.pem";
    let converted = Command::new("sh").args(["-c", convert]).current_dir(&folder).status();
    assert!(converted.unwrap().success());
    let inspect = ["key", "inspect", "old.pem", "--password-file", "password"];
    expect_said(&run(&folder, &inspect), 2, "SHA-2");
    fs::write(folder.join("theirs.pem"), "-----BEGIN EC PRIVATE KEY-----\n").unwrap();
    expect_said(&run(&folder, &["key", "inspect", "theirs.pem"]), 2, "is none of ours");
    expect_said(&run(&folder, &["inspect", "theirs.pem"]), 2, "`tinywindow key inspect` reads PEM");
    let import = ["key", "import", "-", "-o", "x"];
    expect_said(&run_with(&folder, &import, b"no key"), 2, "standard input");
    expect_said(&run_with(&folder, &import, &[b'a'; 20_000]), 2, "length");
    expect(&run(&folder, &["key", "export", "absent"]), 2);
}

/// What was asked for is said again, with the reason why there is no such thing.
#[test]
fn a_form_that_a_key_cannot_have_is_refused_with_the_reason() {
    let jwk = "--format jwk";
    let (openssh, pem) = ("--format openssh", "--format pem");
    for (suite, asked, said) in [
        (Suite::HmacSha256, pem, "PKCS#8 has no HMAC keys; write --format jwk"),
        (
            Suite::HmacSha256,
            openssh,
            "an OpenSSH line holds a public Ed25519 key; write --format jwk",
        ),
        (Suite::HmacSha256, "--format jwk --password-file password", "no JWK is encrypted here"),
        (Suite::Ed25519, openssh, "an OpenSSH line holds a public key; add --public"),
        (
            Suite::Ed25519,
            "--format openssh --public --password-file password",
            "a public key is not encrypted",
        ),
        (
            Suite::Ed25519,
            "--format pem --public --password-file password",
            "a public key is not encrypted",
        ),
        (Suite::Ed25519, "--format jwk --password-file password", "no JWK is encrypted here"),
        (Suite::MlDsa65, "--format openssh --public", "OpenSSH has Ed25519 alone of our suites"),
        (Suite::MlDsa65Ed25519, jwk, "no JWK of a composite key is defined; write --format pem"),
    ] {
        let folder = key_folder("key-form", suite);
        write_private(&folder.join("password"), b"correct horse\n");
        let export = [vec!["key", "export", "key"], asked.split(' ').collect()].concat();
        let typed = asked.trim_end_matches(" password");
        expect_said(&run(&folder, &export), 2, &format!("key: no {typed}: {said}"));
    }
    let folder = key_folder("key-form", Suite::HmacSha256);
    let public = run(&folder, &["key", "export", "key", "--public", "--format", "jwk"]);
    expect_said(&public, 2, "HMAC-SHA256 has no public key; leave --public out");
}

/// `tests/python/test_interchange.py` does what is advised.
#[test]
fn a_private_key_of_openssh_is_told_from_what_is_locked_otherwise() {
    let folder = folder("key-openssh-private");
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n\
               -----END OPENSSH PRIVATE KEY-----\n";
    write_private(&folder.join("theirs"), pem.as_bytes());
    write_private(&folder.join("password"), b"correct horse\n");
    let import = ["key", "import", "theirs", "-o", "ours"];
    let locked = [&import[..], &["--password-file", "password"]].concat();
    for arguments in [&import[..], &locked] {
        let output = run(&folder, arguments);
        expect_said(&output, 2, "OpenSSH's form of a private key is not read");
        assert!(!stderr(&output).contains("openssl"), "{}", stderr(&output));
    }
}
