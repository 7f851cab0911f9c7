//! What Sign costs through the daemon, beside a bare tonic server that answers a constant: the
//! same messages, over mutual TLS of the same kind, from one client. Each server is a process of
//! its own. Prints Markdown.

#[path = "../../../tests/service/client.rs"]
#[allow(dead_code, reason = "not every kind of caller is measured")]
mod client;
mod servers;

use std::time::{Duration, Instant};

use client::Caller;
use hdrhistogram::Histogram;
use servers::{Folder, Server};
use tinywindow::service::proto::encryption::SignRequest;
use tinywindow::service::proto::encryption::encryption_service_client::EncryptionServiceClient;
use tokio::task::JoinSet;
use tonic::transport::Channel;

type Client = EncryptionServiceClient<Channel>;

const PAYLOAD: [u8; 200] = [0x5a; 200];

/// How long to measure.
#[derive(Clone, Copy)]
struct Effort {
    rounds: usize,
    /// Of one server in a round, by each of those in flight.
    calls: usize,
}

const FULL: Effort = Effort { rounds: 300, calls: 50 };
const SMOKE: Effort = Effort { rounds: 3, calls: 5 };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure(FULL),
        ["smoke"] => measure(SMOKE),
        [servers::DAEMON] => servers::daemon(),
        [servers::BARE] => servers::bare(),
        _ => {
            eprintln!("usage: bench_grpc [smoke]");
            std::process::exit(2);
        }
    }
}

/// A server and the latencies of its calls, in nanoseconds.
struct Contender {
    name: &'static str,
    client: Client,
    latencies: Histogram<u64>,
    /// Means of the rounds.
    means: Vec<f64>,
}

impl Contender {
    fn new(name: &'static str, client: &Client) -> Contender {
        let latencies = Histogram::new(3).expect("three digits");
        Contender { name, client: client.clone(), latencies, means: Vec::new() }
    }

    /// So many calls, by each of those in flight one after the other.
    async fn round(&mut self, request: &SignRequest, in_flight: usize, calls: usize) {
        let start = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..in_flight {
            callers.spawn(repeat(self.client.clone(), request.clone(), calls));
        }
        while let Some(latencies) = callers.join_next().await {
            for latency in latencies.expect("every call is answered") {
                self.latencies.record(latency.as_nanos() as u64).expect("any number");
            }
        }
        self.means.push(start.elapsed().as_nanos() as f64);
    }
}

async fn repeat(mut client: Client, request: SignRequest, calls: usize) -> Vec<Duration> {
    let mut latencies = Vec::with_capacity(calls);
    for _ in 0..calls {
        let request = request.clone();
        let start = Instant::now();
        let answer = client.sign(request).await.expect("an answer").into_inner();
        latencies.push(start.elapsed());
        assert_eq!(answer.signature.len(), servers::SIGNATURE_SIZE);
    }
    latencies
}

fn measure(effort: Effort) {
    let folder = Folder::new();
    let (bare, daemon) = (folder.start(servers::BARE), folder.start(servers::DAEMON));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let [bare, daemon] = [client(&folder, &bare).await, client(&folder, &daemon).await];
        println!("## gRPC over mutual TLS\n\nMicroseconds; the ratio is that of whole rounds.");
        let request = SignRequest { payload: PAYLOAD.into(), ..Default::default() };
        let named = SignRequest { key_id: servers::KEY.into(), ..request.clone() };
        let brought = SignRequest { key: servers::key(), ..request };
        for (what, request) in [("key held", &named), ("key in the request", &brought)] {
            for in_flight in [1, 16] {
                let mut contenders = [
                    Contender::new("bare tonic, a constant", &bare),
                    Contender::new("`tinywindow serve`", &daemon),
                ];
                compare(effort, request, in_flight, &mut contenders).await;
                println!("\n### Sign 200 bytes, hmac-sha256, {what}, {in_flight} in flight\n");
                print(&contenders);
            }
        }
    });
}

/// Connects, and sees that both sides have agreed on what the daemon prefers.
async fn client(folder: &Folder, server: &Server) -> Client {
    let caller = Caller::new(folder.path(), "desk-1");
    let stream = caller.connect(server.port).await.expect("a connection");
    let tls = stream.get_ref().1;
    let (group, suite) = (tls.negotiated_key_exchange_group(), tls.negotiated_cipher_suite());
    assert_eq!(group.map(|group| group.name()), Some(rustls::NamedGroup::X25519MLKEM768));
    let aes_256 = rustls::CipherSuite::TLS13_AES_256_GCM_SHA384;
    assert_eq!(suite.map(|suite| suite.suite()), Some(aes_256));
    caller.encryption(server.port).await
}

/// Both servers in turns, so that whatever else the machine does falls on both alike.
async fn compare(
    effort: Effort,
    request: &SignRequest,
    in_flight: usize,
    contenders: &mut [Contender; 2],
) {
    // Connections, caches and branches.
    for contender in &mut *contenders {
        contender.round(request, in_flight, effort.calls).await;
        (contender.latencies.clear(), contender.means.clear());
    }
    for round in 0..effort.rounds {
        for turn in 0..2 {
            contenders[(round + turn) % 2].round(request, in_flight, effort.calls).await;
        }
    }
}

fn print(contenders: &[Contender; 2]) {
    println!("| | p50 | p99 | ratio |\n|---|---:|---:|---:|");
    for contender in contenders {
        let pairs = contender.means.iter().zip(&contenders[0].means);
        let mut ratios: Vec<f64> = pairs.map(|(own, bare)| own / bare).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let at = |quantile| contender.latencies.value_at_quantile(quantile) as f64 / 1e3;
        let (p50, p99, ratio) = (at(0.5), at(0.99), ratios[ratios.len() / 2]);
        println!("| {} | {p50:.1} | {p99:.1} | {ratio:.2} |", contender.name);
    }
}
