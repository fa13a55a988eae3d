//! Many objects with data, of which few can be live.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::super::Effort;
use super::super::figures::{BySubject, Detail, Figures, Sample, milliseconds, percentile};
use super::super::goal::{Goal, Outcome};
use super::super::process::Resident;
use super::super::subject::{Subject, Subjects};
use super::{Disk, Folder, Server};

const OBJECTS: u32 = 100_000;
const CONNECTIONS: u32 = 16;
/// Of objects that nobody has asked for a while.
const COLD: u32 = 1_000;
/// After which idle objects have left memory, with some to spare.
const EVICTED_WITHIN: Duration = Duration::from_secs(240);
/// After which an allocator that gives memory back has done so.
const SETTLE: Duration = Duration::from_secs(10);
/// The neighbour: a request without an object.
const NEIGHBOUR_PER_SECOND: f64 = 200.0;
const NEIGHBOUR_ALONE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(250);

/// What was seen while objects were asked.
#[derive(Default)]
struct Seen {
    live: f64,
    descriptors: f64,
    resident_mib: f64,
}

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let count = effort.workers.unwrap_or(OBJECTS);
    let folder = Folder::new()?;
    let mut server = subjects.launch_objects(Subject::Ours, &folder, Disk::Real)?;
    server.wait("/")?;
    server.ask_all(64, 8, |counter| format!("/read/warm{counter}"))?;
    let never = AtomicBool::new(false);
    let alone = neighbour(&server, &never, Some(NEIGHBOUR_ALONE))?;
    let (base_kib, base) = (server.process.own_kib()?, server.process.resident()?);
    let (made, beside, seen) = make(&server, count)?;
    eprintln!("object-scale: {count} objects made in {:.0} s", made.as_secs_f64());
    let Some(evicted) = wait_for_eviction(&server)? else {
        bail!("objects are live {EVICTED_WITHIN:?} after the last was asked")
    };
    std::thread::sleep(SETTLE);
    let (idle_kib, idle) = (server.process.own_kib()?, server.process.resident()?);
    let (files, bytes) = folder.contents()?;
    let each = |value: f64| value / f64::from(count);
    let cold = cold(&server, count)?;
    let mib = |resident: Resident| resident.now;
    let rows = [
        (
            "object-scale-made",
            "objects/s",
            Sample {
                value: f64::from(count) / made.as_secs_f64(),
                details: vec![
                    Detail::count("live at most", seen.live),
                    Detail::count("descriptors at most", seen.descriptors),
                    Detail { name: "resident at most", unit: "MiB", value: seen.resident_mib },
                    Detail { name: "before", unit: "MiB", value: mib(base) },
                ],
                ..Sample::default()
            },
            Vec::new(),
            format!("{count} objects, each asked once, with a write, on {CONNECTIONS} connections"),
        ),
        (
            "object-scale-idle",
            "B each",
            Sample {
                value: each((idle_kib - base_kib) * 1024.0),
                resident: Some(idle),
                details: vec![
                    Detail { name: "disk", unit: "B each", value: each(bytes as f64) },
                    Detail::count("files", files as f64),
                    Detail::count("descriptors", server.process.descriptors()? as f64),
                    Detail { name: "evicted within", unit: "s", value: evicted.as_secs_f64() },
                ],
                ..Sample::default()
            },
            Vec::new(),
            "memory by which the node grew (PSS), when all objects were evicted".to_owned(),
        ),
        (
            "object-scale-cold",
            "ms p50",
            Sample { value: percentile(&cold, 50), p99_ms: Some(percentile(&cold, 99)), ..Sample::default() },
            Vec::new(),
            format!("first request of {} objects that had been evicted, one after another", cold.len()),
        ),
        (
            "object-scale-beside",
            "p99 x alone",
            Sample {
                value: percentile(&beside, 99) / percentile(&alone, 99),
                p99_ms: Some(percentile(&beside, 99)),
                details: vec![
                    Detail::ms("p50 alone", percentile(&alone, 50)),
                    Detail::ms("p50", percentile(&beside, 50)),
                    Detail::ms("p99 alone", percentile(&alone, 99)),
                ],
                ..Sample::default()
            },
            vec![Goal::Max(3.0)],
            format!("{NEIGHBOUR_PER_SECOND} requests/s without an object, while the objects are made"),
        ),
    ];
    let outcome = |(row, unit, sample, goals, note): (&str, _, _, _, _)| {
        let mut figures = BySubject::default();
        figures[Subject::Ours as usize] = Figures::of(&[sample]);
        let notes = vec![note, "one round; workerd is not measured".to_owned()];
        Outcome { row: row.to_owned(), unit, cpu_per: "object", figures, goals, notes, ..Outcome::default() }
    };
    Ok(rows.into_iter().map(outcome).collect())
}

