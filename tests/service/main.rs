//! `tinywindow serve`, driven as its callers do: a process of its own, over TLS.

mod abuse;
#[path = "../support/blocks.rs"]
mod blocks;
mod calls;
mod client;
mod completions;
#[path = "../support/cores.rs"]
mod cores;
mod daemon;
mod floods;
mod orders;
mod page;
#[path = "../support/promtool.rs"]
mod promtool;
mod refusals;
#[path = "../support/secrets.rs"]
mod search;
mod secrets;
#[path = "../support/skipped.rs"]
mod skip;
mod stop;
