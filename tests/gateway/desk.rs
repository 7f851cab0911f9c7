//! What every test needs: configurations, a gateway on a clock that stands still, and frames.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::Duration;

use tinywindow::config::Config;
use tinywindow::gateway::{
    Completion, ExecError, ExecutionReport, Gate, ManualClock, Observer, Options, OrderAck,
    OrderState, Simulation,
};
use tinywindow::order::{
    self, FRAME_MAX, OrdType, Order, Request, SIGNED_MAX, Side, Terms, Text, TimeInForce, UNIT,
};
use tinywindow::signing::{Context, Signer, Suite, keygen};
use tinywindow::{Gateway, Reason, Result};

/// When every test begins, nanoseconds since 1970 UTC.
pub const NOW: u64 = 1_700_000_000_000_000_000;

pub const SECOND: u64 = 1_000_000_000;

/// Longer than any test may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Every configuration has these sessions.
pub const SESSIONS: [u64; 4] = [1, 2, 3, 4];

/// And these instruments.
pub const SYMBOLS: [&str; 2] = ["AAPL", "MSFT"];

const DEFAULTS: &[(&str, &str)] = &[
    ("gateway.max_orders", "5_000"),
    ("gateway.memory_lock", "'preferred'"),
    ("journal.kind", "'memory'"),
    ("throttle.per_second", "1_000_000"),
    ("throttle.burst", "1_000_000"),
    ("sessions.per_second", "1_000_000"),
    ("sessions.burst", "1_000_000"),
    ("sessions.cancels_per_second", "1_000_000"),
    ("sessions.cancels_burst", "1_000_000"),
    ("sessions.max_open_orders", "1_000_000"),
    ("limits.tick", "'0.01'"),
    ("limits.lot", "1"),
    ("limits.max_quantity", "'unlimited'"),
    ("limits.max_notional", "'unlimited'"),
    ("limits.max_position", "'unlimited'"),
    ("limits.collar_percent", "'unlimited'"),
    ("venue.kind", "'paper'"),
];

/// A configuration that lets everything pass, but for these changes: `("table.key", "value")`,
/// where the table may be a symbol, and `sessions` means all of them.
pub fn config(changes: &[(&str, &str)]) -> String {
    let changed = |key: &str| changes.iter().any(|(changed, _)| *changed == key);
    let defaults = DEFAULTS.iter().filter(|(key, _)| !changed(key));
    let mut tables: HashMap<&str, String> = HashMap::new();
    for (key, value) in defaults.chain(changes) {
        let (table, key) = key.split_once('.').expect("table.key");
        tables.entry(table).or_default().push_str(&format!("{key} = {value}\n"));
    }
    let sessions = tables.remove("sessions").unwrap_or_default();
    let mut text: String =
        SESSIONS.map(|id| format!("[[sessions]]\nid = {id}\n{sessions}")).concat();
    for symbol in SYMBOLS {
        let own = tables.remove(symbol).unwrap_or_default();
        text.push_str(&format!("[[instruments]]\nsymbol = '{symbol}'\n{own}"));
    }
    let table = |(name, keys): (&str, String)| format!("[{name}]\n{keys}");
    let mut tables: Vec<String> = tables.into_iter().map(table).collect();
    tables.sort();
    text + &tables.concat()
}

/// The secret key of a session.
pub fn key(session_id: u64) -> Vec<u8> {
    keygen(Suite::HmacSha256, session_id).to_vec()
}

pub fn text(value: &str) -> Text {
    order::text(value.as_bytes()).expect("a text")
}

/// A good-till-cancel limit order of session 1 for AAPL: whole units, to be varied with struct
/// update syntax and the functions below. What is 0 the desk fills in.
pub fn limit(side: Side, price: i64, quantity: u64) -> Order {
    Order {
        sequence: 0,
        sending_time: 0,
        client_order_id: 0,
        session_id: 1,
        key_id: 0,
        symbol: text("AAPL"),
        account: text("fund"),
        side,
        request: Request::New(limit_terms(price, quantity)),
    }
}

pub fn limit_terms(price: i64, quantity: u64) -> Terms {
    Terms {
        ord_type: OrdType::Limit,
        time_in_force: TimeInForce::GoodTillCancel,
        price: Some(price * UNIT as i64),
        stop_price: None,
        quantity: quantity * UNIT,
    }
}

pub fn buy(price: i64, quantity: u64) -> Order {
    limit(Side::Buy, price, quantity)
}

pub fn sell(price: i64, quantity: u64) -> Order {
    limit(Side::Sell, price, quantity)
}

pub fn market(side: Side, quantity: u64) -> Order {
    let terms = Terms { ord_type: OrdType::Market, price: None, ..limit_terms(1, quantity) };
    Order { request: Request::New(terms), ..limit(side, 1, quantity) }
}

/// A stop limit order: the paper venue takes none.
pub fn stop_limit(price: i64, quantity: u64) -> Order {
    let ord_type = OrdType::StopLimit;
    let stop_price = Some(price * UNIT as i64);
    let terms = Terms { ord_type, stop_price, ..limit_terms(price, quantity) };
    Order { request: Request::New(terms), ..buy(price, quantity) }
}

