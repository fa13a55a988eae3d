//! The rows that wrk drives.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Effort;
use super::figures::{Detail, Sample, interleave};
use super::floor::{Service, accept_order};
use super::goal::{Goal, Outcome};
use super::process::{Process, Request};
use super::subject::{Setup, Subject, Subjects, folder};
use super::wrk;

/// Long enough for the optimising compiler to have seen the worker.
const WARM_UP_SECONDS: u32 = 3;

/// Whether a body is the right answer.
type Check = Box<dyn Fn(&[u8]) -> bool>;

/// What wrk asks, and the answer without which a figure means nothing.
struct Drive {
    request: Request,
    is_right: Check,
    script: Option<PathBuf>,
}

pub(crate) fn warm_hello(subjects: &Subjects, effort: Effort) -> Result<Outcome> {
    let setup = Setup { folder: "warm-hello", floor: Service::Hello, origin: None };
    let drive = Drive { request: Request::get("/"), is_right: Box::new(|answer| answer == b"hello"), script: None };
    run(subjects, effort, setup, &drive, vec![Goal::PeerRatioMin(4.0), Goal::FloorRatioMin(0.6)])
}

pub(crate) fn warm_json(subjects: &Subjects, effort: Effort) -> Result<Outcome> {
    let setup = Setup { folder: "warm-json", floor: Service::Json, origin: None };
    let folder = folder(setup.folder);
    let body = std::fs::read(folder.join("body.json")).context("cannot read warm-json/body.json")?;
    let expected = accept_order(serde_json::from_slice(&body)?)?;
    let drive = Drive {
        request: Request { method: "POST", body, ..Request::get("/") },
        is_right: Box::new(move |answer| serde_json::from_slice::<Value>(answer).is_ok_and(|answer| answer == expected)),
        script: Some(folder.join("post.lua")),
    };
    run(subjects, effort, setup, &drive, vec![Goal::PeerRatioMin(3.0)])
}

/// The same worker in a cell, beside a thread.
pub(crate) fn cell_hello(subjects: &Subjects, effort: Effort) -> Result<Outcome> {
    const IN_TURN: [Subject; Subject::COUNT] = [Subject::Ours, Subject::Threads, Subject::Peer, Subject::Floor];
    let setup = Setup { folder: "warm-hello", floor: Service::Hello, origin: None };
    let drive = Drive { request: Request::get("/"), is_right: Box::new(|answer| answer == b"hello"), script: None };
    drive_all(subjects, effort, ("cell-hello", &IN_TURN), setup, &drive, vec![Goal::PeerRatioMin(2.5)])
}

fn run(subjects: &Subjects, effort: Effort, setup: Setup, drive: &Drive, goals: Vec<Goal>) -> Result<Outcome> {
    drive_all(subjects, effort, (setup.folder, &Subject::ALL), setup, drive, goals)
}

fn drive_all(
    subjects: &Subjects,
    effort: Effort,
    (row, in_turn): (&str, &[Subject]),
    setup: Setup,
    drive: &Drive,
    goals: Vec<Goal>,
) -> Result<Outcome> {
    let mut servers: [Option<Process>; Subject::COUNT] = Default::default();
    for subject in in_turn {
        let server = start(subjects, *subject, setup, drive);
        servers[*subject as usize] = Some(server.with_context(|| format!("{row}: {}", subject.name()))?);
    }
    let script = drive.script.as_deref();
    let figures = interleave(row, effort.rounds, in_turn, |subject| {
        let server = servers[subject as usize].as_ref().context("it was not started")?;
        load(server, effort.seconds, script)
    })?;
    Ok(Outcome { row: row.to_owned(), unit: "requests/s", cpu_per: "request", figures, goals, ..Outcome::default() })
}

fn start(subjects: &Subjects, subject: Subject, setup: Setup, drive: &Drive) -> Result<Process> {
    let mut server = subjects.launch(subject, setup)?;
    server.wait_for_answer(&drive.request)?;
    let answer = drive.request.send(server.address)?;
    ensure!((drive.is_right)(&answer.body), "the answer is not the expected one: {}", answer.text());
    wrk::run(server.address, WARM_UP_SECONDS, drive.script.as_deref())?;
    Ok(server)
}

fn load(server: &Process, seconds: u32, script: Option<&Path>) -> Result<Sample> {
    let (front_before, cells_before) = server.cpu_apart()?;
    let load = wrk::run(server.address, seconds, script)?;
    let (front, cells) = server.cpu_apart()?;
    let (front, cells) = (front - front_before, cells.saturating_sub(cells_before));
    // A server that answers nothing would have used no time per request.
    let each_us = |cpu: Duration| (load.requests > 0).then(|| cpu.as_secs_f64() * 1e6 / load.requests as f64);
    let of_cells = if cells.is_zero() { None } else { each_us(cells) };
    Ok(Sample {
        value: load.per_second,
        p99_ms: Some(load.p99_ms),
        cpu_us: each_us(front + cells),
        errors: load.errors,
        details: of_cells.map(|each| Detail::us("of the CPU time in cells", each)).into_iter().collect(),
        ..Sample::default()
    })
}
