//! An edge of a control plane on another machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Args;
use skerry_edge::observe::Observer;
use skerry_edge::uplink::{Following, Trust, Uplink};
use skerry_edge::{Deployed, DeployedOptions, EgressPolicy, NodeConfig, Store};
use skerry_protocol::DeployedWorker;

use crate::assembly::{self, Assembly};
use crate::ground::{Ground, IsolationArg};
use crate::printer::{LogLevel, WorkerLog};
use crate::sockets::Sockets;
use crate::start;
use crate::tailed::Tailed;

#[derive(Args)]
pub(super) struct UplinkArgs {
    /// Serve what this control plane has deployed: https://control.example.com.
    #[arg(long, value_name = "URL", requires = "data")]
    pub control: Option<String>,
    /// Certificates (PEM) of an authority of your own, for a control plane whose certificate it has signed.
    #[arg(long, value_name = "FILE", requires = "control")]
    control_ca: Option<PathBuf>,
    /// The token that lets this edge in, at its first start. Another one than that makes it a new edge, where it was revoked.
    #[arg(long, value_name = "TOKEN", requires = "control")]
    enroll: Option<String>,
    /// What the edge keeps, so that it starts without the control plane: its key, modules, secrets.
    #[arg(long, value_name = "FOLDER", requires = "control")]
    data: Option<PathBuf>,
    /// Where this edge is: edges of one PoP have modules from each other first.
    #[arg(long, value_name = "NAME", requires = "peer_listen")]
    pop: Option<String>,
    /// Where this edge gives modules to others of its PoP: an address in their network, that nobody else reaches.
    #[arg(long, value_name = "ADDRESS", requires = "pop")]
    peer_listen: Option<SocketAddr>,
    /// Where workers are served, where there is no configuration.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(super) fn run(args: &UplinkArgs, config: Option<&Path>, isolation: Option<IsolationArg>, level: LogLevel) -> Result<()> {
    let (Some(control), Some(data)) = (&args.control, &args.data) else {
        anyhow::bail!("--control and --data are needed, or --config");
    };
    let mut config = match config {
        Some(file) => NodeConfig::read(file)?,
        None => NodeConfig::listening_on(args.listen),
    };
    ensure!(config.workers.is_empty(), "the configuration has workers, and so has the control plane: take [[worker]] out of it");
    config.cache.get_or_insert_with(|| data.join("cache"));
    config.objects.get_or_insert_with(|| data.join("objects"));
    // Makes the folder, for nobody else.
    let store = Store::open(data)?;
    IsolationArg::apply(isolation, &mut config);
    let ground = assembly::initialize(&config, level)?;
    let mut sockets = Sockets::inherited()?;
    start::runtime()?.block_on(edge(args, (control, data), store, (config, ground), &mut sockets, level))
}

async fn edge(
    args: &UplinkArgs,
    (control, data): (&str, &Path),
    store: Store,
    (config, ground): (NodeConfig, Ground),
    sockets: &mut Sockets,
    level: LogLevel,
) -> Result<()> {
    let limits = config.limits.clone();
    let trust = Trust::new(args.control_ca.as_deref())?;
    let uplink = Uplink::open(control, &trust, args.enroll.as_deref(), data).await;
    let mut uplink = uplink.with_context(|| format!("{control} cannot be followed"))?;
    let mut giving = None;
    if let (Some(pop), Some(address)) = (&args.pop, args.peer_listen) {
        ensure!(
            !address.ip().is_unspecified(),
            "--peer-listen {address}: give the address by which others of the PoP reach this edge"
        );
        let (listener, address) = start::listen(address, "choose another with --peer-listen").await?;
        uplink = uplink.in_pop(pop.clone(), address.to_string());
        giving = Some(listener);
    }
    let node = Assembly::new(config, ground, sockets, level).await?;
    sockets.all_taken()?;
    let (printer, metrics) = (node.printer.clone(), node.metrics.clone());
    let observer = {
        let printer = printer.clone();
        let watch = uplink.watch();
        move |worker: &DeployedWorker, version: &str| -> Arc<dyn Observer> {
            let log = WorkerLog::named(&worker.name, printer.clone(), metrics.clone());
            Tailed::new(log, watch.clone(), worker, version)
        }
    };
    let options =
        DeployedOptions { limits, egress: EgressPolicy::default(), objects: node.objects.clone(), observer: Arc::new(observer) };
    let mut deployed = Deployed::new(node.node.clone(), node.isolates.clone(), store, options);
    if let Some(listener) = giving {
        let (uplink, store) = (uplink.clone(), deployed.store());
        if let Ok(address) = listener.local_addr() {
            printer.note(&format!("Modules for other edges of the PoP on http://{address}"));
        }
        tokio::spawn(async move { uplink.give(listener, store).await });
    }
    match deployed.restore().await {
        Ok(Some(revision)) => printer.note(&format!("Revision {revision} is served from the disk")),
        Ok(None) => {}
        Err(error) => printer.error(&format!("What was served last cannot be, and is fetched anew: {error}")),
    }
    let following = Following::new(&deployed, uplink.watch());
    node.watch_following(&following);
    let report = |state: Result<u64, String>| match state {
        Ok(revision) => printer.note(&format!("The control plane is heard again: revision {revision} is served")),
        Err(trouble) => printer.warn(&format!("{trouble}; what was deployed before is served on")),
    };
    let note = format!("Workers are served on http://{}", node.address);
    let beside = uplink.follow(&mut deployed, &following, report);
    Box::pin(node.run(&note, beside)).await
}
