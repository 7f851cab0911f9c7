//! Sends the flow through the gateway, some frames at a time, and takes in what comes back.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use tinywindow::Error;
use tinywindow::gateway::{Completion, HaltScope};
use tinywindow::order::{self, FRAME_MAX, SIGNED_MAX, Text};
use tinywindow::signing::Context;

use super::check::{Ledger, kind_index};
use super::latency::{histogram, percentiles};
use super::script::{Message, Script, Step};
use super::setup::Setup;
use super::source::{Flow, FlowEvent};
use super::summary::{Check, Events, Summary};
use super::timeline::Sample;
use crate::lobster::{Event, Kind};
use crate::output::{Failure, Result};

/// The disk may be slow; a gateway that says nothing for so long is stuck.
const ANSWER_MAX: Duration = Duration::from_secs(30);
const COMPLETIONS_MAX: usize = 4_096;

/// A replay under way.
pub struct Pipeline<'a> {
    setup: &'a Setup,
    flow: &'a Flow,
    symbol: Text,
    /// Of the flow's day, nanoseconds since 1970 UTC.
    midnight: u64,
    script: Script,
    ledger: Ledger,
    events: [Events; Kind::ALL.len()],
    /// Frames in flight, and how many there may be.
    in_flight: usize,
    window: usize,
    completions: Vec<Completion>,
    acks: Histogram<u64>,
}

/// A replay that is done.
pub struct Replayed {
    pub summary: Summary,
    /// By gate, and `ack`.
    pub histograms: Vec<(&'static str, Histogram<u64>)>,
    pub samples: Vec<Sample>,
    pub midnight: u64,
}

impl<'a> Pipeline<'a> {
    pub fn new(setup: &'a Setup, flow: &'a Flow, window: u32) -> Result<Pipeline<'a>> {
        let symbol = order::text(flow.symbol.as_bytes()).ok_or("not a symbol")?;
        Ok(Pipeline {
            setup,
            flow,
            symbol,
            midnight: flow.date.midnight(),
            script: Script::new(symbol, &setup.session_ids),
            ledger: Ledger::default(),
            events: [Events::default(); Kind::ALL.len()],
            in_flight: 0,
            window: window as usize,
            completions: Vec::with_capacity(COMPLETIONS_MAX),
            acks: histogram(),
        })
    }

    pub fn run(mut self, events: impl Iterator<Item = FlowEvent>) -> Result<Replayed> {
        let bar = progress_bar(self.flow.count);
        let start = Instant::now();
        for event in events {
            let (line, event) = event?;
            self.event(line, &event)?;
            bar.inc(1);
        }
        self.wait_while(|pipeline| pipeline.in_flight > 0)?;
        let elapsed = start.elapsed();
        bar.finish_and_clear();
        self.setup.gateway.close().map_err(failure)?;
        // What the venue said after the last ack.
        while self.drain(Duration::ZERO)? > 0 {}
        Ok(self.finish(elapsed))
    }

    fn event(&mut self, line: u64, event: &Event) -> Result<()> {
        self.events[kind_index(event.kind)].read += 1;
        self.wait_while(|pipeline| pipeline.script.must_wait(event))?;
        let now = self.midnight + event.time;
        self.setup.clock.set(now);
        let step = self.script.step(line, event, now);
        match step.map_err(|what| format!("{}, line {line}: {what}", self.flow.name))? {
            Step::Send(message) => self.send(line, event, &message),
            Step::Halt(halted) => self.halt(halted),
            Step::Count => Ok(()),
            Step::NotOfThisFlow => {
                self.events[kind_index(event.kind)].not_of_this_flow += 1;
                Ok(())
            }
        }
    }

    fn send(&mut self, line: u64, event: &Event, message: &Message) -> Result<()> {
        self.wait_while(|pipeline| pipeline.in_flight >= pipeline.window)?;
        let mut frame = [0; FRAME_MAX];
        let length = self.sign(message, &mut frame).map_err(failure)?;
        let tag = self.ledger.send(line, event, message);
        self.events[kind_index(event.kind)].sent += 1;
        loop {
            match self.setup.gateway.submit(&frame[..length], tag) {
                Ok(()) => self.in_flight += 1,
                Err(Error::Busy) if self.in_flight > 0 => {
                    let before = self.in_flight;
                    self.wait_while(|pipeline| pipeline.in_flight >= before)?;
                    continue;
                }
                Err(error) if is_refusal(error) => {
                    if let Some(order_id) = self.ledger.refused(tag, error) {
                        self.script.replaced(order_id, false);
                    }
                }
                Err(error) => return Err(failure(error)),
            }
            // Takes what is there, so that the gateway need not hold it.
            return self.drain(Duration::ZERO).map(drop);
        }
    }

