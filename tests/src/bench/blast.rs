//! Twenty tenants at half their load in a few cells, while others end or hang the cells they are in, one after another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::Effort;
use super::connection::Connection;
use super::figures::{Detail, Sample, interleave, milliseconds, percentile};
use super::goal::{Goal, Outcome};
use super::neighbour::computing;
use super::subject::{Isolation, Subject, Subjects};
use super::tenants::{IsolateName, Tenants, TenantsSetup};

const TENANTS: u32 = 20;
/// Who has ended a cell gets one of its own: each of these does it once.
const ATTACKERS: u32 = 40;
const CELLS: u32 = 3;
/// Of what the tenants are answered at most.
const LOAD_SHARE: f64 = 0.5;
const SETTLE: Duration = Duration::from_secs(1);
const WARM_UP: Duration = Duration::from_secs(1);
/// From what comes of one blast to the next.
const PAUSE: Duration = Duration::from_secs(1);
const BLASTS_MIN: usize = 2;
/// Those that abort do it within their limit.
const CPU_MS: u32 = 10_000;
const HANG_CPU_MS: u32 = 50;
const BACK_MS_MAX: f64 = 250.0;

struct Variant {
    row: &'static str,
    path: &'static str,
    cpu_ms: u32,
    note: &'static str,
}

/// One request of a tenant, in ms since the clients began.
struct Request {
    done_ms: f64,
    /// From when it was due if one before it was not answered by then.
    taken_ms: f64,
    /// None if it failed.
    isolate: Option<IsolateName>,
}

/// What is seen of all blasts.
#[derive(Default)]
struct Seen {
    others_ms: Vec<f64>,
    others_failed: u64,
    /// From the last answer of the isolate that ended to the first of the one in its place, by tenant and blast.
    back_ms: Vec<f64>,
    same_failed: u64,
}

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let variants = [
        Variant { row: "blast-fault", path: "/fault", cpu_ms: CPU_MS, note: "a write to no memory (SIGSEGV)" },
        Variant { row: "blast-abort", path: "/abort", cpu_ms: CPU_MS, note: "a text of 262 MB is split: V8 ends the process" },
        Variant { row: "blast-hang", path: "/hang", cpu_ms: HANG_CPU_MS, note: "an endless native loop" },
    ];
    variants.into_iter().map(|variant| variant.run(subjects, effort)).collect()
}

impl Variant {
    fn run(&self, subjects: &Subjects, effort: Effort) -> Result<Outcome> {
        let time = Duration::from_secs(effort.seconds.into());
        let figures = interleave(self.row, effort.rounds, &[Subject::Ours], |_| self.measure(subjects, time))?;
        Ok(Outcome {
            row: self.row.to_owned(),
            unit: "p99 x alone",
            cpu_per: "request",
            figures,
            goals: vec![Goal::NoFailure, Goal::Max(3.0), Goal::DetailMax("same cell back", BACK_MS_MAX)],
            notes: vec![
                format!(
                    "{TENANTS} tenants at half their load in {CELLS} cells; {}, {PAUSE:?} after the one before; p99 of tenants of other cells, whose failed requests count",
                    self.note
                ),
                "same cell back: the longest time in which a tenant of a cell that ended was not answered".to_owned(),
                "crowded: a thread of the bench computes, and no cell ends".to_owned(),
            ],
            ..Outcome::default()
        })
    }

    fn measure(&self, subjects: &Subjects, time: Duration) -> Result<Sample> {
        let setup = TenantsSetup {
            isolation: Isolation::Cells,
            tenants: TENANTS + ATTACKERS,
            cells: Some(CELLS),
            spare: 1,
            pool: None,
            cpu_ms: self.cpu_ms,
            log_level: "error",
        };
        let mut node = subjects.launch_tenants(&setup)?;
        node.wait_for_answer()?;
        // Tenants that come before the other cells are ready would all be in the first.
        std::thread::sleep(SETTLE);
        ask_while(&node, None, || pause(WARM_UP))?;
        let (most, ()) = ask_while(&node, None, || pause(WARM_UP))?;
        let per_second = count(&most) as f64 / WARM_UP.as_secs_f64() * LOAD_SHARE;
        let (alone, ()) = ask_while(&node, Some(per_second), || pause(time))?;
        let (crowded, ()) = ask_while(&node, Some(per_second), || computing(1, || pause(time)))?;
        let cpu_before = node.process.cpu()?;
        let (blasted, blasts) = ask_while(&node, Some(per_second), || self.blast(&node, time))?;
        let cpu_us = (node.process.cpu()? - cpu_before).as_secs_f64() * 1e6 / count(&blasted) as f64;
        let mut seen = Seen::default();
        for (index, from) in blasts.iter().enumerate() {
            let until = blasts.get(index + 1).copied().unwrap_or(f64::INFINITY);
            blasted.iter().for_each(|tenant| seen.note(tenant, *from, until));
        }
        ensure!(!seen.back_ms.is_empty(), "no tenant has another isolate than before: none was in a cell that ended");
        let p99 = |requests: &[Vec<Request>]| percentile(&latencies(requests), 99);
        let failed =
            |requests: &[Vec<Request>]| requests.iter().flatten().filter(|request| request.isolate.is_none()).count() as u64;
        Ok(Sample {
            value: percentile(&seen.others_ms, 99) / p99(&alone),
            p99_ms: Some(percentile(&seen.others_ms, 99)),
            cpu_us: Some(cpu_us),
            errors: seen.others_failed + failed(&alone) + failed(&crowded),
            resident: None,
            details: vec![
                Detail::count("requests/s asked", per_second),
                Detail::count("blasts", blasts.len() as f64),
                Detail::ms("alone p50", percentile(&latencies(&alone), 50)),
                Detail::ms("alone p99", p99(&alone)),
                Detail::ms("crowded p99", p99(&crowded)),
                Detail::ms("others p50", percentile(&seen.others_ms, 50)),
                Detail::ms("others worst", percentile(&seen.others_ms, 100)),
                Detail::count("tenants of cells that ended", seen.back_ms.len() as f64),
                Detail::ms("same cell back", percentile(&seen.back_ms, 100)),
                Detail::ms("same cell back p50", percentile(&seen.back_ms, 50)),
                Detail::count("same cell failed", seen.same_failed as f64),
            ],
        })
    }

