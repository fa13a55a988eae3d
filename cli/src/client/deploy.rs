use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Value, json};
use skerry_project::{Built, Triggers};

use super::Done;
use super::api::{Api, worker_path};
use super::args::Target;
use super::failure::Failure;
use super::out::Out;

#[derive(Args)]
pub struct DeployArgs {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    upload: UploadArgs,
    /// Bundle, and upload nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
pub struct UploadArgs {
    /// A module (index.ts), a folder, or a wrangler.toml, wrangler.jsonc or wrangler.json.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// What the version is about.
    #[arg(long)]
    message: Option<String>,
    /// A name of your own for the version, such as a commit.
    #[arg(long)]
    tag: Option<String>,
}

pub async fn deploy(args: &DeployArgs, out: &Out) -> Done {
    // A missing login is told before there is anything to wait for.
    let api = if args.dry_run { None } else { Some(Api::of(&args.target.shared)?) };
    let built = bundle(&args.target, &args.upload.path, out).await?;
    let name = &built.version.name;
    let Some(api) = api else {
        out.say(&format!("{name} was not uploaded: this was a dry run"));
        return Ok(json!({ "name": name, "modules": listed(&built), "dry_run": true }));
    };
    let version = upload(&api, &built, &args.upload, true, out).await?;
    let id = version["id"].as_str().unwrap_or_default();
    set_triggers(&api, name, &built.triggers).await.map_err(|failure| {
        failure.after(&format!("The version {id} of {name} is deployed, but not all of its routes are set"))
    })?;
    let worker = api.get(&worker_path(name, &[])).await?;
    out.say(&format!("Deployed {name}, version {id}"));
    let urls = urls(&worker);
    for url in &urls {
        out.say(&format!("  {url}"));
    }
    if urls.is_empty() {
        out.say("  It is served nowhere yet: give it a route with `skerry routes set PATTERN`");
    }
    Ok(json!({ "name": name, "version": version, "urls": urls }))
}

/// A version that is kept, and does not serve yet.
pub async fn upload_alone(target: &Target, args: &UploadArgs, out: &Out) -> Done {
    let api = Api::of(&target.shared)?;
    let built = bundle(target, &args.path, out).await?;
    let version = upload(&api, &built, args, false, out).await?;
    let text = |key: &str| version[key].as_str().unwrap_or_default();
    out.say(&format!(
        "Version {} of {} is kept, and does not serve yet: `skerry versions deploy {0}`",
        text("id"),
        built.version.name
    ));
    if !text("preview_url").is_empty() {
        out.say(&format!("  Preview: {}", text("preview_url")));
    }
    Ok(version)
}

async fn bundle(target: &Target, path: &Path, out: &Out) -> Result<Built, Failure> {
    let mut built = skerry_project::build_to_deploy(path, &target.options()).await?;
    if let Some(name) = &target.name {
        built.version.name.clone_from(name);
    }
    for warning in &built.warnings {
        out.warn(warning);
    }
    let bytes: usize = built.version.modules.iter().map(|module| module.content.len()).sum();
    let count = built.version.modules.len();
    let modules = if count == 1 { "module" } else { "modules" };
    out.say(&format!("Bundled {}: {count} {modules}, {}.{} KB", built.version.name, bytes / 1024, bytes % 1024 * 10 / 1024));
    Ok(built)
}

fn listed(built: &Built) -> Vec<Value> {
    let shown =
        |module: &skerry_protocol::Module| json!({ "name": module.name, "kind": module.kind, "size": module.content.len() });
    built.version.modules.iter().map(shown).collect()
}

async fn upload(api: &Api, built: &Built, args: &UploadArgs, serves: bool, out: &Out) -> Done {
    let version = &built.version;
    let module = |module: &skerry_protocol::Module| {
        json!({
            "name": module.name,
            "kind": module.kind,
            "content_base64": STANDARD.encode(&module.content),
            "source_map": module.source_map,
        })
    };
    let body = json!({
        "main_module": version.main_module,
        "modules": version.modules.iter().map(module).collect::<Vec<_>>(),
        "compatibility_date": version.compatibility_date,
        "compatibility_flags": version.compatibility_flags,
        "vars": version.vars,
        "message": args.message,
        "tag": args.tag,
    });
    let path = worker_path(&version.name, &["versions"]);
    let made = api.post(&format!("{path}?deploy={serves}"), &body).await?;
    out.say(&format!("Uploaded and checked: it starts in {} ms", made["startup_ms"]));
    Ok(made)
}

/// What the configuration names is set; the rest stays as it is.
async fn set_triggers(api: &Api, name: &str, triggers: &Triggers) -> Result<(), Failure> {
    if triggers.has_host.is_some() || triggers.has_previews.is_some() {
        let hosts = json!({ "enabled": triggers.has_host, "previews_enabled": triggers.has_previews });
        api.put(&worker_path(name, &["hosts"]), &hosts).await?;
    }
    if let Some(routes) = &triggers.routes {
        api.put(&worker_path(name, &["routes"]), &json!({ "routes": routes })).await?;
    }
    if let Some(domains) = &triggers.domains {
        api.put(&worker_path(name, &["domains"]), &json!({ "domains": domains })).await?;
    }
    Ok(())
}

/// Where a worker is served: its own host, and what it claims.
fn urls(worker: &Value) -> Vec<String> {
    let list = |key: &str| worker[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let all: [Vec<String>; 2] = [list("domains"), list("routes")];
    worker["url"].as_str().map(str::to_owned).into_iter().chain(all.concat()).collect()
}
