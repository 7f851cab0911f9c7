//! One path, three forms: blocking, polled and async sending; completions and their descriptor.

use std::future::Future;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tinywindow::Error;
use tinywindow::gateway::{Completion, ExecError, Gate, Observer, OrderAck};
use tinywindow::order::{Order, Side};

use crate::desk::*;

type Ending = Result<OrderAck, ExecError>;

/// Every ending but the unknown: accepted, rejected, filled, retried, refused.
fn script(desk: &Desk) -> Vec<Vec<u8>> {
    let orders = [
        named(1, buy(100, 10)),
        of(2, sell(100, 4)),
        replace(1, named(3, buy(101, 11))),
        named(4, buy(100, 5_000)),
        market(Side::Sell, 2),
        named(6, cancel(3)),
        named(7, cancel(3)),
        named(8, buy(100, 1)),
    ];
    let mut frames: Vec<Vec<u8>> = orders.into_iter().map(|order| desk.frame(order)).collect();
    frames.push(frames[3].clone());
    frames.push(frames[0].clone());
    frames.push(frames[0][..50].to_vec());
    frames.push(desk.frame(Order { sending_time: 1, ..buy(100, 1) }));
    frames
}

fn polled(desk: &Desk, frame: &[u8]) -> Ending {
    desk.gateway.submit(frame, 7)?;
    loop {
        let mut completions = Vec::new();
        assert_eq!(desk.gateway.poll(&mut completions, 1, PATIENCE), Ok(1));
        if let Completion::Ack { tag, result, .. } = completions[0] {
            assert_eq!(tag, 7);
            return result;
        }
    }
}

fn awaited(desk: &Desk, frame: &[u8]) -> Ending {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(desk.gateway.send_order(frame))
}

#[test]
fn every_form_gives_the_same_endings() {
    let forms: [fn(&Desk, &[u8]) -> Ending; 3] =
        [|desk, frame| desk.send_frame(frame), polled, awaited];
    let changes = [("limits.max_quantity", "1000")];
    let run = |config: &str, form: fn(&Desk, &[u8]) -> Ending| -> Vec<Ending> {
        let desk = Desk::open(config);
        script(&desk).iter().map(|frame| form(&desk, frame)).collect()
    };
    let expected = run(&config(&changes), forms[0]);
    assert_eq!(expected.iter().filter(|ending| ending.is_err()).count(), 2);
    for form in forms {
        assert_eq!(run(&config(&changes), form), expected);
        assert_eq!(run(&Folder::new().config(&changes), form), expected);
    }
}

#[test]
fn completions_are_numbered_from_one_without_a_gap() {
    let desk = Desk::open(&config(&[]));
    let buyer = desk.submit(buy(100, 10));
    desk.submit(of(2, sell(100, 4)));
    desk.submit(cancel(buyer));
    desk.gateway.submit(&desk.frame(named(buyer, buy(1, 1))), 0).unwrap();
    let mut completions = Vec::new();
    while desk.gateway.poll(&mut completions, 3, Duration::ZERO).unwrap() > 0 {}
    let numbers = completions.iter().map(|completion| match completion {
        Completion::Ack { number, .. } | Completion::Execution { number, .. } => *number,
    });
    assert!(numbers.eq(1..=completions.len() as u64));
    assert_eq!(completions.len(), 4 + 5, "acks; new, new, two sides of a trade, canceled");
}

/// Whether poll(2) calls the descriptor readable.
fn is_readable(fd: BorrowedFd<'_>) -> bool {
    let mut poll = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd, of an open descriptor.
    unsafe { libc::poll(&mut poll, 1, 0) == 1 }
}

#[test]
fn the_descriptor_is_readable_exactly_while_completions_wait() {
    let desk = Desk::open(&config(&[]));
    let fd = desk.gateway.completion_fd().unwrap();
    let mut completions = Vec::new();
    for _ in 0..3 {
        assert!(!is_readable(fd));
        desk.submit(buy(100, 1));
        assert!(is_readable(fd));
        assert_eq!(desk.gateway.poll(&mut completions, 1, Duration::ZERO), Ok(1));
        assert!(is_readable(fd), "one of two is left");
        assert_eq!(desk.gateway.poll(&mut completions, 1, Duration::ZERO), Ok(1));
    }
    assert!(!is_readable(fd));
}

#[test]
fn the_descriptor_of_a_gateway_with_completions_is_readable_at_once() {
    let desk = Desk::open(&config(&[]));
    desk.submit(buy(100, 1));
    assert!(is_readable(desk.gateway.completion_fd().unwrap()));
}

