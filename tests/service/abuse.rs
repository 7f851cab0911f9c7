//! Oversize, slow and garbage: whatever comes, the others are served.

use std::time::{Duration, Instant};

use tinywindow::service::proto::encryption::SignRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use crate::calls::send;
use crate::client::{Caller, plain};
use crate::daemon::{Daemon, IN_MEMORY, MUTUAL_TLS, PATIENCE, config, folder};
use crate::orders::frame;

/// What HTTP/2 begins with, then an empty SETTINGS frame (RFC 9113, sections 3.4 and 6.5).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub fn mutual_tls(more: &str) -> String {
    config(&format!("listen = '0.0.0.0:0'\n{MUTUAL_TLS}{more}"), IN_MEMORY)
}

/// The next order of session 1 is served at once.
pub async fn serves(caller: Caller<'_>, daemon: &Daemon, number: u64) {
    let started = Instant::now();
    let mut client = caller.execution(daemon.port).await;
    assert!(client.send_order(send(frame(1, number))).await.unwrap().into_inner().accepted);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// How long it takes until the other side ends the connection.
pub async fn ends(stream: &mut (impl AsyncReadExt + Unpin)) -> Duration {
    let started = Instant::now();
    let mut buffer = [0; 4096];
    let ended = async { while !matches!(stream.read(&mut buffer).await, Ok(0) | Err(_)) {} };
    tokio::time::timeout(PATIENCE, ended).await.expect("the connection ends");
    started.elapsed()
}

#[tokio::test]
async fn oversize_requests_are_refused() {
    let folder = folder("oversize");
    let daemon = Daemon::start(&folder, &mutual_tls("max_message_bytes = 20000"));
    let caller = Caller::new(&folder, "desk-1");
    let mut client = caller.encryption(daemon.port).await;
    let sign = |size| SignRequest {
        key_id: "reports.key".to_owned(),
        payload: vec![7; size],
        ..Default::default()
    };
    client.sign(sign(19_000)).await.unwrap();
    for size in [20_000, 5_000_000] {
        let error = client.sign(sign(size)).await.unwrap_err();
        assert_eq!(error.code(), Code::OutOfRange, "{error}");
    }
    serves(caller, &daemon, 1).await;
    daemon.stop().await;
}

#[tokio::test]
async fn garbage_ends_the_connection_it_came_on_and_no_other() {
    let folder = folder("garbage");
    let daemon = Daemon::start(&folder, &mutual_tls(""));
    let caller = Caller::new(&folder, "desk-1");
    let mut other = caller.execution(daemon.port).await;
    let garbage: Vec<u8> = (0..100_000u64).map(|i| (i * i % 251) as u8).collect();

    let mut in_tls = TcpStream::connect(("127.0.0.1", daemon.port)).await.unwrap();
    let _ = in_tls.write_all(&garbage).await;
    ends(&mut in_tls).await;
    let mut in_http = caller.connect(daemon.port).await.unwrap();
    let _ = in_http.write_all(&garbage).await;
    ends(&mut in_http).await;
    let mut in_frames = caller.connect(daemon.port).await.unwrap();
    let _ = in_frames.write_all(&[PREFACE, &garbage].concat()).await;
    ends(&mut in_frames).await;

    // A message that is none, in a call that is one.
    let channel = caller.channel(daemon.port).await.unwrap();
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = "/tinywindow.execution.ExecutionAdapter/SendOrder".parse().unwrap();
    let codec = tonic_prost::ProstCodec::<Garbage, Garbage>::default();
    let error = grpc.unary(tonic::Request::new(Garbage { number: 7 }), path, codec).await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), Code::Internal, "{error}");

    assert!(other.send_order(send(frame(1, 1))).await.unwrap().into_inner().accepted);
    serves(caller, &daemon, 2).await;
    daemon.stop().await;
}

/// A message whose first field is not what `SendOrderRequest` has there: a number, not bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct Garbage {
    #[prost(uint64, tag = "1")]
    number: u64,
}

#[tokio::test]
async fn who_says_nothing_is_shown_the_door() {
    let folder = folder("silent");
    let mut daemon = Daemon::start(&folder, &mutual_tls("handshake_timeout_ms = 500"));
    let caller = Caller::new(&folder, "desk-1");
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(("127.0.0.1", daemon.port)).await.unwrap());
    }
    // One address has no more than 16 handshakes; those above end before the time.
    daemon.wait_for_refusal("too many handshakes of one address");
    for stream in &mut silent {
        assert!(ends(stream).await < Duration::from_secs(5));
    }
    // A certificate does not make it better.
    let mut silent = caller.connect(daemon.port).await.unwrap();
    assert!(ends(&mut silent).await < Duration::from_secs(5));
    daemon.wait_for_refusal("the greeting takes too long");
    serves(caller, &daemon, 1).await;
    daemon.stop().await;
}

#[tokio::test]
async fn a_request_that_never_ends_is_ended() {
    let folder = folder("slow");
    let service = "listen = '127.0.0.1:0'\nrequest_timeout_ms = 300\n";
    let daemon = Daemon::start(&folder, &config(service, IN_MEMORY));
    // A request whose body never comes.
    let (_body, receiver) = tokio::sync::mpsc::channel::<SignRequest>(1);
    let channel = plain(daemon.port).await.unwrap();
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = "/tinywindow.encryption.EncryptionService/Sign".parse().unwrap();
    let codec = tonic_prost::ProstCodec::<SignRequest, SignRequest>::default();
    let body = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let answer = grpc.streaming(tonic::Request::new(body), path, codec);
    let answer = tokio::time::timeout(PATIENCE, answer).await.expect("an answer");
    let code = answer.err().map(|status| status.code());
    assert!(matches!(code, Some(Code::Cancelled | Code::DeadlineExceeded)), "{code:?}");

    let mut client = tinywindow::service::proto::execution::execution_adapter_client::
        ExecutionAdapterClient::new(channel);
    assert!(client.send_order(send(frame(1, 1))).await.unwrap().into_inner().accepted);
    daemon.stop().await;
}

#[tokio::test]
async fn there_are_no_more_connections_than_may_be() {
    let folder = folder("connections");
    let mut daemon = Daemon::start(&folder, &mutual_tls("max_connections = 2"));
    let caller = Caller::new(&folder, "desk-1");
    let mut first = caller.execution(daemon.port).await;
    first.send_order(send(frame(1, 1))).await.unwrap();
    let mut second = caller.execution(daemon.port).await;
    second.send_order(send(frame(1, 2))).await.unwrap();
    let mut third = caller.connect(daemon.port).await.unwrap();
    third.write_all(PREFACE).await.unwrap();
    ends(&mut third).await;
    daemon.wait_for_refusal("there are as many connections as there may be");
    assert!(first.send_order(send(frame(1, 3))).await.unwrap().into_inner().accepted);
    // A place that is left is free again.
    drop(second);
    let again = async {
        while caller.execution(daemon.port).await.send_order(send(frame(1, 4))).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("a place");
    daemon.stop().await;
}
