//! `keygen`, `public`, `sign`, `verify`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tinywindow::signing::{self, Kind, Suite, Usage};

use crate::skipped::skipped;
use crate::{
    BINARY, expect, expect_json, expect_said, folder, hex, key_folder, run, run_with, stderr,
    stdout,
};

#[test]
fn a_key_file_is_its_owners_alone_and_is_not_overwritten() {
    let folder = folder("keygen");
    let path = folder.join("trader.key");
    let text = expect(&run(&folder, &["keygen", "-o", "trader.key"]), 0);
    assert!(text.starts_with("trader.key: secret key, hmac-sha256, key id "), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let first = fs::read(&path).unwrap();

    let again = run(&folder, &["keygen", "-o", "trader.key"]);
    expect(&again, 2);
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    assert_eq!(fs::read(&path).unwrap(), first);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    expect(&run(&folder, &["keygen", "-o", "trader.key", "--force"]), 0);
    let second = fs::read(&path).unwrap();
    assert_ne!(second, first, "two keys from the operating system's entropy are equal");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "something was left beside the key");
}

#[test]
fn a_seed_gives_the_librarys_key() {
    let folder = folder("seed");
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let key = run(&folder, &["keygen", "--suite", suite.name(), "--seed", "7", "-o", "-"]);
        assert_eq!(key.status.code(), Some(0));
        assert_eq!(key.stdout, signing::keygen(suite, 7)[..]);
    }
}

#[test]
fn a_secret_is_not_written_to_a_terminal() {
    let folder = folder("terminal");
    let command = format!("{BINARY} keygen -o -");
    let script = Command::new("script").args(["-qec", &command, "/dev/null"]).output();
    let Ok(output) = script else {
        return skipped("a_secret_is_not_written_to_a_terminal", "there is no `script` command");
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("not written to a terminal"), "{text}");
    assert_eq!(output.status.code(), Some(2));
    drop(folder);
}

#[test]
fn signatures_verify_in_every_form() {
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let folder = key_folder("sign", suite);
        let expected = tinywindow::sign(&signing::keygen(suite, 1), b"a payload").unwrap();
        let text = expect(&run(&folder, &["sign", "--key", "key", "payload"]), 0);
        assert_eq!(text, hex(&expected) + "\n");
        let json =
            expect_json(&run_with(&folder, &["sign", "--key", "key", "--json"], b"a payload"), 0);
        assert_eq!(json["signature"], hex(&expected));
        assert_eq!(json["suite"], suite.name());
        expect(&run(&folder, &["sign", "--key", "key", "payload", "-o", "signature"]), 0);
        assert_eq!(fs::read(folder.join("signature")).unwrap(), expected);

        let by_text = ["verify", "--key", "public", "--signature", text.trim(), "-"];
        let by_file = ["verify", "--key", "public", "--signature-file", "signature", "payload"];
        assert!(expect(&run_with(&folder, &by_text, b"a payload"), 0).starts_with("valid"));
        expect(&run(&folder, &by_file), 0);
        assert!(expect(&run_with(&folder, &by_text, b"A payload"), 1).starts_with("not valid"));
        let json = expect_json(&run_with(&folder, &[&by_text[..], &["--json"]].concat(), b""), 1);
        assert_eq!(json["valid"], false);
    }
}

#[test]
fn a_context_is_part_of_the_signature() {
    let folder = key_folder("context", Suite::Ed25519);
    let sign = ["sign", "--key", "key", "--context", "reports", "payload"];
    let signature = expect(&run(&folder, &sign), 0);
    let verify = |context: &[&str]| {
        let verify = ["verify", "--key", "public", "--signature", signature.trim(), "payload"];
        run(&folder, &[&verify[..], context].concat())
    };
    expect(&verify(&["--context", "reports"]), 0);
    expect(&verify(&["--context", "orders"]), 1);
    expect(&verify(&[]), 1);
    let reserved = verify(&["--context", "tinywindow/v1/order"]);
    expect(&reserved, 2);
    assert!(stderr(&reserved).contains("1 to 60 bytes"), "{}", stderr(&reserved));
}

#[test]
fn what_is_no_key_or_no_signature_is_bad_input() {
    let folder = key_folder("bad", Suite::HmacSha256);
    let wrong: [&[&str]; 7] = [
        &["sign", "--key", "payload", "payload"],
        &["sign", "--key", "absent", "payload"],
        &["sign", "--key", "-", "-"],
        &["public", "key"],
        &["verify", "--key", "key", "payload"],
        &["verify", "--key", "key", "--signature", "0x12", "payload"],
        &["verify", "--key", "key", "--signature", "00", "absent"],
    ];
    for arguments in wrong {
        expect(&run(&folder, arguments), 2);
    }
    expect_said(&run(&folder, wrong[0]), 2, "`tinywindow key import` makes one of PEM");
}

#[test]
fn the_public_key_is_written_as_text_bytes_and_json() {
    let folder = key_folder("public", Suite::Ed25519);
    let public = fs::read(folder.join("public")).unwrap();
    assert_eq!(expect(&run(&folder, &["public", "key"]), 0), hex(&public) + "\n");
    expect(&run(&folder, &["public", "key", "-o", "copy"]), 0);
    assert_eq!(fs::read(folder.join("copy")).unwrap(), public);
    let secret = fs::read(folder.join("key")).unwrap();
    let json = expect_json(&run_with(&folder, &["public", "-", "--json"], &secret), 0);
    assert_eq!(json["public_key"], hex(&public));
}

