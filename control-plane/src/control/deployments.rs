use serde_json::{Map, Value};

use super::{ATTEMPTS, Caller, Commit, Control, too_busy};
use crate::error::ControlError;
use crate::meta::Range;
use crate::rows::{DeploymentRow, Share, WorkerRow, keys, now, rising_id};

/// Percentages are rounded by those who send them.
const TOLERANCE: f64 = 0.01;
const VERSIONS_MAX: usize = 10;
/// How many deployments are looked through for one to go back to.
const ROLLBACKS: usize = 100;

/// A deployment as it was sent.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    pub shares: Vec<Share>,
    pub annotations: Map<String, Value>,
    /// The tool that sent it.
    pub source: &'static str,
    /// The version of the worker's row that it was decided by; it must still be that.
    pub seen: Option<u64>,
}

impl Control {
    /// The newest, which is the one that is served, first.
    pub async fn deployments(&self, worker_id: &str, limit: usize) -> Result<Vec<DeploymentRow>, ControlError> {
        self.list(&keys::deployments(worker_id), Range::last(limit)).await
    }

    /// The newest first of those older than one, as many as `limit`.
    pub async fn deployments_before(
        &self,
        worker_id: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeploymentRow>, ControlError> {
        let after = before.map(|id| keys::deployment(worker_id, id));
        self.list(&keys::deployments(worker_id), Range { after: after.as_deref(), limit, newest_first: true }).await
    }

    /// The version to which a worker goes back: the one that served alone last, before the deployment that serves now.
    pub async fn version_before(&self, worker_id: &str) -> Result<String, ControlError> {
        let all = self.deployments(worker_id, ROLLBACKS).await?;
        let alone = |row: &DeploymentRow| match &row.versions[..] {
            [only] => Some(only.version_id.clone()),
            _ => None,
        };
        let current = all.first().and_then(alone);
        let found = all.iter().skip(1).filter_map(alone).find(|id| current.as_ref() != Some(id));
        found.ok_or_else(|| {
            ControlError::conflict("No other version has served alone before: name the version, `versions list` shows them")
        })
    }

    /// Has versions serve, each its percentage of the requests.
    pub async fn deploy(&self, caller: &Caller, name: &str, new: NewDeployment) -> Result<DeploymentRow, ControlError> {
        let NewDeployment { shares, annotations, source, seen } = new;
        check(&shares)?;
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, "deployment.create", name).await?;
            edit.require_seen(seen)?;
            for share in &shares {
                self.version(&edit.worker.id, &share.version_id).await?;
            }
            let row = edit.commit.add_deployment(&mut edit.worker, caller, shares.clone(), annotations.clone(), source)?;
            if edit.make().await?.is_some() {
                return Ok(row);
            }
        }
        Err(too_busy())
    }
}

impl Commit<'_> {
    pub(super) fn add_deployment(
        &mut self,
        worker: &mut WorkerRow,
        caller: &Caller,
        shares: Vec<Share>,
        annotations: Map<String, Value>,
        source: &str,
    ) -> Result<DeploymentRow, ControlError> {
        worker.deployed.clone_from(&shares);
        let row = DeploymentRow {
            id: rising_id(),
            created: now(),
            author: caller.name.clone(),
            source: source.to_owned(),
            annotations,
            versions: shares,
        };
        self.put(keys::deployment(&worker.id, &row.id), &row)?;
        Ok(row)
    }
}

fn check(shares: &[Share]) -> Result<(), ControlError> {
    if shares.is_empty() || shares.len() > VERSIONS_MAX {
        return Err(ControlError::invalid(format!(
            "A deployment has 1 to {VERSIONS_MAX} versions, and this one has {}",
            shares.len()
        )));
    }
    for (index, share) in shares.iter().enumerate() {
        if !(0.0..=100.0).contains(&share.percentage) {
            return Err(ControlError::invalid(format!("{} is no percentage: 0 to 100 is expected", share.percentage)));
        }
        if shares[..index].iter().any(|other| other.version_id == share.version_id) {
            return Err(ControlError::invalid(format!("The version {} is given twice", share.version_id)));
        }
    }
    let sum: f64 = shares.iter().map(|share| share.percentage).sum();
    if (sum - 100.0).abs() > TOLERANCE {
        return Err(ControlError::invalid(format!("The percentages add up to {sum}, and must add up to 100")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(all: &[(&str, f64)]) -> Vec<Share> {
        all.iter().map(|(id, percentage)| Share { version_id: (*id).to_owned(), percentage: *percentage }).collect()
    }

    #[test]
    fn percentages_add_up() {
        for good in
            [&[("a", 100.0)][..], &[("a", 33.3), ("b", 66.7)], &[("a", 100.0), ("b", 0.0)], &[("a", 33.333), ("b", 66.667)]]
        {
            assert_eq!(check(&shares(good)), Ok(()), "{good:?}");
        }
        let bad: [&[(&str, f64)]; 7] = [
            &[],
            &[("a", 99.0)],
            &[("a", 50.0), ("a", 50.0)],
            &[("a", 150.0), ("b", -50.0)],
            &[("a", f64::NAN)],
            &[("a", f64::INFINITY)],
            &[("a", 60.0), ("b", 60.0)],
        ];
        for bad in bad {
            assert!(check(&shares(bad)).is_err(), "{bad:?}");
        }
    }
}
