//! Finished orders are forgotten at opening: what follows from them stays, and so does whatever
//! somebody may still ask for.

use std::sync::{Arc, Mutex, OnceLock, mpsc};

use proptest::prelude::*;
use tinywindow::Error::{self, StaleSequence};
use tinywindow::Gateway;
use tinywindow::Reason;
use tinywindow::config::Config;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::gateway::{
    ExecError, HaltScope, ManualClock, Options, OrdStatus, OrderAck, RETRY_MEMORY, Simulation,
};
use tinywindow::journal::{self, Kind, SystemDisk};
use tinywindow::order::{Order, Request, Side, Terms, TimeInForce, UNIT};
use tinywindow::telemetry::{Event as LogEvent, Level, Record, set_log_sink};
use tinywindow::venue::paper::PaperVenue;
use tinywindow::venue::{Command, Execution, ExecutionKind, OpenOrder, Venue, VenueStatus};

use crate::desk::*;
use crate::properties::{Runner, SELF_TRADE_MODES, Step, any_step, tight};

const DAY: u64 = 86_400 * SECOND;

/// When a gateway is opened again that forgets all that finished before.
const LATER: u64 = NOW + SECOND;

fn refused(error: Error) -> Result<OrderAck, ExecError> {
    Err(ExecError::Refused(error))
}

/// A gateway with room for much, besides these changes; it keeps what finished for ever.
fn keeps(folder: &Folder, changes: &[(&str, &str)]) -> String {
    folder.config(&[&[("gateway.max_orders", "20_000")], changes].concat())
}

/// The same, that keeps what finished for so many days.
fn keeps_for(folder: &Folder, days: &str, changes: &[(&str, &str)]) -> String {
    keeps(folder, &[&[("gateway.keep_finished_days", days)], changes].concat())
}

/// An order that ends at once: what it finds it trades with.
fn passing(order: Order) -> Order {
    let time_in_force = TimeInForce::ImmediateOrCancel;
    let terms = Terms { time_in_force, ..*order.terms().expect("terms") };
    Order { request: Request::New(terms), ..order }
}

/// Sends so many rejected frames that the session can repeat none from before.
pub fn outlive_retries(desk: &Desk, session_id: u64, time: u64) {
    for _ in 0..RETRY_MEMORY {
        desk.submit(of(session_id, Order { sending_time: time, ..cancel(u64::MAX) }));
    }
    assert_eq!(desk.acks(RETRY_MEMORY).len(), RETRY_MEMORY);
}

/// How often a journal says that orders were forgotten; all of it is whole.
fn forgettings(folder: &Folder) -> usize {
    let mut count = 0;
    let history = journal::read(&folder.journal(), |record| {
        let event = Event::decode(record.payload).filter(|_| record.kind == Kind::Event);
        let is_one = |e: &Event<'_>| matches!(e.kind, EventKind::OrdersForgotten { .. });
        count += usize::from(event.as_ref().is_some_and(is_one));
        Ok(())
    });
    assert_eq!(history.unwrap().damage, None);
    count
}

fn is_forgotten(desk: &Desk, client_order_id: u64) -> bool {
    desk.gateway.order_status(1, client_order_id) == Err(Error::NotFound)
}

