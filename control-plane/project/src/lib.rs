//! A developer's project on disk, turned into a worker version.
//!
//! Owns: reading `wrangler.toml|jsonc|json` and `.dev.vars`, bundling TypeScript and npm packages, module rules.
//! Refuses: serving, uploading, watching. Errors name the file, the place and the mend.

#![forbid(unsafe_code)]

mod bindings;
mod bundle;
mod config;
mod dev_vars;
mod files;
#[doc(hidden)]
pub mod fuzzing;
mod keys;
mod place;
mod plugin;
mod rules;
mod triggers;
mod unresolved;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use skerry_protocol::{VersionLimits, WorkerVersion};

use config::Config;

pub use bindings::{Bindings, Classes, ObjectClass};
pub use config::CONFIG_FILES;
pub use place::root_of;
pub use triggers::Triggers;

/// What the command line adds to a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectOptions {
    /// The named environment of the configuration.
    pub environment: Option<String>,
    /// Variables that override those of the configuration.
    pub vars: Vec<(String, String)>,
}

/// A project that was read and bundled.
#[derive(Debug)]
pub struct Built {
    pub version: WorkerVersion,
    /// Files that the version was made of.
    pub inputs: Vec<PathBuf>,
    /// Things the developer should know that do not stop the build.
    pub warnings: Vec<String>,
    /// Where the configuration wants it to be served, and when to run.
    pub triggers: Triggers,
    /// Other workers and Durable Objects that the configuration binds it to. Its services stand in the version, too.
    pub bindings: Bindings,
    /// Those that the configuration asks for.
    pub limits: VersionLimits,
    /// Whether variables that are deployed and not named are to stay.
    pub keeps_vars: bool,
}

/// Why a project could not be read or bundled.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProjectError {
    /// The path given leads to nothing that could be a worker.
    #[error("{0}")]
    NotFound(String),
    /// The configuration cannot be used as it is.
    #[error("{file}: {message}")]
    Config { file: String, message: String },
    /// A module does not compile or does not resolve; `details` has file, line and code frame.
    #[error("{summary}")]
    Bundle { summary: String, details: String },
}

/// A worker's place on disk and how it wants to be built.
#[derive(Debug)]
pub(crate) struct Project {
    /// What paths in messages and module names are relative to.
    root: PathBuf,
    main: PathBuf,
    config: Config,
    config_file: Option<PathBuf>,
}

/// The port that the project's configuration asks for. A configuration with mistakes asks for none: the build reports them.
pub fn port_of(path: &Path, options: &ProjectOptions) -> Option<u16> {
    place::open(path, options).ok().and_then(|(project, _)| project.config.dev_port)
}

/// The worker's name, as a build would give it.
pub fn name_of(path: &Path, options: &ProjectOptions) -> Result<String, ProjectError> {
    place::open(path, options).map(|(project, _)| project.config.name)
}

/// Reads the project at a path (a module, a folder, or a configuration file) and bundles it, to be served on this machine.
pub async fn build(path: &Path, options: &ProjectOptions) -> Result<Built, ProjectError> {
    let (project, mut warnings) = place::open(path, options)?;
    warnings.extend(project.config.warnings.to_serve.iter().cloned());
    let dev_vars = dev_vars::read(&project.root, options.environment.as_deref())?;
    bundled(project, warnings, dev_vars, options).await
}

/// The same to be served elsewhere: `.dev.vars` stay here, for there are secrets in them.
pub async fn build_to_deploy(path: &Path, options: &ProjectOptions) -> Result<Built, ProjectError> {
    let (project, mut warnings) = place::open(path, options)?;
    warnings.extend(project.config.warnings.to_deploy.iter().cloned());
    bundled(project, warnings, None, options).await
}

async fn bundled(
    project: Project,
    mut warnings: Vec<String>,
    dev_vars: Option<dev_vars::DevVars>,
    options: &ProjectOptions,
) -> Result<Built, ProjectError> {
    let mut vars = project.config.vars.clone();
    let mut inputs = Vec::new();
    if let Some(dev_vars) = dev_vars {
        inputs.push(dev_vars.file);
        vars.extend(dev_vars.values.into_iter().map(|(name, value)| (name, Value::String(value))));
    }
    vars.extend(options.vars.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))));
    inputs.extend(project.config_file.clone());
    let modules = if project.config.no_bundle { files::collect(&project)? } else { bundle::bundle(&project).await? };
    inputs.extend(modules.inputs);
    warnings.extend(modules.warnings);
    let version = version_of(&project, modules.main, modules.modules, vars);
    let Config { triggers, bindings, limits, keeps_vars, .. } = project.config;
    Ok(Built { version, inputs, warnings, triggers, bindings, limits, keeps_vars })
}

fn version_of(
    project: &Project,
    main_module: String,
    modules: Vec<skerry_protocol::Module>,
    vars: Map<String, Value>,
) -> WorkerVersion {
    WorkerVersion {
        name: project.config.name.clone(),
        main_module,
        modules,
        compatibility_date: project.config.compatibility_date.clone(),
        compatibility_flags: project.config.compatibility_flags.clone(),
        vars,
        services: project.config.bindings.services.clone(),
        objects: Vec::new(),
        namespaces: Vec::new(),
    }
}

/// Modules of a version, and what they were made of.
pub(crate) struct Modules {
    main: String,
    modules: Vec<skerry_protocol::Module>,
    inputs: Vec<PathBuf>,
    warnings: Vec<String>,
}
