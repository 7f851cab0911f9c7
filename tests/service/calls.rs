//! Every method, and what each caller learns.

use std::io::{Read, Write};
use std::net::TcpStream;

use tinywindow::service::proto::encryption::{KeygenRequest, SignRequest, VerifyRequest};
use tinywindow::service::proto::execution::{PreTradeCheckRequest, SendOrderRequest};
use tinywindow::signing::{self, Context, Suite, keygen};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::client::Caller;
use crate::daemon::{Daemon, IN_MEMORY, MUTUAL_TLS, config, folder, reports_key, session_key};
use crate::orders::{frame, frame_of};
use crate::promtool::assert_promtool_accepts;

pub const LOCAL: &str = "listen = '127.0.0.1:0'\n";
/// Off loopback, as far as the daemon knows.
pub const REMOTE: &str = "listen = '0.0.0.0:0'\n";

pub fn send(order_payload: Vec<u8>) -> SendOrderRequest {
    SendOrderRequest { order_payload }
}

pub fn check(order_payload: Vec<u8>) -> PreTradeCheckRequest {
    PreTradeCheckRequest { order_payload }
}

fn sign(key_id: &str, context: &[u8]) -> SignRequest {
    let context = (!context.is_empty()).then(|| context.to_vec());
    SignRequest {
        key_id: key_id.to_owned(),
        context,
        payload: b"payload".to_vec(),
        ..Default::default()
    }
}

/// The code and the message, which is all that a caller learns.
fn told(status: &Status) -> (Code, &str) {
    assert!(status.details().is_empty() && status.metadata().get("x").is_none());
    (status.code(), status.message())
}

#[tokio::test]
async fn keys_in_requests_give_what_the_library_gives() {
    let folder = folder("keys-in-requests");
    let daemon = Daemon::start(&folder, &config(&(LOCAL.to_owned() + MUTUAL_TLS), IN_MEMORY));
    let mut client = Caller::new(&folder, "desk-1").encryption(daemon.port).await;
    for (number, suite) in [(0, Suite::HmacSha256), (1, Suite::HmacSha256), (2, Suite::Ed25519)] {
        let request = KeygenRequest { seed: 7, suite: number };
        let key = client.keygen(request).await.unwrap().into_inner().key;
        assert_eq!(key, *keygen(suite, 7));
        let firm = b"firm/report";
        for (context, of) in
            [(None, Context::Payload), (Some(firm.to_vec()), Context::Custom(firm))]
        {
            let payload = b"payload".to_vec();
            let request = SignRequest {
                key: key.clone(),
                payload: payload.clone(),
                context: context.clone(),
                ..Default::default()
            };
            assert_eq!(format!("{request:?}"), "SignRequest { .. }");
            let signature = client.sign(request).await.unwrap().into_inner().signature;
            assert_eq!(*signature, *signing::sign_with_context(&key, of, &payload).unwrap());
            for (payload, expected) in [(payload, true), (b"other".to_vec(), false)] {
                let request = VerifyRequest {
                    key: key.clone(),
                    payload,
                    signature: signature.clone(),
                    context: context.clone(),
                    ..Default::default()
                };
                assert_eq!(client.verify(request).await.unwrap().into_inner().valid, expected);
            }
        }
    }
    let unknown = client.keygen(KeygenRequest { seed: 7, suite: 99 }).await.unwrap_err();
    assert_eq!(
        told(&unknown),
        (Code::InvalidArgument, "rejected: TW_ERR_SUITE: unknown signature suite")
    );
    daemon.stop().await;
}

#[tokio::test]
async fn held_keys_sign_and_never_come_out() {
    let folder = folder("held-keys");
    let daemon = Daemon::start(&folder, &config(&(REMOTE.to_owned() + MUTUAL_TLS), IN_MEMORY));
    let mut client = Caller::new(&folder, "desk-1").encryption(daemon.port).await;
    let signature = client.sign(sign("reports.key", b"")).await.unwrap().into_inner().signature;
    assert_eq!(signature, signing::sign(&reports_key(), b"payload").unwrap());
    for key_id in ["reports.key", "reports.pub"] {
        let request = VerifyRequest {
            key_id: key_id.to_owned(),
            payload: b"payload".to_vec(),
            signature: signature.clone(),
            ..Default::default()
        };
        assert!(client.verify(request).await.unwrap().into_inner().valid);
    }

    // Over the network no key travels, no file is read, and nobody learns why.
    let keygen = client.keygen(KeygenRequest { seed: 7, suite: 0 }).await.unwrap_err();
    let with_key = SignRequest { key: session_key(1), ..sign("", b"") };
    let both = SignRequest { key: session_key(1), ..sign("reports.key", b"") };
    let denied = (Code::PermissionDenied, "rejected");
    let malformed = (Code::InvalidArgument, "rejected");
    assert_eq!(told(&keygen), denied);
    for (request, expected) in [
        (with_key, denied),
        (sign("session-1.key", b""), denied),
        (sign("/etc/passwd", b""), denied),
        (both, malformed),
        (sign("", b""), denied),
        (sign("reports.pub", b""), malformed),
        (sign("reports.key", b"tinywindow/v1/order"), malformed),
        (sign("reports.key", &[b'x'; 61]), malformed),
    ] {
        let error = client.sign(request).await.unwrap_err();
        assert_eq!(told(&error), expected);
    }
    daemon.stop().await;
}

