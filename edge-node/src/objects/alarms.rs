//! Wakes objects at the times that they have set.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_objects::{Due, Engine, ObjectId};
use skerry_runtime::messages::{AlarmEvent, Event, Handler};
use tokio::sync::Notify;

use super::{Callee, Objects};
use crate::call::Called;
use crate::services::Directory;

/// Alarms of one namespace that are handled at once; those of others do not wait for them.
const AT_ONCE: usize = 64;
/// Alarms that are read at a time.
const PAGE: usize = 256;
/// To reach an object whose class nobody serves.
const TRIES_BEFORE_WARNING: u32 = 2;
/// A handler that fails is tried again so often.
pub(super) const RETRIES_MAX: u32 = 6;
/// After the first failure; each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Where the object cannot be called: its class is not served, or its node has no room.
const NOT_REACHED_PAUSE_MAX: Duration = Duration::from_secs(10);
/// A handler that takes longer has failed.
const HANDLER_TIME: Duration = Duration::from_secs(15 * 60);
/// However far the next one is, it is looked again after this: the node's clock may be set forward.
const LOOK_AT_LATEST: Duration = Duration::from_secs(10);
/// When the store cannot be asked.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);
/// However often alarms are set, reading them takes no more than one part in so many of the time.
const SHARE_OF_TIME: u32 = 5;

#[derive(Default)]
pub(super) struct Alarms {
    /// Another alarm may be the next.
    changed: Notify,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    alarms: HashMap<ObjectId, Failed>,
    /// Handlers that run, by namespace.
    handlers: HashMap<String, usize>,
}

/// An alarm that is being handled, or was, in vain.
#[derive(Clone, Copy)]
struct Failed {
    scheduled_ms: i64,
    /// The handler has failed so often.
    times: u32,
    /// And it was not reached, or failed, so often.
    tries: u32,
    /// None while it runs.
    again: Option<Instant>,
}

/// What became of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handled {
    Through,
    /// The handler has thrown, or its isolate has ended.
    Failed,
    /// The object could not be called.
    NotReached,
}

/// Whether an alarm is handled now.
enum Begun {
    Yes {
        /// How often it has failed before.
        times: u32,
        /// And how often it was not reached, or failed.
        tries: u32,
    },
    NotYet(Duration),
    No,
}

impl Alarms {
    pub fn look(&self) {
        self.changed.notify_one();
    }

    fn begin(&self, alarm: &Due) -> Begun {
        let Running { alarms, handlers } = &mut *self.running.lock();
        let id = alarm.object.id;
        let failed = alarms.get(&id).copied().filter(|failed| failed.scheduled_ms == alarm.at_ms || failed.again.is_none());
        let (times, tries) = match failed {
            Some(Failed { again: None, .. }) => return Begun::No,
            Some(Failed { again: Some(again), times, tries, .. }) => match again.checked_duration_since(Instant::now()) {
                Some(wait) if !wait.is_zero() => return Begun::NotYet(wait),
                _ => (times, tries),
            },
            None => (0, 0),
        };
        let namespace = &alarm.object.namespace;
        let count = handlers.get(namespace).copied().unwrap_or(0);
        if count >= AT_ONCE {
            return Begun::No;
        }
        handlers.insert(namespace.clone(), count + 1);
        alarms.insert(id, Failed { scheduled_ms: alarm.at_ms, times, tries, again: None });
        Begun::Yes { times, tries }
    }
}

impl Running {
    /// A handler of the namespace is through.
    fn end(&mut self, namespace: &str) {
        if let Some(count) = self.handlers.get_mut(namespace) {
            *count -= 1;
            if *count == 0 {
                self.handlers.remove(namespace);
            }
        }
    }
}

impl Objects {
    /// Another alarm may be the next.
    pub(super) fn look_at_alarms(&self) {
        self.alarms.look();
    }

