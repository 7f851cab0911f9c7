//! `kill -9` at random moments: what was acknowledged is there afterwards, nothing is there twice,
//! and positions are what the venue's log says.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tinywindow::gateway::OrderAck;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::journal::{self, Kind};
use tinywindow::order::Order;

use crate::desk::*;
use crate::venue_log::VenueLog;

const CHILD_CONFIG: &str = "TINYWINDOW_TEST_CRASH_CONFIG";
const CHILD_FIRST: &str = "TINYWINDOW_TEST_CRASH_FIRST";

/// How many kills, or losses of power; `make soak` asks for more.
pub fn rounds(by_default: u64) -> u64 {
    let asked = std::env::var("TINYWINDOW_TEST_ROUNDS");
    asked.map_or(by_default, |rounds| rounds.parse().expect("a number"))
}

/// The frame that a session sends under this sequence: the same in both processes, so that the
/// parent can repeat it. Some trade, some rest, some are rejected, some cancel.
pub fn frame(desk: &Desk, session_id: u64, sequence: u64) -> Vec<u8> {
    let order = match sequence % 8 {
        7 => Order { sequence, ..named(sequence, cancel(sequence - 1)) },
        n if (n + session_id).is_multiple_of(2) => buy(101, 1 + n),
        n => sell(100 + n as i64 % 3, 1 + n),
    };
    let quantity_limit_broken = sequence.is_multiple_of(5);
    let order = if quantity_limit_broken && sequence % 8 != 7 { buy(100, 50) } else { order };
    desk.frame(Order { sequence, ..named(sequence, of(session_id, order)) })
}

/// Segments are small, so that the journal goes on in a new one all the time.
pub fn crash_config(folder: &Folder) -> String {
    folder.config(&[
        ("limits.max_quantity", "20"),
        ("gateway.max_orders", "200_000"),
        ("journal.segment_bytes", "65_536"),
        ("journal.snapshot_events", "1_000"),
    ])
}

/// The test runs itself again as the child that is killed.
const THIS_TEST: &str =
    "crash::whatever_the_moment_of_the_kill_no_acknowledged_order_is_lost_and_none_is_there_twice";

/// A process that sends from these sequences on, and tells each ack on its output.
pub fn sender(config: &str, first: &[u64]) -> Command {
    let first: Vec<String> = first.iter().map(u64::to_string).collect();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture", THIS_TEST])
        .env(CHILD_CONFIG, config)
        .env(CHILD_FIRST, first.join(" "))
        .stdout(Stdio::piped());
    command
}

fn send_until_killed(config: &str) {
    let first = std::env::var(CHILD_FIRST).unwrap();
    let desk = Desk::open(config);
    println!();
    std::thread::scope(|scope| {
        for (session_id, first) in SESSIONS.into_iter().zip(first.split(' ')) {
            let (desk, first) = (&desk, first.parse().unwrap());
            scope.spawn(move || {
                for sequence in first.. {
                    let ack = desk.send_frame(&frame(desk, session_id, sequence)).unwrap();
                    println!("{}", line(&ack));
                }
            });
        }
    });
}

/// How a child tells an ack.
pub fn line(ack: &OrderAck) -> String {
    let reason = ack.reason.map_or(0, |reason| reason.number());
    let OrderAck { session_id, sequence, order_id, accepted, .. } = ack;
    format!("ack {session_id} {sequence} {order_id} {accepted} {reason}")
}

/// The ack that a gateway gives of an order that it knows.
pub fn known(desk: &Desk, session_id: u64, sequence: u64) -> Option<String> {
    let state = desk.gateway.order_status(session_id, sequence).ok()?;
    let reason = state.reason.map_or(0, |reason| reason.number());
    let (order_id, accepted) = (state.order_id, state.accepted?);
    Some(format!("ack {session_id} {sequence} {order_id} {accepted} {reason}"))
}

