//! What `docs/SERVICE.md` sets up takes an order.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use tinywindow::order::{Order, Side, UNIT};
use tinywindow::service::proto::execution::CompletionsRequest;
use tinywindow::service::proto::execution::execution_adapter_client::ExecutionAdapterClient;
use tinywindow::signing::Signer;

use crate::blocks::blocks;
use crate::calls::send;
use crate::client::Caller;
use crate::daemon::{BINARY, Daemon};

const PAGE: &str = "docs/SERVICE.md";

/// A folder in which the page's commands were run.
fn set_up() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-page");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let shell = blocks(PAGE, "sh");
    let commands = shell.iter().find(|block| block.contains("certify")).unwrap();
    let ours = Path::new(BINARY).parent().unwrap().display();
    let output = Command::new("sh")
        .args(["-euc", commands])
        .current_dir(&folder)
        .env("PATH", format!("{ours}:{}", std::env::var("PATH").unwrap()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    folder
}

#[tokio::test]
async fn the_daemon_of_the_page_accepts_the_order_of_the_page() {
    let folder = set_up();
    let config = blocks(PAGE, "toml").remove(0);
    // Any ports that are free.
    let daemon = Daemon::start(&folder, &config.replace(":50051", ":0").replace(":9464", ":0"));
    let caller = Caller::new(&folder, "desk-1.tls");
    let mut desk = ExecutionAdapterClient::new(caller.channel(daemon.port).await.unwrap());
    let mut executions = desk.completions(CompletionsRequest {}).await.unwrap().into_inner();
    let order = Order {
        session_id: 1,
        sequence: 1,
        client_order_id: 1,
        sending_time: SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64,
        ..Order::limit("AAPL", Side::Buy, 100 * UNIT, 58_533_000_000).unwrap()
    };
    let key = fs::read(folder.join("desk-1.key")).unwrap();
    let frame = order.sign(&Signer::new(&key).unwrap()).unwrap();
    let ack = desk.send_order(send(frame)).await.unwrap().into_inner();
    assert!(ack.accepted, "{ack:?}");
    let report = executions.message().await.unwrap().unwrap();
    assert_eq!((report.order_id, &*report.exec_type), (ack.order_id, "0"));
    assert_eq!(report.leaves_quantity, 10_000_000_000);
    drop((desk, executions));
    daemon.stop().await;
}
