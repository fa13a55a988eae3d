use super::WireError;
use super::reader::Reader;
use super::value::{Value, fields};
use crate::{ObjectCommit, PAGE_BYTES, Page, PageSet};

fields!(ObjectCommit { object, number, pages, has_more, alarm_ms });
fields!(PageSet { page_count, pages });

impl Value for Page {
    const BYTES_MIN: usize = u32::BYTES_MIN + PAGE_BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        self.number.write(out);
        out.extend_from_slice(&self.bytes);
    }

    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self { number: Value::read(reader)?, bytes: reader.shared_of(PAGE_BYTES)? })
    }
}
