//! Rows of a statement, one after the other.

use std::collections::VecDeque;

use rusqlite::ffi;

use super::Ready;
use super::counts::{Counts, rows_read};
use crate::sqlite::Statement;
use crate::{DbError, ObjectDb, SqlError, Value, ValueRef};

/// Names a cursor of one database; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CursorId(u32);

/// As a number, for whoever cannot keep the name itself.
impl From<CursorId> for u32 {
    fn from(id: CursorId) -> Self {
        id.0
    }
}

/// One that was never given out is as one that was closed.
impl From<u32> for CursorId {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

/// What a cursor came to.
pub enum Step<'db> {
    /// The next row.
    Row(Row<'db>),
    /// There is none; the cursor is gone, and this is what its statement has read and written in all.
    Done(Counts),
}

/// A row, until the database is used again.
pub struct Row<'db>(Source<'db>);

enum Source<'db> {
    Live(&'db Statement),
    Kept(&'db [Value]),
}

impl Row<'_> {
    /// How many columns it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.0 {
            Source::Live(statement) => statement.columns(),
            Source::Kept(values) => values.len(),
        }
    }

    /// Never: a row has columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A column's value, from 0; beyond the last it is NULL.
    #[must_use]
    pub fn get(&self, column: usize) -> ValueRef<'_> {
        match self.0 {
            Source::Live(statement) => statement.column(column),
            Source::Kept(values) => values.get(column).map_or(ValueRef::Null, Value::as_value_ref),
        }
    }
}

pub(super) struct Cursor {
    rows: Rows,
    used: u64,
}

enum Rows {
    /// It stands on a row; `fresh` until that was given out.
    Live { ready: Ready, fresh: bool },
    /// All rows are here; the first was given out unless it is `fresh`.
    Kept { rows: VecDeque<Vec<Value>>, fresh: bool, counts: Counts },
}

impl Cursor {
    pub(super) fn live(ready: Ready) -> Self {
        Self { rows: Rows::Live { ready, fresh: true }, used: 0 }
    }

    pub(super) fn kept(rows: VecDeque<Vec<Value>>, counts: Counts) -> Self {
        Self { rows: Rows::Kept { rows, fresh: true, counts }, used: 0 }
    }

    fn advance(&mut self) -> Result<bool, DbError> {
        match &mut self.rows {
            Rows::Live { fresh, .. } | Rows::Kept { fresh, .. } if *fresh => {
                *fresh = false;
                Ok(true)
            }
            Rows::Live { ready, .. } => ready.statement.step(),
            Rows::Kept { rows, .. } => {
                rows.pop_front();
                Ok(!rows.is_empty())
            }
        }
    }

    fn row(&self) -> Row<'_> {
        match &self.rows {
            Rows::Live { ready, .. } => Row(Source::Live(&ready.statement)),
            Rows::Kept { rows, .. } => Row(Source::Kept(rows.front().map_or(&[], |row| row))),
        }
    }

    fn counts(&self) -> Counts {
        match &self.rows {
            Rows::Live { ready, .. } => Counts { rows_read: rows_read(ready), rows_written: 0 },
            Rows::Kept { counts, .. } => *counts,
        }
    }
}

/// Runs a statement to its end and keeps its rows.
pub(super) fn collect(statement: &mut Statement, bytes_max: usize) -> Result<VecDeque<Vec<Value>>, DbError> {
    let (mut rows, mut bytes) = (VecDeque::new(), 0_usize);
    while statement.step()? {
        let row: Vec<Value> = (0..statement.columns()).map(|column| statement.column(column).to_value()).collect();
        bytes = row.iter().map(Value::bytes).fold(bytes, usize::saturating_add);
        rows.push_back(row);
        if bytes > bytes_max {
            let (code, message) = (ffi::SQLITE_NOMEM, "out of memory: RETURNING gives too many rows".to_owned());
            return Err(SqlError { code, extended: code, offset: None, message }.into());
        }
    }
    Ok(rows)
}

impl ObjectDb {
    /// The next row of a cursor.
    ///
    /// # Errors
    /// SQLite failed, or the cursor was closed; it is gone then.
    pub fn next_row(&mut self, id: CursorId) -> Result<Step<'_>, DbError> {
        self.turn.check()?;
        self.sql.uses += 1;
        let advanced = match self.sql.cursors.get_mut(&id) {
            Some(cursor) => {
                cursor.used = self.sql.uses;
                cursor.advance()
            }
            None => Err(closed()),
        };
        if !matches!(advanced, Ok(true)) {
            let counts = self.close_cursor(id);
            return self.settle(advanced).map(|_| Step::Done(counts));
        }
        self.sql.cursors.get(&id).map(|cursor| Step::Row(cursor.row())).ok_or_else(closed)
    }

    /// What a cursor has read and written so far.
    #[must_use]
    pub fn cursor_counts(&self, id: CursorId) -> Counts {
        self.sql.cursors.get(&id).map(Cursor::counts).unwrap_or_default()
    }

    /// Ends a cursor; of no effect if it has ended. What it has read and written.
    pub fn close_cursor(&mut self, id: CursorId) -> Counts {
        let Some(cursor) = self.sql.cursors.remove(&id) else { return Counts::default() };
        let counts = cursor.counts();
        if let Rows::Live { ready, .. } = cursor.rows {
            self.put_back(ready);
        }
        counts
    }

    /// How many cursors have rows left.
    #[must_use]
    pub fn open_cursors(&self) -> usize {
        self.sql.cursors.len()
    }

    pub(super) fn add_cursor(&mut self, mut cursor: Cursor) -> CursorId {
        while self.sql.cursors.len() >= self.limits.cursors_max.max(1) {
            let oldest = self.sql.cursors.iter().min_by_key(|(_, cursor)| cursor.used).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.close_cursor(oldest);
        }
        self.sql.uses += 1;
        cursor.used = self.sql.uses;
        self.sql.last_cursor = self.sql.last_cursor.wrapping_add(1);
        let id = CursorId(self.sql.last_cursor);
        self.sql.cursors.insert(id, cursor);
        id
    }
}

fn closed() -> DbError {
    DbError::Refused(
        "SQL cursor was closed: too many others were opened since it was last used, or the database was emptied. Read a \
         cursor to its end, or with toArray(), before opening many more."
            .to_owned(),
    )
}
