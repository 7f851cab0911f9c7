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
use crate::order;
use crate::telemetry::Level;

pub(super) struct Service {
    gateway: Arc<Gateway>,
    access: Arc<Access>,
    log: Log,
    health: HealthReporter,
    completions: Arc<Completions>,
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

    /// Whether the caller may send this session's orders. A frame that is none is the gateway's to
    /// refuse.
    fn admit(&self, caller: &Caller, method: &str, frame: &[u8]) -> Result<(), Status> {
        match order::parse(frame) {
            Ok(frame) if !self.access.may_send(caller, frame.order.session_id) => {
                let why = "the session is not the caller's";
                Err(self.refuse(caller, method, Class::UNAUTHENTICATED, why))
            }
            _ => Ok(()),
        }
    }

    fn refuse(&self, caller: &Caller, method: &str, class: Class, why: &str) -> Status {
        answer::refuse(&self.access, &self.log, caller, method, class, why)
    }

    /// The status of an order that was not decided.
    async fn not_decided(&self, caller: &Caller, method: &str, error: ExecError) -> Status {
        let (class, error) = match error {
            ExecError::Refused(error) => (Class::of(error), error),
            ExecError::Unknown { error, .. } => (Class::UNKNOWN, error),
            ExecError::Rejected(_) => (Class::UNAVAILABLE, Error::Internal),
        };
        if is_ours(error) {
            // Whoever balances load between daemons sends his orders elsewhere.
            let adapter = ExecutionAdapterServer::<Service>::NAME;
            self.health.set_service_status(adapter, ServingStatus::NotServing).await;
        }
        self.refuse(caller, method, class, &answer::describe(error))
    }

    /// What the caller may learn of a reason; the log has all of it.
    fn reason(&self, caller: &Caller, method: &str, reason: Reason) -> String {
        let details = [("method", method), ("address", &*caller.address), ("why", reason.name())];
        self.log.write(Level::Info, "order rejected", details);
        answer::reason(&self.access, reason)
    }

    fn ack(&self, caller: &Caller, ack: gateway::OrderAck) -> OrderAck {
        OrderAck {
            order_id: ack.order_id,
            accepted: ack.accepted,
            reason: ack.reason.map(|reason| self.reason(caller, "SendOrder", reason)),
            duplicate: ack.duplicate,
            session_id: ack.session_id,
            sequence: ack.sequence,
            client_order_id: ack.client_order_id,
            time: ack.time,
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
        self.admit(&caller, method, &frame)?;
        match self.gateway.send_order(frame).await {
            Ok(ack) => Ok(Response::new(self.ack(&caller, ack))),
            Err(error) => Err(self.not_decided(&caller, method, error).await),
        }
    }

    async fn pre_trade_check(
        &self,
        request: Request<PreTradeCheckRequest>,
    ) -> Result<Response<PreTradeCheckResponse>, Status> {
        let (caller, method) = (caller(&request)?, "PreTradeCheck");
        let frame = request.into_inner().order_payload;
        self.admit(&caller, method, &frame)?;
        let reason = match self.gateway.pre_trade_check(&frame) {
            Ok(()) => None,
            Err(ExecError::Rejected(reason)) => Some(self.reason(&caller, method, reason)),
            Err(error) => return Err(self.not_decided(&caller, method, error).await),
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
            Err((class, why)) => Err(self.refuse(&caller, "Completions", class, why)),
        }
    }
}
