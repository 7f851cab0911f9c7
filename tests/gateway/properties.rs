//! Random scripts: a gateway that restarts decides like one that does not, limits hold as a naive
//! model says, and events survive their encoding.

use proptest::prelude::*;
use tinywindow::config::{
    Config, Freshness, JournalConfig, Rate, SelfTradeMode, SelfTradePrevention, SessionLimits,
};
use tinywindow::gateway::event::{Event, EventKind, SessionName};
use tinywindow::gateway::{
    ExecError, ExposureLimits, ExposureScope, HaltScope, Hours, Instrument, ManualClock, Options,
    OrderAck, OrderState, Permitted, TickBand,
};
use tinywindow::order::{Frame, OrdType, Order, Request, Side, Text, TimeInForce, UNIT, parse};
use tinywindow::signing::Suite;
use tinywindow::venue::{Execution, ExecutionKind};
use tinywindow::{Error, Gateway, Reason};

use crate::desk::*;

/// What a random step does; which request a replace or cancel means is chosen when it runs.
#[derive(Clone, Debug)]
pub enum Step {
    New(Order),
    Replace(usize, Order),
    Cancel(usize),
    Halt(HaltScope, bool),
    ReferencePrice(i64),
    Wait(u64),
    Restart,
}

fn any_order() -> impl Strategy<Value = Order> {
    let side = proptest::sample::select(Side::ALL);
    let time_in_force = proptest::sample::select(TimeInForce::ALL);
    let symbol = proptest::sample::select(&SYMBOLS[..]);
    (1..=2_u64, side, time_in_force, symbol, 96..=104_i64, 1..=9_u64, 0..8).prop_map(
        |(session_id, side, time_in_force, symbol, price, quantity, kind)| {
            let order = match kind {
                0 => market(side, quantity),
                1 => Order { side, ..stop_limit(price, quantity) },
                _ => limit(side, price, quantity),
            };
            let mut terms = *order.terms().unwrap();
            if kind > 3 {
                terms.time_in_force = time_in_force;
            }
            let request = Request::New(terms);
            Order { session_id, symbol: text(symbol), request, ..order }
        },
    )
}

fn any_scope() -> impl Strategy<Value = HaltScope> {
    prop_oneof![
        Just(HaltScope::Gateway),
        Just(HaltScope::Session(1)),
        Just(HaltScope::Symbol(text("AAPL"))),
        Just(HaltScope::Account(text("fund"))),
    ]
}

pub fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any_order().prop_map(Step::New),
        5 => (any::<usize>(), any_order()).prop_map(|(pick, order)| Step::Replace(pick, order)),
        5 => any::<usize>().prop_map(Step::Cancel),
        1 => (any_scope(), any::<bool>()).prop_map(|(scope, halted)| Step::Halt(scope, halted)),
        1 => (95..105_i64).prop_map(Step::ReferencePrice),
        4 => (0..SECOND).prop_map(Step::Wait),
        3 => Just(Step::Restart),
    ]
}

/// Most of the limits at once, each within reach of the steps.
pub fn tight() -> Vec<(&'static str, &'static str)> {
    vec![
        ("sessions.per_second", "5"),
        ("sessions.burst", "10"),
        ("sessions.max_open_orders", "5"),
        ("limits.order_types", "['market', 'limit', 'stop_limit']"),
        ("limits.max_quantity", "8"),
        ("limits.max_position", "20"),
        ("AAPL.collar_percent", "3"),
        ("AAPL.reference_price", "100"),
        ("AAPL.last_trade_collar_percent", "2"),
        ("AAPL.locate", "12"),
        ("MSFT.reference_price", "100"),
        ("limits.min_quantity", "2"),
        ("sessions.max_repeats", "2"),
        ("sessions.max_order_to_trade", "3"),
        ("sessions.order_to_trade_after", "10"),
        ("account_limits.max_gross_notional", "3000"),
        ("firm.max_loss", "1"),
        ("freshness.back_ms", "3_600_000"),
    ]
}

const NOBODY: Text = [0; 16];

pub const SELF_TRADE_MODES: [&str; 3] = ["'cancel_newest'", "'cancel_oldest'", "'cancel_both'"];

