use std::io;

use deno_core::{JsRuntime, v8, v8_set_flags};

use crate::memory::charge_icu;
use crate::snapshot::{self, HashSeed};

/// Flags of V8, each with its reason.
const V8_FLAGS: &[&str] = &[
    // TurboFan drops the interrupt check of a loop that contains an unrolled inner loop: such a loop could never be ended.
    "--no-turboshaft-loop-unrolling",
    // An isolate that ends gives its pages back to the system at once. V8 would keep them for the next, and have some other isolate let
    // them go after a while: if that one rests, it never does.
    "--no-memory-pool-share-memory-on-teardown",
    // Catastrophic regular expressions fall back to an engine that runs in linear time.
    "--enable-experimental-regexp-engine-on-excessive-backtracks",
];

const WASM_PAGE_BYTES: usize = 64 << 10;

/// Sets V8 up for the process. Must come first in `main`, before any thread: where the CPU has memory protection keys, only
/// threads that descend from this one may run JavaScript.
///
/// `memory_bytes_max` is what a worker may use at the most: no WebAssembly memory grows beyond it.
///
/// # Errors
/// If no snapshot with a seed of its own can be made.
pub fn initialize(memory_bytes_max: usize, seed: HashSeed) -> io::Result<()> {
    snapshot::choose(seed)?;
    // Before SQLite is used for anything, and before a cell's sandbox.
    skerry_object_db::prepare_process().map_err(io::Error::other)?;
    charge_icu();
    let pages = (memory_bytes_max / WASM_PAGE_BYTES).clamp(1, 65_536);
    let flags = std::iter::once("skerry").chain(V8_FLAGS.iter().copied()).map(String::from);
    let flags = flags.chain([format!("--wasm-max-mem-pages={pages}")]).collect();
    v8::V8::set_entropy_source(fill_with_entropy);
    let unknown = v8_set_flags(flags);
    assert!(unknown.len() <= 1, "V8 does not know the flags {:?}", &unknown[1..]);
    JsRuntime::init_platform(None);
    keep_pages_small();
    Ok(())
}

/// What seeds `Math.random`. By itself V8 reads a file for each isolate, and takes the time of day where there is none to be read.
fn fill_with_entropy(mut room: &mut [u8]) -> bool {
    while !room.is_empty() {
        // SAFETY: it writes no more than the length.
        let written = unsafe { libc::getrandom(room.as_mut_ptr().cast(), room.len(), 0) };
        let interrupted = || io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
        match usize::try_from(written) {
            Ok(written) => room = &mut std::mem::take(&mut room)[written..],
            Err(_) if interrupted() => {}
            Err(_) => return false,
        }
    }
    true
}

/// Without this the kernel may back every isolate's first small allocations with huge pages of 2 MB each: they are cleared while a
/// request waits, and most of them is never used.
fn keep_pages_small() {
    // SAFETY: takes numbers and no pointers.
    let refused = unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) } != 0;
    if refused {
        tracing::debug!("huge pages cannot be switched off: isolates take more memory");
    }
}
