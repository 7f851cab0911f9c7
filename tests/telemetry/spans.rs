//! Spans: names and fields of the plan, and a seed that is never told.

use tinywindow::signing::{
    Context, Signer, Suite, Verifier, generate, keygen, keygen_from_entropy, public_key, sign,
    verify,
};

use crate::desk::*;
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
