//! Whose doing the end of a cell was.

use std::sync::Arc;
use std::time::Duration;

use skerry_messages::{Failure, FailureKind};
use skerry_runtime::Tenant;

use super::cell::Cell;
use super::death::{Death, Report};
use super::hosted::{Fate, Hosted};
use super::offences::Print;

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
        let known = match report.death {
            // What a native operation takes is not known before it is through: then it could have been any of them.
            Death::Memory { bytes, .. } => {
                isolates.iter().max_by_key(|hosted| hosted.bytes()).filter(|hosted| hosted.bytes() >= bytes / 2).cloned()
            }
            _ => named,
        };
        let isolate = known.as_ref().map(|hosted| hosted.number);
        // Nobody else was ever in it, whatever it says.
        if let Some(owner) = cell.owner() {
            return Self { tenants: vec![owner.clone()], isolate, is_from_outside };
        }
        let tenants = match &known {
            // Perhaps nobody's doing: the operator's, or the machine's.
            None if is_from_outside => Vec::new(),
            Some(hosted) => vec![hosted.tenant.clone()],
            None => Self::tenants_of(cell, isolates),
        };
        Self { tenants, isolate, is_from_outside }
    }

    /// Everybody in it: also who has no event under way may have left something running.
    pub fn tenants_of(cell: &Cell, isolates: &[Arc<Hosted>]) -> Vec<Tenant> {
        if let Some(owner) = cell.owner() {
            return vec![owner.clone()];
        }
        let mut tenants: Vec<_> = isolates.iter().map(|hosted| hosted.tenant.clone()).collect();
        tenants.sort_by(|one, other| (&one.trust, &one.id).cmp(&(&other.trust, &other.id)));
        tenants.dedup();
        tenants
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

    /// Versions of its owner that may have done it. None where somebody else may.
    pub fn versions_of_owner(&self, cell: &Cell, isolates: &[Arc<Hosted>]) -> Vec<Print> {
        if cell.owner().is_none() || !self.is_certain() {
            return Vec::new();
        }
        let mut versions: Vec<_> = isolates.iter().filter(|hosted| self.is_guilty(hosted)).map(|hosted| hosted.print).collect();
        versions.sort_unstable();
        versions.dedup();
        versions
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
        // In a cell of its own, and one isolate: it can have been no other version.
        let is_alone = cell.owner().is_some() && guilty.len() == 1 && !self.is_from_outside;
        let crashed = Failure {
            kind: if is_alone { FailureKind::CrashedAlone } else { FailureKind::Crashed },
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
