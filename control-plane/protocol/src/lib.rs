//! What control plane and edge agree on: plain data, nothing else.
//!
//! Owns: the shape of a worker version, and of the feed that edges follow. Refuses: storage, transport, V8.

#![forbid(unsafe_code)]

mod bindings;
mod digest;
mod feed;
pub mod signing;

pub use bindings::{Migration, MigrationStep, ObjectBinding, ObjectNamespace, RenamedClass, ServiceBinding, TransferredClass};
pub use digest::{Digest, NoDigest};
pub use feed::{
    DeployedVersion, DeployedWorker, EdgeReport, FeedMessage, ModuleRef, Peer, Position, VersionFigures, VersionLimits, Watched,
    WorkerChange,
};

use serde::{Deserialize, Serialize};

/// An immutable version of a worker: everything an isolate needs to serve it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkerVersion {
    pub name: String,
    /// Name of the module whose exports are the worker's.
    pub main_module: String,
    pub modules: Vec<Module>,
    /// `YYYY-MM-DD`; behaviour is always that of the newest date.
    pub compatibility_date: Option<String>,
    pub compatibility_flags: Vec<String>,
    /// Plain bindings on `env`: strings and JSON values by name.
    pub vars: serde_json::Map<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceBinding>,
    /// A version that was made of a project has none: ids of namespaces are given by who serves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectBinding>,
    /// Classes of Durable Objects that it implements; with `objects` of none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<ObjectNamespace>,
}

/// One module of a version. Its name is a path within the worker, without a leading `./`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Module {
    pub name: String,
    pub kind: ModuleKind,
    pub content: Vec<u8>,
    /// JSON text of the source map of a bundled ES module.
    pub source_map: Option<String>,
}

/// What importing the module gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    EsModule,
    Text,
    Data,
    Json,
    Wasm,
}
