//! The key-value store: a table of its own, which SQL of the worker does not reach.

use crate::sqlite::Statement;
use crate::{DbError, ObjectDb, ValueRef};

const CREATE: &str = "CREATE TABLE IF NOT EXISTS _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID";
const EXISTS: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_cf_KV'";
const GET: &str = "SELECT value FROM _cf_KV WHERE key = ?";
const PUT: &str = "INSERT INTO _cf_KV VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM _cf_KV WHERE key = ?";

impl ObjectDb {
    /// The value under a key.
    ///
    /// # Errors
    /// The key is too long, or the file could not be read.
    pub fn kv_get(&mut self, key: &str) -> Result<Option<Vec<u8>>, DbError> {
        self.check_key(key)?;
        if !self.has_pairs()? {
            return Ok(None);
        }
        self.own(GET, |statement| {
            statement.bind_text(1, key.as_bytes())?;
            Ok(if statement.step()? { Some(blob(&statement.column(0))) } else { None })
        })
    }

    /// The values under many keys, in the order of the keys.
    ///
    /// # Errors
    /// As [`Self::kv_get`].
    pub fn kv_get_many(&mut self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>, DbError> {
        keys.iter().map(|key| self.kv_get(key)).collect()
    }

    /// Puts a value under a key, in place of one that is there.
    ///
    /// # Errors
    /// Key or value are too long; or as any write.
    pub fn kv_put(&mut self, key: &str, value: &[u8]) -> Result<(), DbError> {
        self.check_key(key)?;
        let (bytes, bytes_max) = (key.len().saturating_add(value.len()), self.limits.pair_bytes_max);
        if bytes > bytes_max {
            return Err(DbError::Refused(format!(
                "Key and value together cannot be larger than {bytes_max} bytes. {bytes} bytes were provided."
            )));
        }
        self.begin_write()?;
        if self.known.pairs != Some(true) {
            self.own(CREATE, Statement::step)?;
            self.known.pairs = Some(true);
        }
        let connection = std::rc::Rc::clone(&self.connection);
        connection.with_pairs(|| {
            self.own(PUT, |statement| {
                statement.bind_text(1, key.as_bytes())?;
                statement.bind_blob(2, value)?;
                statement.step().map(|_| ())
            })
        })
    }

    /// Puts many, all or none.
    ///
    /// # Errors
    /// As [`Self::kv_put`].
    pub fn kv_put_many(&mut self, pairs: &[(&str, &[u8])]) -> Result<(), DbError> {
        self.as_one(|db| pairs.iter().try_for_each(|(key, value)| db.kv_put(key, value)))
    }

    /// Whether there was something under the key, which is gone now.
    ///
    /// # Errors
    /// As [`Self::kv_get`], or as any write.
    pub fn kv_delete(&mut self, key: &str) -> Result<bool, DbError> {
        self.check_key(key)?;
        if !self.has_pairs()? {
            return Ok(false);
        }
        self.begin_write()?;
        self.own(DELETE, |statement| statement.bind_text(1, key.as_bytes()).and_then(|()| statement.step()))?;
        Ok(self.connection.changes() > 0)
    }

    /// Deletes many, all or none; how many there were.
    ///
    /// # Errors
    /// As [`Self::kv_delete`].
    pub fn kv_delete_many(&mut self, keys: &[&str]) -> Result<usize, DbError> {
        self.as_one(|db| keys.iter().try_fold(0, |deleted, key| Ok(deleted + usize::from(db.kv_delete(key)?))))
    }

    pub(crate) fn check_key(&self, key: &str) -> Result<(), DbError> {
        let (bytes, bytes_max) = (key.len(), self.limits.key_bytes_max);
        if bytes > bytes_max {
            return Err(DbError::Refused(format!(
                "Keys cannot be larger than {bytes_max} bytes. A key of size {bytes} was provided."
            )));
        }
        Ok(())
    }

    pub(crate) fn has_pairs(&mut self) -> Result<bool, DbError> {
        if let Some(known) = self.known.pairs {
            self.turn.check()?;
            return Ok(known);
        }
        let exists = self.own(EXISTS, Statement::step)?;
        self.known.pairs = Some(exists);
        Ok(exists)
    }
}

pub(crate) fn blob(value: &ValueRef<'_>) -> Vec<u8> {
    match value {
        ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    }
}