    /// One attacker after another, for the time. When each began, in ms.
    fn blast(&self, node: &Tenants, time: Duration) -> Result<Vec<f64>> {
        let began = Instant::now();
        let mut blasts = Vec::new();
        for attacker in TENANTS..TENANTS + ATTACKERS {
            if blasts.len() >= BLASTS_MIN && began.elapsed() >= time {
                break;
            }
            // It has its isolate among those of others.
            node.ask(&mut node.connect()?, attacker)?;
            blasts.push(milliseconds(began.elapsed()));
            node.blast(attacker, self.path)?;
            std::thread::sleep(PAUSE);
        }
        Ok(blasts)
    }
}

impl Seen {
    /// What a tenant saw from one blast to the next.
    fn note(&mut self, requests: &[Request], from_ms: f64, until_ms: f64) {
        let is_before = |request: &&Request| request.done_ms < from_ms;
        let mut last = requests.iter().take_while(is_before).filter(|request| request.isolate.is_some()).last();
        let had = last.and_then(|last| last.isolate);
        let within: Vec<_> = requests.iter().skip_while(is_before).take_while(|request| request.done_ms < until_ms).collect();
        let failed = within.iter().filter(|request| request.isolate.is_none()).count() as u64;
        for request in within.iter().filter(|request| request.isolate.is_some()) {
            if request.isolate != had {
                self.back_ms.push(request.done_ms - last.map_or(from_ms, |last| last.done_ms));
                self.same_failed += failed;
                return;
            }
            last = Some(request);
        }
        self.others_failed += failed;
        self.others_ms.extend(within.iter().map(|request| request.taken_ms));
    }
}

fn pause(time: Duration) -> Result<()> {
    std::thread::sleep(time);
    Ok(())
}

fn count(requests: &[Vec<Request>]) -> usize {
    requests.iter().map(Vec::len).sum()
}

fn latencies(requests: &[Vec<Request>]) -> Vec<f64> {
    requests.iter().flatten().map(|request| request.taken_ms).collect()
}

/// Each tenant has a client with a connection, which asks so many times a second or as often as it can, for as long as `work` takes.
fn ask_while<T>(node: &Tenants, per_second: Option<f64>, work: impl FnOnce() -> Result<T>) -> Result<(Vec<Vec<Request>>, T)> {
    let (began, is_over) = (Instant::now(), AtomicBool::new(false));
    let period = per_second.map(|per_second| Duration::from_secs_f64(f64::from(TENANTS) / per_second));
    std::thread::scope(|scope| {
        let client = |tenant: u32| {
            let is_over = &is_over;
            let first_due = began + period.unwrap_or_default() * tenant / TENANTS;
            scope.spawn(move || ask(node, tenant, (began, first_due), period, is_over))
        };
        let clients: Vec<_> = (0..TENANTS).map(client).collect();
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        let seen = clients.into_iter().map(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")));
        Ok((seen.collect::<Result<_>>()?, done?))
    })
}

fn ask(
    node: &Tenants,
    tenant: u32,
    (began, first_due): (Instant, Instant),
    period: Option<Duration>,
    is_over: &AtomicBool,
) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    let mut connection: Option<Connection> = None;
    let mut due = first_due;
    while !is_over.load(Ordering::Relaxed) {
        let wait = due.saturating_duration_since(Instant::now());
        std::thread::sleep(wait);
        // That this thread woke up late is not the server's doing, that it could not ask earlier is.
        let since = if wait.is_zero() && period.is_some() { due } else { Instant::now() };
        let mut usable = match connection.take() {
            Some(connection) => connection,
            None => node.connect()?,
        };
        let answered = node.ask(&mut usable, tenant);
        let isolate = answered.ok().map(|(isolate, _)| isolate);
        if isolate.is_some() {
            connection = Some(usable);
        }
        requests.push(Request { done_ms: milliseconds(began.elapsed()), taken_ms: milliseconds(since.elapsed()), isolate });
        due = period.map_or_else(Instant::now, |period| due + period);
    }
    Ok(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(done_ms: f64, isolate: Option<IsolateName>) -> Request {
        Request { done_ms, taken_ms: 1.0, isolate }
    }

    #[test]
    fn who_has_a_new_isolate_was_in_the_cell() {
        let mut seen = Seen::default();
        let moved =
            [request(5.0, Some(1)), request(12.0, Some(1)), request(20.0, None), request(52.0, Some(2)), request(60.0, None)];
        let stayed = [request(5.0, Some(3)), request(15.0, Some(3)), request(16.0, None), request(70.0, Some(4))];
        for tenant in [&moved[..], &stayed] {
            seen.note(tenant, 10.0, 65.0);
        }
        assert_eq!((seen.back_ms, seen.same_failed), (vec![40.0], 2));
        assert_eq!((seen.others_ms.len(), seen.others_failed), (2, 1));
    }
}