/// Runs scripts, and knows every order it has sent.
pub struct Runner {
    pub desk: Desk,
    config: String,
    restarts: bool,
    pub now: u64,
    pub sent: Vec<Order>,
    /// So many sequences were used for something else.
    pub skipped: u64,
}

impl Runner {
    pub fn new(config: String, restarts: bool) -> Runner {
        let desk = Desk::open(&config);
        Runner { desk, config, restarts, now: NOW, sent: Vec::new(), skipped: 0 }
    }

    /// The outcome of a step that sends something.
    pub fn step(&mut self, step: &Step) -> Option<Result<OrderAck, ExecError>> {
        match step {
            Step::New(order) => return Some(self.send(*order)),
            Step::Replace(pick, order) => {
                let original = *self.pick(*pick)?;
                let of = Order { session_id: original.session_id, ..*order };
                let alike = Order { side: original.side, symbol: original.symbol, ..of };
                return Some(self.send(replace(original.client_order_id, alike)));
            }
            Step::Cancel(pick) => {
                let original = *self.pick(*pick)?;
                let request = Request::Cancel(original.client_order_id);
                return Some(self.send(Order { request, ..original }));
            }
            Step::Halt(scope, true) => self.desk.gateway.halt(*scope).unwrap(),
            Step::Halt(scope, false) => self.desk.gateway.resume(*scope).unwrap(),
            Step::ReferencePrice(price) => {
                let price = price * UNIT as i64;
                self.desk.gateway.set_reference_price(&text("AAPL"), price).unwrap();
            }
            Step::Wait(nanoseconds) => {
                self.now += nanoseconds;
                self.desk.clock.set(self.now);
            }
            Step::Restart if self.restarts => {
                self.desk.gateway.close().unwrap();
                self.desk = Desk::try_open(&self.config, self.now, None).unwrap();
            }
            Step::Restart => {}
        }
        None
    }

    pub fn pick(&self, pick: usize) -> Option<&Order> {
        self.sent.get(pick.checked_rem(self.sent.len())?)
    }

    fn send(&mut self, order: Order) -> Result<OrderAck, ExecError> {
        let id = self.next_sequence();
        let order = Order { sequence: id, client_order_id: id, ..order };
        self.sent.push(order);
        self.desk.try_send(order)
    }

    pub fn next_sequence(&self) -> u64 {
        self.sent.len() as u64 + self.skipped + 1
    }

