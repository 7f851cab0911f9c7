//! The frame format: what is valid survives to the byte, everything else is refused.

use proptest::prelude::*;
use tinywindow::Error;
use tinywindow::order::{
    FRAME_MAX, OrdType, Order, PRICE_NONE, Request, SIGNED_MAX, Side, Template, Terms, Text,
    TimeInForce, UNIT, decode, encode, frame, parse, text, text_str,
};

const HEADER: usize = 8;
const LIMIT: Terms = Terms {
    ord_type: OrdType::Limit,
    time_in_force: TimeInForce::Day,
    price: Some(585 * UNIT as i64),
    stop_price: None,
    quantity: 100 * UNIT,
};

fn order(request: Request) -> Order {
    Order {
        sequence: 0x0102_0304_0506_0708,
        sending_time: 0x1112_1314_1516_1718,
        client_order_id: 0x2122_2324_2526_2728,
        session_id: 0x3132_3334_3536_3738,
        key_id: 0x4142_4344_4546_4748,
        symbol: text(b"AAPL").unwrap(),
        account: text(b"desk-7").unwrap(),
        side: Side::SellShort,
        request,
    }
}

/// One order of each template.
fn samples() -> [Order; 3] {
    [
        order(Request::New(LIMIT)),
        order(Request::Replace(0x5152_5354_5556_5758, LIMIT)),
        order(Request::Cancel(0x5152_5354_5556_5758)),
    ]
}

fn encoded(order: &Order) -> Vec<u8> {
    let mut out = [0xAA; SIGNED_MAX];
    let length = encode(order, &mut out).expect("a valid order");
    out[..length].to_vec()
}

fn framed(order: &Order, signature: &[u8]) -> Vec<u8> {
    let mut out = [0; FRAME_MAX];
    let length = frame(&encoded(order), signature, &mut out).expect("a frame");
    out[..length].to_vec()
}

/// The signed bytes with `bytes` at a root block offset.
fn patched(signed: &[u8], offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut patched = signed.to_vec();
    patched[HEADER + offset..][..bytes.len()].copy_from_slice(bytes);
    patched
}

#[test]
fn the_layout_is_the_published_one() {
    assert_eq!((SIGNED_MAX, FRAME_MAX), (120, 4749));
    let new = [
        &[104, 0, 1, 0, 1, 0, 0, 0][..], // blockLength, templateId, schemaId, version
        &[8, 7, 6, 5, 4, 3, 2, 1],       // sequence
        &0x1112_1314_1516_1718_u64.to_le_bytes(), // sending_time
        &0x2122_2324_2526_2728_u64.to_le_bytes(), // client_order_id
        &0x3132_3334_3536_3738_u64.to_le_bytes(), // session_id
        &0x4142_4344_4546_4748_u64.to_le_bytes(), // key_id
        &58_500_000_000_i64.to_le_bytes(), // price
        &i64::MIN.to_le_bytes(),         // stop_price
        &10_000_000_000_u64.to_le_bytes(), // quantity
        b"AAPL\0\0\0\0\0\0\0\0\0\0\0\0", // symbol
        b"desk-7\0\0\0\0\0\0\0\0\0\0",   // account
        b"520\0\0\0\0\0",                // side, ord_type, time_in_force, reserved
    ]
    .concat();
    let orig = 0x5152_5354_5556_5758_u64.to_le_bytes();
    let replace = [&[112, 0, 2, 0, 1, 0, 0, 0], &new[HEADER..], &orig].concat();
    let cancel = [
        &[88, 0, 3, 0, 1, 0, 0, 0],
        &new[HEADER..HEADER + 40],
        &orig,
        &new[HEADER + 64..HEADER + 96],
        b"5\0\0\0\0\0\0\0",
    ]
    .concat();
    for (sample, bytes) in samples().iter().zip([&new, &replace, &cancel]) {
        assert_eq!(encoded(sample), *bytes);
        assert_eq!(decode(bytes), Ok(*sample));
    }
}

