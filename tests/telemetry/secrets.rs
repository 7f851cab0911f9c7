//! Nothing that can be seen from outside has a byte of a key in it.

use std::fmt::{Debug, Write};
use std::time::Duration;

use tinywindow::config::Config;
use tinywindow::gateway::{Completion, ExecError, HaltScope, Options};
use tinywindow::order;
use tinywindow::signing::{
    Context, Key, Kind, Signer, Suite, Usage, Verifier, generate, import, keygen,
    keygen_from_entropy, public_key, sign, verify, verify_truncated,
};
use tinywindow::telemetry::{Level, metrics_text};
use tinywindow::{Error, Gateway, Reason};

use crate::desk::*;
use crate::search::Secrets;
use crate::seen::{events_of, spans_of, turn};

const SEED: u64 = 7_302_914_455_618_203_977;
const ENTROPY: [u8; 32] = *b"Zq7#vK1$wJ9^xH3&yG5*uF8(tD2)sB6=";

/// Where everything that is shown is gathered.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn debug(&mut self, value: &dyn Debug) {
        write!(self.0, "{value:?}\n{value:#?}\n").unwrap();
    }
}

fn keys() -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for &suite in Suite::ALL {
        keys.push(keygen(suite, SEED).to_vec());
        keys.push(keygen_from_entropy(suite, &ENTROPY).to_vec());
        keys.push(generate(suite).unwrap().to_vec());
    }
    let raw = import(Suite::HmacSha256, Kind::Secret, Usage::Raw, b"Mx4%Rk8@Pn2!Lj6?Hg0+Cd5-Vb3~");
    keys.push(raw.unwrap().to_vec());
    keys
}

/// Everything that can be done with a key, done well and badly.
fn use_key(key: &[u8], shown: &mut Shown) {
    shown.debug(&Key::parse(key));
    shown.debug(&Key::parse(&key[1..]).map(drop));
    let (signer, verifier) = (Signer::new(key).unwrap(), Verifier::new(key).unwrap());
    shown.debug(&(&signer, &verifier));
    let signature = signer.sign(Context::Payload, b"payload").unwrap();
    shown.debug(&signature);
    assert!(verify(key, b"payload", &signature));
    let other = public_key(key).unwrap_or_else(|_| key.to_vec());
    shown.debug(&verifier.verify(Context::Payload, b"another", &signature));
    shown.debug(&verifier.verify(Context::Custom(b"tinywindow/"), b"payload", &signature));
    shown.debug(&sign(&other, b"payload").map(drop));
    shown.debug(&sign(&key[..20], b"payload").map(drop));
    shown.debug(&verify_truncated(key, b"payload", &signature[..16]));
    shown.debug(&Signer::new(&key[..20]).map(drop));
}

/// A gateway's day, with forged frames and keys that are refused.
fn use_gateway(keys: &[Vec<u8>], shown: &mut Shown) {
    let folder = Folder::new();
    let text = folder.config(&[]);
    shown.debug(&Config::parse(&text));
    shown.debug(&Options::default());
    let desk = Desk::open(&text);
    shown.debug(&desk.gateway);
    let signers: Vec<_> = keys.iter().map(|key| Signer::new(key).unwrap()).collect();
    for (key, signer) in keys.iter().zip(&signers) {
        let other = public_key(key).unwrap_or_else(|_| key.to_vec());
        shown.debug(&desk.gateway.add_key(1, &other));
        shown.debug(&desk.gateway.add_key(1, &other));
        shown.debug(&desk.gateway.add_key(99, key));
        if signer.usage() == Usage::Framed {
            let order = desk.fill_in(buy(100, 1));
            let frame = crate::desk::sign(signer, &order);
            shown.debug(&order::parse(&frame).map(|frame| frame.order));
            shown.debug(&desk.gateway.pre_trade_check(&frame));
            shown.debug(&desk.gateway.send_order(&frame));
            for bit in [1, 2] {
                let mut forged = frame.clone();
                *forged.last_mut().unwrap() ^= bit;
                shown.debug(&desk.send_frame(&forged));
            }
            shown.debug(&desk.send_frame(&frame));
            shown.debug(&desk.gateway.submit(&frame, 3));
        }
    }
    shown.debug(&desk.gateway.keys(1));
    shown.debug(&desk.gateway.halt(HaltScope::Gateway));
    shown.debug(&desk.try_send(buy(100, 1)));
    shown.debug(&desk.gateway.order_status(1, 1));
    let mut completions: Vec<Completion> = Vec::new();
    shown.debug(&desk.gateway.poll(&mut completions, 100, Duration::ZERO));
    shown.debug(&completions);
    for signer in &signers {
        shown.debug(&desk.gateway.retire_key(1, signer.key_id()));
    }
    shown.debug(&desk.gateway.close());
    shown.debug(&Gateway::open("no configuration").map(drop));
}

#[test]
fn nothing_shown_has_a_part_of_a_key() {
    let _turn = turn();
    let mut shown = Shown::default();
    let mut all_keys = Vec::new();
    let mut events = Vec::new();
    let spans = spans_of(|| {
        events = events_of(Level::Info, || {
            all_keys = keys();
            all_keys.iter().for_each(|key| use_key(key, &mut shown));
            use_gateway(&all_keys, &mut shown);
        });
    });
    assert!(spans.len() > 50 && events.len() > 15, "{} {}", spans.len(), events.len());
    shown.debug(&spans);
    shown.debug(&events);
    events.iter().for_each(|event| writeln!(shown.0, "{event}").unwrap());
    for error in Error::ALL {
        write!(shown.0, "{error} {}", ExecError::Refused(*error)).unwrap();
    }
    Reason::ALL.iter().for_each(|reason| write!(shown.0, "{reason} ").unwrap());
    shown.0.push_str(&metrics_text());

    let mut secrets = Secrets::default();
    all_keys.iter().for_each(|key| secrets.add_key("key", key));
    SESSIONS.iter().for_each(|&id| secrets.add_key("key of a session", &key(id)));
    secrets.add("entropy", &ENTROPY);
    secrets.add_seed("seed", SEED);
    let found = secrets.found_in(shown.0.as_bytes());
    assert!(found.is_empty(), "{found:?} in {}", shown.0);
}
