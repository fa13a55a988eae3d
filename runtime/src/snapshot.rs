//! The heap state that every isolate of the process starts from.
//!
//! V8 takes the seed that strings are hashed with from the snapshot (it could hash anew only without ES modules in it). With the
//! snapshot of the build everybody who has the binary could compute keys that collide in every node, so a node makes its own.

use std::ffi::c_int;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use sha2::{Digest, Sha256};

use crate::kept_files;

/// Made by `build.rs`.
static OF_BUILD: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/snapshot.bin"));
static SOURCES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sources.json"));
static OF_PROCESS: OnceLock<&[u8]> = OnceLock::new();

/// It takes a tenth of a second: after so many the process that makes it is stuck.
const SECONDS_MAX: u32 = 60;

/// What strings are hashed with, in all isolates of the process.
#[derive(Debug, Clone, Copy)]
pub enum HashSeed<'a> {
    /// The same as in every process of the build.
    OfBuild,
    /// A random one. That takes a snapshot of its own, which is kept in the folder for the next start: compiled code fits only with the
    /// snapshot that it was compiled with.
    Random { kept_in: Option<&'a Path> },
    /// That of the snapshot in this file, which is made by [`make`] and does not change any more.
    Of(BorrowedFd<'a>),
}

pub(crate) fn snapshot() -> &'static [u8] {
    OF_PROCESS.get().copied().unwrap_or(OF_BUILD)
}

/// Names the snapshot.
pub(crate) fn id() -> &'static str {
    static ID: LazyLock<String> = LazyLock::new(|| {
        let own =
            OF_PROCESS.get().map(|bytes| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        own.unwrap_or_else(|| env!("SKERRY_SNAPSHOT_ID").to_owned())
    });
    &ID
}

/// Decides on the snapshot of the process, before V8 is initialised and before any thread.
pub(crate) fn choose(seed: HashSeed) -> io::Result<()> {
    let bytes = match seed {
        HashSeed::OfBuild => return Ok(()),
        HashSeed::Random { kept_in } => Box::leak(make(kept_in)?.into_boxed_slice()),
        HashSeed::Of(file) => map(file)?,
    };
    let _already = OF_PROCESS.set(bytes);
    Ok(())
}

/// A snapshot with a random seed: the one in the folder, or else a new one. Before any thread.
///
/// # Errors
/// If none can be made, or others could write in the folder.
pub fn make(kept_in: Option<&Path>) -> io::Result<Vec<u8>> {
    match kept_in {
        Some(folder) => keep(folder),
        None => make_with(random()?),
    }
}

/// For as long as the process lives; processes that map the same file share its memory.
fn map(file: BorrowedFd) -> io::Result<&'static [u8]> {
    // In a sandbox no call is left that asks for it.
    let length = usize::try_from(File::from(file.try_clone_to_owned()?).seek(io::SeekFrom::End(0))?).unwrap_or(0);
    // SAFETY: a new mapping, of a file that is sealed against any change.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: so many bytes are mapped there, and never unmapped.
    Ok(unsafe { std::slice::from_raw_parts(start.cast(), length) })
}

/// The one in the folder, which is made if there is none that fits.
fn keep(folder: &Path) -> io::Result<Vec<u8>> {
    kept_files::make_private(folder)?;
    let file = folder.join(concat!("snapshot-", env!("SKERRY_SNAPSHOT_ID")));
    match kept_files::read(&file) {
        Ok(bytes) => return Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, file = %file.display(), "the snapshot cannot be used, and is made anew"),
    }
    let bytes = make_with(random()?)?;
    if let Err(error) = kept_files::write(&file, &bytes) {
        tracing::warn!(%error, file = %file.display(), "the snapshot could not be kept: the next start compiles all workers anew");
    }
    Ok(bytes)
}

fn random() -> io::Result<u64> {
    let mut seed = [0; 8];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    // V8 reads flags as signed numbers: all the larger ones are one to it. Zero stands for a seed of its choice.
    Ok((u64::from_ne_bytes(seed) >> 1).max(1))
}

