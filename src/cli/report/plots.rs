//! The plots of the report, each an SVG of its own.

use std::error::Error;

use hdrhistogram::Histogram;
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::lobster::NANOSECONDS;
use crate::output::thousands;
use crate::replay::{LEVELS, Sample, time};

/// Colours, those of `report.css`, with the same meaning in every plot.
pub const BLUE: RGBColor = RGBColor(37, 99, 235);
pub const ORANGE: RGBColor = RGBColor(234, 88, 12);
pub const GREEN: RGBColor = RGBColor(22, 163, 74);
pub const RED: RGBColor = RGBColor(220, 38, 38);
pub const INK: RGBColor = RGBColor(31, 41, 55);
pub const MUTED: RGBColor = RGBColor(107, 114, 128);
const GRID: RGBColor = RGBColor(229, 231, 235);

const WIDTH: u32 = 960;
const FONT: &str = "sans-serif";
const FONT_SIZE: u32 = 13;
const AXIS_HEIGHT: u32 = 48;
const MARGIN: u32 = 10;

type Root<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane = Cartesian2d<RangedCoordf64, RangedCoordf64>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Plane>;
pub type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// One line of a plot over time.
struct Line {
    colour: RGBColor,
    points: Vec<(f64, f64)>,
    filled: bool,
}

/// How often each gate took how long: one ridge a gate, the time axis logarithmic.
pub fn latencies(histograms: &[(&str, Histogram<u64>)]) -> Result<String> {
    const ROW: u32 = 54;
    let seen: Vec<_> = histograms.iter().filter(|(_, h)| !h.is_empty()).collect();
    let longest = seen.iter().map(|(_, h)| h.max()).max().unwrap_or(1).max(10);
    let shortest = seen.iter().map(|(_, h)| h.min()).min().unwrap_or(1).max(1);
    let (low, high) = ((shortest as f64).log10().floor(), (longest as f64).log10().ceil());
    let rows = seen.len() as f64;
    svg(ROW * seen.len() as u32 + AXIS_HEIGHT + 2 * MARGIN, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(MARGIN)
            .x_label_area_size(AXIS_HEIGHT)
            .y_label_area_size(110)
            .right_y_label_area_size(170)
            .build_cartesian_2d(low..high, 0.0..rows)?;
        let decade = |power: i32| (f64::from(power), decade_name(power));
        let ticks: Vec<_> = (low as i32..=high as i32).map(decade).collect();
        x_axis(root, &mut chart, &ticks, rows, "time in the gate, logarithmic")?;
        for (index, (name, histogram)) in seen.iter().enumerate() {
            let base = rows - 1.0 - index as f64;
            ridge(root, &mut chart, name, histogram, (low, high, base))?;
        }
        Ok(())
    })
}

fn ridge(
    root: &Root<'_>,
    chart: &mut Chart<'_, '_>,
    name: &str,
    histogram: &Histogram<u64>,
    (low, high, base): (f64, f64, f64),
) -> Result<()> {
    const BINS_PER_DECADE: f64 = 16.0;
    let mut bins = vec![0u64; ((high - low) * BINS_PER_DECADE) as usize + 1];
    let last = bins.len() - 1;
    for step in histogram.iter_recorded() {
        let place = ((step.value_iterated_to().max(1) as f64).log10() - low) * BINS_PER_DECADE;
        bins[(place as usize).min(last)] += step.count_since_last_iteration();
    }
    let highest = bins.iter().copied().max().unwrap_or(1).max(1) as f64;
    let x = |index: usize| (low + (index as f64 + 0.5) / BINS_PER_DECADE).min(high);
    let y = |count: u64| base + 0.85 * count as f64 / highest;
    let points: Vec<_> = bins.iter().enumerate().map(|(i, &count)| (x(i), y(count))).collect();
    let area = AreaSeries::new(points, base, BLUE.mix(0.25));
    chart.draw_series(area.border_style(BLUE.stroke_width(2)))?;
    let quantiles = [0.5, 0.99].map(|quantile| histogram.value_at_quantile(quantile));
    for (value, colour) in quantiles.into_iter().zip([INK, ORANGE]) {
        let x = (value.max(1) as f64).log10();
        let mark = PathElement::new([(x, base), (x, base + 0.4)], colour.stroke_width(2));
        chart.draw_series([mark])?;
    }
    let (left, line) = chart.backend_coord(&(low, base + 0.3));
    let (right, _) = chart.backend_coord(&(high, base));
    write(root, name, (left - 10, line), HPos::Right, INK)?;
    let [p50, p99] = quantiles.map(time);
    write(root, &format!("p50 {p50} · p99 {p99}"), (right + 10, line), HPos::Left, MUTED)
}

