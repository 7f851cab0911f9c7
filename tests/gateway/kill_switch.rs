//! Who halted and resumed, and the second person that resuming takes where it is configured.

use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::gateway::{ExposureScope, HaltScope, RESUME_CONTEXT, acting_as};
use tinywindow::journal::{self, Kind};
use tinywindow::signing::{Context, Suite, keygen, public_key, sign, sign_with_context};
use tinywindow::{Error, Reason};

use crate::desk::*;

fn scopes() -> [(HaltScope, Reason, &'static str); 4] {
    [
        (HaltScope::Gateway, Reason::HaltedGateway, "gateway"),
        (HaltScope::Session(1), Reason::HaltedSession, "session 1"),
        (HaltScope::Symbol(text("AAPL")), Reason::HaltedSymbol, "symbol AAPL"),
        (HaltScope::Account(text("fund")), Reason::HaltedAccount, "account fund"),
    ]
}

/// The secret key of the second person.
fn officer() -> Vec<u8> {
    keygen(Suite::Ed25519, 77).to_vec()
}

/// A configuration with a journal, and two people who may agree.
fn guarded(folder: &Folder) -> String {
    let keys = [public_key(&keygen(Suite::Ed25519, 76)), public_key(&officer())];
    let paths = [0, 1].map(|n| {
        let path = folder.journal().with_file_name(format!("officer-{n}.pub"));
        std::fs::write(&path, keys[n].as_ref().unwrap()).unwrap();
        format!("'{}'", path.display())
    });
    folder.config(&[("kill_switch.resume_keys", &format!("[{}]", paths.join(", ")))])
}

fn agree(request: &str) -> Vec<u8> {
    let context = Context::Custom(RESUME_CONTEXT);
    sign_with_context(&officer(), context, request.as_bytes()).unwrap().to_vec()
}

/// Everything in the journal with the name of who did it.
fn changes(folder: &Folder) -> Vec<(String, String)> {
    let mut changes = Vec::new();
    let each = |record: &journal::Record<'_>| {
        if record.kind == Kind::Event {
            let event = Event::decode(record.payload).unwrap();
            let what = match event.kind {
                EventKind::Halt { scope, halted: true } => format!("halt {scope}"),
                EventKind::Halt { scope, halted: false } => format!("resume {scope}"),
                EventKind::Resumed { scope, key_id } => format!("resume {scope} {key_id:016x}"),
                EventKind::ExposureLimits { .. } => "limits".to_owned(),
                EventKind::TickBand { .. } => "ticks".to_owned(),
                _ => return Ok(()),
            };
            let by = tinywindow::order::text_str(&event.by).to_owned();
            changes.push((what, by));
        }
        Ok(())
    };
    journal::read(&folder.journal(), each).unwrap();
    changes
}

#[test]
fn a_halt_is_lifted_by_a_second_person_where_that_is_configured() {
    let folder = Folder::new();
    let desk = Desk::open(&guarded(&folder));
    for (scope, reason, named) in scopes() {
        assert_eq!(desk.gateway.resume_request(scope), Err(Error::NotFound));
        desk.gateway.halt(scope).unwrap();
        let request = desk.gateway.resume_request(scope).unwrap();
        assert_eq!(request, format!("resume {named}, halted at {NOW}"));
        assert_eq!(desk.gateway.resume(scope), Err(Error::Unauthenticated));
        let stranger = sign_with_context(
            &keygen(Suite::Ed25519, 78),
            Context::Custom(RESUME_CONTEXT),
            request.as_bytes(),
        );
        let elsewhere = sign(&officer(), request.as_bytes()).unwrap();
        let another = agree(&request.replace("halted at ", "halted at 1"));
        for bad in [&stranger.unwrap()[..], &elsewhere, &another, &[]] {
            let resumed = desk.gateway.resume_agreed(scope, bad);
            assert_eq!(resumed, Err(Error::Unauthenticated));
        }
        desk.reject(buy(100, 1), reason);
        desk.gateway.resume_agreed(scope, &agree(&request)).unwrap();
        desk.accept(buy(100, 1));
    }
}

#[test]
fn an_agreement_is_to_one_halt_only() {
    let folder = Folder::new();
    let config = guarded(&folder);
    let desk = Desk::open(&config);
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    let agreed = agree(&desk.gateway.resume_request(HaltScope::Gateway).unwrap());
    desk.clock.set(NOW + 1);
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    let resumed = desk.gateway.resume_agreed(HaltScope::Gateway, &agreed);
    assert_eq!(resumed, Err(Error::Unauthenticated), "it was halted once more");
    let agreed = agree(&desk.gateway.resume_request(HaltScope::Gateway).unwrap());
    assert_eq!(desk.gateway.resume_agreed(HaltScope::Session(1), &agreed), Err(Error::NotFound));
    drop(desk);
    // The halt, and what is to be signed for it, outlive the process.
    let desk = Desk::reopen(&config, 0);
    desk.gateway.resume_agreed(HaltScope::Gateway, &agreed).unwrap();
    assert_eq!(desk.gateway.resume_agreed(HaltScope::Gateway, &agreed), Err(Error::NotFound));
    drop(desk);
    Desk::reopen(&config, 0).accept(buy(100, 1));
}

#[test]
fn without_keys_nobody_has_to_agree_and_nobody_can() {
    let desk = Desk::open(&config(&[]));
    desk.gateway.halt(HaltScope::Gateway).unwrap();
    let agreed = agree(&desk.gateway.resume_request(HaltScope::Gateway).unwrap());
    let resumed = desk.gateway.resume_agreed(HaltScope::Gateway, &agreed);
    assert_eq!(resumed, Err(Error::Unauthenticated));
    desk.gateway.resume(HaltScope::Gateway).unwrap();
    desk.accept(buy(100, 1));
}

#[test]
fn the_journal_tells_who_made_each_change() {
    let folder = Folder::new();
    let desk = Desk::open(&guarded(&folder));
    let scope = HaltScope::Session(2);
    let alice = text("alice");
    acting_as(alice, || desk.gateway.halt(scope)).unwrap();
    acting_as(text("bob"), || {
        acting_as(alice, || desk.gateway.set_exposure_limits(ExposureScope::Firm, None)).unwrap();
        let agreed = agree(&desk.gateway.resume_request(scope).unwrap());
        desk.gateway.resume_agreed(scope, &agreed).unwrap();
    });
    desk.gateway.set_tick_bands(&text("AAPL"), &[]).unwrap();
    // The name is the thread's, not the gateway's.
    acting_as(alice, || {
        std::thread::scope(|threads| {
            threads.spawn(|| desk.gateway.halt(HaltScope::Gateway)).join().unwrap()
        })
    })
    .unwrap();
    drop(desk);
    let key_id = tinywindow::signing::key_id(&officer()).unwrap();
    let expected = [
        ("halt session 2".to_owned(), "alice"),
        ("limits".to_owned(), "alice"),
        (format!("resume session 2 {key_id:016x}"), "bob"),
        ("ticks".to_owned(), ""),
        ("halt gateway".to_owned(), ""),
    ];
    assert_eq!(changes(&folder), expected.map(|(what, by)| (what, by.to_owned())));
}
