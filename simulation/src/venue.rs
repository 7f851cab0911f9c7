//! A venue at the other end of a line. It keeps a log of all that reached it, answers early, late,
//! twice or, with the line down, when it is up again; and it checks what the firm promised.

use std::collections::{BTreeMap, BTreeSet};

use tinywindow::Reason;
use tinywindow::order::{Side, Text};
use tinywindow::venue::{Command, Execution, ExecutionKind, NewOrder};

use crate::model::Model;
use crate::random::Random;
use crate::rules::{MAX_POSITION, Prevents};

/// An order that is open here.
#[derive(Clone, Copy, Debug)]
struct Working {
    order: NewOrder,
    account: Text,
    filled: u64,
}

#[derive(Debug, Default)]
pub struct Counterparty {
    /// The truth: every request that ever came, by its id.
    received: BTreeSet<u64>,
    /// By the id under which an order is known now.
    open: BTreeMap<u64, Working>,
    /// What was bought less what was sold, of each account and instrument.
    net: BTreeMap<(Text, u32), i128>,
    /// All that it ever said: `exec_id` counts from 1.
    said: Vec<Execution>,
    /// So much of it has gone down the line.
    told: usize,
    pub is_down: bool,
    /// How many came that no client asked for.
    pub cancels_of_gateways: u64,
    /// Something never came because the line was down.
    has_missed: bool,
}

impl Counterparty {
    pub fn order_id(&self, command: &Command) -> u64 {
        match command {
            Command::New(order) => order.order_id,
            Command::Replace(replace) => replace.order.order_id,
            Command::Cancel(cancel) => cancel.order_id,
        }
    }

    pub fn has_received(&self, order_id: u64) -> bool {
        self.received.contains(&order_id)
    }

    /// A request comes, if the line is up.
    pub fn receive(
        &mut self,
        command: &Command,
        model: &Model,
        random: &mut Random,
    ) -> Result<(), String> {
        if self.is_down {
            self.has_missed = true;
            return Ok(());
        }
        let order_id = self.order_id(command);
        if !self.received.insert(order_id) {
            return Err(format!("order {order_id} came to the venue twice"));
        }
        model.may_be_sent(command)?;
        let is_own = model.book().request(order_id).is_some_and(|r| r.by_gateway.is_some());
        self.cancels_of_gateways += u64::from(is_own);
        match command {
            Command::New(order) if random.percent(8) => {
                self.say(order.order_id, ExecutionKind::Rejected(Reason::VenueUnsupported), 0, 0);
            }
            Command::New(order) => {
                let account = model.book().order_of(order_id).map(|order| order.account);
                let account = account.ok_or("an order of no account")?;
                let working = Working { order: *order, account, filled: 0 };
                self.net.entry((account, order.instrument)).or_default();
                self.open.insert(order.order_id, working);
                self.say(order.order_id, ExecutionKind::New, 0, order.quantity);
                if random.percent(30) {
                    self.trade(order.order_id, random);
                }
            }
            Command::Replace(replace) => {
                self.replace(replace.orig_order_id, &replace.order, random)
            }
            Command::Cancel(cancel) => match self.open.remove(&cancel.orig_order_id) {
                Some(working) => self.say(order_id, ExecutionKind::Canceled, working.filled, 0),
                None => self.refuse(order_id, Reason::VenueUnknownOrder),
            },
        }
        self.check_positions()?;
        self.check_self_trades(model.book().rules.prevents)
    }

    fn replace(&mut self, orig: u64, order: &NewOrder, random: &mut Random) {
        let known = self.open.get(&orig).copied();
        match known {
            Some(known) if order.quantity > known.filled && !random.percent(10) => {
                self.open.remove(&orig);
                let working = Working { order: *order, ..known };
                self.open.insert(order.order_id, working);
                let leaves = order.quantity - known.filled;
                self.say(order.order_id, ExecutionKind::Replaced, known.filled, leaves);
            }
            Some(_) => self.refuse(order.order_id, Reason::VenueTooLate),
            None => self.refuse(order.order_id, Reason::VenueUnknownOrder),
        }
    }

    fn refuse(&mut self, order_id: u64, reason: Reason) {
        self.say(order_id, ExecutionKind::CancelRejected(reason), 0, 0);
    }

    fn say(&mut self, order_id: u64, kind: ExecutionKind, cum_quantity: u64, leaves_quantity: u64) {
        let exec_id = self.said.len() as u64 + 1;
        self.said.push(Execution { exec_id, order_id, kind, cum_quantity, leaves_quantity });
    }

