//! The daemon's log: one JSON object a line on the standard output, written by a thread of its own.
//! Who reads too slowly loses lines, and is told how many; no request ever waits for a reader.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::gateway::{Clock, SystemClock};

/// Lines that may wait for the reader: half a megabyte.
const WAITING_MAX: usize = 4096;
/// How long the end waits for a reader.
const FINISH_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
pub(super) enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Clone)]
pub(super) struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    lines: SyncSender<Option<String>>,
    lost: AtomicU64,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Log {
    pub(super) fn start() -> Log {
        let (lines, waiting) = sync_channel(WAITING_MAX);
        let writer = thread::spawn(move || write_all(&waiting));
        let (lost, writer) = (AtomicU64::new(0), Mutex::new(Some(writer)));
        Log { shared: Arc::new(Shared { lines, lost, writer }) }
    }

    /// Writes an event. Its details hold no secret and nothing of a payload.
    pub(super) fn write(&self, level: Level, event: &str, details: &[(&str, &str)]) {
        let level = match level {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        let mut line = Map::new();
        line.insert("time_ns".into(), SystemClock.now().into());
        line.insert("level".into(), level.into());
        line.insert("event".into(), event.into());
        let lost = self.shared.lost.swap(0, Relaxed);
        if lost > 0 {
            line.insert("lines_lost_before".into(), lost.into());
        }
        line.extend(details.iter().map(|&(name, value)| (name.to_owned(), value.into())));
        let line = format!("{}\n", Value::Object(line));
        if self.shared.lines.try_send(Some(line)).is_err() {
            self.shared.lost.fetch_add(lost + 1, Relaxed);
        }
    }

    /// Writes what waits, if somebody reads.
    pub(super) fn finish(self) {
        let _ = self.shared.lines.try_send(None);
        let writer = self.shared.writer.lock().ok().and_then(|mut writer| writer.take());
        let Some(writer) = writer else { return };
        let started = std::time::Instant::now();
        while !writer.is_finished() && started.elapsed() < FINISH_TIMEOUT {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn write_all(waiting: &Receiver<Option<String>>) {
    while let Ok(Some(line)) = waiting.recv() {
        let mut out = io::stdout().lock();
        // With the reader gone there is nobody to tell.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}
