//! The stores, each with what it needs to be durable and otherwise as it comes.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use okaywal::{LogVoid, WriteAheadLog};
use redb::{Durability, TableDefinition};
use rusqlite::Connection;
use tinywindow::journal::{Batch, FileJournal, Journal, Notary};

use crate::contender::{Contender, Order};
use crate::gateway::{CHECKPOINT_RECORDS, ORIGIN, checkpoint_keys};
use crate::grouped::Store;

/// As large as the gateway's own.
const SEGMENT: u64 = 64 << 20;

/// The journal by itself: what is left of the gateway when nothing is checked or sent.
pub fn journal(folder: &Path) -> FileJournal {
    let keys = checkpoint_keys();
    let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let notary = Notary::new(ORIGIN, &keys, CHECKPOINT_RECORDS, Duration::from_secs(60));
    let notary = Some(notary.expect("a notary"));
    FileJournal::open_signed(&folder.join("alone"), SEGMENT, notary, |_| Ok(())).expect("a journal")
}

impl Store for FileJournal {
    fn commit(&mut self, records: &Batch) {
        self.append(records, true).expect("a disk");
    }
}

/// What no store can be faster than: one write and one fdatasync, over zeros that are there.
pub struct Bare {
    file: File,
    offset: u64,
    buffer: Vec<u8>,
}

impl Bare {
    pub fn new(folder: &Path) -> Self {
        let file = File::create(folder.join("bare")).expect("a file");
        file.write_all_at(&vec![0; SEGMENT as usize], 0).expect("room");
        file.sync_all().expect("a disk");
        Self { file, offset: 0, buffer: Vec::new() }
    }
}

impl Store for Bare {
    fn commit(&mut self, records: &Batch) {
        self.buffer.clear();
        records.payloads().for_each(|record| self.buffer.extend_from_slice(record));
        self.buffer.resize(self.buffer.len().next_multiple_of(4096), 0);
        if self.offset + self.buffer.len() as u64 > SEGMENT {
            self.offset = 0;
        }
        self.file.write_all_at(&self.buffer, self.offset).expect("room");
        self.file.sync_data().expect("a disk");
        self.offset += self.buffer.len() as u64;
    }
}

/// `okaywal` groups by itself: each client makes an entry of its own.
pub struct OkayWal(WriteAheadLog);

impl OkayWal {
    pub fn new(folder: &Path) -> Self {
        Self(WriteAheadLog::recover(folder.join("okaywal"), LogVoid).expect("a log"))
    }
}

impl Contender for OkayWal {
    fn name(&self) -> &'static str {
        "`okaywal`"
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn send(&self, _: usize, order: &Order) {
        let mut entry = self.0.begin_entry().expect("an entry");
        entry.write_chunk(&order.record).expect("room");
        entry.commit().expect("a disk");
    }
}

/// A batch is an entry, a record a chunk.
impl Store for OkayWal {
    fn commit(&mut self, records: &Batch) {
        let mut entry = self.0.begin_entry().expect("an entry");
        for record in records.payloads() {
            entry.write_chunk(record).expect("room");
        }
        entry.commit().expect("a disk");
    }
}

pub struct Sqlite(Connection);

impl Sqlite {
    pub fn new(folder: &Path) -> Self {
        let connection = Connection::open(folder.join("sqlite")).expect("a database");
        let setup = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                     CREATE TABLE orders (id INTEGER PRIMARY KEY, record BLOB NOT NULL);";
        connection.execute_batch(setup).expect("a table");
        Self(connection)
    }
}

impl Store for Sqlite {
    fn commit(&mut self, records: &Batch) {
        let transaction = self.0.transaction().expect("a transaction");
        {
            let insert = "INSERT INTO orders (record) VALUES (?1)";
            let mut insert = transaction.prepare_cached(insert).expect("a statement");
            records.payloads().for_each(|record| {
                insert.execute([record]).expect("room");
            });
        }
        transaction.commit().expect("a disk");
    }
}

pub struct Redb {
    database: redb::Database,
    next: u64,
}

const ORDERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("orders");

impl Redb {
    pub fn new(folder: &Path) -> Self {
        Self { database: redb::Database::create(folder.join("redb")).expect("a database"), next: 0 }
    }
}

impl Store for Redb {
    fn commit(&mut self, records: &Batch) {
        let mut transaction = self.database.begin_write().expect("a transaction");
        transaction.set_durability(Durability::Immediate).expect("a durability");
        {
            let mut table = transaction.open_table(ORDERS).expect("a table");
            for record in records.payloads() {
                table.insert(self.next, record).expect("room");
                self.next += 1;
            }
        }
        transaction.commit().expect("a disk");
    }
}

pub struct Fjall {
    database: Database,
    orders: Keyspace,
    next: u64,
}

impl Fjall {
    pub fn new(folder: &Path) -> Self {
        let database = Database::builder(folder.join("fjall")).open().expect("a database");
        let orders = database.keyspace("orders", KeyspaceCreateOptions::default);
        Self { orders: orders.expect("a keyspace"), database, next: 0 }
    }
}

impl Store for Fjall {
    fn commit(&mut self, records: &Batch) {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for record in records.payloads() {
            batch.insert(&self.orders, self.next.to_be_bytes(), record);
            self.next += 1;
        }
        batch.commit().expect("a disk");
    }
}
