//! A key's handles at the C ABI, and batches with them.

use std::ptr;

use tinywindow::ffi::{self, TW_OK, tw_bytes, tw_status};

/// A key's two handles.
pub struct Handles {
    signer: *mut ffi::tw_signer,
    verifier: *mut ffi::tw_verifier,
    signature_size: usize,
}

impl Handles {
    pub fn new(key: &[u8]) -> Handles {
        let (mut signer, mut verifier) = (ptr::null_mut(), ptr::null_mut());
        let mut signature_size = 0;
        // SAFETY: the key is readable, the handles are writable and end in `drop`; (NULL, 0) asks for
        // the size.
        unsafe {
            assert_eq!(ffi::tw_signer_new(key.as_ptr(), key.len(), &mut signer), TW_OK);
            assert_eq!(ffi::tw_verifier_new(key.as_ptr(), key.len(), &mut verifier), TW_OK);
            let (none, out) = (ptr::null(), ptr::null_mut());
            let size = &mut signature_size;
            assert_eq!(ffi::tw_signer_sign(signer, none, 0, out, 0, size), TW_OK);
        }
        Handles { signer, verifier, signature_size }
    }

    pub fn sign(&self, payloads: &[tw_bytes]) -> (Vec<Vec<u8>>, Vec<tw_status>) {
        let (mut all, mut len) = (vec![0xa5; payloads.len() * self.signature_size], 0);
        let mut results = vec![-1; payloads.len()];
        let (items, count) = (payloads.as_ptr(), payloads.len());
        let (out, cap) = (all.as_mut_ptr(), all.len());
        // SAFETY: the handle is live, payloads that are not NULL are readable, the rest is writable.
        let status = unsafe {
            ffi::tw_signer_sign_batch(
                self.signer,
                items,
                count,
                out,
                cap,
                &mut len,
                results.as_mut_ptr(),
            )
        };
        assert_eq!((status, len), (first_failure(&results), all.len()));
        (all.chunks(self.signature_size).map(<[u8]>::to_vec).collect(), results)
    }

    pub fn verify(&self, payloads: &[tw_bytes], signatures: &[tw_bytes]) -> Vec<tw_status> {
        let mut results = vec![-1; payloads.len()];
        let (items, count) = (payloads.as_ptr(), payloads.len());
        let (signatures, out) = (signatures.as_ptr(), results.as_mut_ptr());
        // SAFETY: as in `sign`.
        let status =
            unsafe { ffi::tw_verifier_verify_batch(self.verifier, items, signatures, count, out) };
        assert_eq!(status, first_failure(&results));
        results
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: nobody uses them any more.
        unsafe {
            ffi::tw_signer_free(self.signer);
            ffi::tw_verifier_free(self.verifier);
        }
    }
}

fn first_failure(results: &[tw_status]) -> tw_status {
    results.iter().copied().find(|&status| status != TW_OK).unwrap_or(TW_OK)
}

pub fn item(bytes: &[u8]) -> tw_bytes {
    tw_bytes { data: bytes.as_ptr(), len: bytes.len() }
}
