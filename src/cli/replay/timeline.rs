//! What the executions make of the book, sampled over the flow's time, for the report.

use std::collections::{BTreeMap, HashMap};

use tinywindow::gateway::{ExecType, ExecutionReport};
use tinywindow::order::Side;

/// Depth counts this many price levels from the best.
pub const LEVELS: usize = 5;
/// More points than a plot has columns show nothing more.
const SAMPLES_MAX: usize = 1_200;

/// One moment. Quantities have exponent -8.
#[derive(Clone, Copy)]
pub struct Sample {
    /// Nanoseconds since 1970 UTC.
    pub time: u64,
    pub bid: u64,
    pub ask: u64,
    /// So far.
    pub orders: u64,
    pub cancels: u64,
    pub fills: u64,
}

/// An order by its session and the client order id it has now.
type Id = (u64, u64);

#[derive(Default)]
pub struct Timeline {
    resting: HashMap<Id, Resting>,
    bids: BTreeMap<i64, u64>,
    asks: BTreeMap<i64, u64>,
    orders: u64,
    cancels: u64,
    fills: u64,
    /// One of so many moments is kept; doubles whenever the samples become too many.
    stride: u64,
    moments: u64,
    last: u64,
    samples: Vec<Sample>,
}

struct Resting {
    side: Side,
    price: i64,
    leaves: u64,
}

impl Timeline {
    /// Takes in one execution of an order that rests, at the price of the request it answers.
    pub fn rest(&mut self, execution: &ExecutionReport, price: i64) {
        let (session, id) = (execution.session_id, execution.client_order_id);
        let before = (session, execution.orig_client_order_id.unwrap_or(id));
        match execution.exec_type {
            ExecType::New => self.orders += 1,
            ExecType::Canceled => self.cancels += 1,
            _ => {}
        }
        let price = match (self.remove(before), execution.exec_type) {
            (Some(old), ExecType::Trade) => old.price,
            _ => price,
        };
        let gone = matches!(execution.exec_type, ExecType::Canceled | ExecType::Expired);
        if !gone && execution.leaves_quantity > 0 {
            self.insert((session, id), execution.side, price, execution.leaves_quantity);
        }
        self.moment(execution.time);
    }

    /// Takes in one fill.
    pub fn fill(&mut self) {
        self.fills += 1;
    }

    fn levels(&mut self, side: Side) -> &mut BTreeMap<i64, u64> {
        if side == Side::Buy { &mut self.bids } else { &mut self.asks }
    }

    fn insert(&mut self, id: Id, side: Side, price: i64, leaves: u64) {
        *self.levels(side).entry(price).or_default() += leaves;
        self.resting.insert(id, Resting { side, price, leaves });
    }

    fn remove(&mut self, id: Id) -> Option<Resting> {
        let order = self.resting.remove(&id)?;
        let levels = self.levels(order.side);
        if let Some(level) = levels.get_mut(&order.price) {
            *level -= order.leaves;
            if *level == 0 {
                levels.remove(&order.price);
            }
        }
        Some(order)
    }

    fn moment(&mut self, time: u64) {
        if self.moments.is_multiple_of(self.stride.max(1)) {
            self.samples.push(self.sample(time));
        }
        self.moments += 1;
        self.last = time;
        if self.samples.len() > SAMPLES_MAX {
            let mut index = 0;
            self.samples.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride = 2 * self.stride.max(1);
        }
    }

    fn sample(&self, time: u64) -> Sample {
        let &Timeline { orders, cancels, fills, .. } = self;
        let bid = self.bids.values().rev().take(LEVELS).sum();
        let ask = self.asks.values().take(LEVELS).sum();
        Sample { time, bid, ask, orders, cancels, fills }
    }

    /// The samples, and the state at the end.
    pub fn finish(mut self) -> Vec<Sample> {
        let end = self.sample(self.last);
        self.samples.push(end);
        self.samples
    }
}
