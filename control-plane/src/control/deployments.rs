use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{ATTEMPTS, Caller, Commit, Control, too_busy};
use crate::error::ControlError;
use crate::meta::Range;
use crate::rollout::{Bounds, RolloutRow};
use crate::rows::{DeploymentRow, Scope, Share, WorkerRow, keys, now, rising_id};

/// Percentages are rounded by those who send them.
const TOLERANCE: f64 = 0.01;
const VERSIONS_MAX: usize = 10;
/// Deployments that are watched at a time: of one account, and of all.
const WATCHED_MAX: usize = 100;
const ALL_WATCHED_MAX: usize = 2_000;
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
    pub rollback: Rollback,
}

/// Whether the deployment is taken back when its new version does worse than the one before.
#[derive(Debug, Clone, Default)]
pub enum Rollback {
    /// If several versions share the requests.
    #[default]
    Usual,
    Never,
    Within(Bounds),
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
        for id in all.iter().skip(1).filter_map(alone).filter(|id| current.as_ref() != Some(id)) {
            // Old ones are not kept.
            if self.meta.get(&keys::version_id(worker_id, &id)).await?.is_some() {
                return Ok(id);
            }
        }
        Err(ControlError::conflict("No other version has served alone before: name the version, `versions list` shows them"))
    }

    /// Has versions serve, each its percentage of the requests. Gives the revision too.
    pub async fn deploy(&self, caller: &Caller, name: &str, new: NewDeployment) -> Result<(DeploymentRow, u64), ControlError> {
        let NewDeployment { shares, annotations, source, seen, rollback } = new;
        check(&shares)?;
        if let Rollback::Within(bounds) = &rollback {
            bounds.check()?;
        }
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, "deployment.create", name).await?;
            edit.require_seen(seen)?;
            let mut numbers = HashMap::new();
            for Share { version_id, .. } in shares.iter().chain(&edit.worker.deployed) {
                numbers.insert(version_id.clone(), self.version(&edit.worker.id, version_id).await?.number);
            }
            for Share { version_id, .. } in &shares {
                let version = self.version(&edit.worker.id, version_id).await?;
                edit.commit.check_objects(&edit.worker, &version).await?;
            }
            let compared = compared(&shares, &edit.worker.deployed, &numbers);
            let row = edit.commit.add_deployment(&mut edit.worker, caller, shares.clone(), annotations.clone(), source)?;
            let bounds = match &rollback {
                Rollback::Usual => (shares.len() > 1).then(Bounds::default),
                Rollback::Never => None,
                Rollback::Within(bounds) => Some(bounds.clone()),
            };
            if let (Some(bounds), Some((candidate, before))) = (bounds, compared) {
                edit.commit.watch_deployment(&edit.worker, &row, candidate, before, bounds)?;
            }
            if let Some((_, revision)) = edit.make().await? {
                return Ok((row, revision));
            }
        }
        Err(too_busy())
    }

    /// Deployments that are watched now. Those that were watched for long enough are not any more.
    pub(crate) async fn rollouts(&self) -> Result<Vec<RolloutRow>, ControlError> {
        let mut rows: Vec<RolloutRow> = self.list(keys::ROLLOUTS, Range::ALL).await?;
        let now = now();
        rows.retain(|row| row.until.as_ref().is_none_or(|until| *until > now));
        // The newest of each account: edges tell of each of them every second.
        rows.sort_by(|one, other| other.deployment.cmp(&one.deployment));
        let mut counts: HashMap<String, usize> = HashMap::new();
        rows.retain(|row| {
            let count = counts.entry(row.account.clone()).or_default();
            *count += 1;
            *count <= WATCHED_MAX
        });
        rows.truncate(ALL_WATCHED_MAX);
        Ok(rows)
    }

    /// Makes the deployment before again, with the reason. Not where another one was made meanwhile.
    pub(crate) async fn undo(&self, rollout: &RolloutRow, reason: &str) -> Result<bool, ControlError> {
        let caller = Caller {
            account: rollout.account.clone(),
            token: String::new(),
            name: "automatic rollback".to_owned(),
            scope: Scope::Deploy,
        };
        let annotations = json!({
            "workers/message": format!("Rolled back from {}: {reason}", rollout.candidate), "workers/triggered_by": "rollback",
        });
        let annotations = annotations.as_object().cloned().unwrap_or_default();
        for _ in 0..ATTEMPTS {
            let key = keys::rollout(&rollout.worker_id);
            let Some((row, row_version)) = self.read::<RolloutRow>(&key).await?.filter(|(row, _)| row == rollout) else {
                return Ok(false);
            };
            let mut edit = self.edit(&caller, "deployment.rollback", &rollout.worker).await?;
            if edit.worker.id != row.worker_id {
                return Ok(false);
            }
            edit.commit.expect(key, Some(row_version));
            edit.commit.add_deployment(&mut edit.worker, &caller, row.before, annotations.clone(), "rollback")?;
            if edit.make().await?.is_some() {
                return Ok(true);
            }
        }
        Err(too_busy())
    }
}

