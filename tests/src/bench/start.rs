use anyhow::{Context, Result};

use super::Effort;
use super::figures::{Sample, interleave, milliseconds};
use super::floor::Service;
use super::goal::{Goal, Outcome};
use super::process::Request;
use super::subject::{Setup, Subject, Subjects};

/// A start takes a moment only: fewer would leave the median to chance.
const ROUNDS_MIN: u32 = 15;

/// From the launch of the process to its first answer.
pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Outcome> {
    let setup = Setup { folder: "warm-hello", floor: Service::Hello, origin: None };
    let measure = |subject: Subject| {
        let mut server = subjects.launch(subject, setup)?;
        let taken = server.wait_for_answer(&Request::get("/"))?;
        let resident = Some(server.resident()?);
        // The kernel counts processor time in steps of 10 ms: too coarse for a start.
        Ok(Sample { value: milliseconds(taken), resident, ..Sample::default() })
    };
    // Brings the programs' files into memory: what is measured is the process, not the disk.
    for subject in Subject::ALL {
        measure(subject).with_context(|| format!("start: {}", subject.name()))?;
    }
    let figures = interleave("start", effort.rounds.max(ROUNDS_MIN), &Subject::ALL, measure)?;
    Ok(Outcome {
        row: "start".to_owned(),
        unit: "ms",
        cpu_per: "start",
        figures,
        goals: vec![Goal::Max(150.0)],
        ..Outcome::default()
    })
}
