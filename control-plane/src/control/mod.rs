//! What may be done with workers, and what follows from it. Every change is one commit: all of it happens, or nothing.

mod access;
mod deployments;
mod gc;
mod history;
mod live;
mod secrets;
mod triggers;
mod versions;
mod workers;

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::RwLock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use skerry_protocol::WorkerVersion;

use crate::blobs::Blobs;
use crate::error::ControlError;
use crate::meta::{Meta, MetaError, Range, Transaction};
use crate::rows::{AuditRow, VersionRow, WorkerRow, keys, now, rising_id};
use crate::seal::Keyring;

pub use access::Caller;
pub use deployments::{NewDeployment, Rollback};
pub(crate) use deployments::check as check_shares;
pub use gc::Collected;
use history::History;
pub(crate) use live::{LiveRow, preview_host};
