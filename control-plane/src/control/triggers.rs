use http::StatusCode;

use super::{ATTEMPTS, Caller, Commit, Control, too_busy};
use crate::error::ControlError;
use crate::names;
use crate::rows::{ClaimRow, DomainRow, RouteRow, WorkerRow, keys};

const ROUTES_MAX: usize = 1_000;
const DOMAINS_MAX: usize = 1_000;
const CRONS_MAX: usize = 100;

impl Control {
    /// Replaces the worker's routes. `seen` is the version that its row must still have, if any.
    pub async fn set_routes(
        &self,
        caller: &Caller,
        name: &str,
        patterns: &[String],
        seen: Option<u64>,
    ) -> Result<WorkerRow, ControlError> {
        if patterns.len() > ROUTES_MAX {
            return Err(ControlError::invalid(format!("A worker may have at most {ROUTES_MAX} routes")));
        }
        let mut wanted = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let pattern = self.free_route(pattern)?;
            if !wanted.contains(&pattern) {
                wanted.push(pattern);
            }
        }
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, "routes.set", name).await?;
            edit.require_seen(seen)?;
            let before: Vec<_> = edit.worker.routes.iter().map(|route| route.pattern.clone()).collect();
            self.claim(&mut edit.commit, &edit.worker, &before, &wanted).await?;
            let known = std::mem::take(&mut edit.worker.routes);
            let kept_or_new = |pattern: &String| {
                let kept = known.iter().find(|route| route.pattern == *pattern).cloned();
                kept.unwrap_or_else(|| RouteRow { id: new_id(), pattern: pattern.clone() })
            };
            edit.worker.routes = wanted.iter().map(kept_or_new).collect();
            if let Some(worker) = edit.make().await? {
                return Ok(worker);
            }
        }
        Err(too_busy())
    }

    /// Replaces the hosts that are the worker's own. `seen` is as for routes.
    pub async fn set_domains(
        &self,
        caller: &Caller,
        name: &str,
        hostnames: &[String],
        seen: Option<u64>,
    ) -> Result<WorkerRow, ControlError> {
        if hostnames.len() > DOMAINS_MAX {
            return Err(ControlError::invalid(format!("A worker may have at most {DOMAINS_MAX} custom domains")));
        }
        let mut wanted = Vec::with_capacity(hostnames.len());
        for hostname in hostnames {
            let pattern = self.free_route(hostname)?;
            match pattern.strip_suffix("/*") {
                Some(host) if !host.contains(['*', '/']) => wanted.push(host.to_owned()),
                _ => {
                    return Err(ControlError::invalid(format!(
                        "{hostname:?} is not a custom domain: a host name is expected, without a path"
                    )));
                }
            }
        }
        wanted.sort();
        wanted.dedup();
        let pattern = |host: &String| format!("{host}/*");
        let after: Vec<_> = wanted.iter().map(pattern).collect();
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, "domains.set", name).await?;
            edit.require_seen(seen)?;
            let before: Vec<_> = edit.worker.domains.iter().map(|domain| pattern(&domain.hostname)).collect();
            self.claim(&mut edit.commit, &edit.worker, &before, &after).await?;
            let known = std::mem::take(&mut edit.worker.domains);
            let kept_or_new = |hostname: &String| {
                let kept = known.iter().find(|domain| domain.hostname == *hostname).cloned();
                kept.unwrap_or_else(|| DomainRow { id: new_id(), hostname: hostname.clone() })
            };
            edit.worker.domains = wanted.iter().map(kept_or_new).collect();
            if let Some(worker) = edit.make().await? {
                return Ok(worker);
            }
        }
        Err(too_busy())
    }

    pub async fn set_crons(&self, caller: &Caller, name: &str, crons: &[String]) -> Result<WorkerRow, ControlError> {
        if crons.len() > CRONS_MAX {
            return Err(ControlError::invalid(format!("A worker may have at most {CRONS_MAX} cron triggers")));
        }
        if let Some(wrong) = crons.iter().find(|cron| !is_cron(cron)) {
            let text = format!("{wrong:?} is not a cron expression: five fields are expected, such as */5 * * * *");
            return Err(ControlError::new(StatusCode::BAD_REQUEST, 10100, text));
        }
        self.edit_row(caller, "crons.set", name, |worker| worker.crons = crons.to_vec()).await
    }

    /// The hosts that workers have by their names are not to be claimed.
    fn free_route(&self, pattern: &str) -> Result<String, ControlError> {
        let pattern = names::route(pattern)?;
        let host = pattern.split('/').next().unwrap_or_default();
        if host == self.hosts || host.strip_suffix(&self.hosts).is_some_and(|rest| rest.ends_with('.')) {
            let text = format!("{host} cannot be claimed: workers have the hosts under {} by their names", self.hosts);
            return Err(ControlError::new(StatusCode::BAD_REQUEST, 10022, text));
        }
        Ok(pattern)
    }

    /// Makes the patterns the worker's own, and gives up those that it had and does not want.
    async fn claim(
        &self,
        commit: &mut Commit<'_>,
        worker: &WorkerRow,
        before: &[String],
        after: &[String],
    ) -> Result<(), ControlError> {
        let mine = super::workers::claims(worker);
        for pattern in before.iter().filter(|pattern| !after.contains(pattern)) {
            // A route and a domain may be the same pattern.
            if mine.iter().filter(|other| *other == pattern).count() < 2 {
                commit.delete(keys::claim(pattern));
            }
        }
        for pattern in after.iter().filter(|pattern| !before.contains(pattern)) {
            let key = keys::claim(pattern);
            let found = self.read::<ClaimRow>(&key).await?;
            match found {
                Some((claim, _)) if claim.worker_id != worker.id => return Err(taken(pattern, &claim, &worker.account)),
                found => drop(commit.expect(&key, found.map(|(_, version)| version))),
            }
            let claim = ClaimRow { account: worker.account.clone(), worker_id: worker.id.clone(), worker: worker.name.clone() };
            commit.put(key, &claim)?;
        }
        Ok(())
    }
}

/// Names of other accounts' workers are not told.
fn taken(pattern: &str, claim: &ClaimRow, account: &str) -> ControlError {
    let owner = if claim.account == account { format!("the worker \"{}\"", claim.worker) } else { "another account".to_owned() };
    let text = format!("The route {pattern} belongs to {owner}: remove it there, or choose a more specific one");
    ControlError::new(StatusCode::CONFLICT, 10020, text)
}

fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Five fields of the characters that such have.
fn is_cron(text: &str) -> bool {
    let is_field = |field: &str| field.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*/,-#?".contains(&byte));
    text.split_ascii_whitespace().count() == 5 && text.split_ascii_whitespace().all(is_field)
}
