//! What the process tells: its metrics by series, and every span and log event.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tinywindow::telemetry::{Level, Record, metrics_text, set_log_sink};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as Values};
use tracing::{Event, Metadata, Subscriber};

/// One test at a time, with every span recorded.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    LazyLock::force(&SPANS);
    turn
}

/// The value of each series, by its name and labels.
pub fn metrics() -> BTreeMap<String, f64> {
    let text = metrics_text();
    let numbers = text.lines().filter(|line| !line.starts_with('#'));
    numbers
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a series and its value");
            (series.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

/// What has changed in the metrics since then, but for times.
pub fn changes(since: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let changed = |(series, value): (String, f64)| {
        let change = value - since[&series];
        (change != 0.0 && !series.contains("_seconds")).then_some((series, change))
    };
    metrics().into_iter().filter_map(changed).collect()
}

#[derive(Clone, Debug, Default)]
pub struct Span {
    pub name: &'static str,
    pub fields: Vec<(&'static str, String)>,
    /// The name of the span that it was made in.
    pub within: Option<&'static str>,
}

static SPANS: LazyLock<Arc<Mutex<Vec<Span>>>> = LazyLock::new(|| {
    let spans = Arc::default();
    let recorder = Recorder { spans: Arc::clone(&spans), last: AtomicU64::new(0) };
    tracing::subscriber::set_global_default(recorder).expect("the only subscriber");
    spans
});

/// The spans that the body makes on this thread, in the order in which they begin.
pub fn spans_of(body: impl FnOnce()) -> Vec<Span> {
    SPANS.lock().unwrap().clear();
    body();
    std::mem::take(&mut SPANS.lock().unwrap())
}

struct Recorder {
    spans: Arc<Mutex<Vec<Span>>>,
    last: AtomicU64,
}

thread_local! {
    static WITHIN: std::cell::RefCell<Vec<(u64, &'static str)>> = const {
        std::cell::RefCell::new(Vec::new())
    };
    static NAMES: std::cell::RefCell<BTreeMap<u64, (&'static str, usize)>> = const {
        std::cell::RefCell::new(BTreeMap::new())
    };
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tinywindow")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut span = Span { name: attributes.metadata().name(), ..Span::default() };
        attributes.record(&mut span);
        span.within = WITHIN.with_borrow(|within| within.last().map(|&(_, name)| name));
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut spans = self.spans.lock().unwrap();
        NAMES.with_borrow_mut(|names| names.insert(id, (span.name, spans.len())));
        spans.push(span);
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Values<'_>) {
        let place = NAMES.with_borrow(|names| names[&id.into_u64()].1);
        if let Some(span) = self.spans.lock().unwrap().get_mut(place) {
            values.record(span);
        }
    }

    fn enter(&self, id: &Id) {
        let name = NAMES.with_borrow(|names| names.get(&id.into_u64()).map_or("", |named| named.0));
        WITHIN.with_borrow_mut(|within| within.push((id.into_u64(), name)));
    }

    fn exit(&self, _: &Id) {
        WITHIN.with_borrow_mut(|within| within.pop());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        panic!("the library tells its log sink, and makes no events of tracing");
    }
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").unwrap();
        self.fields.push((field.name(), text));
    }
}

/// The log events of this level and graver ones that the body causes.
pub fn events_of(level: Level, body: impl FnOnce()) -> Vec<Record> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let push = move |record: &Record| sink.lock().unwrap().push(record.clone());
    set_log_sink(Some(Box::new(push)), level).unwrap();
    body();
    set_log_sink(None, level).unwrap();
    std::mem::take(&mut told.lock().unwrap())
}
