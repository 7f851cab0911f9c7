//! A venue that says things unasked, from a thread of its own, to a gateway that is given nothing
//! to do: they are heard, told and written down all the same.

use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use tinywindow::Error;
use tinywindow::gateway::{Completion, ExecError, ExecType, OrdStatus, Simulation};
use tinywindow::journal::{self, Kind, Record, SystemDisk};
use tinywindow::order::UNIT;
use tinywindow::signing::{self, Key, Suite, Usage};
use tinywindow::venue::{Command, Execution, ExecutionKind, OpenOrder, Venue, VenueStatus};

use crate::desk::*;
use crate::snapshots::{Odd, on};

/// A line to a venue, as its own threads have it.
#[derive(Default)]
struct Line {
    said: Mutex<Said>,
    news: Mutex<Option<Waker>>,
    /// It always says that it has something to say.
    never_stops: bool,
}

#[derive(Default)]
struct Said {
    last_exec_id: u64,
    waiting: Vec<Execution>,
}

impl Said {
    fn push(&mut self, order_id: u64, kind: ExecutionKind, cum_quantity: u64, leaves: u64) {
        self.last_exec_id += 1;
        let exec_id = self.last_exec_id;
        self.waiting.push(Execution {
            exec_id,
            order_id,
            kind,
            cum_quantity,
            leaves_quantity: leaves,
        });
    }
}

impl Line {
    fn say(&self, order_id: u64, kind: ExecutionKind, cum_quantity: u64, leaves: u64) {
        self.said.lock().unwrap().push(order_id, kind, cum_quantity, leaves);
        self.wake();
    }

    /// Of an order for `total` units one more trades, its `number`th.
    fn trade(&self, order_id: u64, number: u64, total: u64) {
        let kind = ExecutionKind::Trade { price: 100 * UNIT as i64, quantity: UNIT };
        self.say(order_id, kind, number * UNIT, (total - number) * UNIT);
    }

    fn cancel(&self, order_id: u64) {
        self.say(order_id, ExecutionKind::Canceled, 0, 0);
    }

    fn wake(&self) {
        self.news.lock().unwrap().iter().for_each(Waker::wake_by_ref);
    }
}

/// The gateway's end of it: every new order is live at once.
struct Remote(Arc<Line>);

impl Venue for Remote {
    fn begin(&mut self, news: Waker) {
        *self.0.news.lock().unwrap() = Some(news);
    }

    fn submit(&mut self, command: &Command, answers: &mut Vec<Execution>) {
        let mut said = self.0.said.lock().unwrap();
        if let Command::New(order) = command {
            said.push(order.order_id, ExecutionKind::New, 0, order.quantity);
        }
        answers.append(&mut said.waiting);
    }

    fn events(&mut self, answers: &mut Vec<Execution>) {
        answers.append(&mut self.0.said.lock().unwrap().waiting);
        if self.0.never_stops {
            self.0.wake();
        }
    }

    fn status(&mut self, _: u64) -> VenueStatus {
        VenueStatus::Received
    }

    fn recover(&mut self, _: &[OpenOrder], last_exec_id: u64) {
        self.0.said.lock().unwrap().last_exec_id = last_exec_id;
    }
}

fn open(config: &str, line: &Arc<Line>) -> Desk {
    let of_venue = Arc::clone(line);
    let venue = move || Box::new(Remote(Arc::clone(&of_venue))) as Box<dyn Venue>;
    Desk::open_in(Simulation { disk: Arc::new(SystemDisk), venue: Arc::new(venue) }, config)
}

/// A gateway in memory and one with a journal, each at the end of a line.
fn each_desk(mut test: impl FnMut(&Desk, &Line)) {
    let folder = Folder::new();
    for config in [config(&[]), folder.config(&[])] {
        let line = Arc::default();
        test(&open(&config, &line), &line);
    }
}

/// An order for this many units that is live, with nothing left to be told of it.
fn live(desk: &Desk, quantity: u64) -> u64 {
    let order_id = desk.send(buy(100, quantity)).order_id;
    assert_eq!(desk.executions().len(), 1);
    order_id
}

