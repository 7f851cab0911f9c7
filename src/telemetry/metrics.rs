//! The one table of all metrics. Names and labels are a promise to whoever has dashboards on them:
//! none is ever renamed. A new one is a line here and a row in `docs/OBSERVABILITY.md`.

use crate::error::{Error, Reason};
use crate::telemetry::cells::{Counter, Histogram};
use crate::telemetry::gauges::Gauges;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Histogram,
}

/// Metrics of one name, told apart by their labels.
pub(super) struct Family {
    pub name: &'static str,
    pub kind: Kind,
    /// The labels' names. As everywhere in Prometheus an empty label is none.
    pub labels: [&'static str; 2],
    /// The labels' values, series by series.
    pub series: &'static [[&'static str; 2]],
    pub help: &'static str,
    pub first_cell: usize,
}

/// A number that goes up and down; it is looked up when somebody asks.
pub(super) struct GaugeFamily {
    pub name: &'static str,
    pub help: &'static str,
    pub read: fn(&Gauges) -> u64,
}

macro_rules! families {
    ($($id:ident: $kind:ident $name:literal $labels:expr, $series:expr, $help:literal;)*) => {
        #[allow(non_camel_case_types, reason = "named as the constants")]
        enum Place { $($id,)* }

        const CELL_COUNTS: &[usize] = &[$($series.len() * $kind::CELLS,)*];

        pub(super) const FAMILIES: &[Family] = &[$(Family {
            name: $name,
            kind: Kind::$kind,
            labels: $labels,
            series: $series,
            help: $help,
            first_cell: first_cell(Place::$id as usize),
        },)*];

        $(pub(crate) const $id: $kind = $kind::new(first_cell(Place::$id as usize));)*
    };
}

/// Cells of the families before this one.
const fn first_cell(family: usize) -> usize {
    let (mut cells, mut before) = (0, 0);
    while before < family {
        cells += CELL_COUNTS[before];
        before += 1;
    }
    cells
}

/// Cells of all families.
pub(super) const CELLS: usize = first_cell(CELL_COUNTS.len());

// Places of series in their families.
pub(crate) const SUCCESS: usize = 0;
pub(crate) const ERROR: usize = 1;
const STATUS: &[[&str; 2]] = &[["success", ""], ["error", ""]];

pub(crate) const VALID: usize = 0;
pub(crate) const INVALID: usize = 1;
pub(crate) const NOT_VERIFIED: usize = 2;
const RESULT: &[[&str; 2]] = &[["success", "valid"], ["success", "invalid"], ["error", "invalid"]];

pub(crate) const KEYGEN: usize = 0;
pub(crate) const SIGN: usize = 1;
pub(crate) const VERIFY: usize = 2;
const ENCRYPTION: &[[&str; 2]] = &[["keygen", ""], ["sign", ""], ["verify", ""]];

pub(crate) const ACCEPTED: usize = 0;
pub(crate) const REJECTED: usize = 1;
const ORDER_STATUS: &[[&str; 2]] = &[["accepted", ""], ["rejected", ""]];

pub(crate) const SEND: usize = 0;
pub(crate) const PRE_TRADE: usize = 1;
const EXECUTION: &[[&str; 2]] = &[["send", ""], ["pretrade", ""]];

pub(crate) const VALIDATION: usize = 0;
pub(crate) const CONNECTION: usize = 1;
pub(crate) const TIMEOUT: usize = 2;
const ERROR_TYPE: &[[&str; 2]] = &[["validation", ""], ["connection", ""], ["timeout", ""]];

/// In the order of [`crate::gateway::Gate`].
const GATES: &[[&str; 2]] = &[
    ["decode", ""],
    ["authenticate", ""],
    ["freshness", ""],
    ["throttle", ""],
    ["risk", ""],
    ["journal", ""],
    ["venue", ""],
];

/// In the order of [`Reason::ALL`].
const REASONS: &[[&str; 2]] = &{
    let mut names = [["", ""]; Reason::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place][0] = Reason::ALL[place].name();
        place += 1;
    }
    names
};

/// In the order of [`Error::ALL`].
const STATUSES: &[[&str; 2]] = &{
    let mut names = [["", ""]; Error::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place][0] = Error::ALL[place].name();
        place += 1;
    }
    names
};

const PLAIN: &[[&str; 2]] = &[["", ""]];

