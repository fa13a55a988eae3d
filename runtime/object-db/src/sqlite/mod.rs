//! SQLite's C interface, as far as an object's database needs it: the only place besides `vfs` and `memory` that calls it.

pub(crate) mod codes;
mod connection;
mod process;
mod statement;

pub(crate) use connection::{Connection, Interrupt};
pub use process::prepare_process;
pub(crate) use statement::Statement;
