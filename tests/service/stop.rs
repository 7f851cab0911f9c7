//! SIGTERM: what was accepted is finished, and nobody can hold the daemon up.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tinywindow::gateway::{Gateway, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::abuse::PREFACE;
use crate::calls::send;
use crate::client::{Caller, plain};
use crate::daemon::{Daemon, IN_FILE, IN_MEMORY, MUTUAL_TLS, config, folder};
use crate::orders::frame;

const ORDERS: u64 = 400;

#[tokio::test]
async fn accepted_orders_are_finished_and_told() {
    let folder = folder("stop");
    let text = config(&format!("listen = '0.0.0.0:0'\n{MUTUAL_TLS}"), IN_FILE);
    let daemon = Daemon::start(&folder, &text);
    // In one connection orders come in the order of their sequence.
    let client = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    let mut calls = JoinSet::new();
    for number in 1..=ORDERS {
        let mut client = client.clone();
        calls.spawn(async move { (number, client.send_order(send(frame(1, number))).await) });
    }
    let mut acknowledged = BTreeSet::new();
    while let Some(ended) = calls.join_next().await {
        if let (number, Ok(ack)) = ended.unwrap() {
            assert!(ack.into_inner().accepted);
            acknowledged.insert(number);
            if acknowledged.len() == 10 {
                daemon.signal("TERM");
            }
        }
    }
    let (status, _, stderr) = daemon.wait().await;
    assert!(status.success(), "{stderr}");
    assert!(acknowledged.len() >= 10 && acknowledged.len() < ORDERS as usize);

    // What is in the journal is what the caller was told, no more and no less.
    std::env::set_current_dir(&folder).unwrap();
    let config = tinywindow::config::Config::parse(&text).unwrap();
    let gateway = Gateway::open_with(&config, Options::default()).unwrap();
    let decided: BTreeSet<u64> =
        (1..=ORDERS).filter(|&number| gateway.order_status(1, number).is_ok()).collect();
    assert_eq!(decided, acknowledged);
}

#[tokio::test]
async fn a_caller_who_stays_does_not_hold_the_daemon_up() {
    let folder = folder("watch");
    let daemon = Daemon::start(&folder, &config("listen = '127.0.0.1:0'\n", IN_MEMORY));
    let mut client = HealthClient::new(plain(daemon.port).await.unwrap());
    let watched = client.watch(HealthCheckRequest::default()).await.unwrap();
    let mut watched = watched.into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status, 1);
    let started = Instant::now();
    let stopped = tokio::spawn(daemon.stop());
    // Whoever watches hears of it, then the watch ends.
    assert_eq!(watched.message().await.unwrap().unwrap().status, 2);
    assert!(!matches!(watched.message().await, Ok(Some(_))));
    stopped.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_caller_who_never_answers_is_left_behind() {
    let folder = folder("left-behind");
    let service = format!("listen = '0.0.0.0:0'\nstop_timeout_ms = 300\n{MUTUAL_TLS}");
    let daemon = Daemon::start(&folder, &config(&service, IN_MEMORY));
    // Greeted, and silent ever after.
    let mut silent = Caller::new(&folder, "desk-1").connect(daemon.port).await.unwrap();
    silent.write_all(PREFACE).await.unwrap();
    silent.flush().await.unwrap();
    silent.read_exact(&mut [0; 9]).await.unwrap();
    let started = Instant::now();
    let log = daemon.stop().await;
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(log.iter().any(|line| line["event"] == "callers did not go in time"));
    drop(silent);
}
