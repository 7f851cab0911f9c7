//! Executions, to whom they belong.

use std::time::{Duration, Instant};

use tinywindow::service::proto::execution::execution_adapter_client::ExecutionAdapterClient;
use tinywindow::service::proto::execution::{CompletionsRequest, ExecutionReport};
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

use crate::calls::{check, send};
use crate::client::Caller;
use crate::daemon::{Daemon, IN_MEMORY, MUTUAL_TLS, config, folder};
use crate::orders::{frame, frame_on};
use tinywindow::order::Side;

type Client = ExecutionAdapterClient<Channel>;

fn peers() -> String {
    let peers = "[[peers]]\ncertificate = 'desk-1.firm.example'\nsessions = [1]\n\
                 [[peers]]\ncertificate = 'desk-2.firm.example'\nsessions = [2]\n";
    config(&format!("listen = '0.0.0.0:0'\n{MUTUAL_TLS}{peers}"), IN_MEMORY)
}

async fn listen(client: &mut Client) -> Result<Streaming<ExecutionReport>, Status> {
    client.completions(CompletionsRequest {}).await.map(tonic::Response::into_inner)
}

async fn next(executions: &mut Streaming<ExecutionReport>) -> ExecutionReport {
    executions.message().await.unwrap().unwrap()
}

async fn accepted(client: &mut Client, frame: Vec<u8>) {
    assert!(client.send_order(send(frame)).await.unwrap().into_inner().accepted);
}

#[tokio::test]
async fn a_peer_sees_what_happens_to_its_orders_and_to_no_others() {
    let folder = folder("executions");
    let daemon = Daemon::start(&folder, &peers());
    let mut desk_1 = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    let mut desk_2 = Caller::new(&folder, "desk-2").execution(daemon.port).await;
    // What is over is told to nobody.
    accepted(&mut desk_1, frame(1, 1)).await;
    let mut of_1 = listen(&mut desk_1).await.unwrap();
    let mut of_2 = listen(&mut desk_2).await.unwrap();
    accepted(&mut desk_1, frame(1, 2)).await;
    accepted(&mut desk_2, frame_on(Side::Sell, 2, 1)).await;

    let report = next(&mut of_1).await;
    assert_eq!((report.order_id, report.session_id, report.client_order_id), (2, 1, 2));
    assert_eq!((&*report.symbol, &*report.side, report.orig_client_order_id), ("AAPL", "1", None));
    assert_eq!((&*report.exec_type, &*report.ord_status), ("0", "0"));
    assert_eq!((report.cum_quantity, report.leaves_quantity), (0, 100_000_000));
    assert!(report.time > 0);
    // The first order in the book is the first to trade.
    let trade = next(&mut of_1).await;
    assert_eq!((trade.session_id, trade.client_order_id), (1, 1));
    assert_eq!((&*trade.exec_type, &*trade.ord_status), ("F", "2"));
    assert_eq!((trade.last_price, trade.last_quantity), (10_000_000_000, 100_000_000));
    assert_eq!((trade.cum_quantity, trade.leaves_quantity), (100_000_000, 0));
    assert!(trade.exec_id > report.exec_id);

    for (exec_type, ord_status) in [("0", "0"), ("F", "2")] {
        let report = next(&mut of_2).await;
        assert_eq!((report.session_id, report.client_order_id, &*report.side), (2, 1, "2"));
        assert_eq!((&*report.exec_type, &*report.ord_status), (exec_type, ord_status));
    }
    daemon.stop().await;
}

#[tokio::test]
async fn executions_are_for_peers() {
    let folder = folder("no-peers");
    let service = format!("listen = '0.0.0.0:0'\n{MUTUAL_TLS}");
    let daemon = Daemon::start(&folder, &config(&service, IN_MEMORY));
    let mut client = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    let refused = listen(&mut client).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::PermissionDenied, "rejected"));
    daemon.stop().await;
}

