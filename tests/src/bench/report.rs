use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::Effort;
use super::machine::{self, Machine};
use super::process::Resident;
use super::subject::{Subject, Versions};

/// What one server did in one round.
pub(crate) struct Sample {
    pub(crate) value: f64,
    pub(crate) p99_ms: Option<f64>,
    /// Processor time of the server per request (or what the row counts): other load on the machine disturbs it less.
    pub(crate) cpu_us: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) resident: Option<Resident>,
}

/// What one server did in all rounds. The p99 and the processor time are medians of the rounds' values.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) cpu_us: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) memory_mib: Option<Memory>,
    pub(crate) rounds: Vec<f64>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Memory {
    /// Unknown where the row measures no growth.
    pub(crate) before: Option<f64>,
    pub(crate) after: f64,
    pub(crate) peak: f64,
}

/// What a row is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    PeerRatioMin(f64),
    FloorRatioMin(f64),
    Max(f64),
    /// Resident memory at its peak over that before, in MiB.
    GrowthMax(f64),
}

pub(crate) struct Outcome {
    pub(crate) row: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) cpu_per: &'static str,
    /// In the order of `Subject::ALL`.
    pub(crate) figures: [Figures; 3],
    /// None: the row is for information.
    pub(crate) goals: Vec<Goal>,
}

/// Measures all servers by turns: what disturbs the machine for a while disturbs them all.
pub(crate) fn interleave(row: &str, rounds: u32, mut measure: impl FnMut(Subject) -> Result<Sample>) -> Result<[Figures; 3]> {
    let mut samples: [Vec<Sample>; 3] = Default::default();
    for round in 1..=rounds {
        for subject in Subject::ALL {
            let sample = measure(subject).with_context(|| format!("{row}, round {round}: {}", subject.name()))?;
            samples[subject as usize].push(sample);
        }
        let values = samples.iter().filter_map(|samples| Some(amount(samples.last()?.value)));
        eprintln!("{row}: round {round} of {rounds}: {}", values.collect::<Vec<_>>().join("  "));
    }
    Ok(samples.map(|samples| Figures::of(&samples)))
}

impl Figures {
    fn of(samples: &[Sample]) -> Self {
        let rounds: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        let peak = samples.iter().filter_map(|sample| Some(sample.resident?.peak)).fold(0.0, f64::max);
        let last = samples.last().and_then(|sample| sample.resident);
        Self {
            median: median(&rounds).unwrap_or_default(),
            min: rounds.iter().copied().fold(f64::INFINITY, f64::min),
            max: rounds.iter().copied().fold(0.0, f64::max),
            p99_ms: median(&samples.iter().filter_map(|sample| sample.p99_ms).collect::<Vec<_>>()),
            cpu_us: median(&samples.iter().filter_map(|sample| sample.cpu_us).collect::<Vec<_>>()),
            errors: samples.iter().map(|sample| sample.errors).sum(),
            memory_mib: last.map(|last| Memory { before: None, after: last.now, peak }),
            rounds,
        }
    }

