//! Bundling with rolldown, in process: TypeScript, JSX, npm packages, JSON. Assets that the rules name stay modules of their
//! own beside the bundle.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rolldown::plugin::{
    HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn, HookUsage, Plugin, PluginContext, PluginContextResolveOptions,
};
use rolldown::{BundlerBuilder, BundlerOptions, InputItem, OutputFormat, Platform, ResolveOptions, SourceMapType};
use rolldown_common::{Output, ResolvedExternal};
use rolldown_error::{BatchedBuildDiagnostic, DiagnosticOptions};
use skerry_protocol::{Module, ModuleKind};

use crate::rules::Rules;
use crate::{Modules, Project, ProjectError};

/// Name of the bundle's module, the worker's main one.
const MAIN: &str = "worker.js";

pub(crate) async fn bundle(project: &Project) -> Result<Modules, ProjectError> {
    let root = project.root.canonicalize().map_err(|error| broken(&error.to_string()))?;
    let main = project.main.canonicalize().map_err(|error| broken(&error.to_string()))?;
    let assets =
        Arc::new(Assets { rules: project.config.rules.clone(), alias: project.config.alias.clone(), found: Mutex::default() });
    let mut bundler = BundlerBuilder::default()
        .with_options(options(project, root.clone(), &main))
        .with_plugins(vec![assets.clone()])
        .build()
        .map_err(|error| failed(&error, &root))?;
    let output = bundler.generate().await.map_err(|error| failed(&error, &root))?;
    let mut modules = Modules { main: MAIN.to_owned(), modules: Vec::new(), inputs: Vec::new(), warnings: Vec::new() };
    for warning in &output.warnings {
        let options = DiagnosticOptions { cwd: root.clone() };
        modules.warnings.push(warning.to_diagnostic_with(&options).to_string());
    }
    for item in output.assets {
        let Output::Chunk(chunk) = item else { continue };
        modules.inputs.extend(chunk.module_ids.iter().map(|id| PathBuf::from(id.to_string())).filter(|path| path.is_absolute()));
        modules.modules.push(Module {
            name: chunk.filename.to_string(),
            kind: ModuleKind::EsModule,
            content: chunk.code.clone().into_bytes(),
            source_map: chunk.map.as_ref().map(|map| relative_sources(&map.to_json_string(), &root)),
        });
    }
    for (name, (path, kind)) in std::mem::take(&mut *assets.found.lock()) {
        let content = std::fs::read(&path).map_err(|error| broken(&format!("{}: {error}", path.display())))?;
        modules.modules.push(Module { name, kind, content, source_map: None });
        modules.inputs.push(path);
    }
    Ok(modules)
}

fn options(project: &Project, root: PathBuf, main: &Path) -> BundlerOptions {
    let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let define = [("process.env.NODE_ENV".to_owned(), "\"development\"".to_owned())]
        .into_iter()
        .chain(project.config.define.iter().cloned())
        .collect();
    // A path is the project's, whichever module imports it.
    let target = |to: &str| if to.starts_with('.') { root.join(to).to_string_lossy().into_owned() } else { to.to_owned() };
    let alias = project.config.alias.iter().map(|(from, to)| (from.clone(), vec![Some(target(to))])).collect();
    BundlerOptions {
        input: Some(vec![InputItem { name: Some("worker".to_owned()), import: main.to_string_lossy().into_owned() }]),
        cwd: Some(root),
        platform: Some(Platform::Neutral),
        format: Some(OutputFormat::Esm),
        sourcemap: Some(SourceMapType::Hidden),
        entry_filenames: Some(MAIN.to_owned().into()),
        chunk_filenames: Some("chunk-[hash].js".to_owned().into()),
        define: Some(define),
        resolve: Some(ResolveOptions {
            alias: Some(alias),
            condition_names: list(&["workerd", "worker", "browser", "import", "module", "default"]),
            main_fields: list(&["browser", "module", "main"]),
            extensions: list(&[".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".json"]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Keeps assets out of the bundle, and modules of the platform unresolved.
#[derive(Debug)]
struct Assets {
    rules: Rules,
    /// Of these, the ones that lead to a module of the platform.
    alias: Vec<(String, String)>,
    /// Name within the worker -> file and kind.
    found: Mutex<BTreeMap<String, (PathBuf, ModuleKind)>>,
}

impl Plugin for Assets {
    fn name(&self) -> Cow<'static, str> {
        "skerry:assets".into()
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId
    }

    async fn resolve_id(&self, context: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        let specifier = args.specifier;
        let aliased = self.alias.iter().find(|(from, _)| from == specifier).map_or(specifier, |(_, to)| to);
        if aliased.starts_with("cloudflare:") || aliased.starts_with("node:") {
            return Ok(Some(external(aliased.to_owned())));
        }
        let Some(kind) = self.rules.kind_of(specifier).filter(|kind| *kind != ModuleKind::EsModule) else { return Ok(None) };
        let plain = specifier.strip_suffix("?module").unwrap_or(specifier);
        let skip_self = PluginContextResolveOptions { skip_self: true, ..Default::default() };
        let Ok(resolved) = context.resolve(plain, args.importer, Some(skip_self)).await? else { return Ok(None) };
        let path = PathBuf::from(resolved.id.to_string());
        let name = self.name_for(&path, kind);
        Ok(Some(external(format!("./{name}"))))
    }
}

impl Assets {
    /// The asset's file name, made different from that of another file where it must be.
    fn name_for(&self, path: &Path, kind: ModuleKind) -> String {
        let file = path.file_name().map_or_else(|| "asset".to_owned(), |name| name.to_string_lossy().into_owned());
        let mut found = self.found.lock();
        let mut name = file.clone();
        let mut count = 1;
        while found.get(&name).is_some_and(|(other, _)| other != path) {
            count += 1;
            name = format!("{count}-{file}");
        }
        found.insert(name.clone(), (path.to_owned(), kind));
        name
    }
}

fn external(id: String) -> HookResolveIdOutput {
    HookResolveIdOutput { id: id.into(), external: Some(ResolvedExternal::Bool(true)), ..Default::default() }
}

/// Sources of a map, named from the project's root, without the way to it.
fn relative_sources(map: &str, root: &Path) -> String {
    let Ok(mut map) = serde_json::from_str::<serde_json::Value>(map) else { return map.to_owned() };
    if let Some(sources) = map.get_mut("sources").and_then(serde_json::Value::as_array_mut) {
        for source in sources {
            let Some(path) = source.as_str() else { continue };
            let absolute = if Path::new(path).is_absolute() { PathBuf::from(path) } else { root.join("dist").join(path) };
            let clean = normalize(&absolute);
            let short = clean.strip_prefix(root).unwrap_or(&clean);
            *source = serde_json::Value::String(short.to_string_lossy().into_owned());
        }
    }
    map.to_string()
}

fn normalize(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(clean.pop()),
            std::path::Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

fn failed(errors: &BatchedBuildDiagnostic, root: &Path) -> ProjectError {
    let options = DiagnosticOptions { cwd: root.to_owned() };
    let details: Vec<_> = errors.iter().map(|error| error.to_diagnostic_with(&options).convert_to_string(false)).collect();
    let summary = details.first().and_then(|text| text.lines().next()).unwrap_or("the bundle failed").to_owned();
    ProjectError::Bundle { summary, details: details.join("\n") }
}

fn broken(message: &str) -> ProjectError {
    ProjectError::Bundle { summary: message.to_owned(), details: message.to_owned() }
}
