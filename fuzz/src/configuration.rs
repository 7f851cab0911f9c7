//! Configuration texts: read the same each time, and an error names a place in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tinywindow::config::Config;

fuzz_target!(|text: &str| {
    let parsed = Config::parse(text);
    assert_eq!(parsed, Config::parse(text));
    match parsed {
        Ok(config) => {
            assert!(!config.sessions.iter().any(|session| session.id == 0));
            assert!((1..=100_000_000).contains(&config.max_orders));
        }
        Err(error) => {
            assert!((1..=text.split('\n').count()).contains(&error.line), "{error}");
            assert!(error.column >= 1 && !error.message.is_empty(), "{error}");
        }
    }
});
