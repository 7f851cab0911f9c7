//! The `tinywindow` command, driven as its users do.

mod archive;
#[path = "../support/blocks.rs"]
mod blocks;
mod export;
mod flow;
mod inspect;
mod interchange;
mod journal;
mod keys;
mod manual;
mod readme;
#[path = "../support/rechain.rs"]
mod rechain;
mod replay;
#[path = "../support/skipped.rs"]
mod skipped;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tinywindow::signing::{self, Suite};

const BINARY: &str = env!("CARGO_BIN_EXE_tinywindow");

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn run_with(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .current_dir(folder)
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A command that does not read its input closes the pipe: nothing to complain of.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    run_with(folder, arguments, b"")
}

/// Checks the exit code; gives the standard output. What goes wrong is said on the standard error,
/// by name, and nothing else is.
fn expect(output: &Output, code: i32) -> String {
    let stderr = stderr(output);
    match code {
        2 => assert!(stderr.starts_with("tinywindow: "), "{stderr}"),
        _ => assert_eq!(stderr, ""),
    }
    stdout(output, code)
}

/// Checks the exit code, and that the standard error says this; gives the standard output.
fn expect_said(output: &Output, code: i32, said: &str) -> String {
    let stderr = stderr(output);
    assert!(stderr.starts_with("tinywindow: ") && stderr.contains(said), "{stderr}");
    stdout(output, code)
}

fn stdout(output: &Output, code: i32) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = stderr(output);
    assert_eq!(output.status.code(), Some(code), "stdout: {stdout}\nstderr: {stderr}");
    assert!(!stdout.contains('\x1b'), "colour without a terminal: {stdout}");
    stdout
}

fn expect_json(output: &Output, code: i32) -> Value {
    serde_json::from_str(&expect(output, code)).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Files `key`, `public` (what verifies) and `payload`.
fn key_folder(name: &str, suite: Suite) -> PathBuf {
    let folder = folder(&format!("{name}-{}", suite.name()));
    let key = signing::keygen(suite, 1);
    let verifies = signing::public_key(&key).unwrap_or_else(|_| key.to_vec());
    write_private(&folder.join("key"), &key);
    write_private(&folder.join("public"), &verifies);
    fs::write(folder.join("payload"), b"a payload").unwrap();
    folder
}

/// As a key file must be: nobody else may read it.
fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_command_has_help_with_examples() {
    let folder = folder("help");
    let commands: [&[&str]; 16] = [
        &["keygen"],
        &["public"],
        &["sign"],
        &["verify"],
        &["inspect"],
        &["journal", "show"],
        &["journal", "verify"],
        &["journal", "checkpoint"],
        &["journal", "vkey"],
        &["journal", "prove"],
        &["journal", "check-proof"],
        &["journal", "export"],
        &["config", "check"],
        &["replay"],
        &["flow"],
        &["completions"],
    ];
    for command in commands {
        let help = expect(&run(&folder, &[command, &["--help"]].concat()), 0);
        assert!(help.contains("Examples:\n  tinywindow"), "{command:?}: {help}");
    }
    let help = expect(&run(&folder, &["--help"]), 0);
    assert!(help.contains("Exit codes:"), "{help}");
    let version = expect(&run(&folder, &["--version"]), 0);
    assert_eq!(version, format!("tinywindow {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = folder("usage");
    for wrong in [&[][..], &["sing"], &["keygen"], &["flow", "--events", "many"]] {
        expect(&run(&folder, wrong), 2);
    }
    let suite = run(&folder, &["keygen", "--suite", "rot13", "-o", "key"]);
    expect(&suite, 2);
    assert!(stderr(&suite).contains("hmac-sha256, ed25519"), "{}", stderr(&suite));
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let mut child = Command::new(BINARY)
        .args(["flow", "--events", "100000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(stderr(&output), "");
}

#[test]
fn with_json_errors_are_json_too() {
    let folder = folder("json-errors");
    let wrong: [&[&str]; 3] = [
        &["inspect", "absent", "--json"],
        &["replay", "absent.csv", "--json"],
        &["verify", "--json"],
    ];
    for arguments in wrong {
        let output = run(&folder, arguments);
        assert_eq!(stdout(&output, 2), "");
        let said: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(said["error"].as_str().unwrap().len() > 10, "{said}");
    }
    let file_of_that_name = run(&folder, &["inspect", "--", "--json"]);
    expect_said(&file_of_that_name, 2, "--json");
}
