//! `ALTER TABLE .. RENAME TO` must not make a name that is ours: SQLite does not tell the authorizer the new name, so what stands
//! under such names is compared before and after.

use crate::{DbError, ObjectDb, SqlError, ValueRef};

const RESERVED: &str = "SELECT group_concat(type || ' ' || name || ' ' || tbl_name || ' ' || ifnull(sql, ''), char(10)) FROM \
     (SELECT * FROM sqlite_schema WHERE lower(substr(name, 1, 4)) = '_cf_' OR lower(substr(tbl_name, 1, 4)) = '_cf_' ORDER BY name)";

impl ObjectDb {
    /// All that is under our names.
    pub(super) fn reserved_names(&mut self) -> Result<String, DbError> {
        self.run_own(RESERVED, |statement| {
            statement.step()?;
            Ok(match statement.column(0) {
                ValueRef::Text(names) => names.into_owned(),
                _ => String::new(),
            })
        })
    }

    /// It is still what it was.
    pub(super) fn check_reserved_names(&mut self, before: &str) -> Result<(), DbError> {
        if self.reserved_names()? == before {
            return Ok(());
        }
        let (code, message) = (rusqlite::ffi::SQLITE_AUTH, "not authorized".to_owned());
        Err(SqlError { code, extended: code, offset: None, message }.into())
    }
}
