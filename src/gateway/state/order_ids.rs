//! Which order id stands in which row of the requests: ids are counted for ever, rows as many as
//! are kept.

use crate::gateway::row::row;

/// Ids are counted up and never come here: what says so is no snapshot.
const IDS_MAX: u64 = 1 << 62;

/// Of the requests' rows the first ones are those that the latest forgetting kept; from there on
/// ids and rows go side by side.
#[derive(Debug)]
pub(super) struct OrderIds {
    /// Rising.
    kept: Vec<u64>,
    /// The id of the row behind those.
    first: u64,
}

row!(OrderIds { kept, first });

impl OrderIds {
    pub fn new() -> Self {
        Self { kept: Vec::new(), first: 1 }
    }

    /// The id of the request in this row, or that one there would get.
    pub fn id_of(&self, row: usize) -> u64 {
        match row.checked_sub(self.kept.len()) {
            Some(behind) => self.first + behind as u64,
            None => self.kept[row],
        }
    }

    /// Where the request is, if it was not forgotten and is one yet.
    pub fn row_of(&self, order_id: u64) -> Option<usize> {
        match order_id.checked_sub(self.first) {
            Some(behind) => usize::try_from(behind).ok()?.checked_add(self.kept.len()),
            None => self.kept.binary_search(&order_id).ok(),
        }
    }

    /// Of these rows those stay.
    pub fn keep(&mut self, stays: &[bool]) {
        let rows = (0..stays.len()).filter(|row| stays[*row]);
        let kept = rows.map(|row| self.id_of(row)).collect();
        *self = Self { kept, first: self.id_of(stays.len()) };
    }

    /// Whether they can be those of so many requests.
    pub fn are_of(&self, requests: usize) -> bool {
        let rises = self.kept.is_sorted_by(|one, next| one < next);
        let is_before = self.kept.last().is_none_or(|last| *last < self.first);
        let behind = requests.checked_sub(self.kept.len());
        let has_end = behind.is_some_and(|rows| self.first <= IDS_MAX - rows as u64);
        rises && is_before && has_end && self.kept.first() != Some(&0) && self.first > 0
    }
}