#[test]
fn a_session_that_has_used_its_share_takes_orders_again() {
    const SHARE: u64 = 1250;
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[]));
    let frames: Vec<_> = (0..SHARE).map(|_| desk.frame(passing(buy(100, 1)))).collect();
    for (tag, frame) in frames.iter().enumerate() {
        while desk.gateway.submit(frame, tag as u64) == Err(Error::Busy) {
            std::thread::yield_now();
        }
    }
    let last = desk.acks(SHARE as usize)[&(SHARE - 1)];
    let full = refused(Error::Capacity);
    assert_eq!(desk.try_send(buy(100, 1)), full);
    desk.gateway.close().unwrap();

    let desk = Desk::reopen_at(LATER, &folder.config(&[]), SHARE);
    assert_eq!(desk.try_send(buy(100, 1)), full);
    drop(desk);

    let config = folder.config(&[("gateway.keep_finished_days", "0")]);
    let desk = Desk::reopen_at(LATER, &config, SHARE);
    assert_eq!(
        desk.send_frame(&frames[SHARE as usize - 1]),
        Ok(OrderAck { duplicate: true, ..last })
    );
    assert_eq!(desk.send_frame(&frames[0]), refused(StaleSequence));
    let forgotten = SHARE - RETRY_MEMORY as u64;
    assert!(is_forgotten(&desk, 1) && is_forgotten(&desk, forgotten));
    assert_eq!(desk.status(forgotten + 1).ord_status, OrdStatus::Expired);
    desk.reject(named(forgotten + 1, buy(100, 1)), Reason::DuplicateClientOrderId);
    // Ids go on, and what is forgotten leaves its client order id and its room.
    let again = desk.send(named(1, passing(buy(100, 1))));
    assert_eq!((again.accepted, again.order_id), (true, SHARE + 2));
    assert_eq!(desk.status(1).order_id, SHARE + 2);
    for _ in 1..forgotten {
        desk.accept(passing(buy(100, 1)));
    }
    assert_eq!(desk.try_send(buy(100, 1)), full);
    desk.gateway.close().unwrap();
    assert_eq!(forgettings(&folder), 1);
}

#[test]
fn orders_are_kept_for_so_many_days() {
    let folder = Folder::new();
    let config = keeps_for(&folder, "1", &[]);
    let at = |time, order| Order { sending_time: time, ..passing(order) };
    let desk = Desk::open(&config);
    let first = desk.accept(buy(100, 1));
    desk.accept(cancel(first));
    desk.clock.set(NOW + DAY);
    let second = desk.accept(at(NOW + DAY, buy(100, 1)));
    outlive_retries(&desk, 1, NOW + DAY);
    let sent = 2 + second.max(first) + RETRY_MEMORY as u64;
    drop(desk);
    let desk = Desk::reopen_at(NOW + DAY, &config, sent);
    assert!(!is_forgotten(&desk, first), "decided a day before, and no longer");
    drop(desk);
    let desk = Desk::reopen_at(NOW + DAY + 1, &config, sent);
    assert!(is_forgotten(&desk, first) && is_forgotten(&desk, first + 1));
    assert!(!is_forgotten(&desk, second));
    drop(desk);
    let desk = Desk::reopen_at(NOW + 2 * DAY + 1, &config, sent);
    assert!(is_forgotten(&desk, second));
    drop(desk);
    assert_eq!(forgettings(&folder), 2);
    // Without the key nothing is.
    drop(Desk::reopen_at(NOW + 9 * DAY, &keeps(&folder, &[]), sent));
    assert_eq!(forgettings(&folder), 2);
}

#[test]
fn open_orders_stay_with_all_that_was_asked_of_them() {
    let folder = Folder::new();
    let limits = [("limits.max_position", "10"), ("sessions.max_open_orders", "2")];
    let other = |order| Order { account: text("other"), ..of(2, order) };
    let desk = Desk::open(&keeps(&folder, &limits));
    let finished = desk.accept(passing(buy(90, 1)));
    let first = desk.accept(buy(100, 6));
    desk.accept(other(passing(sell(100, 2))));
    let replaced = desk.accept(replace(first, buy(99, 7)));
    let sold = desk.accept(buy(98, 1));
    desk.accept(other(passing(sell(99, 5))));
    let resting = desk.accept(buy(97, 2));
    let ids = [first, replaced];
    outlive_retries(&desk, 1, NOW);
    let before = ids.map(|id| desk.status(id));
    let cum = desk.status(replaced).cum_quantity;
    drop(desk);
    let desk = Desk::reopen_at(LATER, &keeps_for(&folder, "0", &limits), 10_000);
    assert!(is_forgotten(&desk, finished));
    // The replaced one has filled, and is forgotten with all of its requests.
    assert_eq!(cum, 7 * UNIT);
    assert!(ids.iter().all(|id| is_forgotten(&desk, *id)));
    assert_eq!(before.map(|state| state.ord_status), [OrdStatus::Filled; 2]);
    assert_eq!(desk.status(sold).ord_status, OrdStatus::New);
    // Its position is not: of 10 there are 7 held, and 3 open.
    desk.reject(buy(96, 1), Reason::MaxOpenOrders);
    desk.accept(cancel(sold));
    desk.reject(buy(96, 2), Reason::MaxPosition);
    let newer = desk.accept(replace(resting, buy(97, 3)));
    desk.accept(other(passing(sell(97, 2))));
    assert_eq!(desk.status(newer).cum_quantity, 2 * UNIT);
    assert_eq!(desk.status(resting).cum_quantity, 2 * UNIT);
}

