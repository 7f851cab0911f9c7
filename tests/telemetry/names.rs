//! The names are the plan's, Prometheus's own tool accepts the text, and the page tells of each.

use std::collections::{BTreeMap, BTreeSet};

use tinywindow::gateway::Gate;
use tinywindow::telemetry::{Event, TEXT_MAX, metrics_text};
use tinywindow::{Error, Reason};

use crate::promtool::assert_promtool_accepts;
use crate::seen::{metrics, turn};
use crate::skip::skipped;
use crate::spans;

/// What the plan promised: name, and each label with its values.
const PLAN: &[(&str, &[(&str, &str)])] = &[
    ("tinywindow_encryption_keygen_total", &[("status", "success|error")]),
    ("tinywindow_encryption_sign_total", &[("status", "success|error")]),
    (
        "tinywindow_encryption_verify_total",
        &[("status", "success|error"), ("result", "valid|invalid")],
    ),
    ("tinywindow_encryption_latency_seconds", &[("operation", "keygen|sign|verify")]),
    ("tinywindow_exec_orders_total", &[("status", "accepted|rejected")]),
    ("tinywindow_exec_order_latency_seconds", &[("operation", "send|pretrade")]),
    ("tinywindow_exec_errors_total", &[("type", "validation|connection|timeout")]),
];

const PAGE: &str = include_str!("../../docs/OBSERVABILITY.md");

/// The values of each label, by metric. Histograms go by their own name, without `le`.
fn labels() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut found: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for series in metrics().keys() {
        let (name, labels) = series.trim_end_matches('}').split_once('{').unwrap_or((series, ""));
        let name = ["_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|end| name.strip_suffix(end))
            .find(|name| name.ends_with("_seconds"))
            .unwrap_or(name);
        let metric = found.entry(name.to_owned()).or_default();
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (name, value) = label.split_once('=').unwrap();
            if name != "le" {
                let values = metric.entry(name.to_owned()).or_default();
                values.insert(value.trim_matches('"').to_owned());
            }
        }
    }
    found
}

fn set<'a>(values: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    values.into_iter().map(str::to_owned).collect()
}

/// The tables of the tests are the plan's own, line by line.
#[test]
fn the_tables_are_the_plans() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/PLAN.md");
    let Ok(plan) = std::fs::read_to_string(file) else {
        return skipped("names::the_tables_are_the_plans", "../shared/PLAN.md is not there");
    };
    let labels = |labels: &[(&str, &str)]| {
        let pairs = labels.iter().map(|(name, values)| format!("{name}=\"{values}\""));
        pairs.collect::<Vec<_>>().join(",")
    };
    let metrics = PLAN.iter().map(|(name, with)| format!("{name}{{{}}}", labels(with)));
    let spans = spans::PLAN.iter().map(|(name, with)| format!("{name} ({})", with.join(", ")));
    let is_name = |line: &&str| {
        ["tinywindow_", "encryption.", "exec."].iter().any(|start| line.starts_with(start))
    };
    let plan: Vec<_> = plan.lines().filter(is_name).collect();
    assert_eq!(metrics.chain(spans).collect::<Vec<_>>(), plan);
}

#[test]
fn the_plans_metrics_are_there_with_exactly_its_labels() {
    let _turn = turn();
    let found = labels();
    for (name, planned) in PLAN {
        let planned =
            planned.iter().map(|(label, values)| ((*label).to_owned(), set(values.split('|'))));
        assert_eq!(found[*name], planned.collect(), "{name}");
    }
}

#[test]
fn reasons_statuses_and_gates_are_the_codes() {
    let _turn = turn();
    let found = labels();
    let reasons = set(Reason::ALL.iter().map(|reason| reason.name()));
    assert_eq!(found["tinywindow_exec_rejections_total"]["reason"], reasons);
    let statuses = set(Error::ALL.iter().map(|status| status.name()));
    assert_eq!(found["tinywindow_exec_refusals_total"]["status"], statuses);
    let gates = set(Gate::ALL.iter().map(|gate| gate.name()));
    assert_eq!(found["tinywindow_exec_gate_latency_seconds"]["gate"], gates);
}

#[test]
fn promtool_finds_nothing_to_say() {
    let _turn = turn();
    assert_promtool_accepts(&metrics_text());
}

#[test]
fn the_text_keeps_its_bound() {
    let _turn = turn();
    let text = metrics_text();
    assert!(text.ends_with('\n') && text.is_ascii());
    assert!(text.len() < TEXT_MAX, "{}", text.len());
}

/// The cells of the page's tables, row by row, under a heading.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn the_page_tells_of_every_metric() {
    let _turn = turn();
    let text = metrics_text();
    let of = |word: &str| -> Vec<(&str, &str)> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(word));
        lines.map(|line| line.split_once(' ').unwrap()).collect()
    };
    let labels = labels();
    let code: Vec<Vec<String>> = of("# TYPE ")
        .into_iter()
        .zip(of("# HELP "))
        .map(|((name, kind), (_, help))| {
            let labels: Vec<_> = labels[name].keys().map(|label| format!("`{label}`")).collect();
            vec![format!("`{name}`"), kind.into(), labels.join(", "), help.into()]
        })
        .collect();
    assert_eq!(rows("Metrics"), code);
}

#[test]
fn the_page_tells_of_every_log_event() {
    let code: Vec<Vec<String>> = Event::ALL
        .iter()
        .map(|event| {
            let fields: Vec<_> = event.fields().iter().map(|name| format!("`{name}`")).collect();
            let (level, target) = (event.level().name(), event.target());
            vec![format!("`{}`", event.message()), level.into(), target.into(), fields.join(", ")]
        })
        .collect();
    let page: Vec<_> = rows("Log events").iter().map(|row| row[..4].to_vec()).collect();
    assert_eq!(page, code);
}
