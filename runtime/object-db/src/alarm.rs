//! The object's alarm: one row, so that it is committed with what was written beside it.

use crate::sqlite::Statement;
use crate::{DbError, ObjectDb, ValueRef};

const ALARM: &str = "SELECT value FROM _cf_METADATA WHERE key = 1";
const SET_ALARM: &str = "INSERT INTO _cf_METADATA VALUES (1, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
const DELETE_ALARM: &str = "DELETE FROM _cf_METADATA WHERE key = 1";
const CREATE: &str = "CREATE TABLE IF NOT EXISTS _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB)";
const EXISTS: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_cf_METADATA'";

impl ObjectDb {
    /// When the alarm is due, in milliseconds since 1970.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn alarm(&mut self) -> Result<Option<i64>, DbError> {
        if let Some(alarm) = self.known.alarm {
            self.turn.check()?;
            return Ok(alarm);
        }
        let alarm = if self.has_metadata()? {
            self.own(ALARM, |statement| {
                let row = statement.step()?;
                Ok(match statement.column(0) {
                    ValueRef::Integer(ms) if row => Some(ms),
                    _ => None,
                })
            })?
        } else {
            None
        };
        self.known.alarm = Some(alarm);
        Ok(alarm)
    }

    /// Arms the alarm, in place of one that is armed.
    ///
    /// # Errors
    /// As any write.
    pub fn set_alarm(&mut self, ms: i64) -> Result<(), DbError> {
        self.begin_write()?;
        self.own(CREATE, Statement::step)?;
        self.known.metadata = Some(true);
        self.own(SET_ALARM, |statement| statement.bind_number(1, ms).and_then(|()| statement.step()))?;
        self.known.alarm = Some(Some(ms));
        Ok(())
    }

    /// Disarms it.
    ///
    /// # Errors
    /// As any write.
    pub fn delete_alarm(&mut self) -> Result<(), DbError> {
        if self.alarm()?.is_none() {
            return Ok(());
        }
        self.begin_write()?;
        self.own(DELETE_ALARM, Statement::step)?;
        self.known.alarm = Some(None);
        Ok(())
    }

    fn has_metadata(&mut self) -> Result<bool, DbError> {
        if let Some(known) = self.known.metadata {
            return Ok(known);
        }
        let exists = self.own(EXISTS, Statement::step)?;
        self.known.metadata = Some(exists);
        Ok(exists)
    }
}
