//! SQL of an operator on an object's database: the same SQLite, with the same rules, that the object has.

use std::fs::File;
use std::path::Path;

use skerry_objects::{Commit, Owned};
use skerry_runtime::object_db::{DbError, DbLimits, ObjectDb, Step, Value};

use super::ToolError;

/// The first rows of a result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub has_more: bool,
}

pub(super) fn read(file: &Path, sql: &str, rows_max: usize) -> Result<Rows, ToolError> {
    let mut db = open(file)?;
    let rows = run(&mut db, sql, rows_max)?;
    if db.has_open_turn() {
        return Err(ToolError::Writes);
    }
    Ok(rows)
}

pub(super) async fn write(owned: &Owned, sql: &str, rows_max: usize) -> Result<Rows, ToolError> {
    let (rows, commit) = {
        let mut db = open(owned.cache_file())?;
        let rows = run(&mut db, sql, rows_max)?;
        (rows, db.commit_turn()?)
    };
    if let Some(commit) = commit {
        let commit = Commit { pages: commit.pages, alarm_ms: commit.alarm };
        let position = owned.append(commit).map_err(|error| ToolError::Unwritten(error.to_string()))?;
        owned.acknowledged().wait_for(position).await.map_err(|error| ToolError::Unwritten(error.to_string()))?;
    }
    Ok(rows)
}

fn open(path: &Path) -> Result<ObjectDb, ToolError> {
    let file = File::options().read(true).write(true).open(path);
    let file = file.map_err(|error| ToolError::File { path: path.to_owned(), error })?;
    Ok(ObjectDb::open(file, DbLimits::default())?)
}

fn run(db: &mut ObjectDb, sql: &str, rows_max: usize) -> Result<Rows, DbError> {
    let done = db.exec(sql, &[])?;
    let mut found = Rows { columns: done.columns.iter().map(ToString::to_string).collect(), ..Rows::default() };
    let Some(cursor) = done.cursor else { return Ok(found) };
    while let Step::Row(row) = db.next_row(cursor)? {
        if found.rows.len() == rows_max {
            found.has_more = true;
            break;
        }
        found.rows.push((0..row.len()).map(|column| row.get(column).to_value()).collect());
    }
    // Rows of a statement that writes are kept: it has run to its end.
    db.close_cursor(cursor);
    Ok(found)
}
