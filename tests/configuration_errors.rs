//! What is wrong with a configuration: where it is and what to do about it.

use proptest::prelude::*;
use tinywindow::Error;
use tinywindow::config::{Config, ConfigError};
use tinywindow::signing::{Key, Kind, Suite, Usage, import, keygen, public_key};

/// What is prepended, so that an example holds only what it is about.
const REQUIRED: &str = "journal.kind='memory'\nvenue.kind='paper'\n";

const LIMITS: &str = "limits={tick=1,lot=1,max_quantity=1,max_notional=1,max_position=1,\
                      collar_percent=1}\n";

/// Each text, its error's line and column, and its message.
fn assert_errors(cases: &[(&str, usize, usize, &str)]) {
    for &(text, line, column, message) in cases {
        let error = Config::parse(&format!("{REQUIRED}{text}")).unwrap_err();
        let expected = ConfigError { line, column, message: message.to_owned() };
        assert_eq!(error, expected, "{text}");
        assert_eq!(Error::from(error), Error::Config);
    }
}

#[test]
fn unknown_keys_are_refused_with_what_was_meant() {
    assert_errors(&[
        ("[gatway]", 3, 2, "unknown key `gatway`; did you mean `gateway`?"),
        ("throttle.bust=1", 3, 10, "unknown key `bust`; did you mean `burst`?"),
        (
            "[gateway]\n  'max_order' = 1",
            4,
            3,
            "unknown key `max_order`; did you mean `max_orders`?",
        ),
        ("[throttle]\nz=1\na=1", 4, 1, "unknown key `z`; write one of `per_second`, `burst`"),
        ("throttle.'a\tb'=1", 3, 10, "unknown key `a\\tb`; write one of `per_second`, `burst`"),
        (
            "[freshness]\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1",
            4,
            1,
            "unknown key `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…`; \
             write one of `back_ms`, `ahead_ms`, `undelivered_ms`",
        ),
        (
            "[limits]\nsymbol='A'",
            4,
            1,
            "unknown key `symbol`; write one of `tick`, `tick_bands`, `lot`, `min_quantity`, \
             `max_quantity`, `min_price`, `max_price`, `max_notional`, `max_position`, `collar_percent`, \
             `last_trade_collar_percent`, `locate`, `opens`, `closes`, `restricted`, `sides`, \
             `order_types`, `times_in_force`, `per_second`, `burst`",
        ),
    ]);
}

#[test]
fn wrong_types_are_refused_with_the_right_one() {
    assert_errors(&[
        ("gateway=1", 3, 9, "`gateway` is an integer; write a table"),
        ("[[throttle]]", 3, 1, "`throttle` is an array; write a table"),
        ("[sessions]", 3, 1, "`sessions` is a table; write one or more [[sessions]]"),
        ("sessions=[{id=1},2]", 3, 18, "`sessions` is an integer; write a table"),
        (
            "gateway.max_orders='1'",
            3,
            20,
            "`max_orders` is a string; write an integer without quotes",
        ),
        (
            "gateway.max_orders=1.0",
            3,
            20,
            "`max_orders` is a float; write an integer without quotes",
        ),
        ("gateway.memory_lock=true", 3, 21, "`memory_lock` is a boolean; write a string in quotes"),
        ("limits.restricted='no'", 3, 19, "`restricted` is a string; write true or false"),
        ("limits.sides='buy'", 3, 14, "`sides` is a string; write an array, [\"…\"]"),
        ("limits.sides=[1]", 3, 15, "`sides` is an integer; write a string in quotes"),
        (
            "limits.tick=0.01",
            3,
            13,
            "`tick` is a float; write a decimal as a string, like \"0.01\"",
        ),
        (
            "limits.max_notional=1e6",
            3,
            21,
            "`max_notional` is a float; write a decimal as a string, like \"0.01\", \
             or \"unlimited\"",
        ),
    ]);
}