    pub fn statuses(&self) -> Vec<Result<OrderState, Error>> {
        let status =
            |order: &Order| self.desk.gateway.order_status(order.session_id, order.client_order_id);
        self.sent.iter().map(status).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..Default::default() })]

    #[test]
    fn a_gateway_that_restarts_decides_like_one_that_does_not(
        steps in proptest::collection::vec(any_step(), 1..80),
        prevents in proptest::sample::select(&["'off'", "'firm'"][..]),
        mode in proptest::sample::select(&SELF_TRADE_MODES[..]),
    ) {
        let folder = Folder::new();
        let prevention = [("firm.self_trade_prevention", prevents), ("firm.self_trade_mode", mode)];
        let limits = [&tight()[..], &prevention[..]].concat();
        let mut steady = Runner::new(config(&limits), false);
        let mut restarting = Runner::new(folder.config(&limits), true);
        for step in &steps {
            prop_assert_eq!(restarting.step(step), steady.step(step), "{:?}", step);
        }
        prop_assert_eq!(restarting.statuses(), steady.statuses());
        restarting.step(&Step::Restart);
        prop_assert_eq!(restarting.statuses(), steady.statuses());
    }

    #[test]
    fn a_gateway_that_begins_with_snapshots_is_one_that_folds_its_whole_journal(
        steps in proptest::collection::vec(any_step(), 1..80),
        prevents in proptest::sample::select(&["'off'", "'account'", "'firm'"][..]),
        mode in proptest::sample::select(&SELF_TRADE_MODES[..]),
    ) {
        let (folder, other) = (Folder::new(), Folder::new());
        let prevention = [("firm.self_trade_prevention", prevents), ("firm.self_trade_mode", mode)];
        let changes = [&tight()[..], &prevention[..], &[("journal.snapshot_events", "1")]].concat();
        let mut steady = Runner::new(config(&changes[..changes.len() - 1]), false);
        let mut restarting = Runner::new(folder.config(&changes), true);
        for step in &steps {
            prop_assert_eq!(restarting.step(step), steady.step(step), "{:?}", step);
        }
        restarting.step(&Step::Restart);
        prop_assert_eq!(restarting.statuses(), steady.statuses());

        // Without snapshots the same journal makes the same one, to the byte.
        restarting.desk.gateway.close().unwrap();
        copy_journal(&folder.journal(), &other.journal());
        let newest = |folder: &Folder| files(&folder.journal(), "tws").pop().unwrap();
        files(&other.journal(), "tws").iter().for_each(|file| std::fs::remove_file(file).unwrap());
        let options = Options::default();
        let clock = std::sync::Arc::new(ManualClock::new(restarting.now));
        let options = Options { clock, ..options };
        let config = Config::parse(&restarting.config).unwrap();
        let path = other.journal();
        let mut elsewhere = config;
        if let JournalConfig::File { path: at, .. } = &mut elsewhere.journal {
            *at = path;
        }
        Gateway::open_with(&elsewhere, options).unwrap().close().unwrap();
        let [one, two] = [&folder, &other].map(|folder| std::fs::read(newest(folder)).unwrap());
        prop_assert_eq!(one, two);
    }

    #[test]
    fn limits_of_positions_and_open_orders_hold_as_a_naive_model_says(
        steps in proptest::collection::vec(any_step(), 1..150)
    ) {
        let changes = [
            ("limits.max_position", "15"),
            ("sessions.max_open_orders", "4"),
            ("freshness.back_ms", "3_600_000"),
        ];
        let mut runner = Runner::new(config(&changes), false);
        for step in &steps {
            let Step::New(order) = step else {
                if !matches!(step, Step::Halt(..)) {
                    runner.step(step);
                }
                continue;
            };
            let expected = expected(&runner, order);
            if order.terms().unwrap().ord_type != OrdType::StopLimit {
                let reason = runner.step(step).unwrap().unwrap().reason;
                prop_assert_eq!(reason, expected, "{:?}", order);
            }
        }
    }
}

/// What limits a new order, with everything added up anew from what is told of every order.
fn expected(runner: &Runner, new: &Order) -> Option<Reason> {
    let sign = |side| if side == Side::Buy { 1 } else { -1 };
    let (mut open_orders, mut worst) = (0, sign(new.side) * new.terms().unwrap().quantity as i64);
    let is_new = |order: &&Order| matches!(order.request, Request::New(_));
    for order in runner.sent.iter().filter(is_new) {
        let state = runner.desk.gateway.order_status(order.session_id, order.client_order_id);
        let state = state.unwrap();
        let is_open = state.leaves_quantity > 0;
        open_orders += u64::from(is_open && order.session_id == new.session_id);
        if order.symbol == new.symbol {
            worst += sign(order.side) * state.cum_quantity as i64;
            if is_open && sign(order.side) == sign(new.side) {
                worst += sign(order.side) * state.leaves_quantity as i64;
            }
        }
    }
    if open_orders >= 4 {
        Some(Reason::MaxOpenOrders)
    } else if sign(new.side) * worst > 15 * UNIT as i64 {
        Some(Reason::MaxPosition)
    } else {
        None
    }
}

fn any_rate() -> impl Strategy<Value = Rate> {
    (1..=u32::MAX, 1..=u32::MAX).prop_map(|(per_second, burst)| Rate { per_second, burst })
}

fn any_reason() -> impl Strategy<Value = Reason> {
    proptest::sample::select(Reason::ALL)
}

