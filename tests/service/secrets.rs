//! Nothing that the daemon says has a part of a key in it, and no core dump either.

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::process::Command;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tinywindow::service::proto::encryption::{KeygenRequest, SignRequest, VerifyRequest};
use tinywindow::service::proto::execution::PreTradeCheckRequest;
use tinywindow::signing::{HEADER_SIZE, Suite, keygen, sign};
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::calls::{LOCAL, REMOTE, get, reflected, send};
use crate::client::Caller;
use crate::cores::{crash, gcore, leaves_cores_here};
use crate::daemon::{Daemon, IN_FILE, MUTUAL_TLS, config, folder, reports_key, session_key};
use crate::orders::{frame, frame_of};
use crate::search::Secrets;
use crate::skip::skipped;

/// Of a key that callers have the daemon make and use.
fn seed() -> u64 {
    u64::from_le_bytes(*keygen(Suite::HmacSha256, 777)[HEADER_SIZE..].first_chunk().unwrap())
}

/// Of one more suite, and with two halves.
fn treasury_key() -> Vec<u8> {
    keygen(Suite::MlDsa65Ed25519, 200).to_vec()
}

/// A daemon that holds it too, at this address.
fn start(folder: &Path, listen: &str) -> Daemon {
    fs::write(folder.join("treasury.key"), treasury_key()).unwrap();
    let text = config(&(listen.to_owned() + MUTUAL_TLS), IN_FILE);
    Daemon::start(folder, &text.replace("'reports.pub'", "'reports.pub', 'treasury.key'"))
}

fn callers_key() -> Vec<u8> {
    keygen(Suite::Ed25519, seed()).to_vec()
}

/// The keys that the daemon holds as long as it runs.
fn held() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add_key("session 1", &session_key(1));
    secrets.add_key("session 2", &session_key(2));
    secrets.add_key("reports.key", &reports_key());
    secrets.add_key("treasury.key", &treasury_key());
    secrets
}

/// These, the callers' and the one of its certificate.
fn all(folder: &Path) -> Secrets {
    /// Before the scalar of an ECPrivateKey (RFC 5915): version 1, then an octet string of 32.
    const BEFORE_SCALAR: [u8; 5] = [2, 1, 1, 4, 32];
    let mut secrets = held();
    secrets.add_seed("seed of a caller", seed());
    secrets.add_key("key of a caller", &callers_key());
    let file = folder.join("service.key");
    let der = PrivateKeyDer::from_pem_file(&file).unwrap();
    let der = der.secret_der();
    let at = der.windows(5).position(|bytes| bytes == BEFORE_SCALAR).unwrap() + 5;
    let mut scalar = der[at..at + 32].to_vec();
    secrets.add("key of the certificate", &scalar);
    // As numbers lie in memory.
    scalar.reverse();
    secrets.add("key of the certificate", &scalar);
    secrets
}

/// Everything that was answered.
#[derive(Default)]
struct Answers(String);

impl Answers {
    /// Message, metadata and status, as they come.
    fn take(&mut self, answer: impl Debug) {
        self.0.push_str(&format!("{answer:?}\n"));
    }
}

/// Each method, well and badly.
async fn call_everything(caller: Caller<'_>, daemon: &Daemon) -> String {
    let mut answers = Answers::default();
    use_keys(caller, daemon.port, &mut answers).await;
    send_orders(caller, daemon.port, &mut answers).await;
    let channel = caller.channel(daemon.port).await.unwrap();
    ask_around(channel, &mut answers).await;
    for page in ["/metrics", "/", "/metrics?key=session-1.key"] {
        answers.take(get(daemon.metrics_port, page));
    }
    answers.0
}

async fn use_keys(caller: Caller<'_>, port: u16, answers: &mut Answers) {
    let mut client = caller.encryption(port).await;
    for suite in [2, 99] {
        let answer = client.keygen(KeygenRequest { seed: seed(), suite }).await;
        // The one answer that is a key; its Debug is not.
        answers.take(&answer);
        if let Ok(made) = answer {
            assert_eq!(made.into_inner().key, callers_key());
        }
    }
    let signature = sign(&reports_key(), b"payload").unwrap();
    let cut = callers_key()[..20].to_vec();
    for (key, key_id) in [
        (callers_key(), ""),
        (cut, ""),
        (vec![], "reports.key"),
        (vec![], "reports.pub"),
        (vec![], "treasury.key"),
        (vec![], "session-1.key"),
        (callers_key(), "reports.key"),
        (vec![], ""),
    ] {
        for context in [None, Some(b"firm/report".to_vec()), Some(b"tinywindow/".to_vec())] {
            let (key, key_id, payload) = (key.clone(), key_id.to_owned(), b"payload".to_vec());
            let sign = SignRequest { key, key_id, payload, context };
            let SignRequest { key, key_id, payload, context } = sign.clone();
            let signature = signature.to_vec();
            let verify = VerifyRequest { key, key_id, payload, signature, context };
            answers.take((&sign, &verify));
            answers.take(client.sign(sign).await);
            answers.take(client.verify(verify).await);
        }
    }
}

