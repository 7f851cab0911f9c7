//! Finds requests by session and client order id, in one table from the start: no rehash stalls an
//! unlucky order, and looking an id up brings in the very memory that remembering it writes.

use std::hash::BuildHasher;
use std::num::NonZeroU32;

use crate::gateway::records::RequestRecord;

/// A row's number from 1. No configuration allows as many requests as would not fit.
type Link = Option<NonZeroU32>;

/// So many ids, counted up, have their chains side by side: a page of them.
const BLOCK: u64 = 1024;

/// Chains of requests with the same hash. The seed is random: nobody can prepare ids that collide.
#[derive(Debug)]
pub(super) struct ClientOrderIds {
    hasher: foldhash::fast::RandomState,
    /// The latest request of each chain; as many chains as a power of two.
    latest: Vec<Link>,
    /// For each request the one before it in its chain.
    before: Vec<Link>,
}

impl ClientOrderIds {
    /// Room for so many requests.
    pub fn with_capacity(requests: usize) -> Self {
        Self {
            hasher: Default::default(),
            latest: vec![None; requests.next_power_of_two().max(BLOCK as usize)],
            before: Vec::with_capacity(requests),
        }
    }

    /// Forgets them all, but keeps their room: new memory, which costs nothing until it is used.
    pub fn clear(&mut self) {
        let chains = std::mem::take(&mut self.latest).len();
        self.latest = vec![None; chains];
        self.before.clear();
    }

    /// Makes room for so many requests more.
    pub fn reserve(&mut self, requests: usize) {
        self.before.reserve_exact(requests);
    }

    /// The row of the first of these requests that used the client order id.
    pub fn find(&self, requests: &[RequestRecord], session: u32, id: u64) -> Option<usize> {
        self.find_in(self.chain(session, id), requests, session, id)
    }

    fn find_in(
        &self,
        chain: usize,
        requests: &[RequestRecord],
        session: u32,
        id: u64,
    ) -> Option<usize> {
        let mut link = self.latest[chain];
        while let Some(number) = link {
            let row = number.get() as usize - 1;
            let request = &requests[row];
            if (request.session, request.client_order_id) == (session, id) {
                return Some(row);
            }
            link = self.before[row];
        }
        None
    }

    /// Adds the request that comes behind these.
    #[inline]
    pub fn add(&mut self, requests: &[RequestRecord], request: &RequestRecord) {
        match request.by_gateway {
            None => self.remember(requests, request.session, request.client_order_id),
            Some(_) => self.before.push(None),
        }
    }

    /// Remembers the client order id of the request that comes behind these, if it is the first.
    fn remember(&mut self, requests: &[RequestRecord], session: u32, id: u64) {
        let chain = self.chain(session, id);
        let is_first = self.find_in(chain, requests, session, id).is_none();
        self.before.push(self.latest[chain]);
        if is_first {
            let number = u32::try_from(requests.len() + 1).ok().and_then(NonZeroU32::new);
            self.latest[chain] = Some(number.expect("fewer than 2^32 requests"));
        }
    }

    /// Of ids that are counted up, as most are, nearly each finds its memory in the cache: within a
    /// block no two have the same chain, and of two blocks as few as if each id were hashed.
    fn chain(&self, session: u32, id: u64) -> usize {
        let block = self.hasher.hash_one((session, id / BLOCK));
        (block ^ id) as usize & (self.latest.len() - 1)
    }
}
