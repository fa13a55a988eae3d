//! Far more workers than may be live, visited as popularity has it.

use std::time::Duration;

use anyhow::{Result, bail};

use super::Effort;
use super::connection::Connection;
use super::figures::{Detail, Figures, Sample, milliseconds, percentile};
use super::fleet::{Fleet, FleetSetup, small_script};
use super::goal::{Goal, Outcome};
use super::subject::{Subject, Subjects};

const WORKERS: u32 = 10_000;
/// The node's budget, which all of it should stay below.
const BUDGET_MIB: u32 = 1_024;
const REQUESTS: u32 = 2_000;
const CONNECTIONS: u32 = 8;
/// By which the last round may exceed the median of the first three; threads and descriptors by a few as well.
const GROWTH_MAX: f64 = 1.1;
const FEW: f64 = 16.0;
/// Before memory is read at the end of a round: what is too many is ended by then.
const SETTLE: Duration = Duration::from_millis(1_500);

/// What one client saw in a round.
#[derive(Default)]
struct Seen {
    latencies_ms: Vec<f64>,
    failures: Vec<String>,
}

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Outcome> {
    let workers = effort.workers.unwrap_or(WORKERS);
    let rounds = effort.rounds * 2;
    let setup = FleetSetup {
        script: small_script()?,
        unvisited: workers,
        pool: None,
        idle_seconds: 300,
        memory_mb: BUDGET_MIB,
        cached: false,
    };
    let mut fleet = subjects.launch_fleet(Subject::Ours, &setup)?;
    let started_mib = fleet.process.resident()?.now;
    let first_worker = fleet.take(workers)?.start;
    let popularity = Popularity::new(workers);
    let mut samples = Vec::new();
    let mut failures = Vec::new();
    for round in 1..=rounds {
        let (sample, failed) = measure(&fleet, first_worker, &popularity, round)?;
        eprintln!("evict: round {round} of {rounds}: {:.0} MiB, {} failed", sample.value, sample.errors);
        samples.push(sample);
        failures.extend(failed);
    }
    let growth = growth(&samples);
    for sample in &mut samples {
        sample.details.extend(growth.clone());
    }
    let mut figures = Figures::of(&samples);
    if let Some(figures) = &mut figures {
        figures.set_memory_before(started_mib);
    }
    let mut notes = vec![
        format!("resident memory after each of {rounds} rounds of {REQUESTS} requests to {workers} workers (zipf)"),
        format!("isolates may take {BUDGET_MIB} MiB; workerd evicts none"),
    ];
    notes.extend(failures.into_iter().take(3).map(|failure| format!("failed: {failure}")));
    let goals = vec![
        Goal::NoFailure,
        Goal::PeakMax(f64::from(BUDGET_MIB)),
        Goal::DetailMax("memory growth", GROWTH_MAX),
        Goal::DetailMax("threads more", FEW),
        Goal::DetailMax("descriptors more", FEW),
    ];
    Ok(Outcome {
        row: "evict".to_owned(),
        unit: "MiB",
        cpu_per: "request",
        figures: [figures, None, None, None],
        goals,
        notes,
        ..Outcome::default()
    })
}

