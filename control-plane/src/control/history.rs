//! Which revisions are this store's own. One that is put back from a copy goes on counting where the copy ends, and edges may have heard of
//! other revisions with the same numbers: each start of the process is an epoch, and an edge names the one that its revision is from.

use skerry_protocol::Position;

use super::{Control, decode};
use crate::error::ControlError;
use crate::meta::{MetaError, Range, Transaction};
use crate::rows::{keys, rising_id};

/// Edges that were away for longer get a snapshot.
const EPOCHS_MAX: usize = 1_000;

/// Epochs in their order, each with its first revision.
#[derive(Debug, Default)]
pub(super) struct History(Vec<(String, u64)>);

impl History {
    /// By their revisions: ids are by the clock, which may have been wrong once.
    fn new(mut epochs: Vec<(String, u64)>) -> Self {
        epochs.sort_by_key(|(_, first)| *first);
        Self(epochs)
    }

    fn epoch_of(&self, revision: u64) -> &str {
        let begun = self.0.partition_point(|(_, first)| *first <= revision);
        begun.checked_sub(1).and_then(|last| self.0.get(last)).map_or("", |(epoch, _)| epoch)
    }
}

impl Control {
    /// To be called once, before anything is told to edges.
    pub async fn begin_epoch(&self) -> Result<(), ControlError> {
        let mut transaction = Transaction::default();
        let before = self.meta.scan(keys::EPOCHS, Range::ALL).await?;
        let mut before: Vec<_> = before.into_iter().map(|(key, row)| (row.version, key)).collect();
        before.sort();
        for (_, key) in before.into_iter().rev().skip(EPOCHS_MAX - 1) {
            transaction.delete(key);
        }
        let id = rising_id();
        let value = serde_json::to_vec(&id).map_err(|error| ControlError::internal(&error))?;
        transaction.put(keys::epoch(&id), value);
        match self.meta.commit(transaction).await {
            // A start needs no room: the epoch before goes on.
            Err(MetaError::Full) => tracing::warn!("the disk is full: the epoch before goes on"),
            begun => drop(begun?),
        }
        let rows = self.meta.scan(keys::EPOCHS, Range::ALL).await?;
        let epochs: Result<Vec<_>, ControlError> =
            rows.iter().map(|(key, row)| Ok((decode::<String>(key, &row.value)?, row.version))).collect();
        *self.history.write() = History::new(epochs?);
        Ok(())
    }

    pub(super) fn position(&self, revision: u64) -> Position {
        Position { epoch: self.history.read().epoch_of(revision).to_owned(), revision }
    }

    /// Whether this store has made the revision.
    pub(super) fn has_made(&self, position: &Position) -> bool {
        let newest = *self.meta.revisions().borrow();
        position.revision <= newest && self.history.read().epoch_of(position.revision) == position.epoch
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn a_revision_is_of_the_epoch_that_began_last() {
        let history = History::new(vec![("b".to_owned(), 9), ("a".to_owned(), 5)]);
        let epochs = [4, 5, 8, 9, 100].map(|revision| history.epoch_of(revision));
        assert_eq!(epochs, ["", "a", "a", "b", "b"]);
    }
}
