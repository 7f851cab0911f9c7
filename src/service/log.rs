//! The daemon's log: one JSON object a line, written by a thread of its own. Who reads too slowly
//! loses lines, and is told how many; no request ever waits for a reader.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::gateway::{Clock, SystemClock};
use crate::telemetry::{Level, Record};

/// Lines that may wait for the reader: half a megabyte.
const WAITING_MAX: usize = 4096;
/// Lines a second, so that nobody fills the disk by being refused.
const RATE_MAX: u32 = 1000;
/// How long the end waits for a reader.
const FINISH_TIMEOUT: Duration = Duration::from_secs(1);

type Line = Map<String, Value>;

/// Where the services tell the operator what they do not tell their callers.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    /// `None`: the end.
    lines: SyncSender<Option<Line>>,
    lost: Arc<AtomicU64>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

impl Log {
    /// A log that is written to `writer`, mostly the standard output.
    pub fn start(writer: impl Write + Send + 'static) -> Log {
        let (lines, waiting) = sync_channel(WAITING_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = thread::spawn({
            let lost = Arc::clone(&lost);
            move || write_all(&waiting, &lost, writer)
        });
        Log { shared: Arc::new(Shared { lines, lost, writer: Mutex::new(Some(writer)) }) }
    }

    /// Writes an event. Its details hold no secret and nothing of a payload.
    pub(super) fn write<'a>(
        &self,
        level: Level,
        event: &str,
        details: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) {
        self.write_at(SystemClock.now(), level, event, details);
    }

    /// Writes an event of the library.
    pub(super) fn record(&self, record: &Record) {
        let event = record.event;
        self.write_at(record.time, event.level(), event.message(), record.fields());
    }

    fn write_at<'a>(
        &self,
        time: u64,
        level: Level,
        event: &str,
        details: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) {
        let mut line = Line::new();
        line.insert("time_ns".into(), time.into());
        line.insert("level".into(), level.name().into());
        line.insert("event".into(), event.into());
        line.extend(details.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
        if self.shared.lines.try_send(Some(line)).is_err() {
            self.shared.lost.fetch_add(1, Relaxed);
        }
    }

    /// Writes what waits, if somebody reads.
    pub(super) fn finish(self) {
        let _ = self.shared.lines.try_send(None);
        let writer = self.shared.writer.lock().ok().and_then(|mut writer| writer.take());
        let Some(writer) = writer else { return };
        let started = Instant::now();
        while !writer.is_finished() && started.elapsed() < FINISH_TIMEOUT {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn write_all(waiting: &Receiver<Option<Line>>, lost: &AtomicU64, mut writer: impl Write) {
    let (mut second, mut written) = (Instant::now(), 0);
    while let Ok(Some(mut line)) = waiting.recv() {
        if second.elapsed() >= Duration::from_secs(1) {
            (second, written) = (Instant::now(), 0);
        }
        // No crowd of refusals hides what is wrong with the daemon itself.
        if written >= RATE_MAX && line["level"] != Level::Error.name() {
            lost.fetch_add(1, Relaxed);
            continue;
        }
        written += 1;
        match lost.swap(0, Relaxed) {
            0 => {}
            lost => drop(line.insert("lines_lost_before".into(), lost.into())),
        }
        // With the reader gone there is nobody to tell.
        let _ = writeln!(writer, "{}", Value::Object(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_crowd_of_refusals_loses_lines_and_hides_no_error() {
        let lines = Lines::default();
        let log = Log::start(lines.clone());
        for _ in 0..WAITING_MAX - 2 {
            log.write(Level::Warn, "connection refused", [("why", "it is one of many\n\u{7}")]);
        }
        log.write(Level::Error, "cannot accept", [("why", "no descriptors")]);
        log.finish();
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(text.lines().count() < WAITING_MAX / 2);
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["event"], "cannot accept");
        assert!(last["lines_lost_before"].as_u64().unwrap() > WAITING_MAX as u64 / 2);
    }
}
