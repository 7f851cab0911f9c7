//! Everything a decision depends on. Changed by [`apply`](super::apply) alone, so that the state
//! is the fold of the journal's events: same events, same state.

mod forgetting;
mod order_ids;
mod snapshot;

use crate::config::{
    ACCOUNTS_MAX, Freshness, INSTRUMENTS_MAX, Rate, SelfTradeMode, SelfTradePrevention,
    SessionLimits, SessionPermissions,
};
use crate::error::{Error, Result};
use crate::gateway::activity::{OfDay, Recent, Shorts};
use crate::gateway::client_order_ids::ClientOrderIds;
use crate::gateway::exposure::{Exposure, ExposureLimits, Position, Totals};
use crate::gateway::freshness::RetryMemory;
use crate::gateway::instrument::{Instrument, TickBand};
use crate::gateway::own_orders::{self, Best, Links};
use crate::gateway::records::{OrderRecord, Outcome, RequestRecord};
use crate::gateway::report::OrdStatus;
use crate::gateway::table::Table;
use crate::gateway::throttle::Bucket;
use crate::order::{Order, Side, Template, Terms, Text};
use crate::signing::Suite;
use crate::venue::{Cancel, Command, OpenOrder, Replace};
use order_ids::OrderIds;

/// The whole state of a gateway. Maps are looked up, never walked: their order is no one's.
#[derive(Debug)]
pub(crate) struct State {
    /// The time of the last event, nanoseconds since 1970 UTC.
    pub now: u64,
    pub config_digest: [u8; 32],
    pub freshness: Freshness,
    pub bucket: Bucket,
    /// Since when.
    pub halted: Option<u64>,
    pub self_trade_prevention: SelfTradePrevention,
    pub self_trade_mode: SelfTradeMode,
    /// Some limit of exposure was set: until then nobody pays for its sums.
    pub adds_up_exposure: bool,
    pub firm_limits: ExposureLimits,
    pub firm: Totals,
    /// Of every account that has none of its own.
    pub account_limits: ExposureLimits,
    pub last_exec_id: u64,
    pub sessions: Table<u64, Session>,
    pub instruments: Table<Text, Listing>,
    pub accounts: Table<Text, Account>,
    pub positions: Table<(u32, u32), Position>,
    /// In the order of their ids.
    requests: Vec<RequestRecord>,
    order_ids: OrderIds,
    /// What replaces and rejected orders ask for.
    asked: Vec<Terms>,
    pub orders: Vec<OrderRecord>,
    client_order_ids: ClientOrderIds,
}

/// Decisions of a session that have room of their own: an order taken can be cancelled, and who is
/// only ever rejected takes no room from its orders and cancels.
#[derive(Clone, Copy, Debug)]
enum DecisionKind {
    Order,
    Cancel,
    Rejection,
}

impl DecisionKind {
    const COUNT: usize = 3;

    fn of(template: Template, is_accepted: bool) -> Self {
        match template {
            _ if !is_accepted => DecisionKind::Rejection,
            Template::OrderCancelRequest => DecisionKind::Cancel,
            Template::NewOrderSingle | Template::OrderCancelReplaceRequest => DecisionKind::Order,
        }
    }
}

#[derive(Debug, PartialEq)]
pub(crate) struct Session {
    pub id: u64,
    pub limits: SessionLimits,
    /// Orders and replaces kept, live or not: its share of the gateway's.
    pub max_orders: u32,
    /// None: everything.
    pub permissions: Option<Box<SessionPermissions>>,
    pub keys: Vec<KeyRecord>,
    /// Since when.
    pub halted: Option<u64>,
    pub last_sequence: u64,
    pub bucket: Bucket,
    pub cancel_bucket: Bucket,
    pub open_orders: u32,
    pub retries: RetryMemory,
    /// How many accounts had their first order from it.
    pub accounts: u32,
    /// Its latest new orders, kept while repeats are limited.
    pub recent: Recent,
    pub of_day: OfDay,
    /// How many requests each kind of decision has made.
    decided: [u32; DecisionKind::COUNT],
}

/// A key the session has or had, by id: the journal never holds a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyRecord {
    pub key_id: u64,
    pub suite: Suite,
    pub active: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub instrument: Instrument,
    pub reference_price: Option<i64>,
    /// What positions are valued at: the reference price; until there is one the first trade's.
    pub mark: Option<i64>,
    /// Since when.
    pub halted: Option<u64>,
    /// The latest of its positions; the others are behind it.
    pub latest_position: Option<u32>,
    /// Of the last trade.
    pub last_price: Option<i64>,
    pub shorts: Shorts,
    /// Of its open orders, while self-trades within the firm are prevented.
    pub best: Best,
    /// Ticks of higher prices than the instrument's own, from the lowest price on.
    pub tick_bands: Vec<TickBand>,
    /// None: orders in it come as fast as the others let them.
    pub rate: Option<Rate>,
    pub bucket: Bucket,
}

