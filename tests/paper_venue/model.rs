//! The venue as one would explain it: a list of orders, searched from end to end.

use std::collections::BTreeMap;

use super::*;

pub struct Model {
    pub open: Vec<OpenOrder>,
    max_orders: usize,
    last_exec_id: u64,
    answers: Vec<Execution>,
}

impl Model {
    pub fn new(max_orders: usize) -> Self {
        Self { open: Vec::new(), max_orders, last_exec_id: 0, answers: Vec::new() }
    }

    pub fn submit(&mut self, command: &Command) -> Vec<Execution> {
        match command {
            Command::New(order) => self.new_order(*order),
            Command::Replace(replace) => self.replace(replace),
            Command::Cancel(cancel) => match self.find(cancel.orig_order_id, cancel.instrument) {
                Some(open) => {
                    self.take(cancel.orig_order_id);
                    self.answer(cancel.order_id, Canceled, open.cum_quantity, 0);
                }
                None => {
                    let refused = CancelRejected(Reason::VenueUnknownOrder);
                    self.answer(cancel.order_id, refused, 0, 0);
                }
            },
        }
        std::mem::take(&mut self.answers)
    }

    fn answer(&mut self, order_id: u64, kind: ExecutionKind, cum: u64, leaves: u64) {
        self.last_exec_id += 1;
        let (exec_id, cum_quantity, leaves_quantity) = (self.last_exec_id, cum, leaves);
        self.answers.push(Execution { exec_id, order_id, kind, cum_quantity, leaves_quantity });
    }

    fn find(&self, order_id: u64, instrument: u32) -> Option<OpenOrder> {
        let wanted = |open: &&OpenOrder| {
            (open.order.order_id, open.order.instrument) == (order_id, instrument)
        };
        self.open.iter().find(wanted).copied()
    }

    fn take(&mut self, order_id: u64) -> Option<OpenOrder> {
        let at = self.open.iter().position(|open| open.order.order_id == order_id)?;
        Some(self.open.remove(at))
    }

    fn new_order(&mut self, order: NewOrder) {
        if matches!(order.ord_type, OrdType::Stop | OrdType::StopLimit) {
            self.answer(order.order_id, Rejected(Reason::VenueUnsupported), 0, 0);
        } else if may_rest(&order) && self.open.len() == self.max_orders {
            self.answer(order.order_id, Rejected(Reason::VenueCapacity), 0, 0);
        } else {
            self.answer(order.order_id, New, 0, order.quantity);
            let priority = self.last_exec_id;
            self.trade(OpenOrder { order, cum_quantity: 0, priority });
        }
    }

    fn replace(&mut self, replace: &Replace) {
        let (order, orig) = (replace.order, replace.orig_order_id);
        let Some(old) = self.find(orig, order.instrument) else {
            let refused = CancelRejected(Reason::VenueUnknownOrder);
            return self.answer(order.order_id, refused, 0, 0);
        };
        let filled = old.cum_quantity;
        let reason = match order.ord_type {
            OrdType::Stop | OrdType::StopLimit => Some(Reason::VenueUnsupported),
            _ if order.side != old.order.side => Some(Reason::VenueUnsupported),
            _ => (order.quantity < filled).then_some(Reason::VenueTooLate),
        };
        if let Some(reason) = reason {
            let leaves = old.order.quantity - filled;
            return self.answer(order.order_id, CancelRejected(reason), filled, leaves);
        }
        self.take(orig);
        self.answer(order.order_id, Replaced, filled, order.quantity - filled);
        let keeps = order.price == old.order.price && order.quantity <= old.order.quantity;
        let priority = if keeps { old.priority } else { self.last_exec_id };
        self.trade(OpenOrder { order, cum_quantity: filled, priority });
    }

    fn trade(&mut self, mut taker: OpenOrder) {
        let kill = taker.order.time_in_force == TimeInForce::FillOrKill;
        let crossing = self.open.iter().filter(|maker| crosses(&taker.order, &maker.order));
        if !kill || crossing.map(leaves).sum::<u64>() >= leaves(&taker) {
            while leaves(&taker) > 0
                && let Some(id) = self.best_maker(&taker.order)
            {
                let mut maker = self.take(id).unwrap();
                let quantity = leaves(&taker).min(leaves(&maker));
                let trade = fill(maker.order.price.unwrap(), quantity);
                for filled in [&mut maker, &mut taker] {
                    filled.cum_quantity += quantity;
                    let (cum, leaves) = (filled.cum_quantity, leaves(filled));
                    self.answer(filled.order.order_id, trade, cum, leaves);
                }
                self.open.extend((leaves(&maker) > 0).then_some(maker));
            }
        }
        if leaves(&taker) > 0 && may_rest(&taker.order) {
            self.open.push(taker);
        } else if leaves(&taker) > 0 {
            self.answer(taker.order.order_id, Expired, taker.cum_quantity, 0);
        }
    }

    /// The order that this one trades with next: best price, then first in time.
    fn best_maker(&self, taker: &NewOrder) -> Option<u64> {
        let crossing = self.open.iter().filter(|maker| crosses(taker, &maker.order));
        let first = crossing.min_by_key(|maker| {
            let price = maker.order.price.unwrap();
            (if taker.side == Side::Buy { price } else { -price }, maker.priority)
        });
        first.map(|maker| maker.order.order_id)
    }

    pub fn depth(&self, instrument: u32, side: Side) -> Vec<(i64, u128)> {
        let mut levels = BTreeMap::new();
        for open in &self.open {
            if belongs(&open.order, instrument, side) {
                *levels.entry(open.order.price.unwrap()).or_default() += u128::from(leaves(open));
            }
        }
        let ascending = levels.into_iter();
        if side == Side::Buy { ascending.rev().collect() } else { ascending.collect() }
    }
}

fn may_rest(order: &NewOrder) -> bool {
    order.ord_type == OrdType::Limit
        && [TimeInForce::Day, TimeInForce::GoodTillCancel].contains(&order.time_in_force)
}

fn crosses(taker: &NewOrder, maker: &NewOrder) -> bool {
    let price = maker.price.unwrap();
    maker.instrument == taker.instrument
        && match (taker.side, maker.side) {
            (Side::Buy, Side::Sell | Side::SellShort) => taker.price.is_none_or(|p| price <= p),
            (Side::Sell | Side::SellShort, Side::Buy) => taker.price.is_none_or(|p| price >= p),
            _ => false,
        }
}
