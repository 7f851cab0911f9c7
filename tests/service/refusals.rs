//! Who does not come in.

use std::process::{Command, Stdio};

use rustls::{NamedGroup, ProtocolVersion};
use tinywindow::service::proto::encryption::VerifyRequest;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::client::{Caller, plain};
use crate::daemon::{Daemon, IN_MEMORY, MUTUAL_TLS, check_fails, config, folder, start_fails};

fn mutual_tls() -> String {
    format!("listen = '0.0.0.0:0'\n{MUTUAL_TLS}")
}

async fn works(caller: Caller<'_>, port: u16) -> bool {
    match caller.channel(port).await {
        Ok(channel) => {
            HealthClient::new(channel).check(HealthCheckRequest::default()).await.is_ok()
        }
        Err(_) => false,
    }
}

#[tokio::test]
async fn tls_is_1_3_with_a_post_quantum_key_exchange() {
    let folder = folder("version");
    let daemon = Daemon::start(&folder, &config(&mutual_tls(), IN_MEMORY));
    let stream = Caller::new(&folder, "desk-1").connect(daemon.port).await.unwrap();
    let connection = stream.get_ref().1;
    assert_eq!(connection.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let group = connection.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), NamedGroup::X25519MLKEM768);
    assert_eq!(connection.alpn_protocol(), Some(&b"h2"[..]));
    drop(stream);
    daemon.stop().await;
}

/// Whether OpenSSL's client completes a handshake of this version, and what it prints.
fn openssl(folder: &std::path::Path, port: u16, version: &str) -> (bool, String) {
    let output = Command::new("openssl")
        .args(["s_client", version, "-alpn", "h2", "-CAfile", "ca.pem", "-verify_return_error"])
        .args(["-cert", "desk-1.pem", "-key", "desk-1.key", "-servername", "service.example"])
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let folder = folder("tls-1-2");
    let daemon = Daemon::start(&folder, &config(&mutual_tls(), IN_MEMORY));
    let (connected, printed) = openssl(&folder, daemon.port, "-tls1_2");
    assert!(!connected, "{printed}");
    assert!(printed.contains("alert protocol version"), "{printed}");
    // The same client with the next version: it is the version that is refused.
    let (connected, printed) = openssl(&folder, daemon.port, "-tls1_3");
    assert!(connected && printed.contains("TLSv1.3"), "{printed}");
    daemon.stop().await;
}

#[tokio::test]
async fn only_certificates_of_the_client_ca_come_in() {
    let folder = folder("certificates");
    let mut daemon = Daemon::start(&folder, &config(&mutual_tls(), IN_MEMORY));
    let good = Caller::new(&folder, "desk-1");
    assert!(works(good, daemon.port).await);
    for (certificate, why) in [
        (Some("foreign"), "UnknownIssuer"),
        (Some("expired"), "certificate expired"),
        (None, "peer sent no certificates"),
    ] {
        let caller = Caller { certificate, ..good };
        assert!(!works(caller, daemon.port).await, "{certificate:?}");
        daemon.wait_for_refusal(why);
        assert!(works(good, daemon.port).await, "after {certificate:?}");
    }
    // And the caller does not talk to just any service.
    assert!(!works(Caller { ca: "other-ca", ..good }, daemon.port).await);
    daemon.stop().await;
}

#[tokio::test]
async fn plain_callers_are_refused_where_there_is_tls() {
    let folder = folder("plain");
    let mut daemon = Daemon::start(&folder, &config(&mutual_tls(), IN_MEMORY));
    if let Ok(channel) = plain(daemon.port).await {
        assert!(HealthClient::new(channel).check(HealthCheckRequest::default()).await.is_err());
    }
    daemon.wait_for("connection refused");
    assert!(works(Caller::new(&folder, "desk-1"), daemon.port).await);
    daemon.stop().await;
}

#[test]
fn a_daemon_without_certificates_does_not_start_off_loopback() {
    let folder = folder("no-start");
    for service in [
        "listen = '0.0.0.0:0'\n",
        "listen = '0.0.0.0:0'\ncertificate = 'service.pem'\nprivate_key = 'service.key'\n",
    ] {
        let error = start_fails(&folder, &config(service, IN_MEMORY));
        assert!(error.contains("off loopback callers need certificates"), "{error}");
    }
    // The check before the start says as much, and where.
    for (file, instead, why) in [
        ("'service.pem'", "'absent.pem'", "absent.pem: "),
        ("'service.pem'", "'service.key'", "service.key: there is no certificate in it"),
        ("'service.key'", "'absent.key'", "absent.key: "),
        ("'service.key'", "'service.pem'", "service.pem: there is no private key in it"),
        ("client_ca = 'ca.pem'", "client_ca = 'absent.pem'", "absent.pem: "),
        ("client_ca = 'ca.pem'", "client_ca = 'ca.key'", "ca.key: there is no certificate in it"),
        ("'service.key'", "'desk-1.key'", "desk-1.key: it is not the certificate's key"),
        ("'reports.pub'", "'absent.key'", "key absent.key: there is no key with this id"),
    ] {
        let good = config(&mutual_tls(), IN_MEMORY);
        let text = good.replace(file, instead);
        let error = start_fails(&folder, &text);
        assert!(error.contains(why), "{instead}: {error}");
        if why.contains(" no key with this id") {
            continue;
        }
        let is_changed = |(before, after)| before != after;
        let line = good.lines().zip(text.lines()).position(is_changed).unwrap() + 1;
        let error = check_fails(&folder, &text);
        assert!(error.starts_with(&format!("service.toml:{line}:")), "{line}: {error}");
        assert!(error.contains(why) && error.contains("; name a PEM file"), "{error}");
    }
    let error = start_fails(&folder, "journal.kind = 'memory'\nvenue.kind = 'paper'\n");
    assert!(error.contains("no [service]"), "{error}");
}

#[tokio::test]
async fn without_a_client_ca_loopback_callers_need_no_certificate() {
    let folder = folder("server-tls");
    let service = "listen = '127.0.0.1:0'\ncertificate = 'service.pem'\n\
                   private_key = 'service.key'\n";
    let daemon = Daemon::start(&folder, &config(service, IN_MEMORY));
    let caller = Caller { certificate: None, ..Caller::new(&folder, "desk-1") };
    let request = VerifyRequest { key_id: "reports.key".to_owned(), ..Default::default() };
    let answer = caller.encryption(daemon.port).await.verify(request).await.unwrap();
    assert!(!answer.into_inner().valid);
    daemon.stop().await;
}

#[tokio::test]
async fn a_wildcard_stands_for_no_peer() {
    let folder = folder("wildcard");
    let peer = "[[peers]]\ncertificate = 'desk-1.firm.example'\nsessions = [1]\n";
    let mut daemon = Daemon::start(&folder, &config(&(mutual_tls() + peer), IN_MEMORY));
    assert!(!works(Caller::new(&folder, "any-desk"), daemon.port).await);
    daemon.wait_for_refusal("the certificate is of no peer");
    assert!(works(Caller::new(&folder, "desk-1"), daemon.port).await);
    daemon.stop().await;
}
