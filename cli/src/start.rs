//! What every command that serves does first and last.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::printer::{LogLevel, Printer};

/// Where warnings go; starts no thread.
pub(crate) fn log(level: LogLevel) {
    let level = if level >= LogLevel::Debug { tracing::Level::DEBUG } else { tracing::Level::WARN };
    // Ours alone: what the libraries say is for their developers.
    let ours = Targets::new().with_target("skerry", level);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_ansi(false);
    tracing_subscriber::registry().with(layer.with_filter(ours)).init();
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
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

/// Ctrl-C, or the signal by which supervisors stop a program: from this call on, not only while it is waited for.
pub(crate) fn interrupted() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = signal(SignalKind::interrupt()).and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)));
    async move {
        let Ok((mut interrupt, mut terminate)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // A second press must be a second signal, not an echo of the first.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Lets requests under way finish, unless a second signal comes. The server says whether all did.
pub(crate) async fn drain(printer: &Printer, stop: &watch::Sender<bool>, server: JoinHandle<bool>) -> Result<()> {
    printer.note("Stopping: requests under way may finish (a second Ctrl-C or signal ends them)");
    let _server_listens = stop.send(true);
    let drained = tokio::select! {
        drained = server => drained.unwrap_or(false),
        () = interrupted() => false,
    };
    printer.flush();
    ensure!(drained, "some requests were cut off");
    Ok(())
}
