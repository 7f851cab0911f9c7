//! Spans: names and fields of the plan, and a seed that is never told.

use tinywindow::order::{self, FRAME_MAX, Order, SIGNED_MAX};
use tinywindow::signing::{
    Context, Signer, Suite, Verifier, generate, key_id, keygen, keygen_from_entropy, public_key,
    sign, verify,
};

use crate::desk::*;
use crate::handles::{Handles, item};
use crate::seen::{Span, spans_of, turn};

/// What the plan promised: name and fields.
pub const PLAN: &[(&str, &[&str])] = &[
    ("encryption.keygen", &["seed", "key_size"]),
    ("encryption.sign", &["key_size", "payload_size"]),
    ("encryption.verify", &["key_size", "payload_size", "sig_size"]),
    ("exec.send_order", &["order_size", "order_id"]),
    ("exec.pre_trade_check", &["order_size"]),
];

fn span(name: &str, fields: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let fields = fields.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    (name.to_owned(), fields.collect())
}

fn told(spans: &[Span]) -> Vec<(String, Vec<(String, String)>)> {
    let fields =
        |span: &Span| span.fields.iter().map(|(n, v)| (n.to_string(), v.clone())).collect();
    spans.iter().map(|span| (span.name.to_owned(), fields(span))).collect()
}

#[test]
fn keys_and_signatures() {
    let _turn = turn();
    let spans = spans_of(|| {
        let key = keygen(Suite::HmacSha256, 0x1234_5678);
        let signature = sign(&key, b"payload").unwrap();
        assert!(verify(&key, b"payload", &signature));
        keygen_from_entropy(Suite::Ed25519, &[7; 32]);
        let key = generate(Suite::Ed25519).unwrap();
        let signature = Signer::new(&key).unwrap().sign(Context::Payload, b"").unwrap();
        let key = public_key(&key).unwrap();
        Verifier::new(&key).unwrap().verify(Context::Payload, b"", &signature).unwrap();
    });
    let keygen = span("encryption.keygen", &[("seed", "\"[redacted]\""), ("key_size", "40")]);
    let expected = [
        keygen.clone(),
        span("encryption.sign", &[("key_size", "40"), ("payload_size", "7")]),
        span("encryption.verify", &[("key_size", "40"), ("payload_size", "7"), ("sig_size", "32")]),
        keygen.clone(),
        keygen,
        span("encryption.sign", &[("key_size", "40"), ("payload_size", "0")]),
        span("encryption.verify", &[("key_size", "40"), ("payload_size", "0"), ("sig_size", "64")]),
    ];
    assert_eq!(told(&spans), expected);
}

/// One for each item, also where two are signed at once.
#[test]
fn batches() {
    let _turn = turn();
    let handles = Handles::new(&keygen(Suite::HmacSha256, 1));
    let payloads = [&[1; 300][..], &[2; 400], b"short"].map(item);
    let spans = spans_of(|| {
        let (signatures, _) = handles.sign(&payloads);
        handles.verify(&payloads, &[0, 1, 2].map(|index| item(&signatures[index])));
    });
    let of = |name, others: &[_]| {
        ["300", "400", "5"].map(|size| {
            span(name, &[&[("key_size", "40"), ("payload_size", size)], others].concat())
        })
    };
    let (signed, verified) =
        (of("encryption.sign", &[]), of("encryption.verify", &[("sig_size", "32")]));
    assert_eq!(told(&spans), [signed, verified].concat());
}

