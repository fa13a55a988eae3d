use super::WireError;
use super::reader::Reader;
use super::value::{Value, fields, variants};
use crate::{ObjectCommit, ObjectRecall, PAGE_BYTES, Page, PageSet, Recall};

fields!(ObjectCommit { object, number, pages, has_more, alarm_ms });
fields!(ObjectRecall { object, id, question });
variants!(Recall {
    0 => Now,
    1 => At { time_ms },
    2 => RestoreNext { bookmark },
});
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
