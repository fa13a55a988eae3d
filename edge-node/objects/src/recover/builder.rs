//! Builds the database of an object as it was at a position.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use skerry_messages::{PAGE_BYTES, PageSet};

use super::cache::{Cache, CacheFile};
use super::file;
use crate::error::EngineError;
use crate::history::{Base, History, Snapshot};
use crate::log::ObjectLog;
use crate::object::{Millis, Position};
use crate::record::{Change, Entry, Record};

/// Of the log at a time.
const SLICE_BYTES: usize = 8 << 20;
/// Restores of restores that are not snapshots yet.
const DEPTH_MAX: u32 = 32;

#[derive(Clone)]
pub(crate) struct Recovery {
    pub log: Arc<dyn ObjectLog>,
    pub cache: Arc<Cache>,
}

/// A database as it was at a position.
pub(crate) struct Built {
    pub file: CacheFile,
    open: Arc<File>,
    pub length: u64,
    pub alarm_ms: Option<Millis>,
    pub time_ms: Millis,
}

impl Built {
    /// Of a snapshot's blob: 8 MiB.
    pub(crate) const PAGES_AT_ONCE: u32 = 2048;

    /// Some of its pages, from this one on.
    pub(crate) async fn record(&self, first: u32) -> Result<Record, EngineError> {
        let (open, page_count) = (self.open.clone(), (self.length / PAGE_BYTES as u64) as u32);
        let count = (page_count + 1 - first).min(Self::PAGES_AT_ONCE);
        let pages = blocking(self.file.path().to_owned(), move || file::read(&open, first, count)).await?;
        Ok(Record { alarm_ms: self.alarm_ms, change: Change::Pages(PageSet { page_count, pages }) })
    }
}

/// Where a build stands.
struct State {
    open: Arc<File>,
    path: PathBuf,
    at: Position,
    alarm_ms: Option<Millis>,
    time_ms: Millis,
}

impl Recovery {
    /// In a file that is nobody's.
    pub(crate) async fn scratch(&self, history: &History, upto: Position) -> Result<Built, EngineError> {
        self.build(history, upto, self.cache.scratch()).await
    }

    /// Of an object that has never written.
    pub(crate) async fn empty(&self, file: CacheFile) -> Result<CacheFile, EngineError> {
        create(file.path().to_owned()).await?;
        Ok(file)
    }

    /// Everything up to `upto` is durable. The file is made; nothing of it is left if that fails.
    pub(crate) async fn build(&self, history: &History, upto: Position, file: CacheFile) -> Result<Built, EngineError> {
        let base = history.base(upto).await?;
        self.build_on(base, history, upto, file).await
    }

    /// The same of an object whose log was never trimmed: it has everything, and nobody has to look for more.
    pub(crate) async fn build_from_log(&self, history: &History, upto: Position, file: CacheFile) -> Result<Built, EngineError> {
        self.build_on(Base::default(), history, upto, file).await
    }

    async fn build_on(&self, base: Base, history: &History, upto: Position, file: CacheFile) -> Result<Built, EngineError> {
        let path = file.path().to_owned();
        let open = create(path.clone()).await?;
        let mut state = State { open: Arc::new(open), path: path.clone(), at: 0, alarm_ms: None, time_ms: 0 };
        self.fill(base, history, upto, &mut state, 0).await?;
        let open = state.open.clone();
        let length = blocking(path, move || Ok(open.metadata()?.len())).await?;
        Ok(Built { file, open: state.open, length, alarm_ms: state.alarm_ms, time_ms: state.time_ms })
    }

    async fn fill(
        &self,
        mut base: Base,
        history: &History,
        upto: Position,
        state: &mut State,
        depth: u32,
    ) -> Result<(), EngineError> {
        if depth > DEPTH_MAX {
            return Err(history.damaged(upto, format!("it is a restore of a restore, {depth} times")));
        }
        state.reset().await?;
        if let Some(snapshot) = &base.snapshot {
            state.load(history, snapshot).await?;
        }
        while state.at < upto {
            let next = state.at + 1;
            let mut entries = match base.parts.iter().find(|part| part.first <= next && part.last >= next) {
                Some(part) => history.entries(part.blob, next).await?,
                None => {
                    let tail = self.log.read(history.object, state.at, SLICE_BYTES).await?;
                    let tail = tail.filter(|tail| tail.birth == history.birth);
                    let tail = tail.ok_or(EngineError::Deposed(history.object))?;
                    if tail.floor > state.at {
                        // It is in a part by now, or a snapshot has come that is further.
                        base = history.base(upto).await?;
                        if let Some(snapshot) = base.snapshot.as_ref().filter(|snapshot| snapshot.position > state.at) {
                            state.reset().await?;
                            state.load(history, snapshot).await?;
                        } else if !base.parts.iter().any(|part| part.first <= next && part.last >= next) {
                            return Err(history.damaged(next, "neither the log nor a part has it"));
                        }
                        continue;
                    }
                    tail.entries
                }
            };
            entries.retain(|entry| entry.position > state.at && entry.position <= upto);
            if entries.first().is_none_or(|entry| entry.position != next) {
                return Err(history.damaged(next, "it is missing"));
            }
            self.apply(history, entries, state, depth).await?;
        }
        Ok(())
    }

    async fn apply(&self, history: &History, entries: Vec<Entry>, state: &mut State, depth: u32) -> Result<(), EngineError> {
        let mut waiting = Vec::new();
        for entry in entries {
            if entry.position != state.at + 1 {
                return Err(history.damaged(state.at + 1, "it is missing"));
            }
            let record = entry.read(history.object).map_err(|error| history.damaged(entry.position, error))?;
            match record.change {
                Change::Fence => {}
                Change::Pages(pages) => waiting.push(pages),
                Change::Restore(position) if position < entry.position => {
                    waiting.clear();
                    let base = history.base(position).await?;
                    Box::pin(self.fill(base, history, position, state, depth + 1)).await?;
                }
                Change::Restore(_) => return Err(history.damaged(entry.position, "it restores what is not before it")),
            }
            (state.at, state.alarm_ms, state.time_ms) = (entry.position, record.alarm_ms, entry.time_ms);
        }
        state.write(waiting).await
    }
}

impl State {
    async fn reset(&mut self) -> Result<(), EngineError> {
        (self.at, self.alarm_ms, self.time_ms) = (0, None, 0);
        let open = self.open.clone();
        blocking(self.path.clone(), move || open.set_len(0)).await
    }

    async fn load(&mut self, history: &History, snapshot: &Snapshot) -> Result<(), EngineError> {
        for blob in &snapshot.blobs {
            for entry in history.entries(*blob, snapshot.position).await? {
                let record = entry.read(history.object).map_err(|error| history.damaged(entry.position, error))?;
                match record.change {
                    Change::Pages(pages) if entry.position == snapshot.position => self.write(vec![pages]).await?,
                    _ => return Err(history.damaged(snapshot.position, format!("blob {blob} is of something else"))),
                }
            }
        }
        (self.at, self.alarm_ms, self.time_ms) = (snapshot.position, snapshot.alarm_ms, snapshot.time_ms);
        Ok(())
    }

    async fn write(&self, changes: Vec<PageSet>) -> Result<(), EngineError> {
        let open = self.open.clone();
        blocking(self.path.clone(), move || changes.iter().try_for_each(|pages| file::apply(&open, pages))).await
    }
}

/// Makes a file that is not there yet.
async fn create(path: PathBuf) -> Result<File, EngineError> {
    blocking(path.clone(), move || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        File::options().read(true).write(true).create_new(true).open(&path)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| EngineError::File { path, error })
}
