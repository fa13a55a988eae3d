//! `rowsRead` and `rowsWritten`.
//!
//! SQLite counts neither as Cloudflare's does. Read are the rows that the statement's cursors stepped to, and the first one of a
//! statement that reads tables at all; what is found by key in an inner loop is not counted. Written are, with each row that a
//! statement changes, its entries in indexes; rows that triggers change count once.

use rusqlite::ffi;

use super::Ready;
use crate::authorizer::Facts;
use crate::sqlite::Connection;
use crate::{DbError, ObjectDb, ValueRef};

/// What a statement has read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows of tables and indexes that it went through.
    pub rows_read: u64,
    /// Rows of tables and indexes that it changed.
    pub rows_written: u64,
}

/// Rows written with each row that a statement changes itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost(u64);

/// What a statement changes, counted from its start.
pub(super) struct Meter {
    total_before: u64,
}

/// `SQLITE_STMTSTATUS` of steps: within ranges of indexes (the one without a name), over whole tables, over automatic indexes.
const STEPS: [i32; 3] = [0, ffi::SQLITE_STMTSTATUS_FULLSCAN_STEP, ffi::SQLITE_STMTSTATUS_AUTOINDEX];

pub(super) fn rows_read(ready: &Ready) -> u64 {
    let steps: u64 = STEPS.iter().map(|counter| ready.statement.status(*counter, false)).sum();
    steps + u64::from(ready.facts.reads)
}

impl Meter {
    pub(super) fn start(connection: &Connection) -> Self {
        Self { total_before: connection.total_changes() }
    }

    pub(super) fn read(&self, ready: &Ready, cost: Option<Cost>, connection: &Connection) -> Counts {
        let rows_written = cost.map_or(0, |cost| {
            let total = connection.total_changes().saturating_sub(self.total_before);
            let own = connection.changes().min(total);
            own.saturating_mul(cost.0).saturating_add(total - own)
        });
        Counts { rows_read: rows_read(ready), rows_written }
    }
}

/// Each index of a table with each of its columns; not the one that is the table itself (WITHOUT ROWID).
const INDEXES: &str = "SELECT list.name, column.name FROM pragma_index_list(?1) AS list, pragma_index_info(list.name) AS column \
     WHERE list.origin <> 'pk' OR NOT EXISTS (SELECT 1 FROM pragma_table_list(?1) WHERE wr)";

impl ObjectDb {
    /// How many rows go with each row that a statement changes.
    pub(super) fn cost(&mut self, facts: &Facts) -> Result<Cost, DbError> {
        let Some(written) = facts.writes.as_ref().filter(|written| !written.deletes) else { return Ok(Cost(1)) };
        let touched = |column: &ValueRef<'_>| match column {
            ValueRef::Text(name) => written.columns.is_empty() || written.columns.iter().any(|one| **one == **name),
            // An expression may be of any column.
            _ => true,
        };
        self.own(INDEXES, |statement| {
            statement.bind_text(1, written.table.as_bytes())?;
            let mut indexes = Vec::new();
            while statement.step()? {
                if let (ValueRef::Text(index), column) = (statement.column(0), statement.column(1))
                    && touched(&column)
                    && indexes.last() != Some(&index)
                {
                    indexes.push(index.into_owned().into());
                }
            }
            Ok(Cost(1 + indexes.len() as u64))
        })
    }
}
