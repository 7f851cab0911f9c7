//! Finished orders leave the state, so that a journal takes orders for ever. What was summed up of
//! them stays: positions, exposure, counts of the day; and what a client may still ask for.

use super::{DecisionKind, State};
use crate::gateway::records::{OrderRecord, Outcome, RequestRecord};

impl State {
    /// How many requests would be forgotten.
    pub fn finished(&self, before: u64) -> u64 {
        self.staying(before).requests.iter().filter(|stays| !**stays).count() as u64
    }

    /// Forgets the finished orders decided before this time, all requests of an order or none.
    pub fn forget_finished(&mut self, before: u64) {
        let stays = self.staying(before);
        self.order_ids.keep(&stays.requests);
        keep(&mut self.requests, &stays.requests);
        let mut is_asked = vec![false; self.asked.len()];
        for row in self.requests.iter().filter_map(|request| request.asked) {
            is_asked[row as usize] = true;
        }
        keep(&mut self.asked, &is_asked);
        keep(&mut self.orders, &stays.orders);
        self.follow(&new_rows(&stays.orders), &new_rows(&is_asked));
        self.add_up_requests();
    }

    fn staying(&self, before: u64) -> Staying {
        let is_needed = |r: &RequestRecord| r.time >= before || r.outcome == Outcome::Pending;
        let mut requests: Vec<bool> = self.requests.iter().map(is_needed).collect();
        // A frame that is repeated gets the ack that it got.
        let of_frames = self.sessions.rows().iter().flat_map(|s| s.retries.order_ids());
        for row in of_frames.filter_map(|order_id| self.order_ids.row_of(order_id)) {
            if let Some(stays) = requests.get_mut(row) {
                *stays = true;
            }
        }
        // Who asks about an id is told of its first use, never of a later one that was rejected.
        for (row, request) in self.requests.iter().enumerate() {
            if requests[row]
                && request.order.is_none()
                && let Some(first) = self.first_use(request)
            {
                requests[first] = true;
            }
        }
        let mut orders: Vec<bool> = self.orders.iter().map(OrderRecord::is_open).collect();
        let orders_of = || self.requests.iter().map(|request| request.order);
        for (order, stays) in orders_of().zip(&requests) {
            if let (Some(order), true) = (order, stays) {
                orders[order as usize] = true;
            }
        }
        for (order, stays) in orders_of().zip(&mut requests) {
            *stays |= order.is_some_and(|order| orders[order as usize]);
        }
        Staying { requests, orders }
    }

    /// The row of the client's request that used this one's id first.
    fn first_use(&self, request: &RequestRecord) -> Option<usize> {
        self.client_order_ids.find(&self.requests, request.session, request.client_order_id)
    }

    /// Whoever names orders, or terms that were asked for, by their rows names the new ones.
    fn follow(&mut self, orders: &[Option<u32>], asked: &[Option<u32>]) {
        let of_order = |row: Option<u32>| row.and_then(|row| orders[row as usize]);
        for request in &mut self.requests {
            request.order = of_order(request.order);
            request.asked = request.asked.and_then(|row| asked[row as usize]);
        }
        for order in &mut self.orders {
            order.links = order.links.moved(of_order);
        }
        for position in self.positions.rows_mut() {
            position.best = position.best.moved(of_order);
        }
        for listing in self.instruments.rows_mut() {
            listing.best = listing.best.moved(of_order);
        }
    }

    /// Says anew what follows from the requests: whose room they take, and who used an id first.
    fn add_up_requests(&mut self) {
        for session in self.sessions.rows_mut() {
            session.decided = [0; DecisionKind::COUNT];
        }
        self.client_order_ids.clear();
        for row in 0..self.requests.len() {
            let request = self.requests[row];
            self.client_order_ids.add(&self.requests[..row], &request);
            self.count_decided(&request);
        }
    }
}

/// Which requests and orders stay, by their rows.
struct Staying {
    requests: Vec<bool>,
    orders: Vec<bool>,
}

fn keep<T>(rows: &mut Vec<T>, stays: &[bool]) {
    let mut stays = stays.iter();
    rows.retain(|_| stays.next() == Some(&true));
}

/// Where each row is when only those are there that stay.
fn new_rows(stays: &[bool]) -> Vec<Option<u32>> {
    let rows = stays.iter().scan(0, |next, stays| {
        let row = stays.then_some(*next);
        *next += u32::from(*stays);
        Some(row)
    });
    rows.collect()
}
