//! What can go wrong, in the words that developers of Durable Objects know.

use crate::sqlite::codes;

/// Why an operation on an object's database failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite refused or failed: the worker's statement, as a rule.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The call itself is wrong; the text says what and how to mend it.
    #[error("{0}")]
    Refused(String),
    /// SQLite has rolled the whole turn back, so what the worker believes it wrote is not there. The object has to start anew;
    /// until [`rollback_turn`](crate::ObjectDb::rollback_turn) every operation ends with this.
    #[error("the object's storage was reset to what it was before this turn: {cause}")]
    TurnLost {
        /// What SQLite said.
        cause: String,
    },
    /// Too much is committed that is not in the file yet.
    #[error("{unsaved_bytes} bytes are committed and not in the file yet: write them with a checkpoint first")]
    CheckpointNeeded {
        /// Of changed pages in memory.
        unsaved_bytes: u64,
    },
    /// The file is not a database of an object.
    #[error("the object's database file cannot be used: {0}")]
    File(String),
    /// The file could not be read or written.
    #[error("the object's database file failed: {0}")]
    Io(#[from] std::io::Error),
    /// SQLite in this process was built or started otherwise than an object's database needs.
    #[error("{0}")]
    Process(&'static str),
}

impl DbError {
    /// Whether the object must start anew from what was committed.
    #[must_use]
    pub fn is_turn_lost(&self) -> bool {
        matches!(self, Self::TurnLost { .. })
    }

    /// SQLite's primary result code, where it is SQLite that failed.
    #[must_use]
    pub fn sqlite_code(&self) -> Option<i32> {
        match self {
            Self::Sql(error) => Some(error.code),
            _ => None,
        }
    }
}

/// An error of SQLite: `no such table: x at offset 14: SQLITE_ERROR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// The primary result code.
    pub code: i32,
    /// The extended result code; equal to `code` where there is none.
    pub extended: i32,
    /// Where in the text, in bytes.
    pub offset: Option<u32>,
    /// SQLite's words.
    pub message: String,
}

impl std::error::Error for SqlError {}

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        if let Some(offset) = self.offset {
            write!(f, " at offset {offset}")?;
        }
        match codes::primary(self.code) {
            Some(name) => write!(f, ": {name}")?,
            None => write!(f, ": SQLITE_UNKNOWN_ERROR_CODE({})", self.code)?,
        }
        match codes::extended(self.extended) {
            Some(name) if self.extended != self.code => write!(f, " (extended: {name})"),
            _ => Ok(()),
        }
    }
}