impl Listing {
    /// What a price without its sign is a multiple of.
    pub fn tick_at(&self, price: u64) -> u64 {
        let band = self.tick_bands.iter().rev().find(|band| band.from <= price);
        band.map_or(self.instrument.tick, |band| band.tick)
    }

    /// Whether orders in it may come at `now`, as far as its own rate goes.
    pub fn has_token(&self, now: u64) -> bool {
        self.rate.is_none() || self.bucket.has_token(now)
    }

    /// Takes one for an order.
    pub fn take_token(&mut self, now: u64) {
        if self.rate.is_some() {
            self.bucket.take(now);
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub name: Text,
    /// Since when.
    pub halted: Option<u64>,
    /// None: those of every account.
    pub limits: Option<ExposureLimits>,
    pub totals: Totals,
}

/// The rows of what an order names, as far as they are there. Looked up once for an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub session: u32,
    pub instrument: Option<u32>,
    pub account: Option<u32>,
    pub position: Option<u32>,
}

impl State {
    /// An empty state with room for `max_orders` new orders and replaces.
    pub fn new(max_orders: usize) -> Self {
        Self {
            now: 0,
            config_digest: [0; 32],
            freshness: Freshness { back_ns: 0, ahead_ns: 0 },
            bucket: Bucket::default(),
            halted: None,
            self_trade_prevention: SelfTradePrevention::Off,
            self_trade_mode: SelfTradeMode::CancelNewest,
            adds_up_exposure: false,
            firm_limits: ExposureLimits::NONE,
            firm: Totals::default(),
            account_limits: ExposureLimits::NONE,
            last_exec_id: 0,
            sessions: Table::with_capacity(0),
            instruments: Table::with_capacity(0),
            accounts: Table::with_capacity(max_orders.min(ACCOUNTS_MAX)),
            positions: Table::with_capacity(max_orders.min(ACCOUNTS_MAX)),
            requests: Vec::with_capacity(DecisionKind::COUNT * max_orders),
            order_ids: OrderIds::new(),
            asked: Vec::with_capacity(2 * max_orders),
            orders: Vec::with_capacity(max_orders),
            client_order_ids: ClientOrderIds::with_capacity(DecisionKind::COUNT * max_orders),
        }
    }

    /// Reserves what the sessions may still fill, so that deciding allocates nothing.
    pub fn reserve(&mut self) {
        let left = |kind| self.sessions.rows().iter().map(|session| session.room(kind)).sum();
        let orders: usize = left(DecisionKind::Order);
        let (cancels, rejections) = (left(DecisionKind::Cancel), left(DecisionKind::Rejection));
        let all = orders + cancels + rejections;
        self.orders.reserve_exact(orders);
        self.requests.reserve_exact(all);
        self.asked.reserve_exact(orders + rejections);
        self.client_order_ids.reserve(all);
    }

    /// Takes time back by this much: what is counted in time goes on from where it is.
    pub(super) fn set_back(&mut self, by_ns: u64) {
        self.now -= by_ns;
        self.bucket.set_back(by_ns);
        for session in self.sessions.rows_mut() {
            session.bucket.set_back(by_ns);
            session.cancel_bucket.set_back(by_ns);
            session.recent.set_back(by_ns);
        }
        for listing in self.instruments.rows_mut() {
            listing.bucket.set_back(by_ns);
        }
    }

    /// What the order of the session in this row names.
    pub fn named(&self, session: u32, order: &Order) -> Named {
        let instrument = self.instruments.find(&order.symbol);
        let account = self.accounts.find(&order.account);
        let position = account.zip(instrument).and_then(|key| self.positions.find(&key));
        Named { session, instrument, account, position }
    }

    /// The session's own id.
    pub fn session_id(&self, session: u32) -> u64 {
        self.sessions.row(session).id
    }

    /// The id the next decision gets.
    pub fn next_order_id(&self) -> u64 {
        self.order_ids.id_of(self.requests.len())
    }

    pub fn request(&self, order_id: u64) -> Option<&RequestRecord> {
        self.requests.get(self.order_ids.row_of(order_id)?)
    }

    pub(super) fn request_mut(&mut self, order_id: u64) -> Option<&mut RequestRecord> {
        self.requests.get_mut(self.order_ids.row_of(order_id)?)
    }

