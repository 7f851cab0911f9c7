//! The turnstile, a hand-written protocol of atomics and a lock, under schedules of which shuttle
//! tries all, or many at random: nobody overtakes, and nobody waits for ever.

use shuttle::sync::{Arc, Mutex};
use shuttle::thread;

mod turnstile {
    include!(concat!(env!("OUT_DIR"), "/turnstile.rs"));

    /// So many threads pass, of which some leave without having waited, as one does whose frame is
    /// refused. Gives their numbers in the order in which they were served.
    pub fn pass(threads: usize) -> Vec<usize> {
        use super::{Arc, Mutex, thread};
        let turnstile = Arc::new(Turnstile::default());
        let entered = Arc::new(Mutex::new(0));
        let served = Arc::new(Mutex::new(Vec::new()));
        let pass = |thread: usize| {
            let (turnstile, entered, served) =
                (Arc::clone(&turnstile), Arc::clone(&entered), Arc::clone(&served));
            thread::spawn(move || {
                let (ticket, number) = {
                    let mut entered = entered.lock().unwrap();
                    *entered += 1;
                    (turnstile.enter(), *entered)
                };
                if thread != 1 {
                    ticket.wait();
                    served.lock().unwrap().push(number);
                }
            })
        };
        let threads: Vec<_> = (0..threads).map(pass).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let served = served.lock().unwrap();
        served.clone()
    }
}

fn assert_in_order(threads: usize) {
    let served = turnstile::pass(threads);
    assert_eq!(served.len(), threads - 1);
    assert!(served.is_sorted(), "{served:?}");
}

#[test]
fn in_every_schedule_two_threads_are_served_in_order() {
    shuttle::check_dfs(|| assert_in_order(2), None);
}

#[test]
fn in_many_schedules_four_threads_are_served_in_order() {
    shuttle::check_random(|| assert_in_order(4), 20_000);
    shuttle::check_pct(|| assert_in_order(4), 20_000, 3);
}