    fn sign(&self, message: &Message, frame: &mut [u8]) -> tinywindow::Result<usize> {
        let signer = &self.setup.signers[message.session];
        let order = order::Order { key_id: signer.key_id(), ..message.order };
        let mut signed = [0; SIGNED_MAX];
        let length = order::encode(&order, &mut signed)?;
        let signature = signer.sign(Context::Order, &signed[..length])?;
        order::frame(&signed[..length], &signature, frame)
    }

    fn halt(&mut self, halted: bool) -> Result<()> {
        let (gateway, scope) = (&self.setup.gateway, HaltScope::Symbol(self.symbol));
        let done = if halted { gateway.halt(scope) } else { gateway.resume(scope) };
        done.map_err(failure)?;
        let events = &mut self.events[kind_index(Kind::Halt)];
        events.sent += 1;
        events.matched += 1;
        Ok(())
    }

    /// Takes in what comes until the condition no longer holds.
    fn wait_while(&mut self, condition: impl Fn(&Self) -> bool) -> Result<()> {
        while condition(self) {
            if self.drain(ANSWER_MAX)? == 0 {
                let seconds = ANSWER_MAX.as_secs();
                return Err(format!("the gateway gave no answer for {seconds} s").into());
            }
        }
        Ok(())
    }

    /// Takes in what comes within the time; gives how much.
    fn drain(&mut self, timeout: Duration) -> Result<usize> {
        self.completions.clear();
        let gateway = &self.setup.gateway;
        gateway.poll(&mut self.completions, COMPLETIONS_MAX, timeout).map_err(failure)?;
        for completion in &self.completions {
            if let Some(acked) = self.ledger.complete(completion) {
                self.in_flight -= 1;
                self.acks.saturating_record(acked.elapsed_ns);
                if let Some((order_id, accepted)) = acked.replaced {
                    self.script.replaced(order_id, accepted);
                }
            }
        }
        Ok(self.completions.len())
    }

    fn finish(mut self, elapsed: Duration) -> Replayed {
        let outcomes = self.ledger.finish();
        for (events, matched) in self.events.iter_mut().zip(outcomes.matched) {
            events.matched += matched;
        }
        let executions = self.events[kind_index(Kind::Execution)];
        let check = match outcomes.mismatches.len() {
            _ if !(self.setup.may_refuse || outcomes.refusals.is_empty()) => Check::Refused,
            0 if executions.matched == 0 => Check::NothingToCompare,
            0 => Check::Matched,
            _ => Check::NotMatched,
        };
        let [orders, replaces, cancels] = outcomes.requests;
        let mut histograms = self.setup.latencies.histograms();
        let gates = histograms.iter().map(|(gate, seen)| (*gate, seen.len())).collect();
        histograms.push(("ack", self.acks));
        let frames = outcomes.requests.iter().map(|requests| requests.sent).sum();
        let seconds = elapsed.as_secs_f64();
        let summary = Summary {
            flow: self.flow.name.clone(),
            symbol: self.flow.symbol.clone(),
            date: self.flow.date.to_string(),
            sessions: self.setup.session_ids.len(),
            suite: self.setup.signers[0].suite().name(),
            events: Kind::ALL.iter().map(|kind| kind.name()).zip(self.events).collect(),
            orders,
            replaces,
            cancels,
            fills: outcomes.fills,
            unknown: outcomes.unknown,
            gates,
            reasons: outcomes.reasons.into_iter().collect(),
            refusals: outcomes.refusals.into_iter().collect(),
            latencies_ns: histograms.iter().map(|(gate, h)| (*gate, percentiles(h))).collect(),
            frames,
            seconds,
            frames_per_second: frames as f64 / seconds.max(f64::MIN_POSITIVE),
            journal_bytes: self.setup.journal_size(),
            check,
            mismatch_count: outcomes.mismatches.len(),
            mismatches: outcomes.mismatches,
        };
        let samples = outcomes.timeline.finish();
        Replayed { summary, histograms, samples, midnight: self.midnight }
    }
}

/// On the standard error, if that is a terminal.
fn progress_bar(events: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{wide_bar} {percent:>3} %  {human_pos} events, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(events);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn failure(error: Error) -> Failure {
    Failure::Message(format!("the gateway takes no more frames: {error}"))
}

/// Those that leave the gateway as it was, and the replay with an order less.
fn is_refusal(error: Error) -> bool {
    matches!(
        error,
        Error::Order
            | Error::Unauthenticated
            | Error::StaleTime
            | Error::StaleSequence
            | Error::SequenceReused
            | Error::SequenceGap
            | Error::Throttled
            | Error::Capacity
    )
}
