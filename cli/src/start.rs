//! What every command that serves does first and last.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::printer::LogLevel;

pub(crate) fn runtime(level: LogLevel) -> Result<tokio::runtime::Runtime> {
    let level = if level >= LogLevel::Debug { tracing::Level::DEBUG } else { tracing::Level::WARN };
    // Ours alone: what the libraries say is for their developers.
    let ours = Targets::new().with_target("skerry", level);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_ansi(false);
    tracing_subscriber::registry().with(layer.with_filter(ours)).init();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(skerry_edge::network_threads())
        .enable_all()
        .build()
        .context("no threads could be started")
}

/// `mend` says what to do when the address is taken.
pub(crate) async fn listen(address: SocketAddr, mend: &str) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!("{address} is in use: {mend}"),
        _ => anyhow::anyhow!("{address} cannot be listened on: {error}"),
    })?;
    let address = listener.local_addr().context("the listening address is not known")?;
    Ok((listener, address))
}

/// Ctrl-C, or the signal by which supervisors stop a program.
pub(crate) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    // A second press must be a second signal, not an echo of the first.
    tokio::time::sleep(Duration::from_millis(10)).await;
}
