//! The order path through the Rust API: gates, forms, restarts, crashes, disks that fail.

mod allocations;
mod changes;
mod conduct;
mod crash;
mod desk;
#[path = "../support/disk.rs"]
mod disk;
mod disk_faults;
mod exposure;
mod forgetting;
mod forms;
mod gates;
mod journal_file;
mod kill_switch;
mod late_venue;
mod properties;
mod requests;
mod restart;
mod risk;
mod self_trades;
mod session_changes;
mod sessions;
#[path = "../support/skipped.rs"]
mod skipped;
mod snapshot_crash;
mod snapshots;
mod suites;
mod threads;
mod time;
mod unasked;
mod venue_log;
