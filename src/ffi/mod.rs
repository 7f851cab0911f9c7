//! The C ABI: one file per section of the header. `include/tinywindow.h` is generated from here.
//!
//! Every function runs in `guard`, reads its inputs through `input` and writes its results
//! through `Output` or `boundary`'s struct helpers, so that no panic crosses, no slice is made
//! from NULL, and nothing is written on failure but the needed length.
#![allow(unsafe_code, non_camel_case_types)]

mod boundary;
mod config;
mod gateway;
mod interchange;
mod key;
mod limits;
mod order;
mod positions;
mod pre_trade;
mod prepared;
mod send;
mod session;
mod sign;
mod status;
mod suite;
mod telemetry;

pub use config::*;
pub use gateway::*;
pub use interchange::*;
pub use key::*;
pub use limits::*;
pub use order::*;
pub use positions::*;
pub use pre_trade::*;
pub use prepared::*;
pub use send::*;
pub use session::*;
pub use sign::*;
pub use status::*;
pub use suite::*;
pub use telemetry::*;
