//! `journal`: what was signed is held against what is there; proofs hold without the journal.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use serde_json::Value;
use tinywindow::journal::{
    self, Batch, FileJournal, InclusionProof, Journal, Kind, Notary, Record, merkle,
};
use tinywindow::signing::{self, Suite, Usage};
use tinywindow::{Error, Gateway};

use crate::blocks::blocks;
use crate::rechain::rechain;
use crate::{BINARY, expect, expect_json, expect_said, folder, hex, run, stderr};

pub const ORIGIN: &str = "example.com/desk-1";
pub const KEYS: [&str; 2] = ["ed25519", "ml-dsa-44"];
/// The smallest there are.
pub const SEGMENT: u64 = 64 * 1024;

/// A folder with keys `ed25519.key`, `ml-dsa-44.key`, their public halves, and a signed journal of
/// a replayed flow, `orders.twj`.
pub fn signed(name: &str) -> PathBuf {
    let folder = folder(&format!("journal-{name}"));
    for suite in KEYS {
        let (key, public) = (format!("{suite}.key"), format!("{suite}.pub"));
        expect(&run(&folder, &["keygen", "--raw", "--suite", suite, "-o", &key]), 0);
        expect(&run(&folder, &["public", &key, "-o", &public]), 0);
    }
    let config = expect(&run(&folder, &["replay", "--events", "400", "--print-config"]), 0);
    let keys = format!(
        "path = \"replay.twj\"\ncheckpoint_origin = \"{ORIGIN}\"\n\
         checkpoint_keys = [\"ed25519.key\", \"ml-dsa-44.key\"]\ncheckpoint_records = 500"
    );
    fs::write(folder.join("signed.toml"), config.replace("path = \"replay.twj\"", &keys)).unwrap();
    replay(&folder, "400", "orders.twj");
    expect(&run(&folder, &["journal", "checkpoint", "orders.twj", "-o", "checkpoint"]), 0);
    folder
}

fn replay(folder: &Path, events: &str, journal: &str) {
    let arguments = ["replay", "--events", events, "--config", "signed.toml", "--journal", journal];
    expect(&run(folder, &arguments), 0);
}

/// How an event begins that ends with a frame's signature.
const DECIDED: u8 = 7;

pub const SIGNED: [&str; 4] = ["--key", "ed25519.pub", "--key", "ml-dsa-44.pub"];

pub fn verify(folder: &Path, journal: &str, more: &[&str]) -> Output {
    run(folder, &[&["journal", "verify", journal, "--json"], more].concat())
}

/// With the keys and the older checkpoint.
fn verify_against(folder: &Path, journal: &str, checkpoint: &str) -> Output {
    verify(folder, journal, &[&SIGNED[..], &["--checkpoint", checkpoint]].concat())
}

/// The payloads of a journal's events.
pub fn events(folder: &Path, journal: &str) -> Vec<Vec<u8>> {
    let mut events = Vec::new();
    let each = |record: &Record<'_>| {
        if record.kind == Kind::Event {
            events.push(record.payload.to_vec());
        }
        Ok(())
    };
    journal::read(&folder.join(journal), each).unwrap();
    events
}

/// Writes a journal as the library does: checksums, chain and batches are good. With keys in these
/// files it is signed by them.
fn write(folder: &Path, journal: &str, events: &[Vec<u8>], keys: &[&str]) {
    write_as(ORIGIN, folder, journal, events, keys);
}

fn write_as(origin: &str, folder: &Path, journal: &str, events: &[Vec<u8>], keys: &[&str]) {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| fs::read(folder.join(key)).unwrap()).collect();
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let day = Duration::from_secs(86_400);
    let notary = (!keys.is_empty()).then(|| Notary::new(origin, &keys, 500, day).unwrap());
    let path = folder.join(journal);
    let mut journal = FileJournal::open_signed(&path, SEGMENT, notary, |_| Ok(())).unwrap();
    // A batch of each event: no gateway makes more records of them, however it was timed.
    for (number, payload) in events.iter().enumerate() {
        let mut batch = Batch::default();
        batch.push(|out| out.extend(payload));
        journal.append(&batch, number % 64 == 63).unwrap();
    }
    journal.seal().unwrap();
}

