use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::WireError;
use super::reader::Reader;

/// What has a form as bytes.
pub(super) trait Value: Sized {
    /// The fewest bytes that one takes.
    const BYTES_MIN: usize = 1;

    fn write(&self, out: &mut Vec<u8>);
    fn read(reader: &mut Reader) -> Result<Self, WireError>;
}

/// The form of a struct: its fields.
macro_rules! fields {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl Value for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $(self.$field.write(out);)+
            }

            #[inline]
            fn read(reader: &mut Reader) -> Result<Self, WireError> {
                Ok(Self { $($field: Value::read(reader)?),+ })
            }
        }
    };
}

/// The form of an enum: a tag for each variant, and its fields.
macro_rules! variants {
    ($name:ident { $($tag:literal => $variant:ident $(($inner:ident))? $({ $($field:ident),+ })?),+ $(,)? }) => {
        impl Value for $name {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),+ })? => {
                        out.push($tag);
                        $($inner.write(out);)?
                        $($($field.write(out);)+)?
                    })+
                }
            }

            #[inline]
            fn read(reader: &mut Reader) -> Result<Self, WireError> {
                match u8::read(reader)? {
                    $($tag => {
                        $(let $inner = Value::read(reader)?;)?
                        $($(let $field = Value::read(reader)?;)+)?
                        Ok(Self::$variant $(($inner))? $({ $($field),+ })?)
                    })+
                    tag => Err(WireError::UnknownTag { of: stringify!($name), tag }),
                }
            }
        }
    };
}

pub(super) use {fields, variants};

macro_rules! numbers {
    ($($number:ident),+) => {$(
        impl Value for $number {
            const BYTES_MIN: usize = size_of::<Self>();

            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn read(reader: &mut Reader) -> Result<Self, WireError> {
                Ok(Self::from_le_bytes(reader.array()?))
            }
        }
    )+};
}

numbers!(u8, u16, u32, u64);

impl Value for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        match u8::read(reader)? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(WireError::UnknownTag { of: "bool", tag }),
        }
    }
}

/// A number of so many bytes.
impl<const N: usize> Value for [u8; N] {
    const BYTES_MIN: usize = N;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        reader.array()
    }
}

impl<T: Value> Value for Box<T> {
    const BYTES_MIN: usize = T::BYTES_MIN;

    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        T::read(reader).map(Self::new)
    }
}

/// As nanoseconds, of which `u64` has enough for 584 years.
impl Value for Duration {
    fn write(&self, out: &mut Vec<u8>) {
        u64::try_from(self.as_nanos()).unwrap_or(u64::MAX).write(out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(Self::from_nanos(u64::read(reader)?))
    }
}

/// The length of what follows, or how many there are.
pub(super) fn write_length(length: usize, out: &mut Vec<u8>) {
    u32::try_from(length).unwrap_or(u32::MAX).write(out);
}

pub(super) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(size_of::<u32>() + bytes.len());
    write_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

impl Value for Bytes {
    const BYTES_MIN: usize = u32::BYTES_MIN;

    fn write(&self, out: &mut Vec<u8>) {
        write_bytes(self, out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        reader.shared()
    }
}

impl Value for String {
    const BYTES_MIN: usize = u32::BYTES_MIN;

    fn write(&self, out: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(reader.text()?.to_owned())
    }
}

impl Value for Arc<str> {
    const BYTES_MIN: usize = u32::BYTES_MIN;

    fn write(&self, out: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), out);
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        Ok(reader.text()?.into())
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        match u8::read(reader)? {
            0 => Ok(None),
            1 => Ok(Some(T::read(reader)?)),
            tag => Err(WireError::UnknownTag { of: "Option", tag }),
        }
    }
}

impl<T: Value, E: Value> Value for Result<T, E> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_err().write(out);
        match self {
            Ok(value) => value.write(out),
            Err(error) => error.write(out),
        }
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        match u8::read(reader)? {
            0 => Ok(Ok(T::read(reader)?)),
            1 => Ok(Err(E::read(reader)?)),
            tag => Err(WireError::UnknownTag { of: "Result", tag }),
        }
    }
}

impl<T: Value> Value for Vec<T> {
    const BYTES_MIN: usize = u32::BYTES_MIN;

    fn write(&self, out: &mut Vec<u8>) {
        write_length(self.len(), out);
        for item in self {
            item.write(out);
        }
    }

    #[inline]
    fn read(reader: &mut Reader) -> Result<Self, WireError> {
        let count = reader.count(T::BYTES_MIN)?;
        let mut items = Self::with_capacity(count);
        for _ in 0..count {
            items.push(T::read(reader)?);
        }
        Ok(items)
    }
}
