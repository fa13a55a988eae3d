//! How much of the heap one database takes.
//!
//! SQLite knows only a bound for the whole process. Here every block belongs to the database whose call asked for it: a call into
//! SQLite enters the [`Heap`] of its database on this thread, and a block beyond its bound is refused, which SQLite answers with
//! `SQLITE_NOMEM`. Blocks come from the process's own allocator, so they count in an isolate's memory as well.

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use rusqlite::ffi;

/// Before each block stands how long it is.
const HEAD: usize = 16;

thread_local! {
    static CURRENT: Cell<*const Heap> = const { Cell::new(ptr::null()) };
}

/// What SQLite holds for one database, and may hold at the most.
pub(crate) struct Heap {
    used: Cell<usize>,
    bytes_max: usize,
}

/// Until it is dropped, what SQLite allocates on this thread counts in one heap.
pub(crate) struct Entered<'heap> {
    before: *const Heap,
    _heap: &'heap Heap,
}

impl Heap {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { used: Cell::new(0), bytes_max }
    }

    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    pub(crate) fn enter(&self) -> Entered<'_> {
        Entered { before: CURRENT.replace(ptr::from_ref(self)), _heap: self }
    }

    fn take(&self, bytes: usize) -> bool {
        match self.used.get().checked_add(bytes) {
            Some(used) if used <= self.bytes_max => {
                self.used.set(used);
                true
            }
            _ => false,
        }
    }

    fn give(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// The heap of the call under way; none between calls, and for databases that are not objects'.
fn current<'call>() -> Option<&'call Heap> {
    // SAFETY: set by `enter`, whose guard borrows the heap and takes the pointer back.
    unsafe { CURRENT.get().as_ref() }
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.checked_add(HEAD)?, HEAD).ok()
}

/// The block that `head` begins.
///
/// # Safety
/// `head` is `HEAD` bytes and more of the allocator's, and not null.
unsafe fn begin(head: *mut u8, bytes: usize) -> *mut c_void {
    // SAFETY: as above; it is aligned for more.
    unsafe { head.cast::<usize>().write(bytes) };
    // SAFETY: as above.
    unsafe { head.add(HEAD) }.cast()
}

/// Where a block begins for the allocator, and its length.
///
/// # Safety
/// `block` came from [`begin`].
unsafe fn head(block: *mut c_void) -> (*mut u8, usize) {
    // SAFETY: `begin` went forth by as much.
    let head = unsafe { block.cast::<u8>().sub(HEAD) };
    // SAFETY: `begin` has written it there.
    let bytes = unsafe { head.cast::<usize>().read() };
    (head, bytes)
}

unsafe extern "C" fn malloc(bytes: c_int) -> *mut c_void {
    let Some((bytes, layout)) =
        usize::try_from(bytes).ok().filter(|bytes| *bytes > 0).and_then(|bytes| Some((bytes, layout(bytes)?)))
    else {
        return ptr::null_mut();
    };
    let heap = current();
    if heap.is_some_and(|heap| !heap.take(layout.size())) {
        return ptr::null_mut();
    }
    // SAFETY: not of size 0.
    let head = unsafe { alloc::alloc(layout) };
    if head.is_null() {
        if let Some(heap) = heap {
            heap.give(layout.size());
        }
        return ptr::null_mut();
    }
    // SAFETY: allocated with room for the head.
    unsafe { begin(head, bytes) }
}

unsafe extern "C" fn free(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: SQLite frees what `malloc` or `realloc` gave.
    let (head, bytes) = unsafe { head(block) };
    let Some(layout) = layout(bytes) else { return };
    if let Some(heap) = current() {
        heap.give(layout.size());
    }
    // SAFETY: allocated with this layout.
    unsafe { alloc::dealloc(head, layout) };
}

unsafe extern "C" fn realloc(block: *mut c_void, bytes: c_int) -> *mut c_void {
    // SAFETY: SQLite gives what `malloc` or `realloc` gave, and never null here.
    let (head, old) = unsafe { head(block) };
    let Some((bytes, old_layout, new_layout)) =
        usize::try_from(bytes).ok().filter(|bytes| *bytes > 0).and_then(|bytes| Some((bytes, layout(old)?, layout(bytes)?)))
    else {
        return ptr::null_mut();
    };
    let heap = current();
    if heap.is_some_and(|heap| !heap.take(new_layout.size())) {
        return ptr::null_mut();
    }
    // SAFETY: allocated with this layout; the new size is not 0.
    let moved = unsafe { alloc::realloc(head, old_layout, new_layout.size()) };
    if let Some(heap) = heap {
        heap.give(if moved.is_null() { new_layout.size() } else { old_layout.size() });
    }
    if moved.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: allocated with room for the head.
    unsafe { begin(moved, bytes) }
}

unsafe extern "C" fn size(block: *mut c_void) -> c_int {
    if block.is_null() {
        return 0;
    }
    // SAFETY: SQLite asks about what `malloc` or `realloc` gave.
    let (_, bytes) = unsafe { head(block) };
    c_int::try_from(bytes).unwrap_or(c_int::MAX)
}

unsafe extern "C" fn round_up(bytes: c_int) -> c_int {
    bytes.saturating_add(7) & !7
}

unsafe extern "C" fn init(_: *mut c_void) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn shutdown(_: *mut c_void) {}

/// For `sqlite3_config`, which copies it.
pub(crate) fn methods() -> ffi::sqlite3_mem_methods {
    ffi::sqlite3_mem_methods {
        xMalloc: Some(malloc),
        xFree: Some(free),
        xRealloc: Some(realloc),
        xSize: Some(size),
        xRoundup: Some(round_up),
        xInit: Some(init),
        xShutdown: Some(shutdown),
        pAppData: ptr::null_mut(),
    }
}
