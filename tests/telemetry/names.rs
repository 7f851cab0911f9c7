//! The names are the plan's, Prometheus's own tool accepts the text, and the page tells of each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use tinywindow::gateway::Gate;
use tinywindow::telemetry::{Event, TEXT_MAX, metrics_text};
use tinywindow::{Error, Reason};

use crate::seen::{metrics, turn};

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
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool (`make setup` installs it)");
    promtool.stdin.take().unwrap().write_all(metrics_text().as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
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
