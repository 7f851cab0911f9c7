//! `inspect`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use tinywindow::gateway::HaltScope;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::order::{self, Frame, Order, Text, text_str};
use tinywindow::signing::{self, Key, Kind};
use tinywindow::venue::{Execution, ExecutionKind};
use tinywindow::{decimal, journal};

use crate::date::iso;
use crate::files;
use crate::output::{self, Result, Verdict};

const KEY_MAGIC: &[u8] = b"TWK";
const JOURNAL_MAGIC: &[u8] = b"TWJ";

/// Says what is in a file: a key, an order frame or a journal.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow inspect trader.key
  tinywindow inspect order.bin --json
  tinywindow inspect aapl.twj --records | less

Of a secret key everything is shown but the secret.")]
pub struct Inspect {
    /// Key bytes, an order frame or a journal; `-` is the standard input (not for journals)
    file: PathBuf,
    /// Of a journal, show every record
    #[arg(long)]
    records: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn inspect(args: &Inspect) -> Result<Verdict> {
    let name = files::input_name(&args.file);
    // It may be a secret key, and only of a journal is the head not the whole.
    let head = files::read_key(&args.file)?;
    let found = if head.starts_with(JOURNAL_MAGIC) {
        inspect_journal(&args.file, args.records)?
    } else if head.starts_with(KEY_MAGIC) {
        inspect_key(&head).map_err(|error| format!("{name}: {error}"))?
    } else if let Ok(frame) = order::parse(&head) {
        inspect_frame(&frame)
    } else {
        return Err(format!("{name} holds neither a key nor an order frame nor a journal").into());
    };
    match args.json {
        true => output::print_json(&found)?,
        false => print_text(&found)?,
    }
    Ok(Verdict::Positive)
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
        found["public_key"] = output::hex(key.material).into();
    }
    Ok(found)
}

fn inspect_frame(frame: &Frame<'_>) -> Value {
    let mut found = json!({ "type": "order" });
    merge(&mut found, order_fields(&frame.order));
    found["signature"] = output::hex(frame.signature).into();
    found
}

fn inspect_journal(path: &Path, with_records: bool) -> Result<Value> {
    if files::is_standard(path) {
        return Err("a journal is read from its file, not from the standard input; name it".into());
    }
    let failure = |error| format!("{}: {error}", path.display());
    let records = journal::read(path).map_err(failure)?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut count, mut first, mut last) = (0u64, None, None);
    let mut listed = Vec::new();
    for record in records.iter() {
        let event = Event::decode(record.payload).ok_or(tinywindow::Error::JournalCorrupt);
        let event = event.map_err(failure)?;
        count += 1;
        first.get_or_insert(event.time);
        last = Some(event.time);
        let (kind, fields) = event_fields(&event.kind);
        *counts.entry(kind).or_default() += 1;
        if with_records {
            let mut entry = json!({
                "number": record.number, "offset": record.offset, "time": iso(event.time),
                "event": kind,
            });
            merge(&mut entry, fields);
            listed.push(entry);
        }
    }
    let mut found = json!({
        "type": "journal",
        "count": count,
        "torn_bytes": records.torn(),
        "first": first.map(iso),
        "last": last.map(iso),
        "events": counts,
    });
    if with_records {
        found["records"] = listed.into();
    }
    Ok(found)
}

fn event_fields(kind: &EventKind<'_>) -> (&'static str, Value) {
    match kind {
        EventKind::Configured { digest, .. } => {
            ("configured", json!({ "digest": output::hex(digest) }))
        }
        EventKind::Session { id, .. } => ("session", json!({ "session_id": id })),
        EventKind::Key { session_id, key_id: id, active, .. } => {
            ("key", json!({ "session_id": session_id, "key_id": key_id(*id), "active": active }))
        }
        EventKind::Instrument(instrument) => {
            ("instrument", json!({ "symbol": text_str(&instrument.symbol) }))
        }
        EventKind::ReferencePrice { symbol, price } => {
            let (symbol, price) = (text_str(symbol), decimal::format(*price));
            ("reference_price", json!({ "symbol": symbol, "price": price }))
        }
        EventKind::Halt { scope, halted } => {
            let name = if *halted { "halted" } else { "resumed" };
            (name, json!({ "scope": scope_text(scope) }))
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
    }
}

fn scope_text(scope: &HaltScope) -> String {
    let named = |what: &str, name: &Text| format!("{what} {}", text_str(name));
    match scope {
        HaltScope::Gateway => "gateway".to_owned(),
        HaltScope::Session(id) => format!("session {id}"),
        HaltScope::Symbol(symbol) => named("symbol", symbol),
        HaltScope::Account(account) => named("account", account),
    }
}

fn execution_fields(execution: &Execution) -> Value {
    let (exec_type, reason) = match execution.kind {
        ExecutionKind::New => ("New", None),
        ExecutionKind::Rejected(reason) => ("Rejected", Some(reason)),
        ExecutionKind::Canceled => ("Canceled", None),
        ExecutionKind::Replaced => ("Replaced", None),
        ExecutionKind::CancelRejected(reason) => ("CancelRejected", Some(reason)),
        ExecutionKind::Expired => ("Expired", None),
        ExecutionKind::Trade { .. } => ("Trade", None),
    };
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

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// One line a field; one line a record, after them.
fn print_text(found: &Value) -> Result<()> {
    let Value::Object(fields) = found else { return Ok(()) };
    let single = |fields: &Map<String, Value>| {
        fields.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect::<Vec<_>>()
    };
    let mut out = String::new();
    for (name, value) in fields {
        match value {
            Value::Object(nested) => out += &format!("{name:<22}{}\n", single(nested).join(" ")),
            Value::Array(_) | Value::Null => {}
            value => out += &format!("{name:<22}{}\n", plain(value)),
        }
    }
    output::print(out)?;
    for record in fields.get("records").and_then(Value::as_array).into_iter().flatten() {
        if let Value::Object(record) = record {
            output::print(format_args!("{}\n", single(record).join(" ")))?;
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
