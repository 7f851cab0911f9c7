//! One way to sign and verify, beside others.

use super::messages::IN_TURN;
use crate::rounds::Pass;

/// Bytes of the longest signature: ML-DSA-87's.
const SIGNATURE_MAX: usize = 4627;

/// How the key is given, and how many messages at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Parsed and expanded before, as far as the contender can.
    Prepared,
    /// All messages in one call, with a prepared key.
    Batch,
    /// Parsed and expanded in each call.
    Bytes,
}

type Keygen = Box<dyn Fn(&[u8; 32]) + Send + Sync>;
type Sign = Box<dyn Fn(&[&[u8]], &mut [u8]) + Send + Sync>;
type Verify = Box<dyn Fn(&[&[u8]], &[&[u8]]) + Send + Sync>;

/// What it does not do is `None`. Any number of threads may use one.
pub struct Contender {
    pub form: Form,
    pub name: &'static str,
    /// Signs differently each time.
    pub is_hedged: bool,
    keygen: Option<Keygen>,
    sign: Option<Sign>,
    verify: Option<Verify>,
}

impl Contender {
    pub fn new(form: Form, name: &'static str) -> Contender {
        Contender { form, name, is_hedged: false, keygen: None, sign: None, verify: None }
    }

    pub fn hedged(self) -> Contender {
        Contender { is_hedged: true, ..self }
    }

    /// A key and its public half from a seed.
    pub fn keygen<R>(self, call: impl Fn(&[u8; 32]) -> R + Send + Sync + 'static) -> Contender {
        let keygen = move |seed: &[u8; 32]| {
            std::hint::black_box(call(seed));
        };
        Contender { keygen: Some(Box::new(keygen)), ..self }
    }

    /// Signs one message to the beginning of a buffer. The call is inlined into the loop over all.
    pub fn sign(self, call: impl Fn(&[u8], &mut [u8]) + Send + Sync + 'static) -> Contender {
        self.sign_batch(move |messages, out| messages.iter().for_each(|message| call(message, out)))
    }

    /// Signs messages to a buffer, side by side.
    pub fn sign_batch(
        self,
        call: impl Fn(&[&[u8]], &mut [u8]) + Send + Sync + 'static,
    ) -> Contender {
        Contender { sign: Some(Box::new(call)), ..self }
    }

    /// Whether a signature of a message is valid.
    pub fn verify(self, call: impl Fn(&[u8], &[u8]) -> bool + Send + Sync + 'static) -> Contender {
        self.verify_batch(move |messages, signatures| {
            let mut signed = messages.iter().zip(signatures);
            signed.all(|(message, signature)| call(message, signature))
        })
    }

    /// Whether all signatures are valid.
    pub fn verify_batch(
        self,
        call: impl Fn(&[&[u8]], &[&[u8]]) -> bool + Send + Sync + 'static,
    ) -> Contender {
        let verify = move |messages: &[&[u8]], signatures: &[&[u8]]| {
            assert!(call(messages, signatures), "a good signature is refused");
        };
        Contender { verify: Some(Box::new(verify)), ..self }
    }

    /// Its signature of a message, if it signs at all and always the same. A batch is of the same
    /// message.
    pub fn signature(&self, message: &[u8], size: usize) -> Option<Vec<u8>> {
        let sign = self.sign.as_ref().filter(|_| !self.is_hedged)?;
        let mut out = vec![0; SIGNATURE_MAX * IN_TURN];
        sign(&[message; IN_TURN], &mut out);
        out.truncate(size);
        Some(out)
    }
}

/// Passes over all that is given: each as one call, or as many as a contender needs for it.
impl Contender {
    pub fn making_keys<'a>(&'a self, seeds: &'a [[u8; 32]]) -> Option<Pass<'a>> {
        let keygen = self.keygen.as_ref()?;
        Some(Box::new(move || seeds.iter().for_each(keygen)))
    }

    pub fn signing<'a>(&'a self, messages: &'a [&'a [u8]]) -> Option<Pass<'a>> {
        let sign = self.sign.as_ref()?;
        let mut out = vec![0; SIGNATURE_MAX * messages.len()];
        Some(Box::new(move || sign(messages, &mut out)))
    }

    pub fn verifying<'a>(
        &'a self,
        messages: &'a [&'a [u8]],
        signatures: &'a [&'a [u8]],
    ) -> Option<Pass<'a>> {
        let verify = self.verify.as_ref()?;
        Some(Box::new(move || verify(messages, signatures)))
    }
}
