//! `skerry dev`: build, serve, watch, build again.

mod watch;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use skerry_edge::bindings::implicit_namespace;
use skerry_edge::http::{Server, ServerOptions};
use skerry_edge::{
    Budget, CellsConfig, EgressPolicy, Failure, FailureKind, Limits, Node, NodeConfig, Objects, Tenant, Worker, WorkerOptions,
};
use skerry_project::{ProjectError, ProjectOptions};
use tokio::sync::watch as signal;

use crate::ground::Ground;
use crate::printer::{LogLevel, Printer, WorkerLog};
use crate::start;
use crate::version;
use watch::Watcher;

/// Where neither the command line nor the configuration says.
const PORT: u16 = 8787;
/// CPU time for an event, and for the global scope: enough for code that is not finished yet, and an end to endless loops.
const CPU_TIME: Duration = Duration::from_secs(10);
const SUBREQUESTS_MAX: u32 = 1_000;
/// What is logged at a developer's own machine may be looked at.
const LOG_BYTES_MAX: usize = 16 << 20;

#[derive(Args)]
pub struct DevArgs {
    /// A module (index.ts), a folder, or a wrangler.toml, wrangler.jsonc or wrangler.json.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Port to listen on, 0 for a free one. Without it, `dev.port` of the wrangler configuration, or else 8787.
    #[arg(long, short)]
    port: Option<u16>,
    /// Address to listen on, or a name for it such as localhost.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Environment of the wrangler configuration.
    #[arg(long, short)]
    env: Option<String>,
    /// A variable for `env`, over those of the configuration.
    #[arg(long = "var", value_name = "NAME:VALUE", value_parser = parse_var)]
    vars: Vec<(String, String)>,
    /// Where requests go after an exception when the worker called `ctx.passThroughOnException()`, such as http://127.0.0.1:3000.
    #[arg(long, value_name = "URL", value_parser = parse_origin)]
    origin: Option<String>,
    /// Run the worker in a process of its own, in a sandbox, as nodes do that serve strangers.
    #[arg(long)]
    cells: bool,
    /// Where Durable Objects are kept; else in .skerry/ beside the configuration.
    #[arg(long, value_name = "FOLDER")]
    persist_to: Option<PathBuf>,
    /// How much is printed.
    #[arg(long, value_enum, default_value_t = LogLevel::Log)]
    log_level: LogLevel,
    /// Do not reload when files change.
    #[arg(long)]
    no_watch: bool,
}

fn parse_var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME:VALUE")?;
    if name.is_empty() { Err("the name is empty".to_owned()) } else { Ok((name.to_owned(), value.to_owned())) }
}

