//! What can go wrong, and whether it is worth another try.

use std::path::PathBuf;

use crate::object::{ObjectId, Position};

/// A store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nothing of it was done.
    #[error("there is no room for objects in {0}: make room there")]
    Full(String),
    /// Nothing of it was done.
    #[error("objects cannot be written in {0}: it is read-only")]
    ReadOnly(String),
    /// Nothing of it was done, and this process must not try again.
    #[error("another process has taken over {0}: this one has to be started again")]
    Superseded(String),
    /// Nothing can be read or written.
    #[error("{0} is damaged: stop this process and restore the data folder from a backup")]
    Damaged(String),
    /// It may have been done or not: what carries a nonce can be tried again.
    #[error("it is not known whether a write was made: {0}")]
    Unknown(String),
    /// Nothing of it was done.
    #[error("the store of objects failed: {0}")]
    Failed(String),
}

impl StoreError {
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Superseded(_) | Self::Damaged(_))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Self::Full("the data folder".into()),
            ReadOnlyFilesystem => Self::ReadOnly("the data folder".into()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{folder} is in use by {holder}: stop that one first, or choose another data folder")]
    InUse { folder: PathBuf, holder: String },
    #[error("{file} has format {found}, this version reads {known}: start the version that has written it")]
    Format { file: PathBuf, found: u64, known: u64 },
    /// What objects have written was there, and nothing of it is begun anew without somebody's word.
    #[error(
        "{0} is missing or empty, and there have been objects in its folder: restore the data folder from a backup, or remove all of it"
    )]
    Gone(PathBuf),
    #[error("{0} is of an older version: start the node with this one, which brings it up to date")]
    OldFormat(PathBuf),
    #[error("{0} holds no objects: give the folder that a node keeps them in, or the node's data folder")]
    NoFolder(PathBuf),
    /// The object is not served from what is left: restore the data folder from a backup, or the object to a bookmark before it.
    #[error(
        "object {object} is damaged at position {position}: {what}. Restore it to a time before, or the data folder from a backup"
    )]
    Damaged { object: ObjectId, position: Position, what: String },
    #[error("there is no object {0}")]
    NoObject(ObjectId),
    #[error("object {object} is of {found}, not of {wanted}")]
    Namespace { object: ObjectId, found: String, wanted: String },
    #[error("the bookmark {0:?} is not one of this object: take one that it has given")]
    Bookmark(String),
    #[error("object {0} cannot go back that far: its history before is not kept any more")]
    Forgotten(ObjectId),
    #[error("object {0} has another owner by now: try again")]
    Deposed(ObjectId),
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
}

impl EngineError {
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::Deposed(_) | Self::File { .. } => true,
            _ => false,
        }
    }
}
