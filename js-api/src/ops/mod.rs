//! The ops: each file belongs to the script in `js/` that calls it.

pub(crate) mod body;
pub(crate) mod digest;
pub mod event;
pub(crate) mod log;
pub(crate) mod socket;
pub(crate) mod subrequest;
pub(crate) mod time;