#[test]
fn orders() {
    let _turn = turn();
    let desk = Desk::open(&config(&[]));
    let frames = [1, 2, 3, 4].map(|price| desk.frame(buy(price, 1)));
    let size = frames[0].len().to_string();
    let spans = spans_of(|| {
        desk.gateway.pre_trade_check(&frames[0]).unwrap();
        desk.send_frame(&frames[0]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(desk.gateway.send_order(&frames[1])).unwrap();
        desk.gateway.submit(&frames[2], 1).unwrap();
        assert!(desk.send_frame(b"no frame").is_err());
    });
    let verification = span(
        "encryption.verify",
        &[("key_size", "40"), ("payload_size", "112"), ("sig_size", "32")],
    );
    let send = |id| span("exec.send_order", &[("order_size", &size), ("order_id", id)]);
    let expected = [
        span("exec.pre_trade_check", &[("order_size", &size)]),
        verification.clone(),
        send("1"),
        verification.clone(),
        send("2"),
        verification.clone(),
        send("3"),
        verification,
        span("exec.send_order", &[("order_size", "8")]),
    ];
    assert_eq!(told(&spans), expected);
    let within: Vec<_> = spans.iter().filter_map(|span| span.within).collect();
    let send = "exec.send_order";
    assert_eq!(within, ["exec.pre_trade_check", send, send, send], "verification is a part of it");
}

/// What the plan promised, and the page.
#[test]
fn names_and_fields_are_the_plans() {
    let _turn = turn();
    let desk = Desk::open(&config(&[]));
    let spans = spans_of(|| {
        let frame = desk.frame(buy(100, 1));
        desk.gateway.pre_trade_check(&frame).unwrap();
        desk.send_frame(&frame).unwrap();
        generate(Suite::HmacSha256).unwrap();
    });
    let page = include_str!("../../docs/OBSERVABILITY.md");
    for (name, fields) in PLAN {
        let span = spans.iter().find(|span| span.name == *name).expect(name);
        let told: Vec<_> = span.fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(told, *fields);
        let fields: Vec<_> = fields.iter().map(|name| format!("`{name}`")).collect();
        assert!(page.contains(&format!("| `{name}` | {} |\n", fields.join(", "))), "{name}");
    }
    assert!(spans.iter().all(|span| PLAN.iter().any(|(name, _)| span.name == *name)));
}

/// A stranger must not learn from the time of an answer whether a session has a key, so the same
/// is computed whatever is wrong: the span of each verification tells with what key.
#[test]
fn what_is_refused_is_verified_alike_whether_the_key_is_known_or_not() {
    let _turn = turn();
    let desk = Desk::open(&config(&[]));
    let sizes = |suite: Suite| suite.public_key_size().unwrap_or(suite.secret_key_size());
    for &of_session in Suite::ALL {
        let known = keygen(of_session, 77);
        let public = public_key(&known).unwrap_or_else(|_| known.to_vec());
        desk.gateway.add_key(1, &public).unwrap();
        let known = key_id(&known).unwrap();
        for &of_frame in Suite::ALL {
            let verified = |session_id, key_id| {
                let order = desk.fill_in(Order { key_id, ..of(session_id, buy(1, 1)) });
                let frame = unsigned(&order, of_frame.signature_size());
                told(&spans_of(|| assert!(desk.gateway.pre_trade_check(&frame).is_err())))
            };
            let expected = verified(1, known);
            let (sig_size, key_size) = (of_frame.signature_size(), sizes(of_frame));
            let fields = [("key_size", key_size), ("payload_size", 112), ("sig_size", sig_size)]
                .map(|(name, size)| (name.to_owned(), size.to_string()));
            assert_eq!(expected[1..], [("encryption.verify".to_owned(), fields.to_vec())]);
            for (session_id, key_id) in [(1, known ^ 1), (2, known), (99, known)] {
                assert_eq!(verified(session_id, key_id), expected, "{of_session:?} {of_frame:?}");
            }
        }
    }
}

/// The order as a frame with a signature of zeros.
fn unsigned(order: &Order, signature_size: usize) -> Vec<u8> {
    let mut signed = [0; SIGNED_MAX];
    let length = order::encode(order, &mut signed).unwrap();
    let mut frame = vec![0; FRAME_MAX];
    let length = order::frame(&signed[..length], &vec![0; signature_size], &mut frame).unwrap();
    frame.truncate(length);
    frame
}
