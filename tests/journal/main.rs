//! The journal by itself: what is read is what was appended, or where it stops being that is known.

mod ahead;
mod checkpoints;
mod damage;
mod files;
mod merkle;
mod model;
mod power;
#[path = "../support/rechain.rs"]
mod rechain;
mod support;