fn any_execution() -> impl Strategy<Value = Execution> {
    let kind = prop_oneof![
        Just(ExecutionKind::New),
        Just(ExecutionKind::Canceled),
        Just(ExecutionKind::Replaced),
        Just(ExecutionKind::Expired),
        any_reason().prop_map(ExecutionKind::Rejected),
        any_reason().prop_map(ExecutionKind::CancelRejected),
        any::<(i64, u64)>().prop_map(|(price, quantity)| ExecutionKind::Trade { price, quantity }),
    ];
    (any::<[u64; 4]>(), kind).prop_map(|([exec_id, order_id, cum, leaves], kind)| Execution {
        exec_id,
        order_id,
        kind,
        cum_quantity: cum,
        leaves_quantity: leaves,
    })
}

fn any_instrument() -> impl Strategy<Value = Instrument> {
    (any::<([u8; 16], bool)>(), any::<[u64; 7]>(), any::<[i64; 2]>(), any::<[u32; 7]>()).prop_map(
        |((symbol, restricted), amounts, [min_price, max_price], bits)| Instrument {
            symbol,
            restricted,
            tick: amounts[0].max(1),
            lot: amounts[1].max(1),
            min_quantity: amounts[2],
            max_quantity: amounts[3],
            min_price,
            max_price,
            max_notional: amounts[4],
            max_position: amounts[5],
            locate: amounts[6],
            collar_basis_points: bits[0],
            last_trade_collar_basis_points: bits[4],
            hours: Hours { opens_s: bits[5], closes_s: bits[6] },
            sides: Permitted(bits[1]),
            order_types: Permitted(bits[2]),
            times_in_force: Permitted(bits[3]),
        },
    )
}

fn any_limits() -> impl Strategy<Value = (ExposureScope, Option<ExposureLimits>)> {
    let scope = prop_oneof![
        Just(ExposureScope::Firm),
        Just(ExposureScope::EveryAccount),
        Just(ExposureScope::Account(text("fund"))),
    ];
    let limits = any::<[u64; 3]>().prop_map(|[gross, net, loss]| ExposureLimits {
        max_gross_notional: gross,
        max_net_notional: net,
        max_loss: loss,
    });
    (scope, proptest::option::of(limits))
}

fn any_prevention() -> impl Strategy<Value = SelfTradePrevention> {
    use SelfTradePrevention::{Account, Firm, Off};
    prop_oneof![Just(Off), Just(Account), Just(Firm)]
}

fn any_mode() -> impl Strategy<Value = SelfTradeMode> {
    use SelfTradeMode::{CancelBoth, CancelNewest, CancelOldest};
    prop_oneof![Just(CancelNewest), Just(CancelOldest), Just(CancelBoth)]
}