#[test]
fn hmac_has_no_public_key_and_a_public_key_does_not_sign() {
    let folder = key_folder("kind", Suite::HmacSha256);
    let output = run(&folder, &["public", "key"]);
    assert_eq!(expect(&output, 2), "");
    assert_eq!(stderr(&output), "tinywindow: key: HMAC-SHA256 has no public key\n");
    let folder = key_folder("kind", Suite::Ed25519);
    expect_said(&run(&folder, &["sign", "--key", "public", "payload"]), 2, "its secret key");
}

#[test]
fn a_secret_key_that_others_can_read_is_warned_of() {
    let folder = key_folder("open", Suite::Ed25519);
    let mode = |name: &str, mode| {
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let sign = ["sign", "--key", "key", "payload"];
    mode("public", 0o644);
    expect(&run(&folder, &["inspect", "public"]), 0);
    let signature = expect(&run(&folder, &sign), 0);
    for open in [0o604, 0o640] {
        mode("key", open);
        assert_eq!(expect_said(&run(&folder, &sign), 0, "chmod 600 key"), signature);
    }
    let json = run(&folder, &[&sign[..], &["--json"]].concat());
    stdout(&json, 0);
    let said: serde_json::Value = serde_json::from_slice(&json.stderr).unwrap();
    assert!(said["warning"].as_str().unwrap().contains("chmod 600 key"), "{said}");
}

#[test]
fn nothing_is_written_over_unless_that_is_wanted_and_a_source_never_is() {
    let folder = key_folder("over", Suite::Ed25519);
    fs::write(folder.join("there"), b"something").unwrap();
    std::os::unix::fs::symlink("payload", folder.join("alias")).unwrap();
    let content = |name: &str| fs::read(folder.join(name)).unwrap();
    let before = ["key", "payload"].map(content);
    for command in [&["sign", "--key", "key", "payload"][..], &["public", "key"]] {
        let to = |output: &[&str]| run(&folder, &[command, &["-o"], output].concat());
        expect_said(&to(&["there"]), 2, "--force");
        assert_eq!(content("there"), b"something");
        expect(&to(&["key"]), 2);
        expect_said(&to(&["key", "--force"]), 2, "read from");
        expect(&to(&["there", "--force"]), 0);
        assert_ne!(content("there"), b"something");
        fs::write(folder.join("there"), b"something").unwrap();
        expect(&to(&["/dev/null"]), 0);
    }
    for payload in ["payload", "alias"] {
        let sign = ["sign", "--key", "key", "payload", "--force", "-o", payload];
        expect_said(&run(&folder, &sign), 2, "read from");
    }
    assert_eq!(["key", "payload"].map(content), before);
}

#[test]
fn a_signature_of_the_bare_payload_is_not_valid_and_told_why() {
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let folder = key_folder("bare", suite);
        let raw = signing::import(suite, Kind::Secret, Usage::Raw, &signing::keygen(suite, 1)[8..]);
        let signature = hex(&tinywindow::sign(&raw.unwrap(), b"a payload").unwrap());
        let verify = |payload: &[u8]| {
            let verify = ["verify", "--key", "public", "--signature", &signature, "-"];
            run_with(&folder, &verify, payload)
        };
        expect_said(&verify(b"a payload"), 1, "hint: it is valid for the bare input");
        assert_eq!(stderr(&verify(b"A payload")), "", "no hint where it is valid for nothing");
    }
}

#[test]
fn whoever_verifies_with_a_secret_key_learns_that_the_public_one_is_enough() {
    let folder = key_folder("needless", Suite::Ed25519);
    let signature = expect(&run(&folder, &["sign", "--key", "key", "payload"]), 0);
    let with =
        |key| run(&folder, &["verify", "--key", key, "--signature", signature.trim(), "payload"]);
    assert!(expect_said(&with("key"), 0, "warning: key is a secret key").starts_with("valid"));
    assert_eq!(stderr(&with("public")), "");
    let folder = key_folder("needed", Suite::HmacSha256);
    let signature = expect(&run(&folder, &["sign", "--key", "key", "payload"]), 0);
    let verify = ["verify", "--key", "key", "--signature", signature.trim(), "payload"];
    assert_eq!(stderr(&run(&folder, &verify)), "", "HMAC has no other");
}

#[test]
fn what_can_be_no_signature_of_the_key_is_not_valid_and_told_why() {
    let folder = key_folder("foreign", Suite::Ed25519);
    let signature = expect(&run(&folder, &["sign", "--key", "key", "payload"]), 0);
    fs::write(folder.join("text"), &signature).unwrap();
    let verify = |how: &[&str], why: &str| {
        let output = run(&folder, &[&["verify", "--key", "public", "payload"], how].concat());
        assert!(expect_said(&output, 1, why).starts_with("not valid"));
    };
    verify(&["--signature", &signature.trim()[2..]], "64 bytes, this one has 63");
    verify(&["--signature", &"00".repeat(32)], "like those of hmac-sha256");
    verify(&["--signature-file", "text"], "pass them with --signature");
}