fn parse_origin(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let authority = rest.ok_or("expected a URL such as http://127.0.0.1:3000")?.trim_end_matches('/');
    if authority.is_empty() || authority.contains(['/', '?', '#']) {
        return Err("expected scheme, host and port alone".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The address that a host and a port stand for. Of several it is IPv4's, which more clients try.
async fn resolve(host: &str, port: u16) -> Result<SocketAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let found = tokio::net::lookup_host((bare, port)).await.with_context(|| format!("--host {host} leads to no address"))?;
    found.min_by_key(SocketAddr::is_ipv6).with_context(|| format!("--host {host} leads to no address"))
}

pub fn run(args: DevArgs) -> Result<()> {
    start::log(args.log_level);
    // Before anything that could start a thread.
    let ground = if args.cells { Ground::for_cells(None)? } else { Ground::of_build()? };
    start::runtime()?.block_on(dev(args, ground))
}

async fn dev(args: DevArgs, ground: Ground) -> Result<()> {
    let started = Instant::now();
    let options = ProjectOptions { environment: args.env.clone(), vars: args.vars.clone() };
    let port = args.port.or_else(|| skerry_project::port_of(&args.path, &options)).unwrap_or(PORT);
    let address = resolve(&args.host, port).await?;
    let (listener, address) = start::listen(address, "choose another port with --port, or 0 for a free one").await?;
    let printer = Arc::new(Printer::start(args.log_level));
    let log = WorkerLog::alone(printer.clone());
    let limits = Limits {
        cpu_per_event: CPU_TIME,
        start_cpu: CPU_TIME,
        subrequests_max: SUBREQUESTS_MAX,
        log_bytes_max: LOG_BYTES_MAX,
        ..Limits::default()
    };
    // One isolate is made while the project is bundled, and one ahead of each reload.
    let config = NodeConfig { pool: 1..=1, limits: limits.clone(), ..NodeConfig::listening_on(address) };
    let config = NodeConfig { cells: CellsConfig { count: 1, ..config.cells.clone() }, ..config };
    let isolates = ground.isolates(&config, Budget::new(usize::MAX)).await?;
    let node = Node::new(log.clone());
    let state = args.persist_to.clone().unwrap_or_else(|| skerry_project::root_of(&args.path).join(".skerry"));
    let objects = Objects::at(state.join("objects"), Objects::HISTORY, None, Budget::new(usize::MAX));
    let worker_options = WorkerOptions {
        tenant: Tenant::default(),
        limits,
        egress: EgressPolicy::allowing_loopback(),
        origin: args.origin.clone(),
        directory: node.directory(),
        objects: Some(objects.clone()),
        ..WorkerOptions::default()
    };
    let worker = Worker::new(worker_options, isolates, log.clone());
    let mut project = Project {
        path: args.path.clone(),
        options,
        worker: worker.clone(),
        node: node.clone(),
        printer: printer.clone(),
        has_served: false,
        kept: objects.clone(),
        objects: state.join("objects"),
        has_told_objects: false,
        warned: Vec::new(),
    };

    let (stop, stopping) = signal::channel(false);
    let everything = "*/*".parse()?;
    node.serve(vec![(worker.clone(), vec![everything])]).map_err(|route| anyhow::anyhow!("{route} is routed twice"))?;
    let server_options = ServerOptions { show_errors: true, linger: Duration::ZERO, ..ServerOptions::default() };
    let living = tokio::spawn(objects.clone().run(node.directory()));
    let server = tokio::spawn(Server::new(listener, node, server_options).run(stopping));
    let interrupted = start::interrupted();
    // Before the build, so that no save is missed while it runs.
    let mut watcher = (!args.no_watch).then(|| Watcher::start(&skerry_project::root_of(&args.path))).transpose()?;
    let building = async {
        let inputs = project.first_build(started, address).await?;
        if let (Some(watcher), Some(inputs)) = (&mut watcher, &inputs) {
            watcher.also_watch(inputs);
        }
        project.rebuild_on_changes(watcher, inputs).await;
        Ok::<_, anyhow::Error>(())
    };
    tokio::select! {
        () = interrupted => {}
        built = Box::pin(building) => built?,
    }
    let drained = start::drain(&printer, &stop, server).await;
    living.abort();
    objects.close().await;
    drained
}

struct Project {
    path: PathBuf,
    options: ProjectOptions,
    worker: Arc<Worker>,
    node: Arc<Node>,
    printer: Arc<Printer>,
    /// Whether there is a version to fall back on.
    has_served: bool,
    kept: Arc<Objects>,
    /// Where Durable Objects are kept, and whether that was said.
    objects: PathBuf,
    has_told_objects: bool,
    /// The warnings of the last build, which need not be said again.
    warned: Vec<String>,
}

impl Project {
    /// Mistakes in what was typed or configured end the command; mistakes in the code are shown, and waited for to be mended.
    /// Gives back the files that the version was made of, if it was.
    async fn first_build(&mut self, started: Instant, address: SocketAddr) -> Result<Option<Vec<PathBuf>>> {
        let inputs = match skerry_project::build(&self.path, &self.options).await {
            Ok(built) => {
                let inputs = built.inputs.clone();
                let name = built.version.name.clone();
                if self.deploy(built).await {
                    let took = started.elapsed().as_millis();
                    self.printer.note(&format!("{name} is ready on http://{address} after {took} ms"));
                    return Ok(Some(inputs));
                }
                Some(inputs)
            }
            Err(error @ ProjectError::Bundle { .. }) => {
                self.show(&error);
                None
            }
            Err(error) => return Err(error.into()),
        };
        self.printer.note(&format!("Listening on http://{address}; waiting for the worker to be mended"));
        Ok(inputs)
    }

    /// Never returns. `inputs` are the files of the first build; none when it failed, and then any file may be the mend.
    async fn rebuild_on_changes(&mut self, watcher: Option<Watcher>, mut inputs: Option<Vec<PathBuf>>) {
        let Some(mut watcher) = watcher else { return std::future::pending().await };
        loop {
            match &inputs {
                Some(inputs) => watcher.changed(inputs).await,
                None => watcher.mended().await,
            }
            let started = Instant::now();
            watcher.before_build();
            let is_served = match skerry_project::build(&self.path, &self.options).await {
                Ok(built) => {
                    watcher.also_watch(&built.inputs);
                    inputs = Some(built.inputs.clone());
                    self.deploy(built).await
                }
                Err(error) => {
                    inputs = None;
                    self.show(&error);
                    false
                }
            };
            if is_served {
                self.printer.note(&format!("Reloaded in {} ms", started.elapsed().as_millis()));
            } else if self.has_served {
                self.printer.note("The last good version keeps serving");
            }
        }
    }

    async fn deploy(&mut self, built: skerry_project::Built) -> bool {
        for warning in built.warnings.iter().filter(|warning| !self.warned.contains(warning)) {
            self.printer.warn(warning);
        }
        self.warned.clone_from(&built.warnings);
        let name = built.version.name.clone();
        let deleted = built.bindings.classes().deleted;
        let code = version::code_of_built(built, &version::Origins::default());
        let has_objects = !code.namespaces.is_empty();
        match self.worker.deploy(Arc::new(code)).await {
            Ok(()) => {
                if has_objects && !std::mem::replace(&mut self.has_told_objects, true) {
                    self.printer.note(&format!("Durable Objects are kept in {}", self.objects.display()));
                    hide_from_git(&self.objects);
                }
                self.node.look_at_names();
                self.has_served = true;
                for (class, origin) in deleted {
                    self.delete_class(&class, &implicit_namespace(&name, &origin)).await;
                }
                true
            }
            Err(failure) => {
                self.printer.error(&format!("The worker does not start: {}", failure.stack.as_ref().unwrap_or(&failure.message)));
                false
            }
        }
    }

    /// A migration has deleted the class: its objects go.
    async fn delete_class(&self, class: &str, namespace: &str) {
        match self.kept.delete_namespace(namespace).await {
            Ok(0) => {}
            Ok(count) => self.printer.note(&format!("{count} Durable Objects of the deleted class {class} are gone")),
            Err(error) => self.printer.error(&format!("Durable Objects of the deleted class {class} are still there: {error}")),
        }
    }

    fn show(&self, error: &ProjectError) {
        let details = match error {
            ProjectError::Bundle { details, .. } => details.clone(),
            other => other.to_string(),
        };
        self.printer.error(&details);
        self.worker.report_failure(Failure { kind: FailureKind::Load, message: error.to_string(), stack: Some(details) });
    }
}

/// What objects keep belongs to this machine: `.skerry/` has a `.gitignore` of its own.
fn hide_from_git(objects: &Path) {
    let Some(folder) = objects.parent().filter(|folder| folder.ends_with(".skerry")) else { return };
    let file = folder.join(".gitignore");
    if !file.exists() {
        // Where it cannot be written, nothing can.
        let _written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, "*\n"));
    }
}
