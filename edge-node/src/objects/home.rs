use std::fs::OpenOptions;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_objects::{Acknowledged, Closed, Owned};
use skerry_runtime::messages::{Event, EventId, Failure, Handler, ObjectEvent, ObjectFile, ToIsolate};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::AbortHandle;

use super::failures::{failed, moved, reset, unowned};
use super::{Callee, ObjectSockets, Objects};
use crate::error::ServeError;
use crate::exchange::{Answered, EventGuard, Exchange};
use crate::instance::Instance;
use crate::worker::Worker;

/// What runs in an object may take so long to end when the object is closed.
const CLOSING: Duration = Duration::from_secs(5);
/// Before the log is asked again whether it has room.
const PAUSE_WITHOUT_ROOM: Duration = Duration::from_millis(20);

/// An object that lives in an isolate.
pub(super) struct Home {
    worker: Arc<Worker>,
    generation: u64,
    instance: Arc<Instance>,
    /// The event that it is there.
    number: EventId,
    owned: Arc<Owned>,
    end: End,
    settling: AbortHandle,
    used: Mutex<Instant>,
    _place: OwnedSemaphorePermit,
}

impl Home {
    pub async fn open(objects: &Arc<Objects>, callee: &Callee, sockets: &Arc<ObjectSockets>) -> Result<Self, ServeError> {
        let Callee { worker, class, object } = callee;
        let generation = worker.generation();
        let room = objects.place(worker).await?;
        let place = Place(worker.hall().place(worker).await?);
        let engine = objects.engine().await.map_err(|error| unowned(object.id, &error))?;
        objects.classes.note(engine, callee).await;
        let owned = Arc::new(engine.own(object).await.map_err(|error| unowned(object.id, &error))?);
        if owned.is_restored() {
            // With the data of another time it may have another alarm.
            objects.look_at_alarms();
        }
        let file = OpenOptions::new().read(true).write(true).open(owned.cache_file());
        let file = file.map_err(|error| failed(object.id, &error))?;
        sockets.belong_to(objects, object);
        let event = ObjectEvent {
            class: class.to_string(),
            id: object.id.0,
            name: object.name.clone(),
            file: ObjectFile(Some(file.into())),
            commits: owned.position(),
        };
        let (number, closed) = place.0.exchange().open_object(event, owned.clone(), sockets).map_err(ServeError::Worker)?;
        let instance = place.keep();
        let settling = tokio::spawn(settle(objects.clone(), instance.clone(), number, owned.acknowledged())).abort_handle();
        let used = Mutex::new(Instant::now());
        Ok(Self {
            worker: worker.clone(),
            generation,
            instance,
            number,
            owned,
            end: End(Arc::new(Mutex::new(Life::Open(closed)))),
            settling,
            used,
            _place: room,
        })
    }

    pub fn is_of(&self, worker: &Arc<Worker>) -> bool {
        Arc::ptr_eq(&self.worker, worker) && self.generation == worker.generation()
    }

    /// It lives no more, or its isolate takes nothing more.
    pub fn is_over(&self) -> bool {
        self.end.0.lock().is_over() || self.instance.is_closed()
    }

    pub fn is_idle_for(&self, idle: Duration) -> bool {
        self.used.lock().elapsed() >= idle && self.instance.gates().is_some_and(|gates| gates.is_idle(self.number))
    }

    /// As [`Self::is_idle_for`], and nothing of it waits for a timer or an answer.
    pub fn may_sleep(&self, idle: Duration) -> bool {
        self.used.lock().elapsed() >= idle && self.instance.gates().is_some_and(|gates| gates.may_sleep(self.number))
    }

    /// When it was asked last, if it is of the worker or of anybody and nothing of it is under way.
    pub fn idle_since(&self, worker: Option<&Arc<Worker>>) -> Option<Instant> {
        let is_meant = worker.is_none_or(|worker| Arc::ptr_eq(&self.worker, worker));
        (is_meant && self.is_idle_for(Duration::ZERO)).then(|| *self.used.lock())
    }

