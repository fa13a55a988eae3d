use super::WireError;
use super::reader::Reader;
use super::value::{Value, fields, variants};
use crate::{Failure, FailureKind, LogLevel, LogLine, Outcome};

fields!(Outcome { cpu, wall, has_timers });
fields!(Failure { kind, message, stack });
fields!(LogLine { level, text });

variants!(FailureKind {
    0 => Exception,
    1 => BadResponse,
    2 => NoHandler,
    3 => Hung,
    4 => CpuLimit,
    5 => MemoryLimit,
    6 => TimeLimit,
    7 => IsolateEnded,
    8 => Load,
    9 => Crashed,
    10 => Barred,
    11 => CrashedAlone,
    12 => ObjectReset,
});

variants!(LogLevel {
    0 => Debug,
    1 => Info,
    2 => Log,
    3 => Warn,
    4 => Error,
});
