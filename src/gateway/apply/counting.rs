//! What an open order counts with, at its worst, and everywhere it is counted.

use crate::gateway::exposure::Counted;
use crate::gateway::records::OrderRecord;
use crate::gateway::state::State;
use crate::order::{Side, Terms};

/// One more request about the order is on its way; until it is answered the order counts with the
/// larger of what is open and what it may become.
pub(super) fn expect_answer(state: &mut State, row: u32, may_become: Counted) {
    let record = &mut state.orders[row as usize];
    record.pending += 1;
    let worst = record.counted.or_worse(may_become);
    count(state, row, worst);
}

/// What the order would count with under these terms.
pub(super) fn counted(state: &State, record: &OrderRecord, terms: &Terms, leaves: u64) -> Counted {
    Counted::of(record.side, terms, leaves, state.instruments.row(record.instrument).mark)
}

/// Makes the order count with this in its position.
#[inline]
pub(super) fn count(state: &mut State, row: u32, after: Counted) {
    let before = recount(state, row, after);
    let OrderRecord { side, position, .. } = state.orders[row as usize];
    state.change_position(position, |position| position.count(side, before, after));
}

/// Makes the order count with this everywhere but in its position; what it counted with before.
#[inline]
pub(super) fn recount(state: &mut State, row: u32, after: Counted) -> Counted {
    let record = &mut state.orders[row as usize];
    let was_in = record.is_ranked();
    let before = std::mem::replace(&mut record.counted, after);
    let is_in = record.is_ranked();
    if record.side == Side::SellShort {
        let more = i128::from(after.quantity) - i128::from(before.quantity);
        state.instruments.row_mut(record.instrument).shorts.open += more;
    }
    if (was_in, before.rank) != (is_in, after.rank) {
        state.rank(row, was_in, is_in);
    }
    before
}

/// The order leaves because the gateway cancels it, or stays after all.
pub(super) fn leave(state: &mut State, row: u32, is_leaving: bool) {
    let was_in = state.orders[row as usize].is_ranked();
    state.orders[row as usize].is_leaving = is_leaving;
    let is_in = state.orders[row as usize].is_ranked();
    state.rank(row, was_in, is_in);
}
