//! The first request to a worker, over what another takes.

use std::fmt::Write;
use std::ops::Range;
use std::sync::Barrier;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Effort;
use super::figures::{Detail, Sample, interleave_parts, milliseconds, percentile};
use super::fleet::{Fleet, FleetSetup, UNBOUNDED_MB, Visit, small_script};
use super::goal::{Goal, Outcome};
use super::subject::{Subject, Subjects};

/// In which a node fills its pool again.
const PAUSE: Duration = Duration::from_millis(30);
/// Of the large script, as bundles have them.
const LARGE_BYTES: usize = 1_000_000;

struct Cold {
    row: &'static str,
    script: String,
    /// Visited one after another by a server that has time between.
    workers: u32,
    /// Visited one after another where no isolate is ever ready.
    without_pool: u32,
    /// Visited all at once where none is.
    burst: u32,
    /// With what the node's life before has compiled.
    cached: bool,
    goals: [Vec<Goal>; 3],
}

pub(crate) fn small(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let workers = effort.workers.unwrap_or(150);
    let with_pool = vec![Goal::Max(0.5), Goal::P99Max(2.0), Goal::PeerRatioMax(0.125)];
    let goals = [with_pool, vec![Goal::Max(6.0)], vec![Goal::Max(6.0)]];
    let script = small_script()?;
    run(
        subjects,
        effort,
        &Cold { row: "cold-small", script, workers, without_pool: (workers / 3).max(1), burst: 50, cached: false, goals },
    )
}

pub(crate) fn large(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let workers = effort.workers.unwrap_or(30);
    let goals = [vec![Goal::Max(4.0)], Vec::new(), Vec::new()];
    let script = large_script()?;
    run(
        subjects,
        effort,
        &Cold { row: "cold-large", script, workers, without_pool: (workers / 3).max(1), burst: 20, cached: true, goals },
    )
}

fn run(subjects: &Subjects, effort: Effort, cold: &Cold) -> Result<Vec<Outcome>> {
    let both = [Subject::Ours, Subject::Peer];
    let parts = interleave_parts(cold.row, effort.rounds, &both, |subject| cold.measure(subjects, subject))?;
    let in_order = format!("each in a new process: {} workers one after another, {PAUSE:?} apart", cold.workers);
    let without =
        format!("{} workers one after another where no isolate is kept ready; workerd never keeps any", cold.without_pool);
    let burst = format!("{} workers at once where no isolate is kept ready", cold.burst);
    let rows = [("", in_order), ("-no-pool", without), ("-burst", burst)];
    let outcomes = parts.into_iter().zip(rows).zip(&cold.goals);
    let outcome = |((figures, (suffix, note)), goals): ((_, (&str, String)), &Vec<Goal>)| Outcome {
        row: format!("{}{suffix}", cold.row),
        unit: "ms over warm",
        cpu_per: "cold start",
        figures,
        goals: goals.clone(),
        notes: vec![format!(
            "{} KB a worker; {note}{}",
            cold.script.len() / 1_000,
            if cold.cached { "; skerry has compiled them in its life before" } else { "" }
        )],
        ..Outcome::default()
    };
    Ok(outcomes.map(outcome).collect())
}

impl Cold {
    fn measure(&self, subjects: &Subjects, subject: Subject) -> Result<[Option<Sample>; 3]> {
        let setup = FleetSetup {
            script: self.script.clone(),
            unvisited: self.workers,
            pool: None,
            idle_seconds: 300,
            memory_mb: UNBOUNDED_MB,
            cached: self.cached,
        };
        let with_pool = visit_slowly(&mut subjects.launch_fleet(subject, &setup)?, self.workers)?;
        let (unvisited, pool) = (self.without_pool + self.burst, Some(0..0));
        let mut fleet = subjects.launch_fleet(subject, &FleetSetup { unvisited, pool, ..setup })?;
        let without_pool = match subject {
            Subject::Ours => Some(visit_slowly(&mut fleet, self.without_pool)?),
            _ => None,
        };
        let burst = self.at_once(&mut fleet)?;
        Ok([Some(with_pool), without_pool, Some(burst)])
    }

