//! How long opening takes behind so many orders, from a snapshot and without one, beside plainly
//! reading the files: by the clock and by the processor, with the files in memory and not.
//! `bench_recovery FOLDER ORDERS`. A folder that it made for as many orders before is measured
//! again. 10 million orders take 6 GB in the folder, and 8 GB of memory.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{Advice, fadvise};
use rustix::time::{ClockId, clock_gettime};
use tinywindow::gateway::{Completion, Gateway};
use tinywindow::order::{self, FRAME_MAX, Order, SIGNED_MAX, Side, UNIT};
use tinywindow::signing::{Context, Signer, Suite, keygen};
use tinywindow::{Error, Result};

/// So many share the orders.
const SESSIONS: u64 = 4;
/// Of each of so many accounts one buys and the next one sells.
const ACCOUNTS: u64 = 100;
const SYMBOLS: [&str; 4] = ["AAPL", "AMZN", "INTC", "MSFT"];
/// The quickest of so many counts.
const ATTEMPTS: usize = 3;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(orders)) = (arguments.next(), arguments.next()) else {
        eprintln!("bench_recovery FOLDER ORDERS");
        return Err(Error::Argument);
    };
    let (folder, orders) = (PathBuf::from(folder), orders.parse().expect("a number of orders"));
    let journal = folder.join("orders.twj");
    if !folder.exists() {
        fs::create_dir(&folder).expect("a new folder");
        send(&config(&folder, &journal, orders, 1_000_000), orders);
    }
    // Of this one nothing that is measured writes a snapshot.
    let config = config(&folder, &journal, orders, 1_000_000_000);
    drop(Gateway::open(&config)?);

    println!(
        "| {orders} orders, seconds | warm, clock | warm, processor | cold, clock | cold, \
         processor |\n|---|---:|---:|---:|---:|"
    );
    let segments = Row::measure(&journal, || read_all(&journal, "twj")).twice();
    segments.tell("plainly reading the segments, twice");
    let snapshot = Row::measure(&journal, || read_all(&journal, "tws")).twice();
    snapshot.tell("plainly reading the snapshot, twice");
    let from = Row::measure(&journal, || open(&config));
    from.tell("opening from the snapshot");
    let snapshots = files(&journal, "tws");
    let bytes = |ending| -> u64 {
        files(&journal, ending).iter().map(|file| file.metadata().map_or(0, |of| of.len())).sum()
    };
    let sizes = [bytes("twj"), bytes("tws")];
    let aside = |file: &PathBuf| file.with_extension("aside");
    for file in &snapshots {
        fs::rename(file, aside(file)).expect("a snapshot is put aside");
    }
    let whole = Row::measure(&journal, || open(&config));
    whole.tell("opening without a snapshot");
    for file in &snapshots {
        fs::rename(aside(file), file).expect("and put back");
    }

    println!("\nSegments: {} bytes; snapshot: {} bytes.", sizes[0], sizes[1]);
    println!(
        "Of reading the files twice, by the clock: without a snapshot {:.1} warm, {:.1} cold; from \
         it {:.1} warm, {:.1} cold.",
        whole.warm.of(segments.warm),
        whole.cold.of(segments.cold),
        from.warm.of(snapshot.warm),
        from.cold.of(snapshot.cold),
    );
    Ok(())
}

/// How long something takes.
#[derive(Clone, Copy)]
struct Time {
    clock: Duration,
    /// Of all threads.
    processor: Duration,
}

impl Time {
    /// Of the work, without what it takes to end what it gives.
    fn measure<R>(work: impl FnOnce() -> R) -> Self {
        let (start, processor) = (Instant::now(), processor_time());
        let made = work();
        let took = Self { clock: start.elapsed(), processor: processor_time() - processor };
        drop(made);
        took
    }

    fn twice(self) -> Self {
        Self { clock: 2 * self.clock, processor: 2 * self.processor }
    }

    /// How many times the other's, by the clock.
    fn of(self, other: Self) -> f64 {
        self.clock.as_secs_f64() / other.clock.as_secs_f64()
    }
}

/// Of this process so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// With the journal's files in memory, and without.
#[derive(Clone, Copy)]
struct Row {
    warm: Time,
    cold: Time,
}

impl Row {
    fn measure<R>(journal: &Path, mut work: impl FnMut() -> R) -> Self {
        let mut quickest = |prepare: fn(&Path)| {
            let attempts = (0..ATTEMPTS).map(|_| {
                prepare(journal);
                Time::measure(&mut work)
            });
            attempts.min_by_key(|time| time.clock).expect("some")
        };
        let cold = quickest(forget);
        Self { cold, warm: quickest(|_| ()) }
    }

    fn twice(self) -> Self {
        Self { warm: self.warm.twice(), cold: self.cold.twice() }
    }

    fn tell(&self, what: &str) {
        let [warm, cold] = [self.warm, self.cold].map(|Time { clock, processor }| {
            format!("{:.2} | {:.2}", clock.as_secs_f64(), processor.as_secs_f64())
        });
        println!("| {what} | {warm} | {cold} |");
    }
}

/// Lets the kernel keep nothing of the journal's files in memory.
fn forget(journal: &Path) {
    for entry in fs::read_dir(journal).expect("a journal") {
        let file = File::open(entry.expect("an entry").path()).expect("a file");
        file.sync_all().expect("synced: what is not cannot be forgotten");
        fadvise(&file, 0, None, Advice::DontNeed).expect("forgotten");
    }
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
