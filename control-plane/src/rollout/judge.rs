use std::ops::AddAssign;

use super::Bounds;

/// Times below this are noise.
const CPU_FLOOR_US: f64 = 1_000.0;

/// What a version has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub requests: u64,
    pub failures: u64,
    pub finished: u64,
    pub cpu_us: u64,
}

impl Totals {
    /// What was added since; nothing that is less than it was counts.
    pub fn since(self, before: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(before.requests),
            failures: self.failures.saturating_sub(before.failures),
            finished: self.finished.saturating_sub(before.finished),
            cpu_us: self.cpu_us.saturating_sub(before.cpu_us),
        }
    }

    fn errors_percent(self) -> f64 {
        100.0 * ratio(self.failures, self.requests)
    }

    fn mean_cpu_us(self) -> f64 {
        ratio(self.cpu_us, self.finished)
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, more: Self) {
        self.requests = self.requests.saturating_add(more.requests);
        self.failures = self.failures.saturating_add(more.failures);
        self.finished = self.finished.saturating_add(more.finished);
        self.cpu_us = self.cpu_us.saturating_add(more.cpu_us);
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures are compared, not added up")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The new version beside the one before: both of late, and the latter also from the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    pub new: Totals,
    pub old: Totals,
    pub old_ever: Totals,
    /// The new one was there for a whole window: what it had to compile first is behind it.
    pub is_warm: bool,
}

/// Why the new version is to go, if it is.
pub(super) fn judge(comparison: &Comparison, bounds: &Bounds) -> Option<String> {
    let Comparison { new, old, old_ever, is_warm } = *comparison;
    if new.requests < bounds.requests_min {
        return None;
    }
    // Of late, where that is enough: what fails both of them is not the new one's fault.
    let old = if old.requests >= bounds.requests_min { old } else { old_ever };
    let (errors, usual) = (new.errors_percent(), old.errors_percent());
    if errors > usual + bounds.errors_percent {
        return Some(format!(
            "{errors:.1} % of {} requests failed, against {usual:.1} % of {} with the version before",
            new.requests, old.requests
        ));
    }
    if !is_warm || old.finished < bounds.requests_min || new.finished < bounds.requests_min {
        return None;
    }
    let (cpu, usual) = (new.mean_cpu_us(), old.mean_cpu_us());
    (cpu > usual * bounds.cpu_factor + CPU_FLOOR_US).then(|| {
        format!(
            "{:.1} ms of CPU time for each of {} requests, against {:.1} ms with the version before",
            cpu / 1e3,
            new.finished,
            usual / 1e3
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(requests: u64, failures: u64, cpu_us: u64) -> Totals {
        Totals { requests, failures, finished: requests, cpu_us }
    }

    #[test]
    fn a_version_goes_when_it_is_worse_than_the_bounds_allow() {
        let bounds = Bounds { errors_percent: 5.0, cpu_factor: 2.0, requests_min: 10, ..Bounds::default() };
        let none = Totals::default();
        let cases = [
            ("too few requests", totals(9, 9, 0), none, none, None),
            ("as before", totals(100, 5, 0), totals(100, 0, 0), none, None),
            ("errors", totals(100, 6, 0), totals(100, 0, 0), none, Some("6.0 % of 100 requests failed, against 0.0 %")),
            ("both fail", totals(100, 50, 0), totals(100, 50, 0), totals(9_000, 0, 0), None),
            ("nothing of late to compare with", totals(100, 50, 0), none, totals(9_000, 900, 0), Some("against 10.0 % of 9000")),
            ("it never answers", totals(40, 40, 0), none, none, Some("100.0 % of 40 requests")),
            ("no other was ever used", totals(100, 4, 900_000), none, none, None),
            ("CPU", totals(100, 0, 1_000_000), totals(100, 0, 400_000), none, Some("10.0 ms of CPU time for each of 100")),
            ("CPU within bounds", totals(100, 0, 800_000), totals(100, 0, 400_000), none, None),
            ("below the floor", totals(100, 0, 90_000), totals(100, 0, 10_000), none, None),
        ];
        for (name, new, old, old_ever, expected) in cases {
            let reason = judge(&Comparison { new, old, old_ever, is_warm: true }, &bounds);
            match (&reason, expected) {
                (None, None) => {}
                (Some(reason), Some(part)) => assert!(reason.contains(part), "{name}: {reason}"),
                _ => panic!("{name}: {reason:?}"),
            }
        }
    }

    #[test]
    fn time_is_compared_when_a_version_is_warm() {
        let (new, old, bounds) = (totals(100, 0, 1_000_000), totals(100, 0, 10_000), Bounds::default());
        let judged = |is_warm| judge(&Comparison { new, old, old_ever: old, is_warm }, &bounds);
        assert!(judged(true).is_some() && judged(false).is_none());
    }
}
