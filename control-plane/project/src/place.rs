//! From what the developer typed to a worker's place on disk.

use std::path::{Path, PathBuf};

use crate::config::{self, CONFIG_FILES, Config};
use crate::{Project, ProjectError, ProjectOptions};

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

/// Where a project is, and by which configuration it is built.
struct Place {
    root: PathBuf,
    config_file: Option<PathBuf>,
    /// Whether the configuration was found, rather than typed, or in the folder that was.
    is_found_above: bool,
}

impl Place {
    fn of(path: &Path) -> Self {
        let folder = folder_of(path);
        let typed = if path.is_dir() {
            config_in(&folder)
        } else {
            CONFIG_FILES.iter().any(|config| path.file_name().is_some_and(|name| name == *config)).then(|| path.to_owned())
        };
        if typed.is_some() {
            return Self { root: folder, config_file: typed, is_found_above: false };
        }
        match config_above(&folder) {
            Some(file) => Self { root: folder_of(&file), config_file: Some(file), is_found_above: true },
            None => Self { root: folder, config_file: None, is_found_above: false },
        }
    }
}

/// The folder of a project, for watching.
pub fn root_of(path: &Path) -> PathBuf {
    Place::of(path).root
}

/// Reads the configuration for a path. Returns warnings beside the project.
pub(crate) fn open(path: &Path, options: &ProjectOptions) -> Result<(Project, Vec<String>), ProjectError> {
    if !path.exists() {
        return Err(ProjectError::NotFound(format!(
            "{}: no such file or folder. Name a worker's module, its folder, or its wrangler configuration",
            path.display()
        )));
    }
    let place = Place::of(path);
    if let (None, Some(environment)) = (&place.config_file, &options.environment) {
        return Err(ProjectError::NotFound(format!(
            "{}: there is no wrangler configuration here or above, so there is no environment \"{environment}\"",
            path.display()
        )));
    }
    let (config, mut warnings) = match &place.config_file {
        Some(file) => config::read(file, options.environment.as_deref())?,
        None => (Config::unconfigured(&place.root), Vec::new()),
    };
    let main = main_of(path, &place, &config)?;
    if let Some(file) = place.config_file.as_deref().filter(|_| place.is_found_above) {
        let (main, file) = (shown(&main), shown(file));
        warnings.insert(0, format!("{} is served with the configuration {}", main.display(), file.display()));
    }
    Ok((Project { root: place.root, main, config, config_file: place.config_file }, warnings))
}

fn main_of(path: &Path, place: &Place, config: &Config) -> Result<PathBuf, ProjectError> {
    let is_typed_module = path.is_file() && (place.config_file.is_none() || place.is_found_above);
    if is_typed_module {
        return Ok(path.to_owned());
    }
    let usual_main = |folder: &Path| USUAL_MAINS.iter().map(|name| folder.join(name)).find(|file| file.is_file());
    if place.is_found_above
        && let Some(main) = usual_main(path)
    {
        return Ok(main);
    }
    let root = &place.root;
    let Some(main) = &config.main else {
        return usual_main(root).ok_or_else(|| match &place.config_file {
            Some(file) => ProjectError::Config {
                file: file.display().to_string(),
                message: "\"main\" is missing: name the worker's entry module".to_owned(),
            },
            None => ProjectError::NotFound(format!(
                "{}: no worker here. Expected wrangler.toml, wrangler.jsonc or wrangler.json, or one of {}",
                root.display(),
                USUAL_MAINS.join(", ")
            )),
        });
    };
    let file = root.join(main);
    if file.is_file() {
        return Ok(file);
    }
    Err(ProjectError::Config {
        file: place.config_file.as_deref().unwrap_or(root).display().to_string(),
        message: format!("\"main\" names {}, which does not exist", file.display()),
    })
}

fn folder_of(path: &Path) -> PathBuf {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

fn config_in(folder: &Path) -> Option<PathBuf> {
    CONFIG_FILES.iter().map(|name| folder.join(name)).find(|file| file.is_file())
}

/// The nearest configuration of the repository; never one that lies loose in the home folder or the root of the disk.
fn config_above(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?.canonicalize().ok()?;
    let home = std::env::home_dir();
    for folder in folder.ancestors() {
        if folder.parent().is_none() || home.as_deref() == Some(folder) {
            return None;
        }
        if let Some(file) = config_in(folder) {
            return Some(file);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// A path as the developer would type it.
fn shown(path: &Path) -> &Path {
    std::env::current_dir().ok().and_then(|current| path.strip_prefix(current).ok()).unwrap_or(path)
}
