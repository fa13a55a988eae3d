//! The engine of a node: what the edge holds.

mod classes;
mod directory;
mod options;
mod reader;
mod recall;
mod restore;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::batch::{Bounds, Pipeline};
use crate::blob::BlobFolder;
use crate::error::EngineError;
use crate::history::Compactor;
use crate::log::Taken;
use crate::metrics::{Figures, Metrics, add};
use crate::object::{Object, Position};
use crate::owner::{Owned, Shared};
use crate::past::Past;
use crate::recover::{Cache, CacheFile, Recovery};
use crate::store::SqliteStore;

pub use classes::ClassName;
pub use options::{Options, Stores};
pub use reader::Reader;
pub use recall::Recall;

/// How often it is looked for what is too old.
const MAINTAINED_EVERY: Duration = Duration::from_secs(3600);
/// Of all objects: each may hold a piece of a history, 16 MiB.
const RECALLS_AT_ONCE: usize = 4;

/// Objects of one data folder. When it is dropped, what is not acknowledged yet is broken; the folder is free once every [`Owned`] is dropped too.
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
    tasks: Vec<JoinHandle<()>>,
}

pub(crate) struct Inner {
    pub stores: Stores,
    pub options: Arc<Options>,
    pub pipeline: Arc<Pipeline>,
    pub past: Past,
    /// Questions about the past take memory and disk: a few at a time are answered.
    recalling: Semaphore,
    compactor: Arc<Compactor>,
    cache: Arc<Cache>,
    figures: Arc<Figures>,
}

impl Engine {
    /// Opens a data folder, which is made if it is missing: `engine.db`, `blobs/` and `cache/`. This process alone has it then.
    ///
    /// # Errors
    /// Also where another process has it, with its name.
    pub async fn open(folder: &Path, options: Options) -> Result<Self, EngineError> {
        let figures = Arc::new(Figures::default());
        let (owned, wait, counted) = (folder.to_owned(), options.wait, figures.clone());
        let opened = blocking(folder, move || {
            let store = SqliteStore::open(&owned, wait, counted)?;
            let path = owned.join("blobs");
            let blob = BlobFolder::open(&path).map_err(|error| EngineError::File { path, error })?;
            Ok((Arc::new(store), blob))
        });
        let (store, blob) = opened.await?;
        let first_epoch = store.first_epoch;
        let stores = Stores { log: store.clone(), meta: store, blob: Arc::new(blob) };
        Self::start(stores, &folder.join("cache"), first_epoch, options, figures).await
    }

    /// Over other stores, which nobody else writes for now. `cache` is this process's alone.
    pub async fn with(stores: Stores, cache: &Path, options: Options) -> Result<Self, EngineError> {
        Self::start(stores, cache, 0, options, Arc::default()).await
    }

    async fn start(
        stores: Stores,
        folder: &Path,
        first_epoch: u64,
        options: Options,
        figures: Arc<Figures>,
    ) -> Result<Self, EngineError> {
        let (owned, bytes_max) = (folder.to_owned(), options.cache_bytes_max);
        let cache = blocking(folder, move || {
            std::fs::create_dir_all(&owned)
                .and_then(|()| Cache::open(&owned, bytes_max))
                .map_err(|error| EngineError::File { path: owned, error })
        });
        let (cache, options) = (Arc::new(cache.await?), Arc::new(options));
        let (long, queue) = mpsc::unbounded_channel();
        let bounds = Bounds {
            group_bytes_max: options.group_bytes_max,
            group_appends_max: options.group_appends_max,
            waiting_bytes_max: options.waiting_bytes_max,
        };
        let tail = (options.tail_bytes_max, options.tail_entries_max);
        let pipeline = Arc::new(Pipeline::new(stores.log.clone(), bounds, tail, long, figures.clone()));
        let recovery = Recovery { log: stores.log.clone(), cache: cache.clone() };
        let past = Past { stores: stores.clone(), recovery: recovery.clone(), options: options.clone() };
        let compactor = Arc::new(Compactor {
            stores: stores.clone(),
            recovery,
            options: options.clone(),
            figures: figures.clone(),
            turn: tokio::sync::Mutex::default(),
        });
        let scanned = cache.clone();
        let tasks = vec![
            tokio::spawn(pipeline.clone().run()),
            tokio::spawn(compactor.clone().run(queue)),
            tokio::spawn(maintain(compactor.clone())),
            tokio::task::spawn_blocking(move || {
                if let Err(error) = scanned.scan(first_epoch) {
                    tracing::warn!("the folder of cache files was not read to its end: {error}");
                }
            }),
        ];
        let recalling = Semaphore::new(RECALLS_AT_ONCE);
        Ok(Self { inner: Arc::new(Inner { stores, options, pipeline, past, recalling, compactor, cache, figures }), tasks })
    }

