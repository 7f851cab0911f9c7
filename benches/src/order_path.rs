//! The order path with the memory journal and the paper venue: in all, gate by gate, and what its
//! histograms cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tinywindow::config::Config;
use tinywindow::gateway::{Gate, Gateway, Observer, Options};
use tinywindow::order;
use tinywindow::signing::{self, Context, Signer, Suite, Verifier};

use crate::allocations;
use crate::flow::{Flow, SYMBOLS};
use crate::library::Shared;
use crate::rounds::Effort;

const SESSION: u64 = 7;

/// A second is never reached.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// With an HMAC session: beside an Ed25519 verification what is measured here would be noise.
pub fn run(shared: &Shared, effort: Effort) {
    let key = signing::keygen(Suite::HmacSha256, 1);
    let flow = Flow::new(SESSION, &Signer::new(&key).unwrap(), effort.orders);
    in_all(&key, &flow, shared);
    by_gate(&key, &flow);
    histograms(&key, &flow);
}

/// What is limited; none of it stands in the flow's way.
#[derive(Clone, Copy)]
pub enum Limits {
    /// What every text has.
    Required,
    /// Everything there is to limit.
    All,
}

pub fn config(sessions: &[u64], limits: Limits) -> String {
    let [of_instruments, of_sessions, of_exposure] = match limits {
        Limits::Required => [""; 3],
        Limits::All => [
            "min_quantity = 1\nmin_price = 1\nmax_price = 1000\nlocate = 1000000\n\
             last_trade_collar_percent = 10\nopens = \"00:00\"\ncloses = \"23:59:59\"\n",
            "max_repeats = 100\nmax_order_to_trade = 1000\n",
            "[account_limits]\nmax_gross_notional = 100000000000\n\
             max_net_notional = 100000000000\nmax_loss = 100000000000\n\
             [firm]\nmax_gross_notional = 100000000000\nmax_net_notional = 100000000000\n\
             max_loss = 100000000000\nself_trade_prevention = \"account\"\n",
        ],
    };
    let instruments = SYMBOLS.map(|symbol| {
        format!("[[instruments]]\nsymbol = \"{symbol}\"\nreference_price = \"100\"\n")
    });
    let sessions = sessions.iter().map(|id| {
        format!(
            "[[sessions]]\nid = {id}\nper_second = 1000000000\nburst = 1000000000\n\
             cancels_per_second = 1000000000\ncancels_burst = 1000000000\n\
             max_open_orders = 1000000\n{of_sessions}"
        )
    });
    format!(
        "journal.kind = \"memory\"\nvenue.kind = \"paper\"\n\
         [freshness]\nback_ms = 3600000\n\
         [throttle]\nper_second = 1000000000\nburst = 1000000000\n{of_exposure}\
         [limits]\ntick = \"0.01\"\nlot = 1\nmax_quantity = 100000\nmax_notional = 100000000\n\
         max_position = 1000000000\ncollar_percent = 10\n{of_instruments}{}{}",
        instruments.concat(),
        sessions.collect::<String>()
    )
}

fn open(key: &[u8], limits: Limits, observer: Option<Arc<dyn Observer>>) -> Gateway {
    let config = Config::parse(&config(&[SESSION], limits)).expect("a good configuration");
    let options = Options { observer, ..Options::default() };
    let gateway = Gateway::open_with(&config, options).expect("a gateway");
    gateway.add_key(SESSION, key).expect("a key");
    gateway
}

/// Nanoseconds of many orders: the whole call, the bare verification of the same signature just
/// before it, and the difference of the two, order by order.
struct Latency {
    verification: Histogram<u64>,
    call: Histogram<u64>,
    beyond: Histogram<u64>,
    accepted: usize,
    allocations: u64,
}

impl Latency {
    fn measure(verifier: &Verifier, flow: &Flow, send: impl Fn(&[u8]) -> bool) -> Self {
        let [verification, call, beyond] = std::array::from_fn(|_| histogram());
        let mut latency = Self { verification, call, beyond, accepted: 0, allocations: 0 };
        for (index, frame) in flow.frames().enumerate() {
            let parts = order::parse(frame).expect("a frame");
            let begin = Instant::now();
            verifier.verify(Context::Order, parts.signed, parts.signature).expect("valid");
            let verified = Instant::now();
            let allocated = allocations::count();
            let accepted = send(frame);
            latency.allocations += allocations::count() - allocated;
            let sent = Instant::now();
            latency.accepted += usize::from(accepted);
            if index >= WARM_UP {
                let (alone, call) = (nanoseconds(begin, verified), nanoseconds(verified, sent));
                latency.verification.saturating_record(alone);
                latency.call.saturating_record(call);
                latency.beyond.saturating_record(call.saturating_sub(alone));
            }
        }
        latency
    }

    fn row(name: &str, of: &Histogram<u64>) {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|quantile| of.value_at_quantile(quantile));
        println!("| {name} | {p50} | {p99} | {p999} |");
    }
}

