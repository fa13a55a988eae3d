//! Listing the key-value store piece by piece.
//!
//! A list holds no statement open: each piece is asked for anew from the last key on. So it survives whatever happens in between
//! (writes, commits, rollbacks, `delete_all`), and shows what is there when its piece is read.

use crate::kv::blob;
use crate::sqlite::Statement;
use crate::{DbError, ObjectDb, ValueRef};

const FORWARD: &str = "SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key";
const FORWARD_AFTER: &str = "SELECT key, value FROM _cf_KV WHERE key > ?1 ORDER BY key";
const FORWARD_END: &str = "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key";
const FORWARD_AFTER_END: &str = "SELECT key, value FROM _cf_KV WHERE key > ?1 AND key < ?2 ORDER BY key";
const REVERSE: &str = "SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key DESC";
const REVERSE_AFTER: &str = "SELECT key, value FROM _cf_KV WHERE key > ?1 ORDER BY key DESC";
const REVERSE_END: &str = "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key DESC";
const REVERSE_AFTER_END: &str = "SELECT key, value FROM _cf_KV WHERE key > ?1 AND key < ?2 ORDER BY key DESC";

/// The order of a list. Keys are compared as UTF-8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KvOrder {
    /// The smallest key first.
    #[default]
    Forward,
    /// The largest key first.
    Reverse,
}

/// Which pairs to list; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct KvRange {
    /// The key itself and larger ones.
    pub start: Option<String>,
    /// Larger keys.
    pub start_after: Option<String>,
    /// Smaller keys, not itself.
    pub end: Option<String>,
    /// Keys that begin so.
    pub prefix: Option<String>,
    /// Which come first.
    pub order: KvOrder,
    /// So many at the most.
    pub limit: Option<u64>,
}

/// Where a list stands.
#[derive(Debug, Clone)]
pub struct KvList {
    /// The smallest key to come, or the key before it.
    low: Vec<u8>,
    low_included: bool,
    /// Keys before it are to come.
    high: Option<Vec<u8>>,
    order: KvOrder,
    left: u64,
}

impl KvList {
    /// Begins a list; it reads nothing yet.
    ///
    /// # Errors
    /// `start` and `start_after` exclude one another.
    pub fn new(range: KvRange) -> Result<Self, DbError> {
        let KvRange { start, start_after, end, prefix, order, limit } = range;
        if start.is_some() && start_after.is_some() {
            return Err(DbError::Refused("list() cannot be called with both start and startAfter values.".to_owned()));
        }
        let (mut low, mut low_included) = match start_after {
            Some(key) => (key.into_bytes(), false),
            None => (start.unwrap_or_default().into_bytes(), true),
        };
        let mut high = end.map(String::into_bytes);
        if let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()).map(String::into_bytes) {
            let beyond = after_prefix(&prefix);
            if prefix > low {
                (low, low_included) = (prefix, true);
            }
            if high.as_ref().is_none_or(|high| *high > beyond) {
                high = Some(beyond);
            }
        }
        Ok(Self { low, low_included, high, order, left: limit.unwrap_or(u64::MAX) })
    }

    fn text(&self) -> &'static str {
        match (self.order, self.low_included, self.high.is_some()) {
            (KvOrder::Forward, true, false) => FORWARD,
            (KvOrder::Forward, false, false) => FORWARD_AFTER,
            (KvOrder::Forward, true, true) => FORWARD_END,
            (KvOrder::Forward, false, true) => FORWARD_AFTER_END,
            (KvOrder::Reverse, true, false) => REVERSE,
            (KvOrder::Reverse, false, false) => REVERSE_AFTER,
            (KvOrder::Reverse, true, true) => REVERSE_END,
            (KvOrder::Reverse, false, true) => REVERSE_AFTER_END,
        }
    }

    fn go_on_after(&mut self, key: &str) {
        match self.order {
            KvOrder::Forward => (self.low, self.low_included) = (key.as_bytes().to_vec(), false),
            KvOrder::Reverse => self.high = Some(key.as_bytes().to_vec()),
        }
    }
}

/// The first text of bytes after all that begin with this one; UTF-8 has no byte 0xff.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut beyond = prefix.to_vec();
    if let Some(last) = beyond.last_mut() {
        *last = last.saturating_add(1);
    }
    beyond
}

impl ObjectDb {
    /// The next pairs of a list: at least one as long as there are any, and about `bytes_max` of them. Empty at its end.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn kv_list_next(&mut self, list: &mut KvList, bytes_max: usize) -> Result<Vec<(String, Vec<u8>)>, DbError> {
        if list.left == 0 || !self.has_pairs()? {
            return Ok(Vec::new());
        }
        let piece = self.own(list.text(), |statement| read_piece(statement, list, bytes_max))?;
        list.left = list.left.saturating_sub(piece.len() as u64);
        if let Some((key, _)) = piece.last() {
            list.go_on_after(key);
        }
        Ok(piece)
    }
}

fn read_piece(statement: &mut Statement, list: &KvList, bytes_max: usize) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    statement.bind_text(1, &list.low)?;
    if let Some(high) = &list.high {
        statement.bind_text(2, high)?;
    }
    let (mut piece, mut bytes) = (Vec::new(), 0_usize);
    while (piece.len() as u64) < list.left && (piece.is_empty() || bytes < bytes_max) && statement.step()? {
        let key = match statement.column(0) {
            ValueRef::Text(key) => key.into_owned(),
            _ => String::new(),
        };
        let value = blob(&statement.column(1));
        bytes = bytes.saturating_add(key.len() + value.len());
        piece.push((key, value));
    }
    Ok(piece)
}