/// The same order, of another session.
pub fn of(session_id: u64, order: Order) -> Order {
    Order { session_id, ..order }
}

/// The same order, under this client order id.
pub fn named(client_order_id: u64, order: Order) -> Order {
    Order { client_order_id, ..order }
}

/// A request to give the order `orig` the terms of `order`.
pub fn replace(orig: u64, order: Order) -> Order {
    let terms = *order.terms().expect("terms");
    Order { request: Request::Replace(orig, terms), ..order }
}

/// A request to cancel an order of session 1 that buys AAPL.
pub fn cancel(orig: u64) -> Order {
    Order { request: Request::Cancel(orig), ..buy(1, 1) }
}

/// The order as a frame signed by this key.
pub fn sign(signer: &Signer, order: &Order) -> Vec<u8> {
    let order = Order { key_id: signer.key_id(), ..*order };
    let mut signed = [0; SIGNED_MAX];
    let length = order::encode(&order, &mut signed).expect("a valid order");
    let signature = signer.sign(Context::Order, &signed[..length]).expect("a signature");
    let mut frame = vec![0; FRAME_MAX];
    let length = order::frame(&signed[..length], &signature, &mut frame).expect("a frame");
    frame.truncate(length);
    frame
}

static SIGNERS: LazyLock<[Signer; 4]> =
    LazyLock::new(|| SESSIONS.map(|id| Signer::new(&key(id)).expect("a signer")));

/// A gateway whose sessions' keys are added, with its clock.
pub struct Desk {
    pub gateway: Gateway,
    pub clock: Arc<ManualClock>,
    last_sequence: AtomicU64,
}

impl Desk {
    pub fn open(config: &str) -> Desk {
        Desk::try_open(config, NOW, None).expect("a gateway")
    }

    /// Sequences and client order ids go on from `last_sequence`.
    pub fn reopen(config: &str, last_sequence: u64) -> Desk {
        Self::reopen_at(NOW, config, last_sequence)
    }

    /// Opened at this time.
    pub fn reopen_at(now: u64, config: &str, last_sequence: u64) -> Desk {
        let desk = Desk::try_open(config, now, None).expect("a gateway");
        desk.last_sequence.store(last_sequence, Ordering::Relaxed);
        desk
    }

    /// A gateway that can be held before the venue.
    pub fn open_held(config: &str) -> (Desk, Arc<Hold>) {
        let hold = Hold::at(Gate::Journal);
        let desk = Desk::try_open(config, NOW, Some(Arc::clone(&hold) as _)).expect("a gateway");
        (desk, hold)
    }

    pub fn try_open(config: &str, now: u64, observer: Option<Arc<dyn Observer>>) -> Result<Desk> {
        Self::try_open_with(config, now, Options { observer, ..Options::default() })
    }

    /// A gateway in a world of the test's own.
    pub fn open_in(world: Simulation, config: &str) -> Desk {
        let options = Options { simulation: Some(world), ..Options::default() };
        Self::try_open_with(config, NOW, options).expect("a good configuration")
    }

    fn try_open_with(config: &str, now: u64, options: Options) -> Result<Desk> {
        let clock = Arc::new(ManualClock::new(now));
        let options = Options { clock: Arc::clone(&clock) as _, ..options };
        let config = Config::parse(config)?;
        let gateway = Gateway::open_with(&config, options)?;
        for session in &config.sessions {
            gateway.add_key(session.id, &key(session.id))?;
        }
        Ok(Desk { gateway, clock, last_sequence: AtomicU64::new(0) })
    }

    /// The order with what was 0 filled in: the next sequence, the same as client order id, the
    /// time of `NOW`.
    pub fn fill_in(&self, order: Order) -> Order {
        let or = |value: u64, default: u64| if value == 0 { default } else { value };
        let sequence = match order.sequence {
            0 => self.last_sequence.fetch_add(1, Ordering::Relaxed) + 1,
            given => given,
        };
        Order {
            sequence,
            client_order_id: or(order.client_order_id, sequence),
            sending_time: or(order.sending_time, NOW),
            ..order
        }
    }

    /// The order as a signed frame.
    pub fn frame(&self, order: Order) -> Vec<u8> {
        sign(&SIGNERS[order.session_id as usize - 1], &self.fill_in(order))
    }

    pub fn try_send(&self, order: Order) -> Result<OrderAck, ExecError> {
        self.send_frame(&self.frame(order))
    }

    pub fn send_frame(&self, frame: &[u8]) -> Result<OrderAck, ExecError> {
        self.gateway.send(frame, PATIENCE)
    }

    /// Sends an order that is decided.
    pub fn send(&self, order: Order) -> OrderAck {
        self.try_send(order).expect("decided")
    }

    /// Sends an order that is accepted; gives its client order id.
    #[track_caller]
    pub fn accept(&self, order: Order) -> u64 {
        let ack = self.send(order);
        assert_eq!((ack.accepted, ack.reason), (true, None), "{order:?}");
        ack.client_order_id
    }

