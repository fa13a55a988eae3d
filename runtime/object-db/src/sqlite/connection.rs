//! One connection to one database.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::rc::Rc;

use rusqlite::ffi;

use crate::authorizer::{Guard, Regime};
use crate::functions;
use crate::memory::Heap;
use crate::vfs::{self, Shared};
use crate::{DbError, DbLimits, SqlError};

/// Asked now and then while a statement of the worker runs: whether it has to stop.
pub(crate) type Interrupt = Rc<RefCell<Option<Box<dyn FnMut() -> bool>>>>;

/// A connection: closed when it and the last of its statements are gone.
pub(crate) struct Connection {
    raw: *mut ffi::sqlite3,
    heap: Rc<Heap>,
    guard: Rc<Guard>,
    progress: Rc<Progress>,
    row_bytes_max: c_int,
    pair_bytes_max: c_int,
}

struct Progress {
    interrupt: Interrupt,
    /// Whether it is the worker's statement that runs.
    counts: Cell<bool>,
    /// Statements of ours do what the worker has asked for: its foreign keys, for one, have SQLite look through tables of any size.
    is_asked: Cell<bool>,
}

/// Room for the head of a record, and for a key that SQLite stores beside the value.
const RECORD_HEAD: usize = 64;

impl Connection {
    pub(crate) fn open(store: &Shared, heap: Rc<Heap>, interrupt: Interrupt, limits: &DbLimits) -> Result<Rc<Self>, DbError> {
        let mut raw = ptr::null_mut();
        let opened = {
            let _heap = heap.enter();
            let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_NOMUTEX;
            vfs::offer(store, || {
                // SAFETY: names that end with NUL, and a place for the connection.
                unsafe { ffi::sqlite3_open_v2(vfs::DATABASE.as_ptr(), &raw mut raw, flags, vfs::NAME.as_ptr()) }
            })
        };
        let connection = Self {
            raw,
            heap,
            guard: Rc::new(Guard::new()),
            progress: Rc::new(Progress { interrupt, counts: Cell::new(false), is_asked: Cell::new(false) }),
            row_bytes_max: c_int::try_from(limits.row_bytes_max).unwrap_or(c_int::MAX),
            pair_bytes_max: c_int::try_from(limits.pair_bytes_max.saturating_add(RECORD_HEAD)).unwrap_or(c_int::MAX),
        };
        if raw.is_null() {
            return Err(connection.error(ffi::SQLITE_NOMEM));
        }
        connection.check(opened)?;
        connection.secure(limits)?;
        functions::register(&connection)?;
        let pages = limits.database_bytes_max / skerry_messages::PAGE_BYTES as u64;
        let cache_kib = limits.cache_bytes / 1024;
        connection.trusted(&format!(
            "PRAGMA locking_mode=EXCLUSIVE;PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA temp_store=MEMORY;\
             PRAGMA cache_size=-{cache_kib};PRAGMA max_page_count={pages}\0"
        ))?;
        Ok(Rc::new(connection))
    }

