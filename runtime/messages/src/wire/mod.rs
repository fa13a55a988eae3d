//! The messages as bytes, for the channel between the front and the processes that hold isolates.
//!
//! Owns: one message to bytes and back. Refuses: framing, and versions of the form: both ends are the same binary.
//! The reader takes any bytes: it does not panic, does not recurse, and reserves no more than a small multiple of what it was given. What it
//! gives out are slices of those bytes where that can be (bodies, chunks, values of headers), which they keep in memory.
//!
//! ```text
//!   message = tag (u8), its fields in the order in which the lists here name them
//!   numbers   little endian          text, bytes   length (u32), bytes
//!   bool      0 or 1                 Vec           count (u32), items
//!   Option    0, or 1 and the value  Result        0 and the value, or 1 and the error
//! ```

mod error;
mod event;
mod from_isolate;
mod header_names;
mod headers;
mod http_parts;
mod object;
mod object_socket;
mod outcome;
mod reader;
mod subrequest;
mod to_isolate;
mod value;

#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::{FromIsolate, ToIsolate};

pub use error::WireError;
pub use headers::HEADERS_MAX;

use reader::Reader;
use value::Value;

/// Puts the message behind what is in `out`. No part of it may be longer than 4 GiB, or have more than [`HEADERS_MAX`] headers: the reader would
/// refuse it.
pub fn write_to_isolate(message: &ToIsolate, out: &mut Vec<u8>) {
    message.write(out);
}

/// Reads what [`write_to_isolate`] has written: `bytes` is one message, and nothing else.
///
/// # Errors
/// Where it is anything else.
pub fn read_to_isolate(bytes: Bytes) -> Result<ToIsolate, WireError> {
    Reader::whole(bytes)
}

/// Puts the message behind what is in `out`, within the same bounds as [`write_to_isolate`].
pub fn write_from_isolate(message: &FromIsolate, out: &mut Vec<u8>) {
    message.write(out);
}

/// Reads what [`write_from_isolate`] has written: `bytes` is one message, and nothing else.
///
/// # Errors
/// Where it is anything else.
pub fn read_from_isolate(bytes: Bytes) -> Result<FromIsolate, WireError> {
    Reader::whole(bytes)
}
