//! A hot worker at half its load, alone and while another tenant computes to its limit in every request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::Effort;
use super::connection::Connection;
use super::figures::{Detail, Sample, interleave_parts};
use super::fleet::{Fleet, FleetSetup, UNBOUNDED_MB, ask_for_loop, small_script};
use super::goal::{Goal, Outcome};
use super::paced::{Seen, ask_hot};
use super::subject::{Subject, Subjects};

/// Of what the hot worker answers at most.
const LOAD_SHARE: f64 = 0.5;
/// Of a round's seconds, for each of its five measurements.
const WINDOW_SHARE: f64 = 0.3;
/// In which the attack gets going before it is measured.
const RUN_UP: Duration = Duration::from_millis(200);
/// Without an answer for so long, the hot worker is taken to wait without end.
const UNBOUNDED: Duration = Duration::from_secs(10);
/// The same once a server has been seen to let it wait for that long.
const UNBOUNDED_AGAIN: Duration = Duration::from_secs(2);
/// Clients of the attacker, by part of the row; each asks a worker of its own.
const ATTACKERS: [u32; 2] = [1, 2];

/// A server under measurement; one that hangs is replaced.
struct Hot {
    fleet: Fleet,
    per_second: f64,
}

/// Clients that ask for what never ends, one request after another.
struct Attack {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Result<u64>>>,
}

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let mut servers: [Option<Hot>; Subject::COUNT] = Default::default();
    let mut is_unbounded = [false; Subject::COUNT];
    let window = Duration::from_secs(effort.seconds.into()).mul_f64(WINDOW_SHARE);
    let measure = |subject: Subject| {
        let place = subject as usize;
        let hot = match servers[place].take() {
            Some(hot) => hot,
            None => Hot::launch(subjects, subject)?,
        };
        let patience = if is_unbounded[place] { UNBOUNDED_AGAIN } else { UNBOUNDED };
        let samples = hot.measure(window, patience)?;
        if samples.iter().flatten().any(|sample| sample.value.is_infinite()) {
            is_unbounded[place] = true;
        } else {
            servers[place] = Some(hot);
        }
        Ok(samples)
    };
    let parts = interleave_parts("neighbour", effort.rounds, &[Subject::Ours, Subject::Peer], measure)?;
    let unbounded = format!(
        "unbounded: the hot worker got no answer for {UNBOUNDED:?} ({UNBOUNDED_AGAIN:?} in later rounds); workerd limits no CPU time"
    );
    let outcome = |((figures, attackers), goals): ((_, u32), Vec<Goal>)| Outcome {
        row: if attackers == 1 { "neighbour".to_owned() } else { format!("neighbour-{attackers}") },
        unit: "p99 x alone",
        cpu_per: "request",
        figures,
        goals,
        notes: vec![
            format!("a hot worker at half its load; {attackers} client(s) of others, all of whose requests loop to the limit"),
            format!(
                "crowded: {attackers} thread(s) of the bench compute instead, so the cores are as busy and no server is attacked"
            ),
            unbounded.clone(),
        ],
        ..Outcome::default()
    };
    // On few cores the second part takes them all: for information.
    Ok(parts.into_iter().zip(ATTACKERS).zip([vec![Goal::Max(3.0)], Vec::new()]).map(outcome).collect())
}

impl Hot {
    fn launch(subjects: &Subjects, subject: Subject) -> Result<Self> {
        const WARM_UP: Duration = Duration::from_secs(1);
        let [.., attackers] = ATTACKERS;
        let setup = FleetSetup {
            script: small_script()?,
            unvisited: attackers,
            pool: None,
            idle_seconds: 300,
            memory_mb: UNBOUNDED_MB,
            cached: false,
        };
        let fleet = subjects.launch_fleet(subject, &setup)?;
        ask_hot(&fleet, None, WARM_UP, UNBOUNDED)?;
        let most = ask_hot(&fleet, None, WARM_UP, UNBOUNDED)?;
        Ok(Self { fleet, per_second: most.per_second() * LOAD_SHARE })
    }

