//! What edges follow: the ordered changes of what is deployed.
//!
//! A feed is lines of JSON, each a [`FeedMessage`] (`{"change":{"at":{"epoch":"...","revision":7},"workers":[...]}}`). Revisions rise by one; a message of revision N is
//! applied after all before it. An edge that asks for what comes after a revision that the control plane no longer has, or that another
//! history made, gets a snapshot, which replaces everything, and then what came after.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, ModuleKind, ObjectBinding, ObjectNamespace, ServiceBinding};

/// A revision, and in which history it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which run of the control plane made the revision. A store that was put back from a copy makes revisions of the same numbers again, in
    /// another epoch.
    pub epoch: String,
    pub revision: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "revision {}", self.revision)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedMessage {
    /// All that is deployed at a revision.
    Snapshot {
        at: Position,
        workers: Vec<DeployedWorker>,
        /// Workers that the control plane cannot read just now: whoever serves them goes on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<String>,
        /// The next message is another part of it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// What one revision changed. Most change one worker; some nothing that edges serve.
    Change { at: Position, workers: Vec<WorkerChange> },
    /// Nothing happened after this revision, and the connection stands.
    Heartbeat { at: Position },
    /// The other edges of the same PoP: modules are there, too. These, and no others, until it says otherwise.
    Peers { peers: Vec<Peer> },
    /// Workers about which the control plane wants to hear more than usual: these, and no others, until it says otherwise.
    Watch { workers: Vec<Watched> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerChange {
    /// New, or as it is from now on.
    Put(Box<DeployedWorker>),
    /// By its id.
    Delete(String),
}

/// An edge from which another one may have modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    pub id: String,
    /// Ed25519, in Base64: by it the other knows who asks.
    pub public_key: String,
    /// Where it gives modules: host and port.
    pub address: String,
}

/// What the control plane wants to hear about a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// By its id.
    pub worker: String,
    /// Part of the requests that somebody follows live, 0 to 1.
    pub events: f64,
    /// Whether the figures of its versions are compared.
    pub has_figures: bool,
}

/// What an edge tells of itself, whenever it has heard something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeReport {
    /// What it serves.
    pub revision: u64,
    /// Workers that are served as they were before, because modules of the new version could not be fetched; by their ids.
    #[serde(default)]
    pub waiting: Vec<String>,
    /// Another one with each start of the process: figures begin at 0 again.
    #[serde(default)]
    pub run: String,
    /// Of watched workers.
    #[serde(default)]
    pub figures: Vec<VersionFigures>,
    /// In which PoP it is, and where it gives modules to others there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<(String, String)>,
}

/// What a version has done on one edge since the process started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionFigures {
    /// Ids.
    pub worker: String,
    pub version: String,
    /// That were answered.
    pub requests: u64,
    /// Of these, the ones that an exception or a limit ended.
    pub failures: u64,
    /// Requests for which all work is done, and the CPU time that they took.
    pub finished: u64,
    pub cpu_us: u64,
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
    /// A UUID. What is below follows from it, but for the names of Durable Objects' classes and whose they are: a version never changes.
    pub id: String,
    /// Percent of the requests, 0 to 100. With 0 it serves only those who ask for it.
    pub share: f64,
    /// Not deployed: only its preview is served.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_preview: bool,
    /// Where this version is served alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_host: Option<String>,
    /// And by the names that it was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alias_hosts: Vec<String>,
    pub main_module: String,
    pub modules: Vec<ModuleRef>,
    /// Bindings of text and JSON, by name.
    pub vars: serde_json::Map<String, serde_json::Value>,
    /// Bindings that nobody may read back, by name.
    pub secrets: BTreeMap<String, String>,
    /// Other workers of the account, by their names: who is not there when it is called may come later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceBinding>,
    /// Durable Objects that it calls. Of one that was deleted by force the namespace is nobody's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectBinding>,
    /// Durable Objects that it implements: those of its worker whose class it has. These may change, as do those of `objects`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<ObjectNamespace>,
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
