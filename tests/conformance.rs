//! The golden fixtures through the Rust API: one of the drivers whose protocol is described in
//! `tests/python/baseline.py`, which made them.

use tinywindow::order::{
    self, FRAME_MAX, OrdType, Order, PRICE_NONE, Request, SIGNED_MAX, Side, Terms, TimeInForce,
};
use tinywindow::signing::{self, Context, Kind, Signer, Suite, Usage};
use tinywindow::{Error, Result};

const GOLDEN: &str = include_str!("fixtures/golden.txt");

fn to_hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if digits.is_empty() { "-".into() } else { digits }
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits = if digits == "-" { "" } else { digits };
    let byte = |i| u8::from_str_radix(&digits[i..i + 2], 16).expect("hex digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn suite(name: &str) -> Result<Suite> {
    Suite::from_name(name).ok_or(Error::Suite)
}

fn validity(verdict: Result<()>) -> Result<String> {
    match verdict {
        Ok(()) => Ok("valid".into()),
        Err(Error::Signature) => Ok("invalid".into()),
        Err(error) => Err(error),
    }
}

fn answer(words: &[&str]) -> Result<String> {
    let bytes: Vec<Vec<u8>>;
    let hex = |count: usize| words[1..=count].iter().map(|word| from_hex(word)).collect();
    match words[0] {
        "keygen" => {
            Ok(to_hex(&signing::keygen(suite(words[1])?, words[2].parse().expect("a seed"))))
        }
        "entropy" => {
            let entropy = from_hex(words[2]).try_into().expect("32 bytes");
            Ok(to_hex(&signing::keygen_from_entropy(suite(words[1])?, &entropy)))
        }
        "import" => import(words),
        "public" => signing::public_key(&from_hex(words[1])).map(|key| to_hex(&key)),
        "keyid" => signing::key_id(&from_hex(words[1])).map(|id| format!("{id:016x}")),
        "sign" => signing::sign(&from_hex(words[1]), &from_hex(words[2])).map(|s| to_hex(&s)),
        "sign_context" => {
            bytes = hex(3);
            let context = Context::Custom(&bytes[1]);
            signing::sign_with_context(&bytes[0], context, &bytes[2]).map(|s| to_hex(&s))
        }
        "verify" => {
            bytes = hex(3);
            let context = Context::Payload;
            validity(signing::verify_with_context(&bytes[0], context, &bytes[1], &bytes[2]))
        }
        "verify_context" => {
            bytes = hex(4);
            let context = Context::Custom(&bytes[1]);
            validity(signing::verify_with_context(&bytes[0], context, &bytes[2], &bytes[3]))
        }
        "order_sign" => order_sign(&from_hex(words[1]), &words[2..]),
        "order_decode" => order_decode(&from_hex(words[1])),
        other => panic!("unknown command {other}"),
    }
}

fn import(words: &[&str]) -> Result<String> {
    let number = |word: &str| word.parse().expect("a number");
    let kind = Kind::from_number(number(words[2])).ok_or(Error::KeyKind)?;
    let usage = Usage::from_number(number(words[3])).ok_or(Error::KeyUsage)?;
    let key = signing::import(suite(words[1])?, kind, usage, &from_hex(words[4]))?;
    Ok(to_hex(&key))
}

/// The FIX character of a field that may be `-`.
fn character(word: &str) -> u8 {
    match word.as_bytes() {
        [b'-'] => 0,
        [character] => *character,
        _ => panic!("one character, not {word}"),
    }
}

fn padded(word: &str) -> Result<order::Text> {
    order::text(if word == "-" { b"" } else { word.as_bytes() }).ok_or(Error::Order)
}

fn price(word: &str) -> Option<i64> {
    if word == "none" { None } else { Some(word.parse().expect("a price")) }
        .filter(|&price| price != PRICE_NONE)
}

