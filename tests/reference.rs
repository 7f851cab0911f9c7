//! docs/REFERENCE.md says what the code says.

use tinywindow::order::{FRAME_MAX, SIGNED_MAX};
use tinywindow::signing::{HEADER_SIZE, Suite};
use tinywindow::{Error, Reason};

const PAGE: &str = include_str!("../docs/REFERENCE.md");

/// The rows of the table under a heading, cell by cell.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    rows.skip(1).map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn statuses_are_the_codes() {
    let code: Vec<_> = Error::ALL
        .iter()
        .map(|e| vec![e.number().to_string(), format!("`{}`", e.name()), e.message().into()])
        .collect();
    assert_eq!(table("Statuses"), code);
}

#[test]
fn reasons_are_the_codes() {
    let code: Vec<_> = Reason::ALL
        .iter()
        .map(|r| vec![r.number().to_string(), format!("`{}`", r.name()), r.message().into()])
        .collect();
    assert_eq!(table("Reasons"), code);
}

#[test]
fn the_risk_page_tells_of_every_reason_of_the_gateway() {
    let page = include_str!("../docs/RISK.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let mut told: Vec<(u32, &str)> = rows
        .map(|row| {
            let mut cells = row.trim_matches('|').split('|').map(str::trim);
            let name = cells.next().unwrap().trim_matches('`');
            (cells.next().unwrap().parse().unwrap(), name)
        })
        .collect();
    assert!(page.contains("`not_delivered` (23)"));
    told.push((23, "not_delivered"));
    assert!(page.contains("`session_cancelled` (42)"));
    told.push((42, "session_cancelled"));
    told.sort_unstable();
    let reasons = Reason::ALL.iter().filter(|reason| reason.number() < 100);
    let code: Vec<_> = reasons.map(|reason| (reason.number(), reason.name())).collect();
    assert_eq!(told, code);
}

#[test]
fn suites_are_the_codes() {
    let rows = table("Key bytes");
    assert_eq!(rows.len(), Suite::ALL.len());
    for (row, suite) in rows.iter().zip(Suite::ALL) {
        let size = |cell: &str| cell.split(' ').next().unwrap().parse::<usize>().ok();
        assert_eq!(row[0], format!("`{}`", suite.name()));
        assert_eq!(row[1], suite.number().to_string());
        assert_eq!(size(row[2]), Some(suite.secret_key_size() - HEADER_SIZE));
        assert_eq!(size(row[3]), suite.public_key_size().map(|size| size - HEADER_SIZE));
        assert_eq!(size(row[4]), Some(suite.signature_size()));
    }
}

#[test]
fn block_lengths_bound_the_frame() {
    let lengths = &table("Frames")[0];
    let longest = lengths[2..].iter().map(|cell| cell.parse::<usize>().unwrap()).max();
    assert_eq!(longest, Some(SIGNED_MAX - 8));
    assert_eq!(FRAME_MAX, SIGNED_MAX + 2 + 4627);
}
