//! A cell's start, and what one that rests takes of memory.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use skerry_tests::server::PATIENCE;

use super::Effort;
use super::figures::{Detail, Sample, interleave, milliseconds, percentile};
use super::goal::{Goal, Outcome};
use super::process::Memory;
use super::subject::{Isolation, Subject, Subjects};
use super::tenants::{Tenants, TenantsSetup};

/// Ends of a cell in a round.
const KILLS: usize = 5;
/// How often it is looked whether the node has noticed an end.
const NOTICED_LOOK: Duration = Duration::from_micros(100);
/// For a spare cell to come up, and the pools to be filled.
const SETTLE: Duration = Duration::from_secs(1);
/// From a launch until memory is read.
const REST: Duration = Duration::from_secs(3);
const START_MS_MAX: f64 = 150.0;
const BACK_MS_MAX: f64 = 250.0;
const PRIVATE_MB_MAX: f64 = 25.0;
const KIB_PER_MB: f64 = 1e6 / 1024.0;

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let without_spare = TenantsSetup {
        isolation: Isolation::Cells,
        tenants: 1,
        cells: Some(1),
        spare: 0,
        pool: None,
        cpu_ms: 50,
        log_level: "debug",
    };
    let with_spare = TenantsSetup { spare: 1, ..without_spare.clone() };
    let as_usual = TenantsSetup { cells: None, ..without_spare.clone() };
    let no_pool = TenantsSetup { pool: Some(0..0), ..as_usual.clone() };
    Ok(vec![
        start(subjects, effort, &without_spare)?,
        killed(subjects, effort, ("cell-killed", Vec::new()), &without_spare)?,
        killed(subjects, effort, ("cell-killed-spare", vec![Goal::DetailMax("worst", BACK_MS_MAX)]), &with_spare)?,
        memory(subjects, effort, "cell-memory", &as_usual)?,
        memory(subjects, effort, "cell-memory-no-pool", &no_pool)?,
    ])
}

/// From the start of the node to its first answer.
fn start(subjects: &Subjects, effort: Effort, setup: &TenantsSetup) -> Result<Outcome> {
    let in_turn = [Subject::Ours, Subject::Threads];
    let measure = |subject| {
        let isolation = subjects.isolation_of(subject);
        let mut node = subjects.launch_tenants(&TenantsSetup { isolation, ..setup.clone() })?;
        let taken = node.wait_for_answer()?;
        let details = node.ready_ms().map(|ready| Detail::ms("cell ready after", ready));
        Ok(Sample { value: milliseconds(taken), details: details.into_iter().collect(), ..Sample::default() })
    };
    // Brings the program's file into memory.
    for subject in in_turn {
        measure(subject)?;
    }
    let figures = interleave("cell-start", effort.rounds, &in_turn, measure)?;
    Ok(Outcome {
        row: "cell-start".to_owned(),
        unit: "ms",
        cpu_per: "start",
        figures,
        goals: vec![Goal::Max(START_MS_MAX)],
        notes: vec!["from the start of a node with one cell to its first answer; the node makes its snapshot in it".to_owned()],
        ..Outcome::default()
    })
}

/// From the end of the only cell to the next answer.
fn killed(subjects: &Subjects, effort: Effort, (row, goals): (&str, Vec<Goal>), setup: &TenantsSetup) -> Result<Outcome> {
    let mut node = subjects.launch_tenants(setup)?;
    node.wait_for_answer()?;
    let figures = interleave(row, effort.rounds, &[Subject::Ours], |_| {
        let mut back_ms = Vec::new();
        let mut failed = 0;
        for _ in 0..KILLS {
            let (back, errors) = kill(&node, setup.spare)?;
            back_ms.push(milliseconds(back));
            failed += errors;
        }
        let mut details = vec![Detail::ms("worst", percentile(&back_ms, 100))];
        details.extend(node.ready_ms().map(|ready| Detail::ms("cell ready after", ready)));
        Ok(Sample { value: percentile(&back_ms, 50), errors: failed, details, ..Sample::default() })
    })?;
    let spare = if setup.spare == 0 { "none is ready" } else { "one is ready" };
    Ok(Outcome {
        row: row.to_owned(),
        unit: "ms",
        cpu_per: "end",
        figures,
        goals,
        notes: vec![format!(
            "from `kill -9` of the only cell to the first answer, when {spare} to take its place; {KILLS} ends a round"
        )],
        ..Outcome::default()
    })
}

fn kill(node: &Tenants, spare: u32) -> Result<(Duration, u64)> {
    let expected = spare as usize + 1;
    let mut connection = node.connect()?;
    let (before, _) = node.ask(&mut connection, 0)?;
    let waited = Instant::now();
    while node.process.cells().len() != expected {
        ensure!(waited.elapsed() < PATIENCE, "{:?} are there, not {expected}", node.process.cells());
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(SETTLE);
    // The oldest is the one that serves.
    let cell = *node.process.cells().first().context("there is no cell")?;
    let began = Instant::now();
    ensure!(Command::new("kill").args(["-9", &cell.to_string()]).status()?.success(), "the cell cannot be ended");
    // Who has a request under way when the only cell ends is taken for the one who did it.
    let process = Path::new("/proc").join(cell.to_string());
    while process.exists() && began.elapsed() < PATIENCE {
        std::thread::sleep(NOTICED_LOOK);
    }
    let mut failed = 0;
    loop {
        ensure!(began.elapsed() < PATIENCE, "no new isolate answers; the node printed:\n{}", node.process.printed());
        match node.ask(&mut connection, 0) {
            Ok((name, _)) if name != before => return Ok((began.elapsed(), failed)),
            Ok(_) => {}
            Err(_) => {
                failed += 1;
                connection = node.connect()?;
            }
        }
    }
}

/// Of a cell that has never had a worker.
fn memory(subjects: &Subjects, effort: Effort, row: &str, setup: &TenantsSetup) -> Result<Outcome> {
    let rounds = effort.rounds.min(3);
    let figures = interleave(row, rounds, &[Subject::Ours], |_| {
        let mut node = subjects.launch_tenants(setup)?;
        node.wait_until_it_listens()?;
        std::thread::sleep(REST);
        let cells = node.process.cells().into_iter().map(Memory::read).collect::<Result<Vec<_>>>()?;
        let mb = |value: fn(&Memory) -> f64| percentile(&cells.iter().map(value).collect::<Vec<_>>(), 50) / KIB_PER_MB;
        let of_all = |name, value| Detail { name, unit: "MB", value };
        Ok(Sample {
            value: mb(|memory| memory.private_kib),
            details: vec![
                Detail::count("cells", cells.len() as f64),
                of_all("PSS of one", mb(|memory| memory.share_kib)),
                of_all("RSS of one", mb(|memory| memory.resident_kib)),
                of_all("PSS of node and cells", node.process.own_kib()? / KIB_PER_MB),
            ],
            ..Sample::default()
        })
    })?;
    let pool = setup.pool.as_ref().map_or("its part of the usual pool is filled", |_| "there is no pool");
    Ok(Outcome {
        row: row.to_owned(),
        unit: "MB private",
        cpu_per: "cell",
        figures,
        goals: vec![Goal::Max(PRIVATE_MB_MAX)],
        notes: vec![format!("one cell {REST:?} after the start, without a worker; {pool}; {rounds} rounds")],
        ..Outcome::default()
    })
}