fn decade_name(power: i32) -> String {
    let unit = ["ns", "µs", "ms", "s"][(power as usize / 3).min(3)];
    format!("{} {unit}", 10u64.pow(power as u32 - 3 * (power as u32 / 3).min(3)))
}

/// What rests on the best levels of each side.
pub fn depth(samples: &[Sample], midnight: u64) -> Result<String> {
    let shares = |quantity: u64| quantity as f64 / tinywindow::order::UNIT as f64;
    let line = |colour, value: fn(&Sample) -> u64| Line {
        colour,
        points: samples.iter().map(|s| (seconds(s, midnight), shares(value(s)))).collect(),
        filled: true,
    };
    let lines = [line(BLUE, |sample| sample.bid), line(ORANGE, |sample| sample.ask)];
    over_time(&lines, &format!("shares on the best {LEVELS} levels"))
}

/// Orders, cancels and fills so far.
pub fn counts(samples: &[Sample], midnight: u64) -> Result<String> {
    let line = |colour, value: fn(&Sample) -> u64| Line {
        colour,
        points: samples.iter().map(|s| (seconds(s, midnight), value(s) as f64)).collect(),
        filled: false,
    };
    let lines = [
        line(BLUE, |sample| sample.orders),
        line(MUTED, |sample| sample.cancels),
        line(GREEN, |sample| sample.fills),
    ];
    over_time(&lines, "count since the start")
}

fn seconds(sample: &Sample, midnight: u64) -> f64 {
    sample.time.saturating_sub(midnight) as f64 / NANOSECONDS as f64
}

fn over_time(lines: &[Line], what: &str) -> Result<String> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let start = points().map(|p| p.0).fold(f64::INFINITY, f64::min).min(86_400.0);
    let end = points().map(|p| p.0).fold(start, f64::max).max(start + 1.0);
    let top = 1.05 * points().map(|p| p.1).fold(1.0, f64::max);
    svg(300, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(MARGIN)
            .margin_right(30)
            .x_label_area_size(AXIS_HEIGHT)
            .y_label_area_size(80)
            .build_cartesian_2d(start..end, 0.0..top)?;
        y_axis(&mut chart, what)?;
        x_axis(root, &mut chart, &clock_ticks(start, end), top, "time of the flow")?;
        for line in lines {
            let points = steps(&line.points);
            let stroke = line.colour.stroke_width(if line.filled { 1 } else { 2 });
            if line.filled {
                let area = AreaSeries::new(points.clone(), 0.0, line.colour.mix(0.12));
                chart.draw_series(area)?;
            }
            chart.draw_series(LineSeries::new(points, stroke))?;
        }
        Ok(())
    })
}

/// A quantity holds until the next sample: no slopes.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let Some(first) = points.first() else { return Vec::new() };
    let corner = |pair: &[(f64, f64)]| [(pair[1].0, pair[0].1), pair[1]];
    std::iter::once(*first).chain(points.windows(2).flat_map(corner)).collect()
}

