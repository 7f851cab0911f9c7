//! A core dump of a process in the middle of its work has nothing of a key in it.
//!
//! The script wipes what is a caller's own, so that whatever is found is the library's.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use tinywindow::Gateway;
use tinywindow::custody::{FileKeys, KeyProvider, MemoryKeys, SecureSigner};
use tinywindow::interchange::{Encoding, decode, encode};
use tinywindow::order::Order;
use tinywindow::signing::{
    Context, HEADER_SIZE, Kind, Signer, Suite, Usage, Verifier, import, key_id, keygen,
    keygen_from_entropy, sign, verify,
};
use zeroize::Zeroizing;

use crate::cores::{crash, gcore, leaves_cores_here};
use crate::desk::{PATIENCE, buy, config, named, sell};
use crate::search::{Secrets, expanded};
use crate::seen::turn;

/// The test runs itself again, in a folder with the keys, as the process that is dumped.
const THIS_TEST: &str = "core_dump::nothing_of_a_key_is_in_a_core_dump";
const CHILD: &str = "TINYWINDOW_TEST_CORE_DUMP";
/// What the process says when it is to be dumped.
const AT_WORK: &str = "at work";

/// File name, suite, usage of what the process holds. The last one it leaves lying about, and the one
/// before comes without its seed.
const KEYS: [(&str, Suite, Usage); 7] = [
    ("desk.key", Suite::HmacSha256, Usage::Framed),
    ("reports.key", Suite::Ed25519, Usage::Framed),
    ("venue.key", Suite::HmacSha256, Usage::Raw),
    ("trader.key", Suite::MlDsa65, Usage::Framed),
    ("treasury.key", Suite::MlDsa65Ed25519, Usage::Framed),
    (EXPANDED, Suite::MlDsa87, Usage::Framed),
    ("planted.key", Suite::HmacSha256, Usage::Framed),
];

const EXPANDED: &str = "expanded.key";

#[test]
fn nothing_of_a_key_is_in_a_core_dump() {
    if std::env::var_os(CHILD).is_some() {
        return be_dumped();
    }
    let _turn = turn();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("core-dump");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let secrets = write_secrets(&folder);
    let dump = core_dump(start(&folder), &folder).expect("gdb may dump a process of ours");
    // What is left in ordinary memory on purpose shows that the search finds what is there.
    assert_eq!(secrets.found_in(&dump), ["planted.key"]);
}

/// What the process is to hold or make, each in a file of the folder: computed here, so that it is
/// not in the program, of which some dumps have a copy.
fn write_secrets(folder: &Path) -> Secrets {
    let secret = |number| keygen(Suite::HmacSha256, number)[HEADER_SIZE..].to_vec();
    let mut secrets = Secrets::default();
    for (number, (name, suite, usage)) in (1..).zip(KEYS) {
        let material = [secret(number), secret(number + 50)].concat();
        let size = suite.secret_key_size() - HEADER_SIZE;
        let material = &material[..size];
        let key = match name {
            EXPANDED => import(suite, Kind::Expanded, usage, &expanded(suite, material)).unwrap(),
            _ => import(suite, Kind::Secret, usage, material).unwrap(),
        };
        fs::write(folder.join(name), &key).unwrap();
        secrets.add_key(name, &key);
    }
    let (seed, entropy) = (&secret(101)[..8], &secret(102)[..]);
    fs::write(folder.join("seed"), seed).unwrap();
    fs::write(folder.join("entropy"), entropy).unwrap();
    let password = secret(103);
    fs::write(folder.join("password"), &password).unwrap();
    secrets.add("password", &password);
    let seed = u64::from_le_bytes(seed.try_into().unwrap());
    secrets.add_seed("seed", seed);
    secrets.add("entropy", entropy);
    for &suite in Suite::ALL {
        let of_entropy = keygen_from_entropy(suite, entropy.try_into().unwrap());
        secrets.add_key("key of a seed", &keygen(suite, seed));
        secrets.add_key("key of entropy", &of_entropy);
    }
    secrets
}

