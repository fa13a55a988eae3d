use super::figures::{BySubject, Figures};
use super::report::amount;
use super::subject::{Isolation, Subject};

/// What a row is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    PeerRatioMin(f64),
    PeerRatioMax(f64),
    FloorRatioMin(f64),
    /// Our median over the one with isolates on threads, in the row's unit.
    OverThreadsMax(f64),
    Max(f64),
    /// The median of the rounds' p99, in ms.
    P99Max(f64),
    /// A detail, by its name.
    DetailMax(&'static str, f64),
    /// Resident memory at its peak over that before, in MiB.
    GrowthMax(f64),
    /// Resident memory at its peak, in MiB.
    PeakMax(f64),
    NoFailure,
}

#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) row: String,
    pub(crate) unit: &'static str,
    pub(crate) cpu_per: &'static str,
    pub(crate) isolation: Isolation,
    pub(crate) figures: BySubject,
    /// None: the row is for information.
    pub(crate) goals: Vec<Goal>,
    /// What the floor is, where it is not hyper.
    pub(crate) floor: Option<&'static str>,
    /// What a reader has to know about the figures.
    pub(crate) notes: Vec<String>,
}

/// A goal, what came of it, and whether that will do.
pub(crate) struct Verdict {
    pub(crate) goal: String,
    pub(crate) actual: String,
    pub(crate) met: bool,
}

impl Outcome {
    pub(crate) fn of(&self, subject: Subject) -> Option<&Figures> {
        self.figures[subject as usize].as_ref()
    }

    /// How tables call it.
    pub(crate) fn name(&self, subject: Subject) -> String {
        match (subject, self.floor) {
            (Subject::Ours, _) => format!("skerry {}", self.isolation.name()),
            (Subject::Floor, Some(floor)) => floor.to_owned(),
            _ => subject.name().to_owned(),
        }
    }

