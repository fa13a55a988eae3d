//! `skerry serve`: control plane and edge in one process, all their data in one folder.

mod checker;
mod local;
mod tailed;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Args;
use skerry_control::{Api, BlobFolder, Control, Keyring, SqliteMeta, Tails};
use skerry_edge::observe::Observer;
use skerry_edge::{Deployed, DeployedOptions, EgressPolicy, NodeConfig, Store};
use skerry_protocol::DeployedWorker;
use tokio::sync::watch;

use crate::assembly::{self, Assembly};
use crate::printer::{LogLevel, WorkerLog};
use crate::start;
use checker::ScratchIsolate;
use tailed::Tailed;

#[derive(Args)]
pub struct ServeArgs {
    /// Everything that has to last: what was deployed, secrets and their key.
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// Where workers are served.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", conflicts_with = "config")]
    listen: SocketAddr,
    /// Where deploys are taken.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8788")]
    api: SocketAddr,
    /// Workers get hosts under this one: WORKER.ACCOUNT.HOST.
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    hosts: String,
    /// The node's configuration (docs/operators.md), without workers.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
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
    make_private(&args.data)?;
    config.cache.get_or_insert_with(|| args.data.join("cache"));
    assembly::initialize(&config, args.log_level)?;
    start::runtime()?.block_on(serve(args, config))
}

async fn serve(args: &ServeArgs, config: NodeConfig) -> Result<()> {
    let limits = config.limits.clone();
    let node = Assembly::new(config, args.log_level).await?;
    let (printer, metrics) = (node.printer.clone(), node.metrics.clone());

    let checker = ScratchIsolate::new(limits.clone(), node.pool.clone());
    let control = Arc::new(open_control(&args.data, &args.hosts, checker)?);
    let first = control.bootstrap().await?;
    let (api_listener, api_address) = start::listen(args.api, "choose another with --api").await?;
    let tails = Arc::<Tails>::default();
    let api = Api::new(control.clone(), tails.clone(), Some(node.address.port()).filter(|port| *port != 80));
    printer.note(&format!("API on http://{api_address}"));
    if let Some((account, token)) = first {
        printer.note(&format!("Account: {account}"));
        printer.note(&format!("Admin token (shown once): {token}"));
    }

    let store = Store::open(&args.data.join("edge"))?;
    let observer = {
        let printer = printer.clone();
        move |worker: &DeployedWorker, version: &str| -> Arc<dyn Observer> {
            let log = WorkerLog::named(&worker.name, printer.clone(), metrics.clone());
            Tailed::new(log, tails.clone(), worker, version)
        }
    };
    let options = DeployedOptions { limits, egress: EgressPolicy::default(), observer: Arc::new(observer) };
    let mut deployed = Deployed::new(node.node.clone(), node.pool.clone(), store, options);
    if let Err(error) = deployed.restore().await {
        printer.error(&format!("What was served last cannot be, and is fetched anew: {error}"));
    }
    // What is deployed is served before requests are taken.
    local::catch_up(&mut deployed, &control).await.context("what is deployed cannot be served")?;

    let (stop, mut stopping) = watch::channel(false);
    let until_stopped = async move {
        let _stopped_or_gone = stopping.wait_for(|stop| *stop).await;
    };
    let answering = tokio::spawn(api.serve(api_listener, until_stopped));
    let note = format!("Workers are served on http://{}", node.address);
    let served = Box::pin(node.run(&note, local::follow(deployed, control, printer))).await;
    stop.send_replace(true);
    answering.abort();
    served
}

fn open_control(data: &Path, hosts: &str, checker: Arc<ScratchIsolate>) -> Result<Control> {
    let folder = data.join("control");
    make_private(&folder)?;
    let meta = SqliteMeta::open(&folder.join("meta.db"))?;
    let blobs = folder.join("blobs");
    let blobs = BlobFolder::open(&blobs).with_context(|| format!("{}: modules cannot be kept there", blobs.display()))?;
    let keys = Keyring::open(&folder.join("secrets.key")).context("the key of the secrets cannot be read")?;
    Ok(Control::new(Arc::new(meta), Arc::new(blobs), keys, checker, hosts.to_owned()))
}

/// There are secrets in it.
fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("{}: the folder cannot be made", folder.display()))
}
