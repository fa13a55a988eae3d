//! A prepared statement.

use std::ffi::{CStr, c_int};
use std::rc::Rc;
use std::{ptr, slice};

use rusqlite::ffi;

use super::Connection;
use crate::authorizer::{Facts, Regime};
use crate::{DbError, Value, ValueRef};

/// A statement, and the connection that it belongs to.
pub(crate) struct Statement {
    raw: *mut ffi::sqlite3_stmt,
    connection: Rc<Connection>,
    regime: Regime,
}

/// What became of a text.
pub(crate) struct Prepared {
    /// None if there was nothing but space and comments.
    pub(crate) statement: Option<Statement>,
    /// How much of the text it was.
    pub(crate) length: usize,
    /// What the authorizer has learnt of it.
    pub(crate) facts: Facts,
}

impl Statement {
    /// Prepares the first statement of a text.
    pub(crate) fn prepare(connection: &Rc<Connection>, regime: Regime, text: &str) -> Result<Prepared, DbError> {
        let mut raw = ptr::null_mut();
        let mut tail = ptr::null();
        // Beyond the largest length SQLite counts it is too long in any case.
        let length = c_int::try_from(text.len()).unwrap_or(c_int::MAX);
        connection.guard().begin_facts();
        let code = connection.under(regime, || {
            let flags = ffi::SQLITE_PREPARE_PERSISTENT;
            // SAFETY: the connection is open; `length` bytes of text; places for the answers.
            unsafe { ffi::sqlite3_prepare_v3(connection.raw(), text.as_ptr().cast(), length, flags, &raw mut raw, &raw mut tail) }
        });
        let facts = connection.guard().take_facts();
        connection.check(code)?;
        let length = if tail.is_null() { text.len() } else { (tail as usize).saturating_sub(text.as_ptr() as usize) };
        let statement = (!raw.is_null()).then(|| Self { raw, connection: Rc::clone(connection), regime });
        Ok(Prepared { statement, length: length.min(text.len()), facts })
    }

    /// A statement of ours.
    pub(crate) fn trusted(connection: &Rc<Connection>, text: &str) -> Result<Self, DbError> {
        let prepared = Self::prepare(connection, Regime::Trusted, text)?;
        prepared.statement.ok_or_else(|| DbError::Refused("SQL code did not contain a statement.".to_owned()))
    }

    /// Whether there is a row.
    pub(crate) fn step(&mut self) -> Result<bool, DbError> {
        // SAFETY: the statement lives.
        match self.connection.under(self.regime, || unsafe { ffi::sqlite3_step(self.raw) }) {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(self.connection.error(code)),
        }
    }

    /// Readies it to run again; an error was reported by `step` already.
    pub(crate) fn reset(&mut self) {
        self.connection.under(self.regime, || {
            // SAFETY: the statement lives.
            unsafe { ffi::sqlite3_reset(self.raw) };
            // SAFETY: the statement lives.
            unsafe { ffi::sqlite3_clear_bindings(self.raw) };
        });
        for counter in 0..=ffi::SQLITE_STMTSTATUS_AUTOINDEX {
            self.status(counter, true);
        }
    }

    /// Binds parameter `index`, from 1.
    pub(crate) fn bind(&mut self, index: usize, value: &Value) -> Result<(), DbError> {
        match value {
            Value::Null => {
                let index = c_int::try_from(index).unwrap_or(c_int::MAX);
                // SAFETY: the statement lives; an index out of range is an error.
                self.connection.check(unsafe { ffi::sqlite3_bind_null(self.raw, index) })
            }
            Value::Integer(number) => self.bind_number(index, *number),
            Value::Real(number) => {
                let index = c_int::try_from(index).unwrap_or(c_int::MAX);
                // SAFETY: as above.
                self.connection.check(unsafe { ffi::sqlite3_bind_double(self.raw, index, *number) })
            }
            Value::Text(text) => self.bind_text(index, text.as_bytes()),
            Value::Blob(bytes) => self.bind_blob(index, bytes),
        }
    }

    pub(crate) fn bind_number(&mut self, index: usize, number: i64) -> Result<(), DbError> {
        let index = c_int::try_from(index).unwrap_or(c_int::MAX);
        // SAFETY: the statement lives; an index out of range is an error.
        self.connection.check(unsafe { ffi::sqlite3_bind_int64(self.raw, index, number) })
    }

