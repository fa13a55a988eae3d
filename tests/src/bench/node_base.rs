//! What Node's modules cost a worker that imports them, and one that does not.

use std::time::Duration;

use anyhow::Result;

use super::Effort;
use super::cold::visit_slowly;
use super::density::Held;
use super::figures::{Sample, interleave_parts};
use super::fleet::{FleetSetup, UNBOUNDED_MB, small_script};
use super::goal::{Goal, Outcome};
use super::subject::{Subject, Subjects};

/// Before memory is read.
const SETTLE: Duration = Duration::from_secs(1);

/// All that are there, but for the undocumented ones.
const MODULES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "console",
    "diagnostics_channel",
    "events",
    "module",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "timers",
    "timers/promises",
    "url",
    "util",
    "util/types",
];

/// Cold start and memory of a worker that imports none, `node:buffer`, and all.
const PARTS: usize = 6;

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let count = effort.workers.unwrap_or(50);
    let both = [Subject::Ours, Subject::Peer];
    let parts = interleave_parts("node-base", effort.rounds, &both, |subject| measure(subjects, subject, count))?;
    let kinds = [("none", "no module"), ("buffer", "node:buffer"), ("all", "all of Node's modules that skerry has")];
    let rows = kinds.into_iter().flat_map(|kind| [(kind, "start"), (kind, "memory")]);
    let outcome = |(figures, ((name, what), measured)): (_, ((&str, &str), &str))| Outcome {
        row: format!("node-base-{name}{}", if measured == "memory" { "-memory" } else { "" }),
        unit: if measured == "memory" { "KiB each" } else { "ms over warm" },
        cpu_per: "cold start",
        figures,
        goals: vec![Goal::PeerRatioMax(1.0)],
        notes: vec![format!("{count} workers one after another, each asked four times, which import {what}")],
        ..Outcome::default()
    };
    Ok(parts.into_iter().zip(rows).map(outcome).collect())
}

fn measure(subjects: &Subjects, subject: Subject, count: u32) -> Result<[Option<Sample>; PARTS]> {
    let importing = |names: &[&str]| names.iter().map(|name| format!("import \"node:{name}\";\n")).collect::<String>();
    let mut samples = Vec::new();
    for imports in [String::new(), importing(&["buffer"]), importing(MODULES)] {
        let setup = FleetSetup {
            script: format!("{imports}{}", small_script()?),
            unvisited: count,
            pool: None,
            idle_seconds: 300,
            memory_mb: UNBOUNDED_MB,
            cached: false,
        };
        let mut fleet = subjects.launch_fleet(subject, &setup)?;
        std::thread::sleep(SETTLE);
        let before = Held::read(&fleet)?;
        samples.push(Some(visit_slowly(&mut fleet, count)?));
        std::thread::sleep(SETTLE);
        samples.push(Some(Held::read(&fleet)?.since(&before, count)));
    }
    Ok(std::array::from_fn(|part| samples[part].take()))
}
