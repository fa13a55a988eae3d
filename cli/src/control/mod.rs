//! `skerry control`: the control plane, for edges on other machines. Also the part of `skerry serve` that takes deploys.

mod certificate;
mod checker;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use skerry_control::{Api, BlobFolder, Control, Identity, Keyring, SqliteMeta, Tails, Tls};
use skerry_edge::{Budget, Isolates, Limits, NodeConfig, machine};
use tokio::net::TcpListener;

use crate::assembly;
use crate::ground::{Ground, IsolationArg};
use crate::printer::{LogLevel, Printer};
use crate::sockets::{self, Sockets};
use crate::start;
use certificate::TlsArgs;
use checker::ScratchIsolate;

#[derive(Args)]
pub struct ControlArgs {
    #[command(flatten)]
    plane: PlaneArgs,
    /// Where uploads are tried out.
    #[arg(long, value_enum, value_name = "WHERE")]
    isolation: Option<IsolationArg>,
    /// How much is printed.
    #[arg(long, value_enum, default_value_t = LogLevel::Warn)]
    log_level: LogLevel,
}

#[derive(Args)]
pub(crate) struct PlaneArgs {
    /// Everything that has to last: what was deployed, secrets and their key.
    #[arg(long, value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where deploys are taken, and edges served.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8788")]
    api: SocketAddr,
    #[command(flatten)]
    tls: TlsArgs,
    /// Workers get hosts under this one: WORKER.ACCOUNT.HOST.
    #[arg(long, value_name = "HOST", default_value = "localhost", value_parser = host)]
    hosts: String,
    /// How often old versions and modules that nobody needs are taken away.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..))]
    gc_seconds: u64,
    /// How long a module stays that no version names.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = clap::value_parser!(u64).range(600..))]
    gc_grace_seconds: u64,
}

fn host(text: &str) -> Result<String, String> {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if text.split('.').all(is_label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a host name is expected, such as workers.example.com".into())
    }
}

/// A control plane that listens, and does not answer yet.
pub(crate) struct ControlPlane {
    pub control: Arc<Control>,
    pub tails: Arc<Tails>,
    pub api: Arc<Api>,
    listener: TcpListener,
    /// How often garbage is collected, and how old it has to be.
    gc: (Duration, Duration),
    tls: Option<Arc<Tls>>,
    printer: Arc<Printer>,
}

pub fn run(args: &ControlArgs) -> Result<()> {
    args.plane.make_folder()?;
    // Nothing is served to clients here; code is tried out.
    let mut config = NodeConfig::listening_on(args.plane.api);
    config.cache = Some(args.plane.data.join("cache"));
    config.cells.count = 1;
    IsolationArg::apply(args.isolation, &mut config);
    let ground = assembly::initialize(&config, args.log_level)?;
    let mut sockets = Sockets::inherited()?;
    start::runtime()?.block_on(control(args, config, ground, &mut sockets))
}

async fn control(args: &ControlArgs, config: NodeConfig, ground: Ground, sockets: &mut Sockets) -> Result<()> {
    let printer = Arc::new(Printer::start(args.log_level));
    let budget = Budget::new(machine::memory_bytes() / 2);
    let isolates = ground.isolates(&config, budget).await?;
    let plane = ControlPlane::open(&args.plane, config.limits, isolates, None, sockets, &printer).await?;
    sockets.all_taken()?;
    let interrupted = start::interrupted();
    let stopping = async {
        interrupted.await;
        sockets::notify("STOPPING=1");
        printer.note("Stopping: requests under way may finish (a second Ctrl-C or signal ends them)");
    };
    let first = start::interrupted();
    let twice = async {
        first.await;
        start::interrupted().await;
    };
    sockets::notify("READY=1");
    tokio::select! {
        () = plane.answer(stopping) => {}
        () = twice => {}
    }
    printer.flush();
    Ok(())
}

impl PlaneArgs {
    /// There are secrets in it.
    pub fn make_folder(&self) -> Result<()> {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let folder = self.data.join("control");
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        // Also one that was put back from a copy.
        let made = made.and_then(|()| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)));
        made.with_context(|| format!("{}: the folder cannot be made", folder.display()))
    }
}

/// What was made together is there together: a store that is made anew would take everything away that edges serve.
fn check_whole(folder: &Path) -> Result<()> {
    let is_there = |name: &str| folder.join(name).metadata().is_ok_and(|data| data.len() > 0);
    let files = ["meta.db", "secrets.key", "identity.key"];
    let is_new = !files.iter().any(|name| is_there(name));
    let Some(missing) = files.into_iter().find(|name| !is_new && !is_there(name)) else { return Ok(()) };
    anyhow::bail!(
        "{} is missing or empty, beside what belongs to it: restore it, or move the folder away to begin anew",
        folder.join(missing).display()
    )
}

impl ControlPlane {
    /// Uploads are tried out in isolates of the pool.
    pub async fn open(
        args: &PlaneArgs,
        limits: Limits,
        isolates: Arc<dyn Isolates>,
        workers_port: Option<u16>,
        sockets: &mut Sockets,
        printer: &Arc<Printer>,
    ) -> Result<Self> {
        let tls = args.tls.open()?;
        let folder = args.data.join("control");
        check_whole(&folder)?;
        let meta = SqliteMeta::open(&folder.join("meta.db"))?;
        let blobs = folder.join("blobs");
        let blobs = BlobFolder::open(&blobs).with_context(|| format!("{}: modules cannot be kept there", blobs.display()))?;
        let keys = Keyring::open(&folder.join("secrets.key")).context("the key of the secrets cannot be read")?;
        let identity = Identity::open(&folder.join("identity.key")).context("the control plane's key cannot be read")?;
        let checker = ScratchIsolate::new(limits, isolates);
        let control = Arc::new(Control::new(Arc::new(meta), Arc::new(blobs), keys, checker, args.hosts.clone()));
        control.check_keys().await.with_context(|| {
            format!(
                "{}: it is not the key that the secrets in meta.db are sealed with: restore that one",
                folder.join("secrets.key").display()
            )
        })?;
        control.begin_epoch().await.context("the control plane's store cannot be written")?;
        // Before a token is made that is shown once.
        let (listener, address) = sockets.listen(sockets::API, args.api, "choose another with --api").await?;
        let first = control.bootstrap().await?;
        let tails = Arc::<Tails>::default();
        let api = Api::new(control.clone(), tails.clone(), identity, workers_port);
        let scheme = if tls.is_some() { "https" } else { "http" };
        printer.note(&format!("API on {scheme}://{address}"));
        if tls.is_none() && !address.ip().to_canonical().is_loopback() {
            printer.warn("Tokens and secrets pass by the API without encryption: give it --tls-cert and --tls-key, or a proxy");
        }
        if let Some((account, token)) = first {
            printer.note(&format!("Account: {account}"));
            printer.note(&format!("Admin token (shown once): {token}"));
        }
        let gc = (Duration::from_secs(args.gc_seconds), Duration::from_secs(args.gc_grace_seconds));
        Ok(Self { control, tails, api, listener, gc, tls, printer: printer.clone() })
    }

    /// Answers until `stopping` is over, and then finishes what is under way.
    pub async fn answer(self, stopping: impl Future<Output = ()> + Send) {
        let (every, grace) = self.gc;
        let serving = self.api.serve(self.listener, self.tls.clone(), stopping);
        tokio::select! {
            _all_finished = serving => {}
            () = certificate::keep(self.tls, self.printer) => {}
            () = self.control.collect_garbage(every, grace) => {}
        }
    }
}