/// In a child process: V8 can be initialised for making snapshots or for serving, once.
fn make_with(seed: u64) -> io::Result<Vec<u8>> {
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    // The other thread of a test only waits for it.
    assert!(threads == 1 || cfg!(test), "the snapshot is made before any thread is started");
    // SAFETY: the name is a string that lives.
    let descriptor = unsafe { libc::memfd_create(c"snapshot".as_ptr(), libc::MFD_CLOEXEC) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is open, and nobody else's.
    let mut file = unsafe { File::from_raw_fd(descriptor) };
    // SAFETY: this is the only thread, so the child is whole; it never returns to the caller.
    let child = unsafe { libc::fork() };
    match child {
        ..0 => return Err(io::Error::last_os_error()),
        0 => {
            let is_made =
                std::panic::catch_unwind(AssertUnwindSafe(|| make_here(seed, &mut file))).is_ok_and(|made| made.is_ok());
            // SAFETY: the destructors and exit handlers are the parent's to run.
            unsafe { libc::_exit(c_int::from(!is_made)) }
        }
        1.. => {}
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    if status != 0 {
        return Err(io::Error::other(format!("the process that makes the snapshot ended with status {status:#x}")));
    }
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Ends with the process.
fn make_here(seed: u64, file: &mut File) -> io::Result<()> {
    // SAFETY: takes numbers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    // SAFETY: takes a number.
    unsafe { libc::alarm(SECONDS_MAX) };
    // deno_core reports its progress on the standard output.
    let null = File::options().write(true).open("/dev/null")?;
    // SAFETY: both are descriptors that are open.
    unsafe { libc::dup2(null.as_raw_fd(), libc::STDOUT_FILENO) };
    let sources = serde_json::from_slice(SOURCES)?;
    file.write_all(&skerry_js_api::make_snapshot(&sources, Some(seed)))
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::process::Command;

    use deno_core::{JsRuntime, RuntimeOptions, v8};

    use super::*;

    const FOLDER: &str = "SKERRY_TEST_SNAPSHOT_FOLDER";

    /// The next test runs it in processes of its own: the seed is decided once in each.
    #[test]
    #[ignore = "a part of the next test"]
    fn prints_the_hash_of_a_string() -> Result<(), Box<dyn Error>> {
        let folder = std::env::var_os(FOLDER).ok_or("only the next test runs this")?;
        let seed = match folder.to_str() {
            Some("of build") => HashSeed::OfBuild,
            Some("none") => HashSeed::Random { kept_in: None },
            _ => HashSeed::Random { kept_in: Some(folder.as_ref()) },
        };
        crate::initialize(128 << 20, seed)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let _entered = runtime.enter();
        let extensions = skerry_js_api::extensions();
        let mut js = JsRuntime::new(RuntimeOptions { extensions, startup_snapshot: Some(snapshot()), ..Default::default() });
        deno_core::scope!(scope, js);
        let string = v8::String::new(scope, "a key").ok_or("no string")?;
        println!("hash {}", string.get_identity_hash());
        Ok(())
    }

    #[test]
    fn strings_are_hashed_with_a_seed_that_only_the_next_start_has_too() -> Result<(), Box<dyn Error>> {
        let hash = |folder: &str| -> Result<String, Box<dyn Error>> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args([
                "--ignored",
                "--exact",
                "snapshot::tests::prints_the_hash_of_a_string",
                "--nocapture",
                "--test-threads=1",
            ]);
            let out = command.env(FOLDER, folder).output()?;
            let text = String::from_utf8(out.stdout)?;
            let hash = text.lines().find_map(|line| line.split_once("hash "));
            Ok(hash.ok_or_else(|| format!("{text}{}", String::from_utf8_lossy(&out.stderr)))?.1.to_owned())
        };
        let folder = std::env::temp_dir().join(format!("skerry-snapshot-{}", std::process::id()));
        let name = folder.to_str().ok_or("a path in UTF-8")?;
        assert_eq!(hash("of build")?, hash("of build")?);
        let first = hash(name)?;
        assert_eq!(hash(name)?, first, "the snapshot is kept");
        for file in std::fs::read_dir(&folder)? {
            std::fs::write(file?.path(), [0; 1000])?;
        }
        let hashes = [hash("of build")?, first, hash(name)?, hash("none")?, hash("none")?];
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len(), "{hashes:?}");
        std::fs::remove_dir_all(folder)?;
        Ok(())
    }
}
