//! How long opening takes behind so many orders: from a snapshot and without one, beside plainly
//! reading the files. `bench_recovery FOLDER ORDERS`; 10 million orders take 6 GB in the folder,
//! which must not be there yet, and 8 GB of memory.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tinywindow::gateway::{Completion, Gateway};
use tinywindow::order::{self, FRAME_MAX, Order, SIGNED_MAX, Side, UNIT};
use tinywindow::signing::{Context, Signer, Suite, keygen};
use tinywindow::{Error, Result};

/// So many share the orders.
const SESSIONS: u64 = 4;
/// Of each of so many accounts one buys and the next one sells.
const ACCOUNTS: u64 = 100;
const SYMBOLS: [&str; 4] = ["AAPL", "AMZN", "INTC", "MSFT"];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(orders)) = (arguments.next(), arguments.next()) else {
        eprintln!("bench_recovery FOLDER ORDERS");
        return Err(Error::Argument);
    };
    let (folder, orders) = (PathBuf::from(folder), orders.parse().expect("a number of orders"));
    fs::create_dir(&folder).expect("a new folder");
    let journal = folder.join("orders.twj");
    let snapshots = config(&folder, &journal, orders, 1_000_000);
    let none = config(&folder, &journal, orders, 1_000_000_000);

    println!("| {orders} orders | seconds |\n|---|---:|");
    measure("sending them", || send(&snapshots, orders));
    measure("reading the segments", || read_all(&journal, "twj"));
    let plain = measure("reading them again", || read_all(&journal, "twj"));
    let snapshot = measure("reading the snapshots", || read_all(&journal, "tws"));
    let from = measure("opening from the snapshot", || open(&snapshots));
    let again = measure("opening from the snapshot again", || open(&snapshots));
    for file in files(&journal, "tws") {
        fs::rename(&file, file.with_extension("aside")).expect("a snapshot is put aside");
    }
    let whole = measure("opening without snapshots", || open(&none));
    let bytes = |ending| -> u64 {
        files(&journal, ending).iter().map(|file| file.metadata().map_or(0, |of| of.len())).sum()
    };
    println!("\nSegments: {} bytes; snapshot: {} bytes.", bytes("twj"), bytes("aside"));
    let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
    println!(
        "From the snapshot {:.2} of reading it, without {:.2} of reading the segments twice; {:.1} \
         times as fast.",
        ratio(again, snapshot),
        ratio(whole, 2 * plain),
        ratio(whole, from.min(again)),
    );
    Ok(())
}

/// How long the work takes, without what it takes to end what it gives.
fn measure<R>(what: &str, work: impl FnOnce() -> R) -> Duration {
    let start = Instant::now();
    let _made = work();
    let took = start.elapsed();
    println!("| {what} | {:.2} |", took.as_secs_f64());
    took
}

fn config(folder: &Path, journal: &Path, orders: u64, snapshot_events: u64) -> String {
    let sessions: String = (1..=SESSIONS)
        .map(|id| {
            let key = folder.join(format!("{id}.key"));
            fs::write(&key, keygen(Suite::HmacSha256, id)).expect("a key");
            format!(
                "[[sessions]]\nid = {id}\nkeys = ['{}']\nper_second = 1_000_000\n\
                 burst = 1_000_000\nmax_open_orders = 1_000_000\n",
                key.display()
            )
        })
        .collect();
    let instruments =
        SYMBOLS.map(|symbol| format!("[[instruments]]\nsymbol = '{symbol}'\n")).concat();
    format!(
        "{sessions}{instruments}
[gateway]
max_orders = {}
memory_lock = 'preferred'
[journal]
kind = 'file'
path = '{}'
snapshot_events = {snapshot_events}
[throttle]
per_second = 1_000_000
burst = 1_000_000
[freshness]
back_ms = 3_600_000
[limits]
tick = '0.01'
lot = 1
max_quantity = 'unlimited'
max_notional = 'unlimited'
max_position = 'unlimited'
collar_percent = 'unlimited'
[venue]
kind = 'paper'
",
        orders + SESSIONS,
        journal.display()
    )
}

fn open(config: &str) -> Gateway {
    let gateway = Gateway::open(config).expect("a gateway");
    gateway.order_status(1, 1).expect("the first order");
    gateway
}

/// Every second order trades with the one before it; of a hundred one rests.
fn send(config: &str, orders: u64) {
    let gateway = Gateway::open(config).expect("a gateway");
    let signers: Vec<Signer> = (1..=SESSIONS)
        .map(|id| Signer::new(&keygen(Suite::HmacSha256, id)).expect("a signer"))
        .collect();
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos() as u64;
    let (mut completions, mut in_flight) = (Vec::new(), 0_u64);
    for number in 0..orders {
        let pair = number / 2;
        let rests = pair % 50 == 0;
        let (side, name) = match number % 2 {
            0 => (Side::Buy, pair % ACCOUNTS),
            _ => (Side::Sell, (pair + 1) % ACCOUNTS),
        };
        let price = if rests && side == Side::Sell { 101 } else { 100 };
        let symbol = SYMBOLS[(pair % 4) as usize];
        let mut order = Order::limit(symbol, side, UNIT, price * UNIT as i64).expect("an order");
        let session = pair % SESSIONS;
        order.session_id = session + 1;
        order.sequence = number + 1;
        order.client_order_id = number + 1;
        order.sending_time = now;
        order.account = order::text(format!("FUND{name}").as_bytes()).expect("an account");
        let signer = &signers[session as usize];
        order.key_id = signer.key_id();
        let (mut signed, mut frame) = ([0; SIGNED_MAX], [0; FRAME_MAX]);
        let length = order::encode(&order, &mut signed).expect("a valid order");
        let signature = signer.sign(Context::Order, &signed[..length]).expect("a framed key");
        let length = order::frame(&signed[..length], &signature, &mut frame).expect("room");
        loop {
            match gateway.submit(&frame[..length], number) {
                Ok(()) => break,
                Err(Error::Busy) => in_flight -= drain(&gateway, &mut completions),
                Err(error) => panic!("order {number}: {error:?}"),
            }
        }
        in_flight += 1;
    }
    while in_flight > 0 {
        in_flight -= drain(&gateway, &mut completions);
    }
    gateway.close().expect("closed");
}

/// How many acks came.
fn drain(gateway: &Gateway, completions: &mut Vec<Completion>) -> u64 {
    completions.clear();
    gateway.poll(completions, usize::MAX, Duration::from_secs(60)).expect("completions");
    let is_ack = |completion: &&Completion| match completion {
        Completion::Ack { result, .. } => result.as_ref().expect("decided").accepted,
        Completion::Execution { .. } => false,
    };
    completions.iter().filter(is_ack).count() as u64
}

fn files(journal: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(journal).expect("a journal");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == ending));
    files.sort();
    files
}

fn read_all(journal: &Path, ending: &str) {
    let mut buffer = vec![0; 1 << 20];
    for file in files(journal, ending) {
        let mut file = File::open(file).expect("a file");
        while file.read(&mut buffer).expect("bytes") > 0 {}
    }
}