families! {
    KEYGEN_TOTAL: Counter "tinywindow_encryption_keygen_total" ["status", ""], STATUS,
        "Keys made.";
    SIGN_TOTAL: Counter "tinywindow_encryption_sign_total" ["status", ""], STATUS,
        "Signatures asked for.";
    VERIFY_TOTAL: Counter "tinywindow_encryption_verify_total" ["status", "result"], RESULT,
        "Signatures verified, those of order frames included; error: the key was no key.";
    ENCRYPTION_LATENCY: Histogram "tinywindow_encryption_latency_seconds" ["operation", ""],
        ENCRYPTION,
        "Time of an operation. A sample: the first of a thread, then one in 64.";
    ORDERS_TOTAL: Counter "tinywindow_exec_orders_total" ["status", ""], ORDER_STATUS,
        "Orders, replaces and cancels decided and answered, repeats not counted.";
    ORDER_LATENCY: Histogram "tinywindow_exec_order_latency_seconds" ["operation", ""], EXECUTION,
        "Time from the call to the ack or verdict. With a file journal every send; else a sample: \
         the first of a thread, then one in 64.";
    ERRORS_TOTAL: Counter "tinywindow_exec_errors_total" ["type", ""], ERROR_TYPE,
        "Frames without ack or verdict: refused; gateway, journal or venue gone; no answer in \
         time.";
    REJECTIONS_TOTAL: Counter "tinywindow_exec_rejections_total" ["reason", ""], REASONS,
        "Orders decided and rejected, by reason.";
    REFUSALS_TOTAL: Counter "tinywindow_exec_refusals_total" ["status", ""], STATUSES,
        "Frames refused, by status: nothing was journaled.";
    RETRIES_TOTAL: Counter "tinywindow_exec_retries_total" ["", ""], PLAIN,
        "Repeated frames that were given the original's ack.";
    SEQUENCE_GAPS_TOTAL: Counter "tinywindow_exec_sequence_gaps_total" ["", ""], PLAIN,
        "Orders, replaces and cancels decided whose session left sequences out before.";
    GATE_LATENCY: Histogram "tinywindow_exec_gate_latency_seconds" ["gate", ""], GATES,
        "Time of an order in a gate, waiting included. With a file journal every order; else a \
         sample: the first of a thread, then one in 64.";
    JOURNAL_BYTES_TOTAL: Counter "tinywindow_exec_journal_bytes_total" ["", ""], PLAIN,
        "Bytes written to journal files.";
    JOURNAL_SYNC: Histogram "tinywindow_exec_journal_sync_seconds" ["", ""], PLAIN,
        "Time of each sync of a journal file to stable storage.";
}

pub(super) const GAUGES: &[GaugeFamily] = &[
    GaugeFamily {
        name: "tinywindow_exec_gateways",
        help: "Gateways that are open.",
        read: |gauges| gauges.gateways,
    },
    GaugeFamily {
        name: "tinywindow_exec_open_orders",
        help: "Orders that may still fill.",
        read: |gauges| gauges.open_orders,
    },
    GaugeFamily {
        name: "tinywindow_exec_in_flight",
        help: "Decisions whose answer somebody still waits for.",
        read: |gauges| gauges.in_flight,
    },
    GaugeFamily {
        name: "tinywindow_exec_completions_waiting",
        help: "Completions that nobody has polled yet.",
        read: |gauges| gauges.completions,
    },
];

/// The text format has escapes for backslashes, quotes and line ends; nothing here needs them.
const _: () = {
    let mut place = 0;
    while place < FAMILIES.len() {
        let family = &FAMILIES[place];
        assert!(is_plain(family.name) && is_plain(family.help));
        assert!(is_plain(family.labels[0]) && is_plain(family.labels[1]));
        let mut series = 0;
        while series < family.series.len() {
            assert!(is_plain(family.series[series][0]) && is_plain(family.series[series][1]));
            series += 1;
        }
        place += 1;
    }
    let mut place = 0;
    while place < GAUGES.len() {
        assert!(is_plain(GAUGES[place].name) && is_plain(GAUGES[place].help));
        place += 1;
    }
};

const fn is_plain(text: &str) -> bool {
    let (bytes, mut place) = (text.as_bytes(), 0);
    while place < bytes.len() {
        if matches!(bytes[place], b'\\' | b'"') || !matches!(bytes[place], b' '..=b'~') {
            return false;
        }
        place += 1;
    }
    true
}
