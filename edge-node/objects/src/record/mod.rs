//! What stands at one position of an object's history, and its form as bytes.
//!
//! Owns: one record to bytes and back. Refuses: where the bytes are kept.
//! The bytes name neither object nor position, but their checksum is over both: a record that was damaged, or that stands in another's
//! place, is refused.
//!
//! ```text
//!   version (u8, 1)   kind (u8)   alarm: 0, or 1 and milliseconds since 1970 (i64)
//!   kind 0, fence     nothing
//!   kind 1, pages     pages of the database (u32), count (u32), then each page: number (u32), start and length of the longest run of
//!                     zeros in it (u16, u16), the bytes before the run, the bytes behind it
//!   kind 2, restore   position (u64)
//!   checksum          16 bytes: the beginning of the SHA-256 of object, position and everything before
//!   numbers are little endian
//! ```

mod page;
mod reader;
mod run;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use skerry_messages::{PAGE_BYTES, PageSet};

use crate::object::{Millis, ObjectId, Position};

pub use run::Entry;
pub(crate) use run::Run;

use reader::Reader;

/// Pages that one transaction may change: 64 MiB of them.
pub const RECORD_PAGES_MAX: usize = 16 * 1024;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The alarm that the object's database holds from here on.
    pub alarm_ms: Option<Millis>,
    pub change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Somebody else owns the object from here on.
    Fence,
    /// A transaction.
    Pages(PageSet),
    /// The database is again as it was behind this position.
    Restore(Position),
}

/// A page set that no database can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PagesError {
    #[error("the transaction changes {0} pages, which is more than {RECORD_PAGES_MAX}: write less in one transaction")]
    TooMany(usize),
    #[error("page {0} has {1} bytes instead of {PAGE_BYTES}")]
    Length(u32, usize),
    #[error("page {0} is not behind the one before it, or outside of the database of {1} pages")]
    Number(u32, u32),
}

/// Why bytes are not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the checksum does not fit")]
    Checksum,
    #[error("it ends too early, or too late")]
    Length,
    #[error("it has version {0}, this one reads {VERSION}")]
    Version(u8),
    #[error("it has a value that is not there: {0}")]
    Value(&'static str),
    #[error(transparent)]
    Pages(#[from] PagesError),
}

impl Record {
    /// The bytes for this place.
    pub(crate) fn encode(&self, object: ObjectId, position: Position) -> Result<Bytes, PagesError> {
        let mut out = Vec::with_capacity(64);
        out.push(VERSION);
        out.push(match self.change {
            Change::Fence => 0,
            Change::Pages(_) => 1,
            Change::Restore(_) => 2,
        });
        out.push(u8::from(self.alarm_ms.is_some()));
        if let Some(alarm_ms) = self.alarm_ms {
            out.extend(alarm_ms.to_le_bytes());
        }
        match &self.change {
            Change::Fence => {}
            Change::Pages(pages) => write_pages(pages, &mut out)?,
            Change::Restore(position) => out.extend(position.to_le_bytes()),
        }
        let checksum = checksum(object, position, &out);
        out.extend(checksum);
        Ok(out.into())
    }

    /// Reads what [`Record::encode`] has made for this place.
    pub(crate) fn decode(bytes: &Bytes, object: ObjectId, position: Position) -> Result<Self, RecordError> {
        let length = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(RecordError::Length)?;
        if checksum(object, position, &bytes[..length]) != bytes[length..] {
            return Err(RecordError::Checksum);
        }
        let mut reader = Reader(&bytes[..length]);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(RecordError::Version(version));
        }
        let kind = reader.u8()?;
        let alarm_ms = match reader.u8()? {
            0 => None,
            1 => Some(reader.i64()?),
            _ => return Err(RecordError::Value("alarm")),
        };
        let change = match kind {
            0 => Change::Fence,
            1 => Change::Pages(read_pages(&mut reader)?),
            2 => Change::Restore(reader.u64()?),
            _ => return Err(RecordError::Value("kind")),
        };
        if reader.0.is_empty() { Ok(Self { alarm_ms, change }) } else { Err(RecordError::Length) }
    }
}

fn checksum(object: ObjectId, position: Position, bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(object.0);
    hasher.update(position.to_le_bytes());
    hasher.update(bytes);
    let mut out = [0; CHECKSUM_BYTES];
    out.copy_from_slice(&hasher.finalize()[..CHECKSUM_BYTES]);
    out
}

fn write_pages(pages: &PageSet, out: &mut Vec<u8>) -> Result<(), PagesError> {
    let count = pages.pages.len();
    if count > RECORD_PAGES_MAX {
        return Err(PagesError::TooMany(count));
    }
    out.extend(pages.page_count.to_le_bytes());
    out.extend((count as u32).to_le_bytes());
    let mut last = 0;
    for page in &pages.pages {
        last = follows(page.number, last, pages.page_count)?;
        if page.bytes.len() != PAGE_BYTES {
            return Err(PagesError::Length(page.number, page.bytes.len()));
        }
        out.extend(page.number.to_le_bytes());
        page::write(&page.bytes, out);
    }
    Ok(())
}

