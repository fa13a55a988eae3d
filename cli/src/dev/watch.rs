use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// An editor's save is several events; the build starts when they have been quiet for this long.
const QUIET: Duration = Duration::from_millis(20);

/// Folders watched at most; a project with more is watched in part.
const FOLDERS_MAX: usize = 2_000;

/// Tells when a file of the project has changed.
pub(super) struct Watcher {
    watcher: RecommendedWatcher,
    folders: HashSet<PathBuf>,
    changes: mpsc::UnboundedReceiver<Vec<PathBuf>>,
}

impl Watcher {
    /// Watches a project's folder.
    pub fn start(root: &Path) -> Result<Self> {
        let (sender, changes) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && concerns(&event)
            {
                let _false_at_the_end = sender.send(event.paths);
            }
        })
        .context("files cannot be watched (try --no-watch)")?;
        let mut watcher = Self { watcher, folders: HashSet::new(), changes };
        watcher.watch_below(root);
        Ok(watcher)
    }

    /// Watches the folders of inputs that lie elsewhere.
    pub fn also_watch(&mut self, inputs: &[PathBuf]) {
        for folder in inputs.iter().filter_map(|input| input.parent()) {
            self.watch(folder);
        }
    }

    /// Waits for a change to one of these files, or to a configuration; with none given, for any change. Changes that come
    /// right after it are part of it.
    pub async fn changed(&mut self, inputs: &[PathBuf]) {
        let inputs: HashSet<_> = inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
        loop {
            let Some(paths) = self.changes.recv().await else { return std::future::pending().await };
            if inputs.is_empty() || paths.iter().any(|path| inputs.contains(path) || is_configuration(path)) {
                break;
            }
        }
        while let Ok(Some(_)) = tokio::time::timeout(QUIET, self.changes.recv()).await {}
    }

    fn watch_below(&mut self, folder: &Path) {
        self.watch(folder);
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_source = !name.to_string_lossy().starts_with('.') && name != "node_modules" && name != "target";
            if is_source && self.folders.len() < FOLDERS_MAX && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.watch_below(&entry.path());
            }
        }
    }

    fn watch(&mut self, folder: &Path) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(folder) = folder.canonicalize() else { return };
        if self.folders.len() < FOLDERS_MAX && !self.folders.contains(&folder) {
            if let Err(error) = self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                tracing::warn!(folder = %folder.display(), %error, "the folder cannot be watched");
            }
            self.folders.insert(folder);
        }
    }
}

fn concerns(event: &notify::Event) -> bool {
    let is_change = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
    is_change && event.paths.iter().any(|path| !is_scratch(path))
}

fn is_configuration(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    skerry_project::CONFIG_FILES.contains(&&*name) || name.starts_with(".dev.vars")
}

/// Files that editors write beside the one being edited.
fn is_scratch(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".tmp") || name == "4913" || name.starts_with(".#")
}
