//! A price-time-priority book in process.
