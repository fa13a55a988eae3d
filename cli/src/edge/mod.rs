//! `skerry edge`: a node with many workers, from a configuration file.

mod fleet;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use skerry_edge::http::{Admin, Server, ServerOptions};
use skerry_edge::metrics::Metrics;
use skerry_edge::{Budget, CodeCache, HashSeed, Limits, Node, NodeConfig, Pool, machine};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::printer::{LogLevel, Printer, WorkerLog};
use crate::start;
use fleet::Fleet;

#[derive(Args)]
pub struct EdgeArgs {
    /// The node's configuration (docs/operators.md).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How much is printed; `log` has a line for every request.
    #[arg(long, value_enum, default_value_t = LogLevel::Warn)]
    log_level: LogLevel,
}

/// WebAssembly memories can be no larger than this, as long as the process lives.
fn largest_worker(config: &NodeConfig) -> usize {
    let usual = Limits::default().memory_bytes.max(config.limits.memory_bytes);
    config.workers.iter().map(|worker| worker.limits.memory_bytes).fold(usual, usize::max)
}

pub fn run(args: &EdgeArgs) -> Result<()> {
    let config = NodeConfig::read(&args.config)?;
    start::log(args.log_level);
    // Before anything that could start a thread.
    skerry_edge::initialize(largest_worker(&config), HashSeed::Random { kept_in: config.cache.as_deref() }).with_context(
        || {
            let folder = config.cache.as_deref().map_or(String::new(), |folder| format!("{}: ", folder.display()));
            format!("{folder}the node's own snapshot cannot be had")
        },
    )?;
    start::runtime()?.block_on(edge(args, config))
}

async fn edge(args: &EdgeArgs, config: NodeConfig) -> Result<()> {
    let (listener, address) = start::listen(config.listen, "set another \"listen\" in the configuration").await?;
    let admin_listener = match config.admin {
        Some(admin) => Some(start::listen(admin, "set another \"admin\" in the configuration").await?),
        None => None,
    };
    let printer = Arc::new(Printer::start(args.log_level));
    let metrics = Arc::<Metrics>::default();
    let node = Node::new(WorkerLog::named("skerry", printer.clone(), metrics.clone()));
    let cache = CodeCache::new(config.cache.as_deref(), config.cache_bytes).with_context(|| {
        let folder = config.cache.as_deref().unwrap_or(std::path::Path::new(""));
        format!("{}: compiled code cannot be kept there", folder.display())
    })?;
    let budget = Budget::new(config.memory_bytes.unwrap_or_else(|| machine::memory_bytes() / 2));
    let pool = Pool::new(config.pool.clone(), &config.limits, cache, budget.clone()).context("the isolate pool has no thread")?;
    let pool = Arc::new(pool);
    let admin = Admin::new(node.clone(), metrics.clone(), pool.clone());
    if let Some((listener, address)) = admin_listener {
        printer.note(&format!("Health and metrics on http://{address}"));
        tokio::spawn(admin.clone().run(listener));
    }

    let mut fleet = Fleet::new(node.clone(), printer.clone(), metrics, pool);
    let mut hangups = signal(SignalKind::hangup()).context("SIGHUP cannot be listened for")?;
    fleet.load(&config).await?;
    budget.measure_base(machine::resident_bytes());
    let (stop, stopping) = watch::channel(false);
    let options = ServerOptions { drain: config.drain, ..ServerOptions::default() };
    let (serving, resting) = (Server::new(listener, node.clone(), options).run(stopping), node.clone());
    let drain = config.drain;
    let server = tokio::spawn(async move {
        // Work after an answer is work under way.
        serving.await && tokio::time::timeout(drain, resting.rest()).await.is_ok()
    });
    admin.set_ready(true);
    printer.note(&format!("{} workers are served on http://{address}", config.workers.len()));

    let keeping = async { tokio::join!(node.evict(config.eviction, &budget), node.balance()) };
    let reloading = async {
        while hangups.recv().await.is_some() {
            match reload(args, &config, &mut fleet).await {
                Ok(count) => printer.note(&format!("Reloaded: {count} workers are served")),
                Err(error) => printer.error(&format!("Not reloaded, everything stays as it was: {error:#}")),
            }
        }
    };
    tokio::select! {
        () = start::interrupted() => {}
        _ = keeping => {}
        () = reloading => {}
    }
    admin.set_ready(false);
    start::drain(&printer, &stop, server).await
}

async fn reload(args: &EdgeArgs, started_with: &NodeConfig, fleet: &mut Fleet) -> Result<usize> {
    let config = NodeConfig::read(&args.config)?;
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
        ("[pool]", new.pool != old.pool),
        ("[cache]", (&new.cache, new.cache_bytes) != (&old.cache, old.cache_bytes)),
        ("the node's own [limits]", new.limits != old.limits),
    ];
    differ.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