#[test]
fn bands_of_ticks_go_up() {
    let not_higher = "no higher price than that before; write the bands from the lowest price to \
                      the highest";
    let key = "limits.tick_bands";
    assert_errors(&[
        (
            &format!("{key}=1"),
            3,
            19,
            "`tick_bands` is an integer; write one or more [[tick_bands]]",
        ),
        (&format!("{key}=[1]"), 3, 20, "`tick_bands` is an integer; write a table"),
        (&format!("{key}=[{{from=1,tick=1}},{{from=1,tick=2}}]"), 3, 36, not_higher),
        (&format!("{key}=[{{from=1}}]"), 3, 20, "no key `tick` in `tick_bands`; add `tick = …`"),
        (&format!("{key}=[{{from=1,tic=1}}]"), 3, 28, "unknown key `tic`; did you mean `tick`?"),
    ]);
}

#[test]
fn hours_are_two_times_of_the_day() {
    let not_a_time = "not a time of the day; write one like \"16:30\"";
    assert_errors(&[
        ("limits.opens='24:00'", 3, 14, not_a_time),
        ("limits.opens='8:00'", 3, 14, not_a_time),
        ("limits.opens='08:60'", 3, 14, not_a_time),
        ("limits.opens='08:00:00:00'", 3, 14, not_a_time),
        ("limits.opens='+8:00'", 3, 14, not_a_time),
        ("limits.opens=8", 3, 14, "`opens` is an integer; write a string in quotes"),
    ]);
    let alone = format!("{LIMITS}[[instruments]]\nsymbol='A'\nopens='08:00'");
    let message = "`opens` and `closes` come together; add the other one";
    assert_errors(&[(&alone, 4, 1, message)]);
}

#[test]
fn a_mode_of_preventing_self_trades_needs_the_prevention() {
    let message = "`self_trade_mode` alone prevents nothing; \
                   add `self_trade_prevention = \"account\"` or \"firm\"";
    assert_errors(&[
        ("[firm]\nself_trade_mode='cancel_oldest'", 4, 17, message),
        ("[firm]\nself_trade_mode='cancel_both'", 4, 17, message),
    ]);
    for legal in [
        "self_trade_mode='cancel_newest'",
        "self_trade_mode='cancel_both'\nself_trade_prevention='account'",
        "self_trade_mode='cancel_both'\nself_trade_prevention='off'",
    ] {
        Config::parse(&format!("{REQUIRED}[firm]\n{legal}")).unwrap();
    }
}

#[test]
fn shares_of_the_room_that_do_not_fit_are_refused() {
    assert_errors(&[
        (
            "gateway.max_orders=9\n[[sessions]]\nid=1\nmax_orders=5\n[[sessions]]\nid=2\nmax_orders=5",
            7,
            1,
            "the sessions' `max_orders` are more than the gateway's; lower them or raise that one",
        ),
        (
            "gateway.max_orders=1\nsessions=[{id=1},{id=2}]",
            4,
            11,
            "`max_orders` of the gateway is too small to give each session a share; raise it",
        ),
        (
            "gateway.max_in_flight=1\nsessions=[{id=1},{id=2,max_in_flight=1}]",
            4,
            11,
            "`max_in_flight` of the gateway is too small to give each session a share; raise it",
        ),
        (
            "gateway.max_completions=1\nsessions=[{id=1},{id=2,max_completions=2}]",
            4,
            18,
            "the sessions' `max_completions` are more than the gateway's; lower them or raise that one",
        ),
    ]);
}

#[test]
fn missing_keys_are_reported_at_their_table() {
    assert_errors(&[
        ("[[sessions]]\nid=1\n[[sessions]]", 5, 1, "no key `id` in `sessions`; add `id = …`"),
        ("[[instruments]]", 3, 1, "no key `symbol` in `instruments`; add `symbol = …`"),
        (
            "limits.tick=1\n[[instruments]]\nsymbol='A'",
            4,
            1,
            "no key `lot`; add `lot = …` here or in [limits]",
        ),
    ]);
}

#[test]
fn a_least_value_above_the_greatest_is_refused_where_the_table_says_it() {
    let quantity = "`min_quantity` is above `max_quantity`; lower it, or raise `max_quantity`";
    let price = "`min_price` is above `max_price`; lower it, or raise `max_price`";
    let instrument = |fields: &str| format!("{LIMITS}instruments=[{{symbol='A',{fields}}}]");
    assert_errors(&[
        ("limits={min_quantity=2,max_quantity=1}", 3, 22, quantity),
        ("limits={max_price='0.5',min_price=1}", 3, 35, price),
        (&instrument("min_quantity='1.1'"), 4, 39, quantity),
        (&instrument("max_price=2,min_price='2.5'"), 4, 48, price),
        ("limits.min_quantity=2\n[[instruments]]\nsymbol='A'\nmax_quantity=1", 6, 14, quantity),
    ]);
    for fields in ["min_quantity=1", "min_price=2,max_price=2"] {
        assert!(Config::parse(&format!("{REQUIRED}{}", instrument(fields))).is_ok(), "{fields}");
    }
}

