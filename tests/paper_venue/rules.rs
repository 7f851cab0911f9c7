//! Each rule of matching by itself.

use super::*;

#[test]
fn better_prices_fill_first_then_older_orders_at_the_resting_price() {
    let mut venue = venue_with(&[sell(1, 12, 5), sell(2, 11, 5), sell(3, 11, 5), sell(4, 13, 5)]);
    assert_eq!(
        submit(&mut venue, Command::New(buy(5, 12, 14))),
        [
            (5, New, 0, 14),
            (2, fill(11, 5), 5, 0),
            (5, fill(11, 5), 5, 9),
            (3, fill(11, 5), 5, 0),
            (5, fill(11, 5), 10, 4),
            (1, fill(12, 4), 4, 1),
            (5, fill(12, 4), 14, 0),
        ]
    );
    assert_eq!(depth(&venue, Side::Sell), [(12, 1), (13, 5)]);
    assert_eq!(depth(&venue, Side::Buy), []);
}

#[test]
fn the_unfilled_rest_of_a_limit_order_waits_at_its_price() {
    for time_in_force in [TimeInForce::Day, TimeInForce::GoodTillCancel] {
        let mut venue = venue_with(&[buy(1, -3, 5)]);
        let taker = NewOrder { time_in_force, ..sell(2, -4, 8) };
        assert_eq!(
            submit(&mut venue, Command::New(taker)),
            [(2, New, 0, 8), (1, fill(-3, 5), 5, 0), (2, fill(-3, 5), 5, 3)]
        );
        assert_eq!(depth(&venue, Side::Sell), [(-4, 3)]);
        assert_eq!(
            submit(&mut venue, Command::New(buy(3, 0, 1))),
            [(3, New, 0, 1), (2, fill(-4, 1), 6, 2), (3, fill(-4, 1), 1, 0)]
        );
    }
}

#[test]
fn a_short_sale_trades_like_a_sale() {
    let mut venue = venue_with(&[limit(1, Side::SellShort, 10, 5), sell(2, 10, 5)]);
    assert_eq!(depth(&venue, Side::SellShort), [(10, 10)]);
    let answers = submit(&mut venue, Command::New(buy(3, 10, 5)));
    assert_eq!(answers[1], (1, fill(10, 5), 5, 0));
}

#[test]
fn an_immediate_or_cancel_order_never_rests() {
    let mut venue = venue_with(&[sell(1, 10, 5)]);
    assert_eq!(
        submit(&mut venue, Command::New(immediate(buy(2, 10, 7)))),
        [(2, New, 0, 7), (1, fill(10, 5), 5, 0), (2, fill(10, 5), 5, 2), (2, Expired, 5, 0)]
    );
    let alone = submit(&mut venue, Command::New(immediate(buy(3, 10, 7))));
    assert_eq!(alone, [(3, New, 0, 7), (3, Expired, 0, 0)]);
    assert_eq!(depth(&venue, Side::Buy), []);
}

#[test]
fn a_market_order_takes_any_price_and_never_rests() {
    let mut venue = venue_with(&[sell(1, i64::MAX, 2), sell(2, -7, 1)]);
    assert_eq!(
        submit(&mut venue, Command::New(market(3, Side::Buy, 4))),
        [
            (3, New, 0, 4),
            (2, fill(-7, 1), 1, 0),
            (3, fill(-7, 1), 1, 3),
            (1, fill(i64::MAX, 2), 2, 0),
            (3, fill(i64::MAX, 2), 3, 1),
            (3, Expired, 3, 0),
        ]
    );
    let mut venue = venue_with(&[buy(1, i64::MIN + 1, 2)]);
    let answers = submit(&mut venue, Command::New(market(2, Side::Sell, 2)));
    assert_eq!(answers[2], (2, fill(i64::MIN + 1, 2), 2, 0));
}

