//! The shared library as a C program sees it: through its exported symbols, so that nothing is
//! inlined across the boundary that is measured.

use std::ptr;

use libloading::Library;
use tinywindow::ffi::{tw_bytes, tw_gateway, tw_order_ack, tw_signer, tw_status, tw_verifier};

type Keygen = unsafe extern "C" fn(u32, *const u8, usize, *mut u8, usize, *mut usize) -> tw_status;
type PublicKey = unsafe extern "C" fn(*const u8, usize, *mut u8, usize, *mut usize) -> tw_status;
type Sign = unsafe extern "C" fn(
    *const u8,
    usize,
    *const u8,
    usize,
    *mut u8,
    usize,
    *mut usize,
) -> tw_status;
type Verify =
    unsafe extern "C" fn(*const u8, usize, *const u8, usize, *const u8, usize) -> tw_status;
type SignerNew = unsafe extern "C" fn(*const u8, usize, *mut *mut tw_signer) -> tw_status;
type SignerSign = unsafe extern "C" fn(
    *const tw_signer,
    *const u8,
    usize,
    *mut u8,
    usize,
    *mut usize,
) -> tw_status;
type SignerSignBatch = unsafe extern "C" fn(
    *const tw_signer,
    *const tw_bytes,
    usize,
    *mut u8,
    usize,
    *mut usize,
    *mut tw_status,
) -> tw_status;
type VerifierNew = unsafe extern "C" fn(*const u8, usize, *mut *mut tw_verifier) -> tw_status;
type VerifierVerify =
    unsafe extern "C" fn(*const tw_verifier, *const u8, usize, *const u8, usize) -> tw_status;
type VerifierVerifyBatch = unsafe extern "C" fn(
    *const tw_verifier,
    *const tw_bytes,
    *const tw_bytes,
    usize,
    *mut tw_status,
) -> tw_status;
type GatewayOpen = unsafe extern "C" fn(*const u8, usize, *mut *mut tw_gateway) -> tw_status;
type KeyAdd = unsafe extern "C" fn(*mut tw_gateway, u64, *const u8, usize) -> tw_status;
type SendOrder =
    unsafe extern "C" fn(*mut tw_gateway, *const u8, usize, u64, *mut tw_order_ack) -> tw_status;

/// `libtinywindow.so`; handles made here are not freed, the process ends soon.
pub struct Shared {
    keygen: Keygen,
    public_key: PublicKey,
    sign: Sign,
    verify: Verify,
    signer_new: SignerNew,
    signer_sign: SignerSign,
    signer_sign_batch: SignerSignBatch,
    verifier_new: VerifierNew,
    verifier_verify: VerifierVerify,
    verifier_verify_batch: VerifierVerifyBatch,
    gateway_open: GatewayOpen,
    key_add: KeyAdd,
    send_order: SendOrder,
}

pub struct SharedSigner<'a>(&'a Shared, *mut tw_signer);
pub struct SharedVerifier<'a>(&'a Shared, *mut tw_verifier);
pub struct SharedGateway<'a>(&'a Shared, *mut tw_gateway);

// SAFETY: tw_signer and tw_verifier are documented to be used by any number of threads.
unsafe impl Send for SharedSigner<'_> {}
// SAFETY: as above.
unsafe impl Sync for SharedSigner<'_> {}
// SAFETY: as above.
unsafe impl Send for SharedVerifier<'_> {}
// SAFETY: as above.
unsafe impl Sync for SharedVerifier<'_> {}

impl Shared {
    pub fn load(path: &str) -> Self {
        // SAFETY: the library's initialisers do nothing; the types are those of the header.
        unsafe {
            let library = Box::leak(Box::new(Library::new(path).expect("the shared library")));
            Self {
                keygen: *library.get(b"tw_keygen_from_entropy").unwrap(),
                public_key: *library.get(b"tw_public_key").unwrap(),
                sign: *library.get(b"tw_sign").unwrap(),
                verify: *library.get(b"tw_verify").unwrap(),
                signer_new: *library.get(b"tw_signer_new").unwrap(),
                signer_sign: *library.get(b"tw_signer_sign").unwrap(),
                signer_sign_batch: *library.get(b"tw_signer_sign_batch").unwrap(),
                verifier_new: *library.get(b"tw_verifier_new").unwrap(),
                verifier_verify: *library.get(b"tw_verifier_verify").unwrap(),
                verifier_verify_batch: *library.get(b"tw_verifier_verify_batch").unwrap(),
                gateway_open: *library.get(b"tw_gateway_open").unwrap(),
                key_add: *library.get(b"tw_gateway_key_add").unwrap(),
                send_order: *library.get(b"tw_send_order").unwrap(),
            }
        }
    }

    /// Secret key bytes to the beginning of a buffer; their length.
    pub fn keygen(&self, suite: u32, entropy: &[u8; 32], out: &mut [u8]) -> usize {
        let mut length = 0;
        let (seed, seed_len) = (entropy.as_ptr(), entropy.len());
        // SAFETY: every pointer is to as many bytes as is said.
        let status = unsafe {
            (self.keygen)(suite, seed, seed_len, out.as_mut_ptr(), out.len(), &mut length)
        };
        assert_eq!(status, 0);
        length
    }

    /// Public key bytes to the beginning of a buffer.
    pub fn public_key(&self, key: &[u8], out: &mut [u8]) {
        let mut length = 0;
        // SAFETY: every pointer is to as many bytes as is said.
        let status = unsafe {
            (self.public_key)(key.as_ptr(), key.len(), out.as_mut_ptr(), out.len(), &mut length)
        };
        assert_eq!(status, 0);
    }

