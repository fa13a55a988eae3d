//! The storage of Durable Objects: what an object has confirmed is never lost, and it has one writer.
//!
//! Owns: the history of every object (log, snapshots, archive), who owns an object, the acknowledgements that output gates wait for, the
//! files that objects' databases are made from, and what can be listed of objects: namespaces, sizes, alarms.
//! Refuses: V8, HTTP, running SQL of objects. It is handed the pages that a transaction has changed, and hands out a database file.
//!
//! ```text
//!   Owned::append ──> owner/ (order, bounds) ──> batch/ (groups over objects) ──> log/ (fenced, one commit) ──> acknowledged
//!
//!   history of an object:   [ snapshot | part | part | part ][ entries of the log ]
//!                             blob/, listed in meta/           engine.db (store/)
//!                             <── history/ moves entries here once the log has enough of them, and trims it
//!
//!   recover/: snapshot + parts + entries, up to any position ──> a database file
//! ```
//! Invariants: what was acknowledged is in the history, once, in order. An entry is in the log until a blob that is listed has it. The cache
//! file of an object is a copy: it is made from the history wherever there is a doubt.

#![forbid(unsafe_code)]

mod batch;
mod blob;
mod bookmark;
#[doc(hidden)]
pub mod checker;
mod clock;
mod engine;
mod error;
mod history;
mod log;
#[cfg(test)]
mod memory;
mod meta;
mod metrics;
mod object;
mod owner;
mod past;
mod record;
mod recover;
#[cfg(test)]
mod sim;
mod store;

pub use blob::{Blob, BlobFolder};
pub use bookmark::Bookmark;
pub use clock::{Clock, SystemClock};
pub use engine::{ClassName, Engine, Options, Reader, Recall, Stores};
pub use error::{EngineError, StoreError};
pub use log::{Append, Counts, Due, Known, ObjectLog, Outcome, Tail, Taken};
pub use meta::{Meta, MetaError, Range, Revision, Row, Transaction};
pub use metrics::Metrics;
pub use object::{Digest, Epoch, Millis, NotHex, Object, ObjectId, Position};
pub use owner::{Acknowledged, AppendError, Broken, Closed, Commit, Owned};
pub use past::Span;
pub use record::{Entry, PagesError, RECORD_PAGES_MAX};
pub use skerry_messages::{PAGE_BYTES, Page, PageSet};