#[test]
fn a_host_that_reads_from_the_descriptor_does_not_hang_the_gateway() {
    let desk = Desk::open(&config(&[]));
    let fd = desk.gateway.completion_fd().unwrap();
    desk.submit(buy(100, 1));
    let mut byte = [0_u8; 8];
    // SAFETY: `byte` is writable for its 8 bytes.
    assert_eq!(unsafe { libc::read(fd.as_raw_fd(), byte.as_mut_ptr().cast(), 8) }, 1);
    assert_eq!(desk.completions().len(), 2);
    desk.submit(buy(100, 1));
    assert!(is_readable(fd));
}

#[test]
fn poll_waits_as_long_as_it_is_told() {
    let desk = Desk::open(&config(&[]));
    let began = Instant::now();
    let waited = desk.gateway.poll(&mut Vec::new(), 1, Duration::from_millis(30));
    assert_eq!(waited, Ok(0));
    assert!(began.elapsed() >= Duration::from_millis(30));
}

/// Polls in another thread and does `act` when that waits; gives what was polled.
fn polled_while(desk: &Desk, act: impl FnOnce()) -> usize {
    std::thread::scope(|scope| {
        let poller = scope.spawn(|| desk.gateway.poll(&mut Vec::new(), 1, PATIENCE).unwrap());
        std::thread::sleep(Duration::from_millis(30));
        assert!(!poller.is_finished());
        let began = Instant::now();
        act();
        let polled = poller.join().unwrap();
        assert!(began.elapsed() < PATIENCE / 2, "woken, not timed out");
        polled
    })
}

#[test]
fn poll_wakes_for_an_ack_for_a_retrys_ack_and_for_the_close() {
    let folder = Folder::new();
    for config in [config(&[]), folder.config(&[])] {
        let desk = Desk::open(&config);
        let frame = desk.frame(buy(100, 1));
        assert_eq!(polled_while(&desk, || desk.gateway.submit(&frame, 0).unwrap()), 1);
        desk.gateway.poll(&mut Vec::new(), 1, PATIENCE).unwrap();
        assert_eq!(polled_while(&desk, || desk.gateway.submit(&frame, 0).unwrap()), 1);
        assert_eq!(polled_while(&desk, || desk.gateway.close().unwrap()), 0);
    }
}

#[test]
fn a_retry_joins_the_original_that_is_in_flight() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    let frame = desk.frame(buy(100, 1));
    hold.hold();
    desk.gateway.submit(&frame, 1).unwrap();
    desk.gateway.submit(&frame, 2).unwrap();
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| desk.send_frame(&frame));
        std::thread::sleep(Duration::from_millis(20));
        assert!(!blocked.is_finished());
        hold.release();
        let ack = blocked.join().unwrap().unwrap();
        assert!(ack.accepted && ack.duplicate);
    });
    let acks = desk.acks(2);
    assert_eq!(acks[&2], OrderAck { duplicate: true, ..acks[&1] });
    assert!(acks[&1].accepted && !acks[&1].duplicate);
}

#[test]
fn a_timeout_leaves_the_order_in_the_unknown_and_a_retry_resolves_it() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    let frame = desk.frame(named(7, buy(100, 1)));
    hold.hold();
    let ending = desk.gateway.send(&frame, Duration::from_millis(10));
    let Err(ExecError::Unknown { error, ack }) = ending else { panic!("{ending:?}") };
    assert_eq!(error, Error::Timeout);
    assert_eq!((ack.order_id, ack.session_id, ack.sequence, ack.client_order_id), (1, 1, 1, 7));
    assert_eq!(desk.status(7).accepted, None);
    hold.release();
    let retried = desk.send_frame(&frame).unwrap();
    assert!(retried.accepted && retried.duplicate);
    assert_eq!(retried.order_id, 1);
}

#[test]
fn a_future_dropped_in_mid_flight_loses_neither_its_order_nor_its_place() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[("sessions.max_in_flight", "2")]));
    for id in 1..10 {
        let frame = desk.frame(named(id, buy(100, 1)));
        hold.hold();
        {
            let mut future = pin!(desk.gateway.send_order(&frame));
            let mut context = Context::from_waker(Waker::noop());
            assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
        }
        hold.release();
        let ack = desk.send_frame(&frame).unwrap();
        assert!(ack.accepted && ack.duplicate);
    }
}

/// A task of an executor that is gone: woken, it drops its future.
struct Orphan(Mutex<Option<Pin<Box<dyn Future<Output = Ending> + Send>>>>);

impl Wake for Orphan {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().expect("a future").take());
    }
}

