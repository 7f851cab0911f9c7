//! `tinywindow.execution`: orders into the gateway, endings out.

use std::sync::Arc;

use tokio_stream::wrappers::ReceiverStream;
use tonic::server::NamedService;
use tonic::{Request, Response, Status};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::access::{Access, Caller};
use super::answer::{self, Class, caller, is_ours};
use super::completions::{Completions, Told};
use super::log::Log;
use super::proto::execution::execution_adapter_server::{ExecutionAdapter, ExecutionAdapterServer};
use super::proto::execution::{
    CompletionsRequest, OrderAck, PreTradeCheckRequest, PreTradeCheckResponse, SendOrderRequest,
};
use crate::error::{Error, Reason};
use crate::gateway::{self, ExecError, Gateway};
use crate::order::{self, Order};
use crate::telemetry::Level;

pub(super) struct Service {
    gateway: Arc<Gateway>,
    access: Arc<Access>,
    log: Log,
    health: HealthReporter,
    completions: Arc<Completions>,
}

/// What a frame says of its order, for the log; of a refused one it may not be true.
#[derive(Clone, Copy, Default)]
struct Said {
    order: Option<Order>,
    /// Of the decision, if there was one.
    order_id: Option<u64>,
}

impl Said {
    /// Numbers and text of the characters 0x21 to 0x7E, which the log escapes.
    fn details(&self) -> Vec<(&'static str, String)> {
        let of_frame = self.order.iter().flat_map(|order| {
            [
                ("session_id", order.session_id.to_string()),
                ("client_order_id", order.client_order_id.to_string()),
                ("symbol", order::text_str(&order.symbol).to_owned()),
            ]
        });
        of_frame.chain(self.order_id.map(|id| ("order_id", id.to_string()))).collect()
    }
}

impl Service {
    pub(super) fn new(
        gateway: Arc<Gateway>,
        access: Arc<Access>,
        log: Log,
        health: HealthReporter,
        completions: Arc<Completions>,
    ) -> Service {
        Service { gateway, access, log, health, completions }
    }

    /// What the frame says, if the caller may send this session's orders. A frame that is none is
    /// the gateway's to refuse.
    fn admit(&self, caller: &Caller, method: &str, frame: &[u8]) -> Result<Said, Status> {
        let said = Said { order: order::parse(frame).ok().map(|f| f.order), order_id: None };
        match said.order {
            Some(order) if !self.access.may_send(caller, order.session_id) => {
                let why = "the session is not the caller's";
                Err(self.refuse(caller, method, Class::UNAUTHENTICATED, why, &said))
            }
            _ => Ok(said),
        }
    }

    fn refuse(
        &self,
        caller: &Caller,
        method: &str,
        class: Class,
        why: &str,
        said: &Said,
    ) -> Status {
        answer::refuse(&self.access, &self.log, caller, method, class, why, &said.details())
    }

    /// The status of an order that was not decided.
    async fn not_decided(
        &self,
        caller: &Caller,
        method: &str,
        error: ExecError,
        mut said: Said,
    ) -> Status {
        let (class, error) = match error {
            ExecError::Refused(error) => (Class::of(error), error),
            ExecError::Unknown { error, ack } => {
                said.order_id = Some(ack.order_id);
                (Class::UNKNOWN, error)
            }
            ExecError::Rejected(_) => (Class::UNAVAILABLE, Error::Internal),
        };
        if is_ours(error) {
            // Whoever balances load between daemons sends his orders elsewhere.
            let adapter = ExecutionAdapterServer::<Service>::NAME;
            self.health.set_service_status(adapter, ServingStatus::NotServing).await;
        }
        self.refuse(caller, method, class, &answer::describe(error), &said)
    }

    /// What the caller may learn of a reason; the log has all of it.
    fn reason(&self, caller: &Caller, method: &str, reason: Reason, said: &Said) -> String {
        let order = said.details();
        let details = answer::details(caller, method, reason.name(), &order);
        self.log.write(Level::Info, "order rejected", details);
        answer::reason(&self.access, reason)
    }

    fn ack(&self, caller: &Caller, ack: gateway::OrderAck, said: Said) -> OrderAck {
        let said = Said { order_id: Some(ack.order_id), ..said };
        OrderAck {
            order_id: ack.order_id,
            accepted: ack.accepted,
            reason: ack.reason.map(|reason| self.reason(caller, "SendOrder", reason, &said)),
            duplicate: ack.duplicate,
            session_id: ack.session_id,
            sequence: ack.sequence,
            client_order_id: ack.client_order_id,
            time: ack.time,
            sequence_gap: ack.sequence_gap,
        }
    }
}

#[tonic::async_trait]
impl ExecutionAdapter for Service {
    async fn send_order(
        &self,
        request: Request<SendOrderRequest>,
    ) -> Result<Response<OrderAck>, Status> {
        let (caller, method) = (caller(&request)?, "SendOrder");
        let frame = request.into_inner().order_payload;
        let said = self.admit(&caller, method, &frame)?;
        match self.gateway.send_order(frame).await {
            Ok(ack) => Ok(Response::new(self.ack(&caller, ack, said))),
            Err(error) => Err(self.not_decided(&caller, method, error, said).await),
        }
    }

    async fn pre_trade_check(
        &self,
        request: Request<PreTradeCheckRequest>,
    ) -> Result<Response<PreTradeCheckResponse>, Status> {
        let (caller, method) = (caller(&request)?, "PreTradeCheck");
        let frame = request.into_inner().order_payload;
        let said = self.admit(&caller, method, &frame)?;
        let reason = match self.gateway.pre_trade_check(&frame) {
            Ok(()) => None,
            Err(ExecError::Rejected(reason)) => Some(self.reason(&caller, method, reason, &said)),
            Err(error) => return Err(self.not_decided(&caller, method, error, said).await),
        };
        Ok(Response::new(PreTradeCheckResponse { valid: reason.is_none(), reason }))
    }
    type CompletionsStream = ReceiverStream<Told>;

    async fn completions(
        &self,
        request: Request<CompletionsRequest>,
    ) -> Result<Response<ReceiverStream<Told>>, Status> {
        let caller = caller(&request)?;
        match self.completions.open(caller.clone()) {
            Ok(told) => Ok(Response::new(ReceiverStream::new(told))),
            Err((class, why)) => {
                Err(self.refuse(&caller, "Completions", class, why, &Said::default()))
            }
        }
    }
}
