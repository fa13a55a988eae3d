//! The form in which wrangler sends a version: a part with metadata, and a part for each module.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, Path, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use skerry_protocol::{MigrationStep, ModuleKind, VersionLimits};

use super::shapes;
use crate::api::Api;
use crate::api::answer::{Answer, Answered, json_of};
use crate::control::{Caller, Migrations, NewTriggers, NewVersion, Publish, Uploaded, UploadedModule};
use crate::error::ControlError;

type Script = Path<(String, String)>;

#[derive(Deserialize)]
struct Metadata {
    main_module: Option<String>,
    body_part: Option<String>,
    #[serde(default)]
    bindings: Vec<Value>,
    keep_bindings: Option<Vec<String>>,
    compatibility_date: Option<String>,
    #[serde(default)]
    compatibility_flags: Vec<String>,
    #[serde(default)]
    limits: Option<VersionLimits>,
    #[serde(default)]
    annotations: Option<Map<String, Value>>,
    observability: Option<Value>,
    logpush: Option<Value>,
    migrations: Option<SentMigrations>,
    assets: Option<Value>,
}

/// Several steps, or one without a list. wrangler sends the first kind, others the second.
#[derive(Deserialize)]
struct SentMigrations {
    old_tag: Option<String>,
    new_tag: Option<String>,
    tag: Option<String>,
    steps: Option<Vec<MigrationStep>>,
    #[serde(flatten)]
    single: MigrationStep,
}

impl SentMigrations {
    fn checked(self) -> Result<Migrations, ControlError> {
        let Self { old_tag, new_tag, tag, steps, single } = self;
        let is_single = single.count() > 0;
        if is_single && steps.is_some() {
            return Err(ControlError::invalid("\"migrations\" have \"steps\" and classes beside them: send one of both"));
        }
        let steps = if is_single { vec![single] } else { steps.unwrap_or_default() };
        let (old_tag, new_tag) = (old_tag.filter(|tag| !tag.is_empty()), new_tag.or(tag).filter(|tag| !tag.is_empty()));
        if steps.is_empty() && new_tag.is_none() {
            return Ok(Migrations::None);
        }
        Ok(Migrations::Pending { old_tag, new_tag, steps })
    }
}

/// A version that serves from now on.
pub async fn put_script(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, form: Multipart) -> Answered {
    caller.require_account(&account)?;
    let (new, settings) = read(form).await?;
    let new = NewVersion { settings, ..new };
    let Uploaded { worker, version, .. } = api.control.upload(&caller, &name, new, Publish::Deploy).await?;
    Ok(Answer(json!({
        "id": worker.name,
        "tag": worker.id,
        "etag": version.id,
        // What wrangler prints as the version.
        "deployment_id": version.id,
        "startup_time_ms": version.startup_ms,
        "created_on": version.created,
        "modified_on": version.created,
    })))
}

/// A version that is kept, and deployed by another request.
pub async fn post_version(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name)): Script,
    form: Multipart,
) -> Answered {
    caller.require_account(&account)?;
    let (new, _) = read(form).await?;
    let Uploaded { worker, version, .. } = api.control.upload(&caller, &name, new, Publish::Keep).await?;
    Ok(Answer(shapes::version(&worker, &version)))
}

/// The version, and the settings that stand beside versions.
pub(crate) async fn read(mut form: Multipart) -> Result<(NewVersion, Map<String, Value>), ControlError> {
    let wrong = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ControlError::too_large("The upload is too large: 64 MB of modules are allowed"),
        status => ControlError::new(status, 10021, format!("The form cannot be read: {}", error.body_text())),
    };
    let mut metadata = None;
    let mut modules = Vec::new();
    let mut source_maps: HashMap<String, Bytes> = HashMap::new();
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        let name = field.name().or(field.file_name()).unwrap_or_default().to_owned();
        let kind = kind_of(&field, &name);
        let content = field.bytes().await.map_err(wrong)?;
        match kind {
            _ if name == "metadata" && metadata.is_some() => {
                return Err(ControlError::invalid("The form has two parts named metadata: send one"));
            }
            _ if name == "metadata" => metadata = Some(json_of::<Metadata>(&content)?),
            Part::Module(kind) => modules.push(UploadedModule { name, kind, content, source_map: None }),
            Part::SourceMap => drop(source_maps.insert(name, content)),
            Part::Unknown(text) => {
                return Err(ControlError::invalid(format!("The module {name} has the type {text}, which is not supported")));
            }
        }
    }
    let metadata = metadata.ok_or_else(|| ControlError::invalid("The form has no part named metadata"))?;
    for module in &mut modules {
        module.source_map = source_maps.remove(&format!("{}.map", module.name));
    }
    if metadata.assets.is_some() {
        return Err(ControlError::invalid("\"assets\" is not supported yet: take it out of the configuration"));
    }
    let migrations = metadata.migrations.map_or(Ok(Migrations::None), SentMigrations::checked)?;
    let main_module = metadata.main_module.ok_or_else(|| {
        let text = match metadata.body_part {
            Some(_) => "Service-worker syntax (addEventListener) is not supported: export a default object with a fetch handler",
            None => "The metadata name no main_module",
        };
        ControlError::invalid(text)
    })?;
    let settings = [("observability", metadata.observability), ("logpush", metadata.logpush)];
    let settings = settings.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let new = NewVersion {
        main_module,
        modules,
        bindings: metadata.bindings,
        keep_bindings: metadata.keep_bindings,
        compatibility_date: metadata.compatibility_date,
        compatibility_flags: metadata.compatibility_flags,
        limits: metadata.limits.unwrap_or_default(),
        annotations: metadata.annotations.unwrap_or_default(),
        source: "wrangler".to_owned(),
        settings: Map::new(),
        triggers: NewTriggers::default(),
        migrations,
    };
    Ok((new, settings))
}

enum Part {
    Module(ModuleKind),
    SourceMap,
    Unknown(String),
}

fn kind_of(field: &Field<'_>, name: &str) -> Part {
    let kind = field.content_type().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    Part::Module(match kind {
        "application/javascript+module" => ModuleKind::EsModule,
        "application/wasm" => ModuleKind::Wasm,
        "text/plain" => ModuleKind::Text,
        "application/octet-stream" => ModuleKind::Data,
        "application/json" if name != "metadata" => ModuleKind::Json,
        "application/source-map" => return Part::SourceMap,
        other => return Part::Unknown(other.to_owned()),
    })
}
