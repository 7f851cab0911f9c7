//! Rows that are found by key, and by an index that stays.

use std::collections::HashMap;
use std::hash::Hash;

/// An order looks its session, symbol, account and ids up a dozen times: SipHash would cost it a
/// quarter of a microsecond. The seed is random, so nobody can prepare ids that collide.
pub(super) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Rows found by key and by a small index that stays.
#[derive(Debug, PartialEq)]
pub(crate) struct Table<K: Hash + Eq, V> {
    index: Map<K, u32>,
    rows: Vec<V>,
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            index: Map::with_capacity_and_hasher(capacity, Default::default()),
            rows: Vec::with_capacity(capacity),
        }
    }

    pub fn find(&self, key: &K) -> Option<u32> {
        self.index.get(key).copied()
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).map(|row| &self.rows[row as usize])
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).map(|row| &mut self.rows[row as usize])
    }

    /// The keys of the rows, in their order.
    pub fn keys(&self) -> Vec<K>
    where
        K: Copy + Default,
    {
        let mut keys = vec![K::default(); self.rows.len()];
        self.index.iter().for_each(|(key, row)| keys[*row as usize] = *key);
        keys
    }

    pub fn row(&self, row: u32) -> &V {
        &self.rows[row as usize]
    }

    pub fn row_mut(&mut self, row: u32) -> &mut V {
        &mut self.rows[row as usize]
    }

    pub fn rows(&self) -> &[V] {
        &self.rows
    }

    pub fn rows_mut(&mut self) -> &mut [V] {
        &mut self.rows
    }

    /// One more row. A key that is there already keeps the row that it has.
    pub fn push(&mut self, key: K, row: V) {
        self.find_or_insert(key, || row);
    }

    /// The row of the key; made if it is not there.
    pub fn find_or_insert(&mut self, key: K, make: impl FnOnce() -> V) -> u32 {
        *self.index.entry(key).or_insert_with(|| {
            self.rows.push(make());
            (self.rows.len() - 1) as u32
        })
    }
}
