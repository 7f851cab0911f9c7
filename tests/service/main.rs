//! `tinywindow serve`, driven as its callers do: a process of its own, over TLS.

mod abuse;
mod calls;
mod client;
mod daemon;
mod orders;
mod refusals;
mod stop;
