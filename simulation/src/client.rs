//! Two clients that send what they should, and what they should not.

use std::sync::LazyLock;

use tinywindow::order::{
    self, FRAME_MAX, OrdType, Order, Request, SIGNED_MAX, Side, Terms, Text, TimeInForce,
};
use tinywindow::signing::{Context, Signer, Suite, keygen};

use crate::random::Random;
use crate::rules::{ACCOUNTS, SYMBOLS, UNIT};
use crate::submission::Submission;

pub const SESSIONS: [u64; 2] = [1, 2];

/// Each session has so many keys: one in the configuration, others that come at run time.
pub const KEYS: usize = 3;

pub fn key(session_id: u64, number: usize) -> Vec<u8> {
    keygen(Suite::HmacSha256, 10 * session_id + number as u64).to_vec()
}

static SIGNERS: LazyLock<[[Signer; KEYS]; 2]> = LazyLock::new(|| {
    let signer = |id, number| Signer::new(&key(id, number)).expect("a signer");
    SESSIONS.map(|id| std::array::from_fn(|number| signer(id, number)))
});

fn signer(session_id: u64, number: usize) -> &'static Signer {
    &SIGNERS[session_id as usize - 1][number]
}

pub fn key_id(session_id: u64, number: usize) -> u64 {
    signer(session_id, number).key_id()
}

pub fn text(value: &str) -> Text {
    order::text(value.as_bytes()).expect("a text")
}

/// One session's side of the line.
#[derive(Debug)]
pub struct Client {
    session_id: u64,
    last_sequence: u64,
    sent: Vec<Submission>,
}

/// The order as a frame that this key signed.
fn sign(signer: &Signer, order: &Order) -> Vec<u8> {
    let mut signed = [0; SIGNED_MAX];
    let length = order::encode(order, &mut signed).expect("a valid order");
    let signature = signer.sign(Context::Order, &signed[..length]).expect("a signature");
    let mut frame = vec![0; FRAME_MAX];
    let length = order::frame(&signed[..length], &signature, &mut frame).expect("a frame");
    frame.truncate(length);
    frame
}

impl Client {
    pub fn new(session_id: u64) -> Client {
        Client { session_id, last_sequence: 0, sent: Vec::new() }
    }

    fn terms(side: Side, random: &mut Random) -> Terms {
        // Now and then above the limits of an order, of its value, of the position.
        let quantity = match random.below(20) {
            0 => 21 + random.below(5),
            1..=3 => 10 + random.below(10),
            _ => 1 + random.below(8),
        };
        // Some of them would trade with each other.
        let lowest = if side == Side::Buy { 94 } else { 99 };
        Terms {
            ord_type: OrdType::Limit,
            time_in_force: TimeInForce::GoodTillCancel,
            price: Some(((lowest + random.below(8)) * UNIT) as i64),
            stop_price: None,
            quantity: quantity * UNIT,
        }
    }

    /// A new request, signed by this of its keys: an order, or a replace or cancel of one that was
    /// sent.
    pub fn request(&mut self, now: u64, key: usize, random: &mut Random) -> Submission {
        let named =
            self.sent.len().checked_sub(1 + random.index(6)).and_then(|at| self.sent.get(at));
        let named = named.and_then(|sent| sent.order);
        let side = [Side::Buy, Side::Sell][random.index(2)];
        let new = Order {
            sequence: self.last_sequence + 1 + u64::from(random.percent(5)),
            sending_time: now.saturating_sub(random.below(1_000_000_000)),
            client_order_id: 0,
            session_id: self.session_id,
            key_id: key_id(self.session_id, key),
            symbol: text(SYMBOLS[random.index(2)]),
            account: text(ACCOUNTS[random.index(2)]),
            side,
            request: Request::New(Self::terms(side, random)),
        };
        self.last_sequence = new.sequence;
        let order = match (random.below(20), named) {
            (0..=3, Some(Order { symbol, account, side, client_order_id, .. })) => {
                let request = Request::Replace(client_order_id, Self::terms(side, random));
                Order { symbol, account, side, request, ..new }
            }
            (4..=7, Some(Order { symbol, account, side, client_order_id, .. })) => {
                let request = Request::Cancel(client_order_id);
                Order { symbol, account, side, request, ..new }
            }
            // The same again.
            (8..=9, Some(Order { symbol, account, side, request, .. })) => {
                Order { symbol, account, side, request, ..new }
            }
            _ => new,
        };
        let reuses_id = random.percent(4) && self.last_sequence > 1;
        let client_order_id =
            if reuses_id { 1 + random.below(self.last_sequence) } else { order.sequence };
        self.remember(Order { client_order_id, ..order }, key)
    }

    fn remember(&mut self, order: Order, key: usize) -> Submission {
        let frame = sign(signer(self.session_id, key), &order);
        let submission = Submission { frame, order: Some(order) };
        self.sent.push(submission.clone());
        submission
    }

    /// A frame that was sent before, as it was.
    pub fn retry(&self, random: &mut Random) -> Option<Submission> {
        let far = if random.percent(70) { 4 } else { 40 };
        let back = 1 + random.index(far);
        self.sent.len().checked_sub(back).map(|at| self.sent[at].clone())
    }

    /// The latest frames, to be repeated after a restart.
    pub fn latest(&self) -> Vec<Submission> {
        self.sent[self.sent.len().saturating_sub(6)..].to_vec()
    }

    /// Another frame under the sequence of one that was sent.
    pub fn reuse_sequence(&self, now: u64, random: &mut Random) -> Option<Submission> {
        let far = if random.percent(70) { 1 } else { 5 };
        let back = 1 + random.index(far);
        let old = self.sent[self.sent.len().checked_sub(back)?].order?;
        let request = Request::New(Self::terms(old.side, random));
        let client_order_id = 1_000 + random.below(1_000_000);
        let order = Order { sending_time: now, client_order_id, request, ..old };
        let key = (0..KEYS).find(|number| key_id(self.session_id, *number) == old.key_id)?;
        Some(Submission { frame: sign(signer(self.session_id, key), &order), order: Some(order) })
    }

    /// A frame that nobody with the key has sent.
    pub fn forge(&self, now: u64, random: &mut Random) -> Submission {
        let order = Order {
            sequence: self.last_sequence + 1,
            sending_time: now,
            client_order_id: self.last_sequence + 1,
            session_id: self.session_id,
            key_id: key_id(self.session_id, 0),
            symbol: text(SYMBOLS[0]),
            account: text(ACCOUNTS[0]),
            side: Side::Buy,
            request: Request::New(Self::terms(Side::Buy, random)),
        };
        let mut frame = sign(signer(self.session_id, 0), &order);
        match random.below(4) {
            0 => frame = sign(signer(3 - self.session_id, 0), &order),
            1 => frame.truncate(random.index(frame.len())),
            2 => frame.extend([0; 8]),
            _ => {
                let at = random.index(frame.len());
                frame[at] ^= 1 << random.below(8);
            }
        }
        Submission { frame, order: None }
    }
}
