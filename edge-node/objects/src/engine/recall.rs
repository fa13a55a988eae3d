//! What an object asks about its own past while it lives.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::Inner;
use crate::bookmark::Bookmark;
use crate::error::EngineError;
use crate::history::Planned;
use crate::object::{Epoch, Millis, ObjectId, Position};
use crate::past::Past;

/// A question of one object at one position, from [`Owned::recall`](crate::Owned::recall). It knows no other object. Whoever owns the object
/// next waits until it is dropped.
pub struct Recall {
    pub(crate) engine: Arc<Inner>,
    pub(crate) object: ObjectId,
    pub(crate) birth: Epoch,
    pub(crate) epoch: Epoch,
    pub(crate) position: Position,
    pub(crate) _under_way: OwnedSemaphorePermit,
}

impl Recall {
    /// Of its position.
    pub fn bookmark(&self) -> Bookmark {
        Bookmark::new(self.object, self.birth, self.position)
    }

    /// Where the object's history ended at a time.
    pub async fn bookmark_for(&self, time_ms: Millis) -> Result<Bookmark, EngineError> {
        let _turn = self.engine.recalling.acquire().await;
        self.engine.past.bookmark_for(self.object, time_ms).await
    }

    /// Has the object restored before it is owned the next time; instead of what was asked for before. Gives the bookmark that undoes it: it
    /// stands for the object as it will be then.
    pub async fn restore_next(&self, bookmark: &str) -> Result<Bookmark, EngineError> {
        let _turn = self.engine.recalling.acquire().await;
        let (known, history) = self.engine.past.known(self.object).await?;
        // Who owns it by now is not asked what becomes of it.
        if known.epoch != self.epoch || known.birth != self.birth {
            return Err(EngineError::Deposed(self.object));
        }
        let to = self.engine.past.position(&known, bookmark).await?;
        if Past::is_forgotten(&known, &history, to).await? {
            return Err(EngineError::Forgotten(self.object));
        }
        history.plan(&Planned { to, at: None }).await?;
        Ok(Bookmark::undo(self.object, self.birth, self.position))
    }
}
