//! Batches through the C ABI, of every suite: each item has the result that it would have alone, and
//! whatever lies behind a pointer is read as far as its length says and no further.

#![no_main]

use std::ptr;

use libfuzzer_sys::fuzz_target;
use tinywindow::ffi::{
    TW_ERR_NULL, TW_ERR_SIGNATURE, TW_OK, tw_bytes, tw_signer, tw_signer_free, tw_signer_new,
    tw_signer_sign, tw_signer_sign_batch, tw_status, tw_verifier, tw_verifier_free,
    tw_verifier_new, tw_verifier_verify, tw_verifier_verify_batch,
};
use tinywindow::signing::{self, Suite};

/// Enough for every order of good and bad ones.
const ITEMS_MAX: usize = 8;
/// What an item may be, by the first of its two bytes; the second is its length.
const NOTHING: u8 = 0;
const CUT: u8 = 1;
const FLIPPED: u8 = 2;

// A suite's number, for each item two bytes and a payload. Payloads are copied, so that
// AddressSanitizer sees who reads behind them.
fuzz_target!(|input: &[u8]| {
    let Some((&[suite], input)) = input.split_first_chunk() else { return };
    let Some(suite) = Suite::from_number(suite.into()) else { return };
    let pair = Pair::new(suite);
    let items = items(input);
    let payloads: Vec<tw_bytes> = items.iter().map(Item::payload).collect();
    let mut signatures = pair.sign(&payloads);
    for (item, signature) in items.iter().zip(&mut signatures) {
        match item.choice {
            CUT => drop(signature.pop()),
            FLIPPED => signature[0] ^= 1,
            _ => {}
        }
    }
    pair.verify(&items, &payloads, &signatures);
});

struct Item {
    choice: u8,
    bytes: Box<[u8]>,
}

impl Item {
    fn payload(&self) -> tw_bytes {
        let data = if self.choice == NOTHING { ptr::null() } else { self.bytes.as_ptr() };
        tw_bytes { data, len: self.bytes.len() }
    }

    fn is_readable(&self) -> bool {
        self.choice != NOTHING || self.bytes.is_empty()
    }
}

fn items(mut input: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    while items.len() < ITEMS_MAX {
        let Some((&[choice, len], rest)) = input.split_first_chunk() else { break };
        let (bytes, rest) = rest.split_at(rest.len().min(len.into()));
        items.push(Item { choice: choice % 4, bytes: bytes.into() });
        input = rest;
    }
    items
}

/// A key's two handles.
struct Pair {
    suite: Suite,
    signer: *mut tw_signer,
    verifier: *mut tw_verifier,
}

impl Pair {
    fn new(suite: Suite) -> Pair {
        let key = signing::keygen(suite, 1);
        let (mut signer, mut verifier) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the key is readable, the handles are writable and end in `drop`.
        unsafe {
            assert_eq!(tw_signer_new(key.as_ptr(), key.len(), &mut signer), TW_OK);
            assert_eq!(tw_verifier_new(key.as_ptr(), key.len(), &mut verifier), TW_OK);
        }
        Pair { suite, signer, verifier }
    }

    /// The signatures of a batch, each compared with the one that the payload has alone.
    fn sign(&self, payloads: &[tw_bytes]) -> Vec<Vec<u8>> {
        let (count, size) = (payloads.len(), self.suite.signature_size());
        let (mut all, mut len) = (vec![0xa5; count * size], 0);
        let mut results: Vec<tw_status> = vec![-1; count];
        let (out, cap) = (all.as_mut_ptr(), all.len());
        // SAFETY: the handle is live, payloads that are not NULL are readable, the rest is writable.
        let status = unsafe {
            let (payloads, results) = (payloads.as_ptr(), results.as_mut_ptr());
            tw_signer_sign_batch(self.signer, payloads, count, out, cap, &mut len, results)
        };
        assert_eq!(len, count * size);
        assert_eq!(status, first_failure(&results));
        let signatures: Vec<Vec<u8>> = all.chunks(size).map(<[u8]>::to_vec).collect();
        for ((payload, signature), result) in payloads.iter().zip(&signatures).zip(results) {
            let mut alone = vec![0; size];
            // SAFETY: as above.
            let expected = unsafe {
                let (out, cap) = (alone.as_mut_ptr(), alone.len());
                tw_signer_sign(self.signer, payload.data, payload.len, out, cap, &mut len)
            };
            assert_eq!((result, signature), (expected, &alone));
        }
        signatures
    }

    fn verify(&self, items: &[Item], payloads: &[tw_bytes], signatures: &[Vec<u8>]) {
        let sigs: Vec<tw_bytes> = signatures
            .iter()
            .map(|signature| tw_bytes { data: signature.as_ptr(), len: signature.len() })
            .collect();
        let mut results: Vec<tw_status> = vec![-1; items.len()];
        // SAFETY: as in `sign`.
        let status = unsafe {
            let (payloads, sigs, results) =
                (payloads.as_ptr(), sigs.as_ptr(), results.as_mut_ptr());
            tw_verifier_verify_batch(self.verifier, payloads, sigs, items.len(), results)
        };
        assert_eq!(status, first_failure(&results));
        for (((item, payload), sig), result) in items.iter().zip(payloads).zip(&sigs).zip(results) {
            // SAFETY: as in `sign`.
            let alone = unsafe {
                let (payload, sig) = ((payload.data, payload.len), (sig.data, sig.len));
                tw_verifier_verify(self.verifier, payload.0, payload.1, sig.0, sig.1)
            };
            assert_eq!(result, alone);
            let expected = match item.choice {
                _ if !item.is_readable() => TW_ERR_NULL,
                CUT | FLIPPED => TW_ERR_SIGNATURE,
                _ => TW_OK,
            };
            assert_eq!(result, expected);
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // SAFETY: nobody uses them any more.
        unsafe {
            tw_signer_free(self.signer);
            tw_verifier_free(self.verifier);
        }
    }
}

fn first_failure(results: &[tw_status]) -> tw_status {
    results.iter().copied().find(|&status| status != TW_OK).unwrap_or(TW_OK)
}
