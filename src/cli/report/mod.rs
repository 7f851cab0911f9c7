//! The HTML report of a replay: one file that needs nothing else.

mod plots;

use std::fmt::Write;

use plotters::style::RGBColor;

use crate::output::{Failure, Result};
use crate::replay::{Check, LEVELS, Replayed, Summary, Table};

const STYLE: &str = include_str!("report.css");

/// A plot with what it shows.
struct Figure<'a> {
    title: &'a str,
    about: &'a str,
    legend: &'a [(&'a str, RGBColor)],
    /// `None` when there is nothing to show.
    svg: Option<String>,
}

/// The whole page.
pub fn html(replayed: &Replayed) -> Result<String> {
    let page = figures(replayed).map(|figures| page(&replayed.summary, &figures));
    page.map_err(|error| Failure::Message(format!("cannot draw the report: {error}")))
}

fn figures(replayed: &Replayed) -> plots::Result<[String; 4]> {
    let Replayed { summary, histograms, samples, midnight } = replayed;
    let latency = Figure {
        title: "Latency by gate",
        about: "Height is how often, on each gate's own scale. ack runs from the submission to \
                the answer; journal includes the wait for the sync that a batch shares.",
        legend: &[("median", plots::INK), ("99th percentile", plots::ORANGE)],
        svg: Some(plots::latencies(histograms)?),
    };
    let depth = Figure {
        title: "Book depth",
        about: &format!("Shares that rest on the best {LEVELS} price levels of each side."),
        legend: &[("bid", plots::BLUE), ("ask", plots::ORANGE)],
        svg: Some(plots::depth(samples, *midnight)?),
    };
    let counts = Figure {
        title: "Orders over time",
        about: "Resting orders entered, cancels and fills, added up since the start.",
        legend: &[("orders", plots::BLUE), ("cancels", plots::MUTED), ("fills", plots::GREEN)],
        svg: Some(plots::counts(samples, *midnight)?),
    };
    let rows: Vec<_> = summary.reasons.iter().chain(&summary.refusals).copied().collect();
    let rejections = Figure {
        title: "Rejections",
        about: "Frames that did not reach the book, by reason; TW_ERR_ names are refusals.",
        legend: &[],
        svg: (!rows.is_empty()).then(|| plots::rejections(&rows)).transpose()?,
    };
    Ok([latency, depth, counts, rejections].map(|figure| figure.html()))
}

fn page(summary: &Summary, figures: &[String]) -> String {
    let title = escape(&format!("{} {}", summary.symbol, summary.date));
    let class = if summary.check == Check::Matched { "good" } else { "bad" };
    let words = summary.check.words();
    let about =
        escape(&format!("{}; {} sessions, {}", summary.flow, summary.sessions, summary.suite));
    let verdict = escape(&summary.verdict());
    let sentence = escape(&summary.sentence());
    let mismatches = mismatches(summary);
    let tables: String = summary.tables().iter().map(table).collect();
    let figures = figures.concat();
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Replay of {title}</title>
<style>
{STYLE}</style>
</head>
<body>
<h1>Replay of {title}</h1>
<p class="about">{about}</p>
<p><span class="{class}">{words}</span> {verdict}</p>
{mismatches}<p>{sentence}</p>
<div class="tables">
{tables}</div>
{figures}<footer>tinywindow {version}</footer>
</body>
</html>
"#,
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn mismatches(summary: &Summary) -> String {
    let lines: String =
        summary.mismatch_lines().map(|line| format!("{}\n", escape(&line))).collect();
    if lines.is_empty() { lines } else { format!("<pre>{lines}</pre>\n") }
}

fn table(table: &Table) -> String {
    let cells = |tag: &str, row: &[String]| {
        row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect::<String>()
    };
    let rows = table.rows.iter().map(|row| format!("<tr>{}</tr>\n", cells("td", row)));
    let rows: String = rows.collect();
    let note = match table.note {
        "" => String::new(),
        note => format!("<caption>{}</caption>\n", escape(note)),
    };
    format!("<table>\n{note}<tr>{}</tr>\n{rows}</table>\n", cells("th", &table.header))
}

impl Figure<'_> {
    fn html(&self) -> String {
        let (title, about) = (escape(self.title), escape(self.about));
        let mut legend = String::new();
        for (name, RGBColor(red, green, blue)) in self.legend {
            // Writing to a string cannot fail.
            let _ = write!(
                legend,
                "<span><i style=\"background:rgb({red},{green},{blue})\"></i>{name}</span>"
            );
        }
        let svg = self.svg.as_deref().unwrap_or("<p class=\"about\">None.</p>\n");
        format!(
            "<section>\n<h2>{title}</h2>\n<p class=\"about\">{about}</p>\n\
             <p class=\"legend\">{legend}</p>\n{svg}</section>\n"
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
