//! The columns of tables: their names, types and values.

use tinywindow::Reason;
use tinywindow::order::{Terms, text_str};
use tinywindow::venue::{Execution, ExecutionKind};

use super::orders::{Happened, What};
use crate::inspect;

/// What a column holds; every cell may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    /// A whole number of 64 bits without sign.
    Number,
    /// With 8 digits after the point.
    Decimal,
    /// Nanoseconds since 1970 UTC.
    Time,
    Flag,
}

/// What stands in a column of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(u64),
    /// Exponent -8.
    Decimal(i128),
    Time(u64),
    Flag(bool),
}

pub struct Column {
    pub name: &'static str,
    pub kind: Type,
    pub cell: fn(&Happened) -> Cell,
}

/// Every column, in the order of `docs/JOURNAL.md`.
pub const COLUMNS: &[Column] = &[
    column("number", Type::Number, |row| Cell::Number(row.number)),
    column("time", Type::Time, |row| Cell::Time(row.time)),
    column("event", Type::Text, |row| text(event(row))),
    column("order_id", Type::Number, |row| Cell::Number(row.order_id)),
    column("accepted", Type::Flag, |row| match row.what {
        What::Decided(reason) => Cell::Flag(reason.is_none()),
        _ => Cell::Empty,
    }),
    column("reason", Type::Text, |row| {
        reason(row).map_or(Cell::Empty, |reason| text(reason.name()))
    }),
    column("template", Type::Text, |row| match row.request.own_cancel {
        None => name(row.request.order.template()),
        Some(_) => Cell::Empty,
    }),
    column("session_id", Type::Number, |row| Cell::Number(row.request.order.session_id)),
    column("key_id", Type::Text, |row| Cell::Text(format!("{:016x}", row.request.order.key_id))),
    column("sequence", Type::Number, |row| Cell::Number(row.request.order.sequence)),
    column("sending_time", Type::Time, |row| Cell::Time(row.request.order.sending_time)),
    column("client_order_id", Type::Number, |row| Cell::Number(row.request.order.client_order_id)),
    column("orig_client_order_id", Type::Number, |row| {
        row.request.order.orig_client_order_id().map_or(Cell::Empty, Cell::Number)
    }),
    column("symbol", Type::Text, |row| text(text_str(&row.request.order.symbol))),
    column("account", Type::Text, |row| match text_str(&row.request.order.account) {
        "" => Cell::Empty,
        account => text(account),
    }),
    column("side", Type::Text, |row| name(row.request.order.side)),
    column("ord_type", Type::Text, |row| term(row, |terms| Some(name(terms.ord_type)))),
    column("time_in_force", Type::Text, |row| term(row, |terms| Some(name(terms.time_in_force)))),
    column("price", Type::Decimal, |row| term(row, |terms| terms.price.map(decimal))),
    column("stop_price", Type::Decimal, |row| term(row, |terms| terms.stop_price.map(decimal))),
    column("quantity", Type::Decimal, |row| term(row, |terms| Some(decimal(terms.quantity)))),
    column("exec_id", Type::Number, |row| executed(row, |e| Some(Cell::Number(e.exec_id)))),
    column("exec_type", Type::Text, |row| {
        executed(row, |e| Some(text(inspect::exec_type(e.kind).0)))
    }),
    column("last_price", Type::Decimal, |row| trade(row, |price, _| decimal(price))),
    column("last_quantity", Type::Decimal, |row| trade(row, |_, quantity| decimal(quantity))),
    column("cum_quantity", Type::Decimal, |row| executed(row, |e| Some(decimal(e.cum_quantity)))),
    column("leaves_quantity", Type::Decimal, |row| {
        executed(row, |e| Some(decimal(e.leaves_quantity)))
    }),
];

const fn column(name: &'static str, kind: Type, cell: fn(&Happened) -> Cell) -> Column {
    Column { name, kind, cell }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

/// FIX's name of a value.
fn name(value: impl std::fmt::Debug) -> Cell {
    Cell::Text(format!("{value:?}"))
}

fn decimal(value: impl Into<i128>) -> Cell {
    Cell::Decimal(value.into())
}

fn term(row: &Happened, read: impl FnOnce(&Terms) -> Option<Cell>) -> Cell {
    row.request.order.terms().and_then(read).unwrap_or(Cell::Empty)
}

fn event(row: &Happened) -> &'static str {
    match row.what {
        What::Decided(_) => "decided",
        What::Executed(_) => "executed",
        What::NotDelivered => "not_delivered",
        What::Cancelled(_) => "cancelled",
    }
}

/// Why it was refused, by the gateway or the venue.
pub fn reason(row: &Happened) -> Option<Reason> {
    match row.what {
        What::Decided(reason) => reason,
        What::NotDelivered => Some(Reason::NotDelivered),
        What::Cancelled(reason) => Some(reason),
        What::Executed(execution) => inspect::exec_type(execution.kind).1,
    }
}

fn executed(row: &Happened, read: impl FnOnce(&Execution) -> Option<Cell>) -> Cell {
    match &row.what {
        What::Executed(execution) => read(execution).unwrap_or(Cell::Empty),
        _ => Cell::Empty,
    }
}

/// Price and quantity of a fill.
fn trade(row: &Happened, read: impl FnOnce(i64, u64) -> Cell) -> Cell {
    executed(row, |execution| match execution.kind {
        ExecutionKind::Trade { price, quantity } => Some(read(price, quantity)),
        _ => None,
    })
}
