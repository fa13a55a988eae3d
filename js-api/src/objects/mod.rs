//! The Durable Objects that live in an isolate: their databases, and what of them leaves.
//!
//! An object is an event that lasts. What it writes between two waits of the isolate is one commit, which leaves before anything that is
//! said after the write ([`OutputGate`](crate::output_gate::OutputGate)). Whether it may get out to others before the log has it is for the
//! node to say.

mod commit;
mod recall;
pub(crate) mod sockets;

pub(crate) use commit::commit_object;
use sockets::Sockets;

use std::fs::File;
use std::rc::Rc;

use deno_core::OpState;
use deno_error::JsErrorBox;
use rustc_hash::FxHashMap;
use skerry_messages::{EventId, Failure, FailureKind, ObjectEvent, ObjectIds};
use skerry_object_db::{DbError, DbLimits, ObjectDb, Savepoint};
use tokio::sync::oneshot;

use crate::ports::Ports;

/// Stops SQL that takes too long. Asked on the isolate's thread.
pub trait Brake {
    /// A statement begins.
    fn begin(&self);

    /// Whether the statement that runs has to stop.
    fn must_stop(&self) -> bool;
}

/// An object that cannot go on, and why.
pub struct Broken {
    pub object: EventId,
    pub failure: Failure,
}

/// In the isolate's `OpState`.
#[derive(Default)]
pub struct Objects {
    open: FxHashMap<EventId, Object>,
    /// Of objects that are about to live here.
    expected: FxHashMap<EventId, Sockets>,
    /// Have to be looked at when the turn ends, each once.
    dirty: Vec<EventId>,
    limits: DbLimits,
    brake: Option<Rc<dyn Brake>>,
    /// Of the namespaces that the worker is bound to.
    namespaces: Vec<ObjectIds>,
    recalls: recall::Recalls,
}

pub(crate) struct Object {
    db: ObjectDb,
    /// How many commits there were before the database's first.
    commits_before: u64,
    /// Of the database's commits: so many are safe.
    durable: u64,
    /// Who waits for commits to be safe.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
    savepoints: Vec<Savepoint>,
    sockets: Sockets,
    is_dirty: bool,
    is_closing: bool,
}

impl Objects {
    /// For an isolate that may use so much memory.
    pub fn new(memory_bytes: usize, namespaces: &[&str], brake: Rc<dyn Brake>) -> Self {
        let most = DbLimits::default();
        // What SQLite takes is the isolate's memory: before that is used up, the database is full.
        let share = memory_bytes / 4;
        let limits = DbLimits {
            heap_bytes_max: most.heap_bytes_max.min(share),
            turn_bytes_max: most.turn_bytes_max.min(share as u64),
            unsaved_bytes_max: most.unsaved_bytes_max.min(share as u64),
            ..most
        };
        let namespaces = namespaces.iter().map(|namespace| ObjectIds::new(namespace)).collect();
        Self { limits, brake: Some(brake), namespaces, ..Self::default() }
    }

    pub(crate) fn open(&mut self, number: EventId, event: &mut ObjectEvent) -> Result<(), String> {
        let file = event.file.0.take().ok_or("the object came without its file")?;
        let mut db = ObjectDb::open(File::from(file), self.limits.clone()).map_err(|error| error.to_string())?;
        if let Some(brake) = self.brake.clone() {
            db.set_interrupt(move || brake.must_stop());
        }
        let object = Object {
            db,
            commits_before: event.commits,
            durable: 0,
            waiting: Vec::new(),
            savepoints: Vec::new(),
            sockets: self.expected.remove(&number).unwrap_or_default(),
            is_dirty: false,
            is_closing: false,
        };
        self.open.insert(number, object);
        Ok(())
    }

    pub(crate) fn namespace(&self, binding: u32) -> Result<&ObjectIds, JsErrorBox> {
        let namespace = usize::try_from(binding).ok().and_then(|binding| self.namespaces.get(binding));
        namespace.ok_or_else(|| JsErrorBox::type_error("the worker is not bound to this namespace of Durable Objects"))
    }

    fn mark(&mut self, number: EventId) {
        if let Some(object) = self.open.get_mut(&number)
            && !std::mem::replace(&mut object.is_dirty, true)
        {
            self.dirty.push(number);
        }
    }

    /// The object is closed at the end of the turn in which the log has all that it has written.
    pub fn close(&mut self, number: EventId) {
        if let Some(object) = self.open.get_mut(&number) {
            object.is_closing = true;
        }
        self.mark(number);
    }

