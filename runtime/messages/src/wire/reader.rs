use bytes::Bytes;

use super::WireError;
use super::value::Value;

/// The bytes of a message, and how far they are read.
pub(super) struct Reader {
    bytes: Bytes,
    /// Never past the end.
    at: usize,
}

impl Reader {
    /// Reads a value that takes all the bytes.
    #[inline]
    pub fn whole<T: Value>(bytes: Bytes) -> Result<T, WireError> {
        let mut reader = Self { bytes, at: 0 };
        let value = T::read(&mut reader);
        match reader.left() {
            bytes if bytes > 0 && value.is_ok() => Err(WireError::Trailing { bytes }),
            _ => value,
        }
    }

    #[inline]
    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Where the next `count` bytes stand, which are read with that.
    #[inline]
    fn range(&mut self, count: usize) -> Result<std::ops::Range<usize>, WireError> {
        let left = self.left();
        if count > left {
            return Err(WireError::Missing { bytes: count - left });
        }
        let start = self.at;
        self.at += count;
        Ok(start..self.at)
    }

    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let Some(bytes) = self.bytes[self.at..].first_chunk::<N>() else {
            return Err(WireError::Missing { bytes: N - self.left() });
        };
        self.at += N;
        Ok(*bytes)
    }

    /// The length or count that stands next.
    #[inline]
    pub fn length(&mut self) -> Result<usize, WireError> {
        // What does not fit into memory is longer than what is left.
        Ok(usize::try_from(u32::read(self)?).unwrap_or(usize::MAX))
    }

    /// How many items come next, each of `bytes_min` at the least: so many there can be.
    #[inline]
    pub fn count(&mut self, bytes_min: usize) -> Result<usize, WireError> {
        let count = self.length()?;
        match count.saturating_mul(bytes_min).checked_sub(self.left()) {
            None | Some(0) => Ok(count),
            Some(bytes) => Err(WireError::Missing { bytes }),
        }
    }

    /// Bytes with their length before them, not copied.
    #[inline]
    pub fn shared(&mut self) -> Result<Bytes, WireError> {
        let length = self.length()?;
        let range = self.range(length)?;
        Ok(self.bytes.slice(range))
    }

    /// So many bytes, not copied.
    #[inline]
    pub fn shared_of(&mut self, length: usize) -> Result<Bytes, WireError> {
        let range = self.range(length)?;
        Ok(self.bytes.slice(range))
    }

    /// Bytes with their length before them.
    #[inline]
    pub fn borrowed(&mut self) -> Result<&[u8], WireError> {
        let length = self.length()?;
        let range = self.range(length)?;
        Ok(&self.bytes[range])
    }

    #[inline]
    pub fn text(&mut self) -> Result<&str, WireError> {
        std::str::from_utf8(self.borrowed()?).map_err(|_| WireError::NotUtf8)
    }
}
