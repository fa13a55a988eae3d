use std::path::PathBuf;

use crate::routes::Route;
use crate::split::ShareError;

/// Why something of the feed was not applied. What was served before still is.
#[derive(Debug, thiserror::Error)]
pub enum DeployedError {
    /// Changes are missing before this one.
    #[error("the feed goes on with revision {got} after {}: connect again, for a snapshot", after(*have))]
    Gap { have: Option<u64>, got: u64 },
    #[error("the worker {worker} of account {account}: {error}")]
    Shares { worker: String, account: String, error: ShareError },
    #[error("the route {0} is given to two workers: take it away from one of them")]
    RouteTwice(Route),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeployedError {
    /// Whether the changes from here on lead nowhere.
    pub fn wants_snapshot(&self) -> bool {
        matches!(self, Self::Gap { .. })
    }
}

/// Why a blob could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BlobError {
    #[error("the control plane does not have it: deploy the worker again")]
    Missing,
    #[error("the control plane sent other bytes than those it names: its storage is damaged, or somebody meddles")]
    Wrong,
    #[error("it is still being fetched")]
    Late,
    /// May well work a moment later.
    #[error("{0}")]
    Transport(String),
}

/// What is wrong with the folder of an edge.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{}: the disk is full: free space there, and what is missing is written by itself", path.display())]
    Full { path: PathBuf },
    #[error(
        "{} is damaged: nothing of it is served. The control plane's next snapshot replaces it; without one, put back a copy and restart",
        file.display()
    )]
    Damaged { file: PathBuf },
    #[error(
        "{} was written by another release ({error}): nothing of it is served. The control plane's next snapshot replaces it",
        file.display()
    )]
    Foreign { file: PathBuf, error: serde_json::Error },
    #[error("{} is damaged, and was removed: it is fetched again when the control plane is heard of next", file.display())]
    DamagedBlob { file: PathBuf },
    #[error("work with the folder was broken off")]
    BrokenOff,
}

fn after(revision: Option<u64>) -> String {
    revision.map_or_else(|| "nothing".to_owned(), |revision| format!("revision {revision}"))
}
