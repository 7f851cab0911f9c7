//! Metrics, spans and log events: their names, what they say of a run, and what they never say.
//!
//! All three are of the whole process, so the tests of this program take turns.

#[path = "../gateway/desk.rs"]
#[allow(dead_code, reason = "shared with the tests of the gateway")]
mod desk;

#[cfg(target_os = "linux")]
#[path = "../support/cores.rs"]
mod cores;
#[path = "../support/handles.rs"]
mod handles;
#[path = "../support/promtool.rs"]
mod promtool;
#[path = "../support/secrets.rs"]
mod search;
#[path = "../support/skipped.rs"]
mod skip;

#[cfg(target_os = "linux")]
mod core_dump;
mod counters;
mod events;
mod flood;
mod names;
mod secrets;
mod seen;
mod spans;
