//! Where a replay's events come from.

use std::path::Path;

use tinywindow::order;

use super::Replay;
use crate::date::Date;
use crate::lobster::{Event, Reader};
use crate::output::Result;
use crate::{files, flow};

/// The number of a line, and its event.
pub type FlowEvent = Result<(u64, Event)>;

/// What is known of a flow before its events are read.
pub struct Flow {
    pub name: String,
    pub symbol: String,
    pub date: Date,
    /// How many events at most.
    pub count: u64,
}

pub fn open(args: &Replay) -> Result<(Flow, Box<dyn Iterator<Item = FlowEvent>>)> {
    let (symbol, date) = args.flow.as_deref().map_or((None, None), of_file_name);
    let symbol = args.symbol.clone().or(symbol).unwrap_or_else(|| "SYNTH".to_owned());
    let date = args.date.or(date).unwrap_or(Date::FIRST);
    let Some(path) = &args.flow else {
        let (seed, count) = (args.seed, args.events);
        let events = Box::new((1..).zip(flow::Flow::new(seed, count)).map(Ok));
        let name = format!("synthetic flow of seed {seed}");
        return Ok((Flow { name, symbol, date, count }, events));
    };
    // The gateway keeps every order in memory, which takes more than the file does.
    let text = files::read(path)?;
    let count = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
    let name = files::input_name(path);
    let events = Box::new(Reader::new(std::io::Cursor::new(text), name.clone()));
    Ok((Flow { name, symbol, date, count }, events))
}

/// The symbol and date of a LOBSTER file's name: `AAPL_2012-06-21_…_message_….csv`.
fn of_file_name(path: &Path) -> (Option<String>, Option<Date>) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut parts = name.split('_');
    let (symbol, date) = (parts.next(), parts.next().and_then(|part| part.parse().ok()));
    // Without a date behind it the first word could be anything.
    let symbol = date.and(symbol).filter(|symbol| is_symbol(symbol));
    (symbol.map(str::to_owned), date)
}

/// Whether it can be a symbol and stand in the generated configuration as it is.
fn is_symbol(symbol: &str) -> bool {
    let plain = !symbol.is_empty() && !symbol.contains(['"', '\\']);
    plain && order::text(symbol.as_bytes()).is_some()
}

/// For `--symbol`.
pub fn parse_symbol(symbol: &str) -> Result<String, String> {
    match is_symbol(symbol) {
        true => Ok(symbol.to_owned()),
        false => Err("a symbol has 1 to 16 visible ASCII characters, no quotes".to_owned()),
    }
}
