//! systemd's units in `deploy/`, read as systemd reads them, as far as a test needs it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::repository;

const BINARY: &str = "/usr/local/bin/skerry ";

/// A service of `deploy/systemd`.
pub struct Unit {
    text: String,
    environment: HashMap<String, String>,
}

impl Unit {
    pub fn read(name: &str) -> Result<Self> {
        let text = std::fs::read_to_string(repository().join("deploy/systemd").join(name)).with_context(|| name.to_owned())?;
        let environment = settings(&text, "Environment").filter_map(|line| variable(line.trim_matches('"'))).collect();
        Ok(Self { text, environment })
    }

    /// The file of variables that it reads.
    pub fn environment_file(&self) -> Option<&str> {
        settings(&self.text, "EnvironmentFile").next().map(|file| file.trim_start_matches('-'))
    }

    /// With what such a file says.
    pub fn with_environment(mut self, text: &str) -> Self {
        self.environment.extend(text.lines().filter(|line| !line.starts_with('#')).filter_map(variable));
        self
    }

    /// Arguments of the binary, with variables in their places, and folders under another root.
    pub fn arguments(&self, root: &Path) -> Result<Vec<String>> {
        let line = settings(&self.text, "ExecStart").next().context("no ExecStart")?;
        let line = line.strip_prefix(BINARY).context("it starts something else")?;
        let mut arguments = Vec::new();
        for word in line.split(' ') {
            match word.strip_prefix('$') {
                Some(name) => {
                    let value = self.environment.get(name).with_context(|| format!("${name} is set nowhere"))?;
                    arguments.extend(value.split_whitespace().map(str::to_owned));
                }
                None => arguments.push(word.to_owned()),
            }
        }
        Ok(arguments.into_iter().map(|argument| moved(&argument, root)).collect())
    }
}

/// Where a file of an installation is under another root.
pub fn moved(path: &str, root: &Path) -> String {
    if path.starts_with("/etc/") || path.starts_with("/var/") {
        return root.join(path.trim_start_matches('/')).to_string_lossy().into_owned();
    }
    path.to_owned()
}

/// Puts a file of `deploy/` where an operator is to put it, under another root.
pub fn install(file: &str, place: &str, root: &Path) -> Result<PathBuf> {
    let place = PathBuf::from(moved(place, root));
    ensure!(place.starts_with(root), "{} is not under {}", place.display(), root.display());
    std::fs::create_dir_all(place.parent().context("no folder")?)?;
    std::fs::copy(repository().join("deploy").join(file), &place).with_context(|| file.to_owned())?;
    Ok(place)
}

fn settings<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix('='))
}

fn variable(line: &str) -> Option<(String, String)> {
    line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}
