//! `skerry dev`: build, serve, watch, build again.

mod watch;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use skerry_edge::http::{Server, ServerOptions};
use skerry_edge::{EgressPolicy, Failure, FailureKind, Limits, Node, Pool, Worker, WorkerOptions};
use skerry_project::{ProjectError, ProjectOptions};
use tokio::sync::watch as signal;

use crate::printer::{LogLevel, Printer, WorkerLog};
use crate::start;
use crate::version;
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
    start::runtime(args.log_level)?.block_on(dev(args))
}

async fn dev(args: DevArgs) -> Result<()> {
    let started = Instant::now();
    let (listener, address) =
        start::listen(SocketAddr::new(args.host, args.port), "choose another port with --port, or 0 for a free one").await?;
    let printer = Arc::new(Printer::start(args.log_level));
    let log = WorkerLog::alone(printer.clone());
    let limits = Limits::default();
    // One isolate is made while the project is bundled, and one ahead of each reload.
    let pool = Pool::new(1, &limits);
    let options = WorkerOptions { limits, egress: EgressPolicy::allowing_loopback(), origin: args.origin.clone() };
    let worker = Worker::new(options, pool, log.clone());
    let options = ProjectOptions { environment: args.env.clone(), vars: args.vars.clone() };
    let project = Project { path: args.path.clone(), options, worker: worker.clone(), printer: printer.clone() };

    let (stop, stopping) = signal::channel(false);
    let node = Node::new(log);
    let everything = "*/*".parse()?;
    node.serve(vec![(worker.clone(), vec![everything])]).map_err(|route| anyhow::anyhow!("{route} is routed twice"))?;
    let server_options = ServerOptions { show_errors: true, ..ServerOptions::default() };
    let server = tokio::spawn(Server::new(listener, node, server_options).run(stopping));
    // Before the build, so that no save is missed while it runs.
    let mut watcher = (!args.no_watch).then(|| Watcher::start(&skerry_project::root_of(&args.path))).transpose()?;
    let inputs = project.first_build(started, address).await?;
    if let Some(watcher) = &mut watcher {
        watcher.also_watch(&inputs);
    }

    tokio::select! {
        () = start::interrupted() => {}
        () = project.rebuild_on_changes(watcher, inputs) => {}
    }
    printer.note("Stopping: requests under way may finish (press Ctrl-C again to end at once)");
    let _server_listens = stop.send(true);
    let drained = tokio::select! {
        drained = server => drained.unwrap_or(false),
        () = start::interrupted() => false,
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