/// Keys of somebody else's, as files.
fn others_keys(folder: &Path) -> [String; 2] {
    KEYS.map(|suite| {
        let key = format!("other-{suite}.key");
        expect(&run(folder, &["keygen", "--raw", "--suite", suite, "-o", &key]), 0);
        key
    })
}

#[test]
fn a_signed_journal_holds_against_its_keys_and_every_older_checkpoint() {
    let folder = signed("whole");
    let found = expect_json(&verify(&folder, "orders.twj", &SIGNED), 0);
    let number = |name: &str| found[name].as_u64().unwrap_or_else(|| panic!("{name}: {found}"));
    assert!(number("checkpoint_count") >= 2, "{found}");
    // The checkpoint, its commit and the seal are behind it.
    assert_eq!(number("signed_number") + 3, number("last_number"));
    let found = expect_json(&verify_against(&folder, "orders.twj", "checkpoint"), 0);
    assert_eq!(found["is_as_signed"], true);
    let text = expect(&run(&folder, &["journal", "verify", "orders.twj"]), 0);
    assert_eq!(text.lines().last(), Some("valid"));
    let shown = expect(&run(&folder, &["journal", "show", "orders.twj", "--json"]), 0);
    let lines = shown.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let checkpoints: Vec<Value> = lines.filter(|line| line["event"] == "checkpoint").collect();
    assert_eq!(checkpoints.len() as u64, number("checkpoint_count"));
    assert_eq!(checkpoints[0]["origin"], ORIGIN);
    let text = fs::read_to_string(folder.join("checkpoint")).unwrap();
    let root = checkpoints.last().unwrap()["root"].as_str().unwrap();
    assert_eq!(text.lines().nth(2), Some(root));
}

/// Changes the events and writes the journal again, with good checksums and a good chain:
/// signed by another key under the same name, and not signed at all.
fn assert_forgery_is_found(name: &str, change: impl Fn(&mut Vec<Vec<u8>>)) {
    let folder = signed(name);
    let mut events = events(&folder, "orders.twj");
    change(&mut events);
    let keys = others_keys(&folder);
    for (journal, keys) in
        [("others.twj", &keys.each_ref().map(|key| &key[..])[..]), ("bare.twj", &[])]
    {
        write(&folder, journal, &events, keys);
        expect(&verify(&folder, journal, &[]), 0);
        expect_objection(&verify(&folder, journal, &SIGNED), "checkpoint");
        expect_objection(&verify(&folder, journal, &SIGNED[..2]), "checkpoint");
        expect_objection(&verify_against(&folder, journal, "checkpoint"), "go back to a good copy");
    }
}

#[test]
fn swapped_records_are_found() {
    assert_forgery_is_found("swapped", |events| events.swap(200, 205));
}

#[test]
fn a_deleted_record_is_found() {
    assert_forgery_is_found("deleted", |events| drop(events.remove(205)));
}

#[test]
fn an_inserted_record_is_found() {
    assert_forgery_is_found("inserted", |events| events.insert(205, events[200].clone()));
}

#[test]
fn a_record_that_was_changed_and_signed_again_is_found() {
    assert_forgery_is_found("changed", |events| {
        let decided = events.iter_mut().find(|event| event[0] == DECIDED).unwrap();
        *decided.last_mut().unwrap() ^= 1;
    });
}

#[test]
fn a_record_changed_under_the_gateways_checkpoints_is_corruption_with_or_without_a_key() {
    let folder = signed("under");
    let shown = expect(&run(&folder, &["journal", "show", "orders.twj", "--json"]), 0);
    let entry = |event| {
        let lines = shown.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.into_iter().find(|line| line["event"] == event).unwrap()
    };
    let segment = folder.join("orders.twj/00000000000000000001.twj");
    let mut bytes = fs::read(&segment).unwrap();
    let at = entry("decided")["offset"].as_u64().unwrap() as usize;
    let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
    bytes[at + 24 + length - 1] ^= 1;
    rechain(&mut bytes);
    fs::write(&segment, bytes).unwrap();
    for keys in [&[][..], &SIGNED] {
        let output = verify(&folder, "orders.twj", keys);
        expect_objection(&output, "is corrupt at byte");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["corrupt_at"]["offset"], entry("checkpoint")["offset"], "{found}");
    }
}

