//! gRPC requests: bytes as they come in HTTP/2's DATA frames, through the daemon's own services, to
//! a remote peer and to a caller on this machine. Whatever comes, the answer has a status of the
//! page, and nothing of a key in it; only what is signed is valid, and only a peer's order that is
//! signed is taken.

#![no_main]

use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex};

use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use prost::Message;
use tinywindow::Gateway;
use tinywindow::config::Config;
use tinywindow::gateway::{ManualClock, Options};
use tinywindow::order;
use tinywindow::service::proto::encryption::{VerifyRequest, VerifyResponse};
use tinywindow::service::proto::execution::{OrderAck, PreTradeCheckResponse, SendOrderRequest};
use tinywindow::service::{Caller, Log, Services};
use tinywindow::signing::{self, Context, HEADER_SIZE, Verifier};
use tokio::runtime::Runtime;
use tonic::codegen::Service;
use tonic::codegen::http::{HeaderMap, Request, header};

mod desk;

const METHODS: [&str; 5] = [
    "tinywindow.encryption.EncryptionService/Keygen",
    "tinywindow.encryption.EncryptionService/Sign",
    VERIFY,
    SEND_ORDER,
    PRE_TRADE_CHECK,
];
const VERIFY: &str = "tinywindow.encryption.EncryptionService/Verify";
const SEND_ORDER: &str = "tinywindow.execution.ExecutionAdapter/SendOrder";
const PRE_TRADE_CHECK: &str = "tinywindow.execution.ExecutionAdapter/PreTradeCheck";

/// Those of docs/SERVICE.md, and 0: there is nothing behind them that cancels or fails.
const STATUSES: [&str; 11] = ["0", "3", "5", "7", "8", "9", "11", "12", "13", "14", "16"];
const OK: &str = "0";
/// What a remote caller learns of a refusal by the services; tonic refuses what is no message.
const CLASSES: [&str; 3] = ["rejected", "throttled", "unauthenticated"];
const OF_TONIC: [&str; 4] = ["5", "11", "12", "13"];

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    // The daemon reads its keys from files, where it runs.
    let folder = std::env::temp_dir().join(format!("tinywindow-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::env::set_current_dir(folder).expect("a folder");
    std::fs::write("reports.key", desk::reports_key()).expect("a key file");
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
});
/// Local and remote, kept until an order is decided: no input leaves anything to the next.
static KEPT: Mutex<[Option<Services>; 2]> = Mutex::new([None, None]);
static LOG: LazyLock<Log> = LazyLock::new(|| Log::start(std::io::sink()));

// The caller and the method, then the body.
fuzz_target!(|input: &[u8]| {
    let Some((&[choice], body)) = input.split_first_chunk() else { return };
    let is_remote = choice & 0x80 != 0;
    let method = METHODS[usize::from(choice & 0x7f) % METHODS.len()];
    RUNTIME.block_on(async {
        let kept = KEPT.lock().expect("no panic before")[usize::from(is_remote)].take();
        let services = match kept {
            Some(services) => services,
            None => open(is_remote).await,
        };
        let answer = call(&services, is_remote, method, body).await;
        answer.keeps_keys(method, body, is_remote);
        match method {
            VERIFY => verified(&answer, body),
            SEND_ORDER => {
                let again = call(&services, is_remote, method, body).await;
                if sent(&answer, &again, body) {
                    return;
                }
            }
            PRE_TRADE_CHECK => {
                if let Some(check) = answer.message::<PreTradeCheckResponse>() {
                    assert!(is_signed(body), "{check:?}");
                }
            }
            _ => {}
        }
        KEPT.lock().expect("no panic before")[usize::from(is_remote)] = Some(services);
    });
});

/// A daemon's services, as they are before the first order.
async fn open(is_remote: bool) -> Services {
    let text = desk::service(is_remote);
    let config = Config::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let options = Options { clock: Arc::new(ManualClock::new(desk::NOW)), ..Options::default() };
    let gateway = Gateway::open_with(&config, options).expect("a gateway");
    gateway.add_key(1, &desk::session_key()).expect("a key");
    let service = config.service.as_ref().expect("[service]");
    Services::open(&config, service, gateway, LOG.clone()).await.expect("services")
}

struct Answer {
    status: String,
    text: String,
    /// All that comes, headers and trailers too.
    bytes: Vec<u8>,
    body: Vec<u8>,
}

