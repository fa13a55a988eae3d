//! A node put together from its configuration, whoever tells it what to serve.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use skerry_edge::http::{Admin, Server, ServerOptions};
use skerry_edge::metrics::Metrics;
use skerry_edge::uplink::Following;
use skerry_edge::{Budget, Isolates, Node, NodeConfig, Objects, machine};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::ground::Ground;
use crate::printer::{LogLevel, Printer, WorkerLog};
use crate::sockets::{self, Sockets};
use crate::start;

pub(crate) struct Assembly {
    pub config: NodeConfig,
    pub node: Arc<Node>,
    pub isolates: Arc<dyn Isolates>,
    /// Where Durable Objects live, on a node that has a place for them.
    pub objects: Option<Arc<Objects>>,
    pub metrics: Arc<Metrics>,
    pub printer: Arc<Printer>,
    pub address: SocketAddr,
    budget: Arc<Budget>,
    admin: Arc<Admin>,
    listener: TcpListener,
}

/// Sets the process up for a node. Before anything that could start a thread.
pub(crate) fn initialize(config: &NodeConfig, level: LogLevel) -> Result<Ground> {
    start::log(level);
    Ground::prepare(config)
}

impl Assembly {
    /// Listens, but takes no request yet.
    pub async fn new(config: NodeConfig, ground: Ground, sockets: &mut Sockets, level: LogLevel) -> Result<Self> {
        let mend = "choose another address for \"listen\"";
        let (listener, address) = sockets.listen(sockets::WORKERS, config.listen, mend).await?;
        let admin_listener = match config.admin {
            Some(admin) => Some(sockets.listen(sockets::ADMIN, admin, "choose another address for \"admin\"").await?),
            None => None,
        };
        let printer = Arc::new(Printer::start(level));
        let metrics = Arc::<Metrics>::default();
        let node = Node::new(WorkerLog::named("skerry", printer.clone(), metrics.clone()));
        let budget = Budget::new(config.memory_bytes.unwrap_or_else(|| machine::memory_bytes() / 2));
        let isolates = ground.isolates(&config, budget.clone()).await?;
        let at = |folder| Objects::at(folder, config.objects_history, config.objects_live_max, budget.clone());
        let objects = config.objects.clone().map(at);
        let admin = Admin::new(node.clone(), metrics.clone(), isolates.clone(), objects.clone());
        if let Some((listener, address)) = admin_listener {
            printer.note(&format!("Health and metrics on http://{address}"));
            tokio::spawn(admin.clone().run(listener));
        }
        Ok(Self { config, node, isolates, objects, metrics, printer, address, budget, admin, listener })
    }

    /// How far the node is behind its control plane is among its metrics from now on.
    pub fn watch_following(&self, following: &Arc<Following>) {
        self.metrics.watch_following(following.clone());
    }

    /// Serves until the process is told to stop; `beside` runs for as long. `note` is printed when requests are taken.
    pub async fn run(self, note: &str, beside: impl Future<Output = ()>) -> Result<()> {
        let of_cells = self.isolates.cells().map_or(0, |cells| cells.own_bytes);
        self.budget.measure_base(machine::resident_bytes() + of_cells);
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
        let (living, directory) = (self.objects.clone(), self.node.directory());
        let of_objects = async {
            match living {
                Some(objects) => objects.run(directory).await,
                None => std::future::pending().await,
            }
        };
        let keeping =
            async { tokio::join!(self.node.evict(self.config.eviction, &self.budget), self.node.balance(), of_objects) };
        tokio::select! {
            () = interrupted => {}
            _ = keeping => {}
            () = beside => {}
        }
        self.admin.set_ready(false);
        sockets::notify("STOPPING=1");
        let drained = start::drain(&self.printer, &stop, server).await;
        if let Some(objects) = &self.objects {
            objects.close().await;
        }
        drained
    }
}
