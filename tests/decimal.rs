//! Decimals with exponent -8: exact both ways.

use proptest::prelude::*;
use tinywindow::decimal::{format, format_unsigned, parse, parse_unsigned};

proptest! {
    #[test]
    fn what_is_written_reads_back(value: i64, unsigned: u64) {
        prop_assert_eq!(parse(&format(value)), Some(value));
        prop_assert_eq!(parse_unsigned(&format_unsigned(unsigned)), Some(unsigned));
    }

    #[test]
    fn text_is_as_short_as_it_can_be(value: i64) {
        let text = format(value);
        let shorter = text.char_indices().map(|(at, c)| {
            let mut text = text.clone();
            text.replace_range(at..at + c.len_utf8(), "");
            text
        });
        for text in shorter {
            prop_assert_ne!(parse(&text), Some(value));
        }
    }

    #[test]
    fn arbitrary_text_reads_back_as_itself_or_not_at_all(text in "-?[0-9]{0,12}[.]?[0-9+e ]{0,9}") {
        if let Some(value) = parse(&text) {
            let float: f64 = text.parse().unwrap();
            prop_assert!((value as f64 / 1e8 - float).abs() <= float.abs() * 1e-15);
        }
    }
}

#[test]
fn the_exponent_is_minus_eight() {
    let cases = [
        ("0", 0),
        ("-0", 0),
        ("1", 100_000_000),
        ("1.5", 150_000_000),
        ("-1.5", -150_000_000),
        ("0.00000001", 1),
        ("0.10", 10_000_000),
        ("007", 700_000_000),
        ("92233720368.54775807", i64::MAX),
        ("-92233720368.54775808", i64::MIN),
    ];
    for (text, value) in cases {
        assert_eq!(parse(text), Some(value), "{text}");
    }
    assert_eq!(format(58_533_000_000), "585.33");
    assert_eq!(format(-1), "-0.00000001");
    assert_eq!(format(0), "0");
}

#[test]
fn everything_else_is_refused() {
    let cases = [
        "",
        "-",
        ".",
        "-.",
        ".5",
        "5.",
        "+1",
        "--1",
        "-+1",
        "1e3",
        "1_000",
        "1,5",
        " 1",
        "1 ",
        "1.-5",
        "1.+5",
        "1.2.3",
        "0x10",
        "inf",
        "NaN",
        "٣",
        "0.000000001",
        "1.000000000",
        "92233720368.54775808",
        "-92233720368.54775809",
        "184467440738",
        "99999999999999999999",
    ];
    for text in cases {
        assert_eq!(parse(text), None, "{text:?}");
    }
    assert_eq!(parse_unsigned("-1"), None);
    assert_eq!(parse_unsigned("184467440737.09551616"), None);
}
