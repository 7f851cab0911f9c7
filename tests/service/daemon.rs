//! A daemon in a process of its own, in a folder of its own, with keys and certificates.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tinywindow::signing::{Suite, keygen, public_key};

pub const BINARY: &str = env!("CARGO_BIN_EXE_tinywindow");

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The secret key of a session, from its number: HMAC-SHA256.
pub fn session_key(session_id: u64) -> Vec<u8> {
    keygen(Suite::HmacSha256, session_id).to_vec()
}

/// The secret key `reports.key`.
pub fn reports_key() -> Vec<u8> {
    keygen(Suite::Ed25519, 100).to_vec()
}

/// An empty folder with certificates and keys.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("service-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service/certificates.sh");
    assert!(Command::new(script).arg(&folder).status().unwrap().success());
    for session_id in [1, 2] {
        let name = format!("session-{session_id}.key");
        fs::write(folder.join(name), session_key(session_id)).unwrap();
    }
    fs::write(folder.join("reports.key"), reports_key()).unwrap();
    fs::write(folder.join("reports.pub"), public_key(&reports_key()).unwrap()).unwrap();
    folder
}

pub const MUTUAL_TLS: &str =
    "certificate = 'service.pem'\nprivate_key = 'service.key'\nclient_ca = 'ca.pem'\n";

/// Sessions 1 and 2 and one instrument, with these lines in `[service]` and these tables besides.
pub fn config(service: &str, tables: &str) -> String {
    format!(
        "{tables}
        [venue]
        kind = 'paper'
        [gateway]
        max_orders = 10_000
        memory_lock = 'preferred'
        [[sessions]]
        id = 1
        keys = ['session-1.key']
        burst = 1000
        [[sessions]]
        id = 2
        keys = ['session-2.key']
        burst = 1
        per_second = 1
        [[instruments]]
        symbol = 'AAPL'
        tick = '0.01'
        lot = 1
        max_quantity = 100
        max_notional = 'unlimited'
        max_position = 'unlimited'
        collar_percent = 'unlimited'
        [service]
        metrics_listen = '127.0.0.1:0'
        keys = ['reports.key', 'reports.pub']
        {service}"
    )
}

pub const IN_MEMORY: &str = "journal.kind = 'memory'\n";
pub const IN_FILE: &str = "journal = { kind = 'file', path = 'orders.twj' }\n";

pub struct Daemon {
    pub child: Child,
    lines: Receiver<Value>,
    seen: Vec<Value>,
    reader: Option<JoinHandle<()>>,
    pub port: u16,
    pub metrics_port: u16,
}

fn spawn(folder: &Path, config: &str) -> Child {
    fs::write(folder.join("service.toml"), config).unwrap();
    Command::new(BINARY)
        .args(["serve", "service.toml"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the daemon says when it does not start.
pub fn start_fails(folder: &Path, config: &str) -> String {
    let output = spawn(folder, config).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// What `config check` says of a configuration that is not valid.
pub fn check_fails(folder: &Path, config: &str) -> String {
    fs::write(folder.join("service.toml"), config).unwrap();
    let mut command = Command::new(BINARY);
    let output = command.args(["config", "check", "service.toml"]).current_dir(folder).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

impl Daemon {
    pub fn start(folder: &Path, config: &str) -> Daemon {
        let mut child = spawn(folder, config);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        let reader = std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // Every line is one object, whatever happens.
                let line = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
                let _ = sender.send(line);
            }
        });
        let (reader, seen) = (Some(reader), Vec::new());
        let mut daemon = Daemon { child, lines, seen, reader, port: 0, metrics_port: 0 };
        daemon.metrics_port = daemon.port_in("metrics");
        daemon.port = daemon.port_in("serving");
        daemon
    }

    fn port_in(&mut self, event: &str) -> u16 {
        let line = self.wait_for(event);
        let address = line["address"].as_str().unwrap();
        address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// The next line with this event.
    pub fn wait_for(&mut self, event: &str) -> Value {
        self.wait_until(event, |line| line["event"] == event)
    }

    /// The next connection that is refused for this reason.
    pub fn wait_for_refusal(&mut self, why: &str) {
        self.wait_until(why, |line| {
            line["event"] == "connection refused" && line["why"].as_str().unwrap().contains(why)
        });
    }

    fn wait_until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline - Instant::now()) {
            self.seen.push(line.clone());
            if is_it(&line) {
                return line;
            }
        }
        let mut stderr = String::new();
        let _ = self.child.kill();
        let _ = self.child.stderr.take().unwrap().read_to_string(&mut stderr);
        panic!("nothing of {what}: {:?}\n{stderr}", self.seen);
    }

    /// Bytes of memory it has.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// How the daemon ended, and everything it said. Does not hold up the test's own connections.
    pub async fn wait(self) -> (ExitStatus, Vec<Value>, String) {
        tokio::task::spawn_blocking(|| self.wait_here()).await.unwrap()
    }

    fn wait_here(mut self) -> (ExitStatus, Vec<Value>, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the daemon does not stop");
            std::thread::sleep(Duration::from_millis(5));
        };
        self.reader.take().unwrap().join().unwrap();
        let mut seen = std::mem::take(&mut self.seen);
        seen.extend(self.lines.try_iter());
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status, seen, stderr)
    }

    /// Stops it as an operator does; it must not complain.
    pub async fn stop(self) -> Vec<Value> {
        self.signal("TERM");
        let (status, seen, stderr) = self.wait().await;
        assert!(status.success(), "{status}: {stderr}");
        assert_eq!(stderr, "");
        assert_eq!(seen.last().unwrap()["event"], "stopped");
        seen
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