    /// What sqlite.org/security.html recommends, with Cloudflare's numbers.
    fn secure(&self, limits: &DbLimits) -> Result<(), DbError> {
        let _heap = self.heap.enter();
        // The schema stays trusted: without that views could not use `bm25` or `highlight`, and there is no function that it guards.
        for (option, value) in [(ffi::SQLITE_DBCONFIG_DEFENSIVE, 1), (ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 1)] {
            // SAFETY: these options take a number and a place for the answer, or null.
            let code = unsafe { ffi::sqlite3_db_config(self.raw, option, value as c_int, ptr::null_mut::<c_int>()) };
            self.check(code)?;
        }
        let number = |bound: u32| c_int::try_from(bound).unwrap_or(c_int::MAX);
        for (limit, value) in [
            (ffi::SQLITE_LIMIT_LENGTH, self.row_bytes_max),
            (ffi::SQLITE_LIMIT_SQL_LENGTH, number(limits.sql_bytes_max)),
            (ffi::SQLITE_LIMIT_COLUMN, number(limits.columns_max)),
            (ffi::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (ffi::SQLITE_LIMIT_COMPOUND_SELECT, 5),
            (ffi::SQLITE_LIMIT_VDBE_OP, 25_000),
            (ffi::SQLITE_LIMIT_FUNCTION_ARG, 127),
            (ffi::SQLITE_LIMIT_ATTACHED, 0),
            (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, number(limits.like_pattern_bytes_max)),
            (ffi::SQLITE_LIMIT_VARIABLE_NUMBER, number(limits.parameters_max)),
            (ffi::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
            (ffi::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            // SAFETY: the connection is open.
            unsafe { ffi::sqlite3_limit(self.raw, limit, value) };
        }
        let guard = Rc::as_ptr(&self.guard).cast_mut().cast();
        // SAFETY: the guard lives as long as the connection, in one place.
        let code = unsafe { ffi::sqlite3_set_authorizer(self.raw, Some(authorize), guard) };
        self.check(code)?;
        let progress = Rc::as_ptr(&self.progress).cast_mut().cast();
        let steps = number(limits.steps_between_checks).max(1);
        // SAFETY: as the guard.
        unsafe { ffi::sqlite3_progress_handler(self.raw, steps, Some(on_progress), progress) };
        Ok(())
    }

    pub(crate) fn raw(&self) -> *mut ffi::sqlite3 {
        self.raw
    }

    pub(crate) fn heap(&self) -> &Heap {
        &self.heap
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Runs a call into SQLite for the worker or for ourselves.
    pub(crate) fn under<T>(&self, regime: Regime, call: impl FnOnce() -> T) -> T {
        let _heap = self.heap.enter();
        let counted = self.progress.counts.replace(regime == Regime::User || self.progress.is_asked.get());
        let before = self.guard.enter(regime);
        let result = call();
        self.guard.leave(before);
        self.progress.counts.set(counted);
        result
    }

    /// Statements of ours can be stopped like those of the worker meanwhile.
    pub(crate) fn asked<T>(&self, run: impl FnOnce() -> T) -> T {
        let before = self.progress.is_asked.replace(true);
        let result = run();
        self.progress.is_asked.set(before);
        result
    }

    /// Runs statements of ours; the text ends with NUL.
    pub(crate) fn trusted(&self, text: &str) -> Result<(), DbError> {
        let text = CStr::from_bytes_with_nul(text.as_bytes()).unwrap_or_default();
        let code = self.under(Regime::Trusted, || {
            // SAFETY: the connection is open, the text ends with NUL, rows are not wanted.
            unsafe { ffi::sqlite3_exec(self.raw, text.as_ptr(), None, ptr::null_mut(), ptr::null_mut()) }
        });
        self.check(code)
    }

    /// Runs `call` with room in a row for the largest pair of the key-value store.
    pub(crate) fn with_pairs<T>(&self, call: impl FnOnce() -> T) -> T {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_limit(self.raw, ffi::SQLITE_LIMIT_LENGTH, self.pair_bytes_max) };
        let result = call();
        // SAFETY: as above.
        unsafe { ffi::sqlite3_limit(self.raw, ffi::SQLITE_LIMIT_LENGTH, self.row_bytes_max) };
        result
    }

    /// No transaction is open.
    pub(crate) fn is_autocommit(&self) -> bool {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_get_autocommit(self.raw) != 0 }
    }

    /// Rows that the last statement has changed, without what its triggers did.
    pub(crate) fn changes(&self) -> u64 {
        // SAFETY: the connection is open.
        u64::try_from(unsafe { ffi::sqlite3_changes64(self.raw) }).unwrap_or(0)
    }

    /// Rows changed since the connection was opened.
    pub(crate) fn total_changes(&self) -> u64 {
        // SAFETY: the connection is open.
        u64::try_from(unsafe { ffi::sqlite3_total_changes64(self.raw) }).unwrap_or(0)
    }

    /// Gives back pages of the cache that no statement stands on.
    pub(crate) fn shrink(&self) {
        let _heap = self.heap.enter();
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_db_release_memory(self.raw) };
    }

    pub(crate) fn check(&self, code: c_int) -> Result<(), DbError> {
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.error(code)) }
    }

    /// The error that the last call ended with.
    pub(crate) fn error(&self, code: c_int) -> DbError {
        let code = code & 0xff;
        if let Some(refusal) = self.guard.take_refusal()
            && code == ffi::SQLITE_AUTH
        {
            return DbError::Refused(refusal.to_owned());
        }
        if self.raw.is_null() {
            return SqlError { code, extended: code, offset: None, message: "out of memory".to_owned() }.into();
        }
        let _heap = self.heap.enter();
        // SAFETY: the connection is open.
        let message = unsafe { ffi::sqlite3_errmsg(self.raw) };
        // SAFETY: a text of SQLite's that ends with NUL and lasts until the next call.
        let message = unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned();
        // SAFETY: the connection is open.
        let extended = unsafe { ffi::sqlite3_extended_errcode(self.raw) };
        // SAFETY: the connection is open.
        let offset = unsafe { ffi::sqlite3_error_offset(self.raw) };
        SqlError { code, extended, offset: u32::try_from(offset).ok(), message }.into()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _heap = self.heap.enter();
        // SAFETY: opened by `open` or null, and its statements, which hold the connection, are gone.
        unsafe { ffi::sqlite3_close(self.raw) };
    }
}

unsafe extern "C" fn authorize(
    guard: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    database: *const c_char,
    trigger: *const c_char,
) -> c_int {
    // SAFETY: what `secure` registered; it outlives the connection.
    let guard = unsafe { guard.cast::<Guard>().as_ref() };
    let [first, second, database, trigger] = [first, second, database, trigger].map(|text| {
        if text.is_null() {
            return None;
        }
        // SAFETY: not null, and ends with NUL.
        Some(unsafe { CStr::from_ptr(text) }.to_bytes())
    });
    match guard {
        Some(guard) if guard.allows(action, first, second, database, trigger) => ffi::SQLITE_OK,
        _ => ffi::SQLITE_DENY,
    }
}

unsafe extern "C" fn on_progress(progress: *mut c_void) -> c_int {
    // SAFETY: what `secure` registered; it outlives the connection.
    let Some(progress) = (unsafe { progress.cast::<Progress>().as_ref() }) else { return 0 };
    if !progress.counts.get() {
        return 0;
    }
    let mut interrupt = match progress.interrupt.try_borrow_mut() {
        Ok(interrupt) => interrupt,
        Err(_asked_within) => return 0,
    };
    c_int::from(interrupt.as_mut().is_some_and(|stop| stop()))
}
