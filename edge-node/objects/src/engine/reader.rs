//! Reading a data folder that another process may have.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::classes::{ClassName, classes};
use super::{Options, Stores, blocking};
use crate::blob::BlobFolder;
use crate::bookmark::Bookmark;
use crate::error::{EngineError, StoreError};
use crate::log::{Counts, Known};
use crate::object::{Millis, ObjectId};
use crate::past::{Past, Span};
use crate::recover::{Cache, Recovery};
use crate::store::SqliteStore;

/// What is committed in a data folder, also while a node writes it: changes nothing there, and owns no object.
pub struct Reader {
    past: Past,
}

impl Reader {
    /// Databases are built in `scratch`, which is this process's alone.
    ///
    /// # Errors
    /// Also where the folder holds no objects.
    pub async fn open(folder: &Path, scratch: &Path) -> Result<Self, EngineError> {
        let (folder, scratch) = (folder.to_owned(), scratch.to_owned());
        let path = folder.clone();
        let opened = blocking(&path, move || {
            let store = Arc::new(SqliteStore::open_to_read(&folder)?);
            let named = |path: &Path| {
                let path = path.to_owned();
                move |error| EngineError::File { path, error }
            };
            // What is missing is not made here: a folder without blobs has none.
            let blobs = folder.join("blobs");
            let blob = Arc::new(BlobFolder::at(&blobs));
            let cache = Arc::new(Cache::open(&scratch, u64::MAX).map_err(named(&scratch))?);
            Ok((Stores { log: store.clone(), meta: store, blob }, cache))
        });
        let (stores, cache) = opened.await?;
        // How long history is kept is for the node to say: all that is there can be read.
        let options = Arc::new(Options { archive: Duration::MAX, ..Options::default() });
        let recovery = Recovery { log: stores.log.clone(), cache };
        Ok(Self { past: Past { stores, recovery, options } })
    }

    /// As [`Engine::objects`](crate::Engine::objects).
    pub async fn objects(
        &self,
        namespace: Option<&str>,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Known>, StoreError> {
        self.past.stores.log.list(namespace, after, limit).await
    }

    pub async fn object(&self, object: ObjectId) -> Result<Option<Known>, StoreError> {
        self.past.stores.log.find(object).await
    }

    pub async fn classes(&self) -> Result<Vec<(String, ClassName)>, StoreError> {
        classes(&self.past.stores).await
    }

    pub async fn totals(&self) -> Result<Vec<(String, Counts)>, StoreError> {
        self.past.stores.log.totals().await
    }

    pub async fn bookmark(&self, object: ObjectId) -> Result<Bookmark, EngineError> {
        self.past.bookmark(object).await
    }

    pub async fn bookmark_for(&self, object: ObjectId, time_ms: Millis) -> Result<Bookmark, EngineError> {
        self.past.bookmark_for(object, time_ms).await
    }

    pub async fn span(&self, object: ObjectId) -> Result<Span, EngineError> {
        self.past.span(object).await
    }

    pub async fn export(&self, object: ObjectId, bookmark: Option<&str>, file: &Path) -> Result<(), EngineError> {
        self.past.export(object, bookmark, file).await
    }
}
