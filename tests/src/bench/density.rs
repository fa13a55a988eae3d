//! Many workers that were asked once and have nothing to do: what each holds, what is left once it is evicted, and what a hot
//! worker among them notices.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Effort;
use super::cold::visit_again;
use super::figures::{Detail, Sample, interleave_parts};
use super::fleet::{Fleet, FleetSetup, UNBOUNDED_MB, small_script};
use super::goal::{Goal, Outcome};
use super::paced::{Seen, ask_hot};
use super::subject::{Subject, Subjects};

/// Memory differs little from round to round, and a round takes half a minute.
const ROUNDS_MAX: u32 = 3;
/// Asking at the same time.
const CONNECTIONS: u32 = 8;
/// Before memory is read.
const SETTLE: Duration = Duration::from_secs(1);
/// After which an allocator that gives memory back has done so.
const SETTLE_EVICTED: Duration = Duration::from_secs(10);
/// The load of the hot worker, which a small machine bears easily, and how long it is watched.
const HOT_PER_SECOND: f64 = 1_000.0;
const HOT_WINDOW: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
/// After which isolates are evicted where that is measured: the last should have come before the first goes.
const IDLE_SECONDS: u32 = 10;
/// Visited again once they were evicted.
const RETURNING: u32 = 50;
/// A p99 is a figure of few requests: it differs by this much from one second to the next when nothing has changed.
const UNCHANGED_MAX: f64 = 1.25;

/// The row's parts: three sizes, and then these.
const PARTS: usize = 6;

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let most = effort.workers.unwrap_or(1_000);
    let sizes = [(most / 100).max(1), (most / 10).max(2), most];
    let rounds = effort.rounds.min(ROUNDS_MAX);
    let mut evicts = true;
    let both = [Subject::Ours, Subject::Peer];
    let measure = |subject| measure(subjects, subject, sizes, subject == Subject::Ours && std::mem::take(&mut evicts));
    let parts = interleave_parts("density", rounds, &both, measure)?;
    let live = |size: u32| format!("memory by which {size} idle isolates made the process grow, for each (PSS); {rounds} rounds");
    let [few, some, most] = sizes;
    let described: [(String, _, _, Vec<Goal>, String); PARTS] = [
        (format!("density-{few}"), "KiB each", "isolate", Vec::new(), live(few)),
        (format!("density-{some}"), "KiB each", "isolate", Vec::new(), live(some)),
        (
            format!("density-{most}"),
            "KiB each",
            "isolate",
            vec![Goal::PeerRatioMax(1.0), Goal::Max(1_900.0)],
            live(most) + "; <= 1 x workerd is the goal, 1,900 the aim",
        ),
        (
            "density-hot".to_owned(),
            "p99 x before",
            "request",
            vec![Goal::Max(UNCHANGED_MAX)],
            format!("p99 of a hot worker at {HOT_PER_SECOND} requests/s with {most} idle isolates, by that before them"),
        ),
        (
            "density-evicted".to_owned(),
            "KiB each",
            "isolate",
            vec![Goal::Max(50.0)],
            format!("of {most} isolates, {SETTLE_EVICTED:?} after they were evicted; first round only; workerd evicts none"),
        ),
        (
            "density-return".to_owned(),
            "ms over warm",
            "cold start",
            vec![Goal::Max(0.5), Goal::P99Max(2.0)],
            format!("first request of {RETURNING} workers after their eviction; first round only"),
        ),
    ];
    let outcome = |(figures, (row, unit, cpu_per, goals, note))| Outcome {
        row,
        unit,
        cpu_per,
        figures,
        goals,
        notes: vec![note],
        ..Outcome::default()
    };
    Ok(parts.into_iter().zip(described).map(outcome).collect())
}

fn measure(subjects: &Subjects, subject: Subject, sizes: [u32; 3], evicts: bool) -> Result<[Option<Sample>; PARTS]> {
    let [.., most] = sizes;
    let (live, hot) = measure_live(subjects, subject, sizes)?;
    let (evicted, returning) = if evicts { measure_evicted(subjects, most)? } else { (None, None) };
    let [few, some, most] = live;
    Ok([few, some, most, Some(hot), evicted, returning])
}

/// The pool has one size: it is part of what there is before.
fn launch(subjects: &Subjects, subject: Subject, unvisited: u32, idle_seconds: u32) -> Result<Fleet> {
    let setup =
        FleetSetup { script: small_script()?, unvisited, pool: Some(4..4), idle_seconds, memory_mb: UNBOUNDED_MB, cached: false };
    subjects.launch_fleet(subject, &setup)
}

