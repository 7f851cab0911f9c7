//! HTTP/2 in bad faith, by one who has a certificate: whatever he sends, the others are served and
//! the daemon's memory stays what it was.

use std::time::Duration;

use tinywindow::service::proto::encryption::SignRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tonic::Request;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::abuse::{PREFACE, ends, mutual_tls, serves};
use crate::client::Caller;
use crate::daemon::{Daemon, PATIENCE, folder};

// Types, flags and codes of RFC 9113, sections 6 and 7.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// More than anything that is asked of the daemon here may take.
const MEMORY_MAX: u64 = 64 << 20;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The headers of a call of SendOrder, without compression (RFC 7541, section 6.2.2).
fn headers(stream: u32) -> Vec<u8> {
    let text = |text: &[u8]| [&[text.len() as u8], text].concat();
    let block = [
        vec![0x83, 0x86, 0x04], // POST, http, then the path
        text(b"/tinywindow.execution.ExecutionAdapter/SendOrder"),
        vec![0x0f, 0x10],
        text(b"application/grpc"),
        vec![0x00],
        text(b"te"),
        text(b"trailers"),
    ];
    frame(HEADERS, END_HEADERS, stream, &block.concat())
}

/// The streams of one client.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| 2 * number + 1)
}

/// Sends all of it and gives every frame that is answered until the connection ends or is quiet.
async fn exchange(stream: TlsStream<TcpStream>, bytes: Vec<u8>) -> Vec<(u8, Vec<u8>)> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let sending = tokio::spawn(async move {
        // The other side may hang up in the middle.
        let _ = writer.write_all(&bytes).await;
        let _ = writer.flush().await;
        writer
    });
    let mut frames = Vec::new();
    loop {
        let mut header = [0; 9];
        let read = reader.read_exact(&mut header);
        let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(1), read).await else { break };
        let mut payload =
            vec![0; u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize];
        if reader.read_exact(&mut payload).await.is_err() {
            break;
        }
        frames.push((header[3], payload));
    }
    sending.abort();
    frames
}

/// The codes with which frames of this kind were sent: it is their last number.
fn codes(frames: &[(u8, Vec<u8>)], kind: u8) -> Vec<u32> {
    let of_kind = frames.iter().filter(|(of, _)| *of == kind);
    let code = |payload: &Vec<u8>| {
        let at = if kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(payload[at..at + 4].try_into().unwrap())
    };
    of_kind.map(|(_, payload)| code(payload)).collect()
}

#[tokio::test]
async fn streams_that_are_reset_at_once_end_the_connection() {
    let folder = folder("rapid-reset");
    let daemon = Daemon::start(&folder, &mutual_tls(""));
    let caller = Caller::new(&folder, "desk-1");
    let reset = |stream| frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes());
    let flood = streams(20_000).flat_map(|stream| [headers(stream), reset(stream)].concat());
    let flood: Vec<u8> = PREFACE.iter().copied().chain(flood).collect();
    let frames = exchange(caller.connect(daemon.port).await.unwrap(), flood).await;
    assert_eq!(codes(&frames, GOAWAY), [ENHANCE_YOUR_CALM]);
    serves(caller, &daemon, 1).await;
    daemon.stop().await;
}

#[tokio::test]
async fn headers_that_never_end_end_the_connection() {
    let folder = folder("continuation");
    let daemon = Daemon::start(&folder, &mutual_tls(""));
    let caller = Caller::new(&folder, "desk-1");
    let before = daemon.memory();
    let mut flood = [PREFACE, &frame(HEADERS, 0, 1, &[0x83])].concat();
    for _ in 0..100_000 {
        flood.extend(frame(CONTINUATION, 0, 1, b"\x00\x01x\x01y"));
    }
    let frames = exchange(caller.connect(daemon.port).await.unwrap(), flood).await;
    assert_eq!(codes(&frames, GOAWAY), [ENHANCE_YOUR_CALM]);
    assert!(daemon.memory() < before + MEMORY_MAX);
    serves(caller, &daemon, 1).await;
    daemon.stop().await;
}