#[tokio::test]
async fn orders_end_as_they_do_in_the_library() {
    let folder = folder("orders");
    let daemon = Daemon::start(&folder, &config(&(LOCAL.to_owned() + MUTUAL_TLS), IN_MEMORY));
    let mut client = Caller::new(&folder, "desk-1").execution(daemon.port).await;

    let first = frame(1, 1);
    let answer = client.pre_trade_check(check(first.clone())).await.unwrap().into_inner();
    assert_eq!((answer.valid, answer.reason), (true, None));
    let ack = client.send_order(send(first.clone())).await.unwrap().into_inner();
    assert_eq!((ack.order_id, ack.accepted, ack.reason.clone()), (1, true, None));
    assert_eq!((ack.session_id, ack.sequence, ack.client_order_id), (1, 1, 1));
    assert!(ack.time > 0 && !ack.duplicate);

    // The same frame again: the same ack.
    let again = client.send_order(send(first)).await.unwrap().into_inner();
    assert!(again.duplicate);
    assert_eq!((again.order_id, again.time), (ack.order_id, ack.time));

    // Decided, not accepted.
    let large = frame_of(1, 2, 1000, &session_key(1));
    let answer = client.pre_trade_check(check(large.clone())).await.unwrap().into_inner();
    assert_eq!((answer.valid, answer.reason.as_deref()), (false, Some("max_quantity")));
    let ack = client.send_order(send(large)).await.unwrap().into_inner();
    assert_eq!((ack.accepted, ack.reason.as_deref()), (false, Some("max_quantity")));

    // Refused.
    let forged = frame_of(1, 3, 1, &session_key(2));
    let error = client.send_order(send(forged)).await.unwrap_err();
    let told = told(&error);
    let why = "unauthenticated: TW_ERR_UNAUTHENTICATED: unknown session, unknown key or bad \
               signature";
    assert_eq!(told, (Code::Unauthenticated, why));
    daemon.stop().await;
}

#[tokio::test]
async fn remote_callers_learn_the_class_alone() {
    let folder = folder("classes");
    let daemon = Daemon::start(&folder, &config(&(REMOTE.to_owned() + MUTUAL_TLS), IN_MEMORY));
    let mut client = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    client.send_order(send(frame(1, 5))).await.unwrap();
    let ack = client.send_order(send(frame_of(1, 6, 1000, &session_key(1)))).await.unwrap();
    assert_eq!(ack.into_inner().reason.as_deref(), Some("rejected"));
    let answer = client.pre_trade_check(check(frame_of(1, 7, 1000, &session_key(1)))).await;
    assert_eq!(answer.unwrap().into_inner().reason.as_deref(), Some("rejected"));

    client.send_order(send(frame(2, 1))).await.unwrap();
    let unauthenticated = (Code::Unauthenticated, "unauthenticated");
    let bad_signature = frame_of(1, 8, 1, &session_key(2));
    let unknown_session = frame_of(3, 1, 1, &session_key(1));
    for (frame, expected) in [
        (bad_signature, unauthenticated),
        (unknown_session, unauthenticated),
        (frame(2, 2), (Code::ResourceExhausted, "throttled")),
        (frame(1, 4), (Code::FailedPrecondition, "rejected")),
        (frame(1, 6), (Code::FailedPrecondition, "rejected")),
        (b"no frame".to_vec(), (Code::InvalidArgument, "rejected")),
        (Vec::new(), (Code::InvalidArgument, "rejected")),
    ] {
        let error = client.send_order(send(frame)).await.unwrap_err();
        assert_eq!(told(&error), expected);
    }

    // The operator learns all of it.
    let log = daemon.stop().await;
    for why in ["max_quantity", "malformed order or frame", "above the permitted rate"] {
        let has = |line: &serde_json::Value| line["why"].as_str().is_some_and(|w| w.contains(why));
        assert!(log.iter().any(has), "{why}: {log:?}");
    }
    let order = |line: &serde_json::Value| {
        ["session_id", "client_order_id", "symbol", "order_id"].map(|name| line[name].clone())
    };
    let found = |event: &str, method: &str| {
        let is_it = |line: &&serde_json::Value| line["event"] == event && line["method"] == method;
        order(log.iter().find(is_it).expect(event))
    };
    assert_eq!(found("order rejected", "SendOrder"), ["1", "6", "AAPL", "2"]);
    let none = serde_json::Value::Null;
    let expected = ["1".into(), "7".into(), "AAPL".into(), none.clone()];
    assert_eq!(found("order rejected", "PreTradeCheck"), expected);
    // What the frame says, true or not.
    let expected = ["1".into(), "8".into(), "AAPL".into(), none.clone()];
    assert_eq!(found("unauthenticated", "SendOrder"), expected);
    assert!(log.iter().any(|line| line["why"].as_str().is_some_and(|w| w.contains("malformed"))
        && order(line) == [none.clone(), none.clone(), none.clone(), none.clone()]));
}