#[test]
fn a_fill_or_kill_order_fills_completely_or_not_at_all() {
    let resting = [sell(1, 10, 5), sell(2, 11, 5), sell(3, 12, 5)];
    let mut venue = venue_with(&resting);
    let killed = submit(&mut venue, Command::New(fill_or_kill(buy(4, 11, 11))));
    assert_eq!(killed, [(4, New, 0, 11), (4, Expired, 0, 0)]);
    assert_eq!(depth(&venue, Side::Sell), [(10, 5), (11, 5), (12, 5)]);

    let filled = submit(&mut venue, Command::New(fill_or_kill(buy(5, 11, 10))));
    assert_eq!(filled.last(), Some(&(5, fill(11, 5), 10, 0)));
    assert_eq!(depth(&venue, Side::Sell), [(12, 5)]);

    let too_much = submit(&mut venue, Command::New(fill_or_kill(market(6, Side::Buy, 6))));
    assert_eq!(too_much, [(6, New, 0, 6), (6, Expired, 0, 0)]);
}

#[test]
fn quantities_may_be_as_large_as_they_get() {
    let mut venue = venue_with(&[sell(1, 10, u64::MAX), sell(2, 10, u64::MAX)]);
    assert_eq!(depth(&venue, Side::Sell), [(10, 2 * u128::from(u64::MAX))]);
    let answers = submit(&mut venue, Command::New(fill_or_kill(buy(3, 10, u64::MAX))));
    assert_eq!(answers[2], (3, fill(10, u64::MAX), u64::MAX, 0));
}

#[test]
fn stop_orders_are_not_taken() {
    let mut venue = venue_with(&[buy(1, 10, 5)]);
    for ord_type in [OrdType::Stop, OrdType::StopLimit] {
        let refused = Rejected(Reason::VenueUnsupported);
        let order = NewOrder { ord_type, ..buy(2, 10, 5) };
        assert_eq!(submit(&mut venue, Command::New(order)), [(2, refused, 0, 0)]);
        let refused = CancelRejected(Reason::VenueUnsupported);
        assert_eq!(submit(&mut venue, replace(1, order)), [(2, refused, 0, 5)]);
    }
    assert_eq!(depth(&venue, Side::Buy), [(10, 5)]);
}

#[test]
fn a_replace_does_not_change_the_side() {
    let mut venue = venue_with(&[sell(1, 10, 5)]);
    for side in [Side::Buy, Side::SellShort] {
        let refused = CancelRejected(Reason::VenueUnsupported);
        let answers = submit(&mut venue, replace(1, limit(2, side, 10, 5)));
        assert_eq!(answers, [(2, refused, 0, 5)]);
    }
    assert_eq!(depth(&venue, Side::Sell), [(10, 5)]);
}

#[test]
fn a_full_venue_takes_only_what_does_not_rest() {
    let mut venue = PaperVenue::new(1, 2);
    submit(&mut venue, Command::New(sell(1, 10, 5)));
    submit(&mut venue, Command::New(sell(2, 10, 5)));
    let refused = (3, Rejected(Reason::VenueCapacity), 0, 0);
    assert_eq!(submit(&mut venue, Command::New(buy(3, 10, 5))), [refused]);
    assert_eq!(submit(&mut venue, replace(2, sell(4, 11, 6))), [(4, Replaced, 0, 6)]);

    let answers = submit(&mut venue, Command::New(immediate(buy(5, 10, 5))));
    assert_eq!(answers.last(), Some(&(5, fill(10, 5), 5, 0)));
    assert_eq!(submit(&mut venue, Command::New(buy(6, 10, 5))), [(6, New, 0, 5)]);
}

#[test]
fn a_cancel_answers_under_its_own_id_and_ends_the_order() {
    let mut venue = venue_with(&[sell(1, 10, 5), sell(2, 10, 5), sell(3, 10, 5)]);
    submit(&mut venue, Command::New(buy(4, 10, 2)));
    assert_eq!(submit(&mut venue, cancel(5, 1)), [(5, Canceled, 2, 0)]);
    assert_eq!(submit(&mut venue, cancel(6, 3)), [(6, Canceled, 0, 0)]);
    assert_eq!(depth(&venue, Side::Sell), [(10, 5)]);
    for ended in [1, 3, 4, 99] {
        let refused = CancelRejected(Reason::VenueUnknownOrder);
        assert_eq!(submit(&mut venue, cancel(7, ended)), [(7, refused, 0, 0)]);
        assert_eq!(submit(&mut venue, replace(ended, sell(8, 10, 9))), [(8, refused, 0, 0)]);
    }
}

