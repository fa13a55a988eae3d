use std::io::Write;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use skerry_edge::metrics::Metrics;
use skerry_edge::observe::{FailedRequest, Observer, RequestRecord};
use skerry_edge::{LogLevel as WorkerLevel, LogLine};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum LogLevel {
    None,
    Error,
    Warn,
    /// Requests, and what the worker logs.
    Log,
    Debug,
}

/// Lines that wait to be printed; beyond it they are dropped, so that a flood of logs cannot fill memory.
const BACKLOG: usize = 10_000;

/// Prints from a thread of its own: nobody on a request's way waits for the terminal.
pub(crate) struct Printer {
    level: LogLevel,
    lines: mpsc::SyncSender<Line>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

enum Line {
    Out(String),
    Err(String),
    End,
}

impl Printer {
    pub fn start(level: LogLevel) -> Self {
        let (lines, received) = mpsc::sync_channel(BACKLOG);
        let thread = std::thread::spawn(move || {
            for line in received {
                // A closed terminal is no reason to stop serving.
                let _printed = match line {
                    Line::Out(text) => writeln!(std::io::stdout(), "{text}"),
                    Line::Err(text) => writeln!(std::io::stderr(), "{text}"),
                    Line::End => return,
                };
            }
        });
        Self { level, lines, thread: std::sync::Mutex::new(Some(thread)) }
    }

    fn print(&self, least: LogLevel, line: Line) {
        if self.level >= least {
            let _dropped_when_full = self.lines.try_send(line);
        }
    }

    /// A line of the tool itself.
    pub fn note(&self, text: &str) {
        self.print(LogLevel::Error, Line::Out(format!("[skerry] {text}")));
    }

    pub fn warn(&self, text: &str) {
        self.print(LogLevel::Warn, Line::Err(format!("[skerry] warning: {text}")));
    }

    pub fn error(&self, text: &str) {
        self.print(LogLevel::Error, Line::Err(format!("[skerry] error: {text}")));
    }

    /// Waits until everything is printed, unless nobody reads it.
    pub fn flush(&self) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let Some(thread) = self.thread.lock().ok().and_then(|mut thread| thread.take()) else { return };
        let began = Instant::now();
        let _dropped_when_full = self.lines.try_send(Line::End);
        while !thread.is_finished() && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Before the second and later lines of a text: none can pass for a line of its own.
const CONTINUED: &str = "  ";

/// Prints what happens to one worker, and counts it.
pub(crate) struct WorkerLog {
    printer: Arc<Printer>,
    /// Before every line, where there is more than one worker.
    prefix: String,
    metrics: Arc<Metrics>,
}

impl WorkerLog {
    /// For the only worker.
    pub fn alone(printer: Arc<Printer>) -> Arc<Self> {
        Arc::new(Self { printer, prefix: String::new(), metrics: Arc::default() })
    }

    pub fn named(name: &str, printer: Arc<Printer>, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { printer, prefix: format!("[{}] ", printable(name)), metrics })
    }

    fn print(&self, least: LogLevel, line: fn(String) -> Line, text: &str) {
        if self.printer.level >= least {
            let text = printable(text).replace('\n', &format!("\n{}{CONTINUED}", self.prefix));
            self.printer.print(least, line(format!("{}{text}", self.prefix)));
        }
    }
}

impl Observer for WorkerLog {
    fn request(&self, record: &RequestRecord) {
        let RequestRecord { method, path, status, answered_after, cpu, .. } = record;
        self.metrics.answered(*status, *cpu);
        if self.printer.level < LogLevel::Log {
            return;
        }
        let (time, cpu) = (answered_after.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
        self.print(LogLevel::Log, Line::Out, &format!("{method} {path} {} {time:.1} ms (cpu {cpu:.1} ms)", status.as_u16()));
    }

    fn log(&self, line: &LogLine) {
        let (least, to): (_, fn(String) -> Line) = match line.level {
            WorkerLevel::Debug => (LogLevel::Debug, Line::Out),
            WorkerLevel::Info | WorkerLevel::Log => (LogLevel::Log, Line::Out),
            WorkerLevel::Warn => (LogLevel::Warn, Line::Err),
            WorkerLevel::Error => (LogLevel::Error, Line::Err),
        };
        self.print(least, to, &line.text);
    }

    fn failure(&self, failure: &FailedRequest) {
        let FailedRequest { request, code, details, id } = failure;
        self.metrics.failed(code);
        let tool = if self.prefix.is_empty() { "[skerry] " } else { "" };
        self.print(LogLevel::Error, Line::Err, &format!("{tool}{request} failed (request {id}): {details}"));
    }

    fn passed_through(&self, request: &str, details: &str) {
        self.print(LogLevel::Error, Line::Err, &format!("{request} failed and is passed to the origin: {details}"));
    }

    fn cold_start(&self, took: Duration) {
        self.metrics.cold_start(took);
    }

    fn evicted(&self) {
        self.metrics.evicted();
    }
}

/// Text without control characters, which could rewrite a terminal; line breaks and tabs stay.
fn printable(text: &str) -> String {
    let is_harmless = |character: char| !character.is_control() || matches!(character, '\n' | '\t');
    if text.chars().all(is_harmless) {
        return text.to_owned();
    }
    text.chars().map(|character| if is_harmless(character) { character } else { '\u{fffd}' }).collect()
}
