//! Dates and times for people; everything else counts nanoseconds since 1970 UTC.

use std::fmt;
use std::str::FromStr;

use crate::lobster::NANOSECONDS;

const DAY_NS: u64 = 86_400 * NANOSECONDS;
/// Nanoseconds since 1970 fit an u64 up to 2554.
const YEARS: std::ops::RangeInclusive<u64> = 1970..=2500;

/// A day of the Gregorian calendar, from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// 1970-01-01.
    pub const FIRST: Date = Date { year: 1970, month: 1, day: 1 };

    /// Its midnight in UTC, in nanoseconds since 1970.
    pub fn midnight(self) -> u64 {
        let leap_days = (1970..self.year).filter(|year| is_leap(*year)).count() as u64;
        let months: u64 = (1..self.month).map(|month| days_in(self.year, month)).sum();
        (365 * (self.year - 1970) + leap_days + months + self.day - 1) * DAY_NS
    }
}

/// A time in nanoseconds since 1970 UTC as ISO 8601: `2012-06-21T09:30:00.004241176Z`.
pub fn iso(time: u64) -> String {
    let (mut days, within) = (time / DAY_NS, time % DAY_NS);
    let mut date = Date::FIRST;
    while days >= 365 + u64::from(is_leap(date.year)) {
        days -= 365 + u64::from(is_leap(date.year));
        date.year += 1;
    }
    while days >= days_in(date.year, date.month) {
        days -= days_in(date.year, date.month);
        date.month += 1;
    }
    date.day += days;
    let (seconds, nanoseconds) = (within / NANOSECONDS, within % NANOSECONDS);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{date}T{hours:02}:{minutes:02}:{seconds:02}.{nanoseconds:09}Z")
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        let number = |range, length| -> Option<u64> {
            let digits: &str = text.get(range).filter(|d: &&str| d.len() == length)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let parse = || {
            let [year, month, day] = [number(0..4, 4)?, number(5..7, 2)?, number(8..10, 2)?];
            let dashed = text.len() == 10 && text[4..5] == *"-" && text[7..8] == *"-";
            let valid = YEARS.contains(&year) && (1..=12).contains(&month);
            let valid = dashed && valid && (1..=days_in(year, month)).contains(&day);
            valid.then_some(Date { year, month, day })
        };
        parse().ok_or_else(|| "expected a date such as 2012-06-21, 1970 to 2500".to_owned())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
