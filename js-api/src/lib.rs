//! What worker code sees: the JavaScript of the platform API (`js/`), and the ops behind it.
//!
//! Owns: the globals, `cloudflare:workers`, the state of one isolate's conversation with the host ([`Ports`]).
//! Refuses: routing, storage formats, sockets of the node. Everything that leaves the isolate leaves as a message
//! ([`skerry_messages::FromIsolate`]) through the [`Outbox`].
//!
//! ```text
//!   worker code -> js/*.js -> ops/*.rs -> Ports -> Outbox        (towards the node)
//!   the node -> runtime -> Ports + hooks of js/dispatch.js       (towards worker code)
//! ```

#![forbid(unsafe_code)]

// Only for its build script: see there.
use skerry_v8 as _;

mod clock;
mod entry;
mod extensions;
#[doc(hidden)]
pub mod fuzzing;
mod hooks;
mod inbound;
mod multipart;
mod node;
mod objects;
mod ops;
mod outbound;
mod output_gate;
mod policy;
mod ports;
mod snapshot;
mod warm_up;

pub use clock::Clock;
pub use entry::EventLimits;
pub use extensions::{EXTENSION_NAME, extensions};
pub use hooks::{Bound, Hooks};
pub use node::{OwnScripts, keep_node_scripts, node_module};
pub use objects::{Brake, Broken, Objects};
pub use ports::{Outbox, Ports};
pub use snapshot::{Sources, make_snapshot, read_sources};
pub use warm_up::{begin_warm_up, poll_warm_up};
