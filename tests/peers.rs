//! Keys and signatures of independent implementations, both ways, in random cases of one seed:
//! AWS-LC (whose ML-DSA is hedged) and `ed25519-dalek`. tests/python/test_peers.py has more.

use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87,
    ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
    UnparsedPublicKey,
};
use ed25519_dalek::Signer as _;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tinywindow::Error;
use tinywindow::signing::{
    Context, HEADER_SIZE, Kind, Signer, Suite, Usage, Verifier, import, public_key,
};

const CASES: usize = 500;

struct Case {
    seed: [u8; 32],
    payload: Vec<u8>,
    bit: usize,
}

fn cases(suite: Suite) -> impl Iterator<Item = Case> {
    let mut random = ChaCha20Rng::from_seed([suite.number() as u8; 32]);
    (0..CASES).map(move |_| {
        let mut case = Case { seed: [0; 32], payload: Vec::new(), bit: 0 };
        random.fill_bytes(&mut case.seed);
        case.payload.resize(random.next_u32() as usize % 600, 0);
        random.fill_bytes(&mut case.payload);
        case.bit = random.next_u32() as usize % (8 * suite.signature_size());
        case
    })
}

fn flipped(signature: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = signature.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

fn ml_dsa(
    suite: Suite,
    signing: &'static PqdsaSigningAlgorithm,
    verification: &'static PqdsaVerificationAlgorithm,
) {
    for Case { seed, payload, bit } in cases(suite) {
        let key = import(suite, Kind::Secret, Usage::Raw, &seed).unwrap();
        let half = public_key(&key).unwrap();
        let theirs = PqdsaKeyPair::from_seed(signing, &seed).unwrap();
        assert_eq!(half[HEADER_SIZE..], *theirs.public_key().as_ref());

        let mut signature = vec![0; suite.signature_size()];
        assert_eq!(theirs.sign(&payload, &mut signature).unwrap(), signature.len());
        let verifier = Verifier::new(&half).unwrap();
        let verify = |signature: &[u8]| verifier.verify(Context::Payload, &payload, signature);
        assert_eq!(verify(&signature), Ok(()));
        assert_eq!(verify(&flipped(&signature, bit)), Err(Error::Signature));

        let ours = Signer::new(&key).unwrap().sign(Context::Payload, &payload).unwrap();
        let peer = UnparsedPublicKey::new(verification, &half[HEADER_SIZE..]);
        assert!(peer.verify(&payload, &ours).is_ok());
        assert!(peer.verify(&payload, &flipped(&ours, bit)).is_err());
    }
}

#[test]
fn ml_dsa_of_aws_lc() {
    ml_dsa(Suite::MlDsa44, &ML_DSA_44_SIGNING, &ML_DSA_44);
    ml_dsa(Suite::MlDsa65, &ML_DSA_65_SIGNING, &ML_DSA_65);
    ml_dsa(Suite::MlDsa87, &ML_DSA_87_SIGNING, &ML_DSA_87);
}

#[test]
fn ed25519_of_dalek() {
    for Case { seed, payload, bit } in cases(Suite::Ed25519) {
        let key = import(Suite::Ed25519, Kind::Secret, Usage::Raw, &seed).unwrap();
        let half = public_key(&key).unwrap();
        let theirs = ed25519_dalek::SigningKey::from_bytes(&seed);
        assert_eq!(half[HEADER_SIZE..], theirs.verifying_key().to_bytes());
        let ours = Signer::new(&key).unwrap().sign(Context::Payload, &payload).unwrap();
        assert_eq!(*ours, theirs.sign(&payload).to_bytes());
        let changed = flipped(&ours, bit);
        let verdict = Verifier::new(&half).unwrap().verify(Context::Payload, &payload, &changed);
        assert_eq!(verdict, Err(Error::Signature));
    }
}
