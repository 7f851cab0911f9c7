//! What was sent and what became of it, held against what the exchange did.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Instant;

use serde::Serialize;
use tinywindow::gateway::{Completion, ExecError, ExecType, ExecutionReport, OrderAck};
use tinywindow::order::Template;
use tinywindow::{Error, Reason, decimal};

use super::script::Message;
use super::timeline::Timeline;
use crate::lobster::{Event, Kind};

/// Everything that was sent, by tag, and how it ended.
#[derive(Default)]
pub struct Ledger {
    sent: Vec<Sent>,
    /// Per session id: the tag of each client order id, which count from 1.
    tags: HashMap<u64, Vec<usize>>,
    requests: [Requests; 3],
    /// Answered as the exchange did, by kind.
    matched: [u64; Kind::ALL.len()],
    reasons: BTreeMap<&'static str, u64>,
    refusals: BTreeMap<&'static str, u64>,
    unknown: u64,
    fills: Fills,
    half: Option<(usize, ExecutionReport)>,
    timeline: Timeline,
}

/// How the requests with one template ended.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Requests {
    pub sent: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// At once, by an error: nothing was journaled.
    pub refused: u64,
}

/// The trades between two orders of the replay.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Fills {
    pub count: u64,
    /// Exponent -8.
    #[serde(serialize_with = "as_decimal")]
    pub quantity: u64,
    /// Those that no execution of the flow asked for.
    pub unexpected: u64,
}

/// One message, and the event it stands for.
struct Sent {
    line: u64,
    event: Event,
    template: Template,
    at: Instant,
    outcome: Outcome,
}

/// What is known of the answer; the fills of an execution decide whether it matches.
enum Outcome {
    Answered(Vec<Fill>),
    Rejected(Reason),
    Refused(Error),
    Unknown(Error),
}

/// What an execution of the flow filled here.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fill {
    order_id: i64,
    price: i64,
    quantity: u64,
}

/// An execution of the flow that did not fill what it filled at the exchange.
#[derive(Serialize)]
pub struct Mismatch {
    pub line: u64,
    pub order_id: i64,
    /// What the exchange did.
    pub expected: String,
    /// What happened here.
    pub found: String,
}

/// What an ack tells the replay.
pub struct Acked {
    /// From the submission.
    pub elapsed_ns: u64,
    /// The flow's order and whether its replace was accepted.
    pub replaced: Option<(i64, bool)>,
}

impl Ledger {
    /// Enters a message that is about to be sent; gives its tag.
    pub fn send(&mut self, line: u64, event: &Event, message: &Message) -> u64 {
        let tag = self.sent.len();
        let template = message.order.template();
        let outcome = Outcome::Answered(Vec::new());
        self.sent.push(Sent { line, event: *event, template, at: Instant::now(), outcome });
        self.tags.entry(message.order.session_id).or_default().push(tag);
        self.requests[template_index(template)].sent += 1;
        tag as u64
    }

    /// The message was refused at once; gives the flow's order if it was a replace.
    pub fn refused(&mut self, tag: u64, error: Error) -> Option<i64> {
        let sent = &mut self.sent[tag as usize];
        sent.outcome = Outcome::Refused(error);
        self.requests[template_index(sent.template)].refused += 1;
        *self.refusals.entry(error.name()).or_default() += 1;
        (sent.template == Template::OrderCancelReplaceRequest).then_some(sent.event.order_id)
    }

    /// Takes in a completion; tells of an ack.
    pub fn complete(&mut self, completion: &Completion) -> Option<Acked> {
        match completion {
            Completion::Ack { tag, result, .. } => Some(self.ack(*tag as usize, result)),
            Completion::Execution { execution, .. } => {
                self.execution(execution);
                None
            }
        }
    }

    fn ack(&mut self, tag: usize, result: &Result<OrderAck, ExecError>) -> Acked {
        let sent = &mut self.sent[tag];
        let requests = &mut self.requests[template_index(sent.template)];
        let accepted = matches!(result, Ok(ack) if ack.accepted);
        match result {
            Ok(OrderAck { accepted: true, .. }) => {
                requests.accepted += 1;
                if sent.event.kind != Kind::Execution {
                    self.matched[kind_index(sent.event.kind)] += 1;
                }
            }
            Ok(OrderAck { reason, .. }) => {
                requests.rejected += 1;
                if let Some(reason) = *reason {
                    *self.reasons.entry(reason.name()).or_default() += 1;
                    sent.outcome = Outcome::Rejected(reason);
                }
            }
            Err(error) => {
                self.unknown += 1;
                sent.outcome = Outcome::Unknown(match error {
                    ExecError::Unknown { error, .. } | ExecError::Refused(error) => *error,
                    ExecError::Rejected(_) => Error::Internal,
                });
            }
        }
        let is_replace = sent.template == Template::OrderCancelReplaceRequest;
        Acked {
            elapsed_ns: u64::try_from(sent.at.elapsed().as_nanos()).unwrap_or(u64::MAX),
            replaced: is_replace.then_some((sent.event.order_id, accepted)),
        }
    }

