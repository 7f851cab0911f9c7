//! ML-DSA and its composite, beside other implementations. Signing draws until a signature is
//! short enough: each contender signs the same many payloads in turn, and all but AWS-LC, which
//! hedges, draw the same for them.

use std::cell::Cell;

use tinywindow::signing::{self, Context, HEADER_SIZE, Signer, Suite, Verifier};

use crate::library::Shared;
use crate::rounds::{Contender, Effort, Measured, compare};

const PAYLOADS: usize = 64;
const PAYLOAD_SIZE: usize = 200;
const SIGNATURE_MAX: usize = 4627;
const NO_CONTEXT: &[u8] = b"";

pub fn run(shared: &Shared, effort: Effort) {
    // As long as some signatures, and fewer of these.
    let effort = Effort { rounds: effort.rounds.div_ceil(4), slice: effort.slice * 20, ..effort };
    for suite in [Suite::MlDsa44, Suite::MlDsa65, Suite::MlDsa87, Suite::MlDsa65Ed25519] {
        let name = suite.name();
        table(&format!("{name}, prepared key: sign"), effort, sign(shared, suite));
        table(&format!("{name}, prepared key: verify"), effort, verify(shared, suite));
        table(&format!("{name}, from key bytes: sign"), effort, sign_bytes(shared, suite));
        table(&format!("{name}, from key bytes: verify"), effort, verify_bytes(shared, suite));
    }
}

fn table(title: &str, effort: Effort, mut contenders: Vec<Contender<'_>>) {
    println!("\n### {title}\n\n| 200 B | µs | ratio |\n|---|---:|---:|");
    let measured = compare(effort, &mut contenders);
    for (contender, Measured { median, ratio, .. }) in contenders.iter().zip(measured) {
        println!("| {} | {:.1} | {ratio:.2} |", contender.name, median / 1000.0);
    }
}

/// Payloads that take turns.
struct Turns {
    payloads: Vec<[u8; PAYLOAD_SIZE]>,
    last: Cell<usize>,
}

impl Turns {
    fn new() -> Turns {
        let payloads = (0..PAYLOADS).map(|i| [i as u8; PAYLOAD_SIZE]).collect();
        Turns { payloads, last: Cell::new(0) }
    }

    fn next(&self) -> &[u8] {
        &self.payloads[self.turn()]
    }

    fn turn(&self) -> usize {
        self.last.set((self.last.get() + 1) % PAYLOADS);
        self.last.get()
    }
}

/// Signed payloads that take turns.
struct Signed {
    turns: Turns,
    signatures: Vec<Vec<u8>>,
}

impl Signed {
    fn new(sign: impl Fn(&[u8]) -> Vec<u8>) -> Signed {
        let turns = Turns::new();
        let signatures = turns.payloads.iter().map(|payload| sign(payload)).collect();
        Signed { turns, signatures }
    }

    fn next(&self) -> (&[u8], &[u8]) {
        let turn = self.turns.turn();
        (&self.turns.payloads[turn], &self.signatures[turn])
    }
}

/// Calls `$macro` with the parameter set of a suite, in the spelling of each peer.
macro_rules! with_set {
    ($suite:expr, $macro:ident($($argument:tt)*)) => {
        match $suite {
            Suite::MlDsa44 => $macro!(ml_dsa_44, MlDsa44, ML_DSA_44, ML_DSA_44_SIGNING, $($argument)*),
            Suite::MlDsa65 => $macro!(ml_dsa_65, MlDsa65, ML_DSA_65, ML_DSA_65_SIGNING, $($argument)*),
            Suite::MlDsa87 => $macro!(ml_dsa_87, MlDsa87, ML_DSA_87, ML_DSA_87_SIGNING, $($argument)*),
            _ => Vec::new(),
        }
    };
}

fn key(suite: Suite) -> &'static [u8] {
    Vec::leak(signing::keygen(suite, 1).to_vec())
}

fn seed(key: &[u8]) -> [u8; 32] {
    key[HEADER_SIZE..].try_into().expect("32 bytes")
}

fn sign<'a>(shared: &'a Shared, suite: Suite) -> Vec<Contender<'a>> {
    let key = key(suite);
    let (signer, library) = (Signer::new(key).unwrap(), shared.signer(key));
    let (ours, theirs) = (Turns::new(), Turns::new());
    let mut out = vec![0; SIGNATURE_MAX];
    let mut contenders = vec![
        Contender::new("Rust API", move || signer.sign(Context::Payload, ours.next()).unwrap()),
        Contender::new("C ABI", move || library.sign_into(theirs.next(), &mut out)),
    ];
    macro_rules! peers {
        ($module:ident, $type:ident, $verify:ident, $sign:ident, $key:expr) => {{
            use aws_lc_rs::signature::{$sign, PqdsaKeyPair};
            use fips204::traits::{KeyGen, Signer as _};
            let seed = seed($key);
            let libcrux = libcrux_ml_dsa::$module::generate_key_pair(seed);
            let rust_crypto = ml_dsa::SigningKey::<ml_dsa::$type>::from_seed(&seed.into());
            let (_, fips204) = fips204::$module::KG::keygen_from_seed(&seed);
            let aws_lc = PqdsaKeyPair::from_seed(&$sign, &seed).unwrap();
            let turns = [(); 4].map(|()| Turns::new());
            let [for_libcrux, for_rust_crypto, for_fips204, for_aws_lc] = turns;
            let mut out = vec![0; SIGNATURE_MAX];
            vec![
                Contender::new("`libcrux-ml-dsa`, expanded key", move || {
                    let payload = for_libcrux.next();
                    libcrux_ml_dsa::$module::sign(&libcrux.signing_key, payload, NO_CONTEXT, [0; 32])
                }),
                Contender::new("`ml-dsa`, expanded key and matrix", move || {
                    let key = rust_crypto.expanded_key();
                    key.sign_deterministic(for_rust_crypto.next(), NO_CONTEXT).unwrap().encode()
                }),
                Contender::new("`fips204`, expanded key", move || {
                    fips204.try_sign_with_seed(&[0; 32], for_fips204.next(), NO_CONTEXT).unwrap()
                }),
                Contender::new("`aws-lc-rs`, expanded key, hedged", move || {
                    aws_lc.sign(for_aws_lc.next(), &mut out).unwrap()
                }),
            ]
        }};
    }
    contenders.extend(with_set!(suite, peers(key)));
    contenders
}

