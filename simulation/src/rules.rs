//! What the gateway of a history is told to keep: the numbers of its configuration, in the units of
//! the wire (exponent -8), and the text that says them.

use tinywindow::gateway::ExposureLimits;

pub const UNIT: u64 = 100_000_000;
pub const SECOND: u64 = 1_000_000_000;

/// The beginning of a day in UTC, nanoseconds since 1970: histories begin around it.
pub const MIDNIGHT: u64 = 19_676 * 86_400 * SECOND;

pub const SYMBOLS: [&str; 2] = ["AAPL", "MSFT"];
pub const ACCOUNTS: [&str; 2] = ["fund", "desk"];

pub const MAX_QUANTITY: u64 = 20 * UNIT;
pub const MAX_NOTIONAL: u64 = 1_500 * UNIT;
pub const MAX_POSITION: u64 = 30 * UNIT;
pub const MAX_OPEN_ORDERS: usize = 4;
pub const MAX_REPEATS: usize = 2;
/// Orders and replaces that are kept of a session; of cancels and rejections as many.
pub const SHARE: usize = 12;
pub const REPEAT_WINDOW_NS: u64 = 2 * SECOND;

/// From this price on what is asked of MSFT is a multiple of two.
pub const DEAR: u64 = 103 * UNIT;

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub per_second: u64,
    pub burst: u64,
}

pub const GATEWAY_RATE: Rate = Rate { per_second: 25, burst: 6 };
pub const SESSION_RATE: Rate = Rate { per_second: 20, burst: 4 };
pub const CANCEL_RATE: Rate = Rate { per_second: 10, burst: 2 };
pub const MSFT_RATE: Rate = Rate { per_second: 10, burst: 3 };

const fn limits(gross: u64, net: u64, loss: u64) -> ExposureLimits {
    ExposureLimits {
        max_gross_notional: gross * UNIT,
        max_net_notional: net * UNIT,
        max_loss: loss * UNIT,
    }
}

pub const FIRM_LIMITS: ExposureLimits = limits(7_000, 4_000, 150);
/// Of every account; "fund" has its own.
pub const ACCOUNT_LIMITS: ExposureLimits = limits(3_500, 2_500, 60);
pub const FUND_LIMITS: ExposureLimits = limits(5_000, 3_000, 90);

/// Seconds since midnight between which MSFT may not be traded, and AAPL: from ten seconds after
/// midnight on, and until fifteen before.
pub const MSFT_CLOSED: (u64, u64) = (10, 43_200);
pub const AAPL_CLOSED: (u64, u64) = (43_200, 86_385);

/// Whose orders must not trade with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prevents {
    Nobody,
    Account,
    Firm,
}

/// Which of two that would is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Newest,
    Oldest,
    Both,
}

/// In what histories differ.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub prevents: Prevents,
    pub mode: Mode,
    /// Lifting a halt takes a second person.
    pub two_persons: bool,
    /// So many requests of a day need no trade, and each trade makes room for so many more.
    pub order_to_trade: (u64, u64),
}

impl Rules {
    /// All that there are.
    pub fn all() -> Vec<Rules> {
        use Mode::{Both, Newest, Oldest};
        let rules = |number: usize, (prevents, mode)| Rules {
            prevents,
            mode,
            two_persons: number % 2 == 1,
            order_to_trade: if number.is_multiple_of(3) { (8, 1) } else { (1_000, 5) },
        };
        let modes = [
            (Prevents::Nobody, Newest),
            (Prevents::Account, Newest),
            (Prevents::Account, Oldest),
            (Prevents::Account, Both),
            (Prevents::Firm, Newest),
            (Prevents::Firm, Oldest),
            (Prevents::Firm, Both),
        ];
        modes.into_iter().enumerate().map(|(number, mode)| rules(number, mode)).collect()
    }

    /// The configuration that says so, and whether what has finished is forgotten.
    pub fn text(&self, forgets: bool) -> String {
        let keeps = if forgets { "keep_finished_days = 0" } else { "" };
        let sessions: String = (1..=2).map(|id| self.session(id)).collect();
        let resume = if self.two_persons { "[kill_switch]\nresume_keys = ['officer']" } else { "" };
        format!(
            "
[gateway]
max_orders = {max_orders}
{keeps}
{GATEWAY}
[throttle]
{gateway_rate}
{sessions}
[limits]
tick = '0.01'
lot = 1
max_quantity = {max_quantity}
max_notional = {max_notional}
max_position = {max_position}
collar_percent = 'unlimited'
[[instruments]]
symbol = 'AAPL'
opens = '23:59:45'
closes = '12:00'
[[instruments]]
symbol = 'MSFT'
opens = '12:00'
closes = '00:00:10'
tick_bands = [{{ from = {dear}, tick = 2 }}]
{msft_rate}
[firm]
{firm}
self_trade_prevention = '{prevents}'
self_trade_mode = '{mode}'
[account_limits]
{every}
[[accounts]]
name = 'fund'
{fund}
{resume}
[venue]
kind = 'paper'
",
            max_orders = 2 * SHARE,
            gateway_rate = rate(GATEWAY_RATE),
            msft_rate = rate(MSFT_RATE),
            max_quantity = MAX_QUANTITY / UNIT,
            max_notional = MAX_NOTIONAL / UNIT,
            max_position = MAX_POSITION / UNIT,
            dear = DEAR / UNIT,
            firm = money(FIRM_LIMITS),
            every = money(ACCOUNT_LIMITS),
            fund = money(FUND_LIMITS),
            prevents = match self.prevents {
                Prevents::Nobody => "off",
                Prevents::Account => "account",
                Prevents::Firm => "firm",
            },
            mode = match self.mode {
                Mode::Newest => "cancel_newest",
                Mode::Oldest => "cancel_oldest",
                Mode::Both => "cancel_both",
            },
        )
    }

    fn session(&self, id: u64) -> String {
        let (after, ratio) = self.order_to_trade;
        let (rate, cancels) = (rate(SESSION_RATE), CANCEL_RATE);
        format!(
            "[[sessions]]
id = {id}
keys = ['{id}']
{rate}
cancels_per_second = {}
cancels_burst = {}
max_open_orders = {MAX_OPEN_ORDERS}
max_repeats = {MAX_REPEATS}
repeat_window_ms = {}
order_to_trade_after = {after}
max_order_to_trade = {ratio}
",
            cancels.per_second,
            cancels.burst,
            REPEAT_WINDOW_NS / 1_000_000,
        )
    }
}

fn rate(rate: Rate) -> String {
    format!("per_second = {}\nburst = {}", rate.per_second, rate.burst)
}

fn money(limits: ExposureLimits) -> String {
    format!(
        "max_gross_notional = {}\nmax_net_notional = {}\nmax_loss = {}",
        limits.max_gross_notional / UNIT,
        limits.max_net_notional / UNIT,
        limits.max_loss / UNIT
    )
}

const GATEWAY: &str = "
max_in_flight = 64
max_completions = 4096
memory_lock = 'preferred'
[journal]
kind = 'file'
path = '/simulated/orders'
segment_bytes = 65_536
checkpoint_origin = 'simulation.example/orders'
checkpoint_keys = ['checkpoints']
checkpoint_records = 30
checkpoint_seconds = 86_400
snapshot_events = 25";
