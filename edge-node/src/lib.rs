//! The edge node: takes HTTP in, hands events to isolates, and is the only way out for what worker code sends.
//!
//! Owns: listeners, routes, the workers that are being served and their isolates, the folder with what is deployed, egress, the observers
//! of what happens. Refuses: building or changing versions, and asking the control plane anything while a request waits.
//!
//! ```text
//!   client <-> http/ (hyper) <-> Node (routes) -> Worker -> Instance (exchange) <-> isolate thread
//!                                                               |
//!                                                               +-> egress/ (hyper client behind the address rules) <-> the internet
//!                                                               +-> services/ (another worker's Worker)
//!
//!   the control plane's feed -> Deployed -> Node (routes, workers, splits of versions)
//!                                  |
//!                                  +-> Store (blobs by SHA-256, the last good configuration), which isolates are started from
//! ```

#![forbid(unsafe_code)]

pub mod bindings;
mod body;
mod call;
mod code;
mod coding;
mod config;
mod deployed;
pub mod egress;
mod error;
mod exchange;
#[doc(hidden)]
pub mod fuzzing;
mod group;
pub mod http;
mod ids;
mod instance;
pub mod machine;
pub mod metrics;
mod node;
mod objects;
pub mod observe;
mod routes;
mod services;
mod sockets;
mod split;
pub mod uplink;
mod worker;

pub use config::{CellsConfig, ConfigError, Isolation, NodeConfig, WorkerConfig};
pub use deployed::{BlobError, BlobSource, Deployed, DeployedError, DeployedOptions, ObserverFactory, Store, StoreError};
pub use egress::EgressPolicy;
pub use node::{EvictionPolicy, Node};
pub use objects::tool as object_tool;
pub use objects::{ClassFigures, Objects};
pub use routes::{Route, RouteError, Routes};
pub use services::Directory;
pub use skerry_cells as cells;
pub use skerry_objects as object_store;
pub use skerry_runtime::messages::{Failure, FailureKind, LogLevel, LogLine};
pub use skerry_runtime::{
    Allocator, Budget, CodeCache, CodeCacheFigures, HashSeed, Isolates, Limits, Module, ModuleKind, Namespace, ObjectBinding,
    Pool, Service, Tenant, WorkerCode, initialize, make_snapshot,
};
pub use split::{ShareError, Split, Target};
pub use worker::{Worker, WorkerOptions};

/// Threads for the network: one more than there are cores, because isolates have threads of their own and hold a core while the
/// others could serve (docs/decisions/0006).
pub fn network_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get) + 1
}