fn verify<'a>(shared: &'a Shared, suite: Suite) -> Vec<Contender<'a>> {
    let secret = key(suite);
    let public: &'static [u8] = Vec::leak(signing::public_key(secret).unwrap());
    let (verifier, library) = (Verifier::new(public).unwrap(), shared.verifier(public));
    let framed = || Signed::new(|payload| signing::sign(secret, payload).unwrap());
    let (ours, theirs) = (framed(), framed());
    let mut contenders = vec![
        Contender::new("Rust API", move || {
            let (payload, signature) = ours.next();
            verifier.verify(Context::Payload, payload, signature).unwrap()
        }),
        Contender::new("C ABI", move || {
            let (payload, signature) = theirs.next();
            library.verify(payload, signature)
        }),
    ];
    macro_rules! peers {
        ($module:ident, $type:ident, $verify:ident, $sign:ident, $key:expr) => {{
            use aws_lc_rs::signature::{$verify, UnparsedPublicKey};
            use fips204::traits::{KeyGen, Verifier as _};
            let seed = seed($key);
            let libcrux = libcrux_ml_dsa::$module::generate_key_pair(seed);
            let bare = || {
                Signed::new(|payload| {
                    let key = &libcrux.signing_key;
                    let signature =
                        libcrux_ml_dsa::$module::sign(key, payload, NO_CONTEXT, [0; 32]).unwrap();
                    signature.as_slice().to_vec()
                })
            };
            let (for_libcrux, for_rust_crypto, for_fips204, for_aws_lc) =
                (bare(), bare(), bare(), bare());
            let rust_crypto =
                ml_dsa::VerifyingKey::<ml_dsa::$type>::decode(&public[HEADER_SIZE..].try_into().unwrap());
            let (fips204, _) = fips204::$module::KG::keygen_from_seed(&seed);
            let aws_lc = UnparsedPublicKey::new(&$verify, &public[HEADER_SIZE..]);
            vec![
                Contender::new("`libcrux-ml-dsa`", move || {
                    let (payload, signature) = for_libcrux.next();
                    let signature = libcrux_ml_dsa::MLDSASignature::new(signature.try_into().unwrap());
                    let key = &libcrux.verification_key;
                    libcrux_ml_dsa::$module::verify(key, payload, NO_CONTEXT, &signature).unwrap()
                }),
                Contender::new("`ml-dsa`, matrix expanded", move || {
                    let (payload, signature) = for_rust_crypto.next();
                    let signature = ml_dsa::Signature::try_from(signature).unwrap();
                    assert!(rust_crypto.verify_with_context(payload, NO_CONTEXT, &signature))
                }),
                Contender::new("`fips204`", move || {
                    let (payload, signature) = for_fips204.next();
                    assert!(fips204.verify(payload, signature.try_into().unwrap(), NO_CONTEXT))
                }),
                Contender::new("`aws-lc-rs`", move || {
                    let (payload, signature) = for_aws_lc.next();
                    aws_lc.verify(payload, signature).unwrap()
                }),
            ]
        }};
    }
    contenders.extend(with_set!(suite, peers(secret)));
    contenders
}

fn sign_bytes<'a>(shared: &'a Shared, suite: Suite) -> Vec<Contender<'a>> {
    let key = key(suite);
    let (ours, theirs) = (Turns::new(), Turns::new());
    let mut out = vec![0; SIGNATURE_MAX];
    let mut contenders = vec![
        Contender::new("Rust API", move || signing::sign(key, ours.next()).unwrap()),
        Contender::new("C ABI", move || shared.sign_into(key, theirs.next(), &mut out)),
    ];
    macro_rules! peers {
        ($module:ident, $type:ident, $verify:ident, $sign:ident, $key:expr) => {{
            let (seed, turns) = (seed($key), Turns::new());
            vec![Contender::new("`libcrux-ml-dsa`", move || {
                let pair = libcrux_ml_dsa::$module::generate_key_pair(seed);
                let payload = turns.next();
                libcrux_ml_dsa::$module::sign(&pair.signing_key, payload, NO_CONTEXT, [0; 32])
            })]
        }};
    }
    contenders.extend(with_set!(suite, peers(key)));
    contenders
}

fn verify_bytes<'a>(shared: &'a Shared, suite: Suite) -> Vec<Contender<'a>> {
    let secret = key(suite);
    let public: &'static [u8] = Vec::leak(signing::public_key(secret).unwrap());
    let signed = || Signed::new(|payload| signing::sign(secret, payload).unwrap());
    let (ours, theirs) = (signed(), signed());
    vec![
        Contender::new("Rust API", move || {
            let (payload, signature) = ours.next();
            assert!(signing::verify(public, payload, signature))
        }),
        Contender::new("C ABI", move || {
            let (payload, signature) = theirs.next();
            shared.verify(public, payload, signature)
        }),
    ]
}