/// What the fields after the template ask for.
fn request(template: &str, fields: &[&str]) -> Result<Request> {
    let orig: u64 = fields[3].parse().expect("a number");
    let (price, stop_price) = (price(fields[5]), price(fields[6]));
    let quantity = fields[7].parse().expect("a quantity");
    let (ord_type, time_in_force) = (character(fields[11]), character(fields[12]));
    let terms = || -> Result<Terms> {
        Ok(Terms {
            ord_type: OrdType::from_fix(ord_type).ok_or(Error::Order)?,
            time_in_force: TimeInForce::from_fix(time_in_force).ok_or(Error::Order)?,
            price,
            stop_price,
            quantity,
        })
    };
    let nothing = (price, stop_price, quantity, ord_type, time_in_force) == (None, None, 0, 0, 0);
    match template {
        "1" if orig == 0 => Ok(Request::New(terms()?)),
        "2" => Ok(Request::Replace(orig, terms()?)),
        "3" if nothing => Ok(Request::Cancel(orig)),
        _ => Err(Error::Order),
    }
}

fn order_sign(key: &[u8], words: &[&str]) -> Result<String> {
    let signer = Signer::new(key)?;
    if signer.usage() != Usage::Framed {
        return Err(Error::KeyUsage);
    }
    let (template, fields) = (words[0], &words[1..]);
    let number = |word: &str| word.parse().expect("a number");
    let order = Order {
        sequence: number(fields[0]),
        sending_time: number(fields[1]),
        client_order_id: number(fields[2]),
        session_id: number(fields[4]),
        key_id: signer.key_id(),
        symbol: padded(fields[8])?,
        account: padded(fields[9])?,
        side: Side::from_fix(character(fields[10])).ok_or(Error::Order)?,
        request: request(template, fields)?,
    };
    let mut signed = [0; SIGNED_MAX];
    let length = order::encode(&order, &mut signed)?;
    let signature = signer.sign(Context::Order, &signed[..length])?;
    let mut frame = [0; FRAME_MAX];
    let length = order::frame(&signed[..length], &signature, &mut frame)?;
    Ok(to_hex(&frame[..length]))
}

fn order_decode(frame: &[u8]) -> Result<String> {
    let order::Frame { order, signature, .. } = order::parse(frame)?;
    let or_none = |price: Option<i64>| price.map_or("none".into(), |price| price.to_string());
    let or_dash = |text: &str| if text.is_empty() { "-".to_string() } else { text.to_string() };
    let shown = |character: u8| char::from(character).to_string();
    let terms = order.terms();
    let words = [
        (order.template() as u16).to_string(),
        order.sequence.to_string(),
        order.sending_time.to_string(),
        order.client_order_id.to_string(),
        order.orig_client_order_id().unwrap_or(0).to_string(),
        order.session_id.to_string(),
        format!("{:016x}", order.key_id),
        or_none(terms.and_then(|terms| terms.price)),
        or_none(terms.and_then(|terms| terms.stop_price)),
        terms.map_or(0, |terms| terms.quantity).to_string(),
        or_dash(order::text_str(&order.symbol)),
        or_dash(order::text_str(&order.account)),
        shown(order.side.fix()),
        terms.map_or("-".into(), |terms| shown(terms.ord_type.fix())),
        terms.map_or("-".into(), |terms| shown(terms.time_in_force.fix())),
        to_hex(signature),
    ];
    Ok(words.join(" "))
}

#[test]
fn every_golden_case_gives_its_answer() {
    let (header, cases) = GOLDEN.split_once('\n').expect("a first line");
    let promised: usize = header.strip_prefix("# cases: ").expect("a count").parse().unwrap();
    let is_case = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let (mut passed, mut failed) = (0, 0);
    for case in cases.lines().filter(is_case) {
        let (command, expected) = case.split_once(" => ").expect("command => answer");
        let words: Vec<&str> = command.split(' ').collect();
        let got = match answer(&words) {
            Ok(value) => format!("ok {value}"),
            Err(error) => format!("error {}", error.name()),
        };
        if got == expected {
            passed += 1;
        } else {
            failed += 1;
            println!("mismatch: {command}\n  expected: {expected}\n  got:      {got}");
        }
    }
    println!("conformance: {passed} passed, {failed} failed");
    assert_eq!((passed, failed), (promised, 0));
}
