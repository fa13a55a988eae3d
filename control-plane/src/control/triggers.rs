use std::collections::BTreeSet;

use http::StatusCode;

use super::{ATTEMPTS, Caller, Commit, Control, cron, too_busy};
use crate::error::ControlError;
use crate::names;
use crate::rows::{ClaimRow, DomainRow, RouteRow, WorkerRow, keys};

const ROUTES_MAX: usize = 1_000;
const DOMAINS_MAX: usize = 1_000;
const CRONS_MAX: usize = 100;

/// Where a worker is to be served, and when it is to run. What is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTriggers {
    pub routes: Option<Vec<String>>,
    /// Hosts that are the worker's own.
    pub domains: Option<Vec<String>>,
    pub crons: Option<Vec<String>>,
    /// Whether it is served at the host of its name, and its versions at theirs.
    pub has_host: Option<bool>,
    pub has_previews: Option<bool>,
}

impl Control {
    /// Sets what is named of it, all or nothing. `seen` is the version that the worker's row must still have, if any. Gives the revision too.
    pub async fn set_triggers(
        &self,
        caller: &Caller,
        action: &str,
        name: &str,
        new: &NewTriggers,
        seen: Option<u64>,
    ) -> Result<(WorkerRow, u64), ControlError> {
        let wanted = self.checked_triggers(new)?;
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, action, name).await?;
            edit.require_seen(seen)?;
            self.put_triggers(&mut edit.commit, &mut edit.worker, &wanted).await?;
            if let Some(made) = edit.make().await? {
                return Ok(made);
            }
        }
        Err(too_busy())
    }

    /// As they are kept, if they can be.
    pub(super) fn checked_triggers(&self, new: &NewTriggers) -> Result<NewTriggers, ControlError> {
        let too_many = |most: usize, what: &str| Err(ControlError::invalid(format!("A worker may have at most {most} {what}")));
        let mut wanted = NewTriggers { routes: None, domains: None, ..new.clone() };
        if let Some(patterns) = &new.routes {
            if patterns.len() > ROUTES_MAX {
                return too_many(ROUTES_MAX, "routes");
            }
            let mut routes = Vec::with_capacity(patterns.len());
            for pattern in patterns {
                let pattern = self.free_route(pattern)?;
                if !routes.contains(&pattern) {
                    routes.push(pattern);
                }
            }
            wanted.routes = Some(routes);
        }
        if let Some(hostnames) = &new.domains {
            if hostnames.len() > DOMAINS_MAX {
                return too_many(DOMAINS_MAX, "custom domains");
            }
            let mut domains = hostnames.iter().map(|name| self.free_domain(name)).collect::<Result<Vec<_>, _>>()?;
            domains.sort();
            domains.dedup();
            wanted.domains = Some(domains);
        }
        let crons = new.crons.as_deref().unwrap_or_default();
        if crons.len() > CRONS_MAX {
            return too_many(CRONS_MAX, "cron triggers");
        }
        for text in crons {
            cron::check(text).map_err(|wrong| {
                let text = format!("{text:?} is not a cron expression: {wrong}. Expected such as */5 * * * *");
                ControlError::new(StatusCode::BAD_REQUEST, 10100, text)
            })?;
        }
        Ok(wanted)
    }

    /// Adds what was checked to a worker that is being changed.
    pub(super) async fn put_triggers(
        &self,
        commit: &mut Commit<'_>,
        worker: &mut WorkerRow,
        wanted: &NewTriggers,
    ) -> Result<(), ControlError> {
        let before = claims(worker);
        if let Some(patterns) = &wanted.routes {
            let known = std::mem::take(&mut worker.routes);
            let kept_or_new = |pattern: &String| {
                let kept = known.iter().find(|route| route.pattern == *pattern).cloned();
                kept.unwrap_or_else(|| RouteRow { id: new_id(), pattern: pattern.clone() })
            };
            worker.routes = patterns.iter().map(kept_or_new).collect();
        }
        if let Some(hostnames) = &wanted.domains {
            let known = std::mem::take(&mut worker.domains);
            let kept_or_new = |hostname: &String| {
                let kept = known.iter().find(|domain| domain.hostname == *hostname).cloned();
                kept.unwrap_or_else(|| DomainRow { id: new_id(), hostname: hostname.clone() })
            };
            worker.domains = hostnames.iter().map(kept_or_new).collect();
        }
        if let Some(crons) = &wanted.crons {
            worker.crons.clone_from(crons);
        }
        worker.has_host = wanted.has_host.unwrap_or(worker.has_host);
        worker.has_previews = wanted.has_previews.unwrap_or(worker.has_previews);
        self.claim(commit, worker, &before).await
    }

    /// The hosts that workers have by their names are not to be claimed.
    fn free_route(&self, pattern: &str) -> Result<String, ControlError> {
        let pattern = names::route(pattern)?;
        let host = pattern.split('/').next().unwrap_or_default();
        if host == self.hosts || host.strip_suffix(&self.hosts).is_some_and(|rest| rest.ends_with('.')) {
            let text = format!("{host} cannot be claimed: workers have the hosts under {} by their names", self.hosts);
            return Err(ControlError::new(StatusCode::BAD_REQUEST, 10022, text));
        }
        // `*.example.com` where workers have hosts under `workers.example.com`.
        if host.strip_prefix('*').is_some_and(|covered| self.hosts.ends_with(covered)) {
            let text = format!("{host} cannot be claimed: it covers {}, under which workers have their hosts", self.hosts);
            return Err(ControlError::new(StatusCode::BAD_REQUEST, 10022, text));
        }
        Ok(pattern)
    }

    fn free_domain(&self, hostname: &str) -> Result<String, ControlError> {
        let pattern = self.free_route(hostname)?;
        match pattern.strip_suffix("/*") {
            Some(host) if !host.contains(['*', '/']) => Ok(host.to_owned()),
            _ => Err(ControlError::invalid(format!(
                "{hostname:?} is not a custom domain: a host name is expected, without a path"
            ))),
        }
    }

    /// Makes the patterns of the worker its own, and gives up those that it had before and does not want.
    async fn claim(&self, commit: &mut Commit<'_>, worker: &WorkerRow, before: &BTreeSet<String>) -> Result<(), ControlError> {
        let after = claims(worker);
        let (gone, wanted): (Vec<_>, Vec<_>) = (before.difference(&after).collect(), after.difference(before).collect());
        for pattern in &gone {
            commit.delete(keys::claim(pattern));
        }
        for pattern in &wanted {
            let key = keys::claim(pattern);
            let found = self.read::<ClaimRow>(&key).await?;
            match found {
                Some((claim, _)) if claim.worker_id != worker.id => return Err(taken(pattern, &claim, &worker.account)),
                found => drop(commit.expect(&key, found.map(|(_, version)| version))),
            }
            let claim = ClaimRow { account: worker.account.clone(), worker_id: worker.id.clone(), worker: worker.name.clone() };
            commit.put(key, &claim)?;
        }
        self.change_hosts(commit, &worker.account, &gone, &wanted).await
    }
}

/// The patterns that are the worker's by claim. A route and a domain may be the same one.
pub(super) fn claims(worker: &WorkerRow) -> BTreeSet<String> {
    let routes = worker.routes.iter().map(|route| route.pattern.clone());
    routes.chain(worker.domains.iter().map(|domain| format!("{}/*", domain.hostname))).collect()
}

/// Names of other accounts' workers are not told.
fn taken(pattern: &str, claim: &ClaimRow, account: &str) -> ControlError {
    let text = if claim.account == account {
        format!("The route {pattern} belongs to the worker \"{}\": remove it there, or choose a more specific one", claim.worker)
    } else {
        format!("The route {pattern} belongs to another account, and so does the whole host: choose another host")
    };
    ControlError::new(StatusCode::CONFLICT, 10020, text)
}

fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
