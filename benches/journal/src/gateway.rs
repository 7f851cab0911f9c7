//! TinyWindow's gateway with its journal in a folder, and the orders that its clients send.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::gateway::{Completion, Gateway};
use tinywindow::order;
use tinywindow::signing::{self, Kind, Signer, Suite, Usage};

use crate::contender::{Contender, Order};
use crate::flow::{Flow, SYMBOLS};

/// What no order waits as long as.
const TIMEOUT: Duration = Duration::from_secs(60);

/// So often that some are signed while it is measured.
pub const CHECKPOINT_RECORDS: u64 = 10_000;

pub const ORIGIN: &str = "example.com/bench";

fn session(client: usize) -> u64 {
    client as u64 + 1
}

fn key(client: usize) -> Vec<u8> {
    signing::keygen(Suite::HmacSha256, session(client)).to_vec()
}

/// For each client, all that it will send.
pub fn orders(clients: usize, each: usize) -> Vec<Vec<Order>> {
    let of = |client| {
        let signer = Signer::new(&key(client)).expect("a signer");
        let flow = Flow::new(session(client), &signer, each);
        flow.frames().map(|frame| Order { frame: frame.to_vec(), record: record(frame) }).collect()
    };
    (0..clients).map(of).collect()
}

/// The decision's event, as the gateway writes it down.
fn record(frame: &[u8]) -> Vec<u8> {
    let frame = order::parse(frame).expect("a frame");
    let time = frame.order.sending_time;
    let kind = EventKind::Decided { order_id: frame.order.sequence, reason: None, frame };
    let mut record = Vec::new();
    Event { time, by: Default::default(), kind }.encode(&mut record);
    record
}

/// Raw keys of the two suites that checkpoints may have.
pub fn checkpoint_keys() -> [Vec<u8>; 2] {
    [Suite::Ed25519, Suite::MlDsa44].map(|suite| {
        let material = &signing::keygen(suite, 1)[8..];
        signing::import(suite, Kind::Secret, Usage::Raw, material).expect("a key").to_vec()
    })
}

/// With HMAC sessions, one for each client.
pub struct ThroughGateway {
    name: &'static str,
    gateway: Gateway,
}

impl ThroughGateway {
    pub fn new(folder: &Path, clients: usize, orders: usize, signs: bool) -> Self {
        let mut config = config(folder, clients, orders);
        if signs {
            let paths = ["ed25519", "ml-dsa-44"].map(|suite| folder.join(suite));
            for (path, key) in paths.iter().zip(checkpoint_keys()) {
                fs::write(path, key).expect("a key file");
            }
            config = format!(
                "journal.checkpoint_origin = \"{ORIGIN}\"\n\
                 journal.checkpoint_keys = {paths:?}\n\
                 journal.checkpoint_records = {CHECKPOINT_RECORDS}\n{config}"
            );
        }
        let gateway = Gateway::open(&config).expect("a gateway");
        for client in 0..clients {
            gateway.add_key(session(client), &key(client)).expect("a key");
        }
        let name = if signs { "**gateway**, tree and checkpoints" } else { "**gateway**" };
        Self { name, gateway }
    }
}

impl Contender for ThroughGateway {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_peer(&self) -> bool {
        false
    }

    fn send(&self, _: usize, order: &Order) {
        self.gateway.send(&order.frame, TIMEOUT).expect("decided");
    }

    fn submit(&self, order: &Order, tag: usize) {
        self.gateway.submit(&order.frame, tag as u64).expect("decided");
    }

    fn completed(&self, each: &mut dyn FnMut(usize)) {
        let mut completions = Vec::new();
        self.gateway.poll(&mut completions, usize::MAX, TIMEOUT).expect("a gateway");
        for completion in completions {
            match completion {
                Completion::Ack { tag, result, .. } => {
                    result.expect("decided");
                    each(tag as usize);
                }
                Completion::Execution { .. } => {}
            }
        }
    }
}

/// None of the limits stands in the orders' way.
fn config(folder: &Path, clients: usize, orders: usize) -> String {
    let sessions = (0..clients).map(|client| {
        format!(
            "[[sessions]]\nid = {}\nper_second = 1000000000\nburst = 1000000000\n\
             cancels_per_second = 1000000000\ncancels_burst = 1000000000\n\
             max_open_orders = 1000000\n",
            session(client)
        )
    });
    let instruments = SYMBOLS.map(|symbol| {
        format!("[[instruments]]\nsymbol = \"{symbol}\"\nreference_price = \"100\"\n")
    });
    format!(
        "journal.kind = \"file\"\njournal.path = {:?}\nvenue.kind = \"paper\"\n\
         gateway.max_orders = {}\n[freshness]\nback_ms = 3600000\n\
         [throttle]\nper_second = 1000000000\nburst = 1000000000\n\
         [limits]\ntick = \"0.01\"\nlot = 1\nmax_quantity = 100000\nmax_notional = 100000000\n\
         max_position = 1000000000\ncollar_percent = 10\n{}{}",
        folder.join("journal"),
        2 * orders,
        instruments.concat(),
        sessions.collect::<String>()
    )
}
