use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{ATTEMPTS, Caller, Control, too_busy};
use crate::error::ControlError;
use crate::names;
use crate::rows::{Share, VersionRow, WorkerRow, now, version_id};
use crate::seal::Sealed;

const SECRET_BYTES_MAX: usize = 64 << 10;

impl Control {
    pub(super) fn seal_secret(&self, worker_id: &str, name: &str, text: &str) -> Result<Sealed, ControlError> {
        if text.len() > SECRET_BYTES_MAX {
            return Err(ControlError::too_large(format!("The secret {name} is larger than {} KB", SECRET_BYTES_MAX >> 10)));
        }
        Ok(self.keys.seal(&format!("{worker_id}/{name}"), text)?)
    }

    pub(super) fn open_secret(&self, worker_id: &str, name: &str, sealed: &Sealed) -> Result<String, ControlError> {
        Ok(self.keys.open_sealed(&format!("{worker_id}/{name}"), sealed)?)
    }

    /// Names of the secrets of the newest version.
    pub async fn secrets(&self, account: &str, name: &str) -> Result<Vec<String>, ControlError> {
        let (worker, _) = self.worker(account, name).await?;
        let Some(latest) = &worker.latest else { return Ok(Vec::new()) };
        Ok(self.version(&worker.id, latest).await?.secrets.into_keys().collect())
    }

    /// Makes a version that is like the newest but for these secrets (nothing takes one away), and serves it, if it is to be. Gives the
    /// revision too.
    pub async fn change_secrets(
        &self,
        caller: &Caller,
        name: &str,
        changes: &BTreeMap<String, Option<String>>,
        is_served: bool,
        annotations: &Map<String, Value>,
    ) -> Result<(VersionRow, u64), ControlError> {
        for secret in changes.keys() {
            names::check_binding(secret)?;
        }
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, "secrets.change", name).await?;
            let version = self.with_secrets(caller, &edit.worker, changes, is_served, annotations).await?;
            edit.commit.add_version(&mut edit.worker, &version)?;
            if is_served {
                let shares = vec![Share { version_id: version.id.clone(), percentage: 100.0 }];
                edit.commit.add_deployment(&mut edit.worker, caller, shares, version.annotations.clone(), "wrangler")?;
            }
            if let Some((_, revision)) = edit.make().await? {
                return Ok((version, revision));
            }
        }
        Err(too_busy())
    }

    async fn with_secrets(
        &self,
        caller: &Caller,
        worker: &WorkerRow,
        changes: &BTreeMap<String, Option<String>>,
        is_served: bool,
        annotations: &Map<String, Value>,
    ) -> Result<VersionRow, ControlError> {
        let latest = worker.latest.as_ref().ok_or_else(no_version)?;
        let is_newest_alone = matches!(&worker.deployed[..], [only] if only.version_id == *latest);
        if is_served && !is_newest_alone {
            return Err(newest_is_not_served());
        }
        let before = self.version(&worker.id, latest).await?;
        let mut version = VersionRow {
            id: version_id(),
            number: worker.versions + 1,
            created: now(),
            author: caller.name.clone(),
            annotations: annotations.clone(),
            ..before
        };
        version.annotations.insert("workers/triggered_by".to_owned(), json!("secret"));
        for (secret, text) in changes {
            match text {
                Some(text) => {
                    if version.bindings.iter().any(|binding| binding["name"] == secret.as_str()) {
                        return Err(taken(secret));
                    }
                    version.secrets.insert(secret.clone(), self.seal_secret(&worker.id, secret, text)?);
                }
                None => drop(version.secrets.remove(secret).ok_or_else(|| no_secret(secret))?),
            }
        }
        Ok(version)
    }
}

fn no_version() -> ControlError {
    ControlError::new(StatusCode::BAD_REQUEST, 10222, "The worker has no uploaded versions: deploy it first")
}

fn newest_is_not_served() -> ControlError {
    let text =
        "The worker's latest version isn't deployed: use `wrangler versions secret put`, or deploy the latest version first";
    ControlError::new(StatusCode::BAD_REQUEST, 10215, text)
}

fn taken(name: &str) -> ControlError {
    let text = format!("Binding name '{name}' already in use: take it out of \"vars\" and deploy, or choose another name");
    ControlError::new(StatusCode::BAD_REQUEST, 10053, text)
}

fn no_secret(name: &str) -> ControlError {
    ControlError::new(
        StatusCode::NOT_FOUND,
        10056,
        format!("The worker has no secret named {name}: `secret list` shows those it has"),
    )
}
