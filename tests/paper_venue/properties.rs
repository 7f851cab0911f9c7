//! All rules together, over random commands.

use proptest::prelude::*;

use super::ledger::Ledger;
use super::model::Model;
use super::*;

const INSTRUMENTS: u32 = 2;
const MAX_ORDERS: usize = 12;

/// What a random step does; which order a replace or cancel means is chosen when it runs.
#[derive(Clone, Debug)]
enum Step {
    New(NewOrder),
    Replace { pick: usize, terms: NewOrder },
    Cancel { pick: usize },
}

fn any_order() -> impl Strategy<Value = NewOrder> {
    let side = proptest::sample::select(Side::ALL);
    let ord_type = prop_oneof![
        17 => Just(OrdType::Limit),
        2 => Just(OrdType::Market),
        1 => Just(OrdType::Stop),
    ];
    let time_in_force = prop_oneof![
        6 => Just(TimeInForce::Day),
        2 => Just(TimeInForce::GoodTillCancel),
        1 => Just(TimeInForce::ImmediateOrCancel),
        1 => Just(TimeInForce::FillOrKill),
    ];
    (0..INSTRUMENTS, side, ord_type, time_in_force, -3..=3_i64, 1..=9_u64).prop_map(
        |(instrument, side, ord_type, time_in_force, price, quantity)| NewOrder {
            order_id: 0,
            instrument,
            side,
            ord_type,
            time_in_force,
            price: (ord_type == OrdType::Limit).then_some(price),
            quantity,
        },
    )
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any_order().prop_map(Step::New),
        2 => (any::<usize>(), any_order()).prop_map(|(pick, terms)| Step::Replace { pick, terms }),
        1 => any::<usize>().prop_map(|pick| Step::Cancel { pick }),
    ];
    proptest::collection::vec(step, 1..150)
}

/// The command of a step: three of four replaces and cancels mean an order that is open.
fn command(step: &Step, order_id: u64, open: &[OpenOrder]) -> Command {
    let choose = |pick: usize| {
        let open = open.get(pick / 4 % open.len().max(1));
        let (orig, instrument, side) = match open {
            Some(open) if !pick.is_multiple_of(4) => {
                (open.order.order_id, open.order.instrument, open.order.side)
            }
            _ => ((pick / 4) as u64 % order_id, 0, Side::Buy),
        };
        (orig, instrument, side)
    };
    match *step {
        Step::New(order) => Command::New(NewOrder { order_id, ..order }),
        Step::Replace { pick, terms } => {
            let (orig_order_id, instrument, side) = choose(pick);
            let order = NewOrder { order_id, instrument, side, ..terms };
            Command::Replace(Replace { orig_order_id, order })
        }
        Step::Cancel { pick } => {
            let (orig_order_id, instrument, _) = choose(pick);
            Command::Cancel(Cancel { order_id, orig_order_id, instrument })
        }
    }
}

proptest! {
    #[test]
    fn every_answer_is_the_models(steps in any_steps()) {
        let mut venue = PaperVenue::new(1, MAX_ORDERS);
        let mut model = Model::new(MAX_ORDERS);
        for (order_id, step) in (1..).zip(&steps) {
            let command = command(step, order_id, &model.open);
            let mut answers = Vec::new();
            venue.submit(&command, &mut answers);
            prop_assert_eq!(answers, model.submit(&command), "{:?}", command);
            for instrument in 0..INSTRUMENTS {
                for side in [Side::Buy, Side::Sell] {
                    let depth: Vec<_> = venue.depth(instrument, side, usize::MAX).collect();
                    prop_assert_eq!(depth, model.depth(instrument, side), "{:?}", command);
                }
            }
        }
    }

    /// [`Ledger`] says what: fills have two sides, totals hold, and what rests is what is left.
    #[test]
    fn quantity_is_conserved(steps in any_steps()) {
        let mut venue = PaperVenue::new(2, MAX_ORDERS);
        let mut ledger = Ledger::default();
        let mut answers = Vec::new();
        for (order_id, step) in (1..).zip(&steps) {
            let command = command(step, order_id, &ledger.open);
            answers.clear();
            venue.submit(&command, &mut answers);
            ledger.apply(&command, &answers);
            for instrument in 0..INSTRUMENTS {
                let [bids, asks] = [Side::Buy, Side::Sell].map(|side| {
                    let depth: Vec<_> = venue.depth(instrument, side, usize::MAX).collect();
                    let total: u128 = depth.iter().map(|level| level.1).sum();
                    assert_eq!(total, ledger.resting(instrument, side));
                    depth
                });
                if let (Some(bid), Some(ask)) = (bids.first(), asks.first()) {
                    prop_assert!(bid.0 < ask.0, "a crossed book");
                }
            }
        }
    }

    #[test]
    fn a_recovered_venue_goes_on_like_one_that_never_stopped(
        steps in any_steps(),
        stop in any::<prop::sample::Index>(),
    ) {
        let stop = stop.index(steps.len());
        let mut venue = PaperVenue::new(2, MAX_ORDERS);
        let mut ledger = Ledger::default();
        let mut recovered = None;
        for (order_id, step) in (1..).zip(&steps) {
            if order_id as usize == stop + 1 {
                let mut again = PaperVenue::new(0, MAX_ORDERS);
                again.recover(&ledger.open, ledger.last_exec_id);
                recovered = Some(again);
            }
            let command = command(step, order_id, &ledger.open);
            let mut answers = Vec::new();
            venue.submit(&command, &mut answers);
            ledger.apply(&command, &answers);
            if let Some(again) = &mut recovered {
                let mut same = Vec::new();
                again.submit(&command, &mut same);
                prop_assert_eq!(same, answers, "{:?}", command);
            }
        }
        prop_assert!(recovered.is_some());
    }
}
