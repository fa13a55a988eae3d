//! Automatic rollback: while a new version gets its first requests, edges tell how it does beside the one before, and when it does worse than
//! the deployment's bounds allow, the deployment before is made again.
//!
//! ```text
//!   deployment -> RolloutRow (in the same commit) -> edges are asked for figures -> Comparison -> judge -> another deployment
//! ```

mod figures;
mod judge;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use skerry_protocol::EdgeReport;
use tokio::sync::watch;

use crate::control::Control;
use crate::error::ControlError;
use crate::rows::Share;
use figures::Figures;

/// How often it is looked for rollouts that are over.
const TICK: Duration = Duration::from_secs(5);

/// By how much a new version may be worse than the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bounds {
    /// Percentage points by which more of its requests may fail, with an exception or at a limit.
    pub errors_percent: f64,
    /// How many times the CPU time it may take for a request, on average.
    pub cpu_factor: f64,
    /// Requests of so many seconds are compared.
    pub window_seconds: u64,
    /// Fewer requests say nothing.
    pub requests_min: u64,
    /// For how long a version is watched after the deployment that gave it all requests.
    pub watch_seconds: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { errors_percent: 10.0, cpu_factor: 3.0, window_seconds: 60, requests_min: 50, watch_seconds: 600 }
    }
}

impl Bounds {
    pub fn check(&self) -> Result<(), ControlError> {
        let Self { errors_percent, cpu_factor, window_seconds, requests_min, watch_seconds } = self;
        let refused = |text: String| Err(ControlError::invalid(format!("rollback.{text}")));
        if !(0.0..=100.0).contains(errors_percent) {
            return refused(format!("errors_percent is {errors_percent}: 0 to 100 is expected"));
        }
        if !(1.0..=1_000.0).contains(cpu_factor) {
            return refused(format!("cpu_factor is {cpu_factor}: 1 to 1000 is expected"));
        }
        for (name, value, most) in [
            ("window_seconds", window_seconds, 3_600),
            ("watch_seconds", watch_seconds, 86_400),
            ("requests_min", requests_min, 1_000_000),
        ] {
            if !(1..=most).contains(value) {
                return refused(format!("{name} is {value}: 1 to {most} is expected"));
            }
        }
        Ok(())
    }
}

/// A deployment that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutRow {
    pub worker_id: String,
    pub account: String,
    pub worker: String,
    pub deployment: String,
    /// The version that is new.
    pub candidate: String,
    /// What is deployed instead, if it does worse.
    pub before: Vec<Share>,
    pub bounds: Bounds,
    /// A date; rows from before have none.
    pub created: Option<String>,
    /// A date; without one as long as the deployment stands.
    pub until: Option<String>,
}

/// All that are watched, and what edges have told of them since this process started.
#[derive(Default)]
pub struct Rollouts {
    rows: Mutex<HashMap<String, RolloutRow>>,
    figures: Mutex<Figures>,
    watched: watch::Sender<BTreeSet<String>>,
}

impl Rollouts {
    /// Ids of the workers of which figures are wanted, and word of every change.
    pub fn watched(&self) -> watch::Receiver<BTreeSet<String>> {
        self.watched.subscribe()
    }

    /// Keeps up with deployments for as long as it is polled.
    pub async fn follow(&self, control: &Control) {
        let mut revisions = control.revisions();
        loop {
            if let Err(error) = self.read(control).await {
                tracing::error!(%error, "what is rolled out cannot be read");
            }
            let _every_tick = tokio::time::timeout(TICK, revisions.changed()).await;
        }
    }

    async fn read(&self, control: &Control) -> Result<(), ControlError> {
        let rows = control.rollouts().await?;
        let watched: BTreeSet<_> = rows.iter().map(|row| row.worker_id.clone()).collect();
        self.figures.lock().keep(&watched);
        *self.rows.lock() = rows.into_iter().map(|row| (row.worker_id.clone(), row)).collect();
        self.watched.send_if_modified(|before| std::mem::replace(before, watched) != *before);
        Ok(())
    }

    /// Takes what an edge tells, and acts on it.
    pub async fn take(&self, control: &Control, edge: &str, report: &EdgeReport) {
        let mut workers = BTreeSet::new();
        for told in &report.figures {
            if !self.rows.lock().contains_key(&told.worker) {
                continue;
            }
            self.figures.lock().add(edge, &report.run, told);
            workers.insert(told.worker.clone());
        }
        for id in workers {
            let Some(row) = self.rows.lock().get(&id).cloned() else { continue };
            let comparison = self.figures.lock().compare(&row);
            let Some(reason) = judge::judge(&comparison, &row.bounds) else { continue };
            // Whatever becomes of it: it is not decided twice.
            self.rows.lock().remove(&id);
            match control.undo(&row, &reason).await {
                Ok(true) => tracing::warn!(worker = row.worker, account = row.account, "rolled back: {reason}"),
                Ok(false) => {}
                Err(error) => tracing::error!(worker = row.worker, %error, "the automatic rollback failed"),
            }
        }
    }
}
