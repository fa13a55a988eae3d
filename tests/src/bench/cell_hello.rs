//! What it costs that an isolate is in a cell.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use skerry_tests::server::PATIENCE;

use super::Effort;
use super::connection::Connection;
use super::figures::{Detail, Sample, interleave, percentile};
use super::floor::Service;
use super::goal::{Goal, Outcome};
use super::load;
use super::process::{Process, Request};
use super::subject::{Setup, Subject, Subjects};

/// Low load: whoever answers has slept before.
const PER_SECOND: f64 = 200.0;
/// Before it is measured.
const WARM_UP: Duration = Duration::from_secs(1);
const OVER_US_MAX: f64 = 50.0;
const IN_TURN: [Subject; 3] = [Subject::Ours, Subject::Threads, Subject::Floor];

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    Ok(vec![load::cell_hello(subjects, effort)?, at_rest(subjects, effort)?])
}

fn at_rest(subjects: &Subjects, effort: Effort) -> Result<Outcome> {
    const ROW: &str = "cell-hello-rest";
    let setup = Setup { folder: "warm-hello", floor: Service::Hello, origin: None };
    let mut servers: [Option<Process>; Subject::COUNT] = Default::default();
    for subject in IN_TURN {
        let mut server = subjects.launch(subject, setup)?;
        server.wait_for_answer(&Request::get("/")).with_context(|| format!("{ROW}: {}", subject.name()))?;
        ask(&server, WARM_UP)?;
        servers[subject as usize] = Some(server);
    }
    let time = Duration::from_secs(effort.seconds.into());
    let figures = interleave(ROW, effort.rounds, &IN_TURN, |subject| {
        ask(servers[subject as usize].as_ref().context("it was not started")?, time)
    })?;
    Ok(Outcome {
        row: ROW.to_owned(),
        unit: "us p50",
        cpu_per: "request",
        figures,
        goals: vec![Goal::OverThreadsMax(OVER_US_MAX)],
        notes: vec![format!("one connection, {PER_SECOND} requests/s")],
        ..Outcome::default()
    })
}

fn ask(server: &Process, time: Duration) -> Result<Sample> {
    let mut connection = Connection::open(server.address, PATIENCE)?;
    let (began, cpu_before) = (Instant::now(), server.cpu()?);
    let mut taken_us = Vec::new();
    let mut due = began;
    while began.elapsed() < time {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let (answer, taken) = connection.get("localhost", "/")?;
        ensure!(answer.status == 200 && answer.body == b"hello", "the answer is not the expected one: {}", answer.text());
        taken_us.push(taken.as_secs_f64() * 1e6);
        due += Duration::from_secs_f64(1.0 / PER_SECOND);
    }
    let cpu_us = (server.cpu()? - cpu_before).as_secs_f64() * 1e6 / taken_us.len() as f64;
    Ok(Sample {
        value: percentile(&taken_us, 50),
        p99_ms: Some(percentile(&taken_us, 99) / 1e3),
        cpu_us: Some(cpu_us),
        details: vec![Detail::us("p90", percentile(&taken_us, 90)), Detail::us("p99", percentile(&taken_us, 99))],
        ..Sample::default()
    })
}
