//! Bundling with rolldown, in process: TypeScript, JSX, npm packages, JSON. Assets that the rules name stay modules of their
//! own beside the bundle.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolldown::{BundlerBuilder, BundlerOptions, InputItem, OutputFormat, Platform, ResolveOptions, SourceMapType};
use rolldown_common::{Output, OutputChunk, TsConfig};
use rolldown_error::{BatchedBuildDiagnostic, BuildDiagnostic, DiagnosticOptions};
use skerry_protocol::{Module, ModuleKind};

use crate::plugin::{ModulePlugin, Unruled};
use crate::unresolved::Unresolved;
use crate::{Modules, Project, ProjectError};

/// Name of the bundle's module, the worker's main one.
const MAIN: &str = "worker.js";

pub(crate) async fn bundle(project: &Project) -> Result<Modules, ProjectError> {
    let root = project.root.canonicalize().map_err(|error| broken(&error.to_string()))?;
    let main = project.main.canonicalize().map_err(|error| broken(&error.to_string()))?;
    let plugin = Arc::new(ModulePlugin::new(&project.config));
    let mut bundler = BundlerBuilder::default()
        .with_options(options(project, root.clone(), &main))
        .with_plugins(vec![plugin.clone()])
        .build()
        .map_err(|error| failed(&error, &root))?;
    let output = bundler.generate().await.map_err(|error| failed(&error, &root))?;
    let found = plugin.take();
    let chunks: Vec<_> =
        output.assets.iter().filter_map(|item| if let Output::Chunk(chunk) = item { Some(&**chunk) } else { None }).collect();
    let mut errors: Vec<_> = found.unruled.iter().map(|file| without_rule(file, &root)).collect();
    errors.extend(chunks.iter().find_map(|chunk| without_default_export(chunk, &main, &root)));
    let warnings = judge(&output.warnings, &chunks, &root, &mut errors);
    if let Some(summary) = errors.first() {
        return Err(ProjectError::Bundle { summary: summary.clone(), details: errors.join("\n") });
    }
    let mut modules =
        Modules { main: MAIN.to_owned(), modules: Vec::new(), inputs: found.loaded.into_iter().collect(), warnings };
    for chunk in chunks {
        modules.modules.push(Module {
            name: chunk.filename.to_string(),
            kind: ModuleKind::EsModule,
            content: chunk.code.clone().into_bytes(),
            source_map: chunk.map.as_ref().map(|map| relative_sources(&map.to_json_string(), &root)),
        });
    }
    for (name, (path, kind)) in found.assets {
        let content = std::fs::read(&path).map_err(|error| broken(&format!("{}: {error}", path.display())))?;
        modules.modules.push(Module { name, kind, content, source_map: None });
        modules.inputs.push(path);
    }
    Ok(modules)
}

/// The bundler's warnings: those by which the worker cannot work become errors, the others are given back.
fn judge(diagnostics: &[BuildDiagnostic], chunks: &[&OutputChunk], root: &Path, errors: &mut Vec<String>) -> Vec<String> {
    let options = DiagnosticOptions { cwd: root.to_owned() };
    let at_start = imports_at_start(chunks);
    let mut warnings = Vec::new();
    let mut named = HashSet::new();
    for diagnostic in diagnostics {
        let Some(import) = Unresolved::of(diagnostic, &options) else {
            warnings.push(diagnostic.to_diagnostic_with(&options).to_string());
            continue;
        };
        let is_fatal = import.is_fatal(&at_start);
        // The first place of each is enough.
        if !named.insert((import.subject().to_owned(), is_fatal)) {
            continue;
        }
        if is_fatal {
            errors.push(import.message(root));
        } else {
            warnings.push(format!("{}; what needs it fails when it is reached", import.message(root)));
        }
    }
    warnings
}

/// What the main module imports before it runs, itself and by its chunks.
fn imports_at_start(chunks: &[&OutputChunk]) -> HashSet<String> {
    let by_name: HashMap<_, _> = chunks.iter().map(|chunk| (chunk.filename.as_str(), *chunk)).collect();
    let mut reached = HashSet::new();
    let mut pending = vec![MAIN];
    while let Some(name) = pending.pop() {
        let Some(chunk) = by_name.get(name) else { continue };
        for import in &chunk.imports {
            if reached.insert(import.to_string()) {
                pending.push(import);
            }
        }
    }
    reached
}

/// Code in service-worker syntax would start, and never be asked anything.
fn without_default_export(chunk: &OutputChunk, main: &Path, root: &Path) -> Option<String> {
    let has_default = chunk.exports.iter().any(|export| export == "default");
    let listens = |quote: char| chunk.code.contains(&format!("addEventListener({quote}fetch{quote}"));
    let main = main.strip_prefix(root).unwrap_or(main).display();
    (chunk.is_entry && !has_default && ['"', '\'', '`'].into_iter().any(listens)).then(|| {
        format!(
            "{main} uses the service-worker syntax (addEventListener(\"fetch\")), which is not there: use the module syntax, \
             export default {{ fetch(request, env, ctx) {{ ... }} }}"
        )
    })
}

fn without_rule(file: &Unruled, root: &Path) -> String {
    let Unruled { specifier, importer, kind } = file;
    let source = std::fs::read_to_string(importer).unwrap_or_default();
    let line =
        source.lines().position(|line| line.contains(specifier)).map_or_else(String::new, |index| format!(":{}", index + 1));
    let importer = importer.strip_prefix(root).unwrap_or(importer).display();
    let extension = specifier.rsplit('.').next().unwrap_or_default();
    let kind = if *kind == ModuleKind::Data { "Data" } else { "Text" };
    format!(
        "\"{specifier}\" (imported by {importer}{line}) is not code: add a rule of type {kind} to \"rules\" in the wrangler \
         configuration, {{ \"type\": \"{kind}\", \"globs\": [\"**/*.{extension}\"] }}"
    )
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
        tsconfig: project.config.tsconfig.as_ref().map(|file| TsConfig::Manual(root.join(file))),
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
            alias_fields: Some(vec![vec!["browser".to_owned()]]),
            extensions: list(&[".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".json"]),
            ..Default::default()
        }),
        ..Default::default()
    }
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