    /// Sends an order that is rejected for this reason.
    #[track_caller]
    pub fn reject(&self, order: Order, reason: Reason) {
        let ack = self.send(order);
        assert_eq!((ack.accepted, ack.reason), (false, Some(reason)), "{order:?}");
    }

    /// What is known of a request of session 1.
    #[track_caller]
    pub fn status(&self, client_order_id: u64) -> OrderState {
        self.gateway.order_status(1, client_order_id).expect("a known order")
    }

    /// Sends an order without waiting; gives its client order id.
    #[track_caller]
    pub fn submit(&self, order: Order) -> u64 {
        let order = self.fill_in(order);
        self.gateway.submit(&self.frame(order), order.client_order_id).expect("taken");
        order.client_order_id
    }

    /// The next `count` acks, by their tags; executions between them are thrown away.
    pub fn acks(&self, count: usize) -> HashMap<u64, OrderAck> {
        let mut acks = HashMap::new();
        let mut completions = Vec::new();
        while acks.len() < count {
            let polled = self.gateway.poll(&mut completions, 1, PATIENCE).expect("completions");
            assert_eq!(polled, 1, "{count} acks come, have {acks:?}");
            if let Some(Completion::Ack { tag, result, .. }) = completions.pop() {
                acks.insert(tag, result.expect("decided"));
            }
        }
        acks
    }

    /// Everything that waits in the completion queue.
    pub fn completions(&self) -> Vec<Completion> {
        let mut completions = Vec::new();
        self.gateway.poll(&mut completions, usize::MAX, Duration::ZERO).expect("completions");
        completions
    }

    /// The executions that wait in the completion queue; acks are thrown away.
    pub fn executions(&self) -> Vec<ExecutionReport> {
        let execution = |completion| match completion {
            Completion::Execution { execution, .. } => Some(execution),
            Completion::Ack { .. } => None,
        };
        self.completions().into_iter().filter_map(execution).collect()
    }
}

/// Holds whoever has passed a gate for as long as a test wants.
///
/// At [`Gate::Journal`], with a journal in a file, that is the writer thread: what is decided
/// meanwhile is on its way and not answered by the venue.
pub struct Hold {
    gate: Gate,
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    on: bool,
    waiting: usize,
    /// So many more pass although the hold is on.
    passes: usize,
}

impl Hold {
    pub fn at(gate: Gate) -> Arc<Hold> {
        Arc::new(Hold { gate, held: Mutex::default(), changed: Condvar::new() })
    }

    pub fn hold(&self) {
        self.held.lock().expect("a hold").on = true;
    }

    pub fn release(&self) {
        self.held.lock().expect("a hold").on = false;
        self.changed.notify_all();
    }

    pub fn let_one_pass(&self) {
        self.held.lock().expect("a hold").passes += 1;
        self.changed.notify_all();
    }

    /// Returns when so many are held.
    pub fn wait_for(&self, waiting: usize) {
        let held = self.held.lock().expect("a hold");
        let fewer = |held: &mut Held| held.waiting < waiting;
        let waited = self.changed.wait_timeout_while(held, PATIENCE, fewer).expect("a hold");
        assert!(!waited.1.timed_out(), "{waiting} come to the gate");
    }
}

impl Observer for Hold {
    fn gate(&self, gate: Gate, _: Duration) {
        if gate == self.gate {
            let mut held = self.held.lock().expect("a hold");
            held.waiting += 1;
            self.changed.notify_all();
            let on = |held: &mut Held| held.on && held.passes == 0;
            held = self.changed.wait_timeout_while(held, PATIENCE, on).expect("a hold").0;
            held.waiting -= 1;
            held.passes = held.passes.saturating_sub(1);
        }
    }
}

/// A folder of its own for the test, gone when it ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: Mutex<u32> = Mutex::new(0);
        let mut count = COUNT.lock().expect("a count");
        *count += 1;
        let name = format!("tinywindow-test-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    pub fn journal(&self) -> PathBuf {
        self.0.join("orders.twj")
    }

    /// [`config`] with the journal in this folder.
    pub fn config(&self, changes: &[(&str, &str)]) -> String {
        let path = format!("'{}'", self.journal().display());
        let journal = [
            ("journal.kind", "'file'"),
            ("journal.path", path.as_str()),
            ("journal.segment_bytes", "262_144"),
        ];
        let changed = |key: &str| changes.iter().any(|(changed, _)| *changed == key);
        let journal = journal.iter().copied().filter(|(key, _)| !changed(key));
        config(&journal.chain(changes.iter().copied()).collect::<Vec<_>>())
    }
}

/// The files of a journal with this ending, in their order.
pub fn files(journal: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(journal).expect("a journal");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == ending));
    files.sort();
    files
}

/// A copy of a journal as it is, without its lock.
pub fn copy_journal(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a journal") {
        let name = entry.expect("an entry").file_name();
        if name.to_string_lossy().starts_with('0') {
            std::fs::copy(from.join(&name), to.join(&name)).expect("a copy");
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Numbers for a flow that is the same on each run (Knuth's MMIX constants).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
