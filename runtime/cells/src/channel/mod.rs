//! What passes between the front and a cell: frames on one stream socket, with memory files beside them.

pub(crate) mod bounds;
mod frame;
mod memory_file;
mod order;
mod socket;

pub(crate) use frame::{Broken, FRAME_BYTES_MAX, Frame, FrameReader, Kind, begin_frame, end_frame};
pub(crate) use memory_file::{read_sealed, sealed};
pub(crate) use order::{Hello, Order, Pong, code_of, order_of};
pub(crate) use socket::{one_way, pair, receive, receive_bytes, send, set_nonblocking};

/// Descriptors that may come with one read.
pub(crate) const DESCRIPTORS_MAX: usize = 16;
