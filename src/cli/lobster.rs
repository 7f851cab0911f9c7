//! LOBSTER message files: one event of an exchange's order book a line, no header.
//!
//! Columns: seconds after midnight, event type, order id, size, price in dollars × 10,000,
//! direction (1 buy, -1 sell). Source: <https://lobsterdata.com/info/DataStructure.php>

use std::fmt;
use std::io::{BufRead, Read};

use tinywindow::order::{Side, UNIT};

use crate::output::{Failure, Result};

/// No line of the format comes near this; a file without line ends must not fill memory.
const LINE_MAX: u64 = 256;
pub const NANOSECONDS: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * NANOSECONDS;

/// A halt's price says what it is.
pub const HALTED: i64 = -1;
pub const QUOTING_RESUMED: i64 = 0;
pub const TRADING_RESUMED: i64 = 1;

/// What happened, by its number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A new limit order rests in the book.
    NewOrder = 1,
    /// A part of a resting order is cancelled; size is that part.
    PartialCancel = 2,
    /// What is left of a resting order is cancelled.
    Delete = 3,
    /// A visible resting order is executed, in part or whole.
    Execution = 4,
    /// A hidden order is executed; it is not in the book.
    HiddenExecution = 5,
    /// A trade of an auction.
    Cross = 6,
    /// A halt, or its end.
    Halt = 7,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::NewOrder,
        Kind::PartialCancel,
        Kind::Delete,
        Kind::Execution,
        Kind::HiddenExecution,
        Kind::Cross,
        Kind::Halt,
    ];

    /// The name in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::NewOrder => "new_order",
            Kind::PartialCancel => "partial_cancel",
            Kind::Delete => "delete",
            Kind::Execution => "execution",
            Kind::HiddenExecution => "hidden_execution",
            Kind::Cross => "cross",
            Kind::Halt => "halt",
        }
    }
}

/// One line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Nanoseconds after midnight.
    pub time: u64,
    pub kind: Kind,
    pub order_id: i64,
    /// Shares.
    pub size: u64,
    /// Dollars × 10,000; of a halt, what it is.
    pub price: i64,
    /// Of the resting order, not of who traded against it.
    pub side: Side,
}

impl Event {
    /// The price with exponent -8.
    pub fn order_price(&self) -> Option<i64> {
        self.price.checked_mul(UNIT as i64 / 10_000)
    }

    /// The size with exponent -8.
    pub fn order_quantity(&self) -> Option<u64> {
        self.size.checked_mul(UNIT)
    }

    fn parse(line: &str) -> Option<Event> {
        let mut fields = line.split(',').map(str::trim);
        let event = Event {
            time: parse_time(fields.next()?)?,
            kind: parse_kind(fields.next()?)?,
            order_id: fields.next()?.parse().ok()?,
            size: fields.next()?.parse().ok()?,
            price: fields.next()?.parse().ok()?,
            side: match fields.next()? {
                "1" => Side::Buy,
                "-1" => Side::Sell,
                _ => return None,
            },
        };
        let fits = event.order_price().is_some() && event.order_quantity().is_some();
        // Some vendors' files have a seventh column, the participant; it is not used.
        fits.then_some(event)
    }
}

fn parse_kind(field: &str) -> Option<Kind> {
    let number: u8 = field.parse().ok()?;
    Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
}

/// Seconds with at most nine decimals, to the nanosecond: a float would lose some.
fn parse_time(field: &str) -> Option<u64> {
    let (seconds, fraction) = field.split_once('.').unwrap_or((field, "0"));
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: u64 = format!("{fraction:0<9}").parse().ok()?;
    let time = seconds.parse::<u64>().ok()?.checked_mul(NANOSECONDS)?.checked_add(nanoseconds)?;
    (time < DAY).then_some(time)
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanoseconds) = (self.time / NANOSECONDS, self.time % NANOSECONDS);
        let direction = if self.side == Side::Buy { 1 } else { -1 };
        let Event { kind, order_id, size, price, .. } = self;
        let kind = *kind as u8;
        write!(f, "{seconds}.{nanoseconds:09},{kind},{order_id},{size},{price},{direction}")
    }
}

/// Reads events with their line numbers; their time never goes back.
pub struct Reader<R> {
    input: R,
    name: String,
    line: u64,
    /// Of the last event.
    time: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// `name` is what error messages call the input.
    pub fn new(input: R, name: String) -> Self {
        Reader { input, name, line: 0, time: 0, buffer: Vec::new() }
    }

    fn event(&mut self) -> Result<Option<(u64, Event)>> {
        loop {
            self.line += 1;
            self.buffer.clear();
            let read = self.input.by_ref().take(LINE_MAX).read_until(b'\n', &mut self.buffer);
            if read.map_err(|error| self.failure(&error.to_string()))? == 0 {
                return Ok(None);
            }
            let line = self.buffer.trim_ascii();
            if !line.is_empty() {
                let event = std::str::from_utf8(line).ok().and_then(Event::parse);
                let event = event.ok_or_else(|| match line[0] {
                    b'a'..=b'z' | b'A'..=b'Z' | b'"' if self.line == 1 => self.failure(HEADER),
                    _ => self.failure(EXPECTED),
                })?;
                if event.time < self.time {
                    return Err(self.failure(BACKWARDS));
                }
                self.time = event.time;
                return Ok(Some((self.line, event)));
            }
        }
    }

    fn failure(&self, what: &str) -> Failure {
        format!("{}, line {}: {what}", self.name, self.line).into()
    }
}

const EXPECTED: &str = "not a LOBSTER message; expected `seconds,type 1-7,order id,size,\
                        price × 10000,direction 1 or -1`";
const HEADER: &str = "the format has none; remove the header line";
const BACKWARDS: &str = "earlier than the line before; sort the flow by time";

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<(u64, Event)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.event().transpose()
    }
}