#[test]
fn a_journal_without_checkpoints_is_whole_and_nobodys() {
    let folder = signed("nobodys");
    write(&folder, "same.twj", &events(&folder, "orders.twj"), &[]);
    expect(&verify(&folder, "same.twj", &[]), 0);
    expect_objection(&verify(&folder, "same.twj", &SIGNED), "no checkpoint");
}

/// Not as it was signed, and this is said.
pub fn expect_objection(output: &Output, said: &str) {
    let said_why: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
    let why = said_why["error"].as_str().unwrap_or_else(|| panic!("{}", stderr(output)));
    assert!(why.contains(said), "{why}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_journal_rewritten_with_the_gateways_own_key_differs_from_an_older_checkpoint() {
    let folder = signed("rewritten");
    let mut events = events(&folder, "orders.twj");
    let decided = events.iter_mut().rev().find(|event| event[0] == DECIDED).unwrap();
    *decided.last_mut().unwrap() ^= 1;
    write(&folder, "forged.twj", &events, &["ed25519.key", "ml-dsa-44.key"]);
    expect(&verify(&folder, "forged.twj", &SIGNED), 0);
    expect_objection(&verify_against(&folder, "forged.twj", "checkpoint"), "rewritten");
}

#[test]
fn a_journal_rolled_back_is_shorter_than_an_older_checkpoint() {
    let folder = signed("rolled-back");
    let events = events(&folder, "orders.twj");
    let keys = ["ed25519.key", "ml-dsa-44.key"];
    write(&folder, "day.twj", &events[..events.len() / 2], &keys);
    copy(&folder, "day.twj", "before.twj");
    write(&folder, "day.twj", &events[events.len() / 2..], &keys);
    expect(&run(&folder, &["journal", "checkpoint", "day.twj", "-o", "evening"]), 0);
    expect(&run(&folder, &["journal", "checkpoint", "before.twj", "-o", "noon"]), 0);
    expect(&verify_against(&folder, "day.twj", "noon"), 0);
    expect(&verify(&folder, "before.twj", &SIGNED), 0);
    expect_objection(&verify_against(&folder, "before.twj", "evening"), "rolled back");
}

#[test]
fn a_checkpoint_of_another_journal_accuses_nobody() {
    let folder = signed("another");
    let events = events(&folder, "orders.twj");
    let keys = ["ed25519.key", "ml-dsa-44.key"];
    write_as("example.com/desk-2", &folder, "theirs.twj", &events[..events.len() / 2], &keys);
    expect(&run(&folder, &["journal", "checkpoint", "theirs.twj", "-o", "of-theirs"]), 0);
    // One checkpoint is of fewer records than the journal has, and one of more.
    for (journal, checkpoint) in [("orders.twj", "of-theirs"), ("theirs.twj", "checkpoint")] {
        let output = verify_against(&folder, journal, checkpoint);
        expect_json_error(&output, "of another journal");
        let said = stderr(&output);
        assert!(said.contains("desk-1") && said.contains("desk-2"), "{said}");
        assert!(!said.contains("who could write"), "{said}");
    }
}

#[test]
fn newest_segments_that_were_removed_are_missed() {
    let folder = signed("segments");
    let once = events(&folder, "orders.twj");
    let events = [&once[..], &once, &once].concat();
    write(&folder, "day.twj", &events, &["ed25519.key", "ml-dsa-44.key"]);
    expect(&run(&folder, &["journal", "checkpoint", "day.twj", "-o", "evening"]), 0);
    let mut segments: Vec<PathBuf> = fs::read_dir(folder.join("day.twj"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // Not `next.twj`, which is one to be.
        .filter(|path| path.file_name().unwrap().as_encoded_bytes()[0].is_ascii_digit())
        .collect();
    segments.sort();
    assert!(segments.len() > 3);
    // The last one may have been begun for nothing but what closing says: nobody has signed that.
    segments.drain(..segments.len() - 2);
    segments.iter().for_each(|segment| fs::remove_file(segment).unwrap());
    expect(&verify(&folder, "day.twj", &[]), 0);
    expect_objection(&verify_against(&folder, "day.twj", "evening"), "newest segments are gone");
}

#[test]
fn a_checkpoint_that_the_key_did_not_sign_says_nothing() {
    let folder = signed("checkpoint");
    let note = fs::read_to_string(folder.join("checkpoint")).unwrap();
    let size = note.lines().nth(1).unwrap();
    fs::write(folder.join("smaller"), note.replacen(size, "7", 1)).unwrap();
    expect_objection(&verify_against(&folder, "orders.twj", "smaller"), "says nothing");
    let [other, _] = others_keys(&folder);
    let key = ["--key", &other, "--checkpoint", "checkpoint"];
    expect_objection(&verify(&folder, "orders.twj", &key), "says nothing");
    // Without a key it is only text; a framed key signs none.
    expect_json_error(&verify(&folder, "orders.twj", &["--checkpoint", "checkpoint"]), "--key");
    expect(&run(&folder, &["keygen", "--suite", "ed25519", "-o", "framed.key"]), 0);
    let framed = verify(&folder, "orders.twj", &["--key", "framed.key"]);
    expect_json_error(&framed, "keygen --raw");
    expect_json_error(&verify_against(&folder, "orders.twj", "signed.toml"), "no checkpoint");
}

fn expect_json_error(output: &Output, said: &str) {
    assert!(stderr(output).contains(said), "{}", stderr(output));
    assert_eq!(output.status.code(), Some(2));
}

fn copy(folder: &Path, from: &str, to: &str) {
    fs::create_dir(folder.join(to)).unwrap();
    for entry in fs::read_dir(folder.join(from)).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), folder.join(to).join(entry.file_name())).unwrap();
    }
}

