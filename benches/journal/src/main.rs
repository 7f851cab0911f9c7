//! Orders made durable one by one, 16 and 256 at a time: the gateway, its journal alone, and what
//! people would keep them in otherwise. Nothing is acknowledged before a sync has covered it.
//! Prints Markdown.

mod contender;
#[path = "../../src/flow.rs"]
mod flow;
mod gateway;
mod grouped;
mod rocksdb;
mod stores;
#[path = "../../src/versions.rs"]
mod versions;

use std::fs;
use std::path::{Path, PathBuf};

use contender::{Clients, Contender, Slice};
use gateway::ThroughGateway;
use grouped::{Alone, Grouped, Store};
use rocksdb::RocksDb;
use stores::{Bare, Fjall, OkayWal, Redb, Sqlite};

/// How long to measure.
#[derive(Clone, Copy)]
struct Effort {
    /// In each of them all contenders take a turn.
    rounds: usize,
    /// Orders of a turn, for each that is in flight.
    turn: usize,
}

const FULL: Effort = Effort { rounds: 10, turn: 40 };
const SMOKE: Effort = Effort { rounds: 1, turn: 2 };

const CRATES: [&str; 5] = ["fjall", "libsqlite3-sys", "okaywal", "redb", "rusqlite"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, words) = arguments.split_first().unwrap_or_else(|| {
        eprintln!("usage: bench_journal FOLDER [smoke] [threads N | polling N]");
        std::process::exit(2);
    });
    let effort = if words.iter().any(|word| word == "smoke") { SMOKE } else { FULL };
    let folder = Folder::new(Path::new(folder));
    println!("\n## The journal\n");
    versions::print(&CRATES);
    if !RocksDb::is_here() {
        println!("\nRocksDB's library is not installed here, so it was not measured.");
    }
    let number = words.last().and_then(|word| word.parse().ok());
    let all = [
        Clients::Threads(1),
        Clients::Threads(16),
        Clients::Threads(256),
        Clients::Polling(16),
        Clients::Polling(256),
    ];
    match (words.iter().any(|word| word == "polling"), number) {
        (true, Some(count)) => measure(&folder, Clients::Polling(count), effort),
        (false, Some(count)) => measure(&folder, Clients::Threads(count), effort),
        (_, None) => all.iter().for_each(|&clients| measure(&folder, clients, effort)),
    }
}

/// Where all of them write. It is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(within: &Path) -> Self {
        let folder = within.join(format!("journal-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        // The gateway's configuration wants it whole.
        Self(fs::canonicalize(folder).expect("a path"))
    }

    /// A new one in it.
    fn inner(&self, name: &str) -> PathBuf {
        let inner = self.0.join(name);
        fs::create_dir_all(&inner).expect("a folder");
        inner
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A contender and what its turns were like.
struct Column {
    contender: Box<dyn Contender>,
    slices: Vec<Slice>,
}

fn measure(folder: &Folder, clients: Clients, effort: Effort) {
    let (count, each) = match clients {
        Clients::Threads(count) => (count, effort.turn),
        Clients::Polling(in_flight) => (1, in_flight * effort.turn),
    };
    let title = match clients {
        Clients::Threads(1) => "One order in flight".to_owned(),
        Clients::Threads(count) => format!("{count} orders in flight, each sent by its thread"),
        Clients::Polling(count) => format!("{count} orders in flight, submitted by one thread"),
    };
    let turns = effort.rounds + 1;
    let orders = gateway::orders(count, each * turns);
    let inner = folder.inner("contenders");
    let mut columns: Vec<Column> = contenders(&inner, clients, count, count * each * turns)
        .into_iter()
        .map(|contender| Column { contender, slices: Vec::new() })
        .collect();
    for round in 0..turns {
        let range = round * each..(round + 1) * each;
        for column in &mut columns {
            let slice = contender::slice(&*column.contender, clients, &orders, range.clone());
            // In the first one all is new to everybody.
            if round > 0 {
                column.slices.push(slice);
            }
        }
    }
    print(&title, &columns);
    drop(columns);
    fs::remove_dir_all(inner).expect("a folder");
}

fn contenders(
    folder: &Path,
    clients: Clients,
    count: usize,
    orders: usize,
) -> Vec<Box<dyn Contender>> {
    let inner = |name: &str| {
        let inner = folder.join(name);
        fs::create_dir_all(&inner).expect("a folder");
        inner
    };
    let gateway = |name, signs| Box::new(ThroughGateway::new(&inner(name), count, orders, signs));
    let mut all: Vec<Box<dyn Contender>> = vec![
        gateway("chain", false),
        gateway("tree", true),
        keep("journal alone, tree and checkpoints", false, clients, stores::journal(folder)),
        match clients {
            Clients::Threads(_) => Box::new(OkayWal::new(folder)),
            Clients::Polling(_) => keep("`okaywal`", true, clients, OkayWal::new(folder)),
        },
        keep("SQLite", true, clients, Sqlite::new(folder)),
        keep("`redb`", true, clients, Redb::new(folder)),
        keep("`fjall`", true, clients, Fjall::new(folder)),
    ];
    if let Some(store) = RocksDb::new(folder) {
        all.push(keep("RocksDB", true, clients, store));
    }
    all.push(keep("a bare file", false, clients, Bare::new(folder)));
    all
}

/// One who is alone commits on its own thread; several are grouped.
fn keep(
    name: &'static str,
    is_peer: bool,
    clients: Clients,
    store: impl Store,
) -> Box<dyn Contender> {
    match clients {
        Clients::Threads(1) => Box::new(Alone::new(name, is_peer, store)),
        Clients::Threads(count) => Box::new(Grouped::new(name, is_peer, count, store)),
        Clients::Polling(_) => Box::new(Grouped::new(name, is_peer, 1, store)),
    }
}

fn print(title: &str, columns: &[Column]) {
    let pace = |column: &Column| median(column.slices.iter().map(|s| s.per_second).collect());
    let peers = columns.iter().filter(|column| column.contender.is_peer());
    let best = peers.max_by(|a, b| pace(a).total_cmp(&pace(b))).expect("peers");
    println!("\n### {title}\n");
    println!("| | orders/s | to the best peer | p50 µs | p99 µs | p99.9 µs |");
    println!("|---|---:|---:|---:|---:|---:|");
    for column in columns {
        let rounds = column.slices.iter().zip(&best.slices);
        let ratio = median(rounds.map(|(own, best)| own.per_second / best.per_second).collect());
        let mut latencies = contender::histogram();
        for slice in &column.slices {
            latencies.add(&slice.latencies).expect("the same bounds");
        }
        let [p50, p99, p999] =
            [0.5, 0.99, 0.999].map(|quantile| latencies.value_at_quantile(quantile) / 1000);
        let (name, pace) = (column.contender.name(), pace(column));
        println!("| {name} | {pace:.0} | {ratio:.2} | {p50} | {p99} | {p999} |");
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
