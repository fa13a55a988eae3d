//! Turns: what a worker writes between two awaits is one transaction.
//!
//! A turn is idle until something writes. Savepoints nest within it; while one is open, nothing is committed, so a transaction of
//! the asynchronous API keeps its turn open over awaits. Some errors make SQLite roll the whole transaction back (no space, no memory,
//! an interrupted write): the turn is lost then, and nothing works before [`ObjectDb::rollback_turn`], so that half a turn can never
//! be committed.

use skerry_messages::PageSet;

use crate::sqlite::Statement;
use crate::{DbError, Known, ObjectDb};

/// What one turn has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// From 1, without gaps, since the database was opened.
    pub number: u64,
    /// For the log.
    pub pages: PageSet,
    /// The alarm as it is armed after it, in milliseconds since 1970.
    pub alarm: Option<i64>,
}

/// A transaction within a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a savepoint that is neither released nor rolled back keeps the turn from being committed"]
pub struct Savepoint(u64);

#[derive(Default)]
pub(crate) struct Turn {
    state: State,
    savepoints: Vec<u64>,
    last_savepoint: u64,
    /// The database was emptied: SQLite cannot roll that back, but a new connection can.
    erased: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Open,
    Lost {
        cause: String,
    },
}

impl Turn {
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    pub(crate) fn check(&self) -> Result<(), DbError> {
        match &self.state {
            State::Lost { cause } => Err(DbError::TurnLost { cause: cause.clone() }),
            _ => Ok(()),
        }
    }
}

impl ObjectDb {
    /// Ends the turn: what it has written is committed. `None` if it has changed nothing, or while a savepoint is open.
    ///
    /// # Errors
    /// It could not be committed (a deferred foreign key, no space): then it is lost.
    pub fn commit_turn(&mut self) -> Result<Option<Commit>, DbError> {
        self.turn.check()?;
        if !matches!(self.turn.state, State::Open) || !self.turn.savepoints.is_empty() {
            return Ok(None);
        }
        let alarm = self.alarm()?;
        if let Err(error) = self.run_own("COMMIT", Statement::step) {
            return Err(self.lose(&error));
        }
        self.turn.state = State::Idle;
        self.turn.erased = false;
        let sealed = self.store.borrow_mut().seal();
        Ok(sealed.map(|(number, pages)| Commit { number, pages, alarm }))
    }

    /// Ends the turn as if it had not been; also one that is lost.
    ///
    /// # Errors
    /// The database cannot be opened again.
    pub fn rollback_turn(&mut self) -> Result<(), DbError> {
        let before = std::mem::take(&mut self.turn);
        self.turn.last_savepoint = before.last_savepoint;
        let reopen = match before.state {
            State::Idle => return Ok(()),
            State::Open => self.run_own("ROLLBACK", Statement::step).is_err() || before.erased,
            State::Lost { .. } => true,
        };
        self.known = Known::default();
        self.store.borrow_mut().discard();
        if reopen { self.reopen() } else { Ok(()) }
    }

    /// Begins a transaction within the turn.
    ///
    /// # Errors
    /// As the first write of a turn.
    pub fn begin_savepoint(&mut self) -> Result<Savepoint, DbError> {
        self.begin_write()?;
        let number = self.turn.last_savepoint + 1;
        let begun = self.connection.trusted(&format!("SAVEPOINT s{number}\0"));
        self.settle(begun)?;
        self.turn.last_savepoint = number;
        self.turn.savepoints.push(number);
        Ok(Savepoint(number))
    }

    /// Keeps what was written since the savepoint.
    ///
    /// # Errors
    /// It is not the innermost that is open, or the turn is lost.
    pub fn release(&mut self, savepoint: Savepoint) -> Result<(), DbError> {
        let number = self.innermost(savepoint)?;
        let released = self.connection.trusted(&format!("RELEASE s{number}\0"));
        self.settle(released)?;
        self.turn.savepoints.pop();
        Ok(())
    }

