use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use chrono::Utc;
use skerry_protocol::VersionFigures;

use super::RolloutRow;
use super::judge::{Comparison, Totals};
use crate::rows::instant;

/// What came within this time is one entry.
const GRAIN: Duration = Duration::from_secs(1);
/// Longer than any window.
const KEPT: Duration = Duration::from_secs(3_600);

/// What all edges told of a version.
#[derive(Debug, Default)]
struct Told {
    /// From before it was watched.
    before: Totals,
    /// What was added, and when.
    added: VecDeque<(Instant, Totals)>,
}

/// By worker, version, edge.
type Latest = HashMap<(String, String, String), (String, Totals)>;

/// What edges told of watched workers' versions. They tell sums since their start; what counts here is when something was added.
#[derive(Debug, Default)]
pub(super) struct Figures {
    latest: Latest,
    /// By worker and version.
    told: HashMap<String, HashMap<String, Told>>,
}

impl Figures {
    /// What an edge tells first of a version is from before.
    pub fn add(&mut self, edge: &str, run: &str, told: &VersionFigures) {
        let VersionFigures { worker, version, requests, failures, finished, cpu_us } = told.clone();
        let totals = Totals { requests, failures, finished, cpu_us };
        let place = (worker.clone(), version.clone(), edge.to_owned());
        let before = self.latest.insert(place, (run.to_owned(), totals));
        let of_version = self.told.entry(worker).or_default().entry(version).or_default();
        let added = match before {
            Some((same, before)) if same == run => totals.since(before),
            // The process started anew, and counts from 0.
            Some(_) => totals,
            None => {
                of_version.before += totals;
                return;
            }
        };
        of_version.add(added, Instant::now());
    }

    pub fn compare(&self, row: &RolloutRow) -> Comparison {
        let window = Duration::from_secs(row.bounds.window_seconds);
        let warm = instant(Utc::now() - window);
        let is_warm = row.created.as_ref().is_none_or(|created| *created <= warm);
        let mut comparison = Comparison { is_warm, ..Comparison::default() };
        for (version, told) in self.told.get(&row.worker_id).into_iter().flatten() {
            if *version == row.candidate {
                comparison.new += told.within(window);
            } else if row.before.iter().any(|share| share.version_id == *version) {
                comparison.old += told.within(window);
                comparison.old_ever += told.before;
                comparison.old_ever += told.within(KEPT);
            }
        }
        comparison
    }

    /// Forgets workers that are not watched any more.
    pub fn keep(&mut self, workers: &BTreeSet<String>) {
        self.latest.retain(|(worker, ..), _| workers.contains(worker));
        self.told.retain(|worker, _| workers.contains(worker));
    }
}

impl Told {
    fn add(&mut self, added: Totals, now: Instant) {
        if added == Totals::default() {
            return;
        }
        match self.added.back_mut() {
            Some((at, last)) if now.duration_since(*at) < GRAIN => *last += added,
            _ => self.added.push_back((now, added)),
        }
        while self.added.front().is_some_and(|(at, _)| now.duration_since(*at) > KEPT) {
            self.added.pop_front();
        }
    }

    fn within(&self, window: Duration) -> Totals {
        let mut sum = Totals::default();
        for (_, added) in self.added.iter().rev().take_while(|(at, _)| at.elapsed() <= window) {
            sum += *added;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::Bounds;
    use crate::rows::Share;

    fn told(version: &str, requests: u64) -> VersionFigures {
        VersionFigures {
            worker: "w".to_owned(),
            version: version.to_owned(),
            requests,
            failures: 1,
            finished: requests,
            cpu_us: 0,
        }
    }

    #[test]
    fn what_edges_add_is_summed_up_also_over_their_restarts() {
        let row = RolloutRow {
            worker_id: "w".to_owned(),
            account: String::new(),
            worker: String::new(),
            deployment: String::new(),
            candidate: "new".to_owned(),
            before: vec![Share { version_id: "old".to_owned(), percentage: 100.0 }],
            bounds: Bounds::default(),
            created: None,
            until: None,
        };
        let mut figures = Figures::default();
        let mut requests = |edge: &str, run: &str, version: &str, sum: u64| {
            figures.add(edge, run, &told(version, sum));
            let Comparison { new, old, old_ever, .. } = figures.compare(&row);
            (new.requests, old.requests, old_ever.requests)
        };
        assert_eq!(requests("a", "1", "old", 900), (0, 0, 900));
        assert_eq!(requests("a", "1", "old", 907), (0, 7, 907));
        assert_eq!(requests("a", "1", "new", 0), (0, 7, 907));
        assert_eq!(requests("a", "1", "new", 5), (5, 7, 907));
        // Of an earlier rollout of the same version.
        assert_eq!(requests("b", "1", "new", 80), (5, 7, 907));
        assert_eq!(requests("b", "1", "new", 85), (10, 7, 907));
        // The same again, and then after a restart.
        assert_eq!(requests("b", "1", "new", 85), (10, 7, 907));
        assert_eq!(requests("b", "2", "new", 2), (12, 7, 907));
        assert_eq!(requests("a", "1", "another", 50), (12, 7, 907));
        figures.keep(&BTreeSet::new());
        assert_eq!(figures.compare(&row).new, Totals::default());
    }
}