#[tokio::test]
async fn a_peer_is_held_to_its_sessions_and_keys() {
    let folder = folder("peers");
    let peers = "\n[[peers]]\ncertificate = 'desk-1.firm.example'\nsessions = [1]\n\
                 [[peers]]\ncertificate = 'desk-2.firm.example'\nkeys = ['reports.key']\n";
    let service = REMOTE.to_owned() + MUTUAL_TLS + peers;
    let mut daemon = Daemon::start(&folder, &config(&service, IN_MEMORY));
    let (desk_1, desk_2) = (Caller::new(&folder, "desk-1"), Caller::new(&folder, "desk-2"));

    let mut client = desk_1.execution(daemon.port).await;
    client.send_order(send(frame(1, 1))).await.unwrap();
    let error = client.send_order(send(frame(2, 1))).await.unwrap_err();
    assert_eq!(told(&error), (Code::Unauthenticated, "unauthenticated"));
    let error = client.pre_trade_check(check(frame(2, 1))).await.unwrap_err();
    assert_eq!(told(&error), (Code::Unauthenticated, "unauthenticated"));
    let line = daemon.wait_for("unauthenticated");
    assert_eq!((&line["peer"], &line["session_id"]), (&"desk-1.firm.example".into(), &"2".into()));
    client.send_order(send(frame_of(1, 2, 1000, &session_key(1)))).await.unwrap();
    assert_eq!(daemon.wait_for("order rejected")["peer"], "desk-1.firm.example");
    let error = desk_1.encryption(daemon.port).await.sign(sign("reports.key", b"")).await;
    assert_eq!(told(&error.unwrap_err()), (Code::PermissionDenied, "rejected"));

    desk_2.encryption(daemon.port).await.sign(sign("reports.key", b"")).await.unwrap();
    let error = desk_2.execution(daemon.port).await.send_order(send(frame(1, 2))).await;
    assert_eq!(told(&error.unwrap_err()), (Code::Unauthenticated, "unauthenticated"));

    // Certified, but nobody we know.
    for (name, why) in [
        ("service", "the certificate is of no peer"),
        ("any-desk", "the certificate is of no peer"),
        ("both-desks", "the certificate is of several peers"),
    ] {
        let channel = Caller::new(&folder, name).channel(daemon.port).await;
        if let Ok(channel) = channel {
            assert!(HealthClient::new(channel).check(HealthCheckRequest::default()).await.is_err());
        }
        daemon.wait_for_refusal(why);
    }
    daemon.stop().await;
}

#[tokio::test]
async fn health_reflection_and_metrics_answer() {
    let folder = folder("health");
    let daemon = Daemon::start(&folder, &config(LOCAL, IN_MEMORY));
    let channel = crate::client::plain(daemon.port).await.unwrap();
    let mut health = HealthClient::new(channel.clone());
    let services =
        ["", "tinywindow.encryption.EncryptionService", "tinywindow.execution.ExecutionAdapter"];
    for service in services {
        let request = HealthCheckRequest { service: service.to_owned() };
        assert_eq!(health.check(request).await.unwrap().into_inner().status, 1, "{service}");
    }
    let request = HealthCheckRequest { service: "other".to_owned() };
    assert_eq!(health.check(request).await.unwrap_err().code(), Code::NotFound);

    let names = reflected(channel.clone()).await;
    let older = reflected_v1alpha(channel).await;
    for service in &services[1..] {
        assert!(names.contains(&(*service).to_owned()), "{names:?}");
        assert!(older.contains(&(*service).to_owned()), "{older:?}");
    }

    let metrics = get(daemon.metrics_port, "/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200 OK\r\n"), "{metrics}");
    assert!(metrics.contains("content-type: text/plain; version=0.0.4"), "{metrics}");
    let (_, page) = metrics.split_once("\r\n\r\n").unwrap();
    assert!(page.contains("\n# TYPE tinywindow_"), "{metrics}");
    assert_promtool_accepts(page);
    assert!(get(daemon.metrics_port, "/").starts_with("HTTP/1.1 404 "));
    daemon.stop().await;
}

/// The services that reflection lists.
macro_rules! reflected {
    ($name:ident, $version:ident) => {
        pub async fn $name(channel: tonic::transport::Channel) -> Vec<String> {
            use tonic_reflection::pb::$version::ServerReflectionRequest;
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;

            let message_request = Some(MessageRequest::ListServices(String::new()));
            let request = ServerReflectionRequest { host: String::new(), message_request };
            let requests = tokio_stream::once(request);
            let mut client = ServerReflectionClient::new(channel);
            let mut answers = client.server_reflection_info(requests).await.unwrap().into_inner();
            match answers.message().await.unwrap().unwrap().message_response {
                Some(MessageResponse::ListServicesResponse(list)) => {
                    list.service.into_iter().map(|service| service.name).collect()
                }
                other => panic!("{other:?}"),
            }
        }
    };
}

reflected!(reflected, v1);
reflected!(reflected_v1alpha, v1alpha);

pub fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
