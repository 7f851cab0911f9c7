//! `inspect`.

use std::fmt::Debug;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use tinywindow::Reason;
use tinywindow::config::{SelfTradeMode, SelfTradePrevention};
use tinywindow::decimal;
use tinywindow::gateway::event::{Event, EventKind, SessionName};
use tinywindow::gateway::{
    ExposureLimits, ExposureScope, Instrument, NO_COLLAR, Permitted, TickBand, UNLIMITED,
};
use tinywindow::journal::{ConsistencyProof, SignedCheckpoint};
use tinywindow::order::{self, Frame, OrdType, Order, Side, TimeInForce, UNIT, text_str};
use tinywindow::signing::{self, Key, Kind};
use tinywindow::venue::{Execution, ExecutionKind};

use crate::date::iso;
use crate::files;
use crate::journal;
use crate::output::{self, Result, Verdict};

const KEY_MAGIC: &[u8] = b"TWK";
/// Journals of format 1 were one file.
const OLD_JOURNAL_MAGIC: &[u8] = b"TWJ";

/// Says what is in a file, a key or an order frame, or in a journal's folder.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow inspect trader.key
  tinywindow inspect frame.bin --json
  tinywindow inspect aapl.twj --records | less

Of a secret key everything is shown but the secret; public_material is the suite's own form of a
public key, without the header that makes it key bytes. A journal is told as by `journal verify`.

