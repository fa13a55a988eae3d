//! `skerry serve`: control plane and edge in one process, all their data in one folder.

mod local;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::Args;
use skerry_edge::observe::Observer;
use skerry_edge::{Deployed, DeployedOptions, EgressPolicy, NodeConfig, Store};
use skerry_protocol::DeployedWorker;

use crate::assembly::{self, Assembly};
use crate::control::{ControlPlane, PlaneArgs};
use crate::ground::{Ground, IsolationArg};
use crate::printer::{LogLevel, WorkerLog};
use crate::sockets::Sockets;
use crate::start;
use crate::tailed::Tailed;

#[derive(Args)]
pub struct ServeArgs {
    #[command(flatten)]
    plane: PlaneArgs,
    /// Where workers are served.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", conflicts_with = "config")]
    listen: SocketAddr,
    /// The node's configuration (docs/operators.md), without workers.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where isolates run; else what the configuration says, or else cells.
    #[arg(long, value_enum, value_name = "WHERE")]
    isolation: Option<IsolationArg>,
    /// How much is printed; `log` has a line for every request.
    #[arg(long, value_enum, default_value_t = LogLevel::Warn)]
    log_level: LogLevel,
}

pub fn run(args: &ServeArgs) -> Result<()> {
    let mut config = match &args.config {
        Some(file) => NodeConfig::read(file)?,
        None => NodeConfig::listening_on(args.listen),
    };
    ensure!(config.workers.is_empty(), "the configuration has workers, which are deployed here: take [[worker]] out of it");
    args.plane.make_folder()?;
    config.cache.get_or_insert_with(|| args.plane.data.join("cache"));
    config.objects.get_or_insert_with(|| args.plane.data.join("objects"));
    IsolationArg::apply(args.isolation, &mut config);
    let ground = assembly::initialize(&config, args.log_level)?;
    let mut sockets = Sockets::inherited()?;
    start::runtime()?.block_on(serve(args, config, ground, &mut sockets))
}

async fn serve(args: &ServeArgs, config: NodeConfig, ground: Ground, sockets: &mut Sockets) -> Result<()> {
    let limits = config.limits.clone();
    let node = Assembly::new(config, ground, sockets, args.log_level).await?;
    let objects = node.objects.clone();
    let (printer, metrics) = (node.printer.clone(), node.metrics.clone());

    let port = Some(node.address.port()).filter(|port| *port != 80);
    let plane = ControlPlane::open(&args.plane, limits.clone(), node.isolates.clone(), port, sockets, &printer).await?;
    sockets.all_taken()?;
    let (control, api, tails) = (plane.control.clone(), plane.api.clone(), plane.tails.clone());

    let store = Store::open(&args.plane.data.join("edge"))?;
    let observer = {
        let printer = printer.clone();
        move |worker: &DeployedWorker, version: &str| -> Arc<dyn Observer> {
            let log = WorkerLog::named(&worker.name, printer.clone(), metrics.clone());
            Tailed::new(log, tails.clone(), worker, version)
        }
    };
    let options =
        DeployedOptions { limits, egress: EgressPolicy::default(), objects: node.objects.clone(), observer: Arc::new(observer) };
    let mut deployed = Deployed::new(node.node.clone(), node.isolates.clone(), store, options);
    if let Err(error) = deployed.restore().await {
        printer.error(&format!("What was served last cannot be, and is fetched anew: {error}"));
    }
    // What is deployed is served before requests are taken.
    if let Err(error) = local::catch_up(&mut deployed, &control).await {
        printer.error(&format!("What was deployed last is not served yet, and is tried again: {error:#}"));
    }

    let answering = tokio::spawn(plane.answer(start::interrupted()));
    let note = format!("Workers are served on http://{}", node.address);
    let served = Box::pin(node.run(&note, local::follow(deployed, control, api, objects, printer))).await;
    match served {
        Ok(()) => drop(answering.await),
        Err(_) => answering.abort(),
    }
    served
}
