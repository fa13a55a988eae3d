//! The main file of a database as SQLite reads and writes it.

use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use rusqlite::ffi;
use skerry_messages::PAGE_BYTES;

use super::{Full, Shared};

/// What SQLite keeps for an open file; the first field is what it knows of it.
#[repr(C)]
pub(super) struct Opened {
    base: ffi::sqlite3_file,
    store: Option<Shared>,
}

impl Opened {
    /// Without a store it is a file that could not be opened.
    pub(super) fn new(store: Option<Shared>) -> Self {
        let methods = if store.is_some() { &raw const METHODS } else { ptr::null() };
        Self { base: ffi::sqlite3_file { pMethods: methods }, store }
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// The store behind a file that is open.
///
/// # Safety
/// `file` is one that [`super::open`] has opened, and is not closed meanwhile.
unsafe fn store<'call>(file: *mut ffi::sqlite3_file) -> Option<&'call Shared> {
    // SAFETY: as above; SQLite keeps it in one place.
    unsafe { file.cast::<Opened>().as_ref() }.and_then(|opened| opened.store.as_ref())
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and uses it no more.
    unsafe { ptr::drop_in_place(file.cast::<Opened>()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, into: *mut c_void, length: c_int, offset: ffi::sqlite3_int64) -> c_int {
    let (Ok(length), Ok(offset)) = (usize::try_from(length), u64::try_from(offset)) else { return ffi::SQLITE_IOERR_READ };
    // SAFETY: SQLite reads from a file that is open.
    let store = unsafe { store(file) };
    // SAFETY: `length` bytes of SQLite's.
    let into = unsafe { slice::from_raw_parts_mut(into.cast::<u8>(), length) };
    match store.and_then(|store| store.try_borrow().ok()).map(|store| store.read(into, offset)) {
        Some(Ok(true)) => ffi::SQLITE_OK,
        Some(Ok(false)) => ffi::SQLITE_IOERR_SHORT_READ,
        _ => ffi::SQLITE_IOERR_READ,
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(length), Ok(offset)) = (usize::try_from(length), u64::try_from(offset)) else { return ffi::SQLITE_IOERR_WRITE };
    // SAFETY: SQLite writes to a file that is open.
    let store = unsafe { store(file) };
    // SAFETY: `length` bytes of SQLite's.
    let from = unsafe { slice::from_raw_parts(from.cast::<u8>(), length) };
    match store.and_then(|store| store.try_borrow_mut().ok()).map(|mut store| store.write(from, offset)) {
        Some(Ok(Ok(()))) => ffi::SQLITE_OK,
        Some(Ok(Err(Full::Turn | Full::Place))) => ffi::SQLITE_FULL,
        _ => ffi::SQLITE_IOERR_WRITE,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, bytes: ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite cuts a file that is open.
    let store = unsafe { store(file) };
    let cut = store.and_then(|store| store.try_borrow_mut().ok()).zip(u64::try_from(bytes).ok());
    match cut.map(|(mut store, bytes)| store.truncate(bytes)) {
        Some(Ok(())) => ffi::SQLITE_OK,
        _ => ffi::SQLITE_IOERR_TRUNCATE,
    }
}

/// The log is what makes a commit durable, not the file.
unsafe extern "C" fn sync(_file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn size(file: *mut ffi::sqlite3_file, into: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks about a file that is open.
    let store = unsafe { store(file) };
    let Some(bytes) = store.and_then(|store| store.try_borrow().ok()).and_then(|store| i64::try_from(store.bytes()).ok()) else {
        return ffi::SQLITE_IOERR_FSTAT;
    };
    // SAFETY: a place for the answer.
    unsafe { *into = bytes };
    ffi::SQLITE_OK
}

/// Nobody else has the file.
unsafe extern "C" fn lock(_file: *mut ffi::sqlite3_file, _level: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_file: *mut ffi::sqlite3_file, reserved: *mut c_int) -> c_int {
    // SAFETY: a place for the answer.
    unsafe { *reserved = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn control(_file: *mut ffi::sqlite3_file, _op: c_int, _argument: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_file: *mut ffi::sqlite3_file) -> c_int {
    PAGE_BYTES as c_int
}

unsafe extern "C" fn characteristics(_file: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