#[test]
fn every_truncation_and_extension_is_refused() {
    for sample in samples() {
        let signed = encoded(&sample);
        for length in 0..signed.len() {
            assert_eq!(decode(&signed[..length]), Err(Error::Order), "{length}");
        }
        assert_eq!(decode(&[&signed[..], &[0]].concat()), Err(Error::Order));

        for signature in [&[][..], &[7; 32], &[7; 4627]] {
            let whole = framed(&sample, signature);
            for length in 0..whole.len() {
                assert_eq!(parse(&whole[..length]), Err(Error::Order), "{length}");
            }
            assert_eq!(parse(&[&whole[..], &[0]].concat()), Err(Error::Order));
        }
    }
}

#[test]
fn a_signature_longer_than_any_suite_has_is_refused() {
    let signed = encoded(&samples()[0]);
    let mut out = vec![0; 0x2_0000];
    assert_eq!(frame(&signed, &[7; 4628], &mut out), Err(Error::Order));
    assert_eq!(frame(&signed, &[7; 0x1_0000], &mut out), Err(Error::Order));
    assert_eq!(frame(&signed, &[7; 32], &mut [0; 112 + 33]), Err(Error::Buffer));

    let too_long = [&signed[..], &4628_u16.to_le_bytes(), &[7; 4628]].concat();
    assert_eq!(parse(&too_long), Err(Error::Order));
}

