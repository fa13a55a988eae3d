//! What comes over the channel between the front and a process that holds isolates, of which each may have been taken over.

use std::fmt::Debug;

use bytes::Bytes;
use skerry_messages::wire::{self, WireError};

/// A message of an isolate, which the front reads.
pub fn cell_frame_from(data: &[u8]) {
    check(data, wire::read_from_isolate, wire::write_from_isolate);
}

/// A message to an isolate, which its process reads.
pub fn cell_frame_to(data: &[u8]) {
    check(data, wire::read_to_isolate, wire::write_to_isolate);
}

/// What is read is written so that it is read as the same, and takes no more bytes than it came in.
fn check<T: Debug>(data: &[u8], read: fn(Bytes) -> Result<T, WireError>, write: fn(&T, &mut Vec<u8>)) {
    let message = match read(Bytes::copy_from_slice(data)) {
        Ok(message) => message,
        Err(error) => {
            let error = error.to_string();
            assert!(error.len() <= 400, "{error}");
            return;
        }
    };
    let mut written = Vec::new();
    write(&message, &mut written);
    assert!(written.len() <= data.len(), "{message:?} has become longer");
    let again = read(written.clone().into()).unwrap_or_else(|error| panic!("{message:?}: {error}"));
    assert_eq!(format!("{again:?}"), format!("{message:?}"));
    let mut twice = Vec::new();
    write(&again, &mut twice);
    assert_eq!(twice, written, "{message:?}");
}