/// An accepted order that traded, by the journal itself.
fn traded(folder: &Path) -> Value {
    let shown = expect(&run(folder, &["journal", "show", "orders.twj", "--json"]), 0);
    let lines: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let trade = lines.iter().find(|line| line["exec_type"] == "Trade").unwrap();
    let decided =
        |line: &&Value| line["event"] == "decided" && line["order_id"] == trade["order_id"];
    lines.iter().find(decided).unwrap().clone()
}

#[test]
fn an_order_is_proved_without_the_journal() {
    let folder = signed("proof");
    let decided = traded(&folder);
    let order = decided["order_id"].to_string();
    expect(&run(&folder, &["journal", "prove", "orders.twj", &order, "-o", "proof"]), 0);
    let [session, client] = ["session_id", "client_order_id"].map(|name| decided[name].to_string());
    let by_name = ["--session", &session, "--client-order", &client];
    let same = run(&folder, &[&["journal", "prove", "orders.twj"], &by_name[..]].concat());
    assert_eq!(expect(&same, 0), fs::read_to_string(folder.join("proof")).unwrap());

    fs::rename(folder.join("orders.twj"), folder.join("gone.twj")).unwrap();
    let check = [&["journal", "check-proof", "proof", "--json"], &SIGNED[..]].concat();
    let proved = expect_json(&run(&folder, &check), 0);
    assert_eq!(proved["origin"], ORIGIN);
    let records = proved["records"].as_array().unwrap();
    assert!(records.len() >= 3, "decision, new, trade: {proved}");
    for name in ["number", "event", "time", "symbol", "price", "quantity", "accepted", "key_id"] {
        assert_eq!(records[0][name], decided[name], "{name}");
    }
    assert!(records.iter().all(|record| record["order_id"] == decided["order_id"]));
    let text =
        expect(&run(&folder, &[&["journal", "check-proof", "proof"], &SIGNED[..]].concat()), 0);
    assert_eq!(text.lines().last(), Some(&*format!("proved: {} records", records.len())));
    expect_said(&run(&folder, &["journal", "check-proof", "proof"]), 2, "--key");
    let since =
        [&["journal", "check-proof", "proof", "--from", "checkpoint"], &SIGNED[..]].concat();
    expect_said(&run(&folder, &since), 2, "a proof of records; leave --from out");
    for inspect in [&["inspect"][..], &["key", "inspect"]] {
        let of = |file| run(&folder, &[inspect, &[file]].concat());
        expect_said(&of("proof"), 2, "proof is a proof; `tinywindow journal check-proof`");
        expect_said(&of("checkpoint"), 2, "checkpoint is a checkpoint; `tinywindow journal verify");
    }
}

