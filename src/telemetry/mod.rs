//! What can be seen from outside: metrics in Prometheus's text format, log events, and spans of
//! the [`tracing`] crate. `docs/OBSERVABILITY.md` lists each one.
//!
//! Everything is of the whole process: there is one set of metrics and one log sink, however many
//! gateways and keys there are. Nothing here ever blocks or allocates on the order path, and
//! nothing here can hold a secret: what is counted is numbers, what is told is numbers, ids and
//! names.
//!
//! The layers above count at their own doors (`signing/meter.rs`, `gateway/meter.rs`); this one
//! knows none of them.

mod cells;
mod gauges;
mod log;
mod metrics;
mod text;

pub use log::{Event, Level, Record, set_log_sink};
pub use text::{TEXT_MAX, metrics_text};

pub(crate) use cells::{Operation, sampled};
pub(crate) use gauges::{Gauges, Source, register};
pub(crate) use log::{Bounded, Value, emit};
pub(crate) use metrics::*;
