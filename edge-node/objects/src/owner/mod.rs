//! Who owns an object, and how far its writes are durable.
//!
//! ```text
//!   append 7, 8, 9 ──> given 9        acknowledged 6 ── settled 7 ──> acknowledged 7: gates for 7 open
//!                                                    └─ deposed ────> broken: no gate opens any more, the object is made again
//! ```

mod owned;
mod ownership;
mod registry;

use skerry_messages::PageSet;

use crate::error::StoreError;
use crate::object::{Millis, Position};
use crate::record::PagesError;

pub(crate) use owned::Shared;
pub use owned::{Acknowledged, Owned};
pub(crate) use ownership::{Gate, Ownership, Settled};
pub(crate) use registry::Registry;

/// A transaction that the object's own database has committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub pages: PageSet,
    /// The alarm that the database holds after it.
    pub alarm_ms: Option<Millis>,
}

/// Why an owner is none any more. What it has not had acknowledged may be in the object's history or not; own the object again to see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the object has another owner by now: try again")]
    Deposed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Broken {
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Deposed => true,
            Self::Store(error) => error.is_retryable(),
        }
    }
}

/// Why a commit was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    #[error(transparent)]
    Broken(#[from] Broken),
    /// Nothing has changed: the same commit can be given again when more is acknowledged.
    #[error("{waiting_bytes} bytes wait to be written: wait until position {until} is acknowledged")]
    Busy { waiting_bytes: usize, until: Position },
    #[error("the database would have {bytes} bytes, which is more than {bytes_max}: delete something first")]
    Database { bytes: u64, bytes_max: u64 },
    #[error(transparent)]
    Pages(#[from] PagesError),
}

/// How the object's database was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The cache file alone has everything that was committed.
    Clean,
    /// As [`Self::Clean`], and somebody who is not trusted may still write into the file.
    CleanAndLent,
    /// It may have less, or more.
    Doubtful,
}