fn measure_live(subjects: &Subjects, subject: Subject, sizes: [u32; 3]) -> Result<([Option<Sample>; 3], Sample)> {
    let [.., most] = sizes;
    let mut fleet = launch(subjects, subject, most, 3_600)?;
    let watch = |fleet: &Fleet| ask_hot(fleet, Some(HOT_PER_SECOND), HOT_WINDOW, PATIENCE);
    watch(&fleet)?;
    let before = watch(&fleet)?;
    std::thread::sleep(SETTLE);
    let base = Held::read(&fleet)?;
    let mut live = [None, None, None];
    let mut visited = 0;
    for (sample, size) in live.iter_mut().zip(sizes) {
        let cpu_before = fleet.process.cpu()?;
        let workers = fleet.take(size - visited)?;
        let count = workers.len() as f64;
        fleet.ask_all(workers, CONNECTIONS)?;
        let cpu_us = (fleet.process.cpu()? - cpu_before).as_secs_f64() * 1e6 / count;
        std::thread::sleep(SETTLE);
        if let Some((isolates, _)) = fleet.isolates()? {
            ensure!(isolates >= size.into(), "{isolates} isolates live, {size} were expected");
        }
        *sample = Some(Sample { cpu_us: Some(cpu_us), ..Held::read(&fleet)?.since(&base, size) });
        visited = size;
    }
    Ok((live, hot_sample(&before, &watch(&fleet)?)))
}

/// What is left of isolates, and how their workers come back.
fn measure_evicted(subjects: &Subjects, count: u32) -> Result<(Option<Sample>, Option<Sample>)> {
    let mut fleet = launch(subjects, Subject::Ours, count, IDLE_SECONDS)?;
    std::thread::sleep(SETTLE);
    let base = Held::read(&fleet)?;
    let workers = fleet.take(count)?;
    fleet.ask_all(workers.clone(), CONNECTIONS)?;
    // On a slow machine the first have gone when the last come.
    let (live, _) = fleet.isolates()?.unwrap_or_default();
    let held = Held::read(&fleet)?;
    fleet.wait_for_isolates_max(0, Duration::from_secs(u64::from(IDLE_SECONDS) * 4))?;
    std::thread::sleep(SETTLE);
    let soon = Held::read(&fleet)?.since(&base, count).value;
    std::thread::sleep(SETTLE_EVICTED - SETTLE);
    let mut evicted = Held::read(&fleet)?.since(&base, count);
    evicted.details.extend([
        Detail { name: "1 s after", unit: "KiB each", value: soon },
        Detail::count("live at most", live as f64),
        Detail { name: "process then", unit: "MiB", value: held.resident_kib / 1024.0 },
    ]);
    let returning = visit_again(&fleet, workers.start..workers.start + RETURNING.min(count))?;
    Ok((Some(evicted), Some(returning)))
}

fn hot_sample(before: &Seen, after: &Seen) -> Sample {
    Sample {
        value: after.percentile(99) / before.percentile(99),
        p99_ms: Some(after.percentile(99)),
        errors: before.errors() + after.errors(),
        details: vec![
            Detail::ms("p50 before", before.percentile(50)),
            Detail::ms("p50 after", after.percentile(50)),
            Detail::ms("p99 before", before.percentile(99)),
            Detail::ms("p99 after", after.percentile(99)),
        ],
        ..Sample::default()
    }
}

/// What a process holds.
pub(crate) struct Held {
    own_kib: f64,
    resident_kib: f64,
    threads: f64,
    descriptors: f64,
}

impl Held {
    pub(crate) fn read(fleet: &Fleet) -> Result<Self> {
        let process = &fleet.process;
        Ok(Self {
            own_kib: process.own_kib()?,
            resident_kib: process.resident()?.now * 1024.0,
            threads: process.threads()? as f64,
            descriptors: process.descriptors()? as f64,
        })
    }

    /// What was added, for each of so many.
    pub(crate) fn since(&self, before: &Self, count: u32) -> Sample {
        let each = |now: f64, before: f64| (now - before) / f64::from(count);
        Sample {
            value: each(self.own_kib, before.own_kib),
            details: vec![
                Detail { name: "resident", unit: "KiB each", value: each(self.resident_kib, before.resident_kib) },
                Detail { name: "process", unit: "MiB", value: self.resident_kib / 1024.0 },
                Detail::count("threads", self.threads),
                Detail::count("descriptors", self.descriptors),
            ],
            ..Sample::default()
        }
    }
}
