//! A log of FIX 4.4 messages as they would have passed between sessions and gateway.

use std::collections::HashMap;
use std::io::{Result, Write};

use tinywindow::Reason;
use tinywindow::gateway::OrdStatus;
use tinywindow::order::{Order, Template, text_str};
use tinywindow::venue::{Execution, ExecutionKind};

use super::columns::reason;
use super::csv::decimal;
use super::orders::{Happened, Request, What};
use super::{Out, Sink};
use crate::date::iso;

/// CompID of the gateway; a session's is its id.
const GATEWAY: &str = "TINYWINDOW";
/// User-defined tags: the number of the journal's record, the key that signed the request.
const RECORD_NUMBER: u32 = 5001;
const KEY_ID: u32 = 5002;

pub struct FixLog {
    out: Out,
    /// The gateway's MsgSeqNum (34) to each session.
    sent: HashMap<u64, u64>,
}

/// A message's fields in their order, from MsgType (35) on.
struct Message(Vec<(u32, String)>);

impl FixLog {
    pub fn new(out: Out) -> FixLog {
        FixLog { out, sent: HashMap::new() }
    }

    /// A message of a session to the gateway: the request as it was decided.
    fn request(&mut self, happened: &Happened) -> Result<()> {
        let order = &happened.request.order;
        let kind = match order.template() {
            Template::NewOrderSingle => "D",
            Template::OrderCancelReplaceRequest => "G",
            Template::OrderCancelRequest => "F",
        };
        let mut message = Message(vec![(35, kind.to_owned())]);
        message.add(49, order.session_id).add(56, GATEWAY).add(34, order.sequence);
        message.add(52, utc(order.sending_time));
        message.add(11, order.client_order_id);
        if let Some(original) = order.orig_client_order_id() {
            message.add(41, original);
        }
        message.instrument(order).add(60, utc(order.sending_time));
        match order.terms() {
            Some(_) => message.terms(order),
            // FIX wants the quantity of what is cancelled.
            None => message.optional(38, quantity(happened.subject.as_ref())),
        };
        message.add(RECORD_NUMBER, happened.number).add(KEY_ID, format!("{:016x}", order.key_id));
        message.write(&mut self.out)
    }

    /// A message of the gateway to the session.
    fn answer(&mut self, happened: &Happened) -> Result<()> {
        let session = happened.request.order.session_id;
        let sent = self.sent.entry(session).or_default();
        *sent += 1;
        let is_reject = match happened.what {
            What::Executed(execution) => {
                matches!(execution.kind, ExecutionKind::CancelRejected(_))
            }
            _ => happened.request.order.template() != Template::NewOrderSingle,
        };
        let mut message = Message(vec![(35, if is_reject { "9" } else { "8" }.to_owned())]);
        message.add(49, GATEWAY).add(56, session).add(34, *sent).add(52, utc(happened.time));
        match is_reject {
            true => message.cancel_reject(happened),
            false => message.execution_report(happened),
        };
        message.add(60, utc(happened.time));
        let reason = reason(happened).or(happened.request.own_cancel);
        message.optional(58, reason.map(|reason| reason.name().to_owned()));
        message.add(RECORD_NUMBER, happened.number);
        message.write(&mut self.out)
    }
}

impl Sink for FixLog {
    fn put(&mut self, happened: &Happened) -> Result<()> {
        match happened.what {
            What::Decided(reason) => {
                self.request(happened)?;
                // What is accepted is answered by the venue.
                if reason.is_some() { self.answer(happened) } else { Ok(()) }
            }
            // The session asked for nothing: it hears of what comes of it.
            What::Cancelled(_) => Ok(()),
            What::Executed(Execution { kind: ExecutionKind::CancelRejected(_), .. })
                if happened.request.own_cancel.is_some() =>
            {
                Ok(())
            }
            What::Executed(_) | What::NotDelivered => self.answer(happened),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush()
    }
}

impl Message {
    fn add(&mut self, tag: u32, value: impl ToString) -> &mut Message {
        self.0.push((tag, value.to_string()));
        self
    }

    fn optional(&mut self, tag: u32, value: Option<String>) -> &mut Message {
        self.0.extend(value.map(|value| (tag, value)));
        self
    }

    fn instrument(&mut self, order: &Order) -> &mut Message {
        let account = Some(text_str(&order.account)).filter(|account| !account.is_empty());
        self.optional(1, account.map(str::to_owned));
        self.add(55, text_str(&order.symbol)).add(54, char::from(order.side.fix()))
    }

