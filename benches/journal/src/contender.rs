//! What is measured: whoever makes orders durable, and the clients who keep some in flight.

use std::ops::Range;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// One order: as a client sends it, and as the gateway's journal has the decision on it.
pub struct Order {
    pub frame: Vec<u8>,
    pub record: Vec<u8>,
}

/// Makes orders durable, for several clients at once.
pub trait Contender: Sync {
    fn name(&self) -> &'static str;

    /// A peer: the best of these is what all are compared to.
    fn is_peer(&self) -> bool;

    /// Returns when the order is on stable storage.
    fn send(&self, client: usize, order: &Order);

    /// Goes on at once: [`completed`](Self::completed) will tell.
    fn submit(&self, _order: &Order, _tag: usize) {
        unimplemented!("only who can be polled is")
    }

    /// Waits until something that was submitted is on stable storage; the tags of all that is.
    fn completed(&self, _each: &mut dyn FnMut(usize)) {
        unimplemented!("only who can be polled is")
    }
}

/// How the clients keep orders in flight.
#[derive(Clone, Copy, PartialEq)]
pub enum Clients {
    /// So many, each on a thread of its own, one order each.
    Threads(usize),
    /// One, which submits so many and polls.
    Polling(usize),
}

/// What a slice of a round was like.
pub struct Slice {
    pub per_second: f64,
    pub latencies: Histogram<u64>,
}

/// Lets each client send its orders of this range.
pub fn slice(
    contender: &dyn Contender,
    clients: Clients,
    orders: &[Vec<Order>],
    range: Range<usize>,
) -> Slice {
    let count = orders.len() * range.len();
    let (took, latencies) = match clients {
        Clients::Threads(_) => threads(contender, orders, range),
        Clients::Polling(in_flight) => polling(contender, &orders[0][range], in_flight),
    };
    Slice { per_second: count as f64 / took.as_secs_f64(), latencies }
}

pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("good bounds")
}

fn nanoseconds(since: Instant) -> u64 {
    since.elapsed().as_nanos() as u64
}

fn threads(
    contender: &dyn Contender,
    orders: &[Vec<Order>],
    range: Range<usize>,
) -> (Duration, Histogram<u64>) {
    let start = Barrier::new(orders.len() + 1);
    let client = |number: usize| {
        let mut latencies = histogram();
        start.wait();
        for order in &orders[number][range.clone()] {
            let begin = Instant::now();
            contender.send(number, order);
            latencies.saturating_record(nanoseconds(begin));
        }
        latencies
    };
    let client = &client;
    thread::scope(|scope| {
        let number = 0..orders.len();
        let clients: Vec<_> = number.map(|n| scope.spawn(move || client(n))).collect();
        start.wait();
        let begin = Instant::now();
        let mut all = histogram();
        for client in clients {
            all.add(client.join().expect("no panic")).expect("the same bounds");
        }
        (begin.elapsed(), all)
    })
}

fn polling(
    contender: &dyn Contender,
    orders: &[Order],
    in_flight: usize,
) -> (Duration, Histogram<u64>) {
    let mut latencies = histogram();
    let mut begins = Vec::with_capacity(orders.len());
    let begin = Instant::now();
    let mut ended = 0;
    while ended < orders.len() {
        while begins.len() < orders.len() && begins.len() - ended < in_flight {
            begins.push(Instant::now());
            contender.submit(&orders[begins.len() - 1], begins.len() - 1);
        }
        contender.completed(&mut |tag| {
            latencies.saturating_record(nanoseconds(begins[tag]));
            ended += 1;
        });
    }
    (begin.elapsed(), latencies)
}
