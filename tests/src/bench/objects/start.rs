//! A node that is started again where objects were active.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::super::Effort;
use super::super::figures::{Detail, Sample, interleave_parts, milliseconds, percentile};
use super::super::goal::{Goal, Outcome};
use super::super::subject::{Subject, Subjects};
use super::{Disk, Folder};

const OBJECTS: u32 = 10_000;
/// One in so many has set an alarm.
const WITH_ALARM: u32 = 10;
const CONNECTIONS: u32 = 64;
const START_MS_MAX: f64 = 2_000.0;
/// Asked when the node is there again, one after another.
const ASKED: u32 = 200;
/// Making the objects takes far longer than a start.
const ROUNDS_MAX: u32 = 3;
const END_MAX: Duration = Duration::from_secs(60);

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let count = effort.workers.unwrap_or(OBJECTS);
    let rounds = effort.rounds.min(ROUNDS_MAX);
    let folder = Folder::new()?;
    let mut written = 0;
    let parts = interleave_parts("object-start", rounds, &[Subject::Ours], |subject| {
        let mut samples = Vec::new();
        for is_killed in [true, false] {
            let mut server = subjects.launch_objects(subject, &folder, Disk::Real)?;
            server.wait("/")?;
            let began = Instant::now();
            let action = |counter| if counter % WITH_ALARM == 0 { "alarm" } else { "write" };
            server.ask_all(count, CONNECTIONS, |counter| format!("/{}/c{counter}", action(counter)))?;
            written += 1;
            let made = began.elapsed();
            let ended = if is_killed { server.process.kill()? } else { server.process.terminate(END_MAX)? };
            let mut server = subjects.launch_objects(subject, &folder, Disk::Real)?;
            let taken = server.wait(&format!("/read/c{}", count / 2))?;
            let mut connection = server.connect()?;
            let mut first_ms = Vec::new();
            for place in 0..ASKED.min(count) {
                let counter = place * (count / ASKED.min(count));
                let (value, taken) = server.ask(&mut connection, &format!("/read/c{counter}"))?;
                ensure!(value == written, "c{counter} has {value}, {written} were confirmed");
                first_ms.push(milliseconds(taken));
            }
            samples.push(Some(Sample {
                value: milliseconds(taken),
                p99_ms: None,
                resident: Some(server.process.resident()?),
                details: vec![
                    Detail::ms("first answers of others p50", percentile(&first_ms, 50)),
                    Detail::ms("p99 of these", percentile(&first_ms, 99)),
                    Detail::ms("the node before ended within", milliseconds(ended)),
                    Detail { name: "objects asked before", unit: "/s", value: f64::from(count) / made.as_secs_f64() },
                ],
                ..Sample::default()
            }));
        }
        let [killed, ended] = samples.try_into().unwrap_or([None, None]);
        Ok([killed, ended])
    })?;
    let rows = [("object-start-killed", "kill -9"), ("object-start", "SIGTERM, which closes all objects")];
    let outcome = |(figures, (row, how)): (_, (&str, &str))| Outcome {
        row: row.to_owned(),
        unit: "ms",
        cpu_per: "start",
        figures,
        goals: vec![Goal::Max(START_MS_MAX)],
        notes: vec![format!(
            "from process start to the first answer of an object; {count} objects were active, one in {WITH_ALARM} with an alarm, when the \
            node was ended with {how}; workerd is not measured"
        )],
        ..Outcome::default()
    };
    Ok(parts.into_iter().zip(rows).map(outcome).collect())
}
