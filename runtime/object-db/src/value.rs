//! Values as SQL knows them.

use std::borrow::Cow;

/// A value that is bound to a statement, or was read from a row and kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// A whole number of 64 bits.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A value of the row that a cursor stands on.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueRef<'row> {
    /// `NULL`.
    Null,
    /// A whole number of 64 bits.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text; what is not UTF-8 in it is replaced.
    Text(Cow<'row, str>),
    /// Bytes.
    Blob(&'row [u8]),
}

impl ValueRef<'_> {
    /// A copy that outlives the row.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Real(number) => Value::Real(*number),
            Self::Text(text) => Value::Text(text.clone().into_owned()),
            Self::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }
}

impl Value {
    pub(crate) fn as_value_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(Cow::Borrowed(text)),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }

    /// What a copy takes, about.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) => text.len(),
                Self::Blob(bytes) => bytes.len(),
                _ => 0,
            }
    }
}