    pub(crate) fn set_memory_before(&mut self, before: f64) {
        if let Some(memory) = &mut self.memory_mib {
            memory.before = Some(before);
        }
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// A goal, what came of it, and whether that will do.
pub(crate) struct Verdict {
    pub(crate) goal: String,
    pub(crate) actual: String,
    pub(crate) met: bool,
}

impl Outcome {
    pub(crate) fn of(&self, subject: Subject) -> &Figures {
        &self.figures[subject as usize]
    }

    /// Our median by another's.
    pub(crate) fn ratio(&self, other: Subject) -> f64 {
        self.of(Subject::Ours).median / self.of(other).median
    }

    /// The smallest and the largest ratio of any single round.
    fn ratio_range(&self, other: Subject) -> (f64, f64) {
        let pairs = self.of(Subject::Ours).rounds.iter().zip(&self.of(other).rounds);
        pairs.fold((f64::INFINITY, 0.0), |(min, max), (ours, other)| (min.min(ours / other), f64::max(max, ours / other)))
    }

    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let ours = self.of(Subject::Ours);
        let ratio = |subject: Subject| {
            let (min, max) = self.ratio_range(subject);
            format!("{:.2} x {} ({min:.2} - {max:.2} by round)", self.ratio(subject), subject.name())
        };
        let verdict = |goal: &Goal| match *goal {
            Goal::PeerRatioMin(least) => {
                let met = self.ratio(Subject::Peer) >= least;
                Verdict { goal: format!(">= {least} x workerd"), actual: ratio(Subject::Peer), met }
            }
            Goal::FloorRatioMin(least) => {
                let met = self.ratio(Subject::Floor) >= least;
                Verdict { goal: format!(">= {least} x hyper"), actual: ratio(Subject::Floor), met }
            }
            Goal::Max(most) => {
                let (goal, actual) = (format!("<= {most} {}", self.unit), format!("{} {}", amount(ours.median), self.unit));
                Verdict { goal, actual, met: ours.median <= most }
            }
            Goal::GrowthMax(most) => {
                let growth = ours.memory_mib.and_then(|memory| Some(memory.peak - memory.before?));
                let actual =
                    growth.map_or("memory was not measured".to_owned(), |growth| format!("memory grew by {growth:.1} MiB"));
                Verdict { goal: format!("memory flat (<= {most} MiB)"), actual, met: growth.is_some_and(|growth| growth <= most) }
            }
        };
        let mut verdicts: Vec<_> = self.goals.iter().map(verdict).collect();
        if ours.errors > 0 && !verdicts.is_empty() {
            let actual = format!("{} failed", ours.errors);
            verdicts.push(Verdict { goal: "no failed request".to_owned(), actual, met: false });
        }
        verdicts
    }
}

/// Collects outcomes, prints them and writes them down.
pub(crate) struct Report {
    machine: Machine,
    versions: Versions,
    outcomes: Vec<Outcome>,
}

/// One row of the file.
#[derive(Serialize)]
struct Record<'a> {
    row: &'a str,
    date: &'a str,
    unit: &'a str,
    ours: &'a Figures,
    peer: &'a Figures,
    floor: &'a Figures,
    /// Our median by the peer's.
    ratio: f64,
    floor_ratio: f64,
    /// Null where the row is for information.
    goal: Option<String>,
    met: Option<bool>,
    versions: &'a Versions,
    machine: &'a Machine,
}

impl Report {
    pub(crate) fn new(machine: Machine, versions: Versions) -> Self {
        Self { machine, versions, outcomes: Vec::new() }
    }

    pub(crate) fn print_head(&self, effort: Effort) {
        let (machine, versions) = (&self.machine, &self.versions);
        println!(
            "{}: {}; {}; hyper {}; wrk {}",
            machine::today(),
            versions.skerry,
            versions.workerd,
            versions.hyper,
            versions.wrk
        );
        println!("workerd's compatibility date: {}", versions.workerd_compatibility_date);
        println!("{} cores, {}, {} MiB, Linux {}", machine.cores, machine.cpu, machine.memory_mib, machine.kernel);
        println!(
            "{} rounds of {} s for each server; the client runs on the same cores as the servers",
            effort.rounds, effort.seconds
        );
    }

    pub(crate) fn add(&mut self, outcome: Outcome) {
        print(&outcome);
        self.outcomes.push(outcome);
    }

    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let date = machine::today();
        let record = |outcome: &Outcome| serde_json::to_value(self.record(outcome, &date));
        let records: Vec<_> = self.outcomes.iter().map(record).collect::<Result<_, _>>()?;
        let text = serde_json::to_string_pretty(&records)?;
        std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
    }

    fn record<'a>(&'a self, outcome: &'a Outcome, date: &'a str) -> Record<'a> {
        let verdicts = outcome.verdicts();
        let goals: Vec<_> = verdicts.iter().map(|verdict| verdict.goal.as_str()).collect();
        Record {
            row: outcome.row,
            date,
            unit: outcome.unit,
            ours: outcome.of(Subject::Ours),
            peer: outcome.of(Subject::Peer),
            floor: outcome.of(Subject::Floor),
            ratio: outcome.ratio(Subject::Peer),
            floor_ratio: outcome.ratio(Subject::Floor),
            goal: (!goals.is_empty()).then(|| goals.join("; ")),
            met: (!goals.is_empty()).then(|| verdicts.iter().all(|verdict| verdict.met)),
            versions: &self.versions,
            machine: &self.machine,
        }
    }
}

