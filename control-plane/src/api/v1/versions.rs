use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use skerry_protocol::{Migration, ModuleKind, VersionLimits};

use super::Answered;
use super::page::Page;
use super::shapes::{self, Hosted};
use crate::api::{Api, json_of};
use crate::control::{ALIAS, Caller, Migrations, NewTriggers, NewVersion, Publish, Uploaded, UploadedModule};
use crate::error::ControlError;

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>, Query(page): Query<Page>) -> Answered {
    let (worker, _) = api.control.worker(&caller.account, &name).await?;
    let versions = api.control.versions_before(&worker.id, page.after.as_deref(), page.read_count()?).await?;
    let hosted = Hosted::of(&api, &worker).await?;
    let show = |version: &_| shapes::version(&worker, version, &hosted);
    Ok(Json(page.shown("versions", versions, |version| version.id.clone(), show)))
}

pub async fn view(State(api): State<Arc<Api>>, caller: Caller, Path((name, id)): Path<(String, String)>) -> Answered {
    let (worker, _) = api.control.worker(&caller.account, &name).await?;
    let hosted = Hosted::of(&api, &worker).await?;
    Ok(Json(shapes::version(&worker, &api.control.version(&worker.id, &id).await?, &hosted)))
}

#[derive(Deserialize)]
pub struct Upload {
    /// Whether it is to serve; otherwise it is kept.
    #[serde(default)]
    deploy: bool,
}

pub async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(upload): Query<Upload>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let publish = if upload.deploy { Publish::Deploy } else { Publish::Keep };
    let new = json_of::<Body>(&body)?.into_version()?;
    if publish == Publish::Keep && new.triggers != NewTriggers::default() {
        return Err(ControlError::invalid(
            "\"triggers\" are set with a version that serves: send deploy=true, or leave them out",
        ));
    }
    let Uploaded { worker, version, revision } = api.control.upload(&caller, &name, new, publish).await?;
    let shown = shapes::version(&worker, &version, &Hosted::of(&api, &worker).await?);
    Ok((StatusCode::CREATED, Json(shapes::revised(shown, revision))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    main_module: String,
    modules: Vec<SentModule>,
    compatibility_date: Option<String>,
    #[serde(default)]
    compatibility_flags: Vec<String>,
    #[serde(default)]
    vars: Map<String, Value>,
    /// Other workers of the account: `{binding, service, entrypoint, props}`.
    #[serde(default)]
    services: Vec<SentService>,
    #[serde(default)]
    durable_objects: Vec<SentObjects>,
    /// All of the worker: those that were applied are passed over.
    #[serde(default)]
    migrations: Vec<Migration>,
    #[serde(default)]
    limits: Option<VersionLimits>,
    message: Option<String>,
    tag: Option<String>,
    /// It is served at `ALIAS-WORKER.`, as long as no later version has the name.
    alias: Option<String>,
    /// Those of the newest version.
    #[serde(default = "yes")]
    keep_secrets: bool,
    /// Those of the newest version that are not named.
    #[serde(default)]
    keep_vars: bool,
    #[serde(default)]
    triggers: SentTriggers,
}

/// Set in the same commit; what is not named stays as it is.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SentTriggers {
    routes: Option<Vec<String>>,
    domains: Option<Vec<String>>,
    crons: Option<Vec<String>>,
    enabled: Option<bool>,
    previews_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentService {
    binding: String,
    service: String,
    entrypoint: Option<String>,
    props: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentObjects {
    binding: String,
    class: String,
    /// The worker that implements the class, if it is another one.
    script: Option<String>,
}

impl SentService {
    fn binding(self) -> Value {
        let Self { binding, service, entrypoint, props } = self;
        json!({ "name": binding, "type": "service", "service": service, "entrypoint": entrypoint, "props": props })
    }
}

impl SentObjects {
    fn binding(self) -> Value {
        let Self { binding, class, script } = self;
        json!({ "name": binding, "type": "durable_object_namespace", "class_name": class, "script_name": script })
    }
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentModule {
    name: String,
    kind: ModuleKind,
    content_base64: String,
    source_map: Option<String>,
}

impl Body {
    pub fn into_version(self) -> Result<NewVersion, ControlError> {
        let modules: Result<_, _> = self.modules.into_iter().map(SentModule::decoded).collect();
        let binding = |(name, value): (String, Value)| match value {
            Value::String(text) => json!({ "name": name, "type": "plain_text", "text": text }),
            json => json!({ "name": name, "type": "json", "json": json }),
        };
        let (bound, services) = (self.vars.into_iter().map(binding), self.services.into_iter().map(SentService::binding));
        let objects = self.durable_objects.into_iter().map(SentObjects::binding);
        let secrets: &[&str] = if self.keep_secrets { &["secret_text", "secret_key"] } else { &[] };
        let vars: &[&str] = if self.keep_vars { &["plain_text", "json"] } else { &[] };
        let alias = self.alias.map(|alias| (ALIAS.to_owned(), alias.into()));
        let SentTriggers { routes, domains, crons, enabled, previews_enabled } = self.triggers;
        Ok(NewVersion {
            main_module: self.main_module,
            modules: modules?,
            bindings: bound.chain(services).chain(objects).collect(),
            keep_bindings: Some(secrets.iter().chain(vars).map(|kind| (*kind).to_owned()).collect()),
            compatibility_date: self.compatibility_date,
            compatibility_flags: self.compatibility_flags,
            limits: self.limits.unwrap_or_default(),
            annotations: shapes::annotations(self.message, self.tag).into_iter().chain(alias).collect(),
            source: "skerry".to_owned(),
            settings: Map::new(),
            triggers: NewTriggers { routes, domains, crons, has_host: enabled, has_previews: previews_enabled },
            migrations: if self.migrations.is_empty() { Migrations::None } else { Migrations::All(self.migrations) },
        })
    }
}

impl SentModule {
    fn decoded(self) -> Result<UploadedModule, ControlError> {
        let Self { name, kind, content_base64, source_map } = self;
        let content = STANDARD.decode(content_base64);
        let content = content.map_err(|error| {
            ControlError::invalid(format!("The module {name} has a \"content_base64\" that is none: {error}"))
        })?;
        Ok(UploadedModule { name, kind, content: content.into(), source_map: source_map.map(|map| map.into_bytes().into()) })
    }
}
