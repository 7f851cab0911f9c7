//! What the answers alone tell, as a journal would keep it.

use super::*;

/// The orders that are open. It fails where quantities do not add up.
#[derive(Default)]
pub struct Ledger {
    pub open: Vec<OpenOrder>,
    pub last_exec_id: u64,
    bought: u128,
    sold: u128,
}

impl Ledger {
    pub fn apply(&mut self, command: &Command, answers: &[Execution]) {
        for execution in answers {
            self.last_exec_id += 1;
            assert_eq!(execution.exec_id, self.last_exec_id);
            self.apply_one(command, execution);
        }
        assert_eq!(self.bought, self.sold);
    }

    fn apply_one(&mut self, command: &Command, execution: &Execution) {
        let priority = execution.exec_id;
        let total = execution.cum_quantity + execution.leaves_quantity;
        match (execution.kind, command) {
            (New, &Command::New(order)) => {
                assert_eq!((execution.cum_quantity, total), (0, order.quantity));
                self.open.push(OpenOrder { order, cum_quantity: 0, priority });
            }
            (Replaced, &Command::Replace(Replace { orig_order_id, order })) => {
                let old = self.take(orig_order_id);
                assert_eq!((execution.cum_quantity, total), (old.cum_quantity, order.quantity));
                let keeps = keeps_priority(old.order.price, old.order.quantity, &order);
                let priority = if keeps { old.priority } else { priority };
                self.open.push(OpenOrder { order, priority, ..old });
            }
            (Trade { quantity, .. }, _) => {
                let old = self.take(execution.order_id);
                assert!(quantity > 0);
                assert_eq!(execution.cum_quantity, old.cum_quantity + quantity);
                assert_eq!(total, old.order.quantity);
                let side = match old.order.side {
                    Side::Buy => &mut self.bought,
                    Side::Sell | Side::SellShort => &mut self.sold,
                };
                *side += u128::from(quantity);
                self.open.push(OpenOrder { cum_quantity: execution.cum_quantity, ..old });
            }
            (Expired, _) => self.end(execution.order_id, execution),
            (Canceled, Command::Cancel(cancel)) => self.end(cancel.orig_order_id, execution),
            (Rejected(_), Command::New(_)) => {}
            (CancelRejected(_), Command::Replace(_) | Command::Cancel(_)) => {}
            other => panic!("{other:?}"),
        }
        self.open.retain(|open| leaves(open) > 0);
    }

    fn end(&mut self, order_id: u64, execution: &Execution) {
        let old = self.take(order_id);
        let quantities = (execution.cum_quantity, execution.leaves_quantity);
        assert_eq!(quantities, (old.cum_quantity, 0));
    }

    fn take(&mut self, order_id: u64) -> OpenOrder {
        let known = |open: &OpenOrder| open.order.order_id == order_id;
        self.open.swap_remove(self.open.iter().position(known).expect("an open order"))
    }

    pub fn resting(&self, instrument: u32, side: Side) -> u128 {
        let here = |open: &&OpenOrder| belongs(&open.order, instrument, side);
        self.open.iter().filter(here).map(|open| u128::from(leaves(open))).sum()
    }
}
