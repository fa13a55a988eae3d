use std::time::Duration;

/// How an event ended and what it used.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// CPU time of the isolate's thread spent for this event.
    pub cpu: Duration,
    /// From the event's arrival in the isolate until all its work was done.
    pub wall: Duration,
    /// It was an object's, which has timers that run on.
    pub has_timers: bool,
}

/// Why a worker or an event of it failed, for the log and for the developer's eyes, never for the client's.
#[derive(Debug, Clone)]
pub struct Failure {
    pub kind: FailureKind,
    /// One line: the error's name and message, or what the platform found wrong.
    pub message: String,
    /// The JavaScript stack, mapped to the sources where a source map was given.
    pub stack: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Worker code threw, or its promise was rejected.
    Exception,
    /// The handler gave something that is not a response.
    BadResponse,
    /// The worker has no handler for this kind of event.
    NoHandler,
    /// Nothing is left that could ever settle the handler's promise.
    Hung,
    /// More CPU time than the limit.
    CpuLimit,
    /// More memory than the limit.
    MemoryLimit,
    /// More time on the clock than the limit.
    TimeLimit,
    /// The isolate ended while the event was under way.
    IsolateEnded,
    /// A module does not compile or does not resolve.
    Load,
    /// The worker's code ended the process it ran in, as far as can be told: others were in it.
    Crashed,
    /// The same, and nobody else was ever in it.
    CrashedAlone,
    /// The worker has done so too often, and is not run for a while.
    Barred,
    /// A Durable Object was reset because of what its own code did: it threw in its constructor, or called `ctx.abort()`.
    ObjectReset,
}

impl FailureKind {
    /// The stable code that clients, logs and metrics carry.
    pub fn code(self) -> &'static str {
        match self {
            Self::Exception | Self::ObjectReset => "worker_exception",
            Self::BadResponse => "worker_bad_response",
            Self::NoHandler => "worker_no_handler",
            Self::Hung => "worker_hung",
            Self::CpuLimit => "worker_cpu_exceeded",
            Self::MemoryLimit => "worker_memory_exceeded",
            Self::TimeLimit => "worker_time_exceeded",
            Self::IsolateEnded => "worker_ended",
            Self::Load => "worker_load_failed",
            Self::Crashed | Self::CrashedAlone => "worker_crashed",
            Self::Barred => "worker_barred",
        }
    }
}

/// A line that worker code wrote to the console, or that the platform wrote about it.
#[derive(Debug, Clone)]
pub struct LogLine {
    pub level: LogLevel,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Info,
    Log,
    Warn,
    Error,
}
