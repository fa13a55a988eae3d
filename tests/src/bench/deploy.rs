//! From an upload to the new answer, at every edge.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use skerry_tests::edges::{Control, Edge, SERVED};

use super::Effort;
use super::connection::Connection;
use super::figures::{Detail, Figures, Sample, milliseconds, percentile};
use super::goal::{Goal, Outcome};
use super::subject::Isolation;

const EDGES: usize = 8;
const DEPLOYS: u64 = 200;
/// Between two requests to one edge: what is asked takes cores from what is measured.
const ASKED_EVERY: Duration = Duration::from_millis(2);
/// A deploy that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
const WORKER: &str = "bench";

/// One edge, as clients of the worker see it.
struct Seen {
    /// The newest answer, and when it came first.
    newest: AtomicU64,
    since_us: AtomicU64,
    /// Answers that were older than one before, and requests without a good answer.
    old: AtomicU64,
    failed: AtomicU64,
}

pub(crate) fn run(effort: Effort, isolation: Isolation) -> Result<Outcome> {
    let of_isolation = ["--isolation", isolation.name()];
    let control = Control::start_with(&of_isolation).map_err(|error| error.context("the control plane does not start"))?;
    control.deploy(WORKER, "1")?;
    let api = format!("http://{}", control.address);
    let edge = |number| Edge::start_with(&api, &control.invite(&format!("edge-{number}"))?, &of_isolation);
    let edges = (0..EDGES).map(edge).collect::<Result<Vec<_>>>()?;
    for edge in &edges {
        edge.until(WORKER, "1")?;
    }
    let addresses = edges.iter().map(|edge| edge.server.address_behind(SERVED)).collect::<Result<Vec<_>>>()?;
    let deploys = effort.workers.map_or(DEPLOYS, u64::from);
    let (began, is_over) = (Instant::now(), AtomicBool::new(false));
    let seen: Vec<Seen> = addresses.iter().map(|_| Seen::new()).collect();
    let (mut first_ms, mut each_ms, mut all_ms, mut uploaded_ms) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    thread::scope(|scope| -> Result<()> {
        for (address, seen) in addresses.iter().zip(&seen) {
            scope.spawn(|| seen.ask(*address, began, &is_over));
        }
        let measured = (2..deploys + 2).try_for_each(|version| {
            let at = began.elapsed();
            control.deploy(WORKER, &version.to_string())?;
            uploaded_ms.push(milliseconds(began.elapsed().saturating_sub(at)));
            let mut taken: Vec<f64> = Vec::new();
            for seen in &seen {
                let shown = seen.wait_for(version).with_context(|| format!("version {version} is not served"))?;
                taken.push(milliseconds(shown.saturating_sub(at)));
            }
            taken.sort_by(f64::total_cmp);
            first_ms.extend(taken.first());
            all_ms.extend(taken.last());
            each_ms.extend(taken);
            Ok(())
        });
        is_over.store(true, Ordering::Relaxed);
        measured
    })?;
    let sum = |count: fn(&Seen) -> &AtomicU64| seen.iter().map(|seen| count(seen).load(Ordering::Relaxed)).sum::<u64>();
    let (old, failed) = (sum(|seen| &seen.old), sum(|seen| &seen.failed));
    let sample = Sample {
        value: percentile(&each_ms, 50),
        p99_ms: Some(percentile(&each_ms, 99)),
        errors: old + failed,
        details: vec![
            Detail::ms("upload p50", percentile(&uploaded_ms, 50)),
            Detail::ms("first edge p50", percentile(&first_ms, 50)),
            Detail::ms("all edges p50", percentile(&all_ms, 50)),
            Detail::ms("all edges p99", percentile(&all_ms, 99)),
            Detail::count("old answers after a new one", old as f64),
        ],
        ..Sample::default()
    };
    Ok(Outcome {
        row: "deploy".to_owned(),
        unit: "ms",
        cpu_per: "deploy",
        figures: [Figures::of(&[sample]), None, None, None],
        goals: vec![Goal::Max(200.0), Goal::P99Max(2_000.0), Goal::NoFailure],
        notes: vec![
            format!(
                "from the begin of an upload to the first new answer of an edge; {EDGES} edges in processes of their own, {deploys} deploys"
            ),
            "each edge is asked 500 times a second on one connection".to_owned(),
        ],
        ..Outcome::default()
    })
}

impl Seen {
    fn new() -> Self {
        Self { newest: AtomicU64::new(0), since_us: AtomicU64::new(0), old: AtomicU64::new(0), failed: AtomicU64::new(0) }
    }

    fn ask(&self, address: SocketAddr, began: Instant, is_over: &AtomicBool) {
        let host = format!("{WORKER}.workers.localhost");
        while !is_over.load(Ordering::Relaxed) {
            let Ok(mut connection) = Connection::open(address, PATIENCE) else {
                self.failed.fetch_add(1, Ordering::Relaxed);
                return;
            };
            while !is_over.load(Ordering::Relaxed) {
                let answered = connection.get(&host, "/").and_then(|(answer, _)| {
                    ensure!(answer.status == 200, "{}", answer.status);
                    Ok(answer.text().parse::<u64>()?)
                });
                let Ok(version) = answered else {
                    self.failed.fetch_add(1, Ordering::Relaxed);
                    break;
                };
                match version.cmp(&self.newest.load(Ordering::Relaxed)) {
                    std::cmp::Ordering::Greater => {
                        let at = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                        self.since_us.store(at, Ordering::Relaxed);
                        self.newest.store(version, Ordering::Release);
                    }
                    std::cmp::Ordering::Less => drop(self.old.fetch_add(1, Ordering::Relaxed)),
                    std::cmp::Ordering::Equal => {}
                }
                thread::sleep(ASKED_EVERY);
            }
        }
    }

    /// When the version was answered first.
    fn wait_for(&self, version: u64) -> Result<Duration> {
        let deadline = Instant::now() + PATIENCE;
        while self.newest.load(Ordering::Acquire) < version {
            if Instant::now() > deadline {
                return Err(anyhow!("{} is answered after {PATIENCE:?}", self.newest.load(Ordering::Relaxed)));
            }
            thread::sleep(Duration::from_micros(500));
        }
        Ok(Duration::from_micros(self.since_us.load(Ordering::Relaxed)))
    }
}