    /// Wakes objects whose time has come, for as long as it is polled.
    pub(super) async fn wake(self: Arc<Self>, directory: Directory) {
        loop {
            let Some(engine) = self.engine.get() else {
                self.alarms.changed.notified().await;
                continue;
            };
            let began = Instant::now();
            let pause = match self.wake_now(engine, &directory).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!("alarms of objects cannot be read: {error}");
                    PAUSE_AFTER_ERROR
                }
            };
            tokio::time::sleep(began.elapsed() * (SHARE_OF_TIME - 1)).await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.alarms.changed.notified() => {}
            }
        }
    }

    /// Says when the next may be due.
    async fn wake_now(self: &Arc<Self>, engine: &Engine, directory: &Directory) -> Result<Duration, skerry_objects::StoreError> {
        let now_ms = engine.now_ms();
        let mut pause = LOOK_AT_LATEST;
        let mut after = None;
        loop {
            let due = engine.alarms_due(now_ms, after, PAGE).await?;
            let Some(last) = due.last() else { break };
            after = Some((last.at_ms, last.object.id));
            for alarm in due {
                match self.alarms.begin(&alarm) {
                    Begun::Yes { times, tries } => {
                        drop(tokio::spawn(self.clone().run_alarm(directory.clone(), alarm, times, tries)));
                    }
                    Begun::NotYet(wait) => pause = pause.min(wait),
                    // Whoever is through looks again.
                    Begun::No => {}
                }
            }
        }
        let next = engine.next_alarm_ms(now_ms).await?;
        let until = next.map(|next| u64::try_from(next.saturating_sub(engine.now_ms())).unwrap_or(0));
        Ok(until.map_or(pause, |ms| pause.min(Duration::from_millis(ms))))
    }

    async fn run_alarm(self: Arc<Self>, directory: Directory, alarm: Due, times: u32, tries: u32) {
        let id = alarm.object.id;
        let handled = self.hand_over(&directory, &alarm, times, tries).await;
        {
            let mut running = self.alarms.running.lock();
            running.end(&alarm.object.namespace);
            if handled == Handled::Through {
                running.alarms.remove(&id);
            } else {
                let pause = FIRST_PAUSE * 2_u32.saturating_pow(tries.min(RETRIES_MAX));
                // A handler that was not reached has failed in nothing: it runs soon after it can be.
                let (pause, times) = match handled {
                    Handled::NotReached => (pause.min(NOT_REACHED_PAUSE_MAX), times),
                    Handled::Failed | Handled::Through => (pause, times + 1),
                };
                let again = Some(Instant::now() + pause);
                let failed = Failed { scheduled_ms: alarm.at_ms, times, tries: tries + 1, again };
                running.alarms.insert(id, failed);
            }
        }
        self.alarms.look();
    }

    /// One that has failed too often is not tried again: the object forgets the alarm itself then.
    async fn hand_over(self: &Arc<Self>, directory: &Directory, alarm: &Due, times: u32, tries: u32) -> Handled {
        let Some((worker, class)) = directory.class_of(&alarm.object.namespace, &alarm.object.id.to_string()) else {
            // When the node starts its workers come after its objects.
            if tries >= TRIES_BEFORE_WARNING {
                tracing::warn!("object {} has set an alarm, and its class is not served here", alarm.object.id);
            }
            return Handled::NotReached;
        };
        let callee = Callee { worker, class, object: alarm.object.clone() };
        let scheduled_ms = u64::try_from(alarm.at_ms).unwrap_or(0);
        let make = |_: &_, handler: Handler| {
            Event::Alarm(AlarmEvent { object: handler.object().unwrap_or(0), scheduled_ms, retries: times })
        };
        let Ok(place) = self.join(&callee.object, 0) else { return Handled::NotReached };
        match tokio::time::timeout(HANDLER_TIME, self.call(&callee, place, "alarm".to_owned(), 0, make)).await {
            Ok(Ok(Called { guard, outcome })) => {
                guard.complete();
                if outcome.is_ok() { Handled::Through } else { Handled::Failed }
            }
            Ok(Err(error)) => {
                tracing::warn!("object {} could not be woken: {error}", alarm.object.id);
                Handled::NotReached
            }
            Err(_elapsed) => {
                tracing::warn!("object {} is reset: its alarm handler took longer than {HANDLER_TIME:?}", alarm.object.id);
                // What is left of the handler must not run beside the next try.
                self.seat(alarm.object.id).close().await;
                Handled::Failed
            }
        }
    }
}