async fn send_orders(caller: Caller<'_>, port: u16, answers: &mut Answers) {
    let mut client = caller.execution(port).await;
    let first = frame(1, 1);
    let mut forged = frame(1, 2);
    *forged.last_mut().unwrap() ^= 1;
    for order_payload in [
        first.clone(),
        first,
        forged,
        frame_of(1, 3, 1000, &session_key(1)),
        frame_of(1, 4, 1, &session_key(2)),
        frame(2, 1),
        frame(2, 2),
        // A key where an order should be.
        callers_key(),
    ] {
        let check = PreTradeCheckRequest { order_payload: order_payload.clone() };
        answers.take(client.pre_trade_check(check).await);
        answers.take(client.send_order(send(order_payload)).await);
    }
}

async fn ask_around(channel: Channel, answers: &mut Answers) {
    let mut health = HealthClient::new(channel.clone());
    for service in ["", "tinywindow.encryption.EncryptionService", "reports.key"] {
        let service = service.to_owned();
        answers.take(health.check(HealthCheckRequest { service: service.clone() }).await);
        match health.watch(HealthCheckRequest { service }).await {
            Ok(mut watched) => answers.take(watched.get_mut().message().await),
            refused => answers.take(refused),
        }
    }
    answers.take(reflected(channel).await);
}

#[tokio::test]
async fn nothing_that_it_says_has_a_part_of_a_key() {
    for (name, listen) in [("said-local", LOCAL), ("said-remote", REMOTE)] {
        let folder = folder(name);
        let daemon = start(&folder, listen);
        let mut said = call_everything(Caller::new(&folder, "desk-1"), &daemon).await;
        let answers = said.lines().count();
        assert!(answers > 80, "{answers}");
        // `stop` finds that nothing is on the standard error.
        let log = daemon.stop().await;
        assert!(log.len() > 20, "{log:?}");
        log.iter().for_each(|line| said.push_str(&format!("{line}\n")));
        let secrets = all(&folder);
        let found = secrets.found_in(said.as_bytes());
        assert!(found.is_empty(), "{found:?} in {said}");
    }
}

/// A copy of its memory has what others keep there: see SECURITY.md.
#[tokio::test]
async fn a_crash_leaves_no_core_dump() {
    const NAME: &str = "service::secrets::a_crash_leaves_no_core_dump";
    if !leaves_cores_here() {
        return skipped(NAME, "this machine's core dumps go elsewhere (core_pattern)");
    }
    let folder = folder("crash");
    let mut other = Command::new("sleep").arg("60").current_dir(&folder).spawn().unwrap();
    assert!(crash(&mut other, &folder).is_some(), "others leave one");
    let mut daemon = start(&folder, LOCAL);
    call_everything(Caller::new(&folder, "desk-1"), &daemon).await;
    assert!(crash(&mut daemon.child, &folder).is_none());
}

/// Not even root's debugger, which may dump it all the same, finds a key that the daemon holds.
#[tokio::test]
async fn keys_that_it_holds_are_in_guarded_memory_alone() {
    const NAME: &str = "service::secrets::keys_that_it_holds_are_in_guarded_memory_alone";
    let folder = folder("dumped");
    let daemon = start(&folder, LOCAL);
    call_everything(Caller::new(&folder, "desk-1"), &daemon).await;
    let Some(dump) = gcore(daemon.child.id(), &folder) else {
        return skipped(NAME, "only root may attach gdb");
    };
    let (secrets, held) = (all(&folder), held());
    let found = secrets.found_in(&dump);
    // What a caller sent shows that the search finds what is there.
    assert!(found.contains(&"key of a caller"), "{found:?}");
    assert!(held.found_in(&dump).is_empty(), "{found:?}");
}