/// The first orders find cold caches and memory that was never touched.
const WARM_UP: usize = 1_000;

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 1_000_000_000, 3).expect("good bounds")
}

fn nanoseconds(from: Instant, to: Instant) -> u64 {
    (to - from).as_nanos() as u64
}

fn in_all(key: &[u8], flow: &Flow, shared: &Shared) {
    let verifier = Verifier::new(key).expect("a verifier");
    let [rust, limited] = [Limits::Required, Limits::All].map(|limits| {
        let gateway = open(key, limits, None);
        let send = |frame: &[u8]| gateway.send(frame, TIMEOUT).expect("decided").accepted;
        Latency::measure(&verifier, flow, send)
    });
    let gateway = shared.gateway(&config(&[SESSION], Limits::Required), SESSION, key);
    let c = Latency::measure(&verifier, flow, |frame| gateway.send(frame));
    println!("\n### An order in all, hmac-sha256 session, nanoseconds\n");
    println!("| | p50 | p99 | p99.9 |\n|---|---:|---:|---:|");
    Latency::row("verification alone", &rust.verification);
    Latency::row("`Gateway::send`", &rust.call);
    Latency::row("`Gateway::send` beyond the signature", &rust.beyond);
    Latency::row("`Gateway::send` beyond the signature, all limits set", &limited.beyond);
    Latency::row("`tw_send_order`", &c.call);
    Latency::row("`tw_send_order` beyond the signature", &c.beyond);
    let (orders, accepted) = (flow.frames().count(), rust.accepted);
    let allocations = rust.allocations + limited.allocations;
    println!("\n{orders} orders, {accepted} accepted, {allocations} allocations.");
    assert_eq!([limited.accepted, c.accepted], [accepted; 2]);
}

/// What each gate took for the last order.
#[derive(Default)]
struct Latest([AtomicU64; Gate::ALL.len()]);

impl Observer for Latest {
    fn gate(&self, gate: Gate, elapsed: Duration) {
        self.0[gate as usize].store(elapsed.as_nanos() as u64, Ordering::Relaxed);
    }
}

fn by_gate(key: &[u8], flow: &Flow) {
    let latest = Arc::new(Latest::default());
    let gateway = open(key, Limits::All, Some(latest.clone()));
    let mut gates = Gate::ALL.map(|_| histogram());
    let mut clock = histogram();
    for (index, frame) in flow.frames().enumerate() {
        gateway.send(frame, TIMEOUT).expect("decided");
        let (begin, end) = (Instant::now(), Instant::now());
        if index >= WARM_UP {
            clock.saturating_record(nanoseconds(begin, end));
            for (histogram, latest) in gates.iter_mut().zip(&latest.0) {
                histogram.saturating_record(latest.load(Ordering::Relaxed));
            }
        }
    }
    println!("\n### An order gate by gate, hmac-sha256 session, all limits set, nanoseconds\n");
    println!("| | p50 | p99 | p99.9 |\n|---|---:|---:|---:|");
    for (gate, histogram) in Gate::ALL.iter().zip(&gates) {
        Latency::row(gate.name(), histogram);
    }
    Latency::row("reading the clock, in each of the above", &clock);
}

/// One send in so many of a thread has its gates timed, the first one included.
const SAMPLING: usize = 64;

/// Nothing is kept of what it is told, but for it every gate of every order is timed.
struct Deaf;

impl Observer for Deaf {
    fn gate(&self, _: Gate, _: Duration) {}
}

/// What the sends took whose gates were timed, and the others.
fn timed_and_others(gateway: &Gateway, flow: &Flow) -> [Histogram<u64>; 2] {
    let send_all = || {
        let [mut timed, mut others] = [histogram(), histogram()];
        for (index, frame) in flow.frames().enumerate() {
            let begin = Instant::now();
            gateway.send(frame, TIMEOUT).expect("decided");
            let took = nanoseconds(begin, Instant::now());
            if index >= WARM_UP {
                let of = if index % SAMPLING == 0 { &mut timed } else { &mut others };
                of.saturating_record(took);
            }
        }
        [timed, others]
    };
    // Its own thread, since each counts its own sends.
    thread::scope(|scope| scope.spawn(send_all).join().expect("no panic"))
}

fn histograms(key: &[u8], flow: &Flow) {
    let [timed, others] = timed_and_others(&open(key, Limits::Required, None), flow);
    let [_, observed] = timed_and_others(&open(key, Limits::Required, Some(Arc::new(Deaf))), flow);
    let p50 = |of: &Histogram<u64>| of.value_at_quantile(0.5) as f64;
    let more = p50(&timed) - p50(&others);
    println!("\n### What the histograms of the gates cost, nanoseconds\n");
    println!("| an order | p50 | more |\n|---|---:|---:|");
    println!("| not timed | {} | |", p50(&others));
    println!("| timed, one in {SAMPLING} | {} | {more} |", p50(&timed));
    println!("| on average, as it is | | {:.1} |", more / SAMPLING as f64);
    println!("| if each were timed | {} | {} |", p50(&observed), p50(&observed) - p50(&others));
}