fn measure(fleet: &Fleet, first_worker: u32, popularity: &Popularity, round: u32) -> Result<(Sample, Vec<String>)> {
    let process = &fleet.process;
    let evicted_before = fleet.isolates()?.map_or(0, |(_, evicted)| evicted);
    let cpu_before = process.cpu()?;
    process.forget_peak()?;
    let clients = std::thread::scope(|scope| {
        let spawn = |client| {
            let dice = Dice(u64::from(round * CONNECTIONS + client) | 1 << 40);
            scope.spawn(move || visit(fleet, first_worker, popularity, dice))
        };
        let clients: Vec<_> = (0..CONNECTIONS).map(spawn).collect();
        let seen = clients.into_iter().map(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")));
        seen.collect::<Result<Vec<_>>>()
    })?;
    let cpu_us = (process.cpu()? - cpu_before).as_secs_f64() * 1e6 / f64::from(REQUESTS);
    let live_at_once = fleet.isolates()?.map_or(0, |(live, _)| live);
    std::thread::sleep(SETTLE);
    let resident = process.resident()?;
    let (live, evicted) = fleet.isolates()?.unwrap_or_default();
    let (latencies_ms, failures): (Vec<_>, Vec<_>) = clients.into_iter().map(|seen| (seen.latencies_ms, seen.failures)).unzip();
    let (latencies_ms, failures) = (latencies_ms.concat(), failures.concat());
    let details = vec![
        Detail::ms("p50", percentile(&latencies_ms, 50)),
        Detail::count("isolates at the end", live_at_once as f64),
        Detail::count("1.5 s after", live as f64),
        Detail::count("evicted", (evicted - evicted_before) as f64),
        Detail::count("threads", process.threads()? as f64),
        Detail::count("descriptors", process.descriptors()? as f64),
    ];
    let sample = Sample {
        value: resident.now,
        p99_ms: Some(percentile(&latencies_ms, 99)),
        cpu_us: Some(cpu_us),
        errors: failures.len() as u64,
        resident: Some(resident),
        details,
    };
    Ok((sample, failures))
}

fn visit(fleet: &Fleet, first_worker: u32, popularity: &Popularity, mut dice: Dice) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut connection: Option<Connection> = None;
    for _ in 0..REQUESTS / CONNECTIONS {
        let worker = first_worker + popularity.pick(dice.roll());
        let mut usable = match connection.take() {
            Some(connection) => connection,
            None => fleet.connect()?,
        };
        match fleet.ask(&mut usable, worker) {
            Ok(taken) => {
                seen.latencies_ms.push(milliseconds(taken));
                connection = Some(usable);
            }
            Err(failure) => seen.failures.push(format!("{failure:#}")),
        }
    }
    Ok(seen)
}

/// The last round against the first ones.
fn growth(samples: &[Sample]) -> Vec<Detail> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Vec::new() };
    let early: Vec<_> = samples.iter().take(3).map(|sample| sample.value).collect();
    let memory = last.value / percentile(&early, 50);
    let of = |sample: &Sample, name| sample.details.iter().find(|detail| detail.name == name).map_or(0.0, |detail| detail.value);
    let more = |name| of(last, name) - of(first, name);
    vec![
        Detail { name: "memory growth", unit: "x", value: memory },
        Detail::count("threads more", more("threads")),
        Detail::count("descriptors more", more("descriptors")),
    ]
}

/// The n-th most popular worker is asked 1/n as often as the first.
struct Popularity {
    /// Up to each worker, by popularity.
    sums: Vec<f64>,
}

impl Popularity {
    fn new(workers: u32) -> Self {
        let sum = |sum: &mut f64, rank: u32| {
            *sum += 1.0 / f64::from(rank);
            Some(*sum)
        };
        Self { sums: (1..=workers).scan(0.0, sum).collect() }
    }

    /// `roll` is in 0..1.
    fn pick(&self, roll: f64) -> u32 {
        let target = roll * self.sums.last().copied().unwrap_or_default();
        self.sums.partition_point(|sum| *sum <= target) as u32
    }
}

/// A generator of numbers in 0..1, the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_asked_twice_as_often_as_the_second() {
        let popularity = Popularity::new(3);
        assert_eq!([0.0, 0.54, 0.55, 0.81, 0.82, 0.999].map(|roll| popularity.pick(roll)), [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn rolls_are_even() {
        let mut dice = Dice(1);
        let rolls: Vec<_> = (0..10_000).map(|_| dice.roll()).collect();
        assert!(rolls.iter().all(|roll| (0.0..1.0).contains(roll)));
        assert!((rolls.iter().sum::<f64>() / 10_000.0 - 0.5).abs() < 0.02);
    }
}
