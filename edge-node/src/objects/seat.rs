use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::{Mutex, MutexGuard};

use super::home::Home;
use super::line::Line;
use super::{Callee, ObjectSockets, Objects, Unused};
use crate::error::ServeError;
use crate::worker::Worker;

/// Where an object lives, if it lives. Whoever opens or closes it holds the lock meanwhile.
#[derive(Default)]
pub(super) struct Seat {
    /// Those who call it.
    pub line: Arc<Line>,
    home: Mutex<Option<Home>>,
    is_taken: AtomicBool,
    /// They stay while it sleeps.
    sockets: Arc<ObjectSockets>,
}

impl Seat {
    pub async fn lock(&self) -> MutexGuard<'_, Option<Home>> {
        self.home.lock().await
    }

    pub fn is_taken(&self) -> bool {
        self.is_taken.load(Ordering::Relaxed)
    }

    /// Gives up a home that is one no more, or not of the callee's version. False where there is none then.
    pub async fn is_at_home(&self, taken: &mut Option<Home>, callee: &Callee) -> bool {
        if let Some(home) = taken.take_if(|home| home.is_over() || !home.is_of(&callee.worker)) {
            home.close().await;
            self.is_taken.store(false, Ordering::Relaxed);
        }
        taken.is_some()
    }

    /// The object's home: that which it has, or a new one.
    pub async fn home<'h>(
        &self,
        taken: &'h mut Option<Home>,
        objects: &Arc<Objects>,
        callee: &Callee,
    ) -> Result<&'h Home, ServeError> {
        if taken.is_none() {
            let home = Home::open(objects, callee, &self.sockets).await?;
            self.is_taken.store(true, Ordering::Relaxed);
            return Ok(taken.insert(home));
        }
        taken.as_ref().ok_or(ServeError::Busy)
    }

    /// When the object was asked last, if it lives, is of the worker or of anybody, and nobody uses it.
    pub fn idle_since(&self, worker: Option<&Arc<Worker>>) -> Option<Instant> {
        self.home.try_lock().ok()?.as_ref()?.idle_since(worker)
    }

    /// Whether [`Self::close_if_unused`] has something to do.
    pub fn is_unused(&self, unused: Unused) -> bool {
        self.home.try_lock().is_ok_and(|taken| taken.as_ref().is_some_and(|home| self.is_home_unused(home, unused)))
    }

    fn is_home_unused(&self, home: &Home, unused: Unused) -> bool {
        home.is_over() || home.is_idle_for(unused.for_) || (self.has_sockets() && home.may_sleep(unused.with_sockets))
    }

    pub fn has_sockets(&self) -> bool {
        !self.sockets.is_empty()
    }

    /// Closes it when nobody has asked for it in so long, or, if it has WebSockets, lets it sleep. Whether it lives nowhere then.
    pub async fn close_if_unused(&self, unused: Unused) -> bool {
        // Whoever holds it uses it.
        let Ok(mut taken) = self.home.try_lock() else { return false };
        if let Some(home) = taken.take_if(|home| self.is_home_unused(home, unused)) {
            home.close().await;
            self.is_taken.store(false, Ordering::Relaxed);
        }
        taken.is_none()
    }

    pub async fn close(&self) {
        if let Some(home) = self.home.lock().await.take() {
            home.close().await;
            self.is_taken.store(false, Ordering::Relaxed);
        }
    }
}
