#![doc = include_str!("../README.md")]
#![deny(missing_debug_implementations, unsafe_code, unsafe_op_in_unsafe_fn)]
#![warn(rust_2018_idioms)]

pub mod config;
pub mod decimal;
pub mod error;
pub mod gateway;
pub mod order;
pub mod venue;

pub use error::{Error, Reason, Result};
