//! Entries one after another, as blobs hold them: a part of the log, or the pages of a snapshot.
//!
//! ```text
//!   "skerry-1"   object (32 bytes)   then each entry: position (u64), time (i64), length (u32), the record's bytes
//! ```
//! The object's id makes blobs of different objects different: whoever removes one takes nothing from another.

use bytes::Bytes;

use super::reader::Reader;
use super::{Record, RecordError};
use crate::object::{Millis, ObjectId, Position};

const MAGIC: &[u8] = b"skerry-1";

/// One entry of an object's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub position: Position,
    pub time_ms: Millis,
    /// A record as bytes.
    pub record: Bytes,
}

impl Entry {
    pub(crate) fn read(&self, object: ObjectId) -> Result<Record, RecordError> {
        Record::decode(&self.record, object, self.position)
    }
}

/// Entries that are being put together.
pub(crate) struct Run(Vec<u8>);

impl Run {
    pub(crate) fn new(object: ObjectId) -> Self {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(object.0);
        Self(bytes)
    }

    pub(crate) fn push(&mut self, entry: &Entry) {
        self.0.extend(entry.position.to_le_bytes());
        self.0.extend(entry.time_ms.to_le_bytes());
        self.0.extend((entry.record.len() as u32).to_le_bytes());
        self.0.extend(&entry.record);
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.0.into()
    }

    pub(crate) fn read(bytes: &Bytes, object: ObjectId) -> Result<Vec<Entry>, RecordError> {
        let mut reader = Reader(bytes);
        if reader.take(MAGIC.len())? != MAGIC || reader.take(32)? != object.0 {
            return Err(RecordError::Value("head"));
        }
        let mut entries = Vec::new();
        while !reader.0.is_empty() {
            let (position, time_ms, length) = (reader.u64()?, reader.i64()?, reader.u32()?);
            entries.push(Entry { position, time_ms, record: bytes.slice_ref(reader.take(length as usize)?) });
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_read_as_they_were_written_and_only_for_their_object() -> Result<(), RecordError> {
        let object = ObjectId([1; 32]);
        let entries = [(5, "first"), (6, ""), (u64::MAX, "last")].map(|(position, text)| Entry {
            position,
            time_ms: -1,
            record: Bytes::from_static(text.as_bytes()),
        });
        let mut run = Run::new(object);
        entries.iter().for_each(|entry| run.push(entry));
        let bytes = run.into_bytes();
        assert_eq!(Run::read(&bytes, object)?, entries);
        assert!(Run::read(&bytes, ObjectId([2; 32])).is_err());
        for length in (0..bytes.len()).filter(|length| ![40, 65, 85].contains(length)) {
            assert!(Run::read(&bytes.slice(..length), object).is_err(), "{length}");
        }
        Ok(())
    }
}