#[test]
fn no_byte_of_a_proof_can_change() {
    let folder = signed("proof-bytes");
    let order = traded(&folder)["order_id"].to_string();
    let proof = expect(&run(&folder, &["journal", "prove", "orders.twj", &order]), 0);
    let keys = SIGNED.iter().filter(|argument| argument.ends_with(".pub"));
    let keys: Vec<_> = keys
        .map(|key| journal::CheckpointKey::new(&fs::read(folder.join(key)).unwrap()).unwrap())
        .collect();
    let proves = |text: &str| {
        let proofs = InclusionProof::parse_all(text);
        proofs.is_some_and(|proofs| proofs.iter().all(|proof| proof.verify(&keys).is_ok()))
    };
    assert!(proves(&proof));
    for at in (0..proof.len()).step_by(13) {
        let mut changed = proof.clone().into_bytes();
        changed[at] ^= 1;
        assert!(!String::from_utf8(changed).is_ok_and(|text| proves(&text)), "byte {at}");
    }
    for length in (0..proof.len()).step_by(331) {
        let cut = String::from_utf8_lossy(&proof.as_bytes()[..length]).into_owned();
        let is_whole_parts = length > 0 && proof[length..].starts_with("c2sp.org/tlog-proof@v1\n");
        assert!(is_whole_parts || !proves(&cut), "{length} bytes");
    }
}

#[test]
fn what_cannot_be_proved_is_said() {
    let folder = signed("unproved");
    let absent = run(&folder, &["journal", "prove", "orders.twj", "1000000"]);
    expect_said(&absent, 2, "no such order");
    let events = events(&folder, "orders.twj");
    write(&folder, "unsigned.twj", &events, &[]);
    let unsigned = run(&folder, &["journal", "prove", "unsigned.twj", "1"]);
    expect_said(&unsigned, 2, "no checkpoint");
    expect_said(&run(&folder, &["journal", "checkpoint", "unsigned.twj"]), 2, "no checkpoint");
    let half = events.len() / 2;
    write(&folder, "day.twj", &events[..half], &["ed25519.key", "ml-dsa-44.key"]);
    write(&folder, "day.twj", &events[half..], &[]);
    let found = expect_json(&verify(&folder, "day.twj", &SIGNED), 0);
    assert!(found["signed_number"].as_u64() < found["last_number"].as_u64(), "{found}");
    let newest = found["events"]["decided"].to_string();
    let newest = run(&folder, &["journal", "prove", "day.twj", &newest]);
    expect_said(&newest, 2, "newer than the newest checkpoint");
}

#[test]
fn that_a_journal_only_grew_is_proved_without_it() {
    let folder = signed("growth");
    let events = events(&folder, "orders.twj");
    let keys = ["ed25519.key", "ml-dsa-44.key"];
    write(&folder, "day.twj", &events[..70], &keys);
    expect(&run(&folder, &["journal", "checkpoint", "day.twj", "-o", "morning"]), 0);
    write(&folder, "day.twj", &events[70..], &keys);
    let prove = ["journal", "prove", "day.twj", "--from", "morning", "-o", "since"];
    expect(&run(&folder, &prove), 0);
    let check = |from| {
        let check = ["journal", "check-proof", "since", "--from", from, "--json"];
        run(&folder, &[&check[..], &SIGNED].concat())
    };
    let proved = expect_json(&check("morning"), 0);
    assert!(proved["from_size"].as_u64() < proved["size"].as_u64(), "{proved}");
    let check_text = ["journal", "check-proof", "since", "--from", "morning"];
    let text = expect(&run(&folder, &[&check_text[..], &SIGNED].concat()), 0);
    let (old, new) = (&proved["from_size"], &proved["size"]);
    let grew = format!("proved: the first {old} of {new} records are the same");
    assert_eq!(text.lines().last(), Some(&*grew));
    let alone = run(&folder, &[&["journal", "check-proof", "since"], &SIGNED[..]].concat());
    expect_said(&alone, 2, "name the checkpoint from which with --from");
    expect_objection(&check("checkpoint"), "proves nothing");
    write(&folder, "other.twj", &events[1..], &keys);
    let other = ["journal", "prove", "other.twj", "--from", "morning"];
    expect_said(&run(&folder, &other), 1, "rewritten");
}

