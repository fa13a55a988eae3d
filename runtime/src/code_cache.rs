//! What V8 has compiled of a worker's modules, kept for the next isolate that runs them: in memory, and in a folder for the next start
//! of the node.
//!
//! V8 trusts what it is given here. So a file is used only if it is whole (its digest stands before it), and only by the build that wrote it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use deno_core::v8;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::kept_files::{self, DIGEST_BYTES};
use crate::snapshot;

/// Kept in memory; of more, what was added first goes.
const MEMORY_BYTES: usize = 64 << 20;
/// The folder is looked at when so many parts of what it may hold were written.
const PRUNED_EVERY: u64 = 16;
/// A file that was used in this time is not marked as used again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// Nothing takes so long to write.
const HALF_WRITTEN_MAX: Duration = Duration::from_secs(10 * 60);

/// Stands for a module of a worker, compiled by one build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeKey([u8; DIGEST_BYTES]);

/// What compiled code is for: V8's version and flags, and the snapshot.
#[derive(Debug, Clone)]
pub struct Build(String);

#[derive(Default)]
pub struct CodeCache {
    folder: Option<Folder>,
    memory: Mutex<Memory>,
    hits: AtomicU64,
    misses: AtomicU64,
    rejected: AtomicU64,
}

/// Files, named by their keys. A use of one makes it younger; the oldest go when all together are too large.
struct Folder {
    path: PathBuf,
    bytes_max: u64,
    /// Written since it was last looked how much there is.
    written: AtomicU64,
}

#[derive(Default)]
struct Memory {
    entries: HashMap<CodeKey, Arc<[u8]>>,
    order: VecDeque<CodeKey>,
    bytes: usize,
}

/// How often a module was compiled with what was kept, without, and with something that had to be thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeCacheFigures {
    pub hits: u64,
    pub misses: u64,
    pub rejected: u64,
}

impl CodeKey {
    /// Workers share nothing, so the name of theirs is part of it.
    pub fn of(build: &Build, worker: &str, module: &str, content: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        for part in [build.0.as_bytes(), worker.as_bytes(), module.as_bytes(), content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl Build {
    /// That of this process, whose V8 is initialised.
    pub(crate) fn of_process() -> &'static Self {
        static BUILD: LazyLock<Build> = LazyLock::new(|| {
            let tag = v8::script_compiler::cached_data_version_tag();
            Build(format!("{} {tag:08x} {}", v8::V8::get_version(), snapshot::id()))
        });
        &BUILD
    }

    /// That of processes of this binary which start from the snapshot. V8 itself tells apart what is left: the processor, and its flags.
    pub fn of_cells(snapshot: &[u8], memory_bytes_max: usize) -> Self {
        let digest: String = Sha256::digest(snapshot).iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{} cells {memory_bytes_max} {digest}", v8::V8::get_version()))
    }
}

impl CodeCache {
    /// Keeps what it has in memory, and in the folder if there is one, which is made where it is missing. Nobody but the node may be able to
    /// write there.
    pub fn new(folder: Option<&Path>, folder_bytes_max: u64) -> io::Result<Self> {
        let Some(path) = folder else { return Ok(Self::default()) };
        kept_files::make_private(path)?;
        let folder = Folder { path: path.to_owned(), bytes_max: folder_bytes_max, written: AtomicU64::new(0) };
        prune(&folder.path, folder.bytes_max);
        Ok(Self { folder: Some(folder), ..Self::default() })
    }

    pub fn figures(&self) -> CodeCacheFigures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        CodeCacheFigures { hits: read(&self.hits), misses: read(&self.misses), rejected: read(&self.rejected) }
    }

    /// What was kept of the module.
    pub fn get(&self, key: CodeKey) -> Option<Arc<[u8]>> {
        let remembered = self.memory.lock().entries.get(&key).cloned();
        let found = remembered.or_else(|| self.read(key));
        if found.is_none() {
            self.misses.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// Keeps what was compiled of the module.
    pub fn put(&self, key: CodeKey, bytes: &[u8]) {
        self.memory.lock().add(key, bytes.into());
        let Some(folder) = &self.folder else { return };
        let file = folder.file(key);
        match kept_files::write(&file, bytes) {
            Ok(()) => folder.note_written(bytes.len()),
            Err(error) => tracing::warn!(%error, file = %file.display(), "compiled code could not be kept"),
        }
    }

    /// V8 took what was kept.
    pub(crate) fn note_taken(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// V8 did not take it.
    pub fn reject(&self, key: CodeKey) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
        self.memory.lock().remove(key);
        if let Some(folder) = &self.folder {
            drop(std::fs::remove_file(folder.file(key)));
        }
    }

    fn read(&self, key: CodeKey) -> Option<Arc<[u8]>> {
        let file = self.folder.as_ref()?.file(key);
        let bytes: Arc<[u8]> = match kept_files::read(&file) {
            Ok(bytes) => bytes.into(),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, file = %file.display(), "compiled code cannot be used, and is made anew");
                    self.reject(key);
                }
                return None;
            }
        };
        touch(&file);
        self.memory.lock().add(key, bytes.clone());
        Some(bytes)
    }
}

impl Folder {
    fn file(&self, key: CodeKey) -> PathBuf {
        let name: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        self.path.join(name)
    }

