mod hostile;
mod random;
mod round_trip;
mod samples;

use std::fmt::Debug;

use bytes::Bytes;

use super::WireError;
use super::reader::Reader;
use super::value::Value;

fn written<T: Value>(value: &T) -> Bytes {
    let mut out = Vec::new();
    value.write(&mut out);
    out.into()
}

fn read<T: Value>(bytes: impl Into<Bytes>) -> Result<T, WireError> {
    Reader::whole(bytes.into())
}

/// What is written is read as the same, to the last byte; any less or more is refused. Gives what is written.
fn check_whole<T: Value + Debug>(value: &T) -> Bytes {
    let bytes = written(value);
    let again: T = read(bytes.clone()).unwrap_or_else(|error| panic!("{value:?}: {error}"));
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
    assert_eq!(written(&again), bytes, "{value:?}");
    for length in 0..bytes.len() {
        let cut = read::<T>(bytes.slice(..length));
        assert!(matches!(cut, Err(WireError::Missing { .. })), "{length} bytes of {value:?}: {cut:?}");
    }
    let longer = read::<T>([&bytes[..], &[0, 0]].concat());
    assert_eq!(longer.err(), Some(WireError::Trailing { bytes: 2 }), "{value:?}");
    bytes
}
