//! Objects in a data folder as an operator sees them: read beside a node that runs, written where none does.
//!
//! Reading takes what is committed, and builds databases in a folder of its own. Writing takes the folder as a node does: with its lock and
//! with new epochs, so that there are never two writers.

mod query;
mod scratch;

use std::path::{Path, PathBuf};

use skerry_objects::{Bookmark, Engine, EngineError, Known, ObjectId, Options, Reader};
use skerry_runtime::messages::ObjectIds;
use skerry_runtime::object_db::{DbError, prepare_process};

pub use query::Rows;
pub use skerry_runtime::object_db::Value as SqlValue;

use super::ClassFigures;
use scratch::Scratch;

/// Why something could not be done with objects.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("{0}")]
    Sql(#[from] DbError),
    #[error("the statement writes: give --write, which needs the node to be stopped")]
    Writes,
    #[error("{folder} is in use by {holder}: stop the node first, and start it again afterwards{otherwise}")]
    InUse { folder: PathBuf, holder: String, otherwise: &'static str },
    #[error("the write was not taken: {0}")]
    Unwritten(String),
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
}

/// What is kept in a data folder.
pub struct KeptObjects {
    reader: Reader,
    scratch: Scratch,
}

impl KeptObjects {
    /// `room` is a folder in which databases can be built; nothing is left there.
    pub async fn open(folder: &Path, room: &Path) -> Result<Self, ToolError> {
        prepare_process()?;
        let scratch = Scratch::new(room).map_err(|error| ToolError::File { path: room.to_owned(), error })?;
        Ok(Self { reader: Reader::open(folder, scratch.path()).await?, scratch })
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Classes with something stored, by their names.
    pub async fn classes(&self) -> Result<Vec<ClassFigures>, ToolError> {
        let names = self.reader.classes().await.map_err(EngineError::from)?;
        let totals = self.reader.totals().await.map_err(EngineError::from)?;
        let figures = totals.into_iter().map(|(namespace, counts)| {
            let name = names.iter().find(|(known, _)| *known == namespace).map(|(_, name)| name.clone()).unwrap_or_default();
            ClassFigures { namespace, name, stored: counts.objects, bytes: counts.storage_bytes, live: 0 }
        });
        let mut classes: Vec<_> = figures.collect();
        classes.sort_by(|one, other| (&one.name.worker, &one.name.class).cmp(&(&other.name.worker, &other.name.class)));
        Ok(classes)
    }

    /// The id that a name has in a namespace.
    pub fn id_of_name(namespace: &str, name: &str) -> ObjectId {
        ObjectId(ObjectIds::new(namespace).of_name(name, None))
    }

    /// Runs SQL on a copy of the object's database, as it is or as it was at a bookmark. Gives so many rows of the last statement.
    ///
    /// # Errors
    /// Also where it writes.
    pub async fn query(&self, object: ObjectId, at: Option<&str>, sql: &str, rows_max: usize) -> Result<Rows, ToolError> {
        let file = self.scratch.path().join(format!("{object}.db"));
        self.reader.export(object, at, &file).await?;
        let rows = query::read(&file, sql, rows_max);
        let _left_for_the_folder = std::fs::remove_file(&file);
        rows
    }

    /// Writes the object's database into a file, which is there whole or not at all. One that is there already is replaced.
    pub async fn export(&self, object: ObjectId, at: Option<&str>, file: &Path) -> Result<(), ToolError> {
        let built = self.scratch.path().join("export.db");
        self.reader.export(object, at, &built).await?;
        std::fs::rename(&built, file).map_err(|error| ToolError::File { path: file.to_owned(), error })
    }
}

/// The folder as its only user. What the node forgets by its settings is not for this to say: nothing is.
async fn take(folder: &Path, otherwise: &'static str) -> Result<Engine, ToolError> {
    prepare_process()?;
    if !folder.join("engine.db").is_file() {
        return Err(EngineError::NoFolder(folder.to_owned()).into());
    }
    let options = Options { archive: std::time::Duration::MAX, ..Options::default() };
    match Engine::open(folder, options).await {
        Err(EngineError::InUse { folder, holder }) => Err(ToolError::InUse { folder, holder, otherwise }),
        opened => Ok(opened?),
    }
}

/// Runs SQL that writes. It is durable when this is over, or nothing of it is written.
pub async fn write(folder: &Path, object: ObjectId, sql: &str, rows_max: usize) -> Result<Rows, ToolError> {
    let engine = take(folder, "").await?;
    let known = known(&engine, object).await?;
    let owned = engine.own(&known.object).await.map_err(ToolError::Engine)?;
    let rows = query::write(&owned, sql, rows_max).await;
    // The next owner makes its file anew: this one was not closed as an isolate closes it.
    owned.release(skerry_objects::Closed::Doubtful).await;
    engine.close().await;
    rows
}

/// Makes the object what it was at a bookmark, or at a time. Gives the bookmark that it was restored to, and the one that undoes it.
pub async fn restore(folder: &Path, object: ObjectId, to: &Moment) -> Result<(String, Bookmark), ToolError> {
    let otherwise = "; or let the object itself call onNextSessionRestoreBookmark() and abort()";
    let engine = take(folder, otherwise).await?;
    let restored = async {
        let to = match to {
            Moment::Bookmark(bookmark) => bookmark.clone(),
            Moment::Time { ms } => engine.bookmark_for(object, *ms).await?.to_string(),
        };
        let undo = engine.restore(object, &to).await?;
        Ok::<_, EngineError>((to, undo))
    };
    let restored = restored.await;
    engine.close().await;
    Ok(restored?)
}

async fn known(engine: &Engine, object: ObjectId) -> Result<Known, ToolError> {
    let known = engine.object(object).await.map_err(EngineError::from)?;
    Ok(known.ok_or(EngineError::NoObject(object))?)
}

/// A place in an object's history, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    Bookmark(String),
    /// Milliseconds since 1970.
    Time {
        ms: i64,
    },
}