/// How long it took, what a neighbour's requests took meanwhile in ms, and how much there was at most.
fn make(server: &Server, count: u32) -> Result<(Duration, Vec<f64>, Seen)> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| neighbour(server, &is_over, None));
        let watched = scope.spawn(|| watch(server, &is_over));
        let began = Instant::now();
        let made = server.ask_all(count, CONNECTIONS, |counter| format!("/write/c{counter}"));
        let taken = began.elapsed();
        is_over.store(true, Ordering::SeqCst);
        let wrong = made?.iter().filter(|(value, _)| *value != 1).count();
        ensure!(wrong == 0, "{wrong} objects have another value than 1");
        let beside = beside.join().unwrap_or_else(|_| bail!("the neighbour's client panicked"))?;
        let seen = watched.join().unwrap_or_else(|_| bail!("the watch panicked"))?;
        Ok((taken, beside, seen))
    })
}

fn neighbour(server: &Server, is_over: &AtomicBool, time: Option<Duration>) -> Result<Vec<f64>> {
    let mut connection = server.connect()?;
    let began = Instant::now();
    let (mut taken_ms, mut due) = (Vec::new(), began);
    while !is_over.load(Ordering::SeqCst) && time.is_none_or(|time| began.elapsed() < time) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let (answer, taken) = connection.get(super::HOST, "/")?;
        ensure!(answer.status == 200 && answer.body == b"hello", "the neighbour answers {}", answer.text());
        taken_ms.push(milliseconds(taken));
        due += Duration::from_secs_f64(1.0 / NEIGHBOUR_PER_SECOND);
    }
    Ok(taken_ms)
}

fn watch(server: &Server, is_over: &AtomicBool) -> Result<Seen> {
    let mut seen = Seen::default();
    while !is_over.load(Ordering::SeqCst) {
        seen.live = seen.live.max(server.metric("skerry_objects_live")?.unwrap_or_default());
        seen.descriptors = seen.descriptors.max(server.process.descriptors()? as f64);
        seen.resident_mib = seen.resident_mib.max(server.process.resident()?.now);
        std::thread::sleep(LOOK);
    }
    Ok(seen)
}

/// How long it took until no object was live.
fn wait_for_eviction(server: &Server) -> Result<Option<Duration>> {
    let began = Instant::now();
    while began.elapsed() < EVICTED_WITHIN {
        if server.metric("skerry_objects_live")? == Some(0.0) {
            return Ok(Some(began.elapsed()));
        }
        std::thread::sleep(LOOK);
    }
    Ok(None)
}

/// Of objects here and there, in ms.
fn cold(server: &Server, count: u32) -> Result<Vec<f64>> {
    let mut connection = server.connect()?;
    let (asked, step) = (COLD.min(count), count / COLD.min(count));
    let ask = |place: u32| {
        let (value, taken) = server.ask(&mut connection, &format!("/read/c{}", place * step))?;
        ensure!(value == 1, "c{} has {value}", place * step);
        Ok(milliseconds(taken))
    };
    (0..asked).map(ask).collect()
}