#[test]
fn an_order_of_another_instrument_is_unknown() {
    let mut venue = venue_with(&[sell(1, 10, 5)]);
    let refused = CancelRejected(Reason::VenueUnknownOrder);
    let elsewhere = Cancel { order_id: 2, orig_order_id: 1, instrument: 1 };
    assert_eq!(submit(&mut venue, Command::Cancel(elsewhere)), [(2, refused, 0, 0)]);
    let elsewhere = NewOrder { instrument: 1, ..sell(3, 10, 5) };
    assert_eq!(submit(&mut venue, replace(1, elsewhere)), [(3, refused, 0, 0)]);
}

/// Which of orders 1 and 2, at price 10 in this order, is first after a replace of order 1.
fn first_after(replacement: NewOrder) -> u64 {
    let mut venue = venue_with(&[sell(1, 10, 5), sell(2, 10, 5)]);
    let (id, quantity) = (replacement.order_id, replacement.quantity);
    assert_eq!(submit(&mut venue, replace(1, replacement)), [(id, Replaced, 0, quantity)]);
    submit(&mut venue, Command::New(buy(9, 11, 1)))[1].0
}

#[test]
fn a_replace_keeps_its_place_at_the_same_price_with_no_more_quantity() {
    assert_eq!(first_after(sell(3, 10, 5)), 3);
    assert_eq!(first_after(sell(3, 10, 4)), 3);
    assert_eq!(first_after(NewOrder { time_in_force: TimeInForce::Day, ..sell(3, 10, 5) }), 3);
    assert_eq!(first_after(sell(3, 10, 6)), 2, "quantity raised");
    assert_eq!(first_after(sell(3, 11, 5)), 2, "price moved");
}

#[test]
fn a_replace_to_the_old_price_comes_last() {
    let mut venue = venue_with(&[sell(1, 10, 5), sell(2, 10, 5)]);
    submit(&mut venue, replace(1, sell(3, 11, 5)));
    submit(&mut venue, replace(3, sell(4, 10, 5)));
    assert_eq!(submit(&mut venue, Command::New(buy(9, 10, 1)))[1].0, 2);
}

#[test]
fn a_replaced_order_is_known_by_its_latest_id_only() {
    let mut venue = venue_with(&[sell(1, 10, 5)]);
    submit(&mut venue, replace(1, sell(2, 10, 4)));
    submit(&mut venue, replace(2, sell(3, 11, 4)));
    for old in [1, 2] {
        let refused = CancelRejected(Reason::VenueUnknownOrder);
        assert_eq!(submit(&mut venue, cancel(4, old)), [(4, refused, 0, 0)]);
    }
    assert_eq!(submit(&mut venue, cancel(5, 3)), [(5, Canceled, 0, 0)]);
}

#[test]
fn a_refused_replace_leaves_the_order_as_it_was() {
    let mut venue = venue_with(&[sell(1, 10, 5)]);
    submit(&mut venue, Command::New(buy(2, 10, 3)));
    let refused = CancelRejected(Reason::VenueTooLate);
    assert_eq!(submit(&mut venue, replace(1, sell(3, 10, 2))), [(3, refused, 3, 2)]);
    assert_eq!(submit(&mut venue, cancel(4, 1)), [(4, Canceled, 3, 0)]);
}

#[test]
fn a_replace_to_what_is_filled_ends_the_order() {
    for price in [10, 11] {
        let mut venue = venue_with(&[sell(1, 10, 5), sell(2, 10, 1)]);
        submit(&mut venue, Command::New(buy(3, 10, 3)));
        assert_eq!(submit(&mut venue, replace(1, sell(4, price, 3))), [(4, Replaced, 3, 0)]);
        assert_eq!(depth(&venue, Side::Sell), [(10, 1)]);
        let refused = CancelRejected(Reason::VenueUnknownOrder);
        assert_eq!(submit(&mut venue, cancel(5, 4)), [(5, refused, 0, 0)]);
    }
}

