//! An honest session's orders, quiet and beside a hostile session at full speed on another thread,
//! in turns.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use hdrhistogram::Histogram;
use tinywindow::gateway::Gateway;
use tinywindow::order::{self, FRAME_MAX, Order, SIGNED_MAX, Side, UNIT};
use tinywindow::signing::{self, Context, Signer, Suite};

use crate::flow::{Flow, SYMBOLS};
use crate::order_path::{self, Limits, TIMEOUT};
use crate::rounds::Effort;

const SESSION: u64 = 7;
const HOSTILE: u64 = 8;

/// So many orders, then the flood begins or ends.
const TURN: usize = 2_000;

/// Frames that the hostile session sends again and again.
const HOSTILE_FRAMES: u64 = 1_000;

pub fn run(effort: Effort) {
    let [honest, hostile] = [1, 2].map(|seed| signing::keygen(Suite::HmacSha256, seed));
    let gateway = Gateway::open(&config()).expect("a gateway");
    gateway.add_key(SESSION, &honest).expect("a key");
    gateway.add_key(HOSTILE, &hostile).expect("a key");
    let flow = Flow::new(SESSION, &Signer::new(&honest).expect("a signer"), effort.orders);
    let frames = hostile_frames(&Signer::new(&hostile).expect("a signer"));

    let (floods, ends, sent) = (AtomicBool::new(false), AtomicBool::new(false), AtomicU64::new(0));
    let histogram = || Histogram::<u64>::new_with_bounds(1, 1_000_000_000, 3).expect("bounds");
    let [mut quiet, mut flooded] = [histogram(), histogram()];
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ends.load(Relaxed) {
                for frame in frames.iter().take_while(|_| floods.load(Relaxed)) {
                    let _ = gateway.send(frame, TIMEOUT);
                    sent.fetch_add(1, Relaxed);
                }
            }
        });
        for (index, frame) in flow.frames().enumerate() {
            let floods_now = index / TURN % 2 == 1;
            floods.store(floods_now, Relaxed);
            let begin = Instant::now();
            gateway.send(frame, TIMEOUT).expect("decided");
            let histogram = if floods_now { &mut flooded } else { &mut quiet };
            histogram.saturating_record(begin.elapsed().as_nanos() as u64);
        }
        ends.store(true, Relaxed);
    });
    println!("\n### An honest session beside a hostile one, hmac-sha256, nanoseconds\n");
    println!("| | p50 | p99 | p99.9 |\n|---|---:|---:|---:|");
    let at = |of: &Histogram<u64>| [0.5, 0.99, 0.999].map(|q| of.value_at_quantile(q));
    let ([a, b, c], [x, y, z]) = (at(&quiet), at(&flooded));
    println!("| quiet | {a} | {b} | {c} |\n| beside the flood | {x} | {y} | {z} |");
    let ratio = |one: u64, other: u64| one as f64 / other as f64;
    println!("| ratio | {:.2} | {:.2} | {:.2} |", ratio(x, a), ratio(y, b), ratio(z, c));
    println!("\n{} hostile frames were sent beside {} orders.", sent.into_inner(), flooded.len());
}

/// As on the order path; the hostile session may send little.
fn config() -> String {
    let honest = order_path::config(&[SESSION], Limits::Required);
    format!("{honest}[[sessions]]\nid = {HOSTILE}\nper_second = 1000\nburst = 100\n")
}

/// In turn: one above the rate, or sent before; one under a sequence that was used; one that nobody
/// signed; and bytes that are no frame.
fn hostile_frames(signer: &Signer) -> Vec<Vec<u8>> {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos() as u64;
    let frame = |sequence: u64, price: i64| {
        let order = Order::limit(SYMBOLS[0], Side::Buy, 100 * UNIT, price * UNIT as i64);
        let order = Order {
            sequence,
            sending_time: now,
            client_order_id: sequence,
            session_id: HOSTILE,
            key_id: signer.key_id(),
            ..order.expect("a symbol")
        };
        let (mut signed, mut frame) = ([0; SIGNED_MAX], vec![0; FRAME_MAX]);
        let length = order::encode(&order, &mut signed).expect("a valid order");
        let signature = signer.sign(Context::Order, &signed[..length]).expect("a framed key");
        let length = order::frame(&signed[..length], &signature, &mut frame).expect("room");
        frame.truncate(length);
        frame
    };
    let turn = |sequence| {
        let valid = frame(sequence, 90);
        let mut forged = valid.clone();
        *forged.last_mut().expect("a signature") ^= 1;
        let malformed = valid[..valid.len() - 1].to_vec();
        [valid, frame(1, 91), forged, malformed]
    };
    (1..=HOSTILE_FRAMES).flat_map(turn).collect()
}