    /// Signs to the beginning of a buffer.
    pub fn sign(&self, key: &[u8], payload: &[u8], out: &mut [u8]) {
        let mut length = 0;
        // SAFETY: every pointer is to as many bytes as is said.
        let status = unsafe {
            (self.sign)(
                key.as_ptr(),
                key.len(),
                payload.as_ptr(),
                payload.len(),
                out.as_mut_ptr(),
                out.len(),
                &mut length,
            )
        };
        assert_eq!(status, 0);
    }

    pub fn verify(&self, key: &[u8], payload: &[u8], signature: &[u8]) -> bool {
        // SAFETY: every pointer is to as many bytes as is said.
        let status = unsafe {
            (self.verify)(
                key.as_ptr(),
                key.len(),
                payload.as_ptr(),
                payload.len(),
                signature.as_ptr(),
                signature.len(),
            )
        };
        status == 0
    }

    pub fn signer(&self, key: &[u8]) -> SharedSigner<'_> {
        let mut signer = ptr::null_mut();
        // SAFETY: the key is readable, the handle writable.
        assert_eq!(unsafe { (self.signer_new)(key.as_ptr(), key.len(), &mut signer) }, 0);
        SharedSigner(self, signer)
    }

    pub fn verifier(&self, key: &[u8]) -> SharedVerifier<'_> {
        let mut verifier = ptr::null_mut();
        // SAFETY: the key is readable, the handle writable.
        assert_eq!(unsafe { (self.verifier_new)(key.as_ptr(), key.len(), &mut verifier) }, 0);
        SharedVerifier(self, verifier)
    }

    pub fn gateway(&self, config: &str, session_id: u64, key: &[u8]) -> SharedGateway<'_> {
        let mut gateway = ptr::null_mut();
        // SAFETY: the texts are readable, the handle writable, then live.
        unsafe {
            assert_eq!((self.gateway_open)(config.as_ptr(), config.len(), &mut gateway), 0);
            assert_eq!((self.key_add)(gateway, session_id, key.as_ptr(), key.len()), 0);
        }
        SharedGateway(self, gateway)
    }
}

/// Items of a batch: no more, so that none of the caller's arrays is on the heap.
pub const BATCH: usize = 16;

fn batch_of(items: &[&[u8]]) -> [tw_bytes; BATCH] {
    let items: [&[u8]; BATCH] = items.try_into().expect("a whole batch");
    items.map(|item| tw_bytes { data: item.as_ptr(), len: item.len() })
}

impl SharedSigner<'_> {
    /// Signs to the beginning of a buffer.
    pub fn sign(&self, payload: &[u8], out: &mut [u8]) {
        let (mut length, sign) = (0, self.0.signer_sign);
        let (data, cap) = (out.as_mut_ptr(), out.len());
        // SAFETY: the signer is live, every pointer is to as many bytes as is said.
        let status =
            unsafe { sign(self.1, payload.as_ptr(), payload.len(), data, cap, &mut length) };
        assert_eq!(status, 0);
    }

    /// Signs [`BATCH`] messages to a buffer, side by side.
    pub fn sign_batch(&self, payloads: &[&[u8]], out: &mut [u8]) {
        let (items, mut length, mut results) = (batch_of(payloads), 0, [0; BATCH]);
        let (data, cap) = (out.as_mut_ptr(), out.len());
        let (items, count, results) = (items.as_ptr(), items.len(), results.as_mut_ptr());
        // SAFETY: as for `sign`; there are as many results as items.
        let status = unsafe {
            (self.0.signer_sign_batch)(self.1, items, count, data, cap, &mut length, results)
        };
        assert_eq!(status, 0);
    }
}

impl SharedVerifier<'_> {
    pub fn verify(&self, payload: &[u8], signature: &[u8]) -> bool {
        // SAFETY: the verifier is live, every pointer is to as many bytes as is said.
        let status = unsafe {
            (self.0.verifier_verify)(
                self.1,
                payload.as_ptr(),
                payload.len(),
                signature.as_ptr(),
                signature.len(),
            )
        };
        status == 0
    }

    pub fn verify_batch(&self, payloads: &[&[u8]], signatures: &[&[u8]]) -> bool {
        let (payloads, signatures) = (batch_of(payloads), batch_of(signatures));
        let (payloads, signatures, mut results) =
            (payloads.as_ptr(), signatures.as_ptr(), [0; BATCH]);
        // SAFETY: the verifier is live, there are as many of each as is said.
        let status = unsafe {
            let verify = self.0.verifier_verify_batch;
            verify(self.1, payloads, signatures, BATCH, results.as_mut_ptr())
        };
        status == 0
    }
}

impl SharedGateway<'_> {
    /// Sends a frame; whether it was accepted.
    pub fn send(&self, frame: &[u8]) -> bool {
        // SAFETY: an ack of zeros is one.
        let mut ack: tw_order_ack = unsafe { std::mem::zeroed() };
        ack.struct_size = size_of::<tw_order_ack>() as u32;
        // SAFETY: the gateway is live, the frame readable, the ack writable.
        let status = unsafe {
            (self.0.send_order)(self.1, frame.as_ptr(), frame.len(), 1_000_000_000, &mut ack)
        };
        assert_eq!(status, 0);
        ack.accepted == 1
    }
}