#[tokio::test]
async fn questions_whose_answers_nobody_reads_take_no_memory() {
    let folder = folder("pings");
    let daemon = Daemon::start(&folder, &mutual_tls(""));
    let caller = Caller::new(&folder, "desk-1");
    let before = daemon.memory();
    let asked = [frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, 0, 0, &[])].concat();
    let flood = [PREFACE, &asked.repeat(500_000)].concat();
    let mut stream = caller.connect(daemon.port).await.unwrap();
    // It either takes all of it or stops reading.
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.write_all(&flood)).await;
    assert!(daemon.memory() < before + MEMORY_MAX);
    serves(caller, &daemon, 1).await;
    drop(stream);
    daemon.stop().await;
}

#[tokio::test]
async fn there_are_no_more_streams_than_may_be() {
    let folder = folder("streams");
    let daemon = Daemon::start(&folder, &mutual_tls("max_requests = 64\nrequest_timeout_ms = 500"));
    let caller = Caller::new(&folder, "desk-1");
    // Calls whose requests never come.
    let flood = [PREFACE, &streams(80).flat_map(headers).collect::<Vec<u8>>()].concat();
    let frames = exchange(caller.connect(daemon.port).await.unwrap(), flood).await;
    let refused = codes(&frames, RST_STREAM).into_iter().filter(|code| *code == REFUSED_STREAM);
    assert_eq!(refused.count(), 16);
    serves(caller, &daemon, 1).await;
    daemon.stop().await;
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let folder = folder("headers");
    let daemon = Daemon::start(&folder, &mutual_tls(""));
    let mut client = Caller::new(&folder, "desk-1").encryption(daemon.port).await;
    let mut sign = async |size| {
        let message = SignRequest { key_id: "reports.key".to_owned(), ..Default::default() };
        let mut request = Request::new(message);
        request.metadata_mut().insert("x-large", "x".repeat(size).parse().unwrap());
        client.sign(request).await
    };
    sign(4_000).await.unwrap();
    for size in [9_000, 15_000] {
        sign(size).await.unwrap_err();
    }
    // The connection goes on.
    sign(4_000).await.unwrap();
    daemon.stop().await;
}

#[tokio::test]
async fn half_a_greeting_keeps_no_place() {
    let folder = folder("half");
    let service = "handshake_timeout_ms = 500\nmax_connections = 2";
    let mut daemon = Daemon::start(&folder, &mutual_tls(service));
    let caller = Caller::new(&folder, "desk-1");
    for said in [&PREFACE[..1], &PREFACE[..23]] {
        let mut slow = caller.connect(daemon.port).await.unwrap();
        slow.write_all(said).await.unwrap();
        slow.flush().await.unwrap();
        assert!(ends(&mut slow).await < Duration::from_secs(5));
        daemon.wait_for_refusal("the greeting takes too long");
    }
    // Who speaks something else is not waited for.
    let mut other = caller.connect(daemon.port).await.unwrap();
    other.write_all(b"GET /metrics HTTP/1.1\r\nHost: service.example\r\n\r\n").await.unwrap();
    tokio::time::timeout(PATIENCE, ends(&mut other)).await.unwrap();
    daemon.wait_for_refusal("this is not HTTP/2");
    serves(caller, &daemon, 1).await;
    daemon.stop().await;
}

#[tokio::test]
async fn a_peer_does_not_take_all_connections() {
    let folder = folder("share");
    let peers = "max_connections = 4\n\
                 [[peers]]\ncertificate = 'desk-1.firm.example'\nsessions = [1]\n\
                 [[peers]]\ncertificate = 'desk-2.firm.example'\nsessions = [2]\n";
    let mut daemon = Daemon::start(&folder, &mutual_tls(peers));
    let (greedy, other) = (Caller::new(&folder, "desk-1"), Caller::new(&folder, "desk-2"));
    // A half.
    let first = comes_in(greedy, &daemon).await.expect("a place");
    let _second = comes_in(greedy, &daemon).await.expect("a place");
    assert!(comes_in(greedy, &daemon).await.is_none());
    daemon.wait_for_refusal("the peer has as many connections as it may have");
    let _others = comes_in(other, &daemon).await.expect("a place");
    comes_in(other, &daemon).await.expect("a place");
    // A place that is left is free again.
    drop(first);
    let again = async {
        while comes_in(greedy, &daemon).await.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("a place");
    daemon.stop().await;
}

/// A connection on which somebody has answered.
async fn comes_in(caller: Caller<'_>, daemon: &Daemon) -> Option<Channel> {
    let channel = caller.channel(daemon.port).await.ok()?;
    let asked = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
    asked.is_ok().then_some(channel)
}
