//! What is said of objects that cannot be opened or go on. Callers and the objects' code are tenants: they are told what they may act upon, and
//! where and why a store failed stands in the node's log.

use skerry_objects::{AppendError, Broken, EngineError, ObjectId, StoreError};
use skerry_runtime::messages::{Failure, FailureKind};

use crate::call::failure;
use crate::error::ServeError;

/// The object is not this node's to run.
pub(super) fn unowned(object: ObjectId, error: &EngineError) -> ServeError {
    let why = match error {
        EngineError::Store(error) => of_store(error).to_owned(),
        EngineError::Damaged { .. } | EngineError::Deposed(_) | EngineError::Namespace { .. } => error.to_string(),
        _ => "its storage failed".to_owned(),
    };
    tracing::warn!("object {object} cannot be opened: {error}");
    ServeError::Worker(Failure {
        kind: if error.is_retryable() { FailureKind::IsolateEnded } else { FailureKind::Load },
        message: format!("The Durable Object cannot be opened: {why}"),
        stack: None,
    })
}

/// Its database was made, and cannot be handed to an isolate.
pub(super) fn failed(object: ObjectId, error: &std::io::Error) -> ServeError {
    tracing::warn!("the file of object {object} cannot be opened: {error}");
    ServeError::Worker(failure(FailureKind::Load, "The Durable Object cannot be opened: its storage failed"))
}

pub(super) fn moved() -> Failure {
    broken("The Durable Object was reset because its code was updated, or because it did not end in time: try again")
}

/// What it has written is not durable, and will not be.
pub(super) fn reset(error: &Broken) -> Failure {
    let why = match error {
        Broken::Deposed => error.to_string(),
        Broken::Store(error) => of_store(error).to_owned(),
    };
    broken(&format!("The Durable Object was reset: {why}"))
}

/// The log does not take what it has written.
pub(super) fn refused(object: ObjectId, error: &AppendError) -> Failure {
    match error {
        AppendError::Broken(error) => reset(error),
        AppendError::Database { .. } => broken(&format!("The Durable Object was reset: {error}")),
        AppendError::Busy { .. } | AppendError::Pages(_) => {
            tracing::warn!("a commit of object {object} is not taken: {error}");
            broken("The Durable Object was reset: its storage failed")
        }
    }
}

fn of_store(error: &StoreError) -> &'static str {
    match error {
        StoreError::Full(_) => "there is no room for what it writes on this node",
        StoreError::ReadOnly(_) => "nothing can be written on this node",
        StoreError::Superseded(_) => "its storage is another node's by now",
        StoreError::Damaged(_) => "its storage on this node is damaged",
        StoreError::Unknown(_) => "it is not known whether its last write was made: try again",
        StoreError::Failed(_) => "its storage failed",
    }
}

/// An object that has to be made again.
pub(super) fn broken(message: &str) -> Failure {
    Failure { kind: FailureKind::IsolateEnded, message: message.to_owned(), stack: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_hear_nothing_of_the_node() {
        let file = "/var/lib/skerry/objects/engine.db";
        let stores = [
            StoreError::Full(file.to_owned()),
            StoreError::ReadOnly(file.to_owned()),
            StoreError::Superseded(file.to_owned()),
            StoreError::Damaged(file.to_owned()),
            StoreError::Unknown(format!("{file}: disk I/O error")),
            StoreError::Failed(format!("{file}: disk I/O error")),
        ];
        let object = ObjectId([1; 32]);
        let io = || std::io::Error::other(format!("{file}: no"));
        let mut opened = vec![EngineError::File { path: file.into(), error: io() }];
        opened.push(EngineError::InUse { folder: file.into(), holder: "process 17".to_owned() });
        opened.extend(stores.iter().cloned().map(EngineError::Store));
        let mut said: Vec<String> = opened.iter().map(|error| text(&unowned(object, error))).collect();
        said.push(text(&failed(object, &io())));
        said.extend(stores.into_iter().map(|error| reset(&Broken::Store(error)).message));
        for said in said {
            assert!(!said.contains('/') && !said.contains("17"), "{said}");
        }
        let damaged = EngineError::Damaged { object, position: 7, what: "it is missing".to_owned() };
        let said = text(&unowned(object, &damaged));
        assert!(said.contains(&object.to_string()) && said.contains("position 7"), "{said}");
    }

    fn text(error: &ServeError) -> String {
        let ServeError::Worker(failure) = error else { return error.to_string() };
        failure.message.clone()
    }
}
