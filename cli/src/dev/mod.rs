//! `skerry dev`: build, serve, watch, build again.

mod printer;
mod version;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use skerry_edge::http::{Server, ServerOptions};
use skerry_edge::{EgressPolicy, Failure, FailureKind, Limits, Worker, WorkerOptions};
use skerry_project::{ProjectError, ProjectOptions};
use tokio::net::TcpListener;
use tokio::sync::watch as signal;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use printer::Printer;
use watch::Watcher;

#[derive(Args)]
pub struct DevArgs {
    /// A module (index.ts), a folder, or a wrangler.toml, wrangler.jsonc or wrangler.json.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, short, default_value_t = 8787)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Environment of the wrangler configuration.
    #[arg(long, short)]
    env: Option<String>,
    /// A variable for `env`, over those of the configuration.
    #[arg(long = "var", value_name = "NAME:VALUE", value_parser = parse_var)]
    vars: Vec<(String, String)>,
    /// Where requests go after an exception when the worker called `ctx.passThroughOnException()`, such as http://127.0.0.1:3000.
    #[arg(long, value_name = "URL", value_parser = parse_origin)]
    origin: Option<String>,
    /// How much is printed.
    #[arg(long, value_enum, default_value_t = LogLevel::Log)]
    log_level: LogLevel,
    /// Do not reload when files change.
    #[arg(long)]
    no_watch: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum LogLevel {
    None,
    Error,
    Warn,
    /// Requests, and what the worker logs.
    Log,
    Debug,
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

pub fn run(args: DevArgs) -> Result<()> {
    let level = if args.log_level >= LogLevel::Debug { tracing::Level::DEBUG } else { tracing::Level::WARN };
    // Ours alone: what the libraries say is for their developers.
    let ours = Targets::new().with_target("skerry", level);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_ansi(false);
    tracing_subscriber::registry().with(layer.with_filter(ours)).init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(skerry_edge::network_threads())
        .enable_all()
        .build()
        .context("no threads could be started")?;
    runtime.block_on(dev(args))
}

async fn dev(args: DevArgs) -> Result<()> {
    let started = Instant::now();
    let address = SocketAddr::new(args.host, args.port);
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("{address} is in use: choose another port with --port, or 0 for a free one")
        }
        _ => anyhow::anyhow!("{address} cannot be listened on: {error}"),
    })?;
    let address = listener.local_addr().context("the listening address is not known")?;
    let printer = Arc::new(Printer::start(args.log_level));
    let worker = Worker::new(
        WorkerOptions {
            limits: Limits::default(),
            egress: EgressPolicy::allowing_loopback(),
            origin: args.origin.clone(),
            show_errors: true,
        },
        printer.clone(),
    );
    let options = ProjectOptions { environment: args.env.clone(), vars: args.vars.clone() };
    let project = Project { path: args.path.clone(), options, worker: worker.clone(), printer: printer.clone() };

    let (stop, stopping) = signal::channel(false);
    let server = tokio::spawn(Server::new(listener, worker.clone(), ServerOptions::default()).run(stopping));
    // Before the build, so that no save is missed while it runs.
    let mut watcher = (!args.no_watch).then(|| Watcher::start(&skerry_project::root_of(&args.path))).transpose()?;
    let inputs = project.first_build(started, address).await?;
    if let Some(watcher) = &mut watcher {
        watcher.also_watch(&inputs);
    }

    tokio::select! {
        () = interrupted() => {}
        () = project.rebuild_on_changes(watcher, inputs) => {}
    }
    printer.note("Stopping: requests under way may finish (press Ctrl-C again to end at once)");
    let _server_listens = stop.send(true);
    let drained = tokio::select! {
        drained = server => drained.unwrap_or(false),
        () = interrupted() => false,
    };
    printer.flush();
    if !drained {
        bail!("some requests were cut off");
    }
    Ok(())
}

struct Project {
    path: PathBuf,
    options: ProjectOptions,
    worker: Arc<Worker>,
    printer: Arc<Printer>,
}

impl Project {
    /// Mistakes in what was typed or configured end the command; mistakes in the code are shown, and waited for to be mended.
    async fn first_build(&self, started: Instant, address: SocketAddr) -> Result<Vec<PathBuf>> {
        let result = skerry_project::build(&self.path, &self.options).await;
        let inputs = match result {
            Ok(built) => {
                let inputs = built.inputs.clone();
                let name = built.version.name.clone();
                if self.deploy(built).await {
                    let took = started.elapsed().as_millis();
                    self.printer.note(&format!("{name} is ready on http://{address} after {took} ms"));
                } else {
                    self.printer.note(&format!("Listening on http://{address}; waiting for the worker to be mended"));
                }
                inputs
            }
            Err(error @ ProjectError::Bundle { .. }) => {
                self.show(&error);
                self.printer.note(&format!("Listening on http://{address}; waiting for the worker to be mended"));
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        Ok(inputs)
    }

    /// Never returns. `inputs` are the files of the first build; none when it failed.
    async fn rebuild_on_changes(&self, watcher: Option<Watcher>, mut inputs: Vec<PathBuf>) {
        let Some(mut watcher) = watcher else { return std::future::pending().await };
        loop {
            watcher.changed(&inputs).await;
            let started = Instant::now();
            match skerry_project::build(&self.path, &self.options).await {
                Ok(built) => {
                    watcher.also_watch(&built.inputs);
                    inputs.clone_from(&built.inputs);
                    if self.deploy(built).await {
                        self.printer.note(&format!("Reloaded in {} ms", started.elapsed().as_millis()));
                    }
                }
                Err(error) => {
                    // Any file may be the mend.
                    inputs.clear();
                    self.show(&error);
                }
            }
        }
    }

    async fn deploy(&self, built: skerry_project::Built) -> bool {
        for warning in &built.warnings {
            self.printer.warn(warning);
        }
        match self.worker.deploy(Arc::new(version::code_of(built.version))).await {
            Ok(()) => true,
            Err(failure) => {
                self.printer.error(&format!("The worker does not start: {}", failure.stack.as_ref().unwrap_or(&failure.message)));
                false
            }
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

/// Ctrl-C, or the signal by which supervisors stop a program.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    // A second press must be a second signal, not an echo of the first.
    tokio::time::sleep(Duration::from_millis(10)).await;
}
