//! Comma-separated values (RFC 4180), a header first.

use std::io::{Result, Write};

use super::columns::{COLUMNS, Cell};
use super::orders::Happened;
use super::{Out, Sink};
use crate::date::iso;

pub struct Csv {
    out: Out,
}

impl Csv {
    pub fn new(out: Out) -> Result<Csv> {
        let mut csv = Csv { out };
        csv.write(COLUMNS.iter().map(|column| column.name.to_owned()))?;
        Ok(csv)
    }

    fn write(&mut self, cells: impl Iterator<Item = String>) -> Result<()> {
        let cells: Vec<String> = cells.map(quoted).collect();
        write!(self.out, "{}\r\n", cells.join(","))
    }
}

impl Sink for Csv {
    fn put(&mut self, happened: &Happened) -> Result<()> {
        self.write(COLUMNS.iter().map(|column| plain((column.cell)(happened))))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush()
    }
}

fn plain(cell: Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text,
        Cell::Number(number) => number.to_string(),
        Cell::Decimal(value) => decimal(value),
        Cell::Time(time) => iso(time),
        Cell::Flag(flag) => flag.to_string(),
    }
}

/// Exponent -8, without zeros that say nothing.
pub fn decimal(value: i128) -> String {
    let (whole, part) = (value.unsigned_abs() / 100_000_000, value.unsigned_abs() % 100_000_000);
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{part:08}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn quoted(cell: String) -> String {
    match cell.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}