    fn note_written(&self, bytes: usize) {
        let written = self.written.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if written > self.bytes_max / PRUNED_EVERY {
            self.written.store(0, Ordering::Relaxed);
            let (path, bytes_max) = (self.path.clone(), self.bytes_max);
            // Not on the thread of an isolate. It is tried again when as much more is written.
            drop(std::thread::Builder::new().name("code cache".into()).spawn(move || prune(&path, bytes_max)));
        }
    }
}

/// Removes the files that were used longest ago until the others are small enough, and what a process that ended left half written.
fn prune(folder: &Path, bytes_max: u64) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            if !is_ours(&entry.path()) {
                return None;
            }
            let data = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((data.modified().ok()?, data.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
    let is_abandoned =
        |used: SystemTime, file: &Path| file.extension().is_some() && used.elapsed().is_ok_and(|age| age > HALF_WRITTEN_MAX);
    for (used, length, file) in files {
        if (bytes > bytes_max || is_abandoned(used, &file)) && std::fs::remove_file(&file).is_ok() {
            bytes -= length;
        }
    }
}

/// Whether a file has a name that we give: other people's files stay.
fn is_ours(file: &Path) -> bool {
    let is_key = |name: &str| name.len() == 2 * DIGEST_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some((stem, extension)) = file.file_stem().and_then(|stem| stem.to_str()).zip(Some(file.extension())) else {
        return false;
    };
    match extension {
        None => is_key(stem),
        // `KEY.PID.tmp`
        Some(extension) => {
            extension == "tmp"
                && stem.split_once('.').is_some_and(|(key, pid)| is_key(key) && pid.bytes().all(|byte| byte.is_ascii_digit()))
        }
    }
}

/// Makes a file one that was used just now, if it is not one already.
fn touch(file: &Path) {
    let is_fresh = || file.metadata().ok()?.modified().ok()?.elapsed().ok().map(|age| age < FRESH);
    if !is_fresh().unwrap_or(false)
        && let Ok(file) = std::fs::File::options().write(true).open(file)
    {
        drop(file.set_modified(SystemTime::now()));
    }
}

impl Memory {
    fn add(&mut self, key: CodeKey, bytes: Arc<[u8]>) {
        self.remove(key);
        self.bytes += bytes.len();
        self.entries.insert(key, bytes);
        self.order.push_back(key);
        while self.bytes > MEMORY_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= self.entries.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }

    fn remove(&mut self, key: CodeKey) {
        if let Some(bytes) = self.entries.remove(&key) {
            self.bytes -= bytes.len();
            self.order.retain(|other| *other != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> CodeKey {
        CodeKey([number; DIGEST_BYTES])
    }

    #[test]
    fn what_is_kept_survives_and_what_is_damaged_goes() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("skerry-code-cache-{}", std::process::id()));
        let _left_behind = std::fs::remove_dir_all(&folder);
        CodeCache::new(Some(&folder), u64::MAX)?.put(key(1), b"compiled");
        let next = CodeCache::new(Some(&folder), u64::MAX)?;
        assert_eq!(next.get(key(1)).as_deref(), Some(&b"compiled"[..]));
        assert_eq!(next.get(key(2)), None);
        let Some(file) = next.folder.as_ref().map(|folder| folder.file(key(1))) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        for damaged in [&b""[..], b"short", &[0; 50]] {
            std::fs::write(&file, damaged)?;
            let next = CodeCache::new(Some(&folder), u64::MAX)?;
            assert_eq!(next.get(key(1)), None);
            assert!(!file.exists());
            assert_eq!(next.figures(), CodeCacheFigures { hits: 0, misses: 1, rejected: 1 });
        }
        std::fs::remove_dir_all(folder)
    }

    #[test]
    fn of_the_files_those_used_longest_ago_go() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("skerry-code-cache-old-{}", std::process::id()));
        // Of a process with the same number, that was killed.
        let _left_behind = std::fs::remove_dir_all(&folder);
        let cache = CodeCache::new(Some(&folder), 5_000)?;
        let files: Vec<_> = (0..6).filter_map(|number| Some(cache.folder.as_ref()?.file(key(number)))).collect();
        for (number, file) in files.iter().enumerate() {
            cache.put(key(number as u8), &[0; 900]);
            let used = SystemTime::now() - Duration::from_secs(24 * 60 * 60 * (10 - number as u64));
            if file.exists() {
                std::fs::File::options().write(true).open(file)?.set_modified(used)?;
            }
        }
        let next = CodeCache::new(Some(&folder), 5_000)?;
        assert!(next.get(key(1)).is_some() && !files[0].exists());
        let half = files[0].with_extension("123.tmp");
        let others = ["node.toml", "notes", "a.tmp"].map(|name| folder.join(name));
        for file in others.iter().chain([&half]) {
            std::fs::write(file, [0; 5_000])?;
            std::fs::File::options().write(true).open(file)?.set_modified(SystemTime::UNIX_EPOCH)?;
        }
        drop(CodeCache::new(Some(&folder), 2_000)?);
        assert!(files[1].exists() && !files[2].exists() && !half.exists(), "the one used last stays");
        assert!(others.iter().all(|file| file.exists()), "the files of others stay");
        std::fs::remove_dir_all(folder)
    }

    #[test]
    fn memory_is_bounded() {
        let cache = CodeCache::default();
        let large = vec![0; MEMORY_BYTES / 4];
        for number in 0..6 {
            cache.put(key(number), &large);
        }
        assert_eq!((cache.get(key(1)), cache.memory.lock().bytes), (None, MEMORY_BYTES));
        assert!((2..6).all(|number| cache.get(key(number)).is_some()));
    }
}