/// The process, when it has done its work and waits.
fn start(folder: &Path) -> Child {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", THIS_TEST])
        .env(CHILD, "")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(process.stdout.take().unwrap());
    assert!(stdout.lines().any(|line| line.unwrap() == AT_WORK), "the process ended");
    process
}

/// The dump of a crash or, where the kernel puts that elsewhere, one that gdb makes alike.
fn core_dump(mut process: Child, folder: &Path) -> Option<Vec<u8>> {
    if leaves_cores_here() {
        return crash(&mut process, folder);
    }
    let dump = gcore(process.id(), folder);
    process.kill().unwrap();
    process.wait().unwrap();
    dump
}

fn be_dumped() {
    let planted = FileKeys.get_key("planted.key").unwrap();
    make_keys();
    let (held, prepared) = hold_keys();
    let gateway = trade(&prepared[0].0);
    println!("\n{AT_WORK}");
    let _ = std::io::stdin().read(&mut [0]);
    drop((gateway, held, prepared, planted));
}

/// Keys that are made, used and dropped.
fn make_keys() {
    let seed = Zeroizing::new(fs::read("seed").unwrap());
    let entropy = Zeroizing::new(fs::read("entropy").unwrap());
    for &suite in Suite::ALL {
        let seed = u64::from_le_bytes(seed[..].try_into().unwrap());
        let entropy = entropy[..].try_into().unwrap();
        for key in [keygen(suite, seed), keygen_from_entropy(suite, entropy)] {
            let signature = sign(&key, b"payload").unwrap();
            assert!(verify(&key, b"payload", &signature));
            assert!(!verify(&key, b"another", &signature));
            assert!(sign(&key[1..], b"payload").is_err());
            key_id(&key).unwrap();
            if suite.public_key_size().is_some() {
                write_and_read(&key);
            }
        }
    }
}

/// In the forms that other tools know, encrypted and not.
fn write_and_read(key: &[u8]) {
    let password = Zeroizing::new(fs::read("password").unwrap());
    for password in [None, Some(&password[..])] {
        for encoding in [Encoding::Der, Encoding::Pem] {
            let encoded = encode(key, encoding, password).unwrap();
            assert_eq!(*decode(Usage::Framed, &encoded, password).unwrap(), *key);
            let cut = &encoded[..encoded.len() - 9];
            assert!(decode(Usage::Framed, cut, password).is_err());
        }
    }
}

/// Keys that stay: in a store, and prepared.
fn hold_keys() -> (MemoryKeys, Vec<(Signer, Verifier)>) {
    let held = MemoryKeys::new();
    let mut prepared = Vec::new();
    for (name, ..) in &KEYS[..KEYS.len() - 1] {
        let key = FileKeys.get_key(name).unwrap();
        held.store_key(name, &key).unwrap();
        held.store_key(name, &key).unwrap_err();
        held.get_key(name).unwrap();
        let signature = held.sign_secure(name, b"payload").unwrap();
        let (signer, verifier) = (Signer::new(&key).unwrap(), Verifier::new(&key).unwrap());
        verifier.verify(Context::Payload, b"payload", &signature).unwrap();
        assert_eq!(signer.sign(Context::Payload, b"payload").unwrap()[..], signature);
        prepared.push((signer, verifier));
    }
    (held, prepared)
}

/// A gateway whose session has an HMAC key, with orders sent, refused and forged.
fn trade(desk: &Signer) -> Gateway {
    let text = config(&[("journal.kind", "'file'"), ("journal.path", "'orders.twj'")]);
    let text = text.replacen("id = 1\n", "id = 1\nkeys = ['desk.key']\n", 1);
    let gateway = Gateway::open(&text).unwrap();
    for number in 1..=20 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let order = if number % 2 == 0 { buy(100, number) } else { sell(101, 1) };
        let order = Order { sequence: number, sending_time: now, ..named(number, order) };
        let mut frame = crate::desk::sign(desk, &order);
        assert!(gateway.send(&frame, PATIENCE).unwrap().accepted);
        *frame.last_mut().unwrap() ^= 1;
        gateway.pre_trade_check(&frame).unwrap_err();
    }
    gateway
}