#[test]
fn an_order_that_is_owed_an_answer_stays_and_is_delivered() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let (desk, hold) = Desk::open_held(&keeps(&folder, &[]));
    let finished = desk.accept(passing(buy(90, 1)));
    let resting = desk.accept(sell(100, 10));
    outlive_retries(&desk, 1, NOW);
    hold.hold();
    let bought = desk.submit(of(2, buy(100, 4)));
    hold.wait_for(1);
    copy_journal(&folder.journal(), &copy.journal());
    hold.release();
    let desk = Desk::reopen_at(LATER, &keeps_for(&copy, "0", &[]), bought);
    assert!(is_forgotten(&desk, finished));
    assert_eq!(desk.gateway.order_status(2, bought).unwrap().cum_quantity, 4 * UNIT);
    assert_eq!(desk.status(resting).cum_quantity, 4 * UNIT);
}

#[test]
fn those_that_must_not_trade_with_each_other_are_still_kept_apart() {
    let folder = Folder::new();
    let changes =
        [("firm.self_trade_prevention", "'firm'"), ("firm.self_trade_mode", "'cancel_oldest'")];
    let desk = Desk::open(&keeps(&folder, &changes));
    // Of the finished ones some are in front of those that stay, and some behind.
    let mut open = Vec::new();
    for price in [103, 101, 104, 102, 101] {
        desk.accept(passing(buy(90, 1)));
        open.push(desk.accept(sell(price, 1)));
        let other = desk.accept(sell(price, 1));
        desk.accept(Order { side: Side::Sell, ..cancel(other) });
    }
    outlive_retries(&desk, 1, NOW);
    drop(desk);
    let desk = Desk::reopen_at(LATER, &keeps_for(&folder, "0", &changes), 10_000);
    desk.accept(of(2, buy(102, 1)));
    let statuses: Vec<_> = open.iter().map(|id| desk.status(*id).ord_status).collect();
    let (stays, goes) = (OrdStatus::New, OrdStatus::Canceled);
    assert_eq!(statuses, [stays, goes, stays, goes, goes]);
}

#[test]
fn what_was_forgotten_once_stays_forgotten_whatever_ends_the_process() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let desk = Desk::open(&keeps(&folder, &[]));
    let finished = desk.accept(passing(buy(90, 1)));
    let resting = desk.accept(buy(91, 1));
    outlive_retries(&desk, 1, NOW);
    desk.gateway.close().unwrap();
    let changes = [("journal.snapshot_events", "1_000_000_000")];
    let desk = Desk::reopen_at(LATER, &keeps_for(&folder, "0", &changes), 10_000);
    let status = desk.status(resting);
    // As a crash right after opening would leave it.
    copy_journal(&folder.journal(), &copy.journal());
    for text in [keeps(&copy, &changes), keeps_for(&copy, "0", &changes)] {
        let desk = Desk::reopen_at(LATER, &text, 10_000);
        assert!(is_forgotten(&desk, finished));
        assert_eq!(desk.status(resting), status);
        drop(desk);
        assert_eq!(forgettings(&copy), 1);
    }
}

