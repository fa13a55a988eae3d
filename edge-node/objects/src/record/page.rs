//! A page without its longest run of zeros: a page that is not full has one, between its pointers and its cells.

use bytes::Bytes;
use skerry_messages::PAGE_BYTES;

use super::RecordError;
use super::reader::Reader;

/// Runs are looked for in words of so many bytes.
const WORD_BYTES: usize = 8;

pub(super) fn write(page: &[u8], out: &mut Vec<u8>) {
    let (start, length) = longest_zeros(page);
    out.extend((start as u16).to_le_bytes());
    out.extend((length as u16).to_le_bytes());
    out.extend(&page[..start]);
    out.extend(&page[start + length..]);
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Bytes, RecordError> {
    let (start, length) = (usize::from(reader.u16()?), usize::from(reader.u16()?));
    let behind = PAGE_BYTES.checked_sub(start + length).ok_or(RecordError::Value("run of zeros"))?;
    let mut page = vec![0; PAGE_BYTES];
    page[..start].copy_from_slice(reader.take(start)?);
    page[start + length..].copy_from_slice(reader.take(behind)?);
    Ok(page.into())
}

/// Start and length, in bytes.
fn longest_zeros(page: &[u8]) -> (usize, usize) {
    let (mut best, mut start) = ((0, 0), 0);
    let words = page.chunks_exact(WORD_BYTES).map(|word| word == [0; WORD_BYTES]);
    for (place, is_zero) in words.enumerate() {
        if !is_zero {
            start = place + 1;
        } else if place + 1 - start > best.1 {
            best = (start, place + 1 - start);
        }
    }
    (best.0 * WORD_BYTES, best.1 * WORD_BYTES)
}