#[test]
fn impossible_values_are_refused_with_the_possible_ones() {
    assert_errors(&[
        ("throttle.burst=0", 3, 16, "`burst` is out of range; write 1 to 1000000000"),
        ("throttle.burst=-1", 3, 16, "`burst` is out of range; write 1 to 1000000000"),
        (
            "limits.lot=-5",
            3,
            12,
            "`lot` is not a decimal in range; \
             write 0.00000001 to 184467440737.09551614 in steps of 0.00000001",
        ),
        (
            "limits.collar_percent='0.125'",
            3,
            23,
            "`collar_percent` is not a decimal in range; \
             write 0.01 to 10000 in steps of 0.01, or \"unlimited\"",
        ),
        (
            "limits.collar_percent='10%'",
            3,
            23,
            "`collar_percent` is not a decimal; leave the % out",
        ),
        (
            "limits.max_notional='unlimted'",
            3,
            21,
            "`max_notional` cannot be `unlimted`; did you mean `unlimited`?",
        ),
        ("limits.sides=[]", 3, 14, "`sides` is empty; fill it or leave `sides` out"),
        ("limits.sides=['buy','but']", 3, 21, "`sides` cannot be `but`; did you mean `buy`?"),
        ("limits.sides=['buy','buy']", 3, 21, "the same as on line 3; write each once"),
        ("sessions=[{id=1},{id=1}]", 3, 22, "the same as on line 3; write each once"),
        ("sessions=[{id=1,keys=[]}]", 3, 22, "`keys` is empty; fill it or leave `keys` out"),
        ("sessions=[{id=1,keys=['']}]", 3, 23, "no file can have this name; write its path"),
        ("sessions=[{id=1,keys=['é','é']}]", 3, 27, "the same as on line 3; write each once"),
        (
            "journal.path='a'",
            3,
            14,
            "a journal in memory has no `path`; remove it or write kind = \"file\"",
        ),
        (
            "journal.checkpoint_records=1",
            3,
            28,
            "a journal in memory has no `checkpoint_records`; remove it or write kind = \"file\"",
        ),
    ]);
}

#[test]
fn checkpoints_take_a_name_and_keys_together() {
    let error = |journal: &str| {
        let text = format!("venue.kind='paper'\n[journal]\nkind='file'\npath='a'\n{journal}");
        Config::parse(&text).unwrap_err().to_string()
    };
    assert_eq!(
        error("checkpoint_origin='a'"),
        "line 5, column 19: nobody signs for this name; add `checkpoint_keys = …`"
    );
    assert_eq!(
        error("checkpoint_keys=['a.key']"),
        "line 5, column 17: keys sign for a name; add `checkpoint_origin = …`"
    );
    for name in ["", "a b", "a+b", "é"] {
        assert_eq!(
            error(&format!("checkpoint_keys=['a.key']\ncheckpoint_origin='{name}'")),
            "line 6, column 19: `checkpoint_origin` is no name of a log; \
             write a name like \"example.com/desk-1\", without spaces and +"
        );
    }
    let five = "checkpoint_origin='a'\ncheckpoint_keys=['a','b','c','d','e']";
    let message = "`checkpoint_keys` has more than 4 elements; remove some";
    assert_eq!(error(five), format!("line 6, column 17: {message}"));
}

