//! What the model keeps of decided requests, and what it forgets: docs/RISK.md, What is kept.

use std::collections::BTreeSet;

use tinywindow::order::Order;

use crate::book::{Book, Decided};
use crate::rules::SHARE;

/// Each kind has room of its own.
#[derive(PartialEq)]
enum Kind {
    Order,
    Cancel,
    Rejection,
}

impl Kind {
    fn of(is_accepted: bool, is_cancel: bool) -> Kind {
        match (is_accepted, is_cancel) {
            (false, _) => Kind::Rejection,
            (true, true) => Kind::Cancel,
            (true, false) => Kind::Order,
        }
    }
}

impl Decided {
    /// A request of an order was accepted; the venue may have refused it since.
    fn kind(&self) -> Kind {
        let is_cancel = self.request.is_none_or(|order| order.terms().is_none());
        Kind::of(self.order.is_some(), is_cancel)
    }
}

impl Book {
    fn kept(&self) -> impl Iterator<Item = (u64, &Decided)> {
        (1..).zip(&self.requests).filter(|(_, request)| !request.is_forgotten)
    }

    /// Whether the session has used up its share for orders that are decided like this one.
    pub fn has_no_room(&self, order: &Order, is_accepted: bool) -> bool {
        let kind = Kind::of(is_accepted, order.terms().is_none());
        let is_one =
            |(_, kept): &(u64, &Decided)| kept.session == order.session_id && kept.kind() == kind;
        self.kept().filter(is_one).count() >= SHARE
    }

    /// What an opening forgets that keeps only what was decided from this time on.
    pub fn finished(&self, before: u64) -> Vec<u64> {
        let frames = self.sessions.values().flat_map(|session| session.frames.values());
        let repeatable: BTreeSet<u64> = frames.map(|(_, order_id)| *order_id).collect();
        let holds = |order_id: u64, request: &Decided| {
            request.time >= before || request.outcome.is_none() || repeatable.contains(&order_id)
        };
        let holding = self.kept().filter(|(order_id, request)| holds(*order_id, request));
        // And who used a kept one's id first.
        let ids = |(order_id, request): (u64, &Decided)| [Some(order_id), self.first_use(request)];
        let held: BTreeSet<u64> = holding.flat_map(ids).flatten().collect();
        let order_of = |order_id: &u64| self.request(*order_id)?.order;
        let held_orders: BTreeSet<usize> = held.iter().filter_map(order_of).collect();
        let is_held = |row: usize| held_orders.contains(&row) || self.orders[row].is_open;
        let is_finished = |(order_id, request): &(u64, &Decided)| {
            !held.contains(order_id) && !request.order.is_some_and(is_held)
        };
        self.kept().filter(is_finished).map(|(order_id, _)| order_id).collect()
    }

    fn first_use(&self, request: &Decided) -> Option<u64> {
        let id = request.request?.client_order_id;
        self.sessions.get(&request.session)?.used.get(&id).copied()
    }

    pub fn forget(&mut self, before: u64) {
        for order_id in self.finished(before) {
            self.requests[order_id as usize - 1].is_forgotten = true;
        }
        // Who is left and used an id first has it.
        let used = |(order_id, request): (u64, &Decided)| {
            request.request.map(|order| (request.session, order.client_order_id, order_id))
        };
        let used: Vec<_> = self.kept().filter_map(used).collect();
        self.sessions.values_mut().for_each(|session| session.used.clear());
        for (session, client_order_id, order_id) in used {
            self.session_mut(session).used.entry(client_order_id).or_insert(order_id);
        }
    }
}
