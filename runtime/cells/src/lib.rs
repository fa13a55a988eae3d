//! Cells: processes of this binary that host isolates and nothing else. What kills a process kills only a cell.
//!
//! Owns: the processes, the channel between the front and each of them, which worker runs in which, and the sandbox around them.
//! Refuses: HTTP, routes, and believing anything that a cell says without having looked at it.
//!
//! ```text
//!   front/  IsolateHandle --ToIsolate--> [ channel/: one socket pair ] --> cell/  reader thread --> isolate threads (skerry-runtime)
//!           Outbox <--FromIsolate-- ledger (checks) <---------------------------- writer (whoever has something to say)
//! ```

mod cell;
mod channel;
mod front;
pub mod sandbox;

pub use cell::{CellError, run};
pub use front::{CellOptions, Cells, CellsError};
