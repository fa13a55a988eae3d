//! Whose doing the end of a cell was.

use std::sync::Arc;
use std::time::Duration;

use skerry_messages::{Failure, FailureKind};
use skerry_runtime::Tenant;

use super::cell::Cell;
use super::death::{Death, Report};
use super::hosted::{Fate, Hosted};

pub(super) struct Blame {
    /// Any of them could have done it; where there is one it was that one.
    pub tenants: Vec<Tenant>,
    /// Of which of its isolates, where that is known.
    isolate: Option<u32>,
    /// The process was killed by somebody else, who may have had reasons of his own.
    is_from_outside: bool,
}

impl Blame {
    pub fn of(cell: &Cell, report: &Report, isolates: &[Arc<Hosted>]) -> Self {
        let is_from_outside = report.is_from_outside();
        if report.death.is_intended() {
            return Self { tenants: Vec::new(), isolate: None, is_from_outside };
        }
        let named = report.isolate().and_then(|number| cell.isolate(number));
        let largest = || isolates.iter().max_by_key(|hosted| hosted.bytes()).cloned();
        let known = if matches!(report.death, Death::Memory { .. }) { largest() } else { named };
        let isolate = known.as_ref().map(|hosted| hosted.number);
        // Nobody else was ever in it, whatever it says.
        if let Some(owner) = cell.owner() {
            return Self { tenants: vec![owner.clone()], isolate, is_from_outside };
        }
        // Also who has no event under way may have left something running.
        let mut tenants: Vec<_> = match &known {
            // Perhaps nobody's doing: the operator's, or the machine's.
            None if is_from_outside => Vec::new(),
            Some(hosted) => vec![hosted.tenant.clone()],
            None => isolates.iter().map(|hosted| hosted.tenant.clone()).collect(),
        };
        tenants.sort_by(|one, other| (&one.trust, &one.id).cmp(&(&other.trust, &other.id)));
        tenants.dedup();
        Self { tenants, isolate, is_from_outside }
    }

    /// How many may have done it.
    pub fn suspects(&self) -> usize {
        // An end from outside was perhaps nobody's doing.
        if self.is_from_outside { usize::MAX } else { self.tenants.len() }
    }

    /// There is one who did it, as far as can be told.
    pub fn is_certain(&self) -> bool {
        self.tenants.len() == 1 && !self.is_from_outside
    }

    fn is_guilty(&self, hosted: &Hosted) -> bool {
        match self.isolate {
            Some(number) => hosted.number == number,
            None => self.is_certain() && hosted.tenant == self.tenants[0],
        }
    }

    /// Everybody in the cell learns what has become of it, and the log who did it. `bars` are those of the tenants.
    pub fn tell(&self, cell: &Cell, report: &Report, isolates: &[Arc<Hosted>], bars: &[Option<Duration>]) {
        let number = cell.number;
        let guilty: Vec<_> = isolates.iter().filter(|hosted| self.is_guilty(hosted)).collect();
        for hosted in &guilty {
            let Hosted { worker, version, .. } = &***hosted;
            tracing::warn!(cell = number, worker, version, "a worker has ended its cell: {report}");
            hosted.log(sentence(&format!("The worker ended the process it ran in: {report}"), bars.first().copied().flatten()));
        }
        if guilty.is_empty() && !report.death.is_intended() && cell.is_ready() {
            let suspects = self.tenants.len();
            tracing::warn!(cell = number, suspects, "a cell has ended, and it cannot be told by whose doing: {report}");
        }
        let crashed = Failure {
            kind: FailureKind::Crashed,
            message: format!("The worker ended the process it ran in: {report}"),
            stack: None,
        };
        let ended = Failure {
            kind: FailureKind::IsolateEnded,
            message: format!(
                "The process that the worker shared with others has ended ({}), and the request may have had effects",
                report.death.label()
            ),
            stack: None,
        };
        for hosted in isolates {
            let is_guilty = self.is_guilty(hosted);
            hosted.end(&if is_guilty { Fate::Guilty(crashed.clone()) } else { Fate::Innocent(ended.clone()) });
        }
        cell.forget_isolates();
    }
}

/// What its owner is told.
pub(super) fn sentence(what: &str, bar: Option<Duration>) -> String {
    match bar {
        Some(bar) => format!("{what}. That was too often: it is not run for {} s", bar.as_secs()),
        None => format!("{what}. It gets a process of its own"),
    }
}
