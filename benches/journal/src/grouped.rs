//! Stores that group nothing by themselves: alone, and with a group commit. While a thread commits
//! what waited, more gathers.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use tinywindow::journal::Batch;

use crate::contender::{Contender, Order};

/// Something that keeps records.
pub trait Store: Send + 'static {
    /// One transaction; when this returns it is on stable storage.
    fn commit(&mut self, records: &Batch);
}

/// One client, which commits order after order.
pub struct Alone<S> {
    name: &'static str,
    is_peer: bool,
    work: Mutex<(S, Batch)>,
}

impl<S: Store> Alone<S> {
    pub fn new(name: &'static str, is_peer: bool, store: S) -> Self {
        Self { name, is_peer, work: Mutex::new((store, Batch::default())) }
    }
}

impl<S: Store> Contender for Alone<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_peer(&self) -> bool {
        self.is_peer
    }

    fn send(&self, _: usize, order: &Order) {
        let (store, batch) = &mut *self.work.lock().expect("no panic");
        batch.push(|out| out.extend_from_slice(&order.record));
        store.commit(batch);
        batch.clear();
    }
}

/// Commits of one store, for all of its clients.
pub struct Grouped {
    name: &'static str,
    is_peer: bool,
    shared: Arc<Shared>,
    /// Where each client hears that its orders are durable.
    clients: Vec<Mutex<(Sender<usize>, Receiver<usize>)>>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    work: Condvar,
}

#[derive(Default)]
struct Waiting {
    records: Batch,
    told: Vec<(Sender<usize>, usize)>,
    ended: bool,
}

impl Grouped {
    pub fn new(name: &'static str, is_peer: bool, clients: usize, store: impl Store) -> Self {
        let shared = Arc::<Shared>::default();
        let clients = (0..clients).map(|_| Mutex::new(mpsc::channel())).collect();
        let of_writer = Arc::clone(&shared);
        let writer = Some(thread::spawn(move || of_writer.write(store)));
        Self { name, is_peer, shared, clients, writer }
    }

    fn queue(&self, client: &Sender<usize>, order: &Order, tag: usize) {
        let mut waiting = self.shared.waiting.lock().expect("no panic");
        let was_empty = waiting.told.is_empty();
        waiting.records.push(|out| out.extend_from_slice(&order.record));
        waiting.told.push((client.clone(), tag));
        drop(waiting);
        if was_empty {
            self.shared.work.notify_one();
        }
    }
}

impl Shared {
    fn write(&self, mut store: impl Store) {
        let (mut records, mut told) = (Batch::default(), Vec::new());
        loop {
            let waiting = self.waiting.lock().expect("no panic");
            let idle = |waiting: &mut Waiting| waiting.told.is_empty() && !waiting.ended;
            let mut waiting = self.work.wait_while(waiting, idle).expect("no panic");
            if waiting.told.is_empty() {
                return;
            }
            std::mem::swap(&mut waiting.records, &mut records);
            std::mem::swap(&mut waiting.told, &mut told);
            drop(waiting);
            store.commit(&records);
            records.clear();
            for (client, tag) in told.drain(..) {
                client.send(tag).expect("a client");
            }
        }
    }
}

impl Contender for Grouped {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_peer(&self) -> bool {
        self.is_peer
    }

    fn send(&self, client: usize, order: &Order) {
        let client = self.clients[client].lock().expect("no panic");
        self.queue(&client.0, order, 0);
        client.1.recv().expect("a writer");
    }

    fn submit(&self, order: &Order, tag: usize) {
        self.queue(&self.clients[0].lock().expect("no panic").0, order, tag);
    }

    fn completed(&self, each: &mut dyn FnMut(usize)) {
        let client = self.clients[0].lock().expect("no panic");
        each(client.1.recv().expect("a writer"));
        client.1.try_iter().for_each(each);
    }
}

impl Drop for Grouped {
    fn drop(&mut self) {
        self.shared.waiting.lock().expect("no panic").ended = true;
        self.shared.work.notify_one();
        self.writer.take().expect("a writer").join().expect("no panic");
    }
}
