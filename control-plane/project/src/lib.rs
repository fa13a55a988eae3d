//! A developer's project on disk, turned into a worker version.
//!
//! Owns: reading `wrangler.toml|jsonc|json` and `.dev.vars`, bundling TypeScript and npm packages, module rules.
//! Refuses: serving, uploading, watching. Errors name the file, the place and the mend.

#![forbid(unsafe_code)]

mod bundle;
mod config;
mod dev_vars;
mod files;
mod rules;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use skerry_protocol::WorkerVersion;

pub use config::CONFIG_FILES;

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
    config: config::Config,
    config_file: Option<PathBuf>,
}

/// The folder of a project, for watching.
pub fn root_of(path: &Path) -> PathBuf {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

/// Reads the project at a path (a module, a folder, or a configuration file) and bundles it.
pub async fn build(path: &Path, options: &ProjectOptions) -> Result<Built, ProjectError> {
    let (project, mut warnings) = open(path, options)?;
    let mut vars = project.config.vars.clone();
    let dev_vars = dev_vars::read(&project.root, options.environment.as_deref())?;
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
    Ok(Built { version, inputs, warnings })
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
    }
}

/// Modules of a version, and what they were made of.
pub(crate) struct Modules {
    main: String,
    modules: Vec<skerry_protocol::Module>,
    inputs: Vec<PathBuf>,
    warnings: Vec<String>,
}

/// Entry modules that a folder without a configuration may have.
const USUAL_MAINS: &[&str] = &[
    "index.ts",
    "index.js",
    "index.mjs",
    "worker.ts",
    "worker.js",
    "worker.mjs",
    "src/index.ts",
    "src/index.tsx",
    "src/index.js",
    "src/worker.ts",
    "src/worker.js",
];

fn open(path: &Path, options: &ProjectOptions) -> Result<(Project, Vec<String>), ProjectError> {
    if !path.exists() {
        return Err(ProjectError::NotFound(format!(
            "{}: no such file or folder. Name a worker's module, its folder, or its wrangler configuration",
            path.display()
        )));
    }
    let is_config = path.file_name().is_some_and(|name| CONFIG_FILES.iter().any(|config| name == *config));
    let root = root_of(path);
    let config_file = if is_config {
        Some(path.to_owned())
    } else if path.is_dir() {
        CONFIG_FILES.iter().map(|name| root.join(name)).find(|file| file.is_file())
    } else {
        None
    };
    if let (None, Some(environment)) = (&config_file, &options.environment) {
        return Err(ProjectError::NotFound(format!(
            "{}: there is no wrangler configuration here, so there is no environment \"{environment}\"",
            path.display()
        )));
    }
    let (config, warnings) = match &config_file {
        Some(file) => config::read(file, options.environment.as_deref())?,
        None => (config::Config::unconfigured(&root), Vec::new()),
    };
    let main = main_of(path, &root, &config, config_file.as_deref())?;
    Ok((Project { root, main, config, config_file }, warnings))
}

fn main_of(path: &Path, root: &Path, config: &config::Config, config_file: Option<&Path>) -> Result<PathBuf, ProjectError> {
    if path.is_file() && config_file.is_none() {
        return Ok(path.to_owned());
    }
    let Some(main) = &config.main else {
        return USUAL_MAINS.iter().map(|name| root.join(name)).find(|file| file.is_file()).ok_or_else(|| {
            let folder = root.display();
            match config_file {
                Some(file) => ProjectError::Config {
                    file: file.display().to_string(),
                    message: "\"main\" is missing: name the worker's entry module".to_owned(),
                },
                None => ProjectError::NotFound(format!(
                    "{folder}: no worker here. Expected wrangler.toml, wrangler.jsonc or wrangler.json, or one of {}",
                    USUAL_MAINS.join(", ")
                )),
            }
        });
    };
    let file = root.join(main);
    if file.is_file() {
        return Ok(file);
    }
    Err(ProjectError::Config {
        file: config_file.unwrap_or(root).display().to_string(),
        message: format!("\"main\" names {}, which does not exist", file.display()),
    })
}
