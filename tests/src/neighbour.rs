use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use crate::server::PATIENCE;

/// Between two requests to a worker.
pub const PERIOD: Duration = Duration::from_millis(2);
/// Between two to one that asks an object, which takes longer.
pub const PERIOD_OF_OBJECT: Duration = Duration::from_millis(20);
/// What the worker answers as long as nobody has reached into it.
const BODY: &[u8] = b"\r\n\r\nhello";

/// A client that asks one worker steadily, on one connection.
pub struct Neighbour {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Latencies>>,
}

/// How long each request took, shortest first. It is counted from when the request was due: a stall counts for all requests that it
/// held up.
#[derive(Debug, Clone)]
pub struct Latencies(Vec<Duration>);

impl Neighbour {
    pub fn start(address: SocketAddr, host: &str, period: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n");
        let thread = std::thread::spawn({
            let stop = stop.clone();
            move || ask(address, request.as_bytes(), period, &stop)
        });
        Self { stop, thread }
    }

    /// Fails if a single request did.
    pub fn stop(self) -> Result<Latencies> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the neighbour's client panicked"))?
    }

    /// Measures for so long.
    pub fn measure(address: SocketAddr, host: &str, period: Duration, duration: Duration) -> Result<Latencies> {
        let neighbour = Self::start(address, host, period);
        std::thread::sleep(duration);
        neighbour.stop()
    }
}

fn ask(address: SocketAddr, request: &[u8], period: Duration, stop: &AtomicBool) -> Result<Latencies> {
    let mut stream = TcpStream::connect(address).context("the neighbour gets no connection")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut latencies = Vec::new();
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(request).context("the neighbour cannot send")?;
        let answer = answer(&mut stream).with_context(|| format!("the neighbour's request {}", latencies.len() + 1))?;
        ensure!(answer.starts_with(b"HTTP/1.1 200 "), "the neighbour got {:?}", String::from_utf8_lossy(&answer));
        latencies.push(due.elapsed());
        due += period;
    }
    Ok(Latencies::new(latencies))
}

/// Reads until the body has come, or anything that is no answer of the worker.
fn answer(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut answer = Vec::new();
    while !answer.ends_with(BODY) {
        let mut bytes = [0; 1024];
        let count = stream.read(&mut bytes)?;
        answer.extend_from_slice(&bytes[..count]);
        ensure!(count > 0, "the connection was closed after {:?}", String::from_utf8_lossy(&answer));
        let is_ok = answer.len() < 12 || answer.starts_with(b"HTTP/1.1 200");
        ensure!(is_ok && answer.len() < 4096, "the answer is {:?}", String::from_utf8_lossy(&answer));
    }
    Ok(answer)
}

impl Latencies {
    fn new(mut all: Vec<Duration>) -> Self {
        all.sort();
        Self(all)
    }

    /// Of a hundred, one may take longer.
    pub fn p99(&self) -> Duration {
        let index = (self.0.len() * 99).div_ceil(100).saturating_sub(1);
        self.0.get(index).copied().unwrap_or_default()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let worst = self.0.last().copied().unwrap_or_default();
        write!(formatter, "p99 {:.1?}, worst {worst:.1?} of {}", self.p99(), self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_may_take_longer() {
        let of = |count: u64| Latencies::new((1..=count).rev().map(Duration::from_millis).collect()).p99();
        assert_eq!([of(1), of(10), of(100), of(200)], [1, 10, 99, 198].map(Duration::from_millis));
    }
}