async fn call(services: &Services, is_remote: bool, method: &str, body: &[u8]) -> Answer {
    let mut request = Request::post(format!("http://service.example/{method}"))
        .header(header::CONTENT_TYPE, "application/grpc")
        .body(tonic::body::Body::new(Full::from(body.to_vec())))
        .expect("a request");
    let peer = is_remote.then(|| "desk-1.example".into());
    request.extensions_mut().insert(Caller { address: "192.0.2.1:5000".into(), peer });
    let answered: Result<_, Infallible> = services.routes().call(request).await;
    let (head, mut body) = answered.unwrap_or_else(|never| match never {}).into_parts();
    assert_eq!(head.status.as_u16(), 200);
    let mut headers = head.headers;
    let mut data = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame.expect("bodies do not break").into_data() {
            Ok(bytes) => data.extend(bytes),
            Err(frame) => headers.extend(frame.into_trailers().expect("trailers")),
        }
    }
    Answer::new(&headers, data)
}

impl Answer {
    fn new(headers: &HeaderMap, body: Vec<u8>) -> Answer {
        let of = |name| headers.get(name).map_or("", |value| value.to_str().expect("a text"));
        let status = headers.get("grpc-status").map_or(OK, |_| of("grpc-status")).to_owned();
        let bytes = headers
            .iter()
            .flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()].concat());
        let bytes = bytes.chain(body.iter().copied()).collect();
        Answer { status, text: of("grpc-message").to_owned(), bytes, body }
    }

    /// The message, if it is one: behind a flag and its length.
    fn message<M: Message + Default>(&self) -> Option<M> {
        let message = self.body.get(5..).filter(|_| self.status == OK)?;
        Some(M::decode(message).expect("an answer"))
    }

    /// The status is one of the page, and neither the session's key nor the held one is in the
    /// answer, unless the caller brought it.
    fn keeps_keys(&self, method: &str, body: &[u8], is_remote: bool) {
        let Answer { status, text, .. } = self;
        assert!(STATUSES.contains(&&**status), "{method}: {status} {text}");
        if is_remote && status != OK && !OF_TONIC.contains(&&**status) {
            assert!(CLASSES.contains(&&**text), "{method}: {status} {text}");
        }
        if is_remote && method.ends_with("Keygen") {
            assert_ne!(status, OK, "a key travels");
        }
        let is_in = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|w| w == part);
        for key in [desk::session_key(), desk::reports_key()] {
            for part in key[HEADER_SIZE..].windows(8) {
                let hexadecimal: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
                for shown in [part, hexadecimal.as_bytes()] {
                    let told = is_in(&self.bytes, shown) && !is_in(body, shown);
                    assert!(!told || method.ends_with("Keygen"), "{method} tells of a key");
                }
            }
        }
    }
}

/// The one message of a body that the services have taken.
fn request<M: Message + Default>(body: &[u8]) -> M {
    M::decode(&body[5..]).expect("what was taken is a message")
}

/// What the library says of the same.
fn verified(answer: &Answer, body: &[u8]) {
    let Some(VerifyResponse { valid }) = answer.message() else { return };
    let asked: VerifyRequest = request(body);
    let key = if asked.key_id.is_empty() { asked.key.clone() } else { desk::reports_key() };
    let context = asked.context.as_deref().map_or(Context::Payload, Context::Custom);
    let known =
        signing::verify_with_context(&key, context, &asked.payload, &asked.signature).is_ok();
    assert_eq!(valid, known);
}

/// Whether the frame in the body is an order of session 1 that its key has signed.
fn is_signed(body: &[u8]) -> bool {
    let order: SendOrderRequest = request(body);
    order::parse(&order.order_payload).is_ok_and(|frame| {
        let verifier = Verifier::new(&desk::session_key()).expect("a key");
        frame.order.session_id == 1
            && verifier.verify(Context::Order, frame.signed, frame.signature).is_ok()
    })
}

/// Whether the order was decided.
fn sent(answer: &Answer, again: &Answer, body: &[u8]) -> bool {
    let Some(ack) = answer.message::<OrderAck>() else { return false };
    assert!(is_signed(body), "{ack:?}");
    let repeated: OrderAck = again.message().expect("a repeated frame has its ack");
    assert_eq!(repeated, OrderAck { duplicate: true, ..ack });
    true
}
