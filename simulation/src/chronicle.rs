//! What a journal's files tell: the facts that the model knows of, and the tree that checkpoints are
//! signed of.

use std::sync::LazyLock;

use tinywindow::Error;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::journal::merkle::{Hash, leaf_hash, node_hash};
use tinywindow::journal::{self, CheckpointKey, Kind, Record, SignedCheckpoint};

use crate::model::{Dated, Fact};
use crate::setting::checkpoint_key;
use crate::world::{FOLDER, Snapshot};

/// All of a journal.
#[derive(Debug, Default)]
pub struct Chronicle {
    pub facts: Vec<Dated>,
    /// The time of its last event.
    pub last: u64,
    /// Of every record, if they were asked for.
    leaves: Vec<Hash>,
    checkpoints: Vec<(u64, Vec<u8>)>,
}

/// The checkpoints that somebody has seen: from then on no journal may contradict them.
#[derive(Debug, Default)]
pub struct Seen {
    size: u64,
    root: Hash,
}

static KEYS: LazyLock<[CheckpointKey; 1]> =
    LazyLock::new(|| [CheckpointKey::new(&checkpoint_key()).expect("a key")]);

impl Chronicle {
    /// The facts of a journal alone.
    pub fn read(image: &Snapshot) -> Result<Chronicle, Error> {
        Self::read_with(image, |_, _| ())
    }

    /// All of it.
    pub fn read_with_tree(image: &Snapshot) -> Result<Chronicle, Error> {
        Self::read_with(image, |chronicle, record| {
            chronicle.leaves.push(leaf_hash(&record.leaf()));
            if record.kind == Kind::Checkpoint {
                chronicle.checkpoints.push((record.sequence, record.payload.to_vec()));
            }
        })
    }

    fn read_with(
        image: &Snapshot,
        mut each: impl FnMut(&mut Chronicle, &Record<'_>),
    ) -> Result<Chronicle, Error> {
        let mut chronicle = Chronicle::default();
        if !image.0.keys().any(|name| name.starts_with('0')) {
            return Ok(chronicle);
        }
        let history = journal::read_on(image, FOLDER.as_ref(), |record| {
            if record.kind == Kind::Event {
                let event = Event::decode(record.payload).ok_or(Error::JournalCorrupt)?;
                chronicle.last = event.time;
                chronicle.facts.extend(fact(&event.kind).map(|fact| (event.time, fact)));
            }
            each(&mut chronicle, record);
            Ok(())
        })?;
        history.damage.map_or(Ok(chronicle), |_| Err(Error::JournalCorrupt))
    }

    /// RFC 9162, section 2.1.1: the root of the tree over the first so many records.
    fn root(&self, size: u64) -> Option<Hash> {
        fn root(leaves: &[Hash]) -> Hash {
            match leaves {
                [leaf] => *leaf,
                _ => {
                    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                    node_hash(&root(left), &root(right))
                }
            }
        }
        self.leaves.get(..size as usize).filter(|leaves| !leaves.is_empty()).map(root)
    }
}

impl Seen {
    /// Holds a journal against what was seen, and sees what is new in it.
    pub fn look_at(&mut self, chronicle: &Chronicle) -> Result<(), String> {
        if self.size > 0 && chronicle.root(self.size) != Some(self.root) {
            let records = chronicle.leaves.len();
            return Err(format!("{records} records contradict a checkpoint of {}", self.size));
        }
        for (sequence, note) in &chronicle.checkpoints {
            let signed = SignedCheckpoint::decode(note).ok_or("a checkpoint that is no note")?;
            let told = signed.unverified();
            if told.size <= self.size {
                continue;
            }
            let expected = (sequence - 1, chronicle.root(sequence - 1));
            if (told.size, Some(told.root)) != expected || signed.verify(&*KEYS).is_err() {
                return Err(format!("record {sequence} is signed as {told:?}"));
            }
            (self.size, self.root) = (told.size, told.root);
        }
        Ok(())
    }
}

fn fact(kind: &EventKind<'_>) -> Option<Fact> {
    match *kind {
        EventKind::Decided { order_id, reason, frame } => {
            Some(Fact::Decided { order_id, reason, order: frame.order })
        }
        EventKind::Executed(execution) => Some(Fact::Executed(execution)),
        EventKind::NotDelivered { order_id } => Some(Fact::NotDelivered(order_id)),
        EventKind::Halt { scope, halted } => Some(Fact::Halt(scope, halted)),
        EventKind::Resumed { scope, .. } => Some(Fact::Resumed(scope)),
        EventKind::Cancelled { order_id, orig_order_id, reason } => {
            Some(Fact::Cancelled { order_id, orig_order_id, reason })
        }
        EventKind::ReferencePrice { symbol, price } => Some(Fact::Reference(symbol, price)),
        EventKind::Key { session_id, key_id, active, .. } => {
            Some(Fact::Key { session_id, key_id, active })
        }
        EventKind::ExposureLimits { scope, limits } => Some(Fact::Limits(scope, limits)),
        EventKind::Configured { digest, .. } => Some(Fact::Configured(digest)),
        EventKind::ClockSetBack => Some(Fact::ClockSetBack),
        EventKind::OrdersForgotten { before } => Some(Fact::Forgotten(before)),
        _ => None,
    }
}
