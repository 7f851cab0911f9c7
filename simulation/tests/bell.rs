//! The bell, a hand-written protocol of a flag and a place to sleep, under schedules of which shuttle
//! tries all, or many at random: whatever is said is heard, and nobody sleeps for ever.

mod gateway {
    use std::task::Waker;

    use shuttle::sync::Arc;
    use shuttle::sync::atomic::{AtomicUsize, Ordering};
    use shuttle::thread;

    mod bell {
        include!(concat!(env!("OUT_DIR"), "/bell.rs"));
    }
    #[expect(dead_code, reason = "others of the product's sleep by it too")]
    mod parker {
        include!(concat!(env!("OUT_DIR"), "/parker.rs"));
    }

    /// So many threads of a venue say something each, and so many submitters ring; the writer thread
    /// returns when it has heard and worked off all.
    pub fn hear(speakers: usize, submitters: usize) {
        let bell = Arc::new(bell::Bell::new());
        let [said, queued] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let start = |threads, counter: &Arc<AtomicUsize>, wake: fn(&Arc<bell::Bell>)| {
            for _ in 0..threads {
                let (bell, counter) = (Arc::clone(&bell), Arc::clone(counter));
                thread::spawn(move || {
                    counter.fetch_add(1, Ordering::SeqCst);
                    wake(&bell);
                });
            }
        };
        start(speakers, &said, |bell| Waker::from(Arc::clone(bell)).wake());
        start(submitters, &queued, |bell| bell.ring());
        let (mut heard, mut worked_off) = (0, 0);
        while (heard, worked_off) != (speakers, submitters) {
            if bell.has_news() {
                bell.take_news();
                heard = said.load(Ordering::SeqCst);
            }
            worked_off = queued.load(Ordering::SeqCst);
            if !bell.has_news() && (heard, worked_off) != (speakers, submitters) {
                bell.wait(None);
            }
        }
    }
}

#[test]
fn in_every_schedule_what_one_says_is_heard() {
    shuttle::check_dfs(|| gateway::hear(1, 0), None);
}

#[test]
fn in_many_schedules_what_two_say_is_heard() {
    shuttle::check_random(|| gateway::hear(2, 2), 20_000);
    shuttle::check_pct(|| gateway::hear(2, 2), 20_000, 3);
}
