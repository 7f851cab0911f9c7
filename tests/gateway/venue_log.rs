//! What the venue said, as the journal has it, folded by nothing of the gateway's: positions, and
//! what is open.

use std::collections::HashMap;

use tinywindow::Reason;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::gateway::{ExecError, Instrument};
use tinywindow::journal::{self, Kind};
use tinywindow::order::{Order, Request, Side, UNIT};
use tinywindow::venue::{Execution, ExecutionKind};

use crate::changes::instrument;
use crate::desk::*;

/// The orders of one account in one instrument, by the gateway's numbers.
#[derive(Default)]
pub struct VenueLog {
    requests: HashMap<u64, Order>,
    /// By session and client order id.
    order_ids: HashMap<(u64, u64), u64>,
    /// Of each order what was traded, and what may still trade.
    traded: HashMap<u64, u64>,
    leaves: HashMap<u64, u64>,
}

impl VenueLog {
    pub fn read(folder: &Folder) -> VenueLog {
        let mut log = VenueLog::default();
        let history = journal::read(&folder.journal(), |record| {
            if record.kind == Kind::Event {
                match Event::decode(record.payload).expect("an event").kind {
                    EventKind::Decided { order_id, frame, .. } => {
                        let order = frame.order;
                        log.order_ids.insert((order.session_id, order.client_order_id), order_id);
                        log.requests.insert(order_id, order);
                    }
                    EventKind::Executed(execution) => log.take(&execution),
                    _ => {}
                }
            }
            Ok(())
        });
        assert_eq!(history.expect("a journal").damage, None);
        log
    }

    fn take(&mut self, execution: &Execution) {
        let Execution { order_id, leaves_quantity, .. } = *execution;
        match execution.kind {
            ExecutionKind::New => drop(self.leaves.insert(order_id, leaves_quantity)),
            ExecutionKind::Trade { quantity, .. } => {
                *self.traded.entry(order_id).or_default() += quantity;
                *self.leaves.get_mut(&order_id).expect("an open order") -= quantity;
            }
            ExecutionKind::Canceled => {
                let Order { session_id, request, .. } = self.requests[&order_id];
                let Request::Cancel(orig) = request else { panic!("asked for") };
                self.leaves.insert(self.order_ids[&(session_id, orig)], 0);
            }
            ExecutionKind::Expired => drop(self.leaves.insert(order_id, 0)),
            ExecutionKind::CancelRejected(_) => {}
            kind => panic!("{kind:?}"),
        }
    }

    fn sum(&self, of: &HashMap<u64, u64>, side: Side) -> u64 {
        let is_there = |(order_id, _): &(&u64, &u64)| self.requests[order_id].side == side;
        of.iter().filter(is_there).map(|(_, quantity)| quantity).sum()
    }

    /// Every order's fills are what the venue said, and so is the position: the limit at which the
    /// gateway says that one unit more is too much tells it.
    pub fn assert_is_the_state_of(&self, desk: &Desk) {
        for (order_id, leaves) in &self.leaves {
            let Order { session_id, client_order_id, .. } = self.requests[order_id];
            let state = desk.gateway.order_status(session_id, client_order_id).expect("known");
            let traded = self.traded.get(order_id).copied().unwrap_or(0);
            assert_eq!((state.cum_quantity, state.leaves_quantity), (traded, *leaves), "{state:?}");
        }
        let [bought, sold] = [Side::Buy, Side::Sell].map(|side| self.sum(&self.traded, side));
        let [buys, sells] = [Side::Buy, Side::Sell].map(|side| self.sum(&self.leaves, side));
        let net = i128::from(bought) - i128::from(sold);
        self.assert_worst(desk, Side::Buy, net + i128::from(buys));
        self.assert_worst(desk, Side::Sell, i128::from(sells) - net);
    }

    fn assert_worst(&self, desk: &Desk, side: Side, worst: i128) {
        let max_position = worst.max(0) as u64 + 5 * UNIT;
        let room = (i128::from(max_position) - worst) as u64 / UNIT;
        let limited = Instrument { max_position, ..instrument("AAPL") };
        desk.gateway.set_instrument(limited).expect("a change");
        let check = |quantity| {
            let sequence = u64::MAX;
            let order = Order { sequence, ..named(sequence, limit(side, 100, quantity)) };
            desk.gateway.pre_trade_check(&desk.frame(order))
        };
        assert_eq!(check(room), Ok(()), "{side:?}");
        assert_eq!(check(room + 1), Err(ExecError::Rejected(Reason::MaxPosition)), "{side:?}");
    }
}