Exit code 0: it is whole. 1: a corrupt journal. 2: it holds none of these, or cannot be read.")]
pub struct Inspect {
    /// Key bytes, an order frame or a journal's folder; `-` is the standard input
    file: PathBuf,
    /// Of a journal, show every record
    #[arg(long)]
    records: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn inspect(args: &Inspect) -> Result<Verdict> {
    if args.file.is_dir() {
        return journal::describe(&args.file, args.records, args.json);
    }
    let name = files::input_name(&args.file);
    // It may be a secret key.
    let bytes = files::read_key(&args.file)?;
    let found = if bytes.starts_with(KEY_MAGIC) {
        inspect_key(&bytes).map_err(|error| format!("{name}: {error}"))?
    } else if bytes.starts_with(OLD_JOURNAL_MAGIC) {
        return Err(journal::of_another_format(&args.file));
    } else if let Ok(frame) = order::parse(&bytes) {
        inspect_frame(&frame)
    } else {
        let what = elsewhere(&bytes).unwrap_or(
            "holds neither key bytes nor an order frame nor a journal; \
             `tinywindow key inspect` reads PEM, DER, OpenSSH lines and JWK",
        );
        return Err(format!("{name} {what}").into());
    };
    print(&found, args.json)?;
    Ok(Verdict::Positive)
}

/// What a file is that another command reads, and which.
pub fn elsewhere(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Of a long one not all was read.
    if text.starts_with("c2sp.org/tlog-proof@") || ConsistencyProof::parse(text).is_some() {
        return Some("is a proof; `tinywindow journal check-proof` checks it");
    }
    SignedCheckpoint::parse(text)?;
    Some("is a checkpoint; `tinywindow journal verify --checkpoint` holds a journal against it")
}

/// A flat object, its arrays left out in text.
pub fn print(found: &Value, as_json: bool) -> Result<()> {
    if as_json { output::print_json(found) } else { print_text(found) }
}

fn inspect_key(bytes: &[u8]) -> tinywindow::Result<Value> {
    let key = Key::parse(bytes)?;
    let mut found = json!({
        "type": "key",
        "suite": key.suite.name(),
        "kind": key.kind.name(),
        "usage": key.usage.name(),
        "key_id": key_id(signing::key_id(bytes)?),
    });
    if key.kind == Kind::Public {
        found["public_material"] = output::hex(key.material).into();
    }
    Ok(found)
}

fn inspect_frame(frame: &Frame<'_>) -> Value {
    let mut found = json!({ "type": "order" });
    merge(&mut found, order_fields(&frame.order));
    found["signature"] = output::hex(frame.signature).into();
    found
}

/// What kind of event it is, and everything it says.
pub fn event_fields(event: &Event<'_>) -> (&'static str, Value) {
    let (name, mut fields) = kind_fields(&event.kind);
    let by = text_str(&event.by);
    if !by.is_empty() {
        fields["by"] = by.into();
    }
    (name, fields)
}

fn kind_fields(kind: &EventKind<'_>) -> (&'static str, Value) {
    match kind {
        EventKind::Configured {
            digest,
            freshness,
            throttle,
            self_trade_prevention,
            self_trade_mode,
        } => (
            "configured",
            json!({
                "digest": output::hex(digest),
                "back_ns": freshness.back_ns,
                "ahead_ns": freshness.ahead_ns,
                "per_second": throttle.per_second,
                "burst": throttle.burst,
                "self_trade_prevention": spelled(SelfTradePrevention::NAMES, self_trade_prevention),
                "self_trade_mode": spelled(SelfTradeMode::NAMES, self_trade_mode),
            }),
        ),
        EventKind::Session { id, limits, max_orders } => (
            "session",
            json!({
                "session_id": id,
                "per_second": limits.rate.per_second,
                "burst": limits.rate.burst,
                "cancels_per_second": limits.cancel_rate.per_second,
                "cancels_burst": limits.cancel_rate.burst,
                "max_open_orders": limits.max_open_orders,
                "max_orders": max_orders,
                "max_repeats": count(limits.max_repeats),
                "repeat_window_ns": limits.repeat_window_ns,
                "max_order_to_trade": count(limits.max_order_to_trade),
                "order_to_trade_after": limits.order_to_trade_after,
            }),
        ),
        EventKind::Key { session_id, key_id: id, suite, active } => (
            "key",
            json!({
                "session_id": session_id, "key_id": key_id(*id), "suite": suite.name(),
                "active": active,
            }),
        ),
        EventKind::Instrument(instrument) => ("instrument", instrument_fields(instrument)),
        EventKind::SessionTrades { session_id, sides, order_types, max_sequence_gap } => (
            "session_trades",
            json!({
                "session_id": session_id,
                "sides": permitted(*sides, Side::ALL, |value| value.fix()),
                "order_types": permitted(*order_types, OrdType::ALL, |value| value.fix()),
                "max_sequence_gap": count(*max_sequence_gap),
            }),
        ),
        EventKind::SessionTradesOnly { session_id, what } => {
            let (what, name) = match what {
                SessionName::Symbol(symbol) => ("symbol", symbol),
                SessionName::Account(account) => ("account", account),
            };
            ("session_trades_only", json!({ "session_id": session_id, what: text_str(name) }))
        }
        EventKind::Resumed { scope, key_id: id } => {
            ("resumed", json!({ "scope": scope.to_string(), "key_id": key_id(*id) }))
        }
        EventKind::TickBand { symbol, band } => {
            let price = |price: fn(&TickBand) -> u64| {
                band.as_ref().map(|band| decimal::format_unsigned(price(band)))
            };
            let (from, tick) = (price(|band| band.from), price(|band| band.tick));
            ("tick_band", json!({ "symbol": text_str(symbol), "from": from, "tick": tick }))
        }
        EventKind::InstrumentRate { symbol, rate } => {
            let (per_second, burst) = (rate.map(|r| r.per_second), rate.map(|r| r.burst));
            let symbol = text_str(symbol);
            let fields = json!({ "symbol": symbol, "per_second": per_second, "burst": burst });
            ("instrument_rate", fields)
        }
        EventKind::OrdersForgotten { before } => {
            ("orders_forgotten", json!({ "before": iso(*before) }))
        }
        EventKind::ReferencePrice { symbol, price } => {
            let (symbol, price) = (text_str(symbol), decimal::format(*price));
            ("reference_price", json!({ "symbol": symbol, "price": price }))
        }
        EventKind::Halt { scope, halted } => {
            let name = if *halted { "halted" } else { "resumed" };
            (name, json!({ "scope": scope.to_string() }))
        }
        EventKind::Decided { order_id, reason, frame } => {
            let mut fields = json!({
                "order_id": order_id, "accepted": reason.is_none(),
                "reason": reason.map(|reason| reason.name()),
            });
            merge(&mut fields, order_fields(&frame.order));
            ("decided", fields)
        }
        EventKind::Executed(execution) => ("executed", execution_fields(execution)),
        EventKind::NotDelivered { order_id } => ("not_delivered", json!({ "order_id": order_id })),
        EventKind::ClockSetBack => ("clock_set_back", json!({})),
        EventKind::Cancelled { order_id, orig_order_id, reason } => (
            "cancelled",
            json!({
                "order_id": order_id, "orig_order_id": orig_order_id, "reason": reason.name(),
            }),
        ),
        EventKind::ExposureLimits { scope, limits } => ("exposure_limits", exposure(scope, limits)),
    }
}

/// The name that the configuration has for a value.
fn spelled<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> Option<&'static str> {
    names.iter().find(|(_, named)| named == value).map(|(name, _)| *name)
}

/// A number that the configuration may leave out, and then has no limit.
fn count(value: u32) -> Option<u32> {
    (value != u32::MAX).then_some(value)
}

/// A price band's end; none where the configuration leaves it out.
fn price(value: i64) -> Option<String> {
    (value != i64::MIN && value != i64::MAX).then(|| decimal::format(value))
}

fn limit(value: u64) -> String {
    match value {
        UNLIMITED => "unlimited".to_owned(),
        value => decimal::format_unsigned(value),
    }
}

fn exposure(scope: &ExposureScope, limits: &Option<ExposureLimits>) -> Value {
    let scope = match scope {
        ExposureScope::Firm => "firm".to_owned(),
        ExposureScope::EveryAccount => "every account".to_owned(),
        ExposureScope::Account(account) => format!("account {}", text_str(account)),
    };
    match limits {
        None => json!({ "scope": scope }),
        Some(limits) => json!({
            "scope": scope,
            "max_gross_notional": limit(limits.max_gross_notional),
            "max_net_notional": limit(limits.max_net_notional),
            "max_loss": limit(limits.max_loss),
        }),
    }
}

