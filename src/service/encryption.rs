//! `tinywindow.encryption`: signatures, with keys that the service holds or that requests bring.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use zeroize::Zeroizing;

use super::access::{Access, Caller};
use super::answer::{self, Class, caller};
use super::log::Log;
use super::proto::encryption::encryption_service_server::EncryptionService;
use super::proto::encryption::{
    KeygenRequest, KeygenResponse, SignRequest, SignResponse, VerifyRequest, VerifyResponse,
};
use crate::custody::{KeyError, SecureSigner, SignError, VerifyError};
use crate::error::Error;
use crate::signing::{self, Context, Suite};

const NO_KEYS_IN_REQUESTS: &str = "keys may not travel in requests; see keys_in_requests";
const NO_SUCH_KEY: &str = "no such key, or not for this caller";

pub(super) struct Service {
    access: Arc<Access>,
    log: Log,
}

/// The key that a request means.
enum Named<'a> {
    /// The request brings it.
    Key(Zeroizing<Vec<u8>>),
    /// The service holds it.
    Held(&'a dyn SecureSigner, String),
}

type Refusal = (Class, String);

impl Service {
    pub(super) fn new(access: Arc<Access>, log: Log) -> Service {
        Service { access, log }
    }

    fn refuse(&self, caller: &Caller, method: &str, (class, why): Refusal) -> Status {
        answer::refuse(&self.access, &self.log, caller, method, class, &why, &[])
    }

    fn keys_in_requests(&self) -> Result<(), Refusal> {
        let allowed = self.access.keys_in_requests.then_some(());
        allowed.ok_or_else(|| (Class::FORBIDDEN, NO_KEYS_IN_REQUESTS.to_owned()))
    }

    fn named(
        &self,
        caller: &Caller,
        key: Zeroizing<Vec<u8>>,
        key_id: String,
    ) -> Result<Named<'_>, Refusal> {
        if key_id.is_empty() {
            return self.keys_in_requests().map(|()| Named::Key(key));
        }
        if !key.is_empty() {
            return Err((Class::MALFORMED, "give either key or key_id".to_owned()));
        }
        match self.access.signer(caller, &key_id) {
            Some(signer) => Ok(Named::Held(signer, key_id)),
            None => Err((Class::FORBIDDEN, NO_SUCH_KEY.to_owned())),
        }
    }

    fn keygen(&self, request: &KeygenRequest) -> Result<KeygenResponse, Refusal> {
        self.keys_in_requests()?;
        let suite = match request.suite {
            0 => Suite::HmacSha256,
            number => Suite::from_number(number).ok_or_else(|| refused(Error::Suite))?,
        };
        Ok(KeygenResponse { key: signing::keygen(suite, request.seed).to_vec() })
    }

    fn sign(&self, caller: &Caller, request: SignRequest) -> Result<SignResponse, Refusal> {
        let SignRequest { key, payload, key_id, context } = request;
        let context = purpose(context.as_deref());
        let signature = match self.named(caller, Zeroizing::new(key), key_id)? {
            Named::Key(key) => signing::sign_with_context(&key, context, &payload)
                .map(|signature| signature.to_vec())
                .map_err(refused)?,
            Named::Held(signer, key_id) => {
                let signed = signer.sign_secure_with_context(&key_id, context, &payload);
                signed.map_err(|error| match error {
                    SignError::Key(error) => unusable(&error),
                    SignError::Refused(error) => refused(error),
                })?
            }
        };
        Ok(SignResponse { signature })
    }

    fn verify(&self, caller: &Caller, request: VerifyRequest) -> Result<VerifyResponse, Refusal> {
        let VerifyRequest { key, payload, signature, key_id, context } = request;
        let context = purpose(context.as_deref());
        let valid = match self.named(caller, Zeroizing::new(key), key_id)? {
            Named::Key(key) => {
                match signing::verify_with_context(&key, context, &payload, &signature) {
                    Ok(()) => true,
                    Err(Error::Signature) => false,
                    Err(error) => return Err(refused(error)),
                }
            }
            Named::Held(signer, key_id) => {
                let known =
                    signer.verify_secure_with_context(&key_id, context, &payload, &signature);
                known.map_err(|error| match error {
                    VerifyError::Key(error) => unusable(&error),
                    VerifyError::Refused(error) => refused(error),
                })?
            }
        };
        Ok(VerifyResponse { valid })
    }
}

/// What the signature is for; the service never signs an order.
fn purpose(context: Option<&[u8]>) -> Context<'_> {
    context.map_or(Context::Payload, Context::Custom)
}

fn refused(error: Error) -> Refusal {
    (Class::of(error), answer::describe(error))
}

/// Why a key that the caller may name is not to be had.
fn unusable(error: &KeyError) -> Refusal {
    match error {
        KeyError::NotFound => (Class::FORBIDDEN, NO_SUCH_KEY.to_owned()),
        error => (Class::UNAVAILABLE, error.to_string()),
    }
}

#[tonic::async_trait]
impl EncryptionService for Service {
    async fn keygen(
        &self,
        request: Request<KeygenRequest>,
    ) -> Result<Response<KeygenResponse>, Status> {
        let caller = caller(&request)?;
        let answer = self.keygen(request.get_ref());
        answer.map(Response::new).map_err(|refusal| self.refuse(&caller, "Keygen", refusal))
    }

    async fn sign(&self, request: Request<SignRequest>) -> Result<Response<SignResponse>, Status> {
        let caller = caller(&request)?;
        let answer = self.sign(&caller, request.into_inner());
        answer.map(Response::new).map_err(|refusal| self.refuse(&caller, "Sign", refusal))
    }

    async fn verify(
        &self,
        request: Request<VerifyRequest>,
    ) -> Result<Response<VerifyResponse>, Status> {
        let caller = caller(&request)?;
        let answer = self.verify(&caller, request.into_inner());
        answer.map(Response::new).map_err(|refusal| self.refuse(&caller, "Verify", refusal))
    }
}
