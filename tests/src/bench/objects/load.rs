//! Counters that are read and written.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::super::Effort;
use super::super::figures::{BySubject, Detail, Sample, interleave, percentile};
use super::super::goal::{Goal, Outcome};
use super::super::subject::{Subject, Subjects, folder};
use super::super::wrk;
use super::{Disk, Folder, PROMISE, ROW, Server};

/// wrk has as many connections.
const MANY: u32 = 64;
const WARM_UP_SECONDS: u32 = 2;
/// How one client asks.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// One after another: whoever answers is awake.
    Warm,
    /// So many a second: whoever answers has slept before.
    PerSecond(f64),
}

const AT_REST: Pace = Pace::PerSecond(200.0);
const READ_P50_MS_MAX: f64 = 1.0;
/// Over one fsync.
const WRITE_OVER_MS_MAX: f64 = 1.0;
/// Commits of 64 writers at once, by those of one that waits for the disk each time.
const GROUPED_MIN: f64 = 15.0;
/// Disks that take less are not what writes wait for.
const BOUND_US_MIN: f64 = 1_000.0;

pub(crate) fn read(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let both = [Subject::Ours, Subject::Peer];
    let rig = Rig::start(subjects, Disk::Real, &both, "read")?;
    let name = |end: &str| format!("object-read{end}");
    Ok(vec![
        rig.rate(&name(""), effort, 1, vec![Goal::PeerRatioMin(1.0)], vec!["one object, 64 connections".to_owned()])?,
        rig.rate(&name("-64"), effort, MANY, vec![Goal::PeerRatioMin(1.0)], vec!["64 objects, 64 connections".to_owned()])?,
        rig.alone(&name("-warm"), effort, Pace::Warm, Goal::Max(READ_P50_MS_MAX))?,
        rig.alone(&name("-rest"), effort, AT_REST, Goal::Max(READ_P50_MS_MAX))?,
    ])
}

pub(crate) fn write(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let all = [Subject::Ours, Subject::Peer, Subject::Floor];
    let mut outcomes = Vec::new();
    for (disk, end) in [(Disk::Real, ""), (Disk::Slow, "-slow")] {
        let name = |what: &str| format!("object-write{end}{what}");
        if let Some(why) = disk.missing() {
            outcomes.push(Outcome { row: name(""), unit: "requests/s", notes: vec![why], ..Outcome::default() });
            continue;
        }
        let rig = Rig::start(subjects, disk, &all, "write")?;
        let (note, promise) = (disk.note(), PROMISE.to_owned());
        let one = vec!["one object, 64 connections".to_owned(), note.clone(), promise.clone()];
        outcomes.push(rig.rate(&name(""), effort, 1, vec![Goal::PeerRatioMin(1.0)], one)?);
        let notes = vec!["64 objects, 64 connections".to_owned(), note.clone(), promise];
        let mut many = rig.rate(&name("-64"), effort, MANY, vec![Goal::PeerRatioMin(1.0)], notes)?;
        let fsync_us = many.of(Subject::Floor).and_then(|floor| floor.detail("p50")).map_or(0.0, |detail| detail.value);
        if fsync_us >= BOUND_US_MIN {
            many.goals.push(Goal::FloorRatioMin(GROUPED_MIN));
        } else {
            many.notes.push(format!("an fsync takes {fsync_us:.0} us here: it is not what writes wait for"));
        }
        outcomes.push(many);
        // One fsync and so much, in hundredths.
        let goal = Goal::Max(((fsync_us / 1e3 + WRITE_OVER_MS_MAX) * 100.0).round() / 100.0);
        outcomes.push(rig.alone(&name("-rest"), effort, AT_REST, goal)?);
    }
    Ok(outcomes)
}

/// Servers with warm objects.
struct Rig<'s> {
    subjects: &'s Subjects,
    disk: Disk,
    in_turn: &'s [Subject],
    action: &'static str,
    folders: [Folder; Subject::COUNT],
    servers: [Option<Server>; Subject::COUNT],
}

impl<'s> Rig<'s> {
    fn start(subjects: &'s Subjects, disk: Disk, in_turn: &'s [Subject], action: &'static str) -> Result<Self> {
        let folders = [Folder::new()?, Folder::new()?, Folder::new()?, Folder::new()?];
        let mut rig = Self { subjects, disk, in_turn, action, folders, servers: Default::default() };
        for subject in in_turn.iter().filter(|subject| **subject != Subject::Floor) {
            let place = *subject as usize;
            let mut server = subjects.launch_objects(*subject, &rig.folders[place], disk)?;
            server.wait("/")?;
            // Each counter has a value: it is 1.
            let values = server.ask_all(MANY, 8, |counter| format!("/write/c{counter}"))?;
            ensure!(values.iter().all(|(value, _)| *value == 1), "{} does not count", subject.name());
            rig.servers[place] = Some(server);
            rig.load(*subject, WARM_UP_SECONDS, MANY)?;
        }
        Ok(rig)
    }

