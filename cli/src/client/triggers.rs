use std::time::Instant;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Done;
use super::api::{Api, worker_path};
use super::args::Target;
use super::live;
use super::out::Out;

#[derive(Args)]
pub struct RoutesArgs {
    #[command(flatten)]
    pub target: Target,
    #[command(subcommand)]
    command: RoutesCommand,
}

#[derive(Subcommand)]
enum RoutesCommand {
    /// The routes it has.
    List,
    /// Replace them.
    Set {
        /// Such as example.com/api/* or *.example.com/*.
        #[arg(value_name = "PATTERN", required_unless_present = "none")]
        patterns: Vec<String>,
        /// Leave it without any.
        #[arg(long, conflicts_with = "patterns")]
        none: bool,
    },
}

#[derive(Args)]
pub struct DomainsArgs {
    #[command(flatten)]
    pub target: Target,
    #[command(subcommand)]
    command: DomainsCommand,
}

#[derive(Subcommand)]
enum DomainsCommand {
    /// The custom domains it has.
    List,
    /// Replace them.
    Set {
        /// Such as app.example.com.
        #[arg(value_name = "HOST", required_unless_present = "none")]
        hosts: Vec<String>,
        /// Leave it without any.
        #[arg(long, conflicts_with = "hosts")]
        none: bool,
    },
}

pub async fn routes(args: &RoutesArgs, out: &Out) -> Done {
    let wanted = match &args.command {
        RoutesCommand::List => None,
        RoutesCommand::Set { patterns, .. } => Some(patterns),
    };
    list_or_set(&args.target, "routes", wanted, out).await
}

pub async fn domains(args: &DomainsArgs, out: &Out) -> Done {
    let wanted = match &args.command {
        DomainsCommand::List => None,
        DomainsCommand::Set { hosts, .. } => Some(hosts),
    };
    list_or_set(&args.target, "domains", wanted, out).await
}

async fn list_or_set(target: &Target, kind: &str, wanted: Option<&Vec<String>>, out: &Out) -> Done {
    let api = Api::of(&target.shared)?;
    let name = target.worker()?;
    let path = worker_path(&name, &[kind]);
    let began = Instant::now();
    let found = match wanted {
        Some(wanted) => api.put(&path, &json!({ kind: wanted })).await?,
        None => api.get(&path).await?,
    };
    for item in found[kind].as_array().into_iter().flatten().filter_map(Value::as_str) {
        out.say(item);
    }
    Ok(if wanted.is_some() { live::followed(&api, &name, found, began, out).await } else { found })
}