#[test]
fn any_other_message_header_is_refused() {
    for sample in samples() {
        let signed = encoded(&sample);
        for (at, bit) in (0..HEADER).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut flipped = signed.clone();
            flipped[at] ^= 1 << bit;
            assert_eq!(decode(&flipped), Err(Error::Order), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn reserved_bytes_are_zero() {
    let [new, replace, cancel] = samples();
    for (sample, reserved) in [(new, 99..104), (replace, 99..104), (cancel, 81..88)] {
        for at in reserved {
            assert_eq!(decode(&patched(&encoded(&sample), at, &[1])), Err(Error::Order), "{at}");
        }
    }
}

#[test]
fn characters_are_in_their_sets() {
    let [new, replace, cancel] = samples();
    let refused_but = |sample: &Order, at: usize, valid: &[u8]| {
        let signed = encoded(sample);
        for character in (0..=255).filter(|character| !valid.contains(character)) {
            assert_eq!(decode(&patched(&signed, at, &[character])), Err(Error::Order), "{at}");
        }
    };
    for sample in [new, replace] {
        refused_but(&sample, 96, b"125");
        refused_but(&sample, 97, b"2"); // the others ask for other prices
        refused_but(&sample, 98, b"0134");
    }
    refused_but(&cancel, 80, b"125");
}

#[test]
fn text_is_graphic_ascii_then_nuls() {
    let [new, replace, cancel] = samples();
    for (sample, symbol, account) in [(new, 64, 80), (replace, 64, 80), (cancel, 48, 64)] {
        let signed = encoded(&sample);
        for at in [symbol, account] {
            for byte in (0..=255_u8).filter(|byte| *byte != 0 && !(0x21..=0x7E).contains(byte)) {
                assert_eq!(decode(&patched(&signed, at + 1, &[byte])), Err(Error::Order));
            }
            assert_eq!(decode(&patched(&signed, at + 1, &[0])), Err(Error::Order), "a hole");
            assert_eq!(decode(&patched(&signed, at + 15, b"x")), Err(Error::Order), "a tail");
            assert!(decode(&patched(&signed, at, &[b'~'; 16])).is_ok(), "all 16 bytes");
        }
        assert_eq!(decode(&patched(&signed, symbol, &[0; 16])), Err(Error::Order));
        assert!(decode(&patched(&signed, account, &[0; 16])).is_ok(), "no account");
    }
}

#[test]
fn prices_are_there_exactly_where_the_type_has_them() {
    for &ord_type in OrdType::ALL {
        for (price, stop_price) in [(false, false), (false, true), (true, false), (true, true)] {
            let valid = match ord_type {
                OrdType::Market => (false, false),
                OrdType::Limit => (true, false),
                OrdType::Stop => (false, true),
                OrdType::StopLimit => (true, true),
            } == (price, stop_price);
            let terms = Terms {
                ord_type,
                price: price.then_some(-5),
                stop_price: stop_price.then_some(-6),
                ..LIMIT
            };
            let bytes = |price: Option<i64>| price.unwrap_or(PRICE_NONE).to_le_bytes();
            for request in [Request::New(terms), Request::Replace(9, terms)] {
                let asked = order(request);
                let signed = encoded(&samples()[asked.template() as usize - 1]);
                let signed = patched(&signed, 40, &bytes(terms.price));
                let signed = patched(&signed, 48, &bytes(terms.stop_price));
                let signed = patched(&signed, 97, &[ord_type.fix()]);
                assert_eq!(decode(&signed).is_ok(), valid, "{terms:?}");
                assert_eq!(encode(&asked, &mut [0; SIGNED_MAX]).is_ok(), valid, "{terms:?}");
            }
        }
    }
}

#[test]
fn quantity_is_above_zero() {
    for sample in &samples()[..2] {
        assert_eq!(decode(&patched(&encoded(sample), 56, &[0; 8])), Err(Error::Order));
    }
}

#[test]
fn encode_refuses_what_decode_would_and_leaves_the_buffer() {
    let new = order(Request::New(LIMIT));
    let terms = |terms: Terms| order(Request::New(terms));
    let padded_symbol = |symbol: Text| Order { symbol, ..new };
    let refused = [
        padded_symbol([0; 16]),
        padded_symbol(*b"A\0PL\0\0\0\0\0\0\0\0\0\0\0\0"),
        padded_symbol(*b"A PL\0\0\0\0\0\0\0\0\0\0\0\0"),
        Order { account: [0xFF; 16], ..new },
        Order { account: *b"\0x\0\0\0\0\0\0\0\0\0\0\0\0\0\0", ..new },
        terms(Terms { quantity: 0, ..LIMIT }),
        terms(Terms { price: None, ..LIMIT }),
        terms(Terms { price: Some(PRICE_NONE), ..LIMIT }),
        terms(Terms { ord_type: OrdType::Market, ..LIMIT }),
        terms(Terms { ord_type: OrdType::StopLimit, stop_price: Some(PRICE_NONE), ..LIMIT }),
        Order { symbol: [0; 16], ..order(Request::Cancel(1)) },
    ];
    for order in refused {
        let mut out = [0xAA; SIGNED_MAX];
        assert_eq!(encode(&order, &mut out), Err(Error::Order), "{order:?}");
        assert_eq!(out, [0xAA; SIGNED_MAX]);
    }
}

#[test]
fn text_pads_and_unpads() {
    assert_eq!(text(b"AAPL"), Some(*b"AAPL\0\0\0\0\0\0\0\0\0\0\0\0"));
    assert_eq!(text(b""), Some([0; 16]));
    assert_eq!(text(&[b'x'; 16]), Some([b'x'; 16]));
    assert_eq!(text(&[b'x'; 17]), None);
    assert_eq!(text(b"A B"), None);
    assert_eq!(text(b"A\0"), None);
    assert_eq!(text_str(&text(b"BRK.B").unwrap()), "BRK.B");
    assert_eq!(text_str(&[b'x'; 16]), "xxxxxxxxxxxxxxxx");
}

fn any_text(shortest: usize) -> impl Strategy<Value = Text> {
    proptest::collection::vec(0x21..=0x7E_u8, shortest..=16).prop_map(|t| text(&t).unwrap())
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let types = proptest::sample::select(OrdType::ALL);
    let times = proptest::sample::select(TimeInForce::ALL);
    let price = PRICE_NONE + 1..=i64::MAX;
    (types, times, price.clone(), price, 1..=u64::MAX).prop_map(
        |(ord_type, time_in_force, price, stop_price, quantity)| Terms {
            ord_type,
            time_in_force,
            price: matches!(ord_type, OrdType::Limit | OrdType::StopLimit).then_some(price),
            stop_price: matches!(ord_type, OrdType::Stop | OrdType::StopLimit)
                .then_some(stop_price),
            quantity,
        },
    )
}

fn any_order() -> impl Strategy<Value = Order> {
    let request = prop_oneof![
        any_terms().prop_map(Request::New),
        (any::<u64>(), any_terms()).prop_map(|(orig, terms)| Request::Replace(orig, terms)),
        any::<u64>().prop_map(Request::Cancel),
    ];
    let side = proptest::sample::select(Side::ALL);
    (any::<[u64; 5]>(), any_text(1), any_text(0), side, request).prop_map(
        |(numbers, symbol, account, side, request)| {
            let [sequence, sending_time, client_order_id, session_id, key_id] = numbers;
            Order {
                sequence,
                sending_time,
                client_order_id,
                session_id,
                key_id,
                symbol,
                account,
                side,
                request,
            }
        },
    )
}

proptest! {
    #[test]
    fn orders_survive_to_the_byte(
        order in any_order(),
        signature in proptest::collection::vec(any::<u8>(), 0..=4627),
    ) {
        let signed = encoded(&order);
        prop_assert_eq!(decode(&signed), Ok(order));
        let whole = framed(&order, &signature);
        let taken_apart = parse(&whole).unwrap();
        prop_assert_eq!(taken_apart.order, order);
        prop_assert_eq!(taken_apart.signed, &signed[..]);
        prop_assert_eq!(taken_apart.signature, &signature[..]);
    }

    /// Whatever decodes has one encoding: no two byte strings are the same order.
    #[test]
    fn what_decodes_encodes_to_the_same_bytes(
        order in any_order(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut signed = encoded(&order);
        let at = at.index(signed.len());
        signed[at] = byte;
        if let Ok(decoded) = decode(&signed) {
            prop_assert_eq!(encoded(&decoded), signed);
        }
    }

    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = parse(&bytes);
    }
}

/// The published schema, scanned as plain text, against the codec.
mod schema {
    use super::*;

    const SCHEMA: &str = include_str!("../schema/orders.xml");

    /// Each element with this tag: from its first attribute to the end of its content.
    fn elements<'a>(xml: &'a str, tag: &str) -> Vec<&'a str> {
        let end = format!("</{tag}>");
        xml.split(&format!("<{tag}"))
            .skip(1)
            .filter(|element| element.starts_with(' '))
            .map(|element| element.split_once(&end).map_or(element, |(content, _)| content))
            .collect()
    }

    /// The element with this tag and this name attribute.
    fn named(tag: &str, name: &str) -> Option<&'static str> {
        elements(SCHEMA, tag).into_iter().find(|element| attribute(element, "name") == Some(name))
    }

    fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
        let (tag, _) = element.split_once('>')?;
        let (_, value) = tag.split_once(&format!(" {name}=\""))?;
        value.split_once('"').map(|(value, _)| value)
    }

    fn number(element: &str, name: &str) -> usize {
        attribute(element, name).and_then(|value| value.parse().ok()).expect(name)
    }

    /// Bytes on the wire of a `<type>`.
    fn primitive_size(element: &str) -> usize {
        let one = match attribute(element, "primitiveType").unwrap() {
            "char" | "int8" | "uint8" => 1,
            "uint16" => 2,
            "int64" | "uint64" => 8,
            other => panic!("{other}"),
        };
        match attribute(element, "presence") {
            Some("constant") => 0,
            _ => one * attribute(element, "length").map_or(1, |length| length.parse().unwrap()),
        }
    }

    /// Bytes on the wire of the named type, composite or enum.
    fn size(name: &str) -> usize {
        if let Some(composite) = named("composite", name) {
            elements(composite, "type").into_iter().map(primitive_size).sum()
        } else if let Some(values) = named("enum", name) {
            assert_eq!(attribute(values, "encodingType"), Some("char"));
            1
        } else {
            primitive_size(named("type", name).expect(name))
        }
    }

    /// What the field holds in the encoding of `order`.
    fn expected(order: &Order, field: &str) -> Vec<u8> {
        let terms = order.terms();
        match field {
            "sequence" => order.sequence.to_le_bytes().to_vec(),
            "sending_time" => order.sending_time.to_le_bytes().to_vec(),
            "client_order_id" => order.client_order_id.to_le_bytes().to_vec(),
            "session_id" => order.session_id.to_le_bytes().to_vec(),
            "key_id" => order.key_id.to_le_bytes().to_vec(),
            "orig_client_order_id" => order.orig_client_order_id().unwrap().to_le_bytes().to_vec(),
            "price" => terms.unwrap().price.unwrap().to_le_bytes().to_vec(),
            "stop_price" => terms.unwrap().stop_price.unwrap().to_le_bytes().to_vec(),
            "quantity" => terms.unwrap().quantity.to_le_bytes().to_vec(),
            "symbol" => order.symbol.to_vec(),
            "account" => order.account.to_vec(),
            "side" => vec![order.side.fix()],
            "ord_type" => vec![terms.unwrap().ord_type.fix()],
            "time_in_force" => vec![terms.unwrap().time_in_force.fix()],
            "reserved" => vec![0; if terms.is_some() { 5 } else { 7 }],
            other => panic!("{other}"),
        }
    }

    #[test]
    fn messages_are_the_codecs() {
        let terms = Terms {
            ord_type: OrdType::StopLimit,
            time_in_force: TimeInForce::GoodTillCancel,
            stop_price: Some(0x6162_6364_6566_6768),
            ..LIMIT
        };
        let messages = elements(SCHEMA, "sbe:message");
        assert_eq!(messages.len(), Template::ALL.len());
        let orders = [Request::New(terms), Request::Replace(9, terms), Request::Cancel(9)];
        for (message, order) in messages.iter().zip(orders.map(order)) {
            let signed = encoded(&order);
            let name = attribute(message, "name").unwrap();
            assert_eq!(name, format!("{:?}", order.template()));
            assert_eq!(number(message, "id"), order.template() as usize, "{name}");
            assert_eq!(number(message, "blockLength"), signed.len() - HEADER, "{name}");

            let mut end = 0;
            for field in elements(message, "field") {
                let (name, offset) = (attribute(field, "name").unwrap(), number(field, "offset"));
                assert_eq!(offset, end, "{name} follows the field before it");
                end += size(attribute(field, "type").unwrap());
                assert_eq!(signed[HEADER..][offset..end], expected(&order, name), "{name}");
            }
            assert_eq!(end, signed.len() - HEADER, "{name} has no more fields");
        }
    }

    #[test]
    fn header_values_and_sizes_are_the_codecs() {
        let schema = elements(SCHEMA, "sbe:messageSchema")[0];
        let signed = encoded(&samples()[0]);
        assert_eq!(size("messageHeader"), HEADER);
        assert_eq!(signed[4..6], (number(schema, "id") as u16).to_le_bytes());
        assert_eq!(signed[6..8], (number(schema, "version") as u16).to_le_bytes());
        assert_eq!(attribute(schema, "byteOrder"), Some("littleEndian"));
        let none = elements(named("composite", "OptionalPrice").unwrap(), "type")[0];
        assert_eq!(attribute(none, "nullValue").unwrap().parse(), Ok(PRICE_NONE));
        let length = elements(named("composite", "varData").unwrap(), "type")[0];
        assert_eq!(SIGNED_MAX + 2 + number(length, "maxValue"), FRAME_MAX);
    }

    #[test]
    fn enums_are_the_types() {
        let published = |name: &str| -> Vec<(String, u8)> {
            let values = named("enum", name).expect(name);
            elements(values, "validValue")
                .iter()
                .map(|value| {
                    let character = value.split_once('>').unwrap().1.as_bytes()[0];
                    (attribute(value, "name").unwrap().to_owned(), character)
                })
                .collect()
        };
        macro_rules! assert_published {
            ($($name:ident)*) => {$(
                let ours: Vec<_> = $name::ALL.iter().map(|v| (format!("{v:?}"), v.fix())).collect();
                assert_eq!(published(stringify!($name)), ours);
            )*};
        }
        assert_published!(Side OrdType TimeInForce);
    }
}