    fn server(&self, subject: Subject) -> Result<&Server> {
        self.servers[subject as usize].as_ref().context("it was not started")
    }

    fn rate(&self, row: &str, effort: Effort, objects: u32, goals: Vec<Goal>, notes: Vec<String>) -> Result<Outcome> {
        let figures = interleave(row, effort.rounds, self.in_turn, |subject| {
            if subject == Subject::Floor {
                let folder = self.folders[subject as usize].path();
                return self.disk.one_fsync_each(&self.subjects.bench, folder, effort.seconds);
            }
            self.load(subject, effort.seconds, objects)
        })?;
        Ok(outcome(row, "requests/s", figures, goals, notes))
    }

    fn load(&self, subject: Subject, seconds: u32, objects: u32) -> Result<Sample> {
        let server = self.server(subject)?;
        let (mut connection, objects) = (server.connect()?, objects.to_string());
        // That it has counted is part of the figure.
        let (before, _) = server.ask(&mut connection, "/read/c0")?;
        let cpu_before = server.process.cpu()?;
        let script = folder(ROW).join("objects.lua");
        let load = wrk::run_with(server.process.address, seconds, Some(&script), &[self.action, &objects])?;
        let cpu = server.process.cpu()? - cpu_before;
        let (after, _) = server.ask(&mut server.connect()?, "/read/c0")?;
        let expected = if self.action == "write" { load.requests / objects.parse::<u64>()?.max(1) } else { 0 };
        let counted = after - before;
        ensure!(
            counted.abs_diff(expected) <= expected / 10 + u64::from(MANY),
            "c0 counted {counted}, about {expected} were expected"
        );
        Ok(Sample {
            value: load.per_second,
            p99_ms: Some(load.p99_ms),
            cpu_us: (load.requests > 0).then(|| cpu.as_secs_f64() * 1e6 / load.requests as f64),
            errors: load.errors,
            ..Sample::default()
        })
    }

    /// One client.
    fn alone(&self, row: &str, effort: Effort, pace: Pace, goal: Goal) -> Result<Outcome> {
        let servers: Vec<_> = self.in_turn.iter().copied().filter(|subject| *subject != Subject::Floor).collect();
        let time = Duration::from_secs(effort.seconds.into());
        let figures = interleave(row, effort.rounds, &servers, |subject| self.ask(self.server(subject)?, time, pace))?;
        let how = match pace {
            Pace::Warm => "one request after another".to_owned(),
            Pace::PerSecond(rate) => format!("{rate} requests/s"),
        };
        let notes = vec![format!("one client, {how}, one object"), self.disk.note()];
        Ok(outcome(row, "ms p50", figures, vec![goal], notes))
    }

    fn ask(&self, server: &Server, time: Duration, pace: Pace) -> Result<Sample> {
        let mut connection = server.connect()?;
        let path = format!("/{}/c0", self.action);
        let (began, cpu_before) = (Instant::now(), server.process.cpu()?);
        let (mut taken_ms, mut due) = (Vec::new(), began);
        while began.elapsed() < time {
            if let Pace::PerSecond(rate) = pace {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                due += Duration::from_secs_f64(1.0 / rate);
            }
            taken_ms.push(server.ask(&mut connection, &path)?.1.as_secs_f64() * 1e3);
        }
        let cpu_us = (server.process.cpu()? - cpu_before).as_secs_f64() * 1e6 / taken_ms.len() as f64;
        Ok(Sample {
            value: percentile(&taken_ms, 50),
            p99_ms: Some(percentile(&taken_ms, 99)),
            cpu_us: Some(cpu_us),
            details: vec![Detail::ms("p90", percentile(&taken_ms, 90))],
            ..Sample::default()
        })
    }
}

fn outcome(row: &str, unit: &'static str, figures: BySubject, goals: Vec<Goal>, notes: Vec<String>) -> Outcome {
    let floor = Some("one fsync each");
    Outcome { row: row.to_owned(), unit, cpu_per: "request", figures, goals, floor, notes, ..Outcome::default() }
}
