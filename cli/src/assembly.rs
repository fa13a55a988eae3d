//! A node put together from its configuration, whoever tells it what to serve.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use skerry_edge::http::{Admin, Server, ServerOptions};
use skerry_edge::metrics::Metrics;
use skerry_edge::uplink::Following;
use skerry_edge::{Budget, CodeCache, HashSeed, Isolates, Limits, Node, NodeConfig, Pool, machine};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::printer::{LogLevel, Printer, WorkerLog};
use crate::sockets::{self, Sockets};
use crate::start;

pub(crate) struct Assembly {
    pub config: NodeConfig,
    pub node: Arc<Node>,
    pub isolates: Arc<dyn Isolates>,
    pub metrics: Arc<Metrics>,
    pub printer: Arc<Printer>,
    pub address: SocketAddr,
    budget: Arc<Budget>,
    admin: Arc<Admin>,
    listener: TcpListener,
}

/// Sets the process up for a node. Before anything that could start a thread.
pub(crate) fn initialize(config: &NodeConfig, level: LogLevel) -> Result<()> {
    start::log(level);
    skerry_edge::initialize(largest_worker(config), HashSeed::Random { kept_in: config.cache.as_deref() }).with_context(|| {
        let folder = config.cache.as_deref().map_or(String::new(), |folder| format!("{}: ", folder.display()));
        format!("{folder}the node's own snapshot cannot be had")
    })
}

/// WebAssembly memories can be no larger than this, as long as the process lives.
pub(crate) fn largest_worker(config: &NodeConfig) -> usize {
    let usual = Limits::default().memory_bytes.max(config.limits.memory_bytes);
    config.workers.iter().map(|worker| worker.limits.memory_bytes).fold(usual, usize::max)
}

impl Assembly {
    /// Listens, but takes no request yet.
    pub async fn new(config: NodeConfig, sockets: &mut Sockets, level: LogLevel) -> Result<Self> {
        let mend = "choose another address for \"listen\"";
        let (listener, address) = sockets.listen(sockets::WORKERS, config.listen, mend).await?;
        let admin_listener = match config.admin {
            Some(admin) => Some(sockets.listen(sockets::ADMIN, admin, "choose another address for \"admin\"").await?),
            None => None,
        };
        let printer = Arc::new(Printer::start(level));
        let metrics = Arc::<Metrics>::default();
        let node = Node::new(WorkerLog::named("skerry", printer.clone(), metrics.clone()));
        let cache = CodeCache::new(config.cache.as_deref(), config.cache_bytes).with_context(|| {
            let folder = config.cache.as_deref().unwrap_or(Path::new(""));
            format!("{}: compiled code cannot be kept there", folder.display())
        })?;
        let budget = Budget::new(config.memory_bytes.unwrap_or_else(|| machine::memory_bytes() / 2));
        let pool =
            Pool::new(config.pool.clone(), &config.limits, cache, budget.clone()).context("the isolate pool has no thread")?;
        let isolates: Arc<dyn Isolates> = Arc::new(pool);
        let admin = Admin::new(node.clone(), metrics.clone(), isolates.clone());
        if let Some((listener, address)) = admin_listener {
            printer.note(&format!("Health and metrics on http://{address}"));
            tokio::spawn(admin.clone().run(listener));
        }
        Ok(Self { config, node, isolates, metrics, printer, address, budget, admin, listener })
    }

    /// How far the node is behind its control plane is among its metrics from now on.
    pub fn watch_following(&self, following: &Arc<Following>) {
        self.metrics.watch_following(following.clone());
    }

    /// Serves until the process is told to stop; `beside` runs for as long. `note` is printed when requests are taken.
    pub async fn run(self, note: &str, beside: impl Future<Output = ()>) -> Result<()> {
        self.budget.measure_base(machine::resident_bytes());
        let (stop, stopping) = watch::channel(false);
        let drain = self.config.drain;
        let options = ServerOptions { drain, ..ServerOptions::default() };
        let serving = Server::new(self.listener, self.node.clone(), options).run(stopping);
        let resting = self.node.clone();
        let server = tokio::spawn(async move {
            // Work after an answer is work under way.
            serving.await && tokio::time::timeout(drain, resting.rest()).await.is_ok()
        });
        self.admin.set_ready(true);
        self.printer.note(note);
        let interrupted = start::interrupted();
        sockets::notify("READY=1");
        let keeping = async { tokio::join!(self.node.evict(self.config.eviction, &self.budget), self.node.balance()) };
        tokio::select! {
            () = interrupted => {}
            _ = keeping => {}
            () = beside => {}
        }
        self.admin.set_ready(false);
        sockets::notify("STOPPING=1");
        start::drain(&self.printer, &stop, server).await
    }
}