fn read_pages(reader: &mut Reader<'_>) -> Result<PageSet, RecordError> {
    let (page_count, count) = (reader.u32()?, reader.u32()? as usize);
    if count > RECORD_PAGES_MAX {
        return Err(PagesError::TooMany(count).into());
    }
    // Each has a head of 8 bytes: no more is reserved than what is there can fill.
    let mut pages = Vec::with_capacity(count.min(reader.0.len() / 8));
    let mut last = 0;
    for _ in 0..count {
        last = follows(reader.u32()?, last, page_count)?;
        pages.push(skerry_messages::Page { number: last, bytes: page::read(reader)? });
    }
    Ok(PageSet { page_count, pages })
}

fn follows(number: u32, last: u32, page_count: u32) -> Result<u32, PagesError> {
    if number > last && number <= page_count { Ok(number) } else { Err(PagesError::Number(number, page_count)) }
}

#[cfg(test)]
mod tests {
    use skerry_messages::Page;

    use super::*;

    type Failure = Box<dyn std::error::Error>;
    const OBJECT: ObjectId = ObjectId([7; 32]);

    fn page(number: u32, bytes: Vec<u8>) -> Page {
        Page { number, bytes: bytes.into() }
    }

    fn several() -> Vec<Record> {
        let mut middle = vec![0; PAGE_BYTES];
        middle[..100].fill(1);
        middle[4000..].fill(2);
        let noise = (0..PAGE_BYTES).map(|place| (place * 31 % 251) as u8).collect();
        let pages = vec![page(1, middle), page(3, vec![0; PAGE_BYTES]), page(9, vec![255; PAGE_BYTES]), page(10, noise)];
        vec![
            Record { alarm_ms: None, change: Change::Fence },
            Record { alarm_ms: Some(-5), change: Change::Restore(u64::MAX) },
            Record { alarm_ms: Some(i64::MAX), change: Change::Pages(PageSet { page_count: 10, pages }) },
            Record { alarm_ms: None, change: Change::Pages(PageSet::default()) },
        ]
    }

    #[test]
    fn records_are_read_as_they_were_written() -> Result<(), Failure> {
        for record in several() {
            let bytes = record.encode(OBJECT, 5)?;
            assert_eq!(Record::decode(&bytes, OBJECT, 5)?, record);
        }
        Ok(())
    }

    #[test]
    fn what_is_mostly_zeros_takes_little_room() -> Result<(), Failure> {
        let record = several().remove(2);
        let length = record.encode(OBJECT, 5)?.len();
        assert!((8388..8500).contains(&length), "196, 0, 4096 and 4096 bytes of pages became {length}");
        Ok(())
    }

    #[test]
    fn a_flipped_bit_or_another_place_is_refused() -> Result<(), Failure> {
        let bytes = several().remove(2).encode(OBJECT, 5)?;
        for place in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
            let mut flipped = bytes.to_vec();
            flipped[place] ^= 4;
            assert_eq!(Record::decode(&flipped.into(), OBJECT, 5), Err(RecordError::Checksum), "{place}");
        }
        assert_eq!(Record::decode(&bytes, OBJECT, 6), Err(RecordError::Checksum));
        assert_eq!(Record::decode(&bytes, ObjectId([8; 32]), 5), Err(RecordError::Checksum));
        assert_eq!(Record::decode(&Bytes::new(), OBJECT, 5), Err(RecordError::Length));
        Ok(())
    }

    /// Also where the checksum fits.
    #[test]
    fn no_bytes_make_the_reader_stumble() -> Result<(), Failure> {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let mut refused = 0;
        for round in 0..20_000 {
            let mut bytes = several().remove(random() % 4).encode(OBJECT, 5)?.to_vec();
            bytes.truncate(bytes.len() - CHECKSUM_BYTES);
            for _ in 0..=random() % 3 {
                let place = random() % bytes.len().min(64);
                bytes[place] = random() as u8;
            }
            if round % 3 == 0 {
                bytes.truncate(random() % bytes.len());
            }
            let checksum = checksum(OBJECT, 5, &bytes);
            bytes.extend(checksum);
            refused += usize::from(Record::decode(&bytes.into(), OBJECT, 5).is_err());
        }
        assert!(refused > 5000, "{refused}");
        Ok(())
    }

    #[test]
    fn pages_that_no_database_has_are_refused() {
        let whole = |number| page(number, vec![1; PAGE_BYTES]);
        let cases = [
            (vec![whole(0)], PagesError::Number(0, 4)),
            (vec![whole(5)], PagesError::Number(5, 4)),
            (vec![whole(2), whole(2)], PagesError::Number(2, 4)),
            (vec![page(2, vec![1; 512])], PagesError::Length(2, 512)),
            (vec![whole(1); RECORD_PAGES_MAX + 1], PagesError::TooMany(RECORD_PAGES_MAX + 1)),
        ];
        for (pages, expected) in cases {
            let record = Record { alarm_ms: None, change: Change::Pages(PageSet { page_count: 4, pages }) };
            assert_eq!(record.encode(OBJECT, 1), Err(expected));
        }
    }
}
