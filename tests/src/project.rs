//! Scratch projects, made of a few files.

use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::server::Server;

/// A folder with these files, each with its text.
pub fn project(files: &[(&str, &str)]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, text) in files {
        write(folder.path(), name, text)?;
    }
    Ok(folder)
}

/// Writes a file, and makes the folders that lead to it.
pub fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(path, text)?)
}

/// A worker that answers every request with a text.
pub fn answering(text: &str) -> String {
    format!("export default {{ fetch() {{ return new Response({text:?}); }} }};\n")
}

/// What `skerry dev` prints for a mistake by which it ends: one line, and exit code 2.
pub fn refused(path: &Path, args: &[&str]) -> Result<String> {
    let (code, printed) = Server::launch(path, args)?.exit()?;
    ensure!(code == 2 && printed.lines().count() == 1, "not refused, but exit code {code}:\n{printed}");
    Ok(printed)
}
