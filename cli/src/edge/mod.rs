//! `skerry edge`: a node with many workers, from a configuration file.

mod fleet;
mod remote;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use skerry_edge::NodeConfig;
use tokio::signal::unix::{SignalKind, signal};

use crate::assembly::{self, Assembly};
use crate::ground::{Ground, IsolationArg, largest_worker};
use crate::printer::LogLevel;
use crate::sockets::Sockets;
use crate::start;
use fleet::Fleet;
use remote::UplinkArgs;

#[derive(Args)]
pub struct EdgeArgs {
    /// The node's configuration (docs/operators.md).
    #[arg(long, value_name = "FILE", required_unless_present = "control")]
    config: Option<PathBuf>,
    #[command(flatten)]
    uplink: UplinkArgs,
    /// Where isolates run; else what the configuration says, or else cells.
    #[arg(long, value_enum, value_name = "WHERE")]
    isolation: Option<IsolationArg>,
    /// How much is printed; `log` has a line for every request.
    #[arg(long, value_enum, default_value_t = LogLevel::Warn)]
    log_level: LogLevel,
}

pub fn run(args: &EdgeArgs) -> Result<()> {
    let Some(file) = args.config.as_deref().filter(|_| args.uplink.control.is_none()) else {
        return remote::run(&args.uplink, args.config.as_deref(), args.isolation, args.log_level);
    };
    let mut config = NodeConfig::read(file)?;
    IsolationArg::apply(args.isolation, &mut config);
    let ground = assembly::initialize(&config, args.log_level)?;
    let mut sockets = Sockets::inherited()?;
    start::runtime()?.block_on(edge(args, file, (config, ground), &mut sockets))
}

async fn edge(args: &EdgeArgs, file: &Path, node: (NodeConfig, Ground), sockets: &mut Sockets) -> Result<()> {
    let (config, ground) = node;
    let node = Assembly::new(config.clone(), ground, sockets, args.log_level).await?;
    sockets.all_taken()?;
    let printer = node.printer.clone();
    let mut fleet = Fleet::new(&node);
    let mut hangups = signal(SignalKind::hangup()).context("SIGHUP cannot be listened for")?;
    fleet.load(&config).await?;
    let note = format!("{} workers are served on http://{}", config.workers.len(), node.address);
    let reloading = async {
        while hangups.recv().await.is_some() {
            match reload(file, args.isolation, &config, &mut fleet).await {
                Ok(count) => printer.note(&format!("Reloaded: {count} workers are served")),
                Err(error) => printer.error(&format!("Not reloaded, everything stays as it was: {error:#}")),
            }
        }
    };
    Box::pin(node.run(&note, reloading)).await
}

async fn reload(file: &Path, isolation: Option<IsolationArg>, started_with: &NodeConfig, fleet: &mut Fleet) -> Result<usize> {
    let mut config = NodeConfig::read(file)?;
    IsolationArg::apply(isolation, &mut config);
    let changed = fixed_keys_that_differ(&config, started_with);
    if !changed.is_empty() {
        bail!("{} changed: that needs a restart of the node", changed.join(", "));
    }
    if largest_worker(&config) > largest_worker(started_with) {
        bail!("a worker has a larger memory limit than any had at the start: that needs a restart of the node");
    }
    fleet.load(&config).await?;
    Ok(config.workers.len())
}

/// What cannot be changed while the node runs, by the names it has in the file.
fn fixed_keys_that_differ(new: &NodeConfig, old: &NodeConfig) -> Vec<&'static str> {
    let differ = [
        ("listen", new.listen != old.listen),
        ("admin", new.admin != old.admin),
        ("drain_seconds", new.drain != old.drain),
        ("[eviction]", (new.eviction, new.memory_bytes) != (old.eviction, old.memory_bytes)),
        ("isolation", new.isolation != old.isolation),
        ("[cells]", new.cells != old.cells),
        ("[pool]", new.pool != old.pool),
        ("[cache]", (&new.cache, new.cache_bytes) != (&old.cache, old.cache_bytes)),
        ("[objects]", (&new.objects, new.objects_history) != (&old.objects, old.objects_history)),
        ("the node's own [limits]", new.limits != old.limits),
    ];
    differ.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