    fn at_once(&self, fleet: &mut Fleet) -> Result<Sample> {
        let workers = fleet.take(self.burst)?;
        let fleet: &Fleet = fleet;
        let mut connections = workers.clone().map(|_| fleet.connect()).collect::<Result<Vec<_>>>()?;
        let together = Barrier::new(connections.len());
        let cpu_before = fleet.process.cpu()?;
        let cold: Vec<Duration> = std::thread::scope(|scope| {
            let visit = |(connection, worker)| {
                together.wait();
                fleet.ask(connection, worker)
            };
            let clients: Vec<_> =
                connections.iter_mut().zip(workers.clone()).map(|pair| scope.spawn(move || visit(pair))).collect();
            let answered = clients.into_iter().map(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")));
            answered.collect::<Result<_>>()
        })?;
        let cpu = fleet.process.cpu()? - cpu_before;
        let warm = connections.iter_mut().zip(workers).map(|(connection, worker)| Ok(fleet.visit(connection, worker)?.warm_ms));
        let warm = warm.collect::<Result<Vec<_>>>()?;
        let visits: Vec<_> =
            cold.iter().zip(warm).map(|(cold, warm_ms)| Visit { cold_ms: milliseconds(*cold), warm_ms }).collect();
        Ok(sample(&visits, cpu))
    }
}

/// Visits workers one after another.
pub(crate) fn visit_slowly(fleet: &mut Fleet, count: u32) -> Result<Sample> {
    let workers = fleet.take(count)?;
    visit_again(fleet, workers)
}

/// The same with workers that were visited before, and have no isolate any more.
pub(crate) fn visit_again(fleet: &Fleet, workers: Range<u32>) -> Result<Sample> {
    let mut connection = fleet.connect()?;
    let cpu_before = fleet.process.cpu()?;
    let visit = |worker| {
        std::thread::sleep(PAUSE);
        fleet.visit(&mut connection, worker)
    };
    let visits = workers.map(visit).collect::<Result<Vec<_>>>()?;
    Ok(sample(&visits, fleet.process.cpu()? - cpu_before))
}

fn sample(visits: &[Visit], cpu: Duration) -> Sample {
    let over: Vec<_> = visits.iter().map(|visit| visit.cold_ms - visit.warm_ms).collect();
    let cold: Vec<_> = visits.iter().map(|visit| visit.cold_ms).collect();
    let warm: Vec<_> = visits.iter().map(|visit| visit.warm_ms).collect();
    Sample {
        value: percentile(&over, 50),
        p99_ms: Some(percentile(&over, 99)),
        cpu_us: Some(cpu.as_secs_f64() * 1e6 / visits.len() as f64),
        details: vec![
            Detail::ms("cold p50", percentile(&cold, 50)),
            Detail::ms("cold p99", percentile(&cold, 99)),
            Detail::ms("warm p50", percentile(&warm, 50)),
            Detail::ms("warm p99", percentile(&warm, 99)),
        ],
        ..Sample::default()
    }
}

/// A bundle of many modules' functions, of which a request calls some.
fn large_script() -> Result<String> {
    let mut script = String::from("const NAME = \"@ID@\";\nconst registry = [];\n");
    let mut count = 0;
    while script.len() < LARGE_BYTES {
        write!(
            script,
            r#"
function describe{count}(record, options = {{}}) {{
  const {{ limit = {limit}, separator = ", ", locale = "en-GB" }} = options;
  const parts = [];
  for (const [key, value] of Object.entries(record)) {{
    if (value === undefined || parts.length >= limit) continue;
    parts.push(`${{key}}=${{typeof value === "object" ? JSON.stringify(value) : value}}`);
  }}
  if (parts.length === 0) throw new TypeError("record {count} is empty");
  return {{ id: {count}, locale, text: parts.sort().join(separator), weight: parts.length * {weight} }};
}}
class Handler{count} {{
  #seen = new Map();
  handle(record) {{
    const known = this.#seen.get(record.id) ?? describe{count}(record, {{ limit: {limit} }});
    this.#seen.set(record.id, known);
    return known.weight + {count};
  }}
}}
registry.push(Handler{count});
"#,
            limit = count % 7 + 3,
            weight = count % 11 + 1,
        )?;
        count += 1;
    }
    write!(
        script,
        r#"
export default {{
  fetch(request) {{
    let sum = 0;
    for (let index = 0; index < {count}; index += {step}) {{
      sum += new registry[index]().handle({{ id: index, url: request.url }});
    }}
    if (sum === 0) throw new Error("nothing was handled");
    return new Response(`hello from ${{NAME}}`);
  }},
}};
"#,
        step = count / 20,
    )?;
    Ok(script)
}