    fn execution(&mut self, execution: &ExecutionReport) {
        let Some(tag) = self.tag(execution) else { return };
        let event = &self.sent[tag].event;
        if event.kind != Kind::Execution {
            let price = event.order_price().unwrap_or_default();
            self.timeline.rest(execution, price);
        }
        if execution.exec_type == ExecType::Trade {
            match self.half.take() {
                None => self.half = Some((tag, *execution)),
                Some((other, _)) => self.fill(execution, [tag, other]),
            }
        }
    }

    fn tag(&self, execution: &ExecutionReport) -> Option<usize> {
        let index = usize::try_from(execution.client_order_id.checked_sub(1)?).ok()?;
        self.tags.get(&execution.session_id)?.get(index).copied()
    }

    /// A trade, of which both sides are told, one after the other.
    fn fill(&mut self, execution: &ExecutionReport, tags: [usize; 2]) {
        self.timeline.fill();
        self.fills.count += 1;
        self.fills.quantity = self.fills.quantity.saturating_add(execution.last_quantity);
        let is_execution = |tag: &usize| self.sent[*tag].event.kind == Kind::Execution;
        let (aggressor, resting) = match tags {
            [a, b] if is_execution(&a) && !is_execution(&b) => (a, b),
            [a, b] if is_execution(&b) && !is_execution(&a) => (b, a),
            _ => {
                self.fills.unexpected += 1;
                return;
            }
        };
        let order_id = self.sent[resting].event.order_id;
        if let Outcome::Answered(fills) = &mut self.sent[aggressor].outcome {
            let (price, quantity) = (execution.last_price, execution.last_quantity);
            fills.push(Fill { order_id, price, quantity });
        }
    }

    /// The verdict over the whole flow: every execution must have filled its very order.
    pub fn finish(mut self) -> Outcomes {
        let mut mismatches = Vec::new();
        for sent in self.sent.iter().filter(|sent| sent.event.kind == Kind::Execution) {
            match sent.mismatch() {
                Some(mismatch) => mismatches.push(mismatch),
                None => self.matched[kind_index(Kind::Execution)] += 1,
            }
        }
        Outcomes {
            requests: self.requests,
            matched: self.matched,
            reasons: self.reasons,
            refusals: self.refusals,
            unknown: self.unknown,
            fills: self.fills,
            mismatches,
            timeline: self.timeline,
        }
    }
}

/// What the ledger says at the end.
pub struct Outcomes {
    pub requests: [Requests; 3],
    pub matched: [u64; Kind::ALL.len()],
    pub reasons: BTreeMap<&'static str, u64>,
    pub refusals: BTreeMap<&'static str, u64>,
    pub unknown: u64,
    pub fills: Fills,
    pub mismatches: Vec<Mismatch>,
    pub timeline: Timeline,
}

impl Sent {
    fn mismatch(&self) -> Option<Mismatch> {
        let expected = Fill {
            order_id: self.event.order_id,
            price: self.event.order_price().unwrap_or_default(),
            quantity: self.event.order_quantity().unwrap_or_default(),
        };
        let found = match &self.outcome {
            Outcome::Answered(fills) if *fills == [expected] => return None,
            Outcome::Answered(fills) if fills.is_empty() => "filled nothing".into(),
            Outcome::Answered(fills) => {
                let fills: Vec<_> = fills.iter().map(Fill::to_string).collect();
                format!("filled {}", fills.join(", "))
            }
            Outcome::Rejected(reason) => format!("rejected: {}", reason.name()),
            Outcome::Refused(error) => format!("refused: {}", error.name()),
            Outcome::Unknown(error) => format!("outcome unknown: {}", error.name()),
        };
        let expected = format!("filled {expected}");
        Some(Mismatch { line: self.line, order_id: self.event.order_id, expected, found })
    }
}

impl fmt::Display for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantity = decimal::format_unsigned(self.quantity);
        let price = decimal::format(self.price);
        write!(f, "order {}: {quantity} at {price}", self.order_id)
    }
}

pub fn template_index(template: Template) -> usize {
    template as usize - 1
}

pub fn kind_index(kind: Kind) -> usize {
    kind as usize - 1
}

fn as_decimal<S: serde::Serializer>(quantity: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&decimal::format_unsigned(*quantity))
}
