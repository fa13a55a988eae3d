use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Done;
use super::api::{Api, segment};
use super::args::Shared;
use super::failure::Failure;
use super::out::Out;

#[derive(Args)]
pub struct EdgesArgs {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    command: EdgesCommand,
}

#[derive(Subcommand)]
enum EdgesCommand {
    /// Let an edge in: a token for its first start, which counts once, and the command to run there.
    Invite {
        /// The edge: a-z, 0-9 and -.
        #[arg(value_name = "NAME")]
        title: String,
        /// Let nobody in.
        #[arg(long)]
        dry_run: bool,
    },
    /// Edges, and how far they follow.
    List,
    /// Throw an edge out: it hears nothing any more.
    Revoke {
        #[arg(value_name = "ID|NAME")]
        edge: String,
        /// Throw nobody out.
        #[arg(long)]
        dry_run: bool,
    },
}

pub async fn run(args: &EdgesArgs, out: &Out) -> Done {
    let api = Api::of(&args.shared)?;
    match &args.command {
        EdgesCommand::Invite { title, dry_run } => invite(&api, title, *dry_run, out).await,
        EdgesCommand::List => {
            let found = api.get("/edges").await?;
            for edge in found["edges"].as_array().into_iter().flatten() {
                out.say(&line_of(edge, found["newest_revision"].as_u64().unwrap_or_default()));
            }
            Ok(found)
        }
        EdgesCommand::Revoke { edge, dry_run } => revoke(&api, edge, *dry_run, out).await,
    }
}

async fn invite(api: &Api, title: &str, dry_run: bool, out: &Out) -> Done {
    if dry_run {
        super::require_operator(api).await?;
        out.say(&format!("The edge {title} was not invited: this was a dry run"));
        return Ok(json!({ "name": title, "dry_run": true }));
    }
    let mut made = api.post("/edges/enrolments", &json!({ "name": title })).await?;
    let text = |key: &str| made[key].as_str().unwrap_or_default();
    // The edge needs a copy of it.
    let ca = api.ca.as_ref().filter(|_| api.base.starts_with("https:"));
    let ca = ca.map(|ca| std::path::absolute(ca).unwrap_or_else(|_| ca.clone()));
    let trust = ca.as_ref().map_or(String::new(), |ca| format!(" --control-ca {}", quoted(&ca.to_string_lossy())));
    let command = format!(
        "skerry edge --control {}{trust} --enroll {} --data /var/lib/skerry --listen 0.0.0.0:8080",
        api.base,
        text("token")
    );
    out.say(&format!("Token for the edge {title}, which counts once, until {}:", text("expires")));
    out.say(text("token"));
    match &ca {
        Some(ca) => out.say(&format!("Copy {} there, and run:", ca.display())),
        None => out.say("Run there:"),
    }
    out.say(&format!("  {command}"));
    made["command"] = json!(command);
    Ok(made)
}

/// For a shell, where it is no plain word.
fn quoted(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-+".contains(character);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn line_of(edge: &Value, newest: u64) -> String {
    let text = |key: &str| edge[key].as_str().unwrap_or_default();
    let state = match (edge["is_revoked"] == true, edge["revision"].as_u64(), edge["heard_seconds_ago"].as_u64()) {
        (true, ..) => "revoked".to_owned(),
        (_, Some(revision), Some(seconds)) => {
            let behind = newest.saturating_sub(revision);
            let state = match behind {
                0 => "up to date".to_owned(),
                1 => "1 revision behind".to_owned(),
                _ => format!("{behind} revisions behind"),
            };
            format!("{state}, heard {seconds} s ago")
        }
        _ => "not heard since the control plane started".to_owned(),
    };
    format!("{}  {}  {state}", text("id"), text("name")).trim_start().to_owned()
}

async fn revoke(api: &Api, wanted: &str, dry_run: bool, out: &Out) -> Done {
    let found = api.get("/edges").await?;
    let all: Vec<&Value> = found["edges"].as_array().into_iter().flatten().filter(|edge| edge["is_revoked"] != true).collect();
    let meant: Vec<&&Value> = all.iter().filter(|edge| edge["id"] == wanted || edge["name"] == wanted).collect();
    let (id, name) = match meant[..] {
        // Who may not throw edges out sees no ids, and is told so by the control plane.
        [edge] => (edge["id"].as_str().unwrap_or(wanted), edge["name"].as_str().unwrap_or_default()),
        [] => {
            super::require_operator(api).await?;
            let text = format!("there is no edge {wanted}: `skerry edges list` shows them");
            return Err(Failure::refused("edge_not_found", text));
        }
        _ => {
            let ids: Vec<_> = meant.iter().filter_map(|edge| edge["id"].as_str()).collect();
            return Err(Failure::usage(format!("several edges have the name {wanted}: choose by id ({})", ids.join(", "))));
        }
    };
    if dry_run {
        super::require_operator(api).await?;
        out.say(&format!("The edge {name} ({id}) was not revoked: this was a dry run"));
        return Ok(json!({ "id": id, "name": name, "dry_run": true }));
    }
    api.delete(&format!("/edges/{}", segment(id))).await?;
    out.say(&format!("Revoked the edge {name} ({id}): it hears nothing any more, and serves on what it has"));
    Ok(json!({ "revoked": id, "name": name }))
}
