//! The control plane: who may deploy what, what is deployed, and the feed that edges follow.
//!
//! Owns: accounts, tokens, versions, deployments, routes, secrets, the API for developers. Refuses: serving tenants' traffic, V8.
//!
//! ```text
//!   wrangler, skerry deploy -> api/ -> control/ (rules) -> meta/ (rows, revisions), blobs.rs (modules)
//!   edges <- feed <- control/live.rs, derived from the rows and written with them
//! ```

#![forbid(unsafe_code)]

mod api;
mod backup;
mod blobs;
mod control;
mod edges;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod meta;
mod names;
mod rollout;
mod rows;
mod seal;

pub use api::{Api, TailEvent, Tails, Tls, TlsError, TlsFiles};
pub use backup::{Backup, BackupError, backup};
pub use blobs::{BlobFolder, Blobs};
pub use control::{Caller, Checker, Collected, Control, Migrations, NewTriggers, NewVersion, Publish, Uploaded, UploadedModule};
pub use edges::Identity;
pub use error::ControlError;
pub use meta::{Meta, MetaError, Range, Revision, Row, SqliteMeta, Transaction};
pub use seal::{Keyring, Sealed, Unreadable};