/// Frames by the reason or status that kept them from the venue.
pub fn rejections(rows: &[(&str, u64)]) -> Result<String> {
    const ROW: u32 = 32;
    let count = rows.len() as f64;
    let most = rows.iter().map(|row| row.1).max().unwrap_or(1) as f64;
    svg(ROW * rows.len() as u32 + 2 * MARGIN, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(MARGIN)
            .y_label_area_size(230)
            .right_y_label_area_size(90)
            .build_cartesian_2d(0.0..most, 0.0..count)?;
        for (index, (name, frames)) in rows.iter().enumerate() {
            let base = count - 1.0 - index as f64;
            let corners = [(0.0, base + 0.2), (*frames as f64, base + 0.8)];
            chart.draw_series([Rectangle::new(corners, RED.filled())])?;
            let (left, line) = chart.backend_coord(&(0.0, base + 0.5));
            let (right, _) = chart.backend_coord(&(*frames as f64, base));
            write(root, name, (left - 10, line), HPos::Right, INK)?;
            write(root, &thousands(*frames), (right + 10, line), HPos::Left, MUTED)?;
        }
        Ok(())
    })
}

fn svg(height: u32, draw: impl FnOnce(&Root<'_>) -> Result<()>) -> Result<String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        draw(&root)?;
        root.present()?;
    }
    Ok(text)
}

fn y_axis(chart: &mut Chart<'_, '_>, what: &str) -> Result<()> {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .y_labels(6)
        .y_label_formatter(&|value| thousands(*value as u64))
        .y_desc(what)
        .label_style((FONT, FONT_SIZE, &MUTED))
        .axis_desc_style((FONT, FONT_SIZE, &INK))
        .draw()?;
    Ok(())
}

/// A vertical line and a label below for each tick, and what the axis is.
fn x_axis(
    root: &Root<'_>,
    chart: &mut Chart<'_, '_>,
    ticks: &[(f64, String)],
    top: f64,
    what: &str,
) -> Result<()> {
    for (x, label) in ticks {
        chart.draw_series([PathElement::new([(*x, 0.0), (*x, top)], GRID)])?;
        let (pixel, bottom) = chart.backend_coord(&(*x, 0.0));
        write(root, label, (pixel, bottom + 14), HPos::Center, MUTED)?;
    }
    let (left, right) = (chart.x_range().start, chart.x_range().end);
    chart.draw_series([PathElement::new([(left, 0.0), (right, 0.0)], MUTED)])?;
    let (middle, bottom) = chart.backend_coord(&((left + right) / 2.0, 0.0));
    write(root, what, (middle, bottom + 36), HPos::Center, INK)
}

/// Round times of day, about eight of them.
fn clock_ticks(start: f64, end: f64) -> Vec<(f64, String)> {
    const STEPS: [f64; 17] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0,
        3_600.0, 7_200.0,
    ];
    let step = STEPS.into_iter().find(|step| (end - start) / step <= 9.0).unwrap_or(7_200.0);
    let first = (start / step).ceil() as u64;
    let last = (end / step).floor() as u64;
    let label = |tick: u64| {
        let at = tick as f64 * step;
        let (hours, minutes) = (at as u64 / 3_600, at as u64 / 60 % 60);
        let seconds = at - (at as u64 / 60 * 60) as f64;
        let text = match step {
            ..1.0 => format!("{hours:02}:{minutes:02}:{seconds:04.1}"),
            ..60.0 => format!("{hours:02}:{minutes:02}:{seconds:02.0}"),
            _ => format!("{hours:02}:{minutes:02}"),
        };
        (at, text)
    };
    (first..=last).map(label).collect()
}

fn write(
    root: &Root<'_>,
    text: &str,
    place: (i32, i32),
    anchor: HPos,
    colour: RGBColor,
) -> Result<()> {
    let style =
        TextStyle::from((FONT, FONT_SIZE)).color(&colour).pos(Pos::new(anchor, VPos::Center));
    root.draw_text(text, &style, place)?;
    Ok(())
}
