//! A body of 100 MiB that passes through the worker on its way from an origin: client, worker, origin.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::Effort;
use super::figures::{Sample, interleave};
use super::floor::Service;
use super::goal::{Goal, Outcome};
use super::process::{Process, Request};
use super::subject::{Setup, Subject, Subjects};

const MIB: u64 = 1 << 20;
const BODY_BYTES: u64 = 100 * MIB;

/// A server that held a body, or even a good part of it, would grow by more.
const GROWTH_MIB_MAX: f64 = 32.0;

struct Variant {
    row: &'static str,
    /// What the worker does: the first segment of the path.
    path: &'static str,
    goals: Vec<Goal>,
}

pub(crate) fn run(subjects: &Subjects, effort: Effort) -> Result<Vec<Outcome>> {
    let mut origin = subjects.launch_origin()?;
    origin.wait_for_answer(&Request::get("/1")).context("stream: the origin")?;
    let setup = Setup { folder: "stream", floor: Service::Proxy, origin: Some(origin.address) };
    let row_goals = vec![Goal::PeerRatioMin(1.0), Goal::GrowthMax(GROWTH_MIB_MAX)];
    let variants = [
        Variant { row: "stream", path: "pass", goals: row_goals },
        // For information: every chunk goes through JavaScript, which hyper has none of.
        Variant { row: "stream-transform", path: "transform", goals: Vec::new() },
    ];
    variants.into_iter().map(|variant| run_variant(subjects, effort, setup, variant)).collect()
}

fn run_variant(subjects: &Subjects, effort: Effort, setup: Setup, variant: Variant) -> Result<Outcome> {
    let Variant { row, path, goals } = variant;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no tokio runtime")?;
    let mut servers = Vec::new();
    let mut before = Vec::new();
    for subject in Subject::ALL {
        let name = || format!("{row}: {}", subject.name());
        let mut server = subjects.launch(subject, setup)?;
        server.wait_for_answer(&Request::get(&format!("/{path}/1"))).with_context(name)?;
        server.forget_peak()?;
        before.push(server.resident()?.now);
        transfer(&runtime, &server, path).with_context(name)?;
        servers.push(server);
    }
    let time = Duration::from_secs(effort.seconds.into());
    let mut figures =
        interleave(row, effort.rounds, &Subject::ALL, |subject| measure(&runtime, &servers[subject as usize], path, time))?;
    for (figures, before) in figures.iter_mut().flatten().zip(before) {
        figures.set_memory_before(before);
    }
    Ok(Outcome { row: row.to_owned(), unit: "MiB/s", cpu_per: "MiB", figures, goals, ..Outcome::default() })
}

/// Whole bodies, one after the other, until the time is over.
fn measure(runtime: &Runtime, server: &Process, path: &str, time: Duration) -> Result<Sample> {
    let (cpu_before, began) = (server.cpu()?, Instant::now());
    let mut bodies = 0;
    while bodies == 0 || began.elapsed() < time {
        transfer(runtime, server, path)?;
        bodies += 1;
    }
    let mib = (bodies * BODY_BYTES / MIB) as f64;
    let value = mib / began.elapsed().as_secs_f64();
    let cpu_us = (server.cpu()? - cpu_before).as_secs_f64() * 1e6 / mib;
    Ok(Sample { value, cpu_us: Some(cpu_us), resident: Some(server.resident()?), ..Sample::default() })
}

fn transfer(runtime: &Runtime, server: &Process, path: &str) -> Result<()> {
    let received = runtime.block_on(receive(server.address, &format!("/{path}/{BODY_BYTES}")))?;
    ensure!(received == BODY_BYTES, "{received} bytes came instead of {BODY_BYTES}; the server printed:\n{}", server.printed());
    Ok(())
}

/// Bytes of the body.
async fn receive(address: SocketAddr, path: &str) -> Result<u64> {
    let stream = TcpStream::connect(address).await.context("no connection")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender, at the latest when the runtime next runs.
    drop(tokio::spawn(connection));
    let request = http::Request::get(path).header("host", address.to_string()).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    ensure!(response.status() == 200, "status {}", response.status());
    let mut body = response.into_body();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        received += frame.context("the body broke off")?.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(received)
}
