//! Native memory by isolate: what its thread allocates in Rust, and the contents of its ArrayBuffers.
//!
//! An allocation carries the account that it is charged to, so that any thread may free it.

#![expect(clippy::multiple_unsafe_ops_per_block, reason = "the steps of an allocator are unsafe together, for one reason")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use deno_core::v8;
use mimalloc::MiMalloc;

/// Smaller allocations are not charged: JavaScript needs more memory than that to ask for one.
const CHARGED_FROM: usize = 512;

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

    /// For an isolate whose ArrayBuffers are charged to the account.
    pub fn array_buffer_allocator(self: &Arc<Self>) -> v8::UniqueRef<v8::Allocator> {
        static VTABLE: v8::RustAllocatorVtable<Account> = v8::RustAllocatorVtable {
            allocate: allocate_buffer,
            allocate_uninitialized: allocate_uninitialized_buffer,
            free: free_buffer,
            drop: drop_account,
        };
        // SAFETY: the handle is what `drop_account` takes back, and the functions keep the contract of each.
        unsafe { v8::new_rust_allocator(Arc::into_raw(self.clone()), &VTABLE) }
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

impl Drop for Charging {
    fn drop(&mut self) {
        CHARGED.set(null());
    }
}

unsafe extern "C" fn allocate_buffer(account: &Account, length: usize) -> *mut c_void {
    take_buffer(account, length, |layout| {
        // SAFETY: the layout is not empty.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    })
}

unsafe extern "C" fn allocate_uninitialized_buffer(account: &Account, length: usize) -> *mut c_void {
    take_buffer(account, length, |layout| {
        // SAFETY: the layout is not empty.
        unsafe { MiMalloc.alloc(layout) }
    })
}

fn take_buffer(account: &Account, length: usize, allocate: impl FnOnce(Layout) -> *mut u8) -> *mut c_void {
    let layout = buffer_layout(length)
        .filter(|layout| account.buffers.load(Ordering::Relaxed).saturating_add(layout.size()) <= account.limit);
    let Some(layout) = layout else { return std::ptr::null_mut() };
    let buffer = allocate(layout);
    if !buffer.is_null() {
        account.buffers.fetch_add(layout.size(), Ordering::Relaxed);
    }
    buffer.cast()
}

unsafe extern "C" fn free_buffer(account: &Account, buffer: *mut c_void, length: usize) {
    let Some(layout) = buffer_layout(length) else { return };
    if !buffer.is_null() {
        account.buffers.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: V8 gives back what it got for this length.
        unsafe { MiMalloc.dealloc(buffer.cast(), layout) };
    }
}

unsafe extern "C" fn drop_account(account: *const Account) {
    // SAFETY: it is the handle that `array_buffer_allocator` made; V8 has dropped the allocator.
    drop(unsafe { Arc::from_raw(account) });
}

fn buffer_layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length.max(1), align_of::<u128>()).ok()
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

/// The process's allocator: mimalloc, where freed memory goes back to the system and small blocks are cheap across threads, with
/// the accounts kept.
pub struct Allocator;

/// Stands before each allocation that may be charged.
struct Header {
    /// A reference of an Arc, or null.
    account: *const Account,
}

/// The layout with room for the header before it, and the size of that room.
fn with_header(layout: Layout) -> Option<(Layout, usize)> {
    let room = layout.align().max(align_of::<u128>());
    let size = layout.size().checked_add(room)?;
    Some((Layout::from_size_align(size, room).ok()?, room))
}

/// Writes the header into a block of memory that begins with room for it. Gives what comes behind.
///
/// # Safety
/// `block` must be null, or writable for `room` and `size` more bytes.
unsafe fn begin(block: *mut u8, room: usize, size: usize) -> *mut u8 {
    if block.is_null() {
        return block;
    }
    // Gone where the thread is about to end.
    let account = CHARGED.try_with(Cell::get).unwrap_or(null());
    if !account.is_null() {
        // SAFETY: it is an Arc's, to which the thread's `Charging` holds a reference.
        unsafe {
            Arc::increment_strong_count(account);
            (*account).blocks.fetch_add(size, Ordering::Relaxed);
        }
    }
    // SAFETY: by the contract there is room; the header is right before what comes behind, which is aligned to 16 bytes at least.
    unsafe {
        let behind = block.add(room);
        behind.cast::<Header>().sub(1).write(Header { account });
        behind
    }
}

// SAFETY: all memory is mimalloc's; a block of `CHARGED_FROM` bytes or more is one with a header, for as long as it lives.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() < CHARGED_FROM {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.alloc(layout) };
        }
        let Some((whole, room)) = with_header(layout) else { return std::ptr::null_mut() };
        // SAFETY: the layout is not empty, and has the room.
        unsafe { begin(MiMalloc.alloc(whole), room, layout.size()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() < CHARGED_FROM {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.alloc_zeroed(layout) };
        }
        let Some((whole, room)) = with_header(layout) else { return std::ptr::null_mut() };
        // SAFETY: the layout is not empty, and has the room.
        unsafe { begin(MiMalloc.alloc_zeroed(whole), room, layout.size()) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if layout.size() < CHARGED_FROM {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.dealloc(pointer, layout) };
        }
        let Some((whole, room)) = with_header(layout) else { return };
        // SAFETY: `begin` wrote the header of a block of this layout.
        unsafe {
            let Header { account } = pointer.cast::<Header>().sub(1).read();
            if !account.is_null() {
                (*account).blocks.fetch_sub(layout.size(), Ordering::Relaxed);
                drop(Arc::from_raw(account));
            }
            MiMalloc.dealloc(pointer.sub(room), whole);
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let is_charged = layout.size() >= CHARGED_FROM;
        if is_charged != (new_size >= CHARGED_FROM) {
            // SAFETY: as the caller's.
            return unsafe { move_to(self, pointer, layout, new_size) };
        }
        if !is_charged {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.realloc(pointer, layout, new_size) };
        }
        let Some((whole, room)) = with_header(layout) else { return std::ptr::null_mut() };
        let Some(new_whole) = new_size.checked_add(room) else { return std::ptr::null_mut() };
        // SAFETY: the block has this layout; its header moves with it.
        unsafe {
            let block = MiMalloc.realloc(pointer.sub(room), whole, new_whole);
            if block.is_null() {
                return block;
            }
            let behind = block.add(room);
            let account = (*behind.cast::<Header>().sub(1)).account;
            if !account.is_null() {
                (*account).blocks.fetch_add(new_size, Ordering::Relaxed);
                (*account).blocks.fetch_sub(layout.size(), Ordering::Relaxed);
            }
            behind
        }
    }
}