/// Lets a child run until some time after its first ack, kills it, and gives the acks it told.
pub fn run_and_kill(mut child: Child, delay: Duration) -> Vec<String> {
    let output = BufReader::new(child.stdout.take().unwrap());
    let (acks, received) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let lines = output.lines().map_while(Result::ok);
        lines.filter(|line| line.starts_with("ack ")).for_each(|line| acks.send(line).unwrap());
    });
    let first = received.recv_timeout(PATIENCE).expect("a first ack");
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    let mut told: Vec<String> = std::iter::once(first).chain(received).collect();
    // The last line may have been cut by the kill.
    told.retain(|line| line.split(' ').count() == 6 && line.split(' ').nth(5) != Some(""));
    told
}

/// (session id, sequence) of every decision in the journal; its order ids count from one.
pub fn decisions(folder: &Folder) -> Vec<(u64, u64)> {
    let mut decisions = Vec::new();
    let events = |record: &journal::Record<'_>| {
        if record.kind == Kind::Event
            && let EventKind::Decided { order_id, frame, .. } =
                Event::decode(record.payload).unwrap().kind
        {
            decisions.push((frame.order.session_id, frame.order.sequence));
            assert_eq!(order_id, decisions.len() as u64);
        }
        Ok(())
    };
    assert_eq!(journal::read(&folder.journal(), events).unwrap().damage, None);
    decisions
}

#[test]
fn whatever_the_moment_of_the_kill_no_acknowledged_order_is_lost_and_none_is_there_twice() {
    if let Ok(config) = std::env::var(CHILD_CONFIG) {
        return send_until_killed(&config);
    }
    let folder = Folder::new();
    let config = crash_config(&folder);
    let mut random = Random(7);
    let mut acknowledged: HashMap<(u64, u64), String> = HashMap::new();
    let mut first = [1; 4];
    for round in 0..rounds(20) {
        let child = sender(&config, &first).spawn().unwrap();
        let told = run_and_kill(child, Duration::from_micros(random.below(60_000)));
        let before = acknowledged.len();
        for ack in told {
            let mut fields = ack.split(' ').skip(1).map(|field| field.parse().unwrap_or(0));
            let key = (fields.next().unwrap(), fields.next().unwrap());
            assert_eq!(acknowledged.insert(key, ack), None, "told once");
        }
        assert!(acknowledged.len() > before, "round {round}");

        let desk = Desk::open(&config);
        for ((session_id, sequence), ack) in &acknowledged {
            assert_eq!(known(&desk, *session_id, *sequence).as_ref(), Some(ack));
        }
        for (session_id, first) in SESSIONS.into_iter().zip(&mut first) {
            retry_the_last(&desk, session_id, first, &mut acknowledged);
        }
        VenueLog::read(&folder).assert_is_the_state_of(&desk);
        drop(desk);
        let decided = decisions(&folder);
        let unique: HashSet<_> = decided.iter().collect();
        assert_eq!(unique.len(), decided.len(), "no frame was decided twice");
        assert_eq!(decided.len(), acknowledged.len());
    }
}

/// Repeats the session's last frames and what may have been in flight: each is a duplicate of what
/// was told, or is told now. `first` becomes the sequence to go on with.
fn retry_the_last(
    desk: &Desk,
    session_id: u64,
    first: &mut u64,
    acknowledged: &mut HashMap<(u64, u64), String>,
) {
    let last = acknowledged.keys().filter(|(of, _)| *of == session_id).map(|(_, s)| *s).max();
    let last = last.unwrap_or(0);
    for sequence in last.saturating_sub(5).max(1)..last + 3 {
        let ack = desk.send_frame(&frame(desk, session_id, sequence)).unwrap();
        match acknowledged.get(&(session_id, sequence)) {
            Some(told) => assert!(ack.duplicate && line(&ack) == *told, "{told}, now {ack:?}"),
            None => drop(acknowledged.insert((session_id, sequence), line(&ack))),
        }
    }
    *first = last + 3;
}