    /// Our median by another's.
    pub(crate) fn ratio(&self, other: Subject) -> Option<f64> {
        Some(self.of(Subject::Ours)?.median / self.of(other)?.median)
    }

    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let mut verdicts: Vec<_> = self.goals.iter().map(|goal| self.verdict(*goal)).collect();
        let is_asked = self.goals.iter().any(|goal| matches!(goal, Goal::NoFailure));
        if self.errors() > 0 && !verdicts.is_empty() && !is_asked {
            verdicts.push(self.verdict(Goal::NoFailure));
        }
        verdicts
    }

    fn verdict(&self, goal: Goal) -> Verdict {
        let ours = self.of(Subject::Ours);
        let memory = ours.and_then(|ours| ours.memory_mib);
        let at_most = |what: &str, actual: Option<f64>, most: f64, unit: &str| Verdict {
            goal: format!("{what}<= {most} {unit}").trim_end().to_owned(),
            actual: actual.map_or("not measured".to_owned(), |actual| format!("{} {unit}", amount(actual)).trim_end().to_owned()),
            met: actual.is_some_and(|actual| actual <= most),
        };
        match goal {
            Goal::PeerRatioMin(least) => self.ratio_verdict(Subject::Peer, ">=", least, |ratio| ratio >= least),
            Goal::PeerRatioMax(most) => self.ratio_verdict(Subject::Peer, "<=", most, |ratio| ratio <= most),
            Goal::FloorRatioMin(least) => self.ratio_verdict(Subject::Floor, ">=", least, |ratio| ratio >= least),
            Goal::OverThreadsMax(most) => {
                let over = ours.zip(self.of(Subject::Threads)).map(|(ours, threads)| ours.median - threads.median);
                at_most("over threads ", over, most, self.unit)
            }
            Goal::Max(most) => at_most("", ours.map(|ours| ours.median), most, self.unit),
            Goal::P99Max(most) => at_most("p99 ", ours.and_then(|ours| ours.p99_ms), most, "ms"),
            Goal::DetailMax(name, most) => {
                let detail = ours.and_then(|ours| ours.detail(name));
                let unit = detail.map_or("", |detail| detail.unit);
                at_most(&format!("{name} "), detail.map(|detail| detail.value), most, unit)
            }
            Goal::GrowthMax(most) => {
                let growth = memory.and_then(|memory| Some(memory.peak - memory.before?));
                at_most("memory flat: growth ", growth, most, "MiB")
            }
            Goal::PeakMax(most) => at_most("resident at most ", memory.map(|memory| memory.peak), most, "MiB"),
            Goal::NoFailure => Verdict {
                goal: "no failed request".to_owned(),
                actual: format!("{} failed", self.errors()),
                met: ours.is_some() && self.errors() == 0,
            },
        }
    }

    fn errors(&self) -> u64 {
        self.of(Subject::Ours).map_or(0, |ours| ours.errors)
    }

    fn ratio_verdict(&self, other: Subject, sign: &str, bound: f64, holds: impl FnOnce(f64) -> bool) -> Verdict {
        let ratio = self.ratio(other);
        let range = self.ratio_range(other);
        let actual = ratio.zip(range).map_or("not measured".to_owned(), |(ratio, (min, max))| {
            format!("{ratio:.2} x {} ({min:.2} - {max:.2} by round)", self.name(other))
        });
        Verdict { goal: format!("{sign} {bound} x {}", self.name(other)), actual, met: ratio.is_some_and(holds) }
    }

    /// The smallest and the largest ratio of any single round.
    fn ratio_range(&self, other: Subject) -> Option<(f64, f64)> {
        let pairs = self.of(Subject::Ours)?.rounds.iter().zip(&self.of(other)?.rounds);
        Some(pairs.fold((f64::INFINITY, 0.0), |(min, max), (ours, other)| (min.min(ours / other), f64::max(max, ours / other))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::figures::{Detail, Sample};
    use super::*;

    fn outcome(ours: &[f64], peer: &[f64], goals: Vec<Goal>) -> Outcome {
        let figures = |values: &[f64]| {
            let sample = |value: &f64| Sample { value: *value, ..Sample::default() };
            Figures::of(&values.iter().map(sample).collect::<Vec<_>>())
        };
        Outcome { figures: [figures(ours), figures(peer), None, None], goals, ..Outcome::default() }
    }

    fn is_met(ours: &[f64], peer: &[f64], goal: Goal) -> bool {
        outcome(ours, peer, vec![goal]).verdicts()[0].met
    }

    #[test]
    fn a_goal_is_met_from_its_bound_on() {
        assert!(is_met(&[30.0, 40.0, 50.0], &[10.0], Goal::PeerRatioMin(4.0)));
        assert!(!is_met(&[30.0, 39.9, 50.0], &[10.0], Goal::PeerRatioMin(4.0)));
        assert!(is_met(&[1.0, 2.0, 9.0], &[16.0], Goal::PeerRatioMax(0.125)));
        assert!(!is_met(&[1.0, 2.1, 2.2], &[16.0], Goal::PeerRatioMax(0.125)));
        assert!(is_met(&[1.0], &[], Goal::Max(1.0)));
        assert!(!is_met(&[1.1], &[], Goal::Max(1.0)));
    }

    #[test]
    fn what_was_not_measured_meets_nothing() {
        let goals = [
            Goal::PeerRatioMin(0.0),
            Goal::PeerRatioMax(9.0),
            Goal::FloorRatioMin(0.0),
            Goal::OverThreadsMax(9.0),
            Goal::P99Max(9.0),
            Goal::DetailMax("warm", 9.0),
            Goal::GrowthMax(9.0),
            Goal::PeakMax(9.0),
        ];
        for goal in goals {
            assert!(!is_met(&[1.0], &[], goal), "{goal:?}");
        }
        assert!(!is_met(&[], &[], Goal::NoFailure));
    }

    #[test]
    fn failed_requests_miss_the_goal() {
        let mut outcome = outcome(&[90.0], &[10.0], vec![Goal::PeerRatioMin(4.0)]);
        for figures in outcome.figures.iter_mut().flatten() {
            figures.errors = 1;
        }
        assert_eq!(outcome.verdicts().iter().map(|verdict| verdict.met).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn details_have_their_bounds() {
        let mut outcome = outcome(&[1.0], &[], vec![Goal::DetailMax("threads", 20.0)]);
        for (threads, met) in [(20.0, true), (21.0, false)] {
            for figures in outcome.figures.iter_mut().flatten() {
                figures.details = vec![Detail::count("threads", threads)];
            }
            assert_eq!(outcome.verdicts()[0].met, met);
        }
    }
}
