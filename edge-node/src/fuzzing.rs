//! Doors for `tests/fuzz` to what reads bytes of strangers. Nothing else may use them.

use std::path::Path;

use http::{HeaderMap, HeaderValue};
use skerry_protocol::{DeployedWorker, FeedMessage};

use crate::config::NodeConfig;
use crate::deployed::plan::{self, Configuration};
use crate::deployed::store::Saved;
use crate::deployed::{DeployedError, Store, StoreError};
use crate::split::overrides::override_for;
use crate::split::shares::Shares;
use crate::uplink::identity;

/// The version that a request asks for of a worker.
pub fn version_override(lines: &[HeaderValue], worker: &str) -> Option<String> {
    override_for(lines, worker)
}

/// By which a client finds its version.
pub fn version_key(headers: &HeaderMap) -> Option<&[u8]> {
    crate::split::key_of(headers)
}

/// The place of the version for a key, where the shares are some.
pub fn version_place(shares: &[f64], key: &[u8]) -> Option<usize> {
    let shares = Shares::new("worker", shares.iter().copied()).ok()?;
    Some(shares.pick(|| None, || Some(key)).0)
}

pub fn is_plain_url(url: &str) -> bool {
    crate::http::request::is_plain(url)
}

/// What is to be served after messages of the feed: its revision, and the workers.
pub fn after_feed(messages: Vec<FeedMessage>) -> Result<Option<(u64, Vec<DeployedWorker>)>, DeployedError> {
    let workers = |all: Configuration| all.workers.into_values().map(|worker| (*worker).clone()).collect();
    Ok(plan::after(None, messages)?.map(|all| (all.at.revision, workers(all))))
}

/// The JSON of a line, if the holder of the key has signed it for this place.
pub fn verified_line<'l>(control_key: &[u8], line: &'l str, nonce: &str, index: u64) -> Option<&'l str> {
    identity::verified(control_key, line, nonce, index).ok()
}

/// The seed and the key of a token for enrolment.
pub fn enrolment_token(token: &str) -> Option<(Vec<u8>, &str)> {
    identity::parts_of(token)
}

/// What `deployed.json` in the folder says.
pub fn saved(folder: &Path) -> Result<Option<(u64, Vec<DeployedWorker>)>, StoreError> {
    Ok(Store::open(folder)?.configuration()?.map(|saved| (saved.revision, saved.workers)))
}

pub fn save(folder: &Path, revision: u64, workers: Vec<DeployedWorker>) -> Result<(), StoreError> {
    Store::open(folder)?.save(&Saved { epoch: String::new(), revision, workers, waiting: Vec::new() })
}

pub fn node_configuration(text: &str) -> Result<NodeConfig, String> {
    NodeConfig::parse(text, Path::new("/"))
}