#[test]
fn what_the_page_does_by_hand_runs_as_it_is_printed() {
    let folder = signed("by-hand");
    fs::remove_file(folder.join("checkpoint")).unwrap();
    let recipe = blocks("docs/JOURNAL.md", "sh");
    let ours = Path::new(BINARY).parent().unwrap().display();
    let output = Command::new("sh")
        .args(["-euc", &recipe.concat()])
        .current_dir(&folder)
        .env("PATH", format!("{ours}:{}", env::var("PATH").unwrap()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Signature Verified Successfully"), "{said}");
    let proof = fs::read_to_string(folder.join("1.tlog-proof")).unwrap();
    let leaf = &InclusionProof::parse_all(&proof).unwrap()[0].leaf;
    assert!(said.contains(&hex(&merkle::leaf_hash(leaf))), "{said}");
}

/// The example of C2SP's signed-note: a verifier key that Go's tools take.
#[test]
fn keys_are_told_as_other_tools_take_them() {
    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let folder = folder("journal-vkey");
    let key = Base64::decode_vec(VKEY.rsplit('+').next().unwrap()).unwrap();
    let public = signing::import(Suite::Ed25519, signing::Kind::Public, Usage::Raw, &key[1..]);
    fs::write(folder.join("log.pub"), public.unwrap()).unwrap();
    let vkey = |origin| run(&folder, &["journal", "vkey", origin, "log.pub"]);
    assert_eq!(expect(&vkey("example.com/foo"), 0), format!("{VKEY}\n"));
    expect_said(&vkey("example.com/a+b"), 2, "none of them a +");
}

#[test]
fn a_key_that_signs_orders_signs_no_checkpoints() {
    let folder = signed("both-usages");
    expect(&run(&folder, &["key", "export", "ed25519.pub", "-o", "trader.pem"]), 0);
    expect(&run(&folder, &["key", "import", "trader.pem", "-o", "trader.pub"]), 0);
    let config = fs::read_to_string(folder.join("signed.toml")).unwrap();
    let config = config.replacen("[[sessions]]", "[[sessions]]\nkeys = [\"trader.pub\"]", 1);
    // From where the files are.
    let config = ["ed25519.key", "ml-dsa-44.key", "trader.pub", "replay.twj"].iter().fold(
        config,
        |config, name| {
            config.replace(&format!("\"{name}\""), &format!("\"{}\"", folder.join(name).display()))
        },
    );
    assert_eq!(Gateway::open(&config).err(), Some(Error::Conflict));
    let others = config.replace("trader.pub", "ed25519.pub");
    assert_eq!(Gateway::open(&others).err(), Some(Error::KeyUsage), "a raw key signs no order");
}

#[test]
fn every_suite_of_a_raw_key_is_made_and_only_two_sign_checkpoints() {
    let folder = folder("journal-raw-keys");
    for suite in Suite::ALL {
        let name = suite.name();
        expect(&run(&folder, &["keygen", "--raw", "--suite", name, "-o", name]), 0);
        let found = expect_json(&run(&folder, &["inspect", name, "--json"]), 0);
        assert_eq!(found["usage"], "raw");
    }
}

#[test]
fn what_is_made_of_a_journal_overwrites_nothing_without_force() {
    let folder = signed("no-overwriting");
    for make in [
        &["journal", "checkpoint", "orders.twj"][..],
        &["journal", "prove", "orders.twj", "1"],
        &["journal", "export", "orders.twj", "--format", "csv"],
    ] {
        fs::write(folder.join("kept"), "evidence").unwrap();
        let to_file = [make, &["-o", "kept"]].concat();
        expect_said(&run(&folder, &to_file), 2, "kept is there already");
        assert_eq!(fs::read(folder.join("kept")).unwrap(), b"evidence");
        expect(&run(&folder, &[&to_file[..], &["--force"]].concat()), 0);
        let made = fs::read_to_string(folder.join("kept")).unwrap();
        assert_eq!(made, expect(&run(&folder, make), 0));
    }
}