#[test]
fn snapshots_of_what_is_left_say_what_the_whole_journal_does() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let changes = [("journal.snapshot_events", "1")];
    let mut sent = 0;
    for round in 0..3 {
        let now = NOW + round * SECOND;
        let desk = Desk::reopen_at(now, &keeps_for(&folder, "0", &changes), sent);
        for price in 90..95 {
            let open = desk.accept(buy(price, 1));
            desk.accept(passing(buy(price, 1)));
            desk.accept(replace(open, buy(price, 2)));
        }
        outlive_retries(&desk, 1, NOW);
        desk.gateway.close().unwrap();
        sent = 10_000 * (round + 1);
    }
    assert_eq!(forgettings(&folder), 2);
    copy_journal(&folder.journal(), &copy.journal());
    files(&copy.journal(), "tws").iter().for_each(|file| std::fs::remove_file(file).unwrap());
    let newest = [&folder, &copy].map(|folder| {
        let clock = Arc::new(ManualClock::new(NOW + 3 * SECOND));
        let mut config = Config::parse(&keeps_for(folder, "0", &changes)).unwrap();
        // Where it is must not be what differs.
        config.digest = [7; 32];
        let options = Options { clock, ..Options::default() };
        Gateway::open_with(&config, options).unwrap().close().unwrap();
        std::fs::read(files(&folder.journal(), "tws").pop().unwrap()).unwrap()
    });
    assert!(newest[0] == newest[1]);
    assert_eq!([&folder, &copy].map(forgettings), [3; 2]);
}

#[test]
fn who_used_an_id_first_stays_while_another_who_did_does() {
    let folder = Folder::new();
    let desk = Desk::open(&keeps(&folder, &[]));
    let bought = desk.accept(buy(100, 1));
    desk.reject(named(bought + 1, cancel(u64::MAX)), Reason::UnknownOrder);
    desk.accept(of(2, sell(100, 1)));
    outlive_retries(&desk, 1, NOW);
    desk.reject(named(bought, buy(100, 1)), Reason::DuplicateClientOrderId);
    let before = desk.status(bought);
    assert_eq!(before.ord_status, OrdStatus::Filled);
    drop(desk);
    // Not "rejected as a duplicate": whoever asks must not take it for one that never was.
    let desk = Desk::reopen_at(LATER, &keeps_for(&folder, "0", &[]), 10_000);
    assert_eq!(desk.status(bought), before);
    assert!(is_forgotten(&desk, bought + 1));
    outlive_retries(&desk, 1, LATER);
    drop(desk);
    let desk = Desk::reopen_at(LATER + SECOND, &keeps_for(&folder, "0", &[]), 20_000);
    assert!(is_forgotten(&desk, bought));
}

/// A venue that tells of what somebody else has put into its mouth.
struct Told {
    paper: PaperVenue,
    more: Arc<Mutex<Vec<Execution>>>,
}

impl Venue for Told {
    fn submit(&mut self, command: &Command, answers: &mut Vec<Execution>) {
        self.paper.submit(command, answers);
    }

    fn events(&mut self, answers: &mut Vec<Execution>) {
        self.paper.events(answers);
        answers.append(&mut self.more.lock().unwrap());
    }

    fn status(&mut self, order_id: u64) -> VenueStatus {
        self.paper.status(order_id)
    }

    fn recover(&mut self, open: &[OpenOrder], last_exec_id: u64) {
        self.paper.recover(open, last_exec_id);
    }
}

