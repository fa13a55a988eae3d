//! V8: isolates, their threads, and how events reach worker code.
//!
//! Owns: the snapshot, one OS thread per isolate, module loading, event dispatch, limits.
//! Refuses: HTTP, routes, files but those that V8 is to find at the next start. Types of V8 and deno_core do not leave this crate: the node sees
//! [`IsolateHandle`], the messages, and [`Limits`].
//!
//! ```text
//!   node --ToIsolate--> inbox --> [ isolate thread: Host -> hooks of js/dispatch.js -> worker ] --FromIsolate--> outbox
//!                                        ^ watchdog (one per process) looks at the thread's CPU clock
//! ```

mod blank;
mod budget;
mod clock;
mod code;
mod code_cache;
mod compiled;
mod helper;
mod host;
mod inbox;
mod isolate;
mod isolates;
mod kept_files;
mod limits;
mod memory;
mod meter;
mod modules;
mod platform;
mod pool;
mod sampler;
mod snapshot;
mod stack;
mod watchdog;

pub use budget::{Budget, Share};
pub use code::{Module, ModuleKind, Namespace, ObjectBinding, Service, WorkerCode};
pub use code_cache::{Build, CodeCache, CodeCacheFigures, CodeKey};
pub use compiled::Compiled;
pub use inbox::Line;
pub use isolate::{IsolateHandle, Listener, Outbox, ThreadHandle};
pub use isolates::{CellFigures, Isolates, Job, Tenant};
pub use limits::Limits;
pub use memory::Allocator;
pub use platform::initialize;
pub use pool::Pool;
pub use sampler::charged_cpu;
pub use skerry_messages as messages;
pub use skerry_object_db as object_db;
pub use snapshot::{HashSeed, make as make_snapshot};