    /// What a replace or a pending new order asks for, or a rejected one did.
    pub fn terms(&self, request: &RequestRecord) -> Option<Terms> {
        let of_order = |row: u32| self.orders[row as usize].terms;
        match request.asked {
            Some(row) => Some(self.asked[row as usize]),
            None => request.order.map(of_order),
        }
    }

    /// The decided request that used this client order id.
    pub fn used(&self, session: u32, client_order_id: u64) -> Option<u64> {
        let row = self.client_order_ids.find(&self.requests, session, client_order_id)?;
        Some(self.order_ids.id_of(row))
    }

    /// Every request the venue owes an answer, oldest first.
    pub fn unanswered(&self) -> impl Iterator<Item = u64> {
        let owed = |(_, request): &(usize, &RequestRecord)| request.outcome == Outcome::Pending;
        let requests = self.requests.iter().enumerate().filter(owed);
        requests.map(|(row, _)| self.order_ids.id_of(row))
    }

    /// What an accepted request asks of the venue; none when the gateway rejected it.
    pub fn command(&self, order_id: u64) -> Option<Command> {
        let request = self.request(order_id).filter(|r| r.outcome == Outcome::Pending)?;
        let record = &self.orders[request.order? as usize];
        let new = |terms| record.at_venue(order_id, terms);
        let original = || match request.orig_client_order_id() {
            Some(orig) => self.used(request.session, orig),
            None => Some(record.order_id),
        };
        Some(match request.template {
            Template::NewOrderSingle => Command::New(new(self.terms(request)?)),
            Template::OrderCancelReplaceRequest => {
                let order = new(self.terms(request)?);
                Command::Replace(Replace { orig_order_id: original()?, order })
            }
            Template::OrderCancelRequest => Command::Cancel(Cancel {
                order_id,
                orig_order_id: original()?,
                instrument: record.instrument,
            }),
        })
    }

    /// How many orders may still fill.
    pub fn open_order_count(&self) -> u64 {
        self.sessions.rows().iter().map(|session| u64::from(session.open_orders)).sum()
    }

    /// Every order the venue has confirmed and not ended, to rebuild a venue in process.
    pub fn open_orders(&self) -> Vec<OpenOrder> {
        let confirmed = |order: &&OrderRecord| {
            matches!(order.status, OrdStatus::New | OrdStatus::PartiallyFilled)
        };
        let open = |order: &OrderRecord| OpenOrder {
            order: order.at_venue(order.order_id, order.terms),
            cum_quantity: order.cum_quantity,
            priority: order.priority,
        };
        self.orders.iter().filter(confirmed).map(open).collect()
    }

    /// Whether one more frame of the session can be decided this way.
    pub(super) fn has_room(
        &self,
        session: &Session,
        order: &Order,
        is_accepted: bool,
    ) -> Result<()> {
        // None can name so many that another's find no place.
        let has_share =
            (session.accounts as usize + 1) * self.sessions.rows().len() <= ACCOUNTS_MAX;
        let fits = session.room(DecisionKind::of(order.template(), is_accepted)) > 0;
        let account_fits =
            !is_accepted || has_share || self.accounts.find(&order.account).is_some();
        (fits && account_fits).then_some(()).ok_or(Error::Capacity)
    }

    /// Whether the account is known or one more can be.
    pub(super) fn has_room_for(&self, account: &Text) -> Result<()> {
        let fits = self.accounts.rows().len() < ACCOUNTS_MAX;
        (fits || self.accounts.find(account).is_some()).then_some(()).ok_or(Error::Capacity)
    }

    /// Whether the instrument is known or one more can be.
    pub(super) fn has_room_for_instrument(&self, symbol: &Text) -> Result<()> {
        let fits = self.instruments.rows().len() < INSTRUMENTS_MAX;
        (fits || self.instruments.find(symbol).is_some()).then_some(()).ok_or(Error::Capacity)
    }

    /// Makes a position of the account in the instrument, in which it has none.
    pub(super) fn open_position(&mut self, account: u32, instrument: u32) -> u32 {
        let latest = &mut self.instruments.row_mut(instrument).latest_position;
        let position = Position { account, previous: *latest, ..Position::default() };
        let row = self.positions.find_or_insert((account, instrument), || position);
        *latest = Some(row);
        row
    }