    pub(crate) fn bind_text(&mut self, index: usize, text: &[u8]) -> Result<(), DbError> {
        let index = c_int::try_from(index).unwrap_or(c_int::MAX);
        let _heap = self.connection.heap().enter();
        let (copy, utf8) = (ffi::SQLITE_TRANSIENT(), ffi::SQLITE_UTF8 as u8);
        // SAFETY: the statement lives; SQLite copies the bytes.
        let code = unsafe { ffi::sqlite3_bind_text64(self.raw, index, text.as_ptr().cast(), text.len() as u64, copy, utf8) };
        self.connection.check(code)
    }

    pub(crate) fn bind_blob(&mut self, index: usize, bytes: &[u8]) -> Result<(), DbError> {
        let index = c_int::try_from(index).unwrap_or(c_int::MAX);
        let _heap = self.connection.heap().enter();
        let copy = ffi::SQLITE_TRANSIENT();
        // SAFETY: the statement lives; SQLite copies the bytes.
        let code = unsafe { ffi::sqlite3_bind_blob64(self.raw, index, bytes.as_ptr().cast(), bytes.len() as u64, copy) };
        self.connection.check(code)
    }

    pub(crate) fn parameters(&self) -> usize {
        // SAFETY: the statement lives.
        usize::try_from(unsafe { ffi::sqlite3_bind_parameter_count(self.raw) }).unwrap_or(0)
    }

    pub(crate) fn is_readonly(&self) -> bool {
        // SAFETY: the statement lives.
        unsafe { ffi::sqlite3_stmt_readonly(self.raw) != 0 }
    }

    pub(crate) fn columns(&self) -> usize {
        // SAFETY: the statement lives.
        usize::try_from(unsafe { ffi::sqlite3_column_count(self.raw) }).unwrap_or(0)
    }

    pub(crate) fn column_names(&self) -> Rc<[Box<str>]> {
        (0..self.columns()).map(|column| self.column_name(column)).collect()
    }

    fn column_name(&self, column: usize) -> Box<str> {
        let column = c_int::try_from(column).unwrap_or(c_int::MAX);
        let _heap = self.connection.heap().enter();
        // SAFETY: the statement lives; an index out of range gives null.
        let name = unsafe { ffi::sqlite3_column_name(self.raw, column) };
        if name.is_null() {
            return Box::default();
        }
        // SAFETY: a text of SQLite's that ends with NUL and lasts until the next call.
        unsafe { CStr::from_ptr(name) }.to_string_lossy().into()
    }

    /// A value of the row that it stands on, until the next step.
    pub(crate) fn column(&self, column: usize) -> ValueRef<'_> {
        let column = c_int::try_from(column).unwrap_or(c_int::MAX);
        // SAFETY: the statement lives; outside of a row, and out of range, all is NULL.
        match unsafe { ffi::sqlite3_column_type(self.raw, column) } {
            // SAFETY: as above.
            ffi::SQLITE_INTEGER => ValueRef::Integer(unsafe { ffi::sqlite3_column_int64(self.raw, column) }),
            // SAFETY: as above.
            ffi::SQLITE_FLOAT => ValueRef::Real(unsafe { ffi::sqlite3_column_double(self.raw, column) }),
            ffi::SQLITE_TEXT => ValueRef::Text(String::from_utf8_lossy(self.column_bytes(column))),
            ffi::SQLITE_BLOB => ValueRef::Blob(self.column_bytes(column)),
            _ => ValueRef::Null,
        }
    }

    /// Text or blob as it is stored.
    fn column_bytes(&self, column: c_int) -> &[u8] {
        let _heap = self.connection.heap().enter();
        // SAFETY: the statement lives.
        let bytes = unsafe { ffi::sqlite3_column_blob(self.raw, column) };
        // SAFETY: the statement lives.
        let length = unsafe { ffi::sqlite3_column_bytes(self.raw, column) };
        match usize::try_from(length) {
            Ok(length) if length > 0 && !bytes.is_null() => {
                // SAFETY: so many bytes of SQLite's, which last until the statement steps on, what takes `&mut self`.
                unsafe { slice::from_raw_parts(bytes.cast::<u8>(), length) }
            }
            _ => &[],
        }
    }

    /// One of `sqlite3_stmt_status`.
    pub(crate) fn status(&self, counter: c_int, reset: bool) -> u64 {
        // SAFETY: the statement lives; an unknown counter is 0.
        let value = unsafe { ffi::sqlite3_stmt_status(self.raw, counter, c_int::from(reset)) };
        // It counts modulo 2^32.
        u64::from(value as u32)
    }

    /// What it takes of the heap.
    pub(crate) fn bytes(&self) -> usize {
        usize::try_from(self.status(ffi::SQLITE_STMTSTATUS_MEMUSED, false)).unwrap_or(usize::MAX)
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: prepared once, and gone after this.
        self.connection.under(self.regime, || unsafe { ffi::sqlite3_finalize(self.raw) });
    }
}
