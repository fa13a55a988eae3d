//! The thread that writes `engine.db`: whatever waits for it when it comes back from the disk becomes one commit.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::metrics::Figures;

use super::{schema, store_error};

/// Jobs in one commit.
const JOBS_MAX: usize = 1024;

pub(super) struct Writer {
    /// None while it ends.
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        lock: File,
        incarnation: u64,
        file: PathBuf,
        figures: Arc<Figures>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Box<dyn Job>>();
        let commits = Commits { connection, incarnation, file, figures };
        let thread = std::thread::Builder::new().name("objects-writer".into()).spawn(move || {
            while let Ok(first) = queue.recv() {
                let mut group = vec![first];
                group.extend(queue.try_iter().take(JOBS_MAX - 1));
                commits.make(group);
            }
            drop(commits);
            drop(lock);
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = || StoreError::Failed("its thread has ended".into());
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Call { work: Some(work), result: None, reply });
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(ended)?;
        answer.await.map_err(|_| ended())?
    }
}

impl Drop for Writer {
    /// The folder is free when this is over.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the thread that writes objects has panicked");
        }
    }
}

/// Something to be written, and somebody who waits for it.
trait Job: Send {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;

    fn settle(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A job, and whether it did what it was to do.
type Ran = (Box<dyn Job>, Result<(), StoreError>);

struct Call<T, F> {
    work: Option<F>,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Job for Call<T, F> {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(connection)?);
        }
        Ok(())
    }

    fn settle(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, reply, .. } = *self;
        let missing = || StoreError::Failed("it was not run".into());
        let _nobody_waits = reply.send(committed.and_then(|()| result.ok_or_else(missing)));
    }
}

struct Commits {
    connection: Connection,
    incarnation: u64,
    file: PathBuf,
    figures: Arc<Figures>,
}

impl Commits {
    fn make(&self, group: Vec<Box<dyn Job>>) {
        let mut ran = Vec::with_capacity(group.len());
        let done = self.run(group, &mut ran).and_then(|()| {
            let begun = Instant::now();
            self.connection.execute_batch("COMMIT").map_err(|error| match store_error(&error, &self.file) {
                // It may be on the disk, and come to light behind a crash.
                StoreError::Failed(text) => StoreError::Unknown(text),
                error => error,
            })?;
            self.figures.committed(begun.elapsed());
            Ok(())
        });
        if let Err(error) = &done {
            tracing::warn!("{error}");
            if !self.connection.is_autocommit() {
                let _rolled_back = self.connection.execute_batch("ROLLBACK");
            }
        }
        for (job, result) in ran {
            job.settle(done.clone().and(result));
        }
    }

    /// Each job in a savepoint of its own: one that fails takes nobody along, unless SQLite has undone all of it.
    fn run(&self, group: Vec<Box<dyn Job>>, ran: &mut Vec<Ran>) -> Result<(), StoreError> {
        let named = |error: rusqlite::Error| store_error(&error, &self.file);
        let begun = self.begin();
        let mut lost = begun.err();
        for mut job in group {
            if lost.is_some() {
                ran.push((job, Ok(())));
                continue;
            }
            let result =
                self.batch("SAVEPOINT job").and_then(|()| job.run(&self.connection)).and_then(|()| self.batch("RELEASE job"));
            let failed = result.map_err(named);
            if let Err(error) = &failed {
                let is_undone = self.connection.is_autocommit() || self.batch("ROLLBACK TO job; RELEASE job").is_err();
                lost = is_undone.then(|| error.clone());
            }
            ran.push((job, failed));
        }
        lost.map_or(Ok(()), Err)
    }

    fn begin(&self) -> Result<(), StoreError> {
        let named = |error: rusqlite::Error| store_error(&error, &self.file);
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(named)?;
        let incarnation = schema::number(&self.connection, "incarnation").map_err(named)?;
        if incarnation != self.incarnation {
            return Err(StoreError::Superseded(self.file.display().to_string()));
        }
        Ok(())
    }

    fn batch(&self, text: &str) -> rusqlite::Result<()> {
        self.connection.execute_batch(text)
    }
}
