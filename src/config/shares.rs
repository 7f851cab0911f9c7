//! The gateway's sizes, and what each session has of them, so that none can fill the others'.

use super::SessionShare;
use super::text::{Result, Table};

/// An order takes about 200 bytes: this many take 20 GB.
pub(super) const ORDERS_MAX: u32 = 100_000_000;
/// A frame waits at most the venue's time to answer: at a million a second, a second of it.
const IN_FLIGHT_MAX: u32 = 1_000_000;
/// A completion takes 144 bytes: this many take 2.4 GB.
const COMPLETIONS_MAX: u32 = 1 << 24;

/// A size of the gateway.
struct Size {
    key: &'static str,
    default: u32,
    max: u32,
}

const ORDERS: Size = Size { key: "max_orders", default: 262_144, max: ORDERS_MAX };
const IN_FLIGHT: Size = Size { key: "max_in_flight", default: 4_096, max: IN_FLIGHT_MAX };
const COMPLETIONS: Size = Size { key: "max_completions", default: 65_536, max: COMPLETIONS_MAX };

/// The sizes of the whole gateway.
pub(super) fn whole(gateway: &Table<'_>) -> Result<SessionShare> {
    let size = |size: Size| Ok(size.read(gateway)?.unwrap_or(size.default));
    Ok(SessionShare {
        max_orders: size(ORDERS)?,
        max_in_flight: size(IN_FLIGHT)?,
        max_completions: size(COMPLETIONS)?,
    })
}

/// What a session has that says nothing of its own.
pub(super) fn equal(sessions: &[Table<'_>], whole: SessionShare) -> Result<SessionShare> {
    Ok(SessionShare {
        max_orders: ORDERS.equal(sessions, whole.max_orders)?,
        max_in_flight: IN_FLIGHT.equal(sessions, whole.max_in_flight)?,
        max_completions: COMPLETIONS.equal(sessions, whole.max_completions)?,
    })
}

/// What this session has.
pub(super) fn of(session: &Table<'_>, equal: SessionShare) -> Result<SessionShare> {
    Ok(SessionShare {
        max_orders: ORDERS.read(session)?.unwrap_or(equal.max_orders),
        max_in_flight: IN_FLIGHT.read(session)?.unwrap_or(equal.max_in_flight),
        max_completions: COMPLETIONS.read(session)?.unwrap_or(equal.max_completions),
    })
}

impl Size {
    fn read(&self, table: &Table<'_>) -> Result<Option<u32>> {
        table.get_or(self.key, None, |v| v.small_integer(1..=self.max).map(Some))
    }

    /// Of what the sessions with a share of their own leave the same for all others.
    fn equal(&self, sessions: &[Table<'_>], whole: u32) -> Result<u32> {
        let key = self.key;
        let (mut left, mut sharing) = (whole, 0);
        for session in sessions {
            let Some(own) = self.read(session)? else {
                sharing += 1;
                continue;
            };
            left = left.checked_sub(own).ok_or_else(|| {
                let more = format!("the sessions' `{key}` are more than the gateway's");
                session.error(format!("{more}; lower them or raise that one"))
            })?;
        }
        match left.checked_div(sharing) {
            Some(0) => {
                let short = "of the gateway is too small to give each session a share";
                Err(sessions[0].error(format!("`{key}` {short}; raise it")))
            }
            share => Ok(share.unwrap_or(0)),
        }
    }
}