#[test]
fn a_replace_that_crosses_trades_after_its_answer() {
    let mut venue = venue_with(&[sell(1, 12, 4), buy(2, 10, 6)]);
    assert_eq!(
        submit(&mut venue, replace(2, buy(3, 13, 6))),
        [(3, Replaced, 0, 6), (1, fill(12, 4), 4, 0), (3, fill(12, 4), 4, 2)]
    );
    assert_eq!(depth(&venue, Side::Buy), [(13, 2)]);
}

#[test]
fn a_replace_that_may_not_rest_expires() {
    let mut venue = venue_with(&[sell(1, 12, 4), buy(2, 10, 6)]);
    let answers = submit(&mut venue, replace(2, immediate(buy(3, 10, 6))));
    assert_eq!(answers, [(3, Replaced, 0, 6), (3, Expired, 0, 0)]);
    assert_eq!(depth(&venue, Side::Buy), []);
    let answers = submit(&mut venue, replace(1, market(4, Side::Sell, 4)));
    assert_eq!(answers, [(4, Replaced, 0, 4), (4, Expired, 0, 0)]);
    assert_eq!(depth(&venue, Side::Sell), []);
}

#[test]
fn instruments_do_not_meet_and_may_come_later() {
    let mut venue = venue_with(&[sell(1, 10, 5)]);
    let other = NewOrder { instrument: 7, ..buy(2, 10, 5) };
    assert_eq!(submit(&mut venue, Command::New(other)), [(2, New, 0, 5)]);
    assert_eq!(venue.depth(7, Side::Buy, 9).collect::<Vec<_>>(), [(10, 5)]);
    assert_eq!(venue.depth(8, Side::Buy, 9).count(), 0);
}

#[test]
fn depth_gives_the_best_levels_first() {
    let venue =
        venue_with(&[buy(1, 8, 1), buy(2, 9, 2), buy(3, 7, 3), sell(4, 11, 4), sell(5, 10, 5)]);
    assert_eq!(venue.depth(0, Side::Buy, 2).collect::<Vec<_>>(), [(9, 2), (8, 1)]);
    assert_eq!(venue.depth(0, Side::Sell, 1).collect::<Vec<_>>(), [(10, 5)]);
}

#[test]
fn status_knows_what_was_answered_and_what_rests() {
    let mut venue = PaperVenue::new(1, 10);
    assert_eq!(venue.status(5), VenueStatus::NotReceived);
    submit(&mut venue, Command::New(immediate(buy(5, 10, 1))));
    submit(&mut venue, cancel(6, 5));
    assert_eq!([5, 6].map(|id| venue.status(id)), [VenueStatus::Received; 2]);
    assert_eq!([4, 7].map(|id| venue.status(id)), [VenueStatus::NotReceived; 2]);

    let order = buy(3, 10, 1);
    venue.recover(&[OpenOrder { order, cum_quantity: 0, priority: 1 }], 9);
    assert_eq!(venue.status(3), VenueStatus::Received);
    assert_eq!(venue.status(5), VenueStatus::NotReceived);
}

/// The process ended when only the `New` of an order that crosses was durable: recovery answers the
/// rest, with the exec ids it would have had.
#[test]
fn recovery_finishes_a_request_that_was_answered_in_part() {
    let maker = sell(1, 10, 5);
    for taker in [buy(2, 10, 7), immediate(buy(2, 10, 7)), market(2, Side::Buy, 7)] {
        let mut venue = venue_with(&[maker]);
        let mut whole = Vec::new();
        venue.submit(&Command::New(taker), &mut whole);

        let mut again = PaperVenue::new(1, 100);
        let open = [(taker, whole[0].exec_id), (maker, 1)].map(|(order, priority)| OpenOrder {
            order,
            cum_quantity: 0,
            priority,
        });
        again.recover(&open, whole[0].exec_id);
        let mut rest = Vec::new();
        again.events(&mut rest);
        assert_eq!(rest, whole[1..]);
        assert_eq!(depth(&again, Side::Buy), depth(&venue, Side::Buy));
        again.events(&mut rest);
        assert_eq!(rest.len(), whole.len() - 1, "events come once");
    }
}