#[test]
fn a_trade_that_comes_too_late_is_told_and_is_in_no_position() {
    let folder = Folder::new();
    let limits = [("limits.max_position", "10")];
    let desk = Desk::open(&keeps(&folder, &limits));
    desk.accept(passing(buy(90, 1)));
    outlive_retries(&desk, 1, NOW);
    drop(desk);
    drop(Desk::reopen_at(LATER, &keeps_for(&folder, "0", &limits), 10_000));

    // Whoever is told so may well halt the gateway that tells it.
    let (desk, (log, lines)) = (Arc::new(OnceLock::<Desk>::new()), mpsc::channel());
    let halted = Arc::clone(&desk);
    let sink = move |record: &Record| {
        if record.event == LogEvent::TradeOfNoOrder {
            halted.get().unwrap().gateway.halt(HaltScope::Gateway).unwrap();
            log.send(record.to_string()).unwrap();
        }
    };
    set_log_sink(Some(Box::new(sink)), Level::Error).unwrap();
    let more = Arc::new(Mutex::new(Vec::new()));
    let venue = {
        let more = Arc::clone(&more);
        let told = move || Told { paper: PaperVenue::new(2, 100), more: Arc::clone(&more) };
        Arc::new(move || Box::new(told()) as Box<dyn Venue>)
    };
    let world = Simulation { disk: Arc::new(SystemDisk), venue };
    let desk = desk.get_or_init(|| Desk::open_in(world, &keeps(&folder, &limits)));
    let late = |exec_id, order_id| Execution {
        exec_id,
        order_id,
        kind: ExecutionKind::Trade { price: 90, quantity: 10 * UNIT },
        cum_quantity: 10 * UNIT,
        leaves_quantity: 0,
    };
    more.lock().unwrap().extend([late(900, 1), late(900, 1), late(901, 7_000_000)]);
    let canceled = Execution { kind: ExecutionKind::Canceled, ..late(902, 1) };
    more.lock().unwrap().push(canceled);
    desk.accept(of(2, buy(80, 1)));
    let message = "gateway: a trade of no known order is in no position";
    for (order, exec) in [(1, 900), (7_000_000, 901)] {
        let line = lines.recv_timeout(PATIENCE).expect("it is told");
        assert_eq!(line, format!("{message} order_id={order} exec_id={exec}"));
    }
    set_log_sink(None, Level::Error).unwrap();
    desk.reject(of(2, buy(80, 1)), Reason::HaltedGateway);
    desk.gateway.resume(HaltScope::Gateway).unwrap();
    desk.gateway.close().unwrap();
    let desk = Desk::reopen(&keeps(&folder, &limits), 20_000);
    desk.accept(of(2, buy(81, 9)));
    desk.reject(of(2, buy(81, 1)), Reason::MaxPosition);
}

/// Lets both sessions send so much that they can repeat nothing from before.
fn outlive(runner: &mut Runner) {
    for session_id in [1, 2] {
        for _ in 0..RETRY_MEMORY {
            let sequence = runner.next_sequence();
            runner.desk.submit(of(session_id, Order { sequence, ..cancel(u64::MAX) }));
            runner.skipped += 1;
        }
        runner.desk.acks(RETRY_MEMORY);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 100, ..Default::default() })]

    #[test]
    fn a_gateway_that_forgets_decides_like_one_that_does_not(
        before in proptest::collection::vec(any_step(), 1..80),
        after in proptest::collection::vec(any_step(), 1..80),
        prevents in proptest::sample::select(&["'off'", "'account'", "'firm'"][..]),
        mode in proptest::sample::select(&SELF_TRADE_MODES[..]),
    ) {
        let folder = Folder::new();
        let prevention = [("firm.self_trade_prevention", prevents), ("firm.self_trade_mode", mode)];
        let room = [("gateway.max_orders", "20_000")];
        let limits = [&tight()[..], &prevention[..], &room[..]].concat();
        let mut steady = Runner::new(config(&limits), false);
        let forgets = [&limits[..], &[("gateway.keep_finished_days", "0")]].concat();
        let mut forgetting = Runner::new(folder.config(&forgets), true);
        for step in &before {
            prop_assert_eq!(forgetting.step(step), steady.step(step), "{:?}", step);
        }
        for runner in [&mut forgetting, &mut steady] {
            outlive(runner);
            runner.step(&Step::Wait(1));
            runner.step(&Step::Restart);
        }
        // What is open is there, as it was, and nothing else.
        for (left, status) in forgetting.statuses().into_iter().zip(steady.statuses()) {
            let is_open = status.is_ok_and(|status| status.leaves_quantity > 0);
            prop_assert_eq!(left, if is_open { status } else { Err(Error::NotFound) });
        }
        for step in &after {
            let is_there = |order: &Order| {
                let (session_id, id) = (order.session_id, order.client_order_id);
                forgetting.desk.gateway.order_status(session_id, id).is_ok()
            };
            if let Step::Replace(pick, _) | Step::Cancel(pick) = step
                && !forgetting.pick(*pick).is_some_and(is_there)
            {
                continue;
            }
            prop_assert_eq!(forgetting.step(step), steady.step(step), "{:?}", step);
        }
        for (left, status) in forgetting.statuses().into_iter().zip(steady.statuses()) {
            prop_assert!(left == status || left == Err(Error::NotFound));
        }
    }
}
