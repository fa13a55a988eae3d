//! What the rows of the store hold, and the keys that they have.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use skerry_protocol::{ModuleRef, ObjectNamespace, VersionLimits};

use crate::seal::Sealed;

pub mod keys {
    use sha2::{Digest, Sha256};

    /// Sealed when the store was made.
    pub const PROOF: &str = "keyring";
    pub const ACCOUNTS: &str = "account/";
    pub const TOKENS: &str = "token/";
    /// Followed by what edges serve of a worker, by its id.
    pub const LIVE: &str = "live/";
    pub const EPOCHS: &str = "epoch/";
    pub const ROLLOUTS: &str = "rollout/";

    pub const WORKERS: &str = "worker/";
    pub const VERSIONS: &str = "version/";
    /// Tokens that let one edge in, by their digests.
    pub const ENROLMENTS: &str = "enrolment/";

    /// Followed by the account.
    pub const DELETED_NAMESPACES: &str = "namespace-deleted/";

    pub const CLAIMS: &str = "claim/";
    /// Written with each host that somebody has anew.
    pub const HOSTS: &str = "hosts";

    pub fn account(id: &str) -> String {
        format!("{ACCOUNTS}{id}")
    }

    /// Whose a subdomain is.
    pub fn subdomain(name: &str) -> String {
        format!("subdomain/{name}")
    }

    /// Tokens are found by what they hash to: they themselves are nowhere.
    pub fn token(token: &str) -> String {
        let hash: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{TOKENS}{hash}")
    }

    pub fn worker(account: &str, name: &str) -> String {
        format!("{WORKERS}{account}/{name}")
    }

    pub fn workers(account: &str) -> String {
        format!("{WORKERS}{account}/")
    }

    /// In the order in which they were made.
    pub fn version(worker_id: &str, number: u64) -> String {
        format!("{VERSIONS}{worker_id}/{number:012}")
    }

    /// Where a version's number is found.
    pub fn version_id(worker_id: &str, id: &str) -> String {
        format!("version-id/{worker_id}/{id}")
    }

    pub fn version_ids(worker_id: &str) -> String {
        format!("version-id/{worker_id}/")
    }

    pub fn versions(worker_id: &str) -> String {
        format!("{VERSIONS}{worker_id}/")
    }

    /// Ids rise with time, and so do keys.
    pub fn deployment(worker_id: &str, id: &str) -> String {
        format!("deployment/{worker_id}/{id}")
    }

    pub fn deployments(worker_id: &str) -> String {
        format!("deployment/{worker_id}/")
    }

    pub fn namespace(account: &str, id: &str) -> String {
        format!("namespace/{account}/{id}")
    }

    pub fn namespaces(account: &str) -> String {
        format!("namespace/{account}/")
    }

    /// For whoever deletes their objects.
    pub fn deleted_namespace(account: &str, id: &str) -> String {
        format!("{DELETED_NAMESPACES}{account}/{id}")
    }

    /// Of a host and path: whoever has it has it alone.
    pub fn claim(pattern: &str) -> String {
        format!("{CLAIMS}{pattern}")
    }

    /// The widest part comes first: what a wildcard covers is in one place.
    pub fn host(host: &str) -> String {
        let labels: Vec<_> = host.rsplit('.').collect();
        format!("host/{}", labels.join("."))
    }

    pub fn live(worker_id: &str) -> String {
        format!("{LIVE}{worker_id}")
    }

    /// Where a deployment is watched, one for each worker.
    pub fn rollout(worker_id: &str) -> String {
        format!("{ROLLOUTS}{worker_id}")
    }

    pub fn epoch(id: &str) -> String {
        format!("{EPOCHS}{id}")
    }

    pub fn audit(id: &str) -> String {
        format!("audit/{id}")
    }
}

/// Now, as all dates of the API are written.
pub fn now() -> String {
    instant(Utc::now())
}

/// A time as all dates of the API are written: they sort by time.
pub fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A version's id. Its beginning names the version in the hosts of previews.
pub fn version_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// An id that sorts behind all that were made before.
pub fn rising_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountRow {
    pub id: String,
    pub name: String,
    /// Its workers are found at `NAME.SUBDOMAIN.` and the host that the control plane has for workers.
    pub subdomain: String,
    pub created: String,
    /// Whether its administrators run the place: edges get every account's workers and secrets. The first account's do; stores from when
    /// there was one account do not say so.
    #[serde(default = "yes")]
    pub is_operator: bool,
}

fn yes() -> bool {
    true
}

/// What a token lets its holder do; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Read,
    Deploy,
    Admin,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenRow {
    pub id: String,
    pub account: String,
    pub name: String,
    pub scope: Scope,
    pub created: String,
    /// A date as `now` writes them.
    pub expires: Option<String>,
    pub is_revoked: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkerRow {
    pub id: String,
    pub account: String,
    pub name: String,
    pub created: String,
    pub modified: String,
    /// Versions so far.
    pub versions: u64,
    /// The newest.
    pub latest: Option<String>,
    pub deployed: Vec<Share>,
    /// Whether it is served at its own host.
    pub has_host: bool,
    pub has_previews: bool,
    /// Names of versions, those that were given last at the end.
    #[serde(default)]
    pub aliases: Vec<AliasRow>,
    pub routes: Vec<RouteRow>,
    pub domains: Vec<DomainRow>,
    pub crons: Vec<String>,
    /// Tags, observability, ...: what wrangler wants kept beside the versions.
    pub settings: Map<String, Value>,
    /// Of the last migration of its classes of Durable Objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration_tag: Option<String>,
}

/// The Durable Objects of one class, whoever has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceRow {
    /// 32 hexadecimal digits, drawn at random. It stays when the rest changes.
    pub id: String,
    pub account: String,
    /// Id and name of the worker that implements it.
    pub worker_id: String,
    pub script: String,
    pub class: String,
    pub created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasRow {
    pub alias: String,
    pub version_id: String,
}

/// A deployed version and its percentage of the requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub version_id: String,
    pub percentage: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteRow {
    pub id: String,
    pub pattern: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRow {
    pub id: String,
    pub hostname: String,
}

/// Whose a route is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRow {
    pub account: String,
    pub worker_id: String,
    pub worker: String,
}

/// Whose a host is, for as long as it has routes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HostRow {
    pub account: String,
    pub routes: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VersionRow {
    pub id: String,
    pub number: u64,
    pub created: String,
    /// Name of the token that made it.
    pub author: String,
    pub source: String,
    pub annotations: Map<String, Value>,
    pub main_module: String,
    pub modules: Vec<ModuleRef>,
    pub compatibility_date: Option<String>,
    pub compatibility_flags: Vec<String>,
    /// As they were sent, but for secrets.
    pub bindings: Vec<Value>,
    pub secrets: BTreeMap<String, Sealed>,
    pub limits: VersionLimits,
    pub startup_ms: u64,
    /// The Durable Objects of its worker when it was made. A class that came later is not in its code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implements: Vec<ObjectNamespace>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeploymentRow {
    pub id: String,
    pub created: String,
    pub author: String,
    pub source: String,
    pub annotations: Map<String, Value>,
    pub versions: Vec<Share>,
}

/// Who changed what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditRow {
    pub at: String,
    pub account: String,
    /// Id and name of the token.
    pub token: String,
    pub author: String,
    pub action: String,
    pub target: String,
}
