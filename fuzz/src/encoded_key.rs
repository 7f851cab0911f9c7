//! Keys in the forms of other tools: what is read is written as a key that reads the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tinywindow::Error;
use tinywindow::interchange::{ENCODED_KEY_MAX, Encoding, decode, encode};
use tinywindow::signing::{Key, Usage};

fuzz_target!(|bytes: &[u8]| {
    let key = match decode(Usage::Raw, bytes, None) {
        Ok(key) => key,
        Err(error) => {
            let is_documented = matches!(
                error,
                Error::Length | Error::Suite | Error::Password | Error::Unsupported | Error::Key
            );
            assert!(is_documented, "{error}");
            assert_eq!(error == Error::Length, bytes.len() > ENCODED_KEY_MAX);
            return;
        }
    };
    assert_eq!(Key::parse(&key).expect("a key").usage, Usage::Raw);
    for encoding in [Encoding::Der, Encoding::Pem] {
        let written = encode(&key, encoding, None).expect("it was read from such a form");
        assert_eq!(Encoding::of(&written), encoding);
        assert_eq!(decode(Usage::Raw, &written, None), Ok(key.clone()));
    }
});
