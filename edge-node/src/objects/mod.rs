//! The Durable Objects that live on this node.
//!
//! Owns: where an object lives (one isolate at a time), its output gate, when it is opened, woken, moved to new code and closed.
//! Refuses: its history, which `skerry-objects` keeps, and running its code, which isolates do.
//!
//! ```text
//!   call -> Line -> Seat (one per object) -> Home: an event that stays open in an isolate of its class, and the right to write (Owned)
//!                                      |
//!            isolate -- commits --> Gates -- append --> the log
//!                    -- answers --> Gates (wait for it) ----> whoever asked
//! ```
//! Invariants: an object is in one isolate; before another opens it, nothing of the one before reaches anybody. Calls reach an object in the order
//! of [`Objects::join`], whatever becomes of its isolate meanwhile.

mod alarms;
mod classes;
mod failures;
mod gates;
mod hall;
mod home;
mod lane;
mod line;
mod recall;
mod room;
mod seat;
mod sockets;
#[cfg(test)]
mod tests;
pub mod tool;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use skerry_objects::{Engine, EngineError, Object, ObjectId, Options};
use skerry_runtime::Budget;
use skerry_runtime::messages::{Event, Handler};
use tokio::sync::OnceCell;

use crate::call::{Called, Unanswered, failure, may_be_moved};
use crate::error::ServeError;
use crate::exchange::{Exchange, NoAnswer, Returned};
use crate::services::Directory;
use crate::worker::Worker;
pub use classes::ClassFigures;
pub(crate) use gates::{Gates, Outlet, Remains};
pub(crate) use hall::Hall;
use home::Begun;
pub(crate) use line::{Place, TooLong};
pub(crate) use recall::recall;
use seat::Seat;
use skerry_runtime::messages::FailureKind;
pub(crate) use sockets::{ObjectEnd, ObjectSockets};

/// For how long nobody has asked an object for anything.
#[derive(Debug, Clone, Copy)]
struct Unused {
    for_: Duration,
    /// If it has WebSockets and does nothing else.
    with_sockets: Duration,
}

impl Unused {
    const NOW: Self = Self { for_: Duration::ZERO, with_sockets: Duration::ZERO };
    /// It leaves its isolate, or sleeps.
    const LONG: Self = Self { for_: Duration::from_secs(70), with_sockets: Duration::from_secs(10) };
}

/// Before an event that an isolate has given back is handed to the next, in milliseconds: isolates end, and a cell that does not answer gives
/// back what comes until it does, or is replaced.
const PAUSES_MS: [u64; 6] = [0, 10, 50, 250, 1_000, 2_500];
/// A node that ends may still have the folder.
const WAIT_FOR_FOLDER: Duration = Duration::from_secs(10);
/// How often it is looked for those.
const LOOK: Duration = Duration::from_secs(5);

/// The objects of a node, and where their histories are.
pub struct Objects {
    folder: PathBuf,
    /// How long what objects were is kept.
    history: Duration,
    /// Opened when the first object is wanted: most nodes have none.
    engine: OnceCell<Engine>,
    /// It could not be opened the first time.
    is_folder_missed: AtomicBool,
    seats: Mutex<FxHashMap<ObjectId, Arc<Seat>>>,
    alarms: alarms::Alarms,
    room: room::Room,
    /// The node ends: none is opened any more.
    is_closed: AtomicBool,
    /// Known as soon as the node serves.
    directory: OnceLock<Directory>,
    classes: classes::Classes,
}

/// Whom a call is for.
pub(crate) struct Callee {
    /// The version that its class is of.
    pub worker: Arc<Worker>,
    pub class: Arc<str>,
    pub object: Object,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Objects")
    }
}

impl Objects {
    /// How long what objects were is kept where nobody says otherwise.
    pub const HISTORY: Duration = Duration::from_hours(30 * 24);

    /// Those whose histories are in this folder, which is made if it is missing. They can go back in time as far as `history`. So many live at
    /// a time; if that is left open, as many as the process may have files and memory for.
    pub fn at(folder: PathBuf, history: Duration, live_max: Option<usize>, budget: Arc<Budget>) -> Arc<Self> {
        Arc::new(Self {
            folder,
            history,
            engine: OnceCell::new(),
            is_folder_missed: AtomicBool::new(false),
            seats: Mutex::default(),
            alarms: alarms::Alarms::default(),
            classes: classes::Classes::default(),
            room: room::Room::new(live_max, budget),
            is_closed: AtomicBool::new(false),
            directory: OnceLock::new(),
        })
    }