/// Keys and limits as in a configuration.
fn instrument_fields(instrument: &Instrument) -> Value {
    let collar = |basis_points| match basis_points {
        NO_COLLAR => limit(UNLIMITED),
        points => limit(u64::from(points) * (UNIT / 100)),
    };
    json!({
        "symbol": text_str(&instrument.symbol),
        "tick": decimal::format_unsigned(instrument.tick),
        "lot": decimal::format_unsigned(instrument.lot),
        "min_quantity": decimal::format_unsigned(instrument.min_quantity),
        "max_quantity": limit(instrument.max_quantity),
        "min_price": price(instrument.min_price),
        "max_price": price(instrument.max_price),
        "max_notional": limit(instrument.max_notional),
        "max_position": limit(instrument.max_position),
        "collar_percent": collar(instrument.collar_basis_points),
        "last_trade_collar_percent": collar(instrument.last_trade_collar_basis_points),
        "locate": limit(instrument.locate),
        "opens_s": instrument.hours.opens_s,
        "closes_s": instrument.hours.closes_s,
        "restricted": instrument.restricted,
        "sides": permitted(instrument.sides, Side::ALL, |value| value.fix()),
        "order_types": permitted(instrument.order_types, OrdType::ALL, |value| value.fix()),
        "times_in_force":
            permitted(instrument.times_in_force, TimeInForce::ALL, |value| value.fix()),
    })
}

/// The names of those that the set has.
fn permitted<T: Copy + Debug>(set: Permitted, all: &[T], fix: impl Fn(T) -> u8) -> Value {
    all.iter().filter(|value| set.has(fix(**value))).map(|value| format!("{value:?}")).collect()
}

/// What the venue said, in FIX's word (ExecType, 150), and why it refused.
pub fn exec_type(kind: ExecutionKind) -> (&'static str, Option<Reason>) {
    match kind {
        ExecutionKind::New => ("New", None),
        ExecutionKind::Rejected(reason) => ("Rejected", Some(reason)),
        ExecutionKind::Canceled => ("Canceled", None),
        ExecutionKind::Replaced => ("Replaced", None),
        ExecutionKind::CancelRejected(reason) => ("CancelRejected", Some(reason)),
        ExecutionKind::Expired => ("Expired", None),
        ExecutionKind::Trade { .. } => ("Trade", None),
    }
}

fn execution_fields(execution: &Execution) -> Value {
    let (exec_type, reason) = exec_type(execution.kind);
    let mut fields = json!({
        "exec_id": execution.exec_id,
        "order_id": execution.order_id,
        "exec_type": exec_type,
        "cum_quantity": decimal::format_unsigned(execution.cum_quantity),
        "leaves_quantity": decimal::format_unsigned(execution.leaves_quantity),
    });
    if let Some(reason) = reason {
        fields["reason"] = reason.name().into();
    }
    if let ExecutionKind::Trade { price, quantity } = execution.kind {
        fields["last_price"] = decimal::format(price).into();
        fields["last_quantity"] = decimal::format_unsigned(quantity).into();
    }
    fields
}

fn order_fields(order: &Order) -> Value {
    let mut fields = json!({
        "template": format!("{:?}", order.template()),
        "sequence": order.sequence,
        "sending_time": iso(order.sending_time),
        "client_order_id": order.client_order_id,
        "session_id": order.session_id,
        "key_id": key_id(order.key_id),
        "symbol": text_str(&order.symbol),
        "account": text_str(&order.account),
        "side": format!("{:?}", order.side),
    });
    if let Some(original) = order.orig_client_order_id() {
        fields["orig_client_order_id"] = original.into();
    }
    if let Some(terms) = order.terms() {
        fields["ord_type"] = format!("{:?}", terms.ord_type).into();
        fields["time_in_force"] = format!("{:?}", terms.time_in_force).into();
        fields["price"] = terms.price.map(decimal::format).into();
        fields["stop_price"] = terms.stop_price.map(decimal::format).into();
        fields["quantity"] = decimal::format_unsigned(terms.quantity).into();
    }
    fields
}

fn key_id(id: u64) -> String {
    format!("{id:016x}")
}

pub fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// One line a field; one line a record, after them.
fn print_text(found: &Value) -> Result<()> {
    let Value::Object(fields) = found else { return Ok(()) };
    let mut out = String::new();
    for (name, value) in fields {
        match value {
            Value::Object(_) => out += &format!("{name:<22}{}\n", line(value)),
            Value::Array(_) | Value::Null => {}
            value => out += &format!("{name:<22}{}\n", plain(value)),
        }
    }
    output::print(out)?;
    let records = fields.get("records").and_then(Value::as_array);
    records.into_iter().flatten().try_for_each(print_line)
}

/// An object on one line.
pub fn print_line(object: &Value) -> Result<()> {
    output::print(format_args!("{}\n", line(object)))
}

fn line(object: &Value) -> String {
    let fields = object.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!("{name}={}", plain(value))).collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
}