#[test]
fn a_task_may_drop_its_future_when_it_is_woken() {
    let (desk, hold) = Desk::open_held(&Folder::new().config(&[]));
    let desk = Arc::new(desk);
    hold.hold();
    let frame = desk.frame(buy(100, 1));
    let future = {
        let (desk, frame) = (Arc::clone(&desk), frame.clone());
        async move { desk.gateway.send_order(frame).await }
    };
    let task = Arc::new(Orphan(Mutex::new(Some(Box::pin(future)))));
    let waker = Waker::from(Arc::clone(&task));
    let polled =
        task.0.lock().unwrap().as_mut().unwrap().as_mut().poll(&mut Context::from_waker(&waker));
    assert_eq!(polled, Poll::Pending);
    hold.release();
    // From a thread of its own: a gateway that hangs would hang the test.
    let (told, ack) = std::sync::mpsc::channel();
    let sender = std::thread::spawn(move || told.send(desk.send_frame(&frame)));
    assert!(ack.recv_timeout(PATIENCE).expect("no deadlock").unwrap().accepted);
    sender.join().unwrap().unwrap();
}

#[test]
fn a_panic_in_the_hosts_code_leaves_nobody_waiting() {
    struct Panics;
    impl Observer for Panics {
        fn gate(&self, gate: Gate, _: Duration) {
            assert_ne!(gate, Gate::Venue, "a bug of the host's");
        }
    }
    let desk = Desk::try_open(&config(&[]), NOW, Some(Arc::new(Panics))).unwrap();
    let frame = desk.frame(buy(100, 1));
    catch_unwind(AssertUnwindSafe(|| desk.send_frame(&frame))).unwrap_err();
    assert_eq!(desk.try_send(buy(100, 1)), Err(ExecError::Refused(Error::Internal)));

    let folder = Folder::new();
    let desk = Desk::try_open(&folder.config(&[]), NOW, Some(Arc::new(Panics))).unwrap();
    let ending = desk.try_send(buy(100, 1));
    assert!(matches!(ending, Err(ExecError::Unknown { error: Error::Unknown, .. })), "{ending:?}");
    assert_eq!(desk.try_send(buy(100, 1)), Err(ExecError::Refused(Error::Internal)));
}

#[test]
fn nothing_is_sent_before_a_future_is_polled() {
    let desk = Desk::open(&config(&[]));
    let frame = desk.frame(buy(100, 1));
    drop(desk.gateway.send_order(&frame));
    assert!(!desk.send_frame(&frame).unwrap().duplicate);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_await_their_acks_at_once() {
    let folder = Folder::new();
    let desk = Arc::new(Desk::open(&folder.config(&[])));
    let task = |session_id| {
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            for _ in 0..20 {
                let frame = desk.frame(of(session_id, buy(100, 1)));
                assert!(desk.gateway.send_order(frame).await.unwrap().accepted);
            }
        })
    };
    for task in SESSIONS.map(task) {
        task.await.unwrap();
    }
}

#[test]
fn closing_drains_and_then_refuses() {
    let folder = Folder::new();
    let (desk, hold) = Desk::open_held(&folder.config(&[]));
    hold.hold();
    let order = desk.submit(buy(100, 1));
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| desk.gateway.close());
        std::thread::sleep(Duration::from_millis(20));
        assert!(!closing.is_finished(), "an order is in flight");
        hold.release();
        assert_eq!(closing.join().unwrap(), Ok(()));
    });
    let closed = ExecError::Refused(Error::Closed);
    let frame = desk.frame(buy(100, 1));
    assert_eq!(desk.send_frame(&frame), Err(closed));
    assert_eq!(awaited(&desk, &frame), Err(closed));
    assert_eq!(desk.gateway.submit(&frame, 0), Err(Error::Closed));
    assert_eq!(desk.gateway.pre_trade_check(&frame), Err(closed));
    assert_eq!(desk.gateway.halt(tinywindow::gateway::HaltScope::Gateway), Err(Error::Closed));
    assert_eq!(desk.gateway.add_key(1, &key(9)), Err(Error::Closed));
    assert!(desk.acks(1)[&order].accepted, "what was pending can be polled");
    assert_eq!(desk.status(order).accepted, Some(true));
    assert_eq!(desk.gateway.close(), Ok(()), "closing again is fine");
}

#[derive(Default)]
struct Log(Mutex<Vec<Gate>>);

impl Observer for Log {
    fn gate(&self, gate: Gate, _: Duration) {
        self.0.lock().unwrap().push(gate);
    }
}

#[test]
fn an_observer_is_told_of_every_gate_in_order() {
    let folder = Folder::new();
    let changes = [("limits.max_quantity", "10")];
    for config in [config(&changes), folder.config(&changes)] {
        let log = Arc::new(Log::default());
        let desk = Desk::try_open(&config, NOW, Some(Arc::clone(&log) as _)).unwrap();
        let gates_of = |order| {
            log.0.lock().unwrap().clear();
            desk.send(order);
            log.0.lock().unwrap().clone()
        };
        assert_eq!(gates_of(buy(100, 1)), Gate::ALL);
        assert_eq!(gates_of(buy(100, 11)), Gate::ALL[..6], "rejected: not sent");
    }
}