    pub fn begin(&self, path: String, hops: u8, is_traced: bool, make: impl FnOnce(&Arc<Exchange>, Handler) -> Event) -> Begun {
        *self.used.lock() = Instant::now();
        let exchange = self.instance.exchange();
        let (guard, answered) = exchange.begin(make(exchange, Handler::Object(self.number)), path, hops, is_traced);
        Begun { guard, answered, end: self.end.clone() }
    }

    /// Lets what runs end, and gives the object up.
    pub async fn close(self) {
        let life = self.end.0.lock().take();
        self.instance.exchange().tell(ToIsolate::Cancel { id: self.number });
        let is_clean = match life {
            Life::Open(closed) => matches!(tokio::time::timeout(CLOSING, closed).await, Ok(Ok(Ok(())))),
            Life::Over { is_clean, .. } => is_clean,
        };
        if !is_clean {
            // Nothing more of it reaches anybody.
            self.instance.break_object(self.number, &moved());
        }
        self.settling.abort();
        self.instance.vacate();
        self.worker.hall().clear();
        let Self { owned, settling, worker, .. } = self;
        drop(settling);
        // The task that was aborted may hold it for a moment.
        for _ in 0..100 {
            if Arc::strong_count(&owned) == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if let Ok(owned) = Arc::try_unwrap(owned) {
            let closed = match is_clean {
                true if worker.is_in_processes() => Closed::CleanAndLent,
                true => Closed::Clean,
                false => Closed::Doubtful,
            };
            owned.release(closed).await;
        }
    }
}

/// Whether the object lives, and how it ended.
enum Life {
    Open(oneshot::Receiver<Result<(), Failure>>),
    Over { is_clean: bool, failure: Option<Failure> },
}

/// How an object ended, once it has.
#[derive(Clone)]
pub(super) struct End(Arc<Mutex<Life>>);

impl End {
    /// None where nothing has broken it.
    pub fn failure(&self) -> Option<Failure> {
        let mut life = self.0.lock();
        life.is_over();
        if let Life::Over { failure, .. } = &*life { failure.clone() } else { None }
    }
}

/// An event of an object that its isolate has been given.
pub(super) struct Begun {
    pub guard: EventGuard,
    pub answered: oneshot::Receiver<Answered>,
    /// Of the object that it was given to.
    pub end: End,
}

impl Life {
    fn is_over(&mut self) -> bool {
        if let Self::Open(closed) = self {
            *self = match closed.try_recv() {
                Err(oneshot::error::TryRecvError::Empty) => return false,
                Ok(Ok(())) => Self::Over { is_clean: true, failure: None },
                Ok(Err(failure)) => Self::Over { is_clean: false, failure: Some(failure) },
                Err(oneshot::error::TryRecvError::Closed) => Self::Over { is_clean: false, failure: None },
            };
        }
        true
    }

    /// From now on it is over.
    fn take(&mut self) -> Self {
        self.is_over();
        let failure = if let Self::Over { failure, .. } = self { failure.clone() } else { None };
        std::mem::replace(self, Self::Over { is_clean: false, failure })
    }
}

/// A place in an isolate that is given back unless somebody moves in.
struct Place(Arc<Instance>);

impl Place {
    fn keep(self) -> Arc<Instance> {
        let instance = self.0.clone();
        instance.occupy();
        instance
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.vacate();
    }
}

/// Opens the gate as far as the log is.
async fn settle(objects: Arc<Objects>, instance: Arc<Instance>, number: EventId, mut acknowledged: Acknowledged) {
    let Some(held_up) = instance.held_up(number) else { return };
    loop {
        let durable = acknowledged.position();
        if instance.settle_object(number, durable) {
            objects.alarms.look();
        }
        let mut next = acknowledged.clone();
        let settled = tokio::select! {
            settled = next.wait_for(durable + 1) => settled,
            () = tokio::time::sleep(PAUSE_WITHOUT_ROOM), if instance.is_held_up(number) => continue,
            () = held_up.notified() => continue,
        };
        if let Err(error) = settled {
            instance.break_object(number, &reset(&error));
            return;
        }
        instance.exchange().tell(ToIsolate::ObjectDurable { object: number, number: acknowledged.position() });
        acknowledged = next;
    }
}
