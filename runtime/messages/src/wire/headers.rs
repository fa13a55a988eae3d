use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::WireError;
use super::error::excerpt;
use super::header_names;
use super::reader::Reader;
use super::value::{Value, write_bytes, write_length};

/// Headers of one head. More than a worker may make of them (1,000), and than fit into a head that the front takes in (64 KiB of HTTP/2, where
/// each counts 32 bytes besides its own).
pub const HEADERS_MAX: usize = 2048;

/// Bytes that a header takes as a rule, besides its value where that is long.
const HEADER_BYTES: usize = 64;

/// Each header as its name and its value. Those of one name are together and in their order.
impl Value for HeaderMap {
    fn write(&self, out: &mut Vec<u8>) {
        out.reserve(self.len() * HEADER_BYTES);
        write_length(self.len(), out);
        for (name, value) in self {
            name.write(out);
            write_bytes(value.as_bytes(), out);
        }
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        let count = reader.count(HeaderName::BYTES_MIN + Bytes::BYTES_MIN)?;
        let too_many = |_| WireError::Headers { count };
        if count > HEADERS_MAX {
            return Err(WireError::Headers { count });
        }
        let mut headers = Self::try_with_capacity(count).map_err(too_many)?;
        for _ in 0..count {
            let name = HeaderName::read(reader)?;
            let Ok(value) = HeaderValue::from_maybe_shared(reader.shared()?) else {
                return Err(WireError::HeaderValue(excerpt(name.as_str().as_bytes())));
            };
            headers.try_append(name, value).map_err(too_many)?;
        }
        Ok(headers)
    }
}

/// By its number, or 0 and as text.
impl Value for HeaderName {
    fn write(&self, out: &mut Vec<u8>) {
        let id = header_names::id_of(self);
        out.push(id);
        if id == 0 {
            write_bytes(self.as_str().as_bytes(), out);
        }
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        match u8::read(reader)? {
            0 => {
                let text = reader.borrowed()?;
                Self::from_bytes(text).map_err(|_| WireError::HeaderName(excerpt(text)))
            }
            tag => header_names::name_of(tag).ok_or(WireError::UnknownTag { of: "HeaderName", tag }),
        }
    }
}
