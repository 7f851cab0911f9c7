//! Prometheus's text format, version 0.0.4.
//!
//! Times are sums of whole nanoseconds, written as exact decimals of seconds: no floating point.

use std::fmt::{self, Display, Write};

use crate::telemetry::cells::{BOUNDS, Distribution, Histogram, bound_ns, total};
use crate::telemetry::gauges;
use crate::telemetry::metrics::{FAMILIES, Family, GAUGES, Kind};

/// Bytes that [`metrics_text`] never exceeds, whatever the numbers.
pub const TEXT_MAX: usize = 65_536;

/// All metrics of the process, in Prometheus's text format
/// (`Content-Type: text/plain; version=0.0.4`). Takes about 30 µs.
pub fn metrics_text() -> String {
    let mut text = String::with_capacity(TEXT_MAX / 2);
    write_text(&mut text).expect("a String takes everything");
    text
}

fn write_text(out: &mut String) -> fmt::Result {
    for family in FAMILIES {
        let kind = match family.kind {
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        };
        write_head(out, family.name, kind, family.help)?;
        for place in 0..family.series.len() {
            match family.kind {
                Kind::Counter => write_counter(out, family, place)?,
                Kind::Histogram => write_histogram(out, family, place)?,
            }
        }
    }
    let now = gauges::read();
    for gauge in GAUGES {
        write_head(out, gauge.name, "gauge", gauge.help)?;
        writeln!(out, "{} {}", gauge.name, (gauge.read)(&now))?;
    }
    Ok(())
}

fn write_head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn write_counter(out: &mut String, family: &Family, place: usize) -> fmt::Result {
    let labels = Labels { family, place, bound: None };
    writeln!(out, "{}{labels} {}", family.name, total(family.first_cell + place))
}

fn write_histogram(out: &mut String, family: &Family, place: usize) -> fmt::Result {
    let name = family.name;
    let Distribution { cumulative, sum_ns } = Histogram::new(family.first_cell).read(place);
    for (bucket, count) in cumulative.iter().enumerate() {
        let bound =
            if bucket < BOUNDS { Bound::Nanoseconds(bound_ns(bucket)) } else { Bound::None };
        let labels = Labels { family, place, bound: Some(bound) };
        writeln!(out, "{name}_bucket{labels} {count}")?;
    }
    let labels = Labels { family, place, bound: None };
    writeln!(out, "{name}_sum{labels} {}", Seconds(sum_ns))?;
    writeln!(out, "{name}_count{labels} {}", cumulative[BOUNDS])
}

/// The label set of a series; nothing if it has none.
struct Labels<'a> {
    family: &'a Family,
    place: usize,
    bound: Option<Bound>,
}

enum Bound {
    Nanoseconds(u64),
    None,
}

impl Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut opening = '{';
        let own = self.family.labels.iter().zip(&self.family.series[self.place]);
        for (name, value) in own.filter(|(name, _)| !name.is_empty()) {
            write!(f, "{opening}{name}=\"{value}\"")?;
            opening = ',';
        }
        match self.bound {
            Some(Bound::Nanoseconds(bound)) => write!(f, "{opening}le=\"{}\"}}", Seconds(bound)),
            Some(Bound::None) => write!(f, "{opening}le=\"+Inf\"}}"),
            None if opening == ',' => f.write_char('}'),
            None => Ok(()),
        }
    }
}

/// Nanoseconds, shown as seconds.
struct Seconds(u64);

impl Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECOND: u64 = 1_000_000_000;
        let text = format!("{}.{:09}", self.0 / SECOND, self.0 % SECOND);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact() {
        let shown = |ns| Seconds(ns).to_string();
        assert_eq!(shown(0), "0");
        assert_eq!(shown(128), "0.000000128");
        assert_eq!(shown(10_500_000_000), "10.5");
        assert_eq!(shown(100_000_000_000), "100");
        assert_eq!(shown(u64::MAX), "18446744073.709551615");
    }

    /// The longest text has 20 digits wherever a number stands.
    #[test]
    fn the_text_cannot_grow_beyond_its_bound() {
        let text = metrics_text();
        let numbers = text.lines().filter(|line| !line.starts_with('#')).count();
        assert!(text.len() + 21 * numbers <= TEXT_MAX, "{} + 21 * {numbers}", text.len());
    }
}