    /// An order trades, in whole or in part.
    fn trade(&mut self, order_id: u64, random: &mut Random) {
        let Some(working) = self.open.get_mut(&order_id) else { return };
        let leaves = working.order.quantity - working.filled;
        let quantity = if random.percent(40) { leaves } else { 1 + random.below(leaves) };
        working.filled += quantity;
        let Working { order, account, filled } = *working;
        let net = self.net.entry((account, order.instrument)).or_default();
        match order.side {
            Side::Buy => *net += i128::from(quantity),
            Side::Sell | Side::SellShort => *net -= i128::from(quantity),
        }
        if filled == order.quantity {
            self.open.remove(&order_id);
        }
        let price = order.price.unwrap_or(1);
        let kind = ExecutionKind::Trade { price, quantity };
        self.say(order_id, kind, filled, order.quantity - filled);
    }

    /// Something happens that nobody asked for.
    pub fn happen(&mut self, random: &mut Random) {
        let ids: Vec<u64> = self.open.keys().copied().collect();
        let Some(&order_id) = ids.get(random.index(ids.len().max(1))) else { return };
        if random.percent(80) {
            return self.trade(order_id, random);
        }
        if let Some(working) = self.open.remove(&order_id) {
            let kinds = [ExecutionKind::Canceled, ExecutionKind::Expired];
            self.say(order_id, kinds[random.index(2)], working.filled, 0);
        }
    }

    /// What comes down the line now, and what of it is new.
    pub fn tell(&mut self, at_once: bool, random: &mut Random) -> (Vec<Execution>, Vec<Execution>) {
        if self.is_down {
            return Default::default();
        }
        let waiting = self.said.len() - self.told;
        let new = if at_once || random.percent(60) { waiting } else { random.index(waiting + 1) };
        // A line that was down begins anew with some that had come through.
        let again = if random.percent(15) { random.index(self.told.min(4) + 1) } else { 0 };
        let (from, to) = (self.told - again, self.told + new);
        let told = self.said[from..to].to_vec();
        let new = self.said[self.told..to].to_vec();
        self.told = to;
        (told, new)
    }

    /// Whether it has said something that did not come down the line yet.
    pub fn has_more(&self) -> bool {
        self.told < self.said.len()
    }

    /// What it said under this number.
    pub fn said(&self, exec_id: u64) -> Option<Execution> {
        self.said.get(exec_id.checked_sub(1)? as usize).copied()
    }

    /// The gateway is there again and has heard so much.
    pub fn reconnect(&mut self, last_exec_id: u64) {
        self.told = last_exec_id as usize;
        self.is_down = false;
    }

    /// Nobody has two open orders that would trade with each other. What was lost on its way comes
    /// behind what followed it, if it comes: of that nobody can say so.
    fn check_self_trades(&self, prevents: Prevents) -> Result<(), String> {
        let trades = |buy: &Working, sell: &Working| {
            let of_same = match prevents {
                Prevents::Nobody => false,
                Prevents::Account => buy.account == sell.account,
                Prevents::Firm => true,
            };
            of_same
                && buy.order.instrument == sell.order.instrument
                && buy.order.price >= sell.order.price
        };
        let (buys, sells): (Vec<_>, Vec<_>) =
            self.open.values().partition(|working| working.order.side == Side::Buy);
        let mut pairs = buys.iter().flat_map(|buy| sells.iter().map(move |sell| (buy, sell)));
        let found = pairs.find(|(buy, sell)| !self.has_missed && trades(buy, sell));
        found.map_or(Ok(()), |pair| Err(format!("{pair:?} would trade with each other")))
    }

    /// Whatever of the open orders fills, no position is above its limit.
    fn check_positions(&self) -> Result<(), String> {
        for (&of_whom, &net) in &self.net {
            let leaves = |buys: bool| {
                let of = |w: &&Working| {
                    (w.account, w.order.instrument) == of_whom
                        && (w.order.side == Side::Buy) == buys
                };
                let sum = |w: &Working| i128::from(w.order.quantity - w.filled);
                self.open.values().filter(of).map(sum).sum::<i128>()
            };
            if (net + leaves(true)).max(leaves(false) - net) > i128::from(MAX_POSITION) {
                return Err(format!("the position {of_whom:?} may pass its limit"));
            }
        }
        Ok(())
    }
}