fn print(outcome: &Outcome) {
    let cpu = format!("cpu us/{}", outcome.cpu_per);
    println!("\n{:<18}{:>12}  {:>23}{:>11}{:>16}{:>9}", outcome.row, outcome.unit, "min - max", "p99 ms", cpu, "failed");
    for subject in Subject::ALL {
        let figures = outcome.of(subject);
        let range = format!("{} - {}", amount(figures.min), amount(figures.max));
        let optional = |value: Option<f64>| value.map_or("-".to_owned(), amount);
        let (p99, cpu) = (optional(figures.p99_ms), optional(figures.cpu_us));
        println!("  {:<16}{:>12}  {range:>23}{p99:>11}{cpu:>16}{:>9}", subject.name(), amount(figures.median), figures.errors);
    }
    for subject in Subject::ALL {
        if let Some(memory) = outcome.of(subject).memory_mib {
            let before = memory.before.map_or(String::new(), |before| format!("{before:.1} before, "));
            println!("  {:<16}resident MiB: {before}{:.1} after, {:.1} at most", subject.name(), memory.after, memory.peak);
        }
    }
    let verdicts = outcome.verdicts();
    for Verdict { goal, actual, met } in &verdicts {
        println!("  goal {goal}: {} ({actual})", if *met { "met" } else { "MISSED" });
    }
    if verdicts.is_empty() {
        println!(
            "  for information: {:.2} x workerd, {:.2} x hyper",
            outcome.ratio(Subject::Peer),
            outcome.ratio(Subject::Floor)
        );
    }
}

/// Four digits or so, and thousands set apart.
fn amount(value: f64) -> String {
    match value {
        value if value >= 1_000.0 => {
            let digits = format!("{value:.0}");
            let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
            groups.join(",")
        }
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn amounts() {
        let all = [0.123, 12.34, 123.4, 1_234.5, 1_234_567.0].map(amount);
        assert_eq!(all, ["0.12", "12.3", "123", "1,234", "1,234,567"]);
    }

    fn outcome(ours: &[f64], peer: &[f64], goals: Vec<Goal>) -> Outcome {
        let figures = |values: &[f64]| {
            let sample = |value: &f64| Sample { value: *value, p99_ms: None, cpu_us: None, errors: 0, resident: None };
            Figures::of(&values.iter().map(sample).collect::<Vec<_>>())
        };
        Outcome { row: "row", unit: "x", cpu_per: "x", figures: [figures(ours), figures(peer), figures(peer)], goals }
    }

    #[test]
    fn a_goal_is_met_from_its_bound_on() {
        let met = |ours: &[f64]| outcome(ours, &[10.0, 10.0, 10.0], vec![Goal::PeerRatioMin(4.0)]).verdicts()[0].met;
        assert!(met(&[30.0, 40.0, 50.0]));
        assert!(!met(&[30.0, 39.9, 50.0]));
    }

    #[test]
    fn failed_requests_miss_the_goal() {
        let mut outcome = outcome(&[90.0], &[10.0], vec![Goal::PeerRatioMin(4.0)]);
        outcome.figures[0].errors = 1;
        assert!(!outcome.verdicts().iter().all(|verdict| verdict.met));
    }

    #[test]
    fn unmeasured_memory_is_not_flat() {
        assert!(!outcome(&[1.0], &[1.0], vec![Goal::GrowthMax(1.0)]).verdicts()[0].met);
    }
}