    /// The parts in order; the second is left out where the first was unbounded.
    fn measure(&self, window: Duration, patience: Duration) -> Result<[Option<Sample>; 2]> {
        let alone = ask_hot(&self.fleet, Some(self.per_second), window, patience)?;
        let mut samples = [None, None];
        for (sample, attackers) in samples.iter_mut().zip(ATTACKERS) {
            let crowded = computing(attackers, || ask_hot(&self.fleet, Some(self.per_second), window, patience))?;
            let attack = Attack::start(self.fleet.process.address, attackers, patience);
            std::thread::sleep(RUN_UP);
            let cpu_before = self.fleet.process.cpu()?;
            let attacked = ask_hot(&self.fleet, Some(self.per_second), window, patience)?;
            let cpu = self.fleet.process.cpu()? - cpu_before;
            let cut_short = attack.stop()?;
            let measured = self.sample(&alone, &crowded, &attacked, cpu, cut_short);
            let is_unbounded = measured.value.is_infinite();
            *sample = Some(measured);
            if is_unbounded {
                break;
            }
        }
        Ok(samples)
    }

    fn sample(&self, alone: &Seen, crowded: &Seen, attacked: &Seen, cpu: Duration, cut_short: u64) -> Sample {
        let is_unbounded = attacked.unanswered > 0;
        let bounded = |value: f64| if is_unbounded { f64::INFINITY } else { value };
        let p99 = bounded(attacked.percentile(99));
        Sample {
            value: p99 / alone.percentile(99),
            p99_ms: Some(p99),
            cpu_us: (!is_unbounded).then(|| cpu.as_secs_f64() * 1e6 / attacked.count() as f64),
            errors: alone.errors() + attacked.errors(),
            resident: None,
            details: vec![
                Detail::count("hot requests/s asked", self.per_second),
                Detail::count("answered", attacked.per_second()),
                Detail::ms("alone p50", alone.percentile(50)),
                Detail::ms("alone p99", alone.percentile(99)),
                Detail::ms("crowded p99", crowded.percentile(99)),
                Detail::ms("attacked p50", bounded(attacked.percentile(50))),
                Detail::ms("attacked worst", bounded(attacked.percentile(100))),
                Detail { name: "p99 x crowded", unit: "", value: p99 / crowded.percentile(99) },
                Detail {
                    name: "p99 from sending x alone",
                    unit: "",
                    value: bounded(attacked.percentile_from_sending(99)) / alone.percentile_from_sending(99),
                },
                Detail::count("loops cut short", cut_short as f64),
            ],
        }
    }
}

/// Does something while threads of this process compute.
pub(super) fn computing<T>(threads: u32, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            // No spin-loop hint: it would leave the core to its sibling.
            scope.spawn(|| {
                let mut count = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    count = std::hint::black_box(count + 1);
                }
            });
        }
        let done = work();
        stop.store(true, Ordering::Relaxed);
        done
    })
}

impl Attack {
    fn start(address: SocketAddr, clients: u32, patience: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let spawn = |worker| {
            let stop = stop.clone();
            std::thread::spawn(move || loop_until(&stop, address, worker, patience))
        };
        // The workers after the hot one.
        let clients = (1..=clients).map(spawn).collect();
        Self { stop, clients }
    }

    /// How many requests the server cut short. Those that it never answers end with their client's patience.
    fn stop(self) -> Result<u64> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.clients.into_iter().map(|client| client.join().map_err(|_| anyhow!("an attacker panicked"))?);
        ended.sum()
    }
}

fn loop_until(stop: &AtomicBool, address: SocketAddr, worker: u32, patience: Duration) -> Result<u64> {
    let mut cut_short = 0;
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut connection) = Connection::open(address, patience) else { break };
        while !stop.load(Ordering::Relaxed) {
            match ask_for_loop(&mut connection, worker) {
                Ok(503) => cut_short += 1,
                Ok(status) => return Err(anyhow!("a loop is answered with status {status}, 503 was expected")),
                Err(_) => break,
            }
        }
    }
    Ok(cut_short)
}