    /// The log has the object's commits up to this one.
    ///
    /// # Errors
    /// If its file could not be written.
    pub fn durable(state: &mut OpState, number: EventId, commits: u64) -> Result<(), Broken> {
        let Some(object) = state.borrow_mut::<Self>().open.get_mut(&number) else { return Ok(()) };
        // No more than there are: a number of the future would have the next commits written before they are safe.
        let durable = commits.saturating_sub(object.commits_before).min(object.db.last_commit());
        object.durable = object.durable.max(durable);
        let durable = object.durable;
        object.db.checkpoint(durable).map_err(|error| broken(number, &error))?;
        for (_, waiting) in object.waiting.extract_if(.., |(commit, _)| *commit <= durable) {
            // Nobody may be waiting any more.
            let _heard = waiting.send(());
        }
        commit::close_if_safe(state, number);
        Ok(())
    }

    /// Ends an object without a word to its code, which does not run any more.
    pub fn abandon(state: &mut OpState, Broken { object, failure }: &Broken) {
        break_object(state, *object, failure);
    }

    /// Waits until what was written so far is safe; nothing where it is.
    pub(crate) fn when_durable(&mut self, number: EventId) -> Result<Option<oneshot::Receiver<()>>, JsErrorBox> {
        let object = self.open.get_mut(&number).ok_or_else(gone)?;
        // A transaction that goes on is not waited for: the waiting may be within it.
        let is_written = object.db.has_open_turn() && object.savepoints.is_empty();
        let commit = object.db.last_commit() + u64::from(is_written);
        if commit <= object.durable {
            return Ok(None);
        }
        let (sender, receiver) = oneshot::channel();
        object.waiting.push((commit, sender));
        Ok(Some(receiver))
    }

    /// Forgets an object, and what it has not committed.
    fn drop_object(&mut self, number: EventId) {
        self.open.remove(&number);
        self.recalls.forget(number);
        self.dirty.retain(|dirty| *dirty != number);
    }
}

impl Object {
    pub fn db(&mut self) -> &mut ObjectDb {
        &mut self.db
    }

    /// Begins a transaction within those that are open. Says which.
    pub fn begin(&mut self) -> Result<usize, DbError> {
        let savepoint = self.db.begin_savepoint()?;
        self.savepoints.push(savepoint);
        Ok(self.savepoints.len())
    }

    /// Ends the transaction: what it has written stays, or goes.
    pub fn end(&mut self, transaction: usize, stays: bool) -> Result<(), DbError> {
        if transaction != self.savepoints.len() {
            return Err(DbError::Refused("Another transaction within this one has not ended, or this one has".to_owned()));
        }
        let Some(savepoint) = self.savepoints.pop() else { return Ok(()) };
        if stays { self.db.release(savepoint) } else { self.db.rollback_to(savepoint) }
    }
}

/// Does something with an object's database.
pub(crate) fn with_object<T>(
    state: &mut OpState,
    number: EventId,
    run: impl FnOnce(&mut Object) -> Result<T, DbError>,
) -> Result<T, JsErrorBox> {
    let objects = state.borrow_mut::<Objects>();
    if let Some(brake) = &objects.brake {
        brake.begin();
    }
    let object = objects.open.get_mut(&number).ok_or_else(gone)?;
    let result = run(object);
    if object.db.has_open_turn() {
        objects.mark(number);
        state.borrow::<Ports>().hold_output();
    }
    result.map_err(|error| to_js(&error))
}

/// Ends the object: its events fail, and what it has not committed is gone.
pub(crate) fn break_object(state: &mut OpState, number: EventId, failure: &Failure) {
    state.borrow_mut::<Objects>().drop_object(number);
    state.borrow_mut::<Ports>().break_object(number, failure);
}

fn broken(object: EventId, error: &DbError) -> Broken {
    Broken { object, failure: failure(error.to_string()) }
}

pub(crate) fn failure(message: String) -> Failure {
    Failure { kind: FailureKind::ObjectReset, message: format!("Error: {message}"), stack: None }
}

pub(crate) fn gone() -> JsErrorBox {
    JsErrorBox::generic("the Durable Object does not live here any more: it was reset, or closed")
}

fn to_js(error: &DbError) -> JsErrorBox {
    JsErrorBox::generic(error.to_string())
}
