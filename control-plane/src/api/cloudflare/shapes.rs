//! Versions and deployments as Cloudflare's API shows them.

use serde_json::{Value, json};

use crate::rows::{DeploymentRow, VersionRow, WorkerRow};

pub fn version(worker: &WorkerRow, version: &VersionRow) -> Value {
    let limits = serde_json::to_value(version.limits).unwrap_or_default();
    json!({
        "id": version.id,
        "number": version.number,
        "metadata": {
            "created_on": version.created,
            "modified_on": version.created,
            "source": version.source,
            "author_id": version.author,
            "author_email": format!("{}@localhost", version.author),
            "hasPreview": worker.has_previews,
            "has_preview": worker.has_previews,
        },
        "annotations": version.annotations,
        "startup_time_ms": version.startup_ms,
        "resources": {
            "script": { "etag": version.id, "handlers": ["fetch"], "named_handlers": [], "last_deployed_from": "wrangler" },
            "script_runtime": {
                "compatibility_date": version.compatibility_date,
                "compatibility_flags": version.compatibility_flags,
                "usage_model": "standard",
                "limits": limits,
            },
            "bindings": bindings(version),
        },
    })
}

/// Secrets are named, and nothing more.
pub fn bindings(version: &VersionRow) -> Vec<Value> {
    let secrets = version.secrets.keys().map(|name| json!({ "name": name, "type": "secret_text" }));
    version.bindings.iter().cloned().chain(secrets).collect()
}

pub fn deployment(deployment: &DeploymentRow) -> Value {
    json!({
        "id": deployment.id,
        "source": deployment.source,
        "strategy": "percentage",
        "author_email": format!("{}@localhost", deployment.author),
        "created_on": deployment.created,
        "annotations": deployment.annotations,
        "versions": deployment.versions,
    })
}
