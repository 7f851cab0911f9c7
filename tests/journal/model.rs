//! Any sequence of appending, reading, closing and cutting against a list of payloads.

use proptest::prelude::*;
use tinywindow::journal::{Batch, FileJournal, Journal, Kind, Record};

use crate::support::*;

#[derive(Clone, Debug)]
enum Step {
    /// Payloads of these lengths, durable or not.
    Append(Vec<usize>, bool),
    /// Closed as it should be, or dropped as it is; with segments of so many blocks from then on.
    Reopen { sealed: bool, blocks: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let lengths = prop::collection::vec(prop_oneof![0..300usize, 3_000..16_384usize], 1..6);
    prop_oneof![
        4 => (lengths, any::<bool>()).prop_map(|(lengths, durable)| Step::Append(lengths, durable)),
        1 => (any::<bool>(), 16..40u64)
            .prop_map(|(sealed, blocks)| Step::Reopen { sealed, blocks }),
    ]
}

/// The payload of this length: no two are the same, and none is known to the format.
fn payload(number: usize, length: usize) -> Vec<u8> {
    let mut random = Random(number as u64);
    (0..length).map(|_| random.below(256) as u8).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_was_appended_is_what_is_read(steps in prop::collection::vec(step(), 1..24)) {
        let folder = Folder::new();
        let mut journal = open(&folder.journal()).unwrap();
        let mut model: Vec<Vec<u8>> = Vec::new();
        for step in steps {
            match step {
                Step::Append(lengths, durable) => {
                    let mut batch = Batch::default();
                    for length in lengths {
                        model.push(payload(model.len(), length));
                        batch.push(|out| out.extend(model.last().unwrap()));
                    }
                    journal.append(&batch, durable).unwrap();
                }
                Step::Reopen { sealed, blocks } => {
                    if sealed {
                        journal.seal().unwrap();
                    }
                    drop(journal);
                    let mut events = Vec::new();
                    let mut number = 0;
                    let each = |record: &Record<'_>| {
                        number += 1;
                        assert_eq!(record.sequence, number);
                        if record.kind == Kind::Event {
                            events.push(record.payload.to_vec());
                        }
                        Ok(())
                    };
                    let size = blocks * BLOCK as u64;
                    journal = FileJournal::open(&folder.journal(), size, each).unwrap();
                    prop_assert!(events == model);
                }
            }
        }
        let (events, history) = read(&folder.journal());
        prop_assert!(events == model);
        prop_assert_eq!(history.damage, None);
        let written: usize = model.iter().map(|payload| RECORD_HEADER + payload.len()).sum();
        let commits = (history.records as usize - model.len()) * COMMIT;
        prop_assert_eq!(history.bytes as usize, written + commits);
    }
}
