//! SQLite as this process has it: our allocator, our VFS, the build's options. Done once, before anything else uses SQLite.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use rusqlite::ffi;

use crate::{DbError, memory, vfs};

/// What `.cargo/config.toml` asks of the build, and objects cannot do without.
const BUILT_WITH: [&CStr; 6] = [
    c"ENABLE_FTS5",
    c"ENABLE_MATH_FUNCTIONS",
    c"ENABLE_RTREE",
    c"OMIT_LOAD_EXTENSION",
    c"OMIT_SHARED_CACHE",
    c"DEFAULT_MEMSTATUS=0",
];

/// Readies SQLite for objects' databases: a process that uses SQLite for other things too calls it first, one that goes into a
/// sandbox before that. Does nothing when called again.
///
/// # Errors
/// SQLite was in use already, or is built otherwise.
pub fn prepare_process() -> Result<(), DbError> {
    static PREPARED: OnceLock<Result<(), &'static str>> = OnceLock::new();
    (*PREPARED.get_or_init(prepare)).map_err(DbError::Process)
}

fn prepare() -> Result<(), &'static str> {
    for option in BUILT_WITH {
        // SAFETY: a name that ends with NUL.
        if unsafe { ffi::sqlite3_compileoption_used(option.as_ptr()) } == 0 {
            return Err("SQLite lacks options that .cargo/config.toml sets: build in the repository's folder");
        }
    }
    let methods = memory::methods();
    // SAFETY: this option takes a pointer to the methods, which it copies.
    let configured = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods) };
    if configured != ffi::SQLITE_OK {
        return Err("SQLite is in use already: call skerry_object_db::prepare_process() before its first use in this process");
    }
    // SAFETY: nothing but SQLite's own state; it has its own lock.
    check(unsafe { ffi::sqlite3_initialize() })?;
    // SAFETY: any name, or none for the default.
    let default = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    // SAFETY: the VFS is static.
    check(unsafe { ffi::sqlite3_vfs_register(vfs::registration(), 1) })?;
    // SQLite asks the default VFS for a seed, once: ours opens no file for it.
    let mut seed = [0_u8; 8];
    // SAFETY: eight bytes.
    unsafe { ffi::sqlite3_randomness(8, seed.as_mut_ptr().cast()) };
    // SAFETY: the one that was the default before.
    check(unsafe { ffi::sqlite3_vfs_register(default, 1) })?;
    let local_time: unsafe extern "C" fn(*const c_void, *mut c_void) -> c_int = vfs::local_time;
    // SAFETY: this option takes the mode "use another function" and the function.
    check(unsafe { ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_LOCALTIME_FAULT, 2 as c_int, local_time) })
}

fn check(code: c_int) -> Result<(), &'static str> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err("SQLite could not be started") }
}
