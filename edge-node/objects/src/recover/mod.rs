//! From histories to database files: the one way back, whether a process was killed, an object moves, or somebody goes back in time.
//!
//! ```text
//!   newest snapshot ≤ position ─> pages ─┐
//!   parts behind it ──> their entries ───┼─> file, cut to the last page count      (builder)
//!   entries of the log ──────────────────┘
//!   a file that was closed cleanly at the last change is taken as it is           (cache)
//! ```

mod builder;
mod cache;
mod file;
mod mark;

pub(crate) use builder::{Built, Recovery};
pub(crate) use cache::{Cache, CacheFile};
