//! The whole state in a snapshot, and back.

use super::{Account, KeyRecord, Listing, Session, State};
use crate::gateway::exposure::Position;
use crate::gateway::own_orders::Best;
use crate::gateway::records::RequestRecord;
use crate::gateway::row::{Row, put_all, row, take_all};
use crate::journal::{SnapshotReader, SnapshotWriter};

/// Of the rows and their order. Another one is not read: the journal is folded instead.
const VERSION: u8 = 2;

row!(Session {
    id,
    limits,
    max_orders,
    permissions,
    keys,
    halted,
    last_sequence,
    bucket,
    cancel_bucket,
    open_orders,
    retries,
    accounts,
    recent,
    of_day,
    decided,
});
row!(KeyRecord { key_id, suite, active });
row!(Listing {
    instrument,
    reference_price,
    mark,
    halted,
    latest_position,
    last_price,
    shorts,
    best,
    tick_bands,
    rate,
    bucket,
});
row!(Account { name, halted, limits, totals });

impl State {
    /// Writes it down.
    pub fn put(&self, out: &mut SnapshotWriter<'_>) {
        let State {
            now,
            config_digest,
            freshness,
            bucket,
            halted,
            self_trade_prevention,
            self_trade_mode,
            adds_up_exposure,
            firm_limits,
            firm,
            account_limits,
            last_exec_id,
            sessions,
            instruments,
            accounts,
            positions,
            requests,
            order_ids,
            asked,
            orders,
            // It follows from the requests.
            client_order_ids: _,
        } = self;
        VERSION.put(out);
        now.put(out);
        config_digest.put(out);
        freshness.put(out);
        bucket.put(out);
        halted.put(out);
        self_trade_prevention.put(out);
        self_trade_mode.put(out);
        adds_up_exposure.put(out);
        firm_limits.put(out);
        firm.put(out);
        account_limits.put(out);
        last_exec_id.put(out);
        put_all(out, sessions.rows().iter());
        put_all(out, instruments.rows().iter());
        put_all(out, accounts.rows().iter());
        let instruments_of = positions.keys();
        (instruments_of.len() as u64).put(out);
        for ((_, instrument), position) in instruments_of.iter().zip(positions.rows()) {
            instrument.put(out);
            position.put(out);
        }
        put_all(out, orders.iter());
        put_all(out, asked.iter());
        order_ids.put(out);
        put_all(out, requests.iter());
    }

    /// Reads it, with room for `max_orders` new orders and replaces. `None`: it is another version
    /// or makes no sense.
    pub fn take(from: &mut SnapshotReader, max_orders: usize) -> Option<State> {
        let mut state = State::new(max_orders);
        if u8::take(from)? != VERSION {
            return None;
        }
        state.now = Row::take(from)?;
        state.config_digest = Row::take(from)?;
        state.freshness = Row::take(from)?;
        state.bucket = Row::take(from)?;
        state.halted = Row::take(from)?;
        state.self_trade_prevention = Row::take(from)?;
        state.self_trade_mode = Row::take(from)?;
        state.adds_up_exposure = Row::take(from)?;
        state.firm_limits = Row::take(from)?;
        state.firm = Row::take(from)?;
        state.account_limits = Row::take(from)?;
        state.last_exec_id = Row::take(from)?;
        let State { sessions, instruments, accounts, positions, .. } = &mut state;
        take_all(from, |row: Session| sessions.push(row.id, row))?;
        take_all(from, |row: Listing| instruments.push(row.instrument.symbol, row))?;
        take_all(from, |row: Account| accounts.push(row.name, row))?;
        take_all(from, |(instrument, row): (u32, Position)| {
            positions.push((row.account, instrument), row);
        })?;
        take_all(from, |row| state.orders.push(row))?;
        take_all(from, |terms| state.asked.push(terms))?;
        state.order_ids = Row::take(from)?;
        let State { requests, client_order_ids, .. } = &mut state;
        take_all(from, |request: RequestRecord| {
            client_order_ids.add(requests, &request);
            requests.push(request);
        })?;
        state.is_sound().then_some(state)
    }
}

impl State {
    /// Whether every row that is named is there.
    fn is_sound(&self) -> bool {
        let [sessions, instruments, accounts, positions, orders] = [
            self.sessions.rows().len(),
            self.instruments.rows().len(),
            self.accounts.rows().len(),
            self.positions.rows().len(),
            self.orders.len(),
        ];
        let is_in = |row: u32, rows: usize| (row as usize) < rows;
        let may_be_in = |row: Option<u32>, rows: usize| row.is_none_or(|row| is_in(row, rows));
        let are_best = |best: &Best| [best.buy, best.sell].iter().all(|r| may_be_in(*r, orders));
        let position = |(row, position): (usize, &Position)| {
            // The one before it is one before it: there is an end to them.
            is_in(position.account, accounts)
                && may_be_in(position.previous, row)
                && are_best(&position.best)
        };
        let listing = |listing: &Listing| {
            may_be_in(listing.latest_position, positions) && are_best(&listing.best)
        };
        self.instruments.rows().iter().all(listing)
            && self.positions.rows().iter().enumerate().all(position)
            && self.positions.keys().iter().all(|(_, row)| is_in(*row, instruments))
            && self.order_ids.are_of(self.requests.len())
            && self.requests.iter().all(|request| {
                is_in(request.session, sessions)
                    && may_be_in(request.order, orders)
                    && may_be_in(request.asked, self.asked.len())
            })
            && self.orders.iter().all(|order| {
                is_in(order.session, sessions)
                    && is_in(order.instrument, instruments)
                    && is_in(order.account, accounts)
                    && is_in(order.position, positions)
                    && order.links.all().iter().all(|row| may_be_in(*row, orders))
            })
    }
}
