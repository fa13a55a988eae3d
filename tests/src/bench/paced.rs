use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::connection::Connection;
use super::figures::{milliseconds, percentile};
use super::fleet::{Fleet, HOT};

/// Enough to load a server of two cores, and few enough that each keeps its time.
const CONNECTIONS: u32 = 8;

/// What the clients of the hot worker saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// How long each answer took. It is counted from when the request was due if one before it was not answered by then: a stall
    /// counts for all requests that it held up.
    latencies_ms: Vec<f64>,
    /// The same, counted from when the request was sent: what does not grow while more is asked than can be answered.
    sent_ms: Vec<f64>,
    /// Requests without an answer in time.
    pub(crate) unanswered: u64,
    /// Why others failed.
    pub(crate) failures: Vec<String>,
    taken: Duration,
}

impl Seen {
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.latencies_ms, percent)
    }

    pub(crate) fn percentile_from_sending(&self, percent: usize) -> f64 {
        percentile(&self.sent_ms, percent)
    }

    pub(crate) fn errors(&self) -> u64 {
        self.unanswered + self.failures.len() as u64
    }

    pub(crate) fn count(&self) -> usize {
        self.latencies_ms.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.latencies_ms.len() as f64 / self.taken.as_secs_f64()
    }
}

/// Asks the hot worker so many times a second, or as often as it can; waits for each answer no longer than the given patience, and
/// then gives up.
pub(crate) fn ask_hot(fleet: &Fleet, per_second: Option<f64>, duration: Duration, patience: Duration) -> Result<Seen> {
    let began = Instant::now();
    let period = per_second.map(|per_second| Duration::from_secs_f64(f64::from(CONNECTIONS) / per_second));
    let clients: Vec<_> = std::thread::scope(|scope| {
        let spawn = |index| {
            let first_due = began + period.unwrap_or_default() * index / CONNECTIONS;
            scope.spawn(move || ask(fleet, first_due, period, began + duration, patience))
        };
        let clients: Vec<_> = (0..CONNECTIONS).map(spawn).collect();
        clients.into_iter().map(|client| client.join().unwrap_or_else(|_| bail!("a client panicked"))).collect::<Result<_>>()
    })?;
    let mut seen = Seen { taken: began.elapsed(), ..Seen::default() };
    for client in clients {
        seen.latencies_ms.extend(client.latencies_ms);
        seen.sent_ms.extend(client.sent_ms);
        seen.unanswered += client.unanswered;
        seen.failures.extend(client.failures);
    }
    Ok(seen)
}

fn ask(fleet: &Fleet, first_due: Instant, period: Option<Duration>, end: Instant, patience: Duration) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut connection = None;
    let mut due = first_due;
    while due < end {
        let wait = due.saturating_duration_since(Instant::now());
        std::thread::sleep(wait);
        // That this thread woke up late is not the server's doing, that it could not ask earlier is.
        let late = if wait.is_zero() && period.is_some() { due.elapsed() } else { Duration::ZERO };
        let asked = Instant::now();
        match ask_once(fleet, &mut connection, patience) {
            Ok(taken) => {
                seen.latencies_ms.push(milliseconds(late + taken));
                seen.sent_ms.push(milliseconds(taken));
            }
            Err(_) if asked.elapsed() >= patience => {
                seen.unanswered += 1;
                break;
            }
            Err(failure) => seen.failures.push(format!("{failure:#}")),
        }
        due = period.map_or_else(Instant::now, |period| due + period);
    }
    Ok(seen)
}

fn ask_once(fleet: &Fleet, connection: &mut Option<Connection>, patience: Duration) -> Result<Duration> {
    let mut usable = match connection.take() {
        Some(connection) => connection,
        None => fleet.connect_within(patience)?,
    };
    let taken = fleet.ask(&mut usable, HOT)?;
    *connection = Some(usable);
    Ok(taken)
}
