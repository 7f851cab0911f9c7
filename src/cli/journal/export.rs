//! `journal export`.

mod columns;
mod csv;
mod fix;
mod orders;
mod parquet;

use std::io::Write;

use clap::{Args, ValueEnum};
use tinywindow::gateway::event::Event;
use tinywindow::journal::Kind;
use tinywindow::{Error, journal};

use self::orders::{Happened, Orders};
use super::{Destination, Source};
use crate::files;
use crate::output::{Failure, Result, Verdict};

/// Writes what became of every order, for other tools.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow journal export orders.twj --format csv | head
  tinywindow journal export orders.twj --format parquet -o orders.parquet
  tinywindow journal export orders.twj --format fix -o orders.fix

csv and parquet have one row for each decision, execution and order that was not delivered, with the
terms of the request it is about; number is the record's, which `journal prove` proves. fix has the
session's request for each decision and the ExecutionReport or OrderCancelReject for each answer,
as FIX 4.4, one a line. A journal may be read while a gateway writes it.

Exit code 0: all of it is written. 1: it is corrupt; what is before the damage is written. 2: it
cannot be read or written.")]
pub struct Export {
    #[command(flatten)]
    source: Source,
    /// What to write
    #[arg(long, value_enum)]
    format: Format,
    #[command(flatten)]
    destination: Destination,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Parquet,
    Fix,
}

/// Takes what happened to orders, one after the other.
trait Sink {
    fn put(&mut self, happened: &Happened) -> std::io::Result<()>;

    /// Writes what is still to be written.
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

/// Where an export goes.
type Out = Box<dyn Write + Send>;

pub fn export(args: &Export) -> Result<Verdict> {
    let failed = |error| Failure::file("write", &args.destination.output, &error);
    let out = files::stream(&args.destination.output, args.destination.force)?;
    let sink: std::io::Result<Box<dyn Sink>> = match args.format {
        Format::Csv => csv::Csv::new(out).map(|csv| Box::new(csv) as _),
        Format::Parquet => parquet::Parquet::new(out).map(|parquet| Box::new(parquet) as _),
        Format::Fix => Ok(Box::new(fix::FixLog::new(out))),
    };
    let mut sink = sink.map_err(failed)?;
    let (mut orders, mut unwritten) = (Orders::default(), None);
    let history = args.source.read_whole(|record| {
        let Some(happened) = happened(record, &mut orders)? else { return Ok(()) };
        sink.put(&happened).map_err(|error| {
            unwritten = Some(error);
            Error::Io
        })
    });
    if let Some(error) = unwritten {
        return Err(failed(error));
    }
    let history = history?;
    sink.finish().map_err(failed)?;
    super::verdict(&args.source.journal, &history)
}

fn happened(
    record: &journal::Record<'_>,
    orders: &mut Orders,
) -> tinywindow::Result<Option<Happened>> {
    if record.kind != Kind::Event {
        return Ok(None);
    }
    let event = Event::decode(record.payload).ok_or(Error::JournalCorrupt)?;
    Ok(orders.apply(record.sequence, &event))
}
