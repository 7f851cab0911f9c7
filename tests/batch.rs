//! Batches, through the C ABI: each item has the result that it would have alone, whatever stands
//! beside it.

use std::ptr;

use handles::{Handles, item};
use proptest::prelude::*;
use tinywindow::ffi::{TW_ERR_NULL, TW_ERR_PAYLOAD, TW_ERR_SIGNATURE, TW_OK, tw_bytes};
use tinywindow::signing::{
    Context, HEADER_SIZE, Kind, Signer, Suite, Usage, import, keygen_from_entropy,
};

#[path = "support/handles.rs"]
mod handles;

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Every length of up to three blocks beside every other: all that can be absorbed in turn, and all
/// that is left of one and the other then.
#[test]
fn two_messages_of_every_length() {
    let key = keygen_from_entropy(Suite::HmacSha256, &[7; 32]);
    let (handles, signer) = (Handles::new(&key), Signer::new(&key).unwrap());
    let bytes: Vec<u8> = (0..=255).collect();
    let [left, right] =
        [0, 1].map(|from| (0..=3 * BLOCK + 1).map(move |len| from..from + len).collect::<Vec<_>>());
    let messages: Vec<&[u8]> = left
        .iter()
        .flat_map(|left| right.iter().flat_map(move |right| [left, right]))
        .map(|range| &bytes[range.clone()])
        .collect();
    let payloads: Vec<tw_bytes> = messages.iter().map(|message| item(message)).collect();
    let (mut signatures, results) = handles.sign(&payloads);
    assert_eq!(messages.len(), 2 * 194 * 194);
    assert!(results.iter().all(|&result| result == TW_OK));
    for (message, signature) in messages.iter().zip(&signatures) {
        assert_eq!(**signature, *signer.sign(Context::Payload, message).unwrap());
    }
    // Of five one is forged: at either place, beside a good one and beside none.
    signatures.iter_mut().step_by(5).for_each(|signature| signature[31] ^= 1);
    let signed: Vec<tw_bytes> = signatures.iter().map(|signature| item(signature)).collect();
    for (index, result) in handles.verify(&payloads, &signed).into_iter().enumerate() {
        assert_eq!(result, if index % 5 == 0 { TW_ERR_SIGNATURE } else { TW_OK });
    }
}

/// What an item of a batch may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    Good,
    Nothing,
    LooksFramed,
    Forged,
    Cut,
}

fn items() -> impl Strategy<Value = Vec<(Choice, Vec<u8>)>> {
    use Choice::*;
    let around_blocks = (0_usize..20, 0_usize..3).prop_map(|(blocks, at)| blocks * BLOCK + at);
    let bytes = around_blocks.prop_flat_map(|len| prop::collection::vec(any::<u8>(), len));
    let choice = prop_oneof![6 => Just(Good), 1 => Just(Nothing), 1 => Just(LooksFramed),
        1 => Just(Forged), 1 => Just(Cut)];
    prop::collection::vec((choice, bytes), 0..10)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn an_item_has_the_result_that_it_has_alone(
        suite in prop::sample::select(Suite::ALL),
        is_raw: bool,
        entropy: [u8; 32],
        mut items in items(),
    ) {
        let framed = keygen_from_entropy(suite, &entropy);
        let raw = import(suite, Kind::Secret, Usage::Raw, &framed[HEADER_SIZE..]).unwrap();
        let key = if is_raw { raw } else { framed };
        for (_, bytes) in items.iter_mut().filter(|(choice, _)| *choice == Choice::LooksFramed) {
            bytes.splice(..0, *b"TW1\x0ctinywindow/x");
        }
        let (handles, signer) = (Handles::new(&key), Signer::new(&key).unwrap());
        let payloads: Vec<tw_bytes> = items.iter().map(|(choice, bytes)| match choice {
            Choice::Nothing => tw_bytes { data: ptr::null(), len: bytes.len() + 1 },
            _ => item(bytes),
        }).collect();
        let (mut signatures, results) = handles.sign(&payloads);
        for (index, (choice, bytes)) in items.iter().enumerate() {
            let alone = match choice {
                Choice::Nothing => Err(TW_ERR_NULL),
                _ => signer.sign(Context::Payload, bytes).map_err(|error| error.number() as i32),
            };
            let refuses = is_raw && matches!(suite, Suite::HmacSha256 | Suite::Ed25519);
            if refuses && *choice == Choice::LooksFramed {
                prop_assert_eq!(alone.as_ref().err(), Some(&TW_ERR_PAYLOAD));
            }
            prop_assert_eq!(results[index], alone.as_ref().err().copied().unwrap_or(TW_OK));
            let zeros = vec![0; suite.signature_size()];
            prop_assert_eq!(&signatures[index], &alone.map_or(zeros, |signature| signature.to_vec()));
        }
        for ((choice, _), signature) in items.iter().zip(&mut signatures) {
            match choice {
                Choice::Forged => signature[0] ^= 1,
                Choice::Cut => drop(signature.pop()),
                _ => {}
            }
        }
        let signed: Vec<tw_bytes> = signatures.iter().map(|signature| item(signature)).collect();
        let verdicts = handles.verify(&payloads, &signed);
        for (((choice, _), signed), verdict) in items.iter().zip(results).zip(verdicts) {
            let expected = match choice {
                Choice::Nothing => TW_ERR_NULL,
                Choice::Good | Choice::LooksFramed if signed == TW_OK => TW_OK,
                _ => TW_ERR_SIGNATURE,
            };
            prop_assert_eq!(verdict, expected);
        }
    }
}