/// Between blocks with and without a header.
///
/// # Safety
/// As `GlobalAlloc::realloc`.
unsafe fn move_to(allocator: &Allocator, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
    let Ok(new_layout) = Layout::from_size_align(new_size, layout.align()) else { return std::ptr::null_mut() };
    // SAFETY: by the contract the block is alive and has this layout, and the new size is not zero.
    unsafe {
        let moved = allocator.alloc(new_layout);
        if !moved.is_null() {
            std::ptr::copy_nonoverlapping(pointer, moved, layout.size().min(new_size));
            allocator.dealloc(pointer, layout);
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_allocates_is_charged_until_any_thread_frees_it() {
        let account = Account::new(1 << 20);
        let charged = account.clone();
        let block = move |size: usize| {
            let _charging = charged.charge_thread();
            let layout = Layout::from_size_align(size, 8).expect("a layout");
            // SAFETY: the layout is not empty.
            (unsafe { Allocator.alloc(layout) } as usize, layout)
        };
        // SAFETY: the block is alive and has this layout.
        let free = |(pointer, layout): (usize, Layout)| unsafe { Allocator.dealloc(pointer as *mut u8, layout) };
        let (small, large) = std::thread::spawn(move || (block(CHARGED_FROM - 1), block(100_000))).join().expect("a thread");
        assert_eq!(account.bytes(), 100_000);
        free(small);
        assert_eq!(account.bytes(), 100_000);
        free(large);
        assert_eq!((account.bytes(), Arc::strong_count(&account)), (0, 1));
    }

    #[test]
    fn blocks_keep_their_content_alignment_and_account_as_they_grow_and_shrink() {
        let account = Account::new(1 << 20);
        let charging = account.charge_thread();
        for align in [1, 8, 64, 4096] {
            let mut size = 16;
            // SAFETY: each layout is that of the block as it is.
            unsafe {
                let mut pointer = Allocator.alloc_zeroed(Layout::from_size_align(size, align).expect("a layout"));
                pointer.write(align as u8);
                for new_size in [600, 70_000, 600, 1_000_000, 20] {
                    let layout = Layout::from_size_align(size, align).expect("a layout");
                    pointer = Allocator.realloc(pointer, layout, new_size);
                    size = new_size;
                    let charged = if size < CHARGED_FROM { 0 } else { size };
                    assert_eq!((pointer as usize % align, pointer.read(), account.bytes()), (0, align as u8, charged));
                }
                Allocator.dealloc(pointer, Layout::from_size_align(size, align).expect("a layout"));
            }
        }
        drop(charging);
        assert_eq!((account.bytes(), Arc::strong_count(&account)), (0, 1));
    }

    #[test]
    fn buffers_beyond_the_limit_are_refused() {
        let account = Account::new(1000);
        // SAFETY: each is freed with its length.
        unsafe {
            let first = allocate_buffer(&account, 600);
            assert!(!first.is_null() && allocate_uninitialized_buffer(&account, 600).is_null());
            free_buffer(&account, first, 600);
            let second = allocate_uninitialized_buffer(&account, 1000);
            assert!(!second.is_null() && allocate_buffer(&account, 0).is_null());
            free_buffer(&account, second, 1000);
        }
        assert_eq!(account.bytes(), 0);
    }
}
