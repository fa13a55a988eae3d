use std::io::Write;
use std::sync::mpsc;
use std::thread::JoinHandle;

use skerry_edge::observe::{Observer, RequestRecord};
use skerry_edge::{LogLevel as WorkerLevel, LogLine};

use super::LogLevel;

/// Lines that wait to be printed; beyond it they are dropped, so that a flood of logs cannot fill memory.
const BACKLOG: usize = 10_000;

/// Prints from a thread of its own: nobody on a request's way waits for the terminal.
pub(super) struct Printer {
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

    /// Waits until everything is printed.
    pub fn flush(&self) {
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread
            && self.lines.send(Line::End).is_ok()
        {
            drop(thread.join());
        }
    }
}

impl Observer for Printer {
    fn request(&self, record: &RequestRecord) {
        if self.level < LogLevel::Log {
            return;
        }
        let RequestRecord { method, path, status, answered_after, cpu } = record;
        let (time, cpu) = (answered_after.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
        let path = printable(path);
        self.print(LogLevel::Log, Line::Out(format!("{method} {path} {} {time:.1} ms (cpu {cpu:.1} ms)", status.as_u16())));
    }

    fn log(&self, line: &LogLine) {
        let text = printable(&line.text);
        match line.level {
            WorkerLevel::Debug => self.print(LogLevel::Debug, Line::Out(text)),
            WorkerLevel::Info | WorkerLevel::Log => self.print(LogLevel::Log, Line::Out(text)),
            WorkerLevel::Warn => self.print(LogLevel::Warn, Line::Err(text)),
            WorkerLevel::Error => self.print(LogLevel::Error, Line::Err(text)),
        }
    }

    fn failure(&self, what: &str, details: &str, request_id: &str) {
        let details = printable(details);
        self.print(LogLevel::Error, Line::Err(format!("[skerry] {} failed (request {request_id}): {details}", printable(what))));
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
