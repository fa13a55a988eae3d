use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Value, json};
use skerry_project::{Built, ObjectClass, Triggers};

use super::Done;
use super::api::{Api, worker_path};
use super::args::Target;
use super::failure::Failure;
use super::live;
use super::out::Out;

/// Between lines that say how far an upload is.
const TOLD_EVERY: Duration = Duration::from_secs(1);

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
    /// Keep deployed variables that the configuration does not name.
    #[arg(long)]
    keep_vars: bool,
    /// A name of your own for the version, such as a commit.
    #[arg(long)]
    tag: Option<String>,
    /// Serve the version at ALIAS-WORKER., too, until a later one has the name.
    #[arg(long, value_name = "ALIAS")]
    preview_alias: Option<String>,
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
    let began = Instant::now();
    let version = upload(&api, &built, &args.upload, true, out).await?;
    let worker = api.get(&worker_path(name, &[])).await?;
    out.say(&format!("Deployed {name}, version {}", version["id"].as_str().unwrap_or_default()));
    let urls = urls(&worker);
    for url in &urls {
        out.say(&format!("  {url}"));
    }
    if urls.is_empty() {
        out.say("  It is served nowhere yet: give it a route with `skerry routes set PATTERN`");
    }
    let made = json!({ "name": name, "revision": version["revision"], "version": version, "urls": urls });
    Ok(live::followed(&api, name, made, began, out).await)
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
    for url in version["alias_urls"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        out.say(&format!("  Alias: {url}"));
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
    out.say(&format!("Bundled {}: {count} {modules}, {}", built.version.name, shown_size(bytes)));
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
    let mut body = json!({
        "main_module": version.main_module,
        "modules": version.modules.iter().map(module).collect::<Vec<_>>(),
        "compatibility_date": version.compatibility_date,
        "compatibility_flags": version.compatibility_flags,
        "vars": version.vars,
        "services": version.services,
        "durable_objects": built.bindings.objects.iter().map(objects).collect::<Vec<_>>(),
        "migrations": built.bindings.migrations,
        "keep_vars": built.keeps_vars || args.keep_vars,
        "limits": built.limits,
        "message": args.message,
        "tag": args.tag,
        "alias": args.preview_alias,
    });
    if serves {
        body["triggers"] = triggers(&built.triggers);
    }
    let path = worker_path(&version.name, &["versions"]);
    let progress = Progress::begin(out.clone());
    let made = api.upload(&format!("{path}?deploy={serves}"), &body, move |sent, all| progress.sent(sent, all)).await?;
    out.say(&format!("Uploaded and checked: it starts in {} ms", made["startup_ms"]));
    Ok(made)
}

fn objects(object: &ObjectClass) -> Value {
    json!({ "binding": object.binding, "class": object.class, "script": object.script })
}

/// Says how far an upload is.
struct Progress {
    out: Out,
    told: Mutex<Instant>,
}

impl Progress {
    fn begin(out: Out) -> Self {
        Self { out, told: Mutex::new(Instant::now()) }
    }

    fn sent(&self, sent: usize, all: usize) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if sent == all {
            self.out.say(&format!("Sent {}: it is checked whether it starts", shown_size(all)));
        } else if told.elapsed() >= TOLD_EVERY {
            *told = Instant::now();
            self.out.say(&format!("Sent {} of {}", shown_size(sent), shown_size(all)));
        }
    }
}

fn shown_size(bytes: usize) -> String {
    let (unit, name) = if bytes < 1 << 20 { (1 << 10, "KB") } else { (1 << 20, "MB") };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

/// What the configuration names is set with the version, or neither is; the rest stays as it is.
fn triggers(triggers: &Triggers) -> Value {
    json!({
        "routes": triggers.routes,
        "domains": triggers.domains,
        "crons": triggers.crons,
        "enabled": triggers.has_host,
        "previews_enabled": triggers.has_previews,
    })
}

/// Where a worker is served: its own host, and what it claims.
fn urls(worker: &Value) -> Vec<String> {
    let list = |key: &str| worker[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let all: [Vec<String>; 2] = [list("domains"), list("routes")];
    worker["url"].as_str().map(str::to_owned).into_iter().chain(all.concat()).collect()
}