/// The version that is new in a deployment, and what is deployed without it. None where nothing is new.
fn compared(shares: &[Share], deployed: &[Share], numbers: &HashMap<String, u64>) -> Option<(String, Vec<Share>)> {
    let number = |share: &Share| numbers.get(&share.version_id).copied().unwrap_or_default();
    let newest = shares.iter().filter(|share| share.percentage > 0.0).max_by_key(|share| number(share))?;
    let without = |shares: &[Share]| -> Vec<Share> {
        shares.iter().filter(|share| share.percentage > 0.0 && share.version_id != newest.version_id).cloned().collect()
    };
    let mut before = without(shares);
    if before.is_empty() {
        before = without(deployed);
    }
    let is_newer = !before.is_empty() && before.iter().all(|share| number(share) < number(newest));
    let sum: f64 = before.iter().map(|share| share.percentage).sum();
    for share in &mut before {
        share.percentage *= 100.0 / sum;
    }
    is_newer.then(|| (newest.version_id.clone(), before))
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
        // What was watched is over.
        self.delete(keys::rollout(&worker.id));
        Ok(row)
    }

    fn watch_deployment(
        &mut self,
        worker: &WorkerRow,
        deployment: &DeploymentRow,
        candidate: String,
        before: Vec<Share>,
        bounds: Bounds,
    ) -> Result<(), ControlError> {
        let is_whole = deployment.versions.iter().any(|share| share.version_id == candidate && share.percentage >= 100.0);
        let until = chrono::Utc::now() + Duration::from_secs(bounds.watch_seconds);
        let row = RolloutRow {
            worker_id: worker.id.clone(),
            account: worker.account.clone(),
            worker: worker.name.clone(),
            deployment: deployment.id.clone(),
            candidate,
            before,
            bounds,
            created: Some(now()),
            until: is_whole.then(|| until.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)),
        };
        self.put(keys::rollout(&worker.id), &row)?;
        Ok(())
    }
}

pub(crate) fn check(shares: &[Share]) -> Result<(), ControlError> {
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

    #[test]
    fn the_newest_version_is_compared_with_those_before_it() {
        let numbers = [("a", 1), ("b", 2), ("c", 3)].map(|(id, number)| (id.to_owned(), number)).into();
        let of = |new: &[(&str, f64)], old: &[(&str, f64)]| compared(&shares(new), &shares(old), &numbers);
        let is = |id: &str, before: &[(&str, f64)]| Some((id.to_owned(), shares(before)));
        assert_eq!(of(&[("a", 90.0), ("b", 10.0)], &[("a", 100.0)]), is("b", &[("a", 100.0)]));
        assert_eq!(of(&[("a", 50.0), ("b", 50.0)], &[("a", 90.0), ("b", 10.0)]), is("b", &[("a", 100.0)]));
        assert_eq!(of(&[("b", 100.0)], &[("a", 50.0), ("b", 50.0)]), is("b", &[("a", 100.0)]));
        assert_eq!(of(&[("a", 20.0), ("b", 60.0), ("c", 20.0)], &[]), is("c", &[("a", 25.0), ("b", 75.0)]));
        assert_eq!(of(&[("a", 100.0), ("b", 0.0)], &[]), None);
        // Back to an older one, or the first of all.
        assert_eq!(of(&[("a", 100.0)], &[("b", 100.0)]), None);
        assert_eq!(of(&[("a", 100.0)], &[]), None);
    }
}