/// Every kind of event but decisions, which borrow their frame.
fn any_kind() -> impl Strategy<Value = EventKind<'static>> {
    let suite = proptest::sample::select(Suite::ALL);
    prop_oneof![
        (any::<[u8; 32]>(), any::<(u64, u64)>(), any_rate(), any_prevention(), any_mode())
            .prop_map(|(digest, (back_ns, ahead_ns), throttle, prevention, self_trade_mode)| {
                EventKind::Configured {
                    digest,
                    freshness: Freshness { back_ns, ahead_ns },
                    throttle,
                    self_trade_prevention: prevention,
                    self_trade_mode,
                }
            }),
        (any::<[u64; 2]>(), any_rate(), any_rate(), any::<[u32; 5]>()).prop_map(
            |([id, repeat_window_ns], rate, cancel_rate, counts)| EventKind::Session {
                id,
                limits: SessionLimits {
                    rate,
                    cancel_rate,
                    max_open_orders: counts[0],
                    max_repeats: counts[2],
                    repeat_window_ns,
                    max_order_to_trade: counts[3],
                    order_to_trade_after: counts[4],
                },
                max_orders: counts[1],
            }
        ),
        (any::<[u64; 2]>(), suite, any::<bool>()).prop_map(
            |([session_id, key_id], suite, active)| EventKind::Key {
                session_id,
                key_id,
                suite,
                active,
            }
        ),
        any_instrument().prop_map(EventKind::Instrument),
        any::<([u8; 16], i64)>()
            .prop_map(|(symbol, price)| EventKind::ReferencePrice { symbol, price }),
        (any_scope(), any::<bool>()).prop_map(|(scope, halted)| EventKind::Halt { scope, halted }),
        any_execution().prop_map(EventKind::Executed),
        any::<u64>().prop_map(|order_id| EventKind::NotDelivered { order_id }),
        Just(EventKind::ClockSetBack),
        any::<(u64, u32, u32, u32)>().prop_map(
            |(session_id, sides, order_types, max_sequence_gap)| {
                let (sides, order_types) = (Permitted(sides), Permitted(order_types));
                EventKind::SessionTrades { session_id, sides, order_types, max_sequence_gap }
            }
        ),
        any::<(u64, [u8; 16], bool)>().prop_map(|(session_id, name, is_symbol)| {
            let what =
                if is_symbol { SessionName::Symbol(name) } else { SessionName::Account(name) };
            EventKind::SessionTradesOnly { session_id, what }
        }),
        (any_scope(), any::<u64>())
            .prop_map(|(scope, key_id)| EventKind::Resumed { scope, key_id }),
        (any::<[u64; 2]>(), any_reason()).prop_map(|([order_id, orig_order_id], reason)| {
            EventKind::Cancelled { order_id, orig_order_id, reason }
        }),
        (any::<[u8; 16]>(), proptest::option::of([1..u64::MAX, 1..u64::MAX])).prop_map(
            |(symbol, band)| EventKind::TickBand {
                symbol,
                band: band.map(|[from, tick]| TickBand { from, tick }),
            }
        ),
        (any::<[u8; 16]>(), proptest::option::of([1..u32::MAX, 1..u32::MAX])).prop_map(
            |(symbol, rate)| EventKind::InstrumentRate {
                symbol,
                rate: rate.map(|[per_second, burst]| Rate { per_second, burst }),
            }
        ),
        any::<u64>().prop_map(|before| EventKind::OrdersForgotten { before }),
        any_limits().prop_map(|(scope, limits)| EventKind::ExposureLimits { scope, limits }),
    ]
}

fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    event.encode(&mut bytes);
    bytes
}

/// No byte may be cut or added, and whatever is changed is another event's own bytes or no event.
fn check_bytes(event: &Event<'_>, at: usize, value: u8) -> Result<(), TestCaseError> {
    let mut bytes = encoded(event);
    prop_assert_eq!(Event::decode(&bytes), Some(*event));
    for length in 0..bytes.len() {
        // Without the name of who made it an event is another event.
        let is_nameless = event.by != NOBODY && length + 16 == bytes.len();
        prop_assert_eq!(Event::decode(&bytes[..length]).is_some(), is_nameless, "{}", length);
    }
    bytes.push(0);
    prop_assert_eq!(Event::decode(&bytes), None);
    bytes.pop();
    let at = at % bytes.len();
    bytes[at] = value;
    if let Some(other) = Event::decode(&bytes) {
        prop_assert_eq!(encoded(&other), bytes);
    }
    Ok(())
}

proptest! {
    #[test]
    fn events_survive_their_encoding(
        time in any::<u64>(), kind in any_kind(), at in any::<usize>(), value in any::<u8>(),
        by in proptest::sample::select(vec![NOBODY, text("alice")]),
    ) {
        check_bytes(&Event { time, by, kind }, at, value)?;
    }

    #[test]
    fn decisions_survive_their_encoding_with_their_frame(
        time in any::<u64>(),
        order_id in any::<u64>(),
        reason in proptest::option::of(any_reason()),
        order in any_order(),
        signature in proptest::collection::vec(any::<u8>(), 0..100),
        at in any::<usize>(),
        value in any::<u8>(),
    ) {
        let mut signed = [0; tinywindow::order::SIGNED_MAX];
        let length = tinywindow::order::encode(&order, &mut signed).unwrap();
        let frame = Frame { order, signed: &signed[..length], signature: &signature };
        let kind = EventKind::Decided { order_id, reason, frame };
        check_bytes(&Event { time, by: NOBODY, kind }, at, value)?;
    }

    #[test]
    fn no_bytes_make_the_reader_of_events_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Some(event) = Event::decode(&bytes) {
            prop_assert_eq!(encoded(&event), bytes.clone());
        }
        prop_assert!(parse(&bytes).is_err(), "no frame by chance");
    }
}
