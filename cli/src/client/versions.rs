use std::time::Instant;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Done;
use super::api::{Api, worker_path};
use super::args::Target;
use super::deploy::{self, UploadArgs};
use super::failure::Failure;
use super::live;
use super::out::Out;

#[derive(Args)]
pub struct VersionsArgs {
    #[command(flatten)]
    pub target: Target,
    #[command(subcommand)]
    command: VersionsCommand,
}

#[derive(Subcommand)]
enum VersionsCommand {
    /// The newest versions, which of them serve, and who has deployed that.
    List,
    /// All about a version.
    View {
        #[arg(value_name = "VERSION")]
        version: String,
    },
    /// Have versions serve, each its percentage of the requests: VERSION@90 VERSION@10, or one alone.
    Deploy {
        #[arg(value_name = "VERSION@PERCENTAGE", required = true, value_parser = parse_share)]
        versions: Vec<(String, f64)>,
        /// What it is done for.
        #[arg(long)]
        message: Option<String>,
        #[command(flatten)]
        rollback: BoundsArgs,
    },
    /// Bundle and upload a version that does not serve yet.
    Upload(UploadArgs),
}

/// When the newest of the versions is taken back by itself. Without any of these: where several versions share the requests, if 10 % more of
/// its requests fail than of those of the version before, or if they take 3 times the CPU time.
#[derive(Args)]
struct BoundsArgs {
    /// Never.
    #[arg(long, conflicts_with_all = ["rollback_errors", "rollback_cpu", "rollback_requests", "rollback_window"])]
    no_rollback: bool,
    /// If so many percent more of its requests fail; also where it serves alone, for 10 minutes.
    #[arg(long, value_name = "PERCENT")]
    rollback_errors: Option<f64>,
    /// If its requests take more than so many times the CPU time.
    #[arg(long, value_name = "FACTOR")]
    rollback_cpu: Option<f64>,
    /// But not before it has had so many requests.
    #[arg(long, value_name = "COUNT")]
    rollback_requests: Option<u64>,
    /// Within so many seconds.
    #[arg(long, value_name = "SECONDS")]
    rollback_window: Option<u64>,
}

impl BoundsArgs {
    fn body(&self) -> Value {
        if self.no_rollback {
            return json!(false);
        }
        let bounds = [
            ("errors_percent", self.rollback_errors.map(Value::from)),
            ("cpu_factor", self.rollback_cpu.map(Value::from)),
            ("requests_min", self.rollback_requests.map(Value::from)),
            ("window_seconds", self.rollback_window.map(Value::from)),
        ];
        let given: serde_json::Map<_, _> =
            bounds.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        if given.is_empty() { Value::Null } else { given.into() }
    }
}

fn parse_share(text: &str) -> Result<(String, f64), String> {
    match text.split_once('@') {
        None => Ok((text.to_owned(), 100.0)),
        Some((version, percentage)) => {
            let read = percentage.trim_end_matches('%').parse();
            read.map(|percentage| (version.to_owned(), percentage)).map_err(|_| format!("{percentage:?} is no percentage"))
        }
    }
}

pub async fn run(args: &VersionsArgs, out: &Out) -> Done {
    let meant = || Ok::<_, Failure>((Api::of(&args.target.shared)?, args.target.worker()?));
    match &args.command {
        VersionsCommand::Upload(upload) => deploy::upload_alone(&args.target, upload, out).await,
        VersionsCommand::List => {
            let (api, name) = meant()?;
            list(&api, &name, out).await
        }
        VersionsCommand::View { version } => {
            let (api, name) = meant()?;
            view(&api, &name, version, out).await
        }
        VersionsCommand::Deploy { versions, message, rollback } => {
            let (api, name) = meant()?;
            let share = |(id, percentage): &(String, f64)| json!({ "version_id": id, "percentage": percentage });
            let shares: Vec<Value> = versions.iter().map(share).collect();
            let body = json!({ "versions": shares, "message": message, "rollback": rollback.body() });
            let began = Instant::now();
            let made = api.post(&worker_path(&name, &["deployments"]), &body).await?;
            say_deployment(&name, &made, out);
            Ok(live::followed(&api, &name, made, began, out).await)
        }
    }
}

async fn list(api: &Api, name: &str, out: &Out) -> Done {
    let worker = api.get(&worker_path(name, &[])).await?;
    let page = api.get(&format!("{}?limit=100", worker_path(name, &["versions"]))).await?;
    for version in page["versions"].as_array().into_iter().flatten() {
        let text = |key: &str| version[key].as_str().unwrap_or_default().to_owned();
        let deployed = worker["deployed"].as_array().into_iter().flatten();
        let share = deployed.into_iter().find(|share| share["version_id"] == version["id"]).map(|share| &share["percentage"]);
        let share = share.map_or(String::new(), |share| format!("{}%", share.as_f64().unwrap_or_default()));
        let about = [text("tag"), text("message")].join(" ");
        out.say(format!("{}  {}  {share:>6}  {}  {about}", text("id"), text("created"), text("author")).trim_end());
    }
    if !page["next"].is_null() {
        out.say("... and older ones");
    }
    let deployments = api.get(&format!("{}?limit=1", worker_path(name, &["deployments"]))).await?;
    let newest = &deployments["deployments"][0];
    if newest.is_object() {
        out.say(&said_of(newest));
    }
    Ok(json!({ "versions": page["versions"], "deployed": worker["deployed"], "deployment": newest }))
}

/// Who has deployed what serves, when, and what for.
fn said_of(deployment: &Value) -> String {
    let text = |key: &str| deployment[key].as_str().unwrap_or_default();
    let message = deployment["message"].as_str().map_or(String::new(), |message| format!(": {message}"));
    format!("Deployed {} by {}{message}", text("created"), text("author"))
}

async fn view(api: &Api, name: &str, version: &str, out: &Out) -> Done {
    let found = api.get(&worker_path(name, &["versions", version])).await?;
    for (key, value) in found.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        out.say(&format!("{key}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    }
    Ok(found)
}

#[derive(Args)]
pub struct RollbackArgs {
    #[command(flatten)]
    pub target: Target,
    /// The version to go back to. Without it, the one that served alone before.
    #[arg(value_name = "VERSION")]
    version: Option<String>,
    /// What it is done for.
    #[arg(long)]
    message: Option<String>,
}

pub async fn rollback(args: &RollbackArgs, out: &Out) -> Done {
    let api = Api::of(&args.target.shared)?;
    let name = args.target.worker()?;
    let body = json!({ "version_id": args.version, "message": args.message });
    let began = Instant::now();
    let made = api.post(&worker_path(&name, &["rollback"]), &body).await?;
    say_deployment(&name, &made, out);
    Ok(live::followed(&api, &name, made, began, out).await)
}

fn say_deployment(name: &str, deployment: &Value, out: &Out) {
    for share in deployment["versions"].as_array().into_iter().flatten() {
        let (version, percentage) = (share["version_id"].as_str(), share["percentage"].as_f64());
        out.say(&format!("{name}: {} serves {}%", version.unwrap_or_default(), percentage.unwrap_or_default()));
    }
}
