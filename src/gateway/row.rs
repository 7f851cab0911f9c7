//! How the rows of the state stand in a snapshot: little-endian, field after field, in the order in
//! which [`row!`] names them beside each type. `docs/JOURNAL.md` has them to the byte.

use crate::config::{
    Freshness, Rate, SelfTradeMode, SelfTradePrevention, SessionLimits, SessionPermissions,
};
use crate::error::Reason;
use crate::gateway::exposure::ExposureLimits;
use crate::gateway::instrument::{Hours, Instrument, Permitted, TickBand};
use crate::gateway::report::OrdStatus;
use crate::journal::{SnapshotReader, SnapshotWriter};
use crate::order::{OrdType, Side, Template, Terms, TimeInForce};
use crate::signing::Suite;

/// What has a form in a snapshot.
pub(crate) trait Row: Sized {
    fn put(&self, out: &mut SnapshotWriter<'_>);

    /// `None`: the bytes end before, or are not of its set.
    fn take(from: &mut SnapshotReader) -> Option<Self>;
}

/// The form of a struct: that of its fields. One that is not named does not compile.
macro_rules! row {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl crate::gateway::row::Row for $type {
            fn put(&self, out: &mut crate::journal::SnapshotWriter<'_>) {
                let Self { $($field),* } = self;
                $(crate::gateway::row::Row::put($field, out);)*
            }

            #[inline]
            fn take(from: &mut crate::journal::SnapshotReader) -> Option<Self> {
                Some(Self { $($field: crate::gateway::row::Row::take(from)?),* })
            }
        }
    };
}
pub(crate) use row;

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Row for $type {
            fn put(&self, out: &mut SnapshotWriter<'_>) {
                out.put(&self.to_le_bytes());
            }

            #[inline]
            fn take(from: &mut SnapshotReader) -> Option<Self> {
                from.array().map(<$type>::from_le_bytes)
            }
        }
    )*};
}

numbers!(u8, u32, u64, i64, i128);

/// A value by its number, of this type.
macro_rules! numbered {
    ($($type:ty, $number:ty: $to:expr, $of:expr;)*) => {$(
        impl Row for $type {
            fn put(&self, out: &mut SnapshotWriter<'_>) {
                let to: fn(&$type) -> $number = $to;
                to(self).put(out);
            }

            #[inline]
            fn take(from: &mut SnapshotReader) -> Option<Self> {
                let of: fn($number) -> Option<$type> = $of;
                of(Row::take(from)?)
            }
        }
    )*};
}

numbered! {
    bool, u8: |value| u8::from(*value), |number| [false, true].get(usize::from(number)).copied();
    Side, u8: |value| value.fix(), Side::from_fix;
    OrdType, u8: |value| value.fix(), OrdType::from_fix;
    TimeInForce, u8: |value| value.fix(), TimeInForce::from_fix;
    OrdStatus, u8: |value| *value as u8, |number| {
        OrdStatus::ALL.iter().copied().find(|status| *status as u8 == number)
    };
    Template, u8: |value| *value as u8, |number| {
        Template::ALL.iter().copied().find(|template| *template as u8 == number)
    };
    Suite, u32: |value| value.number(), Suite::from_number;
    Reason, u32: |value| value.number(), Reason::from_number;
    SelfTradePrevention, u8: |value| *value as u8, SelfTradePrevention::from_number;
    SelfTradeMode, u8: |value| *value as u8, SelfTradeMode::from_number;
    Permitted, u32: |value| value.0, |number| Some(Permitted(number));
}

row!(Freshness { back_ns, ahead_ns });
row!(Rate { per_second, burst });
row!(SessionLimits {
    rate,
    cancel_rate,
    max_open_orders,
    max_repeats,
    repeat_window_ns,
    max_order_to_trade,
    order_to_trade_after,
});
row!(SessionPermissions { symbols, accounts, sides, order_types, max_sequence_gap });
row!(ExposureLimits { max_gross_notional, max_net_notional, max_loss });
row!(Instrument {
    symbol,
    restricted,
    tick,
    lot,
    min_quantity,
    max_quantity,
    min_price,
    max_price,
    max_notional,
    max_position,
    collar_basis_points,
    last_trade_collar_basis_points,
    locate,
    hours,
    sides,
    order_types,
    times_in_force,
});
row!(Hours { opens_s, closes_s });
row!(TickBand { from, tick });
row!(Terms { ord_type, time_in_force, price, stop_price, quantity });

/// Bytes as they are.
impl<const N: usize> Row for [u8; N] {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        out.put(self);
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        from.array()
    }
}

impl<const N: usize> Row for [u32; N] {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        self.iter().for_each(|number| number.put(out));
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = Row::take(from)?;
        }
        Some(numbers)
    }
}

impl<A: Row, B: Row> Row for (A, B) {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        Some((Row::take(from)?, Row::take(from)?))
    }
}

/// 1 and what there is, or 0.
impl<T: Row> Row for Option<T> {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    #[inline]
    fn take(from: &mut SnapshotReader) -> Option<Self> {
        match Row::take(from)? {
            true => Some(Some(Row::take(from)?)),
            false => Some(None),
        }
    }
}

impl<T: Row> Row for Box<T> {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        (**self).put(out);
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        Row::take(from).map(Box::new)
    }
}

impl<T: Row> Row for Vec<T> {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        put_all(out, self.iter());
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        let mut rows = Vec::new();
        take_all(from, |row| rows.push(row))?;
        Some(rows)
    }
}

/// How many, and each of them.
pub(super) fn put_all<'a, T: Row + 'a>(
    out: &mut SnapshotWriter<'_>,
    rows: impl ExactSizeIterator<Item = &'a T>,
) {
    (rows.len() as u64).put(out);
    rows.for_each(|row| row.put(out));
}

/// Gives each row to `each`. Nothing is believed of their number: who trusts it reserves room.
pub(super) fn take_all<T: Row>(from: &mut SnapshotReader, mut each: impl FnMut(T)) -> Option<()> {
    for _ in 0..u64::take(from)? {
        each(T::take(from)?);
    }
    Some(())
}
