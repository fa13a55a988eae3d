//! Native memory by isolate: what its thread allocates in Rust and in ICU, and the contents of its ArrayBuffers.
//!
//! An allocation carries the account that it is charged to, so that any thread may free it.

#![expect(clippy::multiple_unsafe_ops_per_block, reason = "the steps of an allocator are unsafe together, for one reason")]

mod allocator;
mod buffers;
mod icu;

use std::cell::Cell;
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use deno_core::v8;

pub use allocator::Allocator;
pub(crate) use icu::charge_icu;

/// V8 is told how much native memory it does not know of when that has changed by so many bytes.
const WORTH_TELLING: usize = 1 << 20;

/// Fewer bytes are not worth the trouble.
const HANDED_OVER_FROM: usize = 4096;

thread_local! {
    /// Charged for what the thread allocates; null where no isolate lives.
    static CHARGED: Cell<*const Account> = const { Cell::new(null()) };
}

/// The native memory that one isolate holds, in bytes.
#[derive(Debug)]
pub(crate) struct Account {
    /// Contents of ArrayBuffers.
    buffers: AtomicUsize,
    /// What V8 alone knows of, when it was last asked: WebAssembly memories and their code, objects of `Intl`.
    others: AtomicUsize,
    /// Of the blocks: what V8 has been told of, for it to collect garbage in time.
    told: AtomicUsize,
    /// All else.
    blocks: AtomicUsize,
    /// Of the blocks: what the node has in hand, for as long as its clients take.
    handed_over: AtomicUsize,
    /// Of the buffers: those beyond it are refused.
    limit: usize,
}

impl Account {
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            buffers: AtomicUsize::new(0),
            others: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
            blocks: AtomicUsize::new(0),
            handed_over: AtomicUsize::new(0),
            limit,
        })
    }

    pub fn bytes(&self) -> usize {
        self.known_to_v8() + self.blocks()
    }

    /// With what the node has in hand for its clients.
    pub fn held(&self) -> usize {
        self.known_to_v8() + self.blocks.load(Ordering::Relaxed)
    }

    /// Exchanges figures with V8, on the isolate's thread.
    pub fn reconcile(&self, isolate: &mut v8::Isolate) {
        let (blocks, told) = (self.blocks(), self.told.load(Ordering::Relaxed));
        let change = if blocks.abs_diff(told) > WORTH_TELLING { blocks as i64 - told as i64 } else { 0 };
        let external = isolate.adjust_amount_of_external_allocated_memory(change);
        let told = told.wrapping_add_signed(change as isize);
        self.told.store(told, Ordering::Relaxed);
        // What V8 frees on threads of its own may be in one figure still, and not in the other.
        let others = usize::try_from(external).unwrap_or(0).saturating_sub(told + self.buffers.load(Ordering::Relaxed));
        self.others.store(others, Ordering::Relaxed);
    }

    fn known_to_v8(&self) -> usize {
        self.buffers.load(Ordering::Relaxed) + self.others.load(Ordering::Relaxed)
    }

    /// What V8 does not know of by itself.
    fn blocks(&self) -> usize {
        self.blocks.load(Ordering::Relaxed).saturating_sub(self.handed_over.load(Ordering::Relaxed))
    }

    /// Bytes that are the node's from now on: how long it holds them is not for the isolate to say.
    pub fn hand_over(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        if bytes.len() < HANDED_OVER_FROM {
            return bytes;
        }
        self.handed_over.fetch_add(bytes.len(), Ordering::Relaxed);
        Bytes::from_owner(HandedOver { bytes, account: self.clone() })
    }

    /// Charges what the calling thread allocates until the guard is dropped.
    pub fn charge_thread(self: &Arc<Self>) -> Charging {
        let account = self.clone();
        CHARGED.set(Arc::as_ptr(&account));
        Charging { _account: account }
    }
}

struct HandedOver {
    bytes: Bytes,
    account: Arc<Account>,
}

impl AsRef<[u8]> for HandedOver {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        self.account.handed_over.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// The calling thread is charged while this lives.
pub(crate) struct Charging {
    _account: Arc<Account>,
}

/// The calling thread is charged for nothing while this lives.
pub(crate) struct Uncharged(*const Account);

impl Uncharged {
    pub fn begin() -> Self {
        Self(CHARGED.replace(null()))
    }
}

impl Drop for Uncharged {
    fn drop(&mut self) {
        CHARGED.set(self.0);
    }
}

impl Drop for Charging {
    fn drop(&mut self) {
        CHARGED.set(null());
    }
}

/// Charges the calling thread for so many bytes. What comes back stands for its account, or is null where it has none.
fn charge(bytes: usize) -> *const Account {
    // Gone where the thread is about to end.
    let account = CHARGED.try_with(Cell::get).unwrap_or(null());
    if !account.is_null() {
        // SAFETY: it is an Arc's, to which the thread's `Charging` holds a reference.
        unsafe {
            Arc::increment_strong_count(account);
            (*account).blocks.fetch_add(bytes, Ordering::Relaxed);
        }
    }
    account
}

/// # Safety
/// `account` must be what came of charging the bytes, which are not released again.
unsafe fn release(account: *const Account, bytes: usize) {
    if !account.is_null() {
        // SAFETY: by the contract there is a reference to give back.
        let account = unsafe { Arc::from_raw(account) };
        account.blocks.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// How long memory that an isolate leaves behind may rest, for the next that ends to be given back with it.
const REST: Duration = Duration::from_secs(1);

/// Gives what V8 has freed back to the system. To be called on the thread of an isolate that is gone; it may take its time.
///
/// V8 allocates with the C library, which keeps what is freed between blocks that are still in use.
pub(crate) fn give_back() {
    static PENDING: AtomicBool = AtomicBool::new(false);
    if PENDING.swap(true, Ordering::Relaxed) {
        return;
    }
    std::thread::sleep(REST);
    PENDING.store(false, Ordering::Relaxed);
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes a number and no pointers.
    unsafe {
        libc::malloc_trim(0);
    }
}
