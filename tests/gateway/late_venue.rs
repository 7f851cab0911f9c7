//! A venue that answers late, of a gateway that keeps no journal: the acks come when the answers do.

use std::sync::Arc;
use std::time::Duration;

use tinywindow::gateway::{Completion, ExecError, OrderAck, Simulation};
use tinywindow::journal::SystemDisk;
use tinywindow::venue::paper::PaperVenue;
use tinywindow::venue::{Command, Execution, OpenOrder, Venue, VenueStatus};
use tinywindow::{Error, Reason};

use crate::desk::*;

/// Answers each command only when the next one comes.
struct Late {
    paper: PaperVenue,
    kept: Vec<Execution>,
}

impl Venue for Late {
    fn submit(&mut self, command: &Command, answers: &mut Vec<Execution>) {
        answers.append(&mut self.kept);
        self.paper.submit(command, &mut self.kept);
    }

    fn events(&mut self, _: &mut Vec<Execution>) {}

    fn status(&mut self, order_id: u64) -> VenueStatus {
        self.paper.status(order_id)
    }

    fn recover(&mut self, open: &[OpenOrder], last_exec_id: u64) {
        self.paper.recover(open, last_exec_id);
    }
}

fn desk() -> Desk {
    desk_with(&[])
}

fn desk_with(changes: &[(&str, &str)]) -> Desk {
    let venue = || Box::new(Late { paper: PaperVenue::new(2, 100), kept: Vec::new() }) as _;
    let world = Simulation { disk: Arc::new(SystemDisk), venue: Arc::new(venue) };
    Desk::open_in(world, &config(changes))
}

#[test]
fn until_the_venue_answers_the_outcome_is_unknown_and_then_it_is_known() {
    let desk = desk();
    let frame = desk.frame(named(1, buy(100, 1)));
    let ending = desk.gateway.send(&frame, Duration::from_millis(1));
    let Err(ExecError::Unknown { error: Error::Timeout, ack }) = ending else {
        panic!("{ending:?}")
    };
    assert_eq!(desk.gateway.order_status(1, 1).unwrap().accepted, None);
    desk.gateway.submit(&desk.frame(named(2, buy(100, 1))), 2).unwrap();
    assert_eq!(desk.gateway.order_status(1, 1).unwrap().accepted, Some(true));
    let retried = desk.send_frame(&frame).unwrap();
    assert_eq!(retried, OrderAck { accepted: true, duplicate: true, ..ack });
}

#[test]
fn acks_come_in_the_order_of_the_answers_each_before_its_executions() {
    let desk = desk();
    for order in 1..=4 {
        desk.gateway.submit(&desk.frame(named(order, buy(100, 1))), order).unwrap();
    }
    let told: Vec<u64> = desk
        .completions()
        .iter()
        .map(|completion| match completion {
            Completion::Ack { tag, .. } => *tag,
            Completion::Execution { execution, .. } => 10 * execution.client_order_id,
        })
        .collect();
    assert_eq!(told, [1, 10, 2, 20, 3, 30]);
}

/// The venue may know it as the replace by the time that the cancel comes, and then it stays.
#[test]
fn an_order_cancelled_with_its_session_while_its_replace_is_on_its_way_is_not_traded_with() {
    let desk = desk_with(&[("firm.self_trade_prevention", "'firm'")]);
    desk.gateway.submit(&desk.frame(named(1, sell(101, 1))), 1).unwrap();
    desk.gateway.submit(&desk.frame(named(2, replace(1, sell(100, 1)))), 2).unwrap();
    assert_eq!(desk.gateway.cancel_session(1), Ok(1));
    let newer = desk.send(of(2, buy(100, 1)));
    assert_eq!(newer.reason, Some(Reason::SelfTrade));
    assert_eq!(desk.gateway.cancel_session(1), Ok(1), "it can be asked for again");
}
