use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::Effort;
use super::figures::{Detail, Figures};
use super::goal::{Outcome, Verdict};
use super::machine::{self, Machine};
use super::subject::{Isolation, Subject, Versions};

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
    /// Where isolates of ours ran.
    isolation: Isolation,
    ours: Option<&'a Figures>,
    /// Null where the row does not measure it. An endless value is null too.
    peer: Option<&'a Figures>,
    floor: Option<&'a Figures>,
    /// What the floor is.
    floor_name: Option<String>,
    /// Ours with isolates on threads, in rows about cells.
    threads: Option<&'a Figures>,
    /// Our median by the peer's.
    ratio: Option<f64>,
    floor_ratio: Option<f64>,
    threads_ratio: Option<f64>,
    /// Null where the row is for information.
    goal: Option<String>,
    met: Option<bool>,
    notes: &'a [String],
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
            row: &outcome.row,
            date,
            unit: outcome.unit,
            isolation: outcome.isolation,
            ours: outcome.of(Subject::Ours),
            peer: outcome.of(Subject::Peer),
            floor: outcome.of(Subject::Floor),
            floor_name: outcome.of(Subject::Floor).map(|_| outcome.name(Subject::Floor)),
            threads: outcome.of(Subject::Threads),
            ratio: outcome.ratio(Subject::Peer),
            floor_ratio: outcome.ratio(Subject::Floor),
            threads_ratio: outcome.ratio(Subject::Threads),
            goal: (!goals.is_empty()).then(|| goals.join("; ")),
            met: (!goals.is_empty()).then(|| verdicts.iter().all(|verdict| verdict.met)),
            notes: &outcome.notes,
            versions: &self.versions,
            machine: &self.machine,
        }
    }
}

/// In tables, in this order.
const SHOWN: [Subject; Subject::COUNT] = [Subject::Ours, Subject::Threads, Subject::Peer, Subject::Floor];

fn print(outcome: &Outcome) {
    let cpu = format!("cpu us/{}", outcome.cpu_per);
    println!("\n{:<20}{:>13}  {:>23}{:>11}{:>20}{:>9}", outcome.row, outcome.unit, "min - max", "p99 ms", cpu, "failed");
    let measured = || SHOWN.into_iter().filter_map(|subject| Some((outcome.name(subject), outcome.of(subject)?)));
    for (name, figures) in measured() {
        let range = format!("{} - {}", amount(figures.min), amount(figures.max));
        let optional = |value: Option<f64>| value.map_or("-".to_owned(), amount);
        let (p99, cpu) = (optional(figures.p99_ms), optional(figures.cpu_us));
        println!("  {name:<18}{:>13}  {range:>23}{p99:>11}{cpu:>20}{:>9}", amount(figures.median), figures.errors);
    }
    for (name, figures) in measured().filter(|(_, figures)| !figures.details.is_empty()) {
        let detail = |detail: &Detail| format!("{} {} {}", detail.name, amount(detail.value), detail.unit).trim_end().to_owned();
        println!("  {name:<18}{}", figures.details.iter().map(detail).collect::<Vec<_>>().join(", "));
    }
    for (name, figures) in measured() {
        if let Some(memory) = figures.memory_mib {
            let before = memory.before.map_or(String::new(), |before| format!("{before:.1} before, "));
            println!("  {name:<18}resident MiB: {before}{:.1} after, {:.1} at most", memory.after, memory.peak);
        }
    }
    for note in &outcome.notes {
        println!("  note: {note}");
    }
    if let Some(ratio) = outcome.ratio(Subject::Threads) {
        println!("  {ratio:.2} x {}", Subject::Threads.name());
    }
    let verdicts = outcome.verdicts();
    for Verdict { goal, actual, met } in &verdicts {
        println!("  goal {goal}: {} ({actual})", if *met { "met" } else { "MISSED" });
    }
    if verdicts.is_empty() {
        let ratio = |other: Subject| Some(format!("{:.2} x {}", outcome.ratio(other)?, outcome.name(other)));
        let ratios: Vec<_> = [Subject::Peer, Subject::Floor].into_iter().filter_map(ratio).collect();
        println!("  for information{}{}", if ratios.is_empty() { "" } else { ": " }, ratios.join(", "));
    }
}

/// Four digits or so, and thousands set apart.
pub(crate) fn amount(value: f64) -> String {
    match value {
        value if value < 0.0 => format!("-{}", amount(-value)),
        f64::INFINITY => "unbounded".to_owned(),
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
    fn amounts() {
        let all = [0.123, 12.34, 123.4, 1_234.5, 1_234_567.0, -0.123, f64::INFINITY].map(amount);
        assert_eq!(all, ["0.12", "12.3", "123", "1,234", "1,234,567", "-0.12", "unbounded"]);
    }
}