#[test]
fn check_wants_raw_secret_keys_for_checkpoints() {
    let folder = std::env::temp_dir().join(format!("tinywindow-log-keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let framed = keygen(Suite::Ed25519, 1);
    let raw = |suite| {
        let key = keygen(suite, 1);
        let Key { kind, material, .. } = Key::parse(&key).unwrap();
        import(suite, kind, Usage::Raw, material).unwrap()
    };
    let (good, other) = (raw(Suite::Ed25519), raw(Suite::MlDsa65));
    let public = public_key(&good).unwrap();
    let check = |key: &[u8]| {
        std::fs::write(path("key"), key).unwrap();
        let (journal, key) = (path("journal"), path("key"));
        let origin = "checkpoint_origin='a'";
        let journal = format!("kind='file',path='{journal}',{origin},checkpoint_keys=['{key}']");
        Config::check(&REQUIRED.replace("journal.kind='memory'", &format!("journal={{{journal}}}")))
    };
    assert_eq!(check(&good), Ok(()));
    for (key, why) in [
        (&framed[..], "a raw key where a framed one is needed, or the reverse"),
        (&other[..], "unknown signature suite"),
        (&public[..], "a key of another kind is needed, or of a kind that its suite has"),
        (b"no key", "malformed key bytes"),
    ] {
        let message = check(key).unwrap_err().message;
        assert!(message.contains(why) && message.contains("`keygen --raw`"), "{message}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_key_that_is_there_twice_is_reported_with_the_line_of_the_first() {
    assert_errors(&[
        ("[gateway]\nmax_orders=1\nmax_orders=2", 5, 1, "the same key as on line 4; write it once"),
        ("[[venue]]", 3, 3, "the same key as on line 2; write it once"),
        ("[gateway]\n\n[gateway]", 5, 2, "the same key as on line 3; write it once"),
        (
            "[[sessions]]\nid=1\n[[sessions]]\nid=2\nid=3",
            7,
            1,
            "the same key as on line 6; write it once",
        ),
        ("sessions=[{id=1},{id=2,\nid=3}]", 4, 1, "the same key as on line 3; write it once"),
    ]);
}

#[test]
fn a_percentage_is_a_number_without_the_sign() {
    let text = "[limits]\ncollar_percent = 10%";
    assert_errors(&[(text, 4, 18, "not a number; leave the % out")]);
}

#[test]
fn what_is_not_toml_is_refused_where_it_stops_being_so() {
    let cases = [
        ("[gateway", 3, 9),
        ("[gateway]\r\nmemory_lock=required", 4, 13),
        ("limits.sides=['é' 'x']", 3, 19),
    ];
    for (text, line, column) in cases {
        let error = Config::parse(&format!("{REQUIRED}{text}")).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
        assert!(error.message.ends_with("; correct the TOML"), "{error}");
    }
}

#[test]
fn required_tables_must_be_there() {
    let journal = Config::parse("venue.kind='paper'").unwrap_err();
    assert_eq!(journal.to_string(), "line 1, column 1: no table `journal`; write [journal]");
    let venue = Config::parse("journal.kind='memory'").unwrap_err();
    assert_eq!(venue.to_string(), "line 1, column 1: no table `venue`; write [venue]");
    let path = Config::parse("venue.kind='paper'\n[journal]\nkind='file'").unwrap_err();
    assert_eq!(path.to_string(), "line 2, column 1: no key `path` in `journal`; add `path = …`");
}

#[test]
fn symbols_are_unique_text_of_16_bytes() {
    let parse = |names: &[&str]| {
        let symbols: String =
            names.iter().map(|name| format!("[[instruments]]\nsymbol=\"{name}\"\n")).collect();
        Config::parse(&format!("{REQUIRED}{LIMITS}{symbols}"))
    };
    parse(&["A", "BRK.A", "ABCDEFGHIJKLMNOP", "!~"]).unwrap();
    for bad in ["", "A B", "ABCDEFGHIJKLMNOPQ", "É", "A\\u0000"] {
        let error = parse(&[bad]).unwrap_err();
        assert!(error.message.starts_with("not a symbol; write 1 to 16"), "{error}");
    }
    let error = parse(&["A", "B", "A"]).unwrap_err();
    assert_eq!(error.to_string(), "line 9, column 8: the same as on line 5; write each once");
}

#[test]
fn counts_and_sizes_are_limited() {
    let repeat = |n: usize, line: &dyn Fn(usize) -> String| (1..=n).map(line).collect::<String>();
    let sessions = |n| repeat(n, &|i| format!("[[sessions]]\nid={i}\n"));
    let instruments =
        |n| LIMITS.to_owned() + &repeat(n, &|i| format!("[[instruments]]\nsymbol='{i}'\n"));
    let keys = |n| format!("sessions=[{{id=1,keys=[{}]}}]", repeat(n, &|i| format!("'{i}',")));
    let comment = |n| format!("#{}", "x".repeat(n - REQUIRED.len() - 1));
    let assert_limit = |text: &dyn Fn(usize) -> String, most: usize, expected: &str| {
        Config::parse(&format!("{REQUIRED}{}", text(most))).unwrap();
        let error = Config::parse(&format!("{REQUIRED}{}", text(most + 1))).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    assert_limit(&sessions, 1_024, "line 3, column 1: more than 1024 sessions; remove some");
    assert_limit(
        &instruments,
        65_536,
        "line 4, column 1: more than 65536 instruments; remove some",
    );
    assert_limit(&keys, 16, "line 3, column 22: `keys` has more than 16 elements; remove some");
    assert_limit(
        &comment,
        4 << 20,
        "line 1, column 1: the text is larger than 4 MiB; remove some of it",
    );
}

#[test]
fn check_reads_the_key_files_and_parse_does_not() {
    let folder = std::env::temp_dir().join(format!("tinywindow-keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("good"), tinywindow::keygen(1)).unwrap();
    std::fs::write(folder.join("other"), tinywindow::keygen(2)).unwrap();
    std::fs::write(folder.join("copy"), tinywindow::keygen(1)).unwrap();
    std::fs::write(folder.join("bad"), b"no key").unwrap();
    let raw = import(Suite::HmacSha256, Kind::Secret, Usage::Raw, &[7; 32]).unwrap();
    std::fs::write(folder.join("raw"), raw).unwrap();
    std::fs::write(folder.join("secret"), keygen(Suite::Ed25519, 1)).unwrap();
    std::fs::write(folder.join("full"), vec![0; 8 * 1024]).unwrap();
    std::fs::write(folder.join("large"), vec![0; 8 * 1024 + 1]).unwrap();
    let folder_text = folder.to_str().unwrap();
    let check = |name: &str| {
        let keys = format!("'{folder_text}/good',\n'{folder_text}/{name}'");
        let text = format!("{REQUIRED}sessions=[{{id=1,keys=[\n{keys}]}}]");
        Config::parse(&text).unwrap();
        Config::check(&text)
    };
    check("other").unwrap();
    let cases = [
        ("copy", "the same key as on line 4"),
        ("full", "malformed key bytes"),
        ("raw", "a raw key where a framed one is needed, or the reverse"),
        ("secret", "a key of another kind is needed"),
        ("bad", "malformed key bytes"),
        ("large", "larger than 8 KiB"),
        ("absent", "No such file or directory"),
        ("", "not a regular file"),
    ];
    for (name, reason) in cases {
        let error = check(name).unwrap_err();
        assert_eq!((error.line, error.column), (5, 1), "{error}");
        assert!(error.message.contains(reason), "{error}");
        assert!(
            error.message.ends_with("; name a file of key bytes; of Ed25519 the public key"),
            "{error}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn check_reads_the_daemons_keys_of_any_kind() {
    let folder = std::env::temp_dir().join(format!("tinywindow-daemon-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("secret"), keygen(Suite::Ed25519, 1)).unwrap();
    std::fs::write(folder.join("bad"), b"no key").unwrap();
    let check = |name: &str| {
        let key = folder.join(name);
        let service = format!("service={{listen='[::1]:1',keys=[{key:?}]}}");
        Config::check(&format!("{REQUIRED}{service}"))
    };
    check("secret").unwrap();
    for (name, reason) in [("bad", "malformed key bytes"), ("absent", "No such file")] {
        let error = check(name).unwrap_err();
        assert_eq!((error.line, error.column), (3, 33), "{error}");
        assert!(error.message.contains(reason), "{error}");
        assert!(error.message.ends_with("; name a file of key bytes"), "{error}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn check_looks_where_the_journal_is_to_be() {
    let folder = std::env::temp_dir().join(format!("tinywindow-journals-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let folder_text = folder.to_str().unwrap();
    let check = |name: &str| {
        let journal = format!("journal={{kind='file',\npath='{folder_text}/{name}'}}");
        let text = REQUIRED.replace("journal.kind='memory'", &journal);
        Config::parse(&text).unwrap();
        Config::check(&text)
    };
    std::fs::write(folder.join("other"), b"no journal").unwrap();
    std::fs::write(folder.join("old"), b"TWJ\x01\0\0\0\0").unwrap();
    std::fs::create_dir(folder.join("empty")).unwrap();
    std::fs::create_dir(folder.join("journal")).unwrap();
    std::fs::write(folder.join("journal/00000000000000000001.twj"), b"").unwrap();
    for name in ["new", "empty", "journal"] {
        check(name).unwrap();
    }
    let cases = [
        ("other", "not a folder"),
        ("old", "a journal of a format that this version does not read"),
        ("absent/new", "No such file or directory"),
        ("other/new", "Not a directory"),
        ("", "a folder that holds other files"),
    ];
    for (name, reason) in cases {
        let error = check(name).unwrap_err();
        assert_eq!((error.line, error.column), (2, 6), "{error}");
        assert!(error.message.contains(reason), "{error}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    #[test]
    fn any_text_ends_in_a_configuration_or_a_place_within_it(
        at in 0..100_000usize,
        removed in 0..30usize,
        inserted in "\\PC{0,3}|[\\[\\]{}=\"'.\n0-9-]{0,6}",
    ) {
        let example = include_str!("../docs/CONFIGURATION.md").split("```").skip(1).step_by(2);
        let example: String = example.filter_map(|block| block.strip_prefix("toml\n")).collect();
        let characters: Vec<char> = example.chars().collect();
        let at = at % characters.len();
        let mut text: Vec<char> = characters[..at].to_vec();
        text.extend(inserted.chars().chain(characters.into_iter().skip(at + removed)));
        let text: String = text.into_iter().collect();
        if let Err(error) = Config::parse(&text) {
            let line = text.split('\n').nth(error.line - 1).expect("a line of the text");
            prop_assert!((1..=line.chars().count() + 1).contains(&error.column), "{}", error);
            prop_assert!(error.message.contains(';') && error.message.len() < 500, "{}", error);
        }
    }
}

#[test]
fn a_service_that_would_let_everyone_in_is_refused() {
    let sessions = "sessions=[{id=1}]\n";
    assert_errors(&[
        ("[service]", 3, 1, "no key `listen` in `service`; add `listen = …`"),
        (
            "service.listen='localhost:1'",
            3,
            16,
            "not an address and port; write it like \"127.0.0.1:50051\" or \"[::1]:50051\"",
        ),
        (
            "service={listen='0.0.0.0:1'}",
            3,
            17,
            "off loopback callers need certificates; add `certificate`, `private_key` and \
             `client_ca`, or listen on 127.0.0.1",
        ),
        (
            "service={listen='192.0.2.1:1',certificate='a',private_key='b'}",
            3,
            17,
            "off loopback callers need certificates; add `certificate`, `private_key` and \
             `client_ca`, or listen on 127.0.0.1",
        ),
        (
            "service={listen='[::1]:1',certificate='a'}",
            3,
            39,
            "a certificate needs its key; add `private_key`",
        ),
        (
            "service={listen='[::1]:1',private_key='a'}",
            3,
            39,
            "a key needs its certificate; add `certificate`",
        ),
        (
            "service={listen='[::1]:1',client_ca='a'}",
            3,
            37,
            "who asks for certificates has one; add `certificate` and `private_key`",
        ),
        ("[[peers]]", 3, 1, "peers are for the daemon; write [service] too"),
        (
            "service={listen='[::1]:1'}\n[[peers]]\ncertificate='a'",
            4,
            1,
            "peers are known by certificates; add `client_ca` to [service]",
        ),
    ]);
    let service = "service={listen='[::1]:1',certificate='a',private_key='b',client_ca='c',\
                   keys=['k']}\n";
    for (peer, column, message) in [
        ("certificate='*.example'", 21, "not a DNS name; write one like \"desk-1.example\""),
        ("certificate='a',sessions=[2]", 35, "no such session; add its [[sessions]]"),
        ("certificate='a',keys=['l']", 31, "no such key in [service]; add it to its `keys`"),
        ("certificate='A'},{certificate='a'", 39, "the same as on line 5; write each once"),
    ] {
        let text = format!("{service}{sessions}peers=[{{{peer}}}]");
        assert_errors(&[(&text, 5, column, message)]);
    }
}
