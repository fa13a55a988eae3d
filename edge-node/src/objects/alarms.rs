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

/// Objects that are woken at a time.
const AT_ONCE: usize = 64;
/// A handler that fails is tried again so often.
pub(super) const RETRIES_MAX: u32 = 6;
/// After the first failure; each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// While nothing is set, it is looked again after this.
const LOOK_AT_LATEST: Duration = Duration::from_secs(60);
/// When the store cannot be asked.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Alarms {
    /// Another alarm may be the next.
    changed: Notify,
    running: Mutex<HashMap<ObjectId, Failed>>,
}

/// An alarm that is being handled, or was, in vain.
#[derive(Clone, Copy)]
struct Failed {
    scheduled_ms: i64,
    times: u32,
    /// None while it runs.
    again: Option<Instant>,
}

impl Alarms {
    pub fn look(&self) {
        self.changed.notify_one();
    }
}

impl Objects {
    /// Wakes objects whose time has come, for as long as it is polled.
    pub(super) async fn wake(self: Arc<Self>, directory: Directory) {
        loop {
            let Some(engine) = self.engine.get() else {
                self.alarms.changed.notified().await;
                continue;
            };
            let pause = match self.wake_now(engine, &directory).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!("alarms of objects cannot be read: {error}");
                    PAUSE_AFTER_ERROR
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.alarms.changed.notified() => {}
            }
        }
    }

    /// Says when the next may be due.
    async fn wake_now(self: &Arc<Self>, engine: &Engine, directory: &Directory) -> Result<Duration, skerry_objects::StoreError> {
        let due = engine.alarms_due(AT_ONCE).await?;
        let now = Instant::now();
        let mut pause = LOOK_AT_LATEST;
        let is_full = due.len() == AT_ONCE;
        for alarm in due {
            let mut running = self.alarms.running.lock();
            let id = alarm.object.id;
            let failed = running.get(&id).copied().filter(|failed| failed.scheduled_ms == alarm.at_ms || failed.again.is_none());
            match failed.map(|failed| failed.again) {
                Some(None) => continue,
                Some(Some(again)) if again > now => {
                    pause = pause.min(again - now);
                    continue;
                }
                _ => {}
            }
            let times = failed.map_or(0, |failed| failed.times);
            running.insert(id, Failed { scheduled_ms: alarm.at_ms, times, again: None });
            drop(running);
            tokio::spawn(self.clone().run_alarm(directory.clone(), alarm, times));
        }
        if is_full {
            return Ok(Duration::from_millis(50));
        }
        let next = engine.next_alarm_ms().await?;
        let until = next.map(|next| u64::try_from(next.saturating_sub(now_ms())).unwrap_or(0)).filter(|ms| *ms > 0);
        Ok(until.map_or(pause, |ms| pause.min(Duration::from_millis(ms))))
    }

    async fn run_alarm(self: Arc<Self>, directory: Directory, alarm: Due, times: u32) {
        let id = alarm.object.id;
        let is_done = self.hand_over(&directory, &alarm, times).await;
        {
            let mut running = self.alarms.running.lock();
            if is_done {
                running.remove(&id);
            } else {
                let pause = FIRST_PAUSE * 2_u32.saturating_pow(times.min(RETRIES_MAX));
                let failed = Failed { scheduled_ms: alarm.at_ms, times: times + 1, again: Some(Instant::now() + pause) };
                running.insert(id, failed);
            }
        }
        self.alarms.look();
    }

    /// Whether the handler is through. One that has failed too often is not tried again: the object forgets the alarm itself then.
    async fn hand_over(self: &Arc<Self>, directory: &Directory, alarm: &Due, times: u32) -> bool {
        let Some((worker, class)) = directory.class_of(&alarm.object.namespace, &alarm.object.id.to_string()) else {
            tracing::warn!("object {} has set an alarm, and its class is not served here", alarm.object.id);
            return false;
        };
        let callee = Callee { worker, class, object: alarm.object.clone() };
        let scheduled_ms = u64::try_from(alarm.at_ms).unwrap_or(0);
        let make = |_: &_, handler: Handler| {
            Event::Alarm(AlarmEvent { object: handler.object().unwrap_or(0), scheduled_ms, retries: times })
        };
        match self.call(&callee, "alarm".to_owned(), 0, make).await {
            Ok(Called { guard, outcome }) => {
                guard.complete();
                outcome.is_ok()
            }
            Err(error) => {
                tracing::warn!("object {} could not be woken: {error}", alarm.object.id);
                false
            }
        }
    }
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
