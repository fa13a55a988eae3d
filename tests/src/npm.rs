use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};

/// Installs run one after another: npm's cache is shared.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A project with its npm packages, installed from its lock file if they are not there.
pub fn installed(project: &Path) -> Result<PathBuf> {
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if project.join("package-lock.json").is_file() && !project.join("node_modules").is_dir() {
        let output = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(project)
            .output()
            .context("npm is needed for this example: install Node.js")?;
        ensure!(output.status.success(), "npm ci failed in {}:\n{}", project.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(project.to_owned())
}