    fn terms(&mut self, order: &Order) -> &mut Message {
        let Some(terms) = order.terms() else { return self };
        self.add(38, decimal(terms.quantity.into())).add(40, char::from(terms.ord_type.fix()));
        self.optional(44, terms.price.map(|price| decimal(price.into())));
        self.optional(99, terms.stop_price.map(|price| decimal(price.into())));
        self.add(59, char::from(terms.time_in_force.fix()))
    }

    /// ExecutionReport; a gateway's own refusal is one too.
    fn execution_report(&mut self, happened: &Happened) -> &mut Message {
        let Happened { request, subject, order_id, .. } = happened;
        let order = subject.as_ref().filter(|_| request.is_cancel()).unwrap_or(request);
        let execution = match happened.what {
            What::Executed(execution) => Some(execution),
            _ => None,
        };
        let id =
            execution.map_or(format!("R{order_id}"), |execution| execution.exec_id.to_string());
        let exec_type = execution.map_or('8', |execution| exec_type(&execution));
        let status = execution.map_or(OrdStatus::Rejected, |_| order.status);
        self.add(37, order.root).add(17, id).add(150, exec_type);
        self.add(39, char::from(status as u8)).add(11, request.order.client_order_id);
        self.optional(41, request.order.orig_client_order_id().map(|id| id.to_string()));
        self.instrument(&order.order).terms(&order.order);
        if let Some(Execution { kind: ExecutionKind::Trade { price, quantity }, .. }) = execution {
            self.add(31, decimal(price.into())).add(32, decimal(quantity.into()));
        }
        let [leaves, cum] =
            execution.map_or([0; 2], |e| [e.leaves_quantity, e.cum_quantity].map(i128::from));
        self.add(151, decimal(leaves)).add(14, decimal(cum));
        self.add(6, decimal(order.average_price().into()));
        let refused = reason(happened).map(|reason| ord_rej_reason(reason).to_string());
        self.optional(103, refused)
    }

    /// OrderCancelReject.
    fn cancel_reject(&mut self, happened: &Happened) -> &mut Message {
        let Happened { request, subject, .. } = happened;
        let order_id = subject.map_or("NONE".to_owned(), |order| order.root.to_string());
        let status = subject.map_or(OrdStatus::Rejected, |order| order.status);
        let is_cancel = request.is_cancel();
        self.add(37, order_id).add(11, request.order.client_order_id);
        self.optional(41, request.order.orig_client_order_id().map(|id| id.to_string()));
        self.add(39, char::from(status as u8)).add(434, if is_cancel { '1' } else { '2' });
        self.optional(102, reason(happened).map(|reason| cxl_rej_reason(reason).to_string()))
    }

    /// Writes it with its BeginString, BodyLength and CheckSum, on a line.
    fn write(&self, out: &mut dyn Write) -> Result<()> {
        let fields = self.0.iter().map(|(tag, value)| format!("{tag}={value}\u{1}"));
        let body: String = fields.collect();
        let message = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len());
        let sum = message.bytes().fold(0u8, u8::wrapping_add);
        writeln!(out, "{message}10={sum:03}\u{1}")
    }
}

/// OrderQty (38) of an order.
fn quantity(request: Option<&Request>) -> Option<String> {
    Some(decimal(request?.order.terms()?.quantity.into()))
}

/// UTCTimestamp, with nanoseconds.
fn utc(time: u64) -> String {
    iso(time).replace('-', "").replace('T', "-").trim_end_matches('Z').to_owned()
}

/// ExecType (150).
fn exec_type(execution: &Execution) -> char {
    match execution.kind {
        ExecutionKind::New => '0',
        ExecutionKind::Canceled => '4',
        ExecutionKind::Replaced => '5',
        ExecutionKind::Rejected(_) | ExecutionKind::CancelRejected(_) => '8',
        ExecutionKind::Expired => 'C',
        ExecutionKind::Trade { .. } => 'F',
    }
}

/// OrdRejReason (103); 99 is another one, which Text (58) names.
fn ord_rej_reason(reason: Reason) -> u32 {
    match reason {
        Reason::UnknownSymbol => 1,
        Reason::MarketClosed => 2,
        Reason::MaxQuantity | Reason::MaxNotional | Reason::MaxPosition | Reason::MaxOpenOrders => {
            3
        }
        Reason::DuplicateClientOrderId => 6,
        Reason::VenueUnsupported => 11,
        _ => 99,
    }
}

/// CxlRejReason (102).
fn cxl_rej_reason(reason: Reason) -> u32 {
    match reason {
        Reason::OrderClosed | Reason::VenueTooLate => 0,
        Reason::UnknownOrder | Reason::VenueUnknownOrder => 1,
        Reason::DuplicateClientOrderId => 6,
        _ => 99,
    }
}