    pub async fn engine(&self) -> Result<&Engine, EngineError> {
        self.engine
            .get_or_try_init(|| async {
                let made = std::fs::create_dir_all(&self.folder);
                made.map_err(|error| EngineError::File { path: self.folder.clone(), error })?;
                // Whoever asks next does not wait as long again, one after another.
                let wait = if self.is_folder_missed.swap(true, Ordering::Relaxed) { Duration::ZERO } else { WAIT_FOR_FOLDER };
                let engine = Engine::open(&self.folder, Options { wait, archive: self.history, ..Options::default() }).await?;
                self.classes.found(engine.classes().await?);
                self.alarms.look();
                Ok(engine)
            })
            .await
    }

    /// Closes objects that nobody asks for and wakes those whose time has come, for as long as it is polled.
    pub async fn run(self: Arc<Self>, directory: Directory) {
        self.directory.get_or_init(|| directory.clone());
        if self.folder.join("engine.db").exists()
            && let Err(error) = self.engine().await
        {
            tracing::error!("Durable Objects cannot be served: {error}");
        }
        tokio::join!(self.clone().tend(), self.wake(directory));
    }

    fn directory(&self) -> Option<&Directory> {
        self.directory.get()
    }

    /// Objects that live in an isolate.
    pub fn live(&self) -> usize {
        self.seats.lock().values().filter(|seat| seat.is_taken()).count()
    }

    fn seat(&self, object: ObjectId) -> Arc<Seat> {
        self.seats.lock().entry(object).or_default().clone()
    }

    /// A place among those who call the object, behind all who have one. `bytes` is what the call brings.
    pub(crate) fn join(&self, object: &Object, bytes: usize) -> Result<Place, TooLong> {
        self.seat(object.id).line.join(bytes)
    }

    /// Hands an event to an object when it is its turn; the object is opened if it lives nowhere.
    pub(crate) async fn call(
        self: &Arc<Self>,
        callee: &Callee,
        mut place: Place,
        path: String,
        hops: u8,
        make: impl FnOnce(&Arc<Exchange>, Handler) -> Event,
    ) -> Result<Called, ServeError> {
        let begun = self.begin(callee, &mut place, path, hops, make).await?;
        self.conclude(callee, place, hops, begun).await
    }

    /// Waits for the answer to an event that an object was given.
    async fn conclude(
        self: &Arc<Self>,
        callee: &Callee,
        mut place: Place,
        hops: u8,
        mut begun: Begun,
    ) -> Result<Called, ServeError> {
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            let Begun { guard, answered, end } = begun;
            let mut outcome = answered.await;
            if let Ok(Err(NoAnswer { returned: returned @ Some(_), .. })) = &mut outcome
                && let Some(again) = returned.take_if(|returned| may_be_moved(&returned.event))
            {
                // It lives elsewhere by now, or will.
                guard.complete();
                place.come_back();
                let Some(pause) = pauses.next() else { return Err(ServeError::Busy) };
                if pause > 0 {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                let Returned { event, path } = *again;
                begun = self.begin(callee, &mut place, path, hops, |_, handler| event.handed_to(handler)).await?;
                continue;
            }
            let ended = || failure(FailureKind::IsolateEnded, "The isolate of the Durable Object ended before it had answered");
            let outcome = match outcome {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(NoAnswer { failure, .. })) => Err(Unanswered { failure, pass_through: false }),
                // It was over when the event came.
                Err(_) => Err(Unanswered { failure: end.failure().unwrap_or_else(ended), pass_through: false }),
            };
            return Ok(Called { guard, outcome });
        }
    }

    async fn begin(
        self: &Arc<Self>,
        callee: &Callee,
        place: &mut Place,
        path: String,
        hops: u8,
        make: impl FnOnce(&Arc<Exchange>, Handler) -> Event,
    ) -> Result<Begun, ServeError> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(ServeError::Busy);
        }
        let seat = self.seat(callee.object.id);
        loop {
            place.turn().await;
            let mut taken = seat.lock().await;
            if !seat.is_at_home(&mut taken, callee).await {
                // What its isolate gave back was made earlier, and goes first.
                place.others_settled().await;
                if place.step_back() {
                    continue;
                }
            }
            let home = seat.home(&mut taken, self, callee).await?;
            let begun = home.begin(path, hops, callee.worker.observer().wants_traces(), make);
            place.sent();
            return Ok(begun);
        }
    }

    /// Closes objects that nobody asks for, for as long as it is polled.
    async fn tend(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let seats: Vec<_> = self.seats.lock().values().filter(|seat| seat.is_taken()).cloned().collect();
            room::close(seats.into_iter().filter(|seat| seat.is_unused(Unused::LONG)), Unused::LONG).await;
            self.relieve().await;
            self.seats.lock().retain(|_, seat| {
                seat.is_taken() || seat.has_sockets() || seat.line.has_callers() || Arc::strong_count(seat) > 1
            });
        }
    }

    /// Closes all objects, so that the next owner finds their databases as they are.
    pub async fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        let seats: Vec<_> = self.seats.lock().values().cloned().collect();
        futures_util::future::join_all(seats.iter().map(|seat| seat.close())).await;
    }
}
