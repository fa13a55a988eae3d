//! What edges follow: the ordered changes of what is deployed.
//!
//! A feed is lines of JSON, each a [`FeedMessage`] (`{"change":{"revision":7,"workers":[...]}}`). Revisions rise by one; a message of revision N is applied after all before it. An edge
//! that asks for a revision that the control plane no longer has gets a snapshot, which replaces everything, and then what came after.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, ModuleKind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedMessage {
    /// All that is deployed at a revision.
    Snapshot { revision: u64, workers: Vec<DeployedWorker> },
    /// What one revision changed. Most change one worker; some nothing that edges serve.
    Change { revision: u64, workers: Vec<WorkerChange> },
    /// Nothing happened after this revision, and the connection stands.
    Heartbeat { revision: u64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerChange {
    /// New, or as it is from now on.
    Put(Box<DeployedWorker>),
    /// By its id.
    Delete(String),
}

/// A worker that is served: where, and with which versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeployedWorker {
    /// Stays the same as long as the worker exists, and is never another's.
    pub id: String,
    pub account: String,
    pub name: String,
    /// Patterns as in `edge-node/src/routes.rs`.
    pub routes: Vec<String>,
    /// At least one of them deployed; shares of all add up to 100.
    pub versions: Vec<DeployedVersion>,
}

/// A version and its part of the requests.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DeployedVersion {
    /// A UUID. Everything below follows from it: a version never changes.
    pub id: String,
    /// Percent of the requests, 0 to 100. With 0 it serves only those who ask for it.
    pub share: f64,
    /// Not deployed: only its preview is served.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_preview: bool,
    /// Where this version is served alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_host: Option<String>,
    pub main_module: String,
    pub modules: Vec<ModuleRef>,
    /// Bindings of text and JSON, by name.
    pub vars: serde_json::Map<String, serde_json::Value>,
    /// Bindings that nobody may read back, by name.
    pub secrets: BTreeMap<String, String>,
    pub limits: VersionLimits,
}

/// Without secrets: it may be logged.
impl fmt::Debug for DeployedVersion {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.debug_struct("DeployedVersion").field("id", &self.id).field("share", &self.share).finish_non_exhaustive()
    }
}

/// Limits that a version asks for; what is above those of its node is cut to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionLimits {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cpu_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subrequests: Option<u32>,
}

/// A module whose content is a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleRef {
    pub name: String,
    pub kind: ModuleKind,
    pub digest: Digest,
    /// Of the content, in bytes.
    pub size: u64,
    /// Of its source map.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_map: Option<Digest>,
}
