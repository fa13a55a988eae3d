//! `storage.sql.exec`: statements of the worker.
//!
//! A text may hold several statements; all run, the last one gives the rows. A statement that only reads is stepped as its rows
//! are asked for, and lives through commits and other statements; what those change in the tables that it still reads, it may or may
//! not see. A statement that writes runs to its end at once: rows of `RETURNING` are kept. Rolling back ends cursors whose tables
//! changed (`SQLITE_ABORT`), `delete_all` ends all.

mod alter;
mod cache;
mod counts;
mod cursor;

use std::rc::Rc;

use rusqlite::ffi;
use rustc_hash::FxHashMap;

use crate::authorizer::{Facts, Regime};
use crate::sqlite::Statement;
use crate::{DbError, ObjectDb, Value};

use cache::Cache;
pub use counts::Counts;
use counts::{Cost, Meter};
use cursor::Cursor;
pub use cursor::{CursorId, Row, Step};

/// Cursors and kept statements of a database.
#[derive(Default)]
pub(crate) struct Sql {
    cursors: FxHashMap<CursorId, Cursor>,
    last_cursor: u32,
    /// Counts uses, to tell which cursor was used last.
    uses: u64,
    cache: Cache,
}

/// A statement of the worker, and what is known of it.
pub(crate) struct Ready {
    pub(crate) statement: Statement,
    pub(crate) facts: Facts,
    pub(crate) columns: Rc<[Box<str>]>,
    /// How many rows it writes with each row that it changes; counted when first needed.
    pub(crate) cost: Option<Cost>,
    /// The text it is kept under; None if it is not the whole of one.
    pub(crate) text: Option<Rc<str>>,
}

/// What `exec` has done.
#[derive(Debug, Clone)]
pub struct Execution {
    /// For the rows; None if there are none.
    pub cursor: Option<CursorId>,
    /// Names of the columns; one may stand there twice.
    pub columns: Rc<[Box<str>]>,
    /// What it has read and written up to the first row.
    pub counts: Counts,
}

impl Ready {
    /// Names of its columns, as its last run had them: when its tables have changed since, it was prepared again.
    fn columns(&mut self) -> Rc<[Box<str>]> {
        if self.statement.status(ffi::SQLITE_STMTSTATUS_REPREPARE, true) > 0 {
            self.columns = self.statement.column_names();
            self.cost = None;
        }
        Rc::clone(&self.columns)
    }
}

impl Sql {
    pub(crate) fn forget_statements(&mut self) {
        self.cache = Cache::default();
    }

    pub(crate) fn forget_all(&mut self) {
        self.forget_statements();
        self.cursors.clear();
    }
}

impl ObjectDb {
    /// Runs the statements of a text; parameters belong to the last.
    ///
    /// # Errors
    /// In the words of Cloudflare: what SQLite refuses, what the authorizer refuses, wrong parameters, no statement. Statements
    /// before the one that failed have run.
    pub fn exec(&mut self, text: &str, parameters: &[Value]) -> Result<Execution, DbError> {
        self.turn.check()?;
        let result = self.try_exec(text, parameters);
        self.settle(result)
    }

    fn try_exec(&mut self, text: &str, parameters: &[Value]) -> Result<Execution, DbError> {
        let mut ready = match self.sql.cache.take(text) {
            Some(ready) => ready,
            None => self.prepare_last(text)?,
        };
        if ready.statement.parameters() != parameters.len() {
            return Err(DbError::Refused("Wrong number of parameter bindings for SQL query.".to_owned()));
        }
        for (index, value) in parameters.iter().enumerate() {
            ready.statement.bind(index + 1, value)?;
        }
        self.run(ready)
    }

    /// Prepares the last statement of a text, having run those before.
    fn prepare_last(&mut self, text: &str) -> Result<Ready, DbError> {
        let mut rest = text;
        loop {
            let prepared = Statement::prepare(&self.connection, Regime::User, rest)?;
            let Some(statement) = prepared.statement else {
                return Err(DbError::Refused("SQL code did not contain a statement.".to_owned()));
            };
            let after = rest.get(prepared.length..).unwrap_or_default();
            let after = after.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
            let columns = statement.column_names();
            let whole = after.is_empty() && rest.len() == text.len();
            let text = whole.then(|| Rc::from(text));
            let ready = Ready { statement, facts: prepared.facts, columns, cost: None, text };
            if after.is_empty() {
                return Ok(ready);
            }
            if ready.statement.parameters() != 0 {
                return Err(DbError::Refused(
                    "When executing multiple SQL statements in a single call, only the last statement can have parameters."
                        .to_owned(),
                ));
            }
            if let Some(cursor) = self.run(ready)?.cursor {
                self.close_cursor(cursor);
            }
            rest = after;
        }
    }

    /// Runs a statement up to its first row, or to its end if it writes.
    fn run(&mut self, mut ready: Ready) -> Result<Execution, DbError> {
        if ready.statement.is_readonly() && !ready.facts.runs_statements {
            let meter = Meter::start(&self.connection);
            let row = ready.statement.step()?;
            let counts = meter.read(&ready, None, &self.connection);
            let columns = ready.columns();
            if row {
                return Ok(Execution { cursor: Some(self.add_cursor(Cursor::live(ready))), columns, counts });
            }
            self.put_back(ready);
            return Ok(Execution { cursor: None, columns, counts });
        }
        self.begin_write()?;
        let cost = match ready.cost {
            Some(cost) => cost,
            None => self.cost(&ready.facts)?,
        };
        ready.cost = Some(cost);
        let before = if ready.facts.alters { Some(self.reserved_names()?) } else { None };
        let meter = Meter::start(&self.connection);
        let rows = match before {
            Some(before) => self.as_one(|db| {
                let rows = cursor::collect(&mut ready.statement, db.limits.heap_bytes_max);
                let rows = db.settle(rows)?;
                db.check_reserved_names(&before)?;
                Ok(rows)
            })?,
            None => cursor::collect(&mut ready.statement, self.limits.heap_bytes_max)?,
        };
        let counts = meter.read(&ready, Some(cost), &self.connection);
        let columns = ready.columns();
        self.put_back(ready);
        let cursor = if rows.is_empty() { None } else { Some(self.add_cursor(Cursor::kept(rows, counts))) };
        Ok(Execution { cursor, columns, counts })
    }

    fn put_back(&mut self, ready: Ready) {
        self.sql.cache.put(ready, self.limits.statement_bytes_max);
    }
}
