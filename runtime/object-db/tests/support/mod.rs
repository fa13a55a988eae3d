//! What the tests share: a database on a file without a name, and the replica that its log would rebuild.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs::File;
use std::os::unix::fs::FileExt;

use skerry_messages::{PAGE_BYTES, PageSet};
use skerry_object_db::{Commit, CursorId, DbError, DbLimits, ObjectDb, Step, Value};

pub type Failure = Box<dyn std::error::Error>;

/// A database on an empty file.
pub fn database() -> Result<ObjectDb, Failure> {
    with_limits(DbLimits::default())
}

pub fn with_limits(limits: DbLimits) -> Result<ObjectDb, Failure> {
    Ok(ObjectDb::open(tempfile::tempfile()?, limits)?)
}

/// All rows that are left.
pub fn rows_of(db: &mut ObjectDb, cursor: Option<CursorId>) -> Result<Vec<Vec<Value>>, DbError> {
    let mut rows = Vec::new();
    let Some(cursor) = cursor else { return Ok(rows) };
    while let Step::Row(row) = db.next_row(cursor)? {
        rows.push((0..row.len()).map(|column| row.get(column).to_value()).collect());
    }
    Ok(rows)
}

/// Runs a text and gives its rows.
pub fn rows(db: &mut ObjectDb, text: &str) -> Result<Vec<Vec<Value>>, DbError> {
    let execution = db.exec(text, &[])?;
    rows_of(db, execution.cursor)
}

/// Runs a text and gives the first column of its rows as JSON would show it.
pub fn column(db: &mut ObjectDb, text: &str) -> Result<Vec<String>, DbError> {
    Ok(rows(db, text)?.iter().map(|row| row.first().map_or_else(String::new, show)).collect())
}

pub fn show(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{bytes:02x?}"),
    }
}

/// What a text fails with.
pub fn failure(db: &mut ObjectDb, text: &str) -> String {
    match rows(db, text) {
        Ok(rows) => format!("no failure: {rows:?}"),
        Err(error) => error.to_string(),
    }
}

/// What the log holds of a database.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Replica {
    pub bytes: Vec<u8>,
}

impl Replica {
    pub fn apply(&mut self, set: &PageSet) {
        self.bytes.resize(set.page_count as usize * PAGE_BYTES, 0);
        for page in &set.pages {
            let start = (page.number as usize - 1) * PAGE_BYTES;
            self.bytes[start..start + PAGE_BYTES].copy_from_slice(&page.bytes);
        }
    }

    pub fn commit(&mut self, commit: Option<Commit>) {
        if let Some(commit) = commit {
            self.apply(&commit.pages);
        }
    }

    pub fn to_file(&self) -> Result<File, Failure> {
        let file = tempfile::tempfile()?;
        file.write_all_at(&self.bytes, 0)?;
        Ok(file)
    }
}

pub fn bytes_of(file: &File) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; usize::try_from(file.metadata()?.len())?];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}