    /// Makes this process the owner of an object, which is made if it is not there. Whoever owned it before is deposed. If the one before has
    /// asked for a restore, it is made first. Costs a commit, and the time to build its database where no file was kept.
    pub async fn own(&self, object: &Object) -> Result<Owned, EngineError> {
        let inner = &self.inner;
        let taken = inner.stores.log.take_over(object, inner.options.clock.now_ms()).await?;
        add(&inner.figures.takeovers, 1);
        let (taken, is_restored) = inner.make_planned_restore(taken).await?;
        let shared = Arc::new(Shared::new(&taken, inner.options.object_waiting_bytes_max));
        // From here on the one before opens no gate; its appends are fenced already.
        if !inner.pipeline.owners.enter(&shared) {
            return Err(EngineError::Deposed(object.id));
        }
        match inner.file(&taken).await {
            Ok(file) => {
                inner.pipeline.look(&taken);
                Ok(Owned::new(inner.clone(), shared, file, &taken, is_restored))
            }
            Err(error) => {
                inner.pipeline.leave(object.id, taken.epoch);
                Err(error)
            }
        }
    }

    /// Forgets what is older than the archive goes back, and what nobody needs any more. It is also done by itself once an hour.
    pub async fn maintain(&self) -> Result<(), EngineError> {
        self.inner.compactor.maintain().await
    }

    pub fn metrics(&self) -> Metrics {
        self.inner.figures.now()
    }

    /// Objects that this process owns.
    pub fn owned_count(&self) -> usize {
        self.inner.pipeline.owners.len()
    }

    /// Ends it; when this is over, and every [`Owned`] of it is dropped, another process can open the folder.
    pub async fn close(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            let _aborted = task.await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.inner.pipeline.owners.end();
    }
}

impl Inner {
    async fn file(&self, taken: &Taken) -> Result<CacheFile, EngineError> {
        let object = taken.object.object.id;
        let recovery = &self.compactor.recovery;
        if taken.object.changed == 0 {
            add(&self.figures.files_built, 1);
            return recovery.empty(self.cache.file(object, taken.epoch)).await;
        }
        let (cache, wanted) = (self.cache.clone(), taken.clone());
        let kept = tokio::task::spawn_blocking(move || cache.take(&wanted)).await.ok().flatten();
        if let Some(file) = kept {
            add(&self.figures.files_reused, 1);
            return Ok(file);
        }
        add(&self.figures.files_built, 1);
        let history = self.stores.history(object, taken.object.birth);
        let file = self.cache.file(object, taken.epoch);
        let built = match taken.object.floor {
            0 => recovery.build_from_log(&history, taken.head, file).await,
            _ => recovery.build(&history, taken.head, file).await,
        };
        Ok(built?.file)
    }

    pub(crate) async fn keep(&self, file: CacheFile, owner: &Shared, position: Position, is_lent: bool) {
        let (cache, object, birth, epoch) = (self.cache.clone(), owner.object.id, owner.birth, owner.epoch);
        let kept = tokio::task::spawn_blocking(move || cache.keep(file, object, birth, epoch, position, is_lent)).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!("the cache file of object {object} is not kept: {error}");
        }
    }
}

async fn maintain(compactor: Arc<Compactor>) {
    loop {
        tokio::time::sleep(MAINTAINED_EVERY).await;
        if let Err(error) = compactor.maintain().await {
            tracing::warn!("old history of objects is kept for now: {error}");
        }
    }
}

pub(crate) async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    let ended = |error| EngineError::File { path: path.to_owned(), error: std::io::Error::other(error) };
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}
