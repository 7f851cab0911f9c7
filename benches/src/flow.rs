//! A seeded flow of signed frames that keeps a small book alive.

use std::collections::VecDeque;
use std::time::SystemTime;

use tinywindow::order::{
    self, FRAME_MAX, OrdType, Order, Request, SIGNED_MAX, Side, Terms, Text, TimeInForce, UNIT,
};
use tinywindow::signing::{Context, Signer};

pub const SYMBOLS: [&str; 4] = ["AAPL", "AMZN", "INTC", "MSFT"];

/// What cancels and replaces choose among; most older orders are filled.
const RECENT: usize = 1_000;

/// Frames, one behind the other.
pub struct Flow {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Flow {
    /// Of ten frames four rest, three trade at once, two cancel and one replaces a recent one.
    pub fn new(session_id: u64, signer: &Signer, count: usize) -> Self {
        let mut flow = Self { bytes: Vec::new(), ends: Vec::with_capacity(count) };
        let mut random = Random(7);
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos() as u64;
        let mut working: VecDeque<Order> = VecDeque::new();
        for id in 1..=count as u64 {
            let symbol = SYMBOLS[random.below(4) as usize];
            let mut order = Order {
                sequence: id,
                sending_time: now,
                client_order_id: id,
                session_id,
                key_id: signer.key_id(),
                symbol: order::text(symbol.as_bytes()).unwrap(),
                account: Text::default(),
                side: if random.below(2) == 0 { Side::Buy } else { Side::Sell },
                request: Request::Cancel(0),
            };
            let kind = if working.len() < 100 { 0 } else { random.below(10) };
            if kind < 7 {
                order.request = Request::New(terms(order.side, kind >= 4, &mut random));
            } else {
                let recent = random.below(working.len() as u64) as usize;
                let old = working.remove(recent).expect("below the length");
                (order.symbol, order.side) = (old.symbol, old.side);
                order.request = match old.terms() {
                    Some(&was) if kind == 9 => {
                        let quantity = was.quantity + 100 * UNIT;
                        Request::Replace(old.client_order_id, Terms { quantity, ..was })
                    }
                    _ => Request::Cancel(old.client_order_id),
                };
            }
            // What is sold to each other is no self-trade.
            let account: &[u8] = if order.side == Side::Buy { b"FUND1" } else { b"FUND2" };
            order.account = order::text(account).unwrap();
            flow.push(signer, &order);
            if order.terms().is_some_and(|terms| terms.time_in_force == TimeInForce::Day) {
                working.push_back(order);
                if working.len() > RECENT {
                    working.pop_front();
                }
            }
        }
        flow
    }

    fn push(&mut self, signer: &Signer, order: &Order) {
        let (mut signed, mut frame) = ([0; SIGNED_MAX], [0; FRAME_MAX]);
        let length = order::encode(order, &mut signed).expect("a valid order");
        let signed = &signed[..length];
        let signature = signer.sign(Context::Order, signed).expect("a framed key");
        let length = order::frame(signed, &signature, &mut frame).expect("room enough");
        self.bytes.extend_from_slice(&frame[..length]);
        self.ends.push(self.bytes.len());
    }

    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }
}

/// Limit orders around 100.00: those that rest stay on their side of it, the others cross it.
fn terms(side: Side, crosses: bool, random: &mut Random) -> Terms {
    let distance = 1 + random.below(20) as i64;
    let is_above = (side == Side::Buy) == crosses;
    let cents = if is_above { 10_000 + distance } else { 10_000 - distance };
    Terms {
        ord_type: OrdType::Limit,
        time_in_force: if crosses { TimeInForce::ImmediateOrCancel } else { TimeInForce::Day },
        price: Some(cents * (UNIT as i64 / 100)),
        stop_price: None,
        quantity: (1 + random.below(5)) * 100 * UNIT,
    }
}

/// Pseudo-random numbers, the same on each run (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
