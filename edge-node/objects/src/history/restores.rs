//! Restores of an object: the one that is to be made when it is owned next, and where those stand that were made.
//!
//! ```text
//!   restores/OBJECT/BIRTH/next             what the object becomes, and the position at which that is being tried
//!   restores/OBJECT/BIRTH/made/POSITION    a restore stands there
//! ```
//! Invariant: a restore that was planned is made once. Where it is tried is written first: an owner after a crash sees whether it is there.

use serde::{Deserialize, Serialize};

use super::History;
use crate::error::{EngineError, StoreError};
use crate::meta::{Range, Transaction};
use crate::object::Position;

/// A restore that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub to: Position,
    /// Where it was tried.
    pub at: Option<Position>,
}

impl History {
    pub(super) fn restores(&self) -> String {
        format!("restores/{}/{:016x}/", self.object, self.birth)
    }

    fn next_restore(&self) -> String {
        format!("{}next", self.restores())
    }

    fn made_restore(&self, at: Position) -> String {
        format!("{}made/{at:016x}", self.restores())
    }

    pub(crate) async fn planned(&self) -> Result<Option<Planned>, EngineError> {
        let Some(row) = self.meta.get(&self.next_restore()).await? else { return Ok(None) };
        let parsed = serde_json::from_slice(&row.value);
        parsed.map(Some).map_err(|error| self.damaged(0, format!("row {}: {error}", self.next_restore())))
    }

    /// Instead of what was planned before.
    pub(crate) async fn plan(&self, planned: &Planned) -> Result<(), EngineError> {
        let value = serde_json::to_vec(planned).map_err(|error| self.damaged(planned.to, error))?;
        self.commit(Transaction::default().put(self.next_restore(), value)).await
    }

    pub(crate) async fn drop_plan(&self) -> Result<(), EngineError> {
        self.commit(Transaction::default().delete(self.next_restore())).await
    }

    /// A restore stands at this position, and none is planned.
    pub(crate) async fn note_restore(&self, at: Position) -> Result<(), EngineError> {
        self.commit(Transaction::default().delete(self.next_restore()).put(self.made_restore(at), Vec::new())).await
    }

    pub(crate) async fn first_restore_behind(&self, position: Position) -> Result<Option<Position>, EngineError> {
        let (prefix, after) = (format!("{}made/", self.restores()), self.made_restore(position));
        let range = Range { after: Some(&after), limit: 1, backwards: false };
        let rows = self.meta.scan(&prefix, range).await?;
        let position = |(key, _): &(String, _)| Position::from_str_radix(key.strip_prefix(&prefix)?, 16).ok();
        Ok(rows.first().and_then(position))
    }

    /// Nobody goes back behind this position any more.
    pub(crate) async fn forget_restores(&self, upto: Position) -> Result<(), EngineError> {
        let (prefix, last) = (format!("{}made/", self.restores()), self.made_restore(upto));
        let rows = self.meta.scan(&prefix, Range::ALL).await?;
        let old = rows.into_iter().map(|(key, _)| key).filter(|key| *key <= last);
        self.delete_rows(old.collect()).await
    }

    /// The object is gone.
    pub(crate) async fn forget_all_restores(&self) -> Result<(), EngineError> {
        let rows = self.meta.scan(&self.restores(), Range::ALL).await?;
        self.delete_rows(rows.into_iter().map(|(key, _)| key).collect()).await
    }

    async fn delete_rows(&self, keys: Vec<String>) -> Result<(), EngineError> {
        if keys.is_empty() {
            return Ok(());
        }
        self.commit(keys.into_iter().fold(Transaction::default(), Transaction::delete)).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<(), EngineError> {
        self.meta.commit(transaction).await.map_err(StoreError::from)?;
        Ok(())
    }
}