    /// Takes back what was written since the savepoint, and ends it.
    ///
    /// # Errors
    /// It is not the innermost that is open, or the turn is lost.
    pub fn rollback_to(&mut self, savepoint: Savepoint) -> Result<(), DbError> {
        let number = self.innermost(savepoint)?;
        self.known = Known::default();
        let rolled_back = self.connection.trusted(&format!("ROLLBACK TO s{number};RELEASE s{number}\0"));
        self.settle(rolled_back)?;
        self.turn.savepoints.pop();
        Ok(())
    }

    fn innermost(&self, savepoint: Savepoint) -> Result<u64, DbError> {
        self.turn.check()?;
        if self.turn.savepoints.last() == Some(&savepoint.0) {
            return Ok(savepoint.0);
        }
        let open = self.turn.savepoints.contains(&savepoint.0);
        let what = if open { "a transaction within this one is still open" } else { "this transaction has ended already" };
        Err(DbError::Refused(what.to_owned()))
    }

    /// Empties the database: everything goes, the key-value store, all tables, the alarm. What is written after it in the same turn
    /// is committed with it.
    ///
    /// # Errors
    /// A savepoint is open, or the turn is lost.
    pub fn delete_all(&mut self) -> Result<(), DbError> {
        if !self.turn.savepoints.is_empty() {
            return Err(DbError::Refused("Cannot call deleteAll() within a transaction".to_owned()));
        }
        self.begin_write()?;
        // A result that is an error has rolled back as well.
        drop(self.run_own("ROLLBACK", Statement::step));
        {
            let mut store = self.store.borrow_mut();
            store.discard();
            store.erase();
        }
        self.turn.erased = true;
        let begun = self.reopen().and_then(|()| self.run_own("BEGIN", Statement::step));
        begun.map(|_| ()).map_err(|error| self.lose(&error))
    }

    /// Begins the turn if it has not begun.
    pub(crate) fn begin_write(&mut self) -> Result<(), DbError> {
        self.turn.check()?;
        if matches!(self.turn.state, State::Open) {
            return Ok(());
        }
        let unsaved_bytes = self.unsaved_bytes();
        if unsaved_bytes >= self.limits.unsaved_bytes_max {
            return Err(DbError::CheckpointNeeded { unsaved_bytes });
        }
        self.run_own("BEGIN", Statement::step)?;
        self.turn.state = State::Open;
        Ok(())
    }

    /// Runs several writes of ours as one: all or none.
    pub(crate) fn as_one<T>(&mut self, writes: impl FnOnce(&mut Self) -> Result<T, DbError>) -> Result<T, DbError> {
        let savepoint = self.begin_savepoint()?;
        let result = writes(self);
        match result {
            Ok(value) => self.release(savepoint).map(|()| value),
            Err(error) => {
                if !error.is_turn_lost() {
                    self.rollback_to(savepoint)?;
                }
                Err(error)
            }
        }
    }

    /// Notices that an error has cost the turn.
    pub(crate) fn settle<T>(&mut self, result: Result<T, DbError>) -> Result<T, DbError> {
        match result {
            Err(error) if matches!(self.turn.state, State::Open) && self.connection.is_autocommit() => Err(self.lose(&error)),
            other => other,
        }
    }

    fn lose(&mut self, cause: &DbError) -> DbError {
        if !self.connection.is_autocommit() {
            // It is lost whatever this says: `rollback_turn` takes a new connection.
            drop(self.run_own("ROLLBACK", Statement::step));
        }
        let mut cause = cause.to_string();
        if cause.ends_with("SQLITE_FULL") {
            let (turn_mb, database_mb) = (self.limits.turn_bytes_max >> 20, self.limits.database_bytes_max >> 20);
            cause += &format!(" (one turn may write {turn_mb} MiB, and a database have {database_mb} MiB)");
        }
        self.turn.savepoints.clear();
        self.turn.state = State::Lost { cause: cause.clone() };
        DbError::TurnLost { cause }
    }
}
