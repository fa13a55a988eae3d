//! The private database of one Durable Object: SQLite on a file that is already open.
//!
//! Owns: the way of a write from SQL, key-value store or alarm to the pages that the log keeps ([`Commit`]); what a worker's SQL may
//! do and take. Refuses: files (it opens none, and writes the one it was given only at a checkpoint), V8, the log, gates, threads:
//! a database stays on the thread that opened it.
//!
//! ```text
//!   exec, kv_*, alarm ---> SQLite ---> vfs/store: open | committed | file
//!                            |             |             ^
//!                        authorizer    commit_turn       | checkpoint: pages that the log has acknowledged
//!                                          v             |
//!                                       PageSet -----> the log
//! ```
//!
//! A turn begins with its first write and ends with [`ObjectDb::commit_turn`]; what was written in it is one transaction.
//! Invariant: the page sets of all commits in their order, laid over the file as it was opened, are byte for byte the database.

mod alarm;
mod authorizer;
mod error;
mod functions;
mod kv;
mod kv_list;
mod limits;
mod memory;
mod sql;
mod sqlite;
mod turn;
mod value;
mod vfs;

use std::cell::RefCell;
use std::fs::File;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use skerry_messages::PAGE_BYTES;

pub use error::{DbError, SqlError};
pub use kv_list::{KvList, KvOrder, KvRange};
pub use limits::DbLimits;
pub use sql::{Counts, CursorId, Execution, Row, Step};
pub use sqlite::prepare_process;
pub use turn::{Commit, Savepoint};
pub use value::{Value, ValueRef};

use memory::Heap;
use sql::Sql;
use sqlite::{Connection, Statement};
use turn::Turn;
use vfs::{Shared, Store};

/// One object's database. Dropped without [`close`](Self::close) it leaves the file as the last checkpoint did.
pub struct ObjectDb {
    limits: DbLimits,
    store: Shared,
    heap: Rc<Heap>,
    interrupt: sqlite::Interrupt,
    connection: Rc<Connection>,
    own: FxHashMap<&'static str, Statement>,
    sql: Sql,
    turn: Turn,
    known: Known,
}

/// What need not be asked again.
#[derive(Default)]
struct Known {
    /// Whether there is a table of pairs.
    pairs: Option<bool>,
    /// Whether there is a table of metadata.
    metadata: Option<bool>,
    alarm: Option<Option<i64>>,
}

impl ObjectDb {
    /// Takes over a database file, or an empty one. Nobody else may write it meanwhile.
    ///
    /// # Errors
    /// The file is not a database, or not one of 4096-byte pages outside of WAL mode; [`prepare_process`] failed.
    pub fn open(file: File, limits: DbLimits) -> Result<Self, DbError> {
        prepare_process()?;
        let store = Rc::new(RefCell::new(Store::new(file, limits.turn_bytes_max)?));
        let heap = Rc::new(Heap::new(limits.heap_bytes_max));
        let interrupt = sqlite::Interrupt::default();
        let connection = Connection::open(&store, Rc::clone(&heap), Rc::clone(&interrupt), &limits)?;
        Ok(Self {
            limits,
            store,
            heap,
            interrupt,
            connection,
            own: FxHashMap::default(),
            sql: Sql::default(),
            turn: Turn::default(),
            known: Known::default(),
        })
    }

    /// Writes everything that is committed into the file and gives it back. The caller has seen it all acknowledged; a turn that is
    /// open is rolled back.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn close(mut self) -> Result<File, DbError> {
        if self.turn.is_open() {
            self.rollback_turn()?;
        }
        let commits = self.last_commit();
        self.checkpoint(commits)?;
        let Self { store, connection, own, sql, .. } = self;
        drop((own, sql, connection));
        match Rc::try_unwrap(store) {
            Ok(store) => Ok(store.into_inner().into_file()),
            Err(_held) => Err(DbError::File("SQLite still holds it".to_owned())),
        }
    }

    /// While a worker's statement runs, `stop` is asked now and then (at intervals of [`DbLimits::steps_between_checks`]);
    /// when it says yes, the statement fails with `SQLITE_INTERRUPT`, and a writing one takes its whole turn with it.
    pub fn set_interrupt(&mut self, stop: impl FnMut() -> bool + 'static) {
        self.interrupt.replace(Some(Box::new(stop)));
    }

    /// Writes into the file what commits up to this number have left there to write. With the last commit the file is the whole
    /// database; with an earlier one it is not, until the log after it is laid over it.
    ///
    /// # Errors
    /// The file could not be written; what was not stays in memory.
    pub fn checkpoint(&mut self, acknowledged: u64) -> Result<(), DbError> {
        Ok(self.store.borrow_mut().checkpoint(acknowledged)?)
    }

    /// Whether something was written, or is about to be, that no commit has yet.
    #[must_use]
    pub fn has_open_turn(&self) -> bool {
        self.turn.is_open()
    }

    /// The number of the last commit; the first is 1.
    #[must_use]
    pub fn last_commit(&self) -> u64 {
        self.store.borrow().commits()
    }

    /// Bytes of pages in memory that no checkpoint has written yet. From [`DbLimits::unsaved_bytes_max`] on no turn begins.
    #[must_use]
    pub fn unsaved_bytes(&self) -> u64 {
        self.store.borrow().unsaved_bytes()
    }

    /// What the database takes in memory: SQLite's heap, pages of the turn, pages that are not in the file yet.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let store = self.store.borrow();
        let pages = store.unsaved_bytes().saturating_add(store.open_bytes());
        self.heap.used().saturating_add(usize::try_from(pages).unwrap_or(usize::MAX))
    }

    /// Gives up what can be read or prepared again; for an object that has nothing to do.
    pub fn release_memory(&mut self) {
        self.own = FxHashMap::default();
        self.sql.forget_statements();
        self.connection.shrink();
    }

    /// `databaseSize`: pages in use, without free ones.
    ///
    /// # Errors
    /// The file could not be read.
    pub fn database_bytes(&mut self) -> Result<u64, DbError> {
        const PAGES: &str =
            "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)";
        let pages = self.own(PAGES, |statement| statement.step().map(|_| integer(statement)))?;
        Ok(u64::try_from(pages).unwrap_or(0).saturating_mul(PAGE_BYTES as u64))
    }

    /// Runs a statement of ours for the worker, which is kept for its next use. It can be stopped.
    fn own<T>(&mut self, text: &'static str, run: impl FnOnce(&mut Statement) -> Result<T, DbError>) -> Result<T, DbError> {
        self.turn.check()?;
        let connection = Rc::clone(&self.connection);
        let result = connection.asked(|| self.run_own(text, run));
        self.settle(result)
    }

    fn run_own<T>(&mut self, text: &'static str, run: impl FnOnce(&mut Statement) -> Result<T, DbError>) -> Result<T, DbError> {
        let mut statement = match self.own.remove(text) {
            Some(statement) => statement,
            None => Statement::trusted(&self.connection, text)?,
        };
        let result = run(&mut statement);
        statement.reset();
        self.own.insert(text, statement);
        result
    }

    /// Lets go of all statements and of the connection, and makes a new one on the same pages.
    fn reopen(&mut self) -> Result<(), DbError> {
        self.own = FxHashMap::default();
        self.sql.forget_all();
        self.known = Known::default();
        self.connection = Connection::open(&self.store, Rc::clone(&self.heap), Rc::clone(&self.interrupt), &self.limits)?;
        Ok(())
    }
}

/// The first column of the row, as a number.
fn integer(statement: &Statement) -> i64 {
    match statement.column(0) {
        ValueRef::Integer(number) => number,
        _ => 0,
    }
}