/// The next completion, which is an execution: what happened, and the order's status behind it.
fn next(desk: &Desk) -> (ExecType, OrdStatus) {
    let mut completions = Vec::new();
    assert_eq!(desk.gateway.poll(&mut completions, 1, PATIENCE), Ok(1));
    match completions.pop() {
        Some(Completion::Execution { execution, .. }) => {
            (execution.exec_type, execution.ord_status)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_polls_an_idle_gateway_hears_what_the_venue_says_unasked() {
    each_desk(|desk, line| {
        let (traded, cancelled) = (live(desk, 2), live(desk, 1));
        thread::scope(|scope| {
            scope.spawn(|| line.trade(traded, 1, 2));
            assert_eq!(next(desk), (ExecType::Trade, OrdStatus::PartiallyFilled));
            scope.spawn(|| line.trade(traded, 2, 2));
            assert_eq!(next(desk), (ExecType::Trade, OrdStatus::Filled));
            scope.spawn(|| line.cancel(cancelled));
            assert_eq!(next(desk), (ExecType::Canceled, OrdStatus::Canceled));
        });
    });
}

#[test]
fn the_descriptor_of_an_idle_gateway_becomes_readable_by_what_the_venue_says() {
    each_desk(|desk, line| {
        let order_id = live(desk, 1);
        let fd = desk.gateway.completion_fd().unwrap().as_raw_fd();
        let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd, of an open descriptor.
        assert_eq!(unsafe { libc::poll(&mut poll, 1, 0) }, 0);
        thread::scope(|scope| {
            scope.spawn(|| line.trade(order_id, 1, 1));
            // SAFETY: as above.
            assert_eq!(unsafe { libc::poll(&mut poll, 1, PATIENCE.as_millis() as i32) }, 1);
        });
        assert_eq!(desk.executions()[0].ord_status, OrdStatus::Filled);
    });
}

#[test]
fn what_is_said_between_orders_and_behind_the_last_is_told_in_full() {
    const TRADES: u64 = 500;
    const ORDERS: u64 = 20;
    each_desk(|desk, line| {
        let order_id = live(desk, TRADES);
        let mut executions = Vec::new();
        thread::scope(|scope| {
            scope.spawn(|| (1..=TRADES).for_each(|number| line.trade(order_id, number, TRADES)));
            for _ in 0..ORDERS {
                desk.accept(buy(99, 1));
            }
            while executions.len() < (TRADES + ORDERS) as usize {
                assert_ne!(desk.gateway.poll(&mut executions, usize::MAX, PATIENCE), Ok(0));
            }
        });
        assert_eq!(desk.status(1).ord_status, OrdStatus::Filled);
        assert_eq!(executions.len() as u64, TRADES + ORDERS);
    });
}

#[test]
fn what_was_said_unasked_is_in_the_journal() {
    let (folder, line) = (Folder::new(), Arc::default());
    let desk = open(&folder.config(&[]), &line);
    line.trade(live(&desk, 2), 1, 2);
    assert_eq!(next(&desk).0, ExecType::Trade);
    drop(desk);
    let desk = open(&folder.config(&[]), &Arc::default());
    assert_eq!(desk.status(1).cum_quantity, UNIT);
}

#[test]
fn what_was_said_while_the_gateway_was_closed_is_heard_when_it_opens() {
    let (folder, line) = (Folder::new(), Arc::default());
    let desk = open(&folder.config(&[]), &line);
    let order_id = live(&desk, 1);
    drop(desk);
    line.trade(order_id, 1, 1);
    let desk = open(&folder.config(&[]), &line);
    assert_eq!(next(&desk), (ExecType::Trade, OrdStatus::Filled));
}

#[test]
fn closing_hears_what_was_said_before() {
    each_desk(|desk, line| {
        line.trade(live(desk, 1), 1, 1);
        desk.gateway.close().unwrap();
        assert_eq!(next(desk), (ExecType::Trade, OrdStatus::Filled));
        line.cancel(1);
        assert_eq!(desk.executions().len(), 0, "a closed gateway hears nothing");
    });
}

#[test]
fn a_venue_that_never_stops_keeps_neither_orders_nor_closing_off() {
    let folder = Folder::new();
    for config in [config(&[]), folder.config(&[])] {
        let desk = open(&config, &Arc::new(Line { never_stops: true, ..Line::default() }));
        live(&desk, 1);
        desk.gateway.close().unwrap();
    }
}

/// How many events a journal has, and whether a checkpoint covers them all.
fn covered(folder: &Folder) -> (usize, bool) {
    let (mut events, mut is_covered) = (0, false);
    let each = |record: &Record<'_>| {
        events += usize::from(record.kind == Kind::Event);
        is_covered = match record.kind {
            Kind::Event => false,
            Kind::Checkpoint => true,
            _ => is_covered,
        };
        Ok(())
    };
    journal::read(&folder.journal(), each).expect("a journal");
    (events, is_covered)
}

/// Returns when a checkpoint covers more events than these; how many.
fn wait_until_covered(folder: &Folder, before: usize) -> usize {
    let begin = Instant::now();
    loop {
        let (events, is_covered) = covered(folder);
        if is_covered && events > before {
            return events;
        }
        assert!(begin.elapsed() < PATIENCE, "a checkpoint is signed");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A configuration whose checkpoints are signed each second.
fn signed(folder: &Folder) -> String {
    let secret = signing::keygen(Suite::Ed25519, 1);
    let Key { suite, kind, material, .. } = Key::parse(&secret).unwrap();
    let file = folder.journal().with_file_name("log.key");
    std::fs::write(&file, signing::import(suite, kind, Usage::Raw, material).unwrap()).unwrap();
    folder.config(&[
        ("journal.checkpoint_origin", "'example.com/desk-1'"),
        ("journal.checkpoint_keys", &format!("['{}']", file.display())),
        ("journal.checkpoint_seconds", "1"),
    ])
}

#[test]
fn an_idle_gateway_signs_a_checkpoint_of_what_none_covers() {
    let (folder, line) = (Folder::new(), Arc::default());
    let desk = open(&signed(&folder), &line);
    let (events, _) = covered(&folder);
    let order_id = live(&desk, 1);
    let events = wait_until_covered(&folder, events);
    line.trade(order_id, 1, 1);
    wait_until_covered(&folder, events);
}

#[test]
fn an_idle_gateway_whose_checkpoint_cannot_be_synced_ends() {
    let (folder, fails) = (Folder::new(), Arc::new(AtomicBool::new(false)));
    let desk = Desk::open_in(on(Odd::Failing(Arc::clone(&fails))), &signed(&folder));
    desk.accept(buy(100, 1));
    fails.store(true, Ordering::SeqCst);
    // A question writes nothing: only the checkpoint's sync can fail.
    let (begin, frame) = (Instant::now(), desk.frame(buy(100, 1)));
    while desk.gateway.pre_trade_check(&frame).is_ok() {
        assert!(begin.elapsed() < PATIENCE, "the gateway ends");
        thread::sleep(Duration::from_millis(20));
    }
    let ended = Err(ExecError::Refused(Error::Journal));
    assert_eq!(desk.gateway.pre_trade_check(&frame), ended);
    assert_eq!(desk.send_frame(&frame).err(), ended.err());
}