#[tokio::test]
async fn a_slow_reader_loses_its_stream_and_delays_nobody() {
    let folder = folder("slow-reader");
    let text = peers().replace("max_orders", "max_completions = 64\nmax_orders");
    let mut daemon = Daemon::start(&folder, &text);
    let caller = Caller::new(&folder, "desk-1");
    let mut client = caller.execution(daemon.port).await;
    let mut slow = ExecutionAdapterClient::new(caller.narrow_channel(daemon.port).await);
    let mut unread = listen(&mut slow).await.unwrap();
    let mut read = listen(&mut client).await.unwrap();
    for number in 1..=400 {
        accepted(&mut client, frame(1, number)).await;
        assert_eq!(next(&mut read).await.client_order_id, number);
    }
    let line = daemon.wait_for("throttled");
    assert_eq!(
        (&line["method"], &line["peer"]),
        (&"Completions".into(), &"desk-1.firm.example".into())
    );

    // It learns why, after what was told in time, without a gap.
    let mut told = 0;
    let status = loop {
        match unread.message().await {
            Ok(report) => assert_eq!(report.unwrap().client_order_id, told + 1),
            Err(status) => break status,
        }
        told += 1;
    };
    assert!((64..400).contains(&told), "{told}");
    assert_eq!((status.code(), status.message()), (Code::ResourceExhausted, "throttled"));
    daemon.stop().await;
}

#[tokio::test]
async fn a_peer_has_no_more_streams_than_it_may_have() {
    let folder = folder("many-streams");
    let daemon = Daemon::start(&folder, &peers());
    let mut client = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(listen(&mut client).await.unwrap());
    }
    let refused = listen(&mut client).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::ResourceExhausted, "throttled"));
    let mut other = Caller::new(&folder, "desk-2").execution(daemon.port).await;
    listen(&mut other).await.unwrap();
    // A place that is left is free again.
    streams.pop();
    let again = async {
        while listen(&mut client).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(crate::daemon::PATIENCE, again).await.expect("a place");
    daemon.stop().await;
}

#[tokio::test]
async fn stopping_ends_streams_after_what_has_happened() {
    let folder = folder("stop-streams");
    let daemon = Daemon::start(&folder, &peers());
    let mut client = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    let mut executions = listen(&mut client).await.unwrap();
    for number in 1..=50 {
        accepted(&mut client, frame(1, number)).await;
    }
    let started = Instant::now();
    let stopped = tokio::spawn(daemon.stop());
    for number in 1..=50 {
        assert_eq!(next(&mut executions).await.client_order_id, number);
    }
    let status = executions.message().await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "rejected"));
    stopped.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_is_open_of_a_peer_that_is_lost_is_cancelled_where_it_says_so() {
    let folder = folder("disconnect");
    let text = peers().replace("sessions = [1]", "sessions = [1]\ncancel_on_disconnect = true");
    let mut daemon = Daemon::start(&folder, &text);
    let mut desk_1 = Caller::new(&folder, "desk-1").execution(daemon.port).await;
    let mut desk_2 = Caller::new(&folder, "desk-2").execution(daemon.port).await;
    let (first, second) = (listen(&mut desk_1).await.unwrap(), listen(&mut desk_1).await.unwrap());
    let of_2 = listen(&mut desk_2).await.unwrap();
    accepted(&mut desk_1, frame(1, 1)).await;
    accepted(&mut desk_2, frame(2, 1)).await;
    // One stream is left, and who does not say so is never cancelled for.
    drop((first, of_2));
    accepted(&mut desk_1, frame(1, 2)).await;
    drop(second);
    // Waiting stops this thread; what it has dropped goes out with what it asks.
    desk_1.pre_trade_check(check(frame(1, 3))).await.unwrap();
    let line = daemon.wait_for("orders cancelled on disconnect");
    assert_eq!(
        (&line["peer"], &line["session_id"], &line["cancelled"]),
        (&"desk-1.firm.example".into(), &"1".into(), &"2".into())
    );
    // The order of the other peer is open still, and trades.
    let mut of_2 = listen(&mut desk_2).await.unwrap();
    accepted(&mut desk_1, frame_on(Side::Sell, 1, 3)).await;
    let trade = next(&mut of_2).await;
    assert_eq!((trade.session_id, trade.client_order_id, &*trade.exec_type), (2, 1, "F"));
    daemon.stop().await;
}
