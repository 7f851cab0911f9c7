//! The order path.

pub mod instrument;
