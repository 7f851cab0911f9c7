//! Two threads with a session each, beside one thread that sends the same frames.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use tinywindow::config::Config;
use tinywindow::gateway::{Gateway, Options};
use tinywindow::order;
use tinywindow::signing::{self, Context, Signer, Suite, Verifier};

use crate::flow::Flow;
use crate::order_path::{Limits, TIMEOUT, config};
use crate::rounds::{Effort, deeper, depth, median};

const SESSIONS: [u64; 2] = [7, 8];

/// Of each session in a round. An Ed25519 verification takes as long as a hundred orders beyond it.
const HMAC_ORDERS: usize = 20_000;
const ED25519_ORDERS: usize = 500;

pub fn run(effort: Effort) {
    println!("\n### Two threads, a session each: orders per second\n");
    println!("| | 1 thread | 2 threads | ratio |\n|---|---:|---:|---:|");
    let rounds = effort.rounds.div_ceil(10);
    compare(Suite::HmacSha256, HMAC_ORDERS, rounds);
    compare(Suite::Ed25519, ED25519_ORDERS, rounds);
}

/// A session: its frames, and the key that verifies them.
struct Desk {
    session_id: u64,
    key: Vec<u8>,
    flow: Flow,
}

impl Desk {
    fn new(suite: Suite, session_id: u64, orders: usize) -> Self {
        let secret = signing::keygen(suite, session_id);
        let flow = Flow::new(session_id, &Signer::new(&secret).expect("a key"), orders);
        let key = match suite.public_key_size() {
            Some(_) => signing::public_key(&secret).expect("a secret key").to_vec(),
            None => secret.to_vec(),
        };
        Self { session_id, key, flow }
    }

    fn verifier(&self) -> Verifier {
        Verifier::new(&self.key).expect("a key")
    }
}

/// What is done with a desk's frame.
trait Call: Fn(usize, &[u8]) + Sync {}
impl<F: Fn(usize, &[u8]) + Sync> Call for F {}

fn compare(suite: Suite, orders: usize, rounds: usize) {
    let desks = SESSIONS.map(|session_id| Desk::new(suite, session_id, orders));
    let verifiers = [desks[0].verifier(), desks[1].verifier()];
    let verify = |desk: usize, frame: &[u8]| {
        let parts = order::parse(frame).expect("a frame");
        verifiers[desk].verify(Context::Order, parts.signed, parts.signature).expect("valid");
    };
    let (mut verified, mut sent) = (Vec::new(), Vec::new());
    for depth in (0..rounds).map(depth) {
        verified.push([one_thread(&desks, depth, &verify), two_threads(&desks, depth, &verify)]);
        // Each through a gateway of its own, that has not seen the frames.
        let [first, second] = [open(&desks), open(&desks)];
        let send = |gateway: &Gateway, frame: &[u8]| {
            gateway.send(frame, TIMEOUT).expect("decided");
        };
        sent.push([
            one_thread(&desks, depth, &|_, frame| send(&first, frame)),
            two_threads(&desks, depth, &|_, frame| send(&second, frame)),
        ]);
    }
    row(&format!("{}, verification alone", suite.name()), &verified);
    row(&format!("{}, `Gateway::send`", suite.name()), &sent);
}

fn open(desks: &[Desk; 2]) -> Gateway {
    let config = Config::parse(&config(&SESSIONS, Limits::Required)).expect("a good configuration");
    let gateway = Gateway::open_with(&config, Options::default()).expect("a gateway");
    for desk in desks {
        gateway.add_key(desk.session_id, &desk.key).expect("a key");
    }
    gateway
}

/// Calls per second, the desks' frames in turn, on a thread of its own as the two are: where a
/// stack begins decides a fifth of an Ed25519 verification.
fn one_thread(desks: &[Desk; 2], depth: usize, call: &impl Call) -> f64 {
    let in_turn = || {
        for (first, second) in desks[0].flow.frames().zip(desks[1].flow.frames()) {
            call(0, first);
            call(1, second);
        }
    };
    let (begin, end) =
        thread::scope(|scope| scope.spawn(|| timed(depth, in_turn)).join().expect("no panic"));
    calls(desks) / (end - begin).as_secs_f64()
}

/// Calls per second, each desk's frames on a thread of its own.
fn two_threads(desks: &[Desk; 2], depth: usize, call: &impl Call) -> f64 {
    let start = Barrier::new(desks.len());
    let all_of = |desk: usize| {
        start.wait();
        timed(depth, || desks[desk].flow.frames().for_each(|frame| call(desk, frame)))
    };
    let all_of = &all_of;
    let times = thread::scope(|scope| {
        let threads = [0, 1].map(|desk| scope.spawn(move || all_of(desk)));
        threads.map(|thread| thread.join().expect("no panic"))
    });
    let begin = times.iter().map(|(begin, _)| *begin).min().expect("two");
    let end = times.iter().map(|(_, end)| *end).max().expect("two");
    calls(desks) / (end - begin).as_secs_f64()
}

/// When this began and ended, so deep on the stack.
fn timed(depth: usize, mut body: impl FnMut()) -> (Instant, Instant) {
    let begin = Instant::now();
    deeper(depth, &mut body);
    (begin, Instant::now())
}

fn calls(desks: &[Desk; 2]) -> f64 {
    desks.iter().map(|desk| desk.flow.frames().count()).sum::<usize>() as f64
}

fn row(name: &str, rounds: &[[f64; 2]]) {
    let of = |number: fn(&[f64; 2]) -> f64| median(rounds.iter().map(number).collect());
    let (one, two, ratio) = (of(|pace| pace[0]), of(|pace| pace[1]), of(|pace| pace[1] / pace[0]));
    println!("| {name} | {one:.0} | {two:.0} | {ratio:.2} |");
}
