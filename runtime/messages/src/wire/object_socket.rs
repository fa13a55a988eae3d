use super::WireError;
use super::reader::Reader;
use super::value::{Value, fields, variants};
use crate::{AutoResponse, HeldSocket, ObjectSocketAction};

fields!(AutoResponse { request, response });

variants!(ObjectSocketAction {
    0 => Accept { socket, tags },
    1 => Message(message),
    2 => Attach(bytes),
});

impl Value for HeldSocket {
    const BYTES_MIN: usize = u32::BYTES_MIN + Vec::<String>::BYTES_MIN + bytes::Bytes::BYTES_MIN + 2;

    fn write(&self, out: &mut Vec<u8>) {
        self.number.write(out);
        self.tags.write(out);
        self.attachment.write(out);
        self.answered_ms.write(out);
        self.is_closing.write(out);
    }

    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self {
            number: Value::read(reader)?,
            tags: Value::read(reader)?,
            attachment: Value::read(reader)?,
            answered_ms: Value::read(reader)?,
            is_closing: Value::read(reader)?,
        })
    }
}
