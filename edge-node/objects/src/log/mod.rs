//! Histories of objects: one entry behind the other, each written by the object's owner of that time and nobody else.
//!
//! Owns: who owns an object (its epoch), where its history ends (its head) and from where on it is kept here (its floor), and what can be
//! listed of all objects: namespaces, sizes, alarms. Refuses: to know what an entry says.
//! Invariant: an entry is written in the same statement that finds its epoch to be the object's, and its position to be the next. Nothing
//! depends on clocks or on who else believes to own what.

#[cfg(test)]
pub(crate) mod contract;
mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::{EngineError, StoreError};
use crate::object::{Epoch, Millis, Object, ObjectId, Position};
use crate::record::Entry;

#[async_trait]
pub trait ObjectLog: Send + Sync {
    /// Writes entries of any objects in one commit, those of one object in their order. Gives what became of each, once that is durable.
    /// After [`StoreError::Unknown`] the same group can be given again.
    async fn append(&self, group: Arc<[Append]>) -> Result<Vec<Outcome>, StoreError>;

    /// Makes the caller the object's owner: a new epoch, and a fence behind all entries of owners before, in one step. The object is made
    /// if it is not there.
    ///
    /// # Errors
    /// Also where the object is of another namespace.
    async fn take_over(&self, object: &Object, now_ms: Millis) -> Result<Taken, EngineError>;

    /// Entries behind a position in their order, whole ones, until `bytes_max` is reached (but one at least).
    /// None where there is no such object.
    async fn read(&self, object: ObjectId, after: Position, bytes_max: usize) -> Result<Option<Tail>, StoreError>;

    /// Removes the entries up to this position, which are kept elsewhere by now. False if the epoch is over, or there is nothing to remove.
    async fn trim(&self, object: ObjectId, epoch: Epoch, upto: Position) -> Result<bool, StoreError>;

    /// Removes an object that has nothing but fences. False if it has more, or the epoch is over.
    async fn forget(&self, object: ObjectId, epoch: Epoch) -> Result<bool, StoreError>;

    /// Removes the object with all its entries: who owns it is deposed, and if it is made again, then with another birth. Gives the birth it
    /// had.
    async fn delete(&self, object: ObjectId) -> Result<Option<Epoch>, StoreError>;

    async fn find(&self, object: ObjectId) -> Result<Option<Known>, StoreError>;

    /// Objects that have ever written, by their ids, those behind `after`; of all namespaces where none is given.
    async fn list(&self, namespace: Option<&str>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Known>, StoreError>;

    /// How many objects have ever written, and the bytes of their databases.
    async fn count(&self, namespace: Option<&str>) -> Result<Counts, StoreError>;

    /// The same of each namespace that has such objects. Costs no look at the objects.
    async fn totals(&self) -> Result<Vec<(String, Counts)>, StoreError>;

    /// As [`ObjectLog::delete`] for so many objects of a namespace, also such as have never written. Gives them with the births they had.
    async fn delete_some(&self, namespace: &str, limit: usize) -> Result<Vec<(ObjectId, Epoch)>, StoreError>;

    /// Objects whose alarms are due, the earliest first, those behind `after`.
    async fn due(&self, now_ms: Millis, after: Option<(Millis, ObjectId)>, limit: usize) -> Result<Vec<Due>, StoreError>;

    /// The earliest alarm that is later than this.
    async fn next_alarm_ms(&self, after_ms: Millis) -> Result<Option<Millis>, StoreError>;
}

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct Append {
    pub object: ObjectId,
    pub epoch: Epoch,
    /// The object's head must be the one before.
    pub position: Position,
    /// Another one for every append, and the same where one is tried again.
    pub nonce: u128,
    pub time_ms: Millis,
    pub record: Bytes,
    /// For the index of alarms.
    pub alarm_ms: Option<Millis>,
    /// Of the database, for the directory.
    pub storage_bytes: u64,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable; by this try, or one before.
    Acknowledged,
    /// The object has another owner, and this is not in its history.
    Deposed,
}

/// What a new owner finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The new one.
    pub epoch: Epoch,
    /// The position of the new fence.
    pub head: Position,
    /// The fence's time: not before that of any other entry.
    pub time_ms: Millis,
    pub object: Known,
}

/// What is known of an object without reading its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub object: Object,
    /// The epoch it was made with: if it is deleted and made again, it has another one.
    pub birth: Epoch,
    pub epoch: Epoch,
    pub created_ms: Millis,
    /// The last entry.
    pub head: Position,
    /// The last entry that is not a fence; 0 if there was none.
    pub changed: Position,
    /// And its time.
    pub changed_ms: Millis,
    /// The last entry that is not kept here any more.
    pub floor: Position,
    /// Of the entries that are kept here, without fences.
    pub tail_bytes: u64,
    pub alarm_ms: Option<Millis>,
    /// Of its database.
    pub storage_bytes: u64,
}

/// A piece of an object's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    pub birth: Epoch,
    pub floor: Position,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub objects: u64,
    pub storage_bytes: u64,
}

/// An object that wants to be woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub object: Object,
    pub at_ms: Millis,
}
