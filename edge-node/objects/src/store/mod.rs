//! `engine.db`: one SQLite file that holds the logs of all objects and the rows beside them.
//!
//! Owns: the file, the folder's lock, the one thread that writes. Readers have connections of their own and see the last commit.
//! Invariant: every commit finds the incarnation of this process to be the file's. Another process that opens it raises it: whatever the
//! lock was worth, this one writes nothing from then on.

mod lock;
pub(crate) mod schema;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{Semaphore, watch};

use crate::error::{EngineError, StoreError};
use crate::metrics::Figures;

use writer::Writer;

/// Reading connections: each takes a fraction of a millisecond to open, so all are kept, and who comes when all are busy waits for one.
const READERS_MAX: usize = 8;

/// Made once `engine.db` has its tables, so that where it is, that must be.
const LATER: &str = "blobs";

pub(crate) struct SqliteStore {
    file: PathBuf,
    readers: Arc<Mutex<Vec<Connection>>>,
    reading: Semaphore,
    /// None where the file is only read: another process may write it.
    writer: Option<Writer>,
    /// Epochs from here on are given by this process.
    pub(crate) first_epoch: u64,
    pub(crate) revisions: watch::Sender<u64>,
}

impl SqliteStore {
    /// Opens `engine.db` in a folder, both made if they are missing; waits for so long if another process has it.
    pub(crate) fn open(folder: &Path, wait: Duration, figures: Arc<Figures>) -> Result<Self, EngineError> {
        let named = |path: &Path| {
            let path = path.to_owned();
            move |error| EngineError::File { path, error }
        };
        std::fs::create_dir_all(folder).map_err(named(folder))?;
        let lock = lock::hold(folder, wait)?;
        let file = folder.join("engine.db");
        // SQLite takes an empty file for a new database, and throws away what its `-wal` file has.
        let is_empty = file.metadata().map_or(true, |data| data.len() == 0);
        if is_empty && folder.join(LATER).exists() {
            return Err(EngineError::Gone(file));
        }
        let connection = Connection::open(&file).map_err(|error| store_error(&error, &file))?;
        let opened = schema::open(&connection, &file)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(named(folder))?;
        let writer = Writer::start(connection, lock, opened.incarnation, file.clone(), figures).map_err(named(&file))?;
        let revisions = watch::Sender::new(opened.revision);
        Ok(Self {
            file,
            readers: Arc::default(),
            reading: Semaphore::new(READERS_MAX),
            writer: Some(writer),
            first_epoch: opened.epoch + 1,
            revisions,
        })
    }

    /// Opens a folder whose `engine.db` another process may have, to read what is committed.
    pub(crate) fn open_to_read(folder: &Path) -> Result<Self, EngineError> {
        let file = folder.join("engine.db");
        if !file.is_file() {
            return Err(EngineError::NoFolder(folder.to_owned()));
        }
        let connection = schema::reader(&file).map_err(|error| store_error(&error, &file))?;
        schema::check(&connection, &file)?;
        let readers = Arc::new(Mutex::new(vec![connection]));
        let revisions = watch::Sender::new(0);
        Ok(Self { file, readers, reading: Semaphore::new(READERS_MAX), writer: None, first_epoch: 0, revisions })
    }

    /// Runs in the next commit, with others; gives what it gave when that is durable. What it has written is undone if it fails.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.writer {
            Some(writer) => writer.write(work).await,
            None => Err(StoreError::ReadOnly(self.file.display().to_string())),
        }
    }

    /// Runs with a state of the file that does not change meanwhile.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.reading.acquire().await.map_err(|error| StoreError::Failed(error.to_string()))?;
        let (file, readers) = (self.file.clone(), self.readers.clone());
        let done = tokio::task::spawn_blocking(move || {
            let kept = readers.lock().pop();
            let connection = kept.map_or_else(|| schema::reader(&file), Ok).map_err(|error| store_error(&error, &file))?;
            let transaction = connection.unchecked_transaction().map_err(|error| store_error(&error, &file))?;
            let found = work(&transaction).map_err(|error| store_error(&error, &file));
            drop(transaction);
            readers.lock().push(connection);
            found
        });
        done.await.map_err(|error| StoreError::Failed(error.to_string()))?
    }
}

fn store_error(error: &rusqlite::Error, file: &Path) -> StoreError {
    let name = file.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(name),
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly(name),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(name),
        _ => StoreError::Failed(format!("{name}: {error}")),
    }
}