    /// Whose best orders a new one of this position must not trade with; `None` if any may.
    pub(super) fn best_of(&self, instrument: u32, position: Option<u32>) -> Option<&Best> {
        match self.self_trade_prevention {
            SelfTradePrevention::Off => None,
            SelfTradePrevention::Account => Some(&self.positions.row(position?).best),
            SelfTradePrevention::Firm => Some(&self.instruments.row(instrument).best),
        }
    }

    /// Puts an order in the heap of the best, or takes it out: what it counts with has changed.
    pub(super) fn rank(&mut self, row: u32, was_in: bool, is_in: bool) {
        let record = &self.orders[row as usize];
        let best = match self.self_trade_prevention {
            SelfTradePrevention::Off => return,
            SelfTradePrevention::Account => &mut self.positions.row_mut(record.position).best,
            SelfTradePrevention::Firm => &mut self.instruments.row_mut(record.instrument).best,
        };
        let best = match record.side {
            Side::Buy => &mut best.buy,
            Side::Sell | Side::SellShort => &mut best.sell,
        };
        if was_in {
            *best = own_orders::remove(&mut self.orders, *best, row);
        }
        if is_in {
            *best = own_orders::insert(&mut self.orders, *best, row);
        }
    }

    /// Changes whose orders must not trade with each other.
    pub(super) fn prevent_self_trades(&mut self, of: SelfTradePrevention) {
        if self.self_trade_prevention == of {
            return;
        }
        self.self_trade_prevention = of;
        self.positions.rows_mut().iter_mut().for_each(|position| position.best = Best::default());
        self.instruments.rows_mut().iter_mut().for_each(|listing| listing.best = Best::default());
        self.orders.iter_mut().for_each(|order| order.links = Links::default());
        for row in 0..self.orders.len() {
            let is_in = self.orders[row].is_ranked();
            self.rank(row as u32, false, is_in);
        }
    }

    /// From now on keeps up the sums of accounts and of the firm.
    pub(super) fn add_up_exposure(&mut self) {
        if std::mem::replace(&mut self.adds_up_exposure, true) {
            return;
        }
        for position in self.positions.rows() {
            self.accounts.row_mut(position.account).totals.begin_with(position.exposure, self.now);
            self.firm.begin_with(position.exposure, self.now);
        }
    }

    /// Changes a position, and with it the sums of its account and of the firm. `change` says by
    /// how much.
    pub(super) fn change_position(
        &mut self,
        row: u32,
        change: impl FnOnce(&mut Position) -> Exposure,
    ) {
        let position = self.positions.row_mut(row);
        let change = change(position);
        if self.adds_up_exposure {
            self.accounts.row_mut(position.account).totals.add(change, self.now);
            self.firm.add(change, self.now);
        }
    }

    /// Writes down what a request asks for, where its order does not tell.
    pub(super) fn push_asked(&mut self, terms: &Terms) -> u32 {
        self.asked.push(*terms);
        (self.asked.len() - 1) as u32
    }

    /// Writes down a decided request. The first to use a client order id keeps it.
    #[inline]
    pub(super) fn push_request(&mut self, request: RequestRecord) {
        self.client_order_ids.add(&self.requests, &request);
        self.count_decided(&request);
        self.requests.push(request);
    }

    /// It takes room of its session's.
    fn count_decided(&mut self, request: &RequestRecord) {
        let kind = DecisionKind::of(request.template, request.order.is_some());
        self.sessions.row_mut(request.session).decided[kind as usize] += 1;
    }
}

impl Session {
    pub fn new(id: u64, limits: SessionLimits) -> Self {
        Self {
            id,
            limits,
            max_orders: 0,
            permissions: None,
            keys: Vec::new(),
            halted: None,
            last_sequence: 0,
            bucket: Bucket::default(),
            cancel_bucket: Bucket::default(),
            open_orders: 0,
            retries: RetryMemory::new(),
            accounts: 0,
            recent: Recent::new(),
            of_day: OfDay::default(),
            decided: [0; DecisionKind::COUNT],
        }
    }

    pub(super) fn permit(&mut self, permissions: SessionPermissions) {
        self.permissions = (!permissions.is_everything()).then(|| Box::new(permissions));
    }

    /// So many decisions of the kind have room.
    fn room(&self, kind: DecisionKind) -> usize {
        self.max_orders.saturating_sub(self.decided[kind as usize]) as usize
    }

    /// The key with this id that the session has or had.
    pub fn key(&self, key_id: u64) -> Option<&KeyRecord> {
        self.keys.iter().find(|key| key.key_id == key_id)
    }

    /// Whether the key may sign for this session now.
    pub fn key_is_active(&self, key_id: u64) -> bool {
        self.key(key_id).is_some_and(|key| key.active)
    }
}
