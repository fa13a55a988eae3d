//! SQLite's way to the outside: one file that is already open, and nothing else.
//!
//! Owns: the VFS "skerry-object". It opens what [`offer`] holds out on this thread, once; any other name, and every kind of file but a
//! database's main file, does not exist for it. With `journal_mode=MEMORY` and `temp_store=MEMORY` SQLite asks for no other.
//! Time is `gettimeofday`, which stands still while worker code runs (docs/decisions/0002); randomness is the kernel's.

mod file;
mod store;
#[cfg(test)]
mod store_tests;

use std::cell::{Cell, RefCell, UnsafeCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::rc::Rc;

use rusqlite::ffi;

pub(crate) use store::{Full, Store};

/// Under which SQLite knows it.
pub(crate) const NAME: &CStr = c"skerry-object";
/// What the databases are called: nobody ever looks a name up.
pub(crate) const DATABASE: &CStr = c"object";

/// Pages of one database, and who stands on them.
pub(crate) type Shared = Rc<RefCell<Store>>;

thread_local! {
    static OFFERED: Cell<Option<Shared>> = const { Cell::new(None) };
}

/// Lets `open` find this database under any name, once.
pub(crate) fn offer<T>(store: &Shared, open: impl FnOnce() -> T) -> T {
    OFFERED.set(Some(Rc::clone(store)));
    let result = open();
    OFFERED.set(None);
    result
}

struct Vfs(UnsafeCell<ffi::sqlite3_vfs>);

// SAFETY: SQLite writes only `pNext`, under its own lock; the functions keep nothing but what is of the thread.
unsafe impl Sync for Vfs {}

static VFS: Vfs = Vfs(UnsafeCell::new(ffi::sqlite3_vfs {
    iVersion: 2,
    szOsFile: size_of::<file::Opened>() as c_int,
    mxPathname: 64,
    pNext: ptr::null_mut(),
    zName: NAME.as_ptr(),
    pAppData: ptr::null_mut(),
    xOpen: Some(open),
    xDelete: Some(delete),
    xAccess: Some(access),
    xFullPathname: Some(full_pathname),
    xDlOpen: None,
    xDlError: None,
    xDlSym: None,
    xDlClose: None,
    xRandomness: Some(randomness),
    xSleep: Some(sleep),
    xCurrentTime: Some(current_time),
    xGetLastError: Some(last_error),
    xCurrentTimeInt64: Some(current_time_ms),
    xSetSystemCall: None,
    xGetSystemCall: None,
    xNextSystemCall: None,
}));

/// For `sqlite3_vfs_register`.
pub(crate) fn registration() -> *mut ffi::sqlite3_vfs {
    VFS.0.get()
}

unsafe extern "C" fn open(
    _vfs: *mut ffi::sqlite3_vfs,
    _name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let offered = if flags & ffi::SQLITE_OPEN_MAIN_DB == 0 { None } else { OFFERED.take() };
    let opened = offered.is_some();
    // SAFETY: SQLite gives `szOsFile` bytes for the file.
    unsafe { ptr::write(file.cast::<file::Opened>(), file::Opened::new(offered)) };
    if !opened {
        return ffi::SQLITE_CANTOPEN;
    }
    if !out_flags.is_null() {
        // SAFETY: a place for a number, or null.
        unsafe { *out_flags = flags };
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_vfs: *mut ffi::sqlite3_vfs, _name: *const c_char, _sync: c_int) -> c_int {
    ffi::SQLITE_IOERR_DELETE_NOENT
}

unsafe extern "C" fn access(_vfs: *mut ffi::sqlite3_vfs, _name: *const c_char, _flags: c_int, exists: *mut c_int) -> c_int {
    // SAFETY: a place for the answer.
    unsafe { *exists = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_vfs: *mut ffi::sqlite3_vfs, _name: *const c_char, length: c_int, into: *mut c_char) -> c_int {
    let name = DATABASE.to_bytes_with_nul();
    if usize::try_from(length).is_ok_and(|length| length >= name.len()) {
        // SAFETY: `length` bytes of SQLite's, which the name fits into.
        unsafe { ptr::copy_nonoverlapping(name.as_ptr(), into.cast(), name.len()) };
        return ffi::SQLITE_OK;
    }
    ffi::SQLITE_CANTOPEN
}

unsafe extern "C" fn randomness(_vfs: *mut ffi::sqlite3_vfs, length: c_int, into: *mut c_char) -> c_int {
    let length = usize::try_from(length).unwrap_or(0);
    // SAFETY: `length` bytes of SQLite's.
    let got = unsafe { libc::getrandom(into.cast(), length, 0) };
    c_int::try_from(got.max(0)).unwrap_or(0)
}

unsafe extern "C" fn sleep(_vfs: *mut ffi::sqlite3_vfs, _us: c_int) -> c_int {
    0
}

/// Milliseconds since noon of 24 November 4714 BC, which SQLite counts from.
fn julian_ms() -> i64 {
    const UNIX_EPOCH: i64 = 210_866_760_000_000;
    let mut now = libc::timeval { tv_sec: 0, tv_usec: 0 };
    // SAFETY: a place for the time; no time zone.
    unsafe { libc::gettimeofday(&raw mut now, ptr::null_mut()) };
    UNIX_EPOCH.saturating_add(now.tv_sec.saturating_mul(1000)).saturating_add(now.tv_usec / 1000)
}

unsafe extern "C" fn current_time(_vfs: *mut ffi::sqlite3_vfs, days: *mut f64) -> c_int {
    // SAFETY: a place for the answer.
    unsafe { *days = julian_ms() as f64 / 86_400_000.0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_ms(_vfs: *mut ffi::sqlite3_vfs, ms: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: a place for the answer.
    unsafe { *ms = julian_ms() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_vfs: *mut ffi::sqlite3_vfs, _length: c_int, _into: *mut c_char) -> c_int {
    0
}

/// `localtime` of SQL: workers are in UTC, and the C library's own would open a file.
pub(crate) unsafe extern "C" fn local_time(seconds: *const c_void, into: *mut c_void) -> c_int {
    // SAFETY: SQLite hands over a `time_t` and a `struct tm`.
    let filled = unsafe { libc::gmtime_r(seconds.cast(), into.cast()) };
    c_int::from(filled.is_null())
}
