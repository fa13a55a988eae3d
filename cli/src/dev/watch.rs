use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// An editor's save is several events; the build starts when they have been quiet for this long.
const QUIET: Duration = Duration::from_millis(20);

/// Folders watched at most; a project with more is watched in part.
const FOLDERS_MAX: usize = 2_000;

/// How often installed packages are looked at while they may be what a build lacks. Their folders are too many to be watched.
const INSTALL_POLL: Duration = Duration::from_millis(250);

/// Tells when a file of the project has changed.
pub(super) struct Watcher {
    root: PathBuf,
    watcher: RecommendedWatcher,
    folders: HashSet<PathBuf>,
    changes: mpsc::UnboundedReceiver<Vec<PathBuf>>,
    /// The packages that the last build found.
    installed: Installed,
}

impl Watcher {
    /// Watches a project's folder.
    pub fn start(root: &Path) -> Result<Self> {
        let (sender, changes) = mpsc::unbounded_channel();
        let own = outputs();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && concerns(&event, &own)
            {
                let _false_at_the_end = sender.send(event.paths);
            }
        })
        .context("files cannot be watched (try --no-watch)")?;
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let installed = Installed::below(&root);
        let mut watcher = Self { root: root.clone(), watcher, folders: HashSet::new(), changes, installed };
        watcher.watch_below(&root);
        Ok(watcher)
    }

    /// Watches the folders of inputs that lie elsewhere.
    pub fn also_watch(&mut self, inputs: &[PathBuf]) {
        for folder in inputs.iter().filter_map(|input| input.parent()) {
            self.watch(folder);
        }
    }

    /// Waits for a change to one of these files, or to a configuration. Changes that come right after it are part of it.
    pub async fn changed(&mut self, inputs: &[PathBuf]) {
        let inputs: HashSet<_> = inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
        while !next_paths(&mut self.changes).await.iter().any(|path| inputs.contains(path) || is_configuration(path)) {}
        self.settled().await;
    }

    /// Waits for what may mend a build that failed: a change to any file, or to the packages that are installed.
    pub async fn mended(&mut self) {
        tokio::select! {
            _ = next_paths(&mut self.changes) => {}
            () = self.installed.changed(&self.root) => {}
        }
        self.settled().await;
    }

    /// To be called before each build, so that no change is missed while it runs.
    pub fn before_build(&mut self) {
        self.installed = Installed::below(&self.root);
    }

    async fn settled(&mut self) {
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

/// The state of the packages that a project can import: when they were last added to or removed, and by what their package
/// manager records an installation once it is complete.
#[derive(PartialEq)]
struct Installed(Vec<Option<SystemTime>>);

impl Installed {
    /// Packages are found in `node_modules` of the folder and of all above it.
    fn below(root: &Path) -> Self {
        const RECORDS: &[&str] = &["", ".package-lock.json", ".modules.yaml", ".yarn-integrity", ".yarn-state.yml"];
        let folders = root.ancestors().map(|folder| folder.join("node_modules"));
        let files = folders.flat_map(|folder| RECORDS.iter().map(move |record| folder.join(record)));
        Self(files.map(|file| file.metadata().and_then(|metadata| metadata.modified()).ok()).collect())
    }

    /// Waits until the state differs and has been the same for a while.
    async fn changed(&self, root: &Path) {
        let mut last = Self::below(root);
        loop {
            tokio::time::sleep(INSTALL_POLL).await;
            let now = Self::below(root);
            if now == last && now != *self {
                return;
            }
            last = now;
        }
    }
}

async fn next_paths(changes: &mut mpsc::UnboundedReceiver<Vec<PathBuf>>) -> Vec<PathBuf> {
    match changes.recv().await {
        Some(paths) => paths,
        None => std::future::pending().await,
    }
}

/// Files that the command itself prints to: where a build that failed says so must not look like its mend.
fn outputs() -> Vec<PathBuf> {
    ["/proc/self/fd/1", "/proc/self/fd/2"].iter().filter_map(|link| std::fs::read_link(link).ok()).collect()
}

fn concerns(event: &notify::Event, own: &[PathBuf]) -> bool {
    let is_change = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
    is_change && event.paths.iter().any(|path| !is_scratch(path) && !own.contains(path))
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
