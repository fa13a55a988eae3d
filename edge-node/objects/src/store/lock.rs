//! One process per data folder: `engine.lock` is locked for as long as it lives, and says who that is. The system takes the lock from a process
//! that dies.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::EngineError;

/// How often it is tried.
const PAUSE: Duration = Duration::from_millis(20);
/// Of what the file says.
const HOLDER_BYTES_MAX: u64 = 200;

pub(super) fn hold(folder: &Path, wait: Duration) -> Result<File, EngineError> {
    let path = folder.join("engine.lock");
    let named = |error| EngineError::File { path: path.clone(), error };
    let until = Instant::now() + wait;
    let mut lock = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(named)?;
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(EngineError::InUse { folder: folder.to_owned(), holder: holder(&lock) });
            }
            Err(TryLockError::Error(error)) => return Err(named(error)),
        }
    }
    let program = std::env::current_exe().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let text = format!("process {} ({})", std::process::id(), program.as_deref().unwrap_or("skerry"));
    lock.set_len(0).and_then(|()| lock.write_all(text.as_bytes())).map_err(named)?;
    Ok(lock)
}

fn holder(lock: &File) -> String {
    let mut text = String::new();
    match lock.take(HOLDER_BYTES_MAX).read_to_string(&mut text) {
        Ok(length) if length > 0 => text.replace(char::is_control, " "),
        _ => "another process".to_owned(),
    }
}
