//! What ICU allocates: a collator or a segmenter takes some hundred kilobytes of which V8 knows nothing.
//!
//! Caches that ICU keeps for the process are charged to the isolate that needed them first, for as long as it lives.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use mimalloc::MiMalloc;

use super::{Account, charge, release};

/// Stands before each block.
struct Header {
    account: *const Account,
    /// Without the header.
    size: usize,
}

const ALIGN: usize = align_of::<u128>();
const ROOM: usize = size_of::<Header>().next_multiple_of(ALIGN);

type Allocate = unsafe extern "C" fn(*const c_void, usize) -> *mut c_void;
type Reallocate = unsafe extern "C" fn(*const c_void, *mut c_void, usize) -> *mut c_void;
type Free = unsafe extern "C" fn(*const c_void, *mut c_void);

unsafe extern "C" {
    /// ICU's names end with its version, which is V8's choice.
    #[link_name = "u_setMemoryFunctions_77"]
    fn set_memory_functions(context: *const c_void, a: Allocate, r: Reallocate, f: Free, status: *mut c_int);
}

/// Has ICU allocate here. Before it has allocated anything: what it frees must come from here.
pub(crate) fn charge_icu() {
    let mut status = 0;
    // SAFETY: the functions keep the contracts of malloc, realloc and free, and live for ever; `status` outlives the call.
    unsafe { set_memory_functions(null_mut(), allocate, reallocate, free, &raw mut status) };
    // Warnings are below zero.
    assert!(status <= 0, "ICU takes no functions for memory: error {status}");
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(ROOM)?, ALIGN).ok()
}

unsafe extern "C" fn allocate(_context: *const c_void, size: usize) -> *mut c_void {
    let Some(layout) = layout(size) else { return null_mut() };
    // SAFETY: the layout is not empty, and has room for the header, for which it is aligned.
    unsafe {
        let block = MiMalloc.alloc(layout);
        if block.is_null() {
            return null_mut();
        }
        block.cast::<Header>().write(Header { account: charge(size), size });
        block.add(ROOM).cast()
    }
}

unsafe extern "C" fn reallocate(context: *const c_void, old: *mut c_void, size: usize) -> *mut c_void {
    if old.is_null() {
        // SAFETY: as the caller's.
        return unsafe { allocate(context, size) };
    }
    // SAFETY: `old` is what `allocate` gave, and is freed only when its content has moved.
    unsafe {
        let new = allocate(context, size);
        if !new.is_null() {
            let old_size = (*old.cast::<u8>().sub(ROOM).cast::<Header>()).size;
            std::ptr::copy_nonoverlapping(old.cast::<u8>(), new.cast(), old_size.min(size));
            free(context, old);
        }
        new
    }
}

unsafe extern "C" fn free(_context: *const c_void, pointer: *mut c_void) {
    if pointer.is_null() {
        return;
    }
    // SAFETY: `pointer` is what `allocate` gave.
    unsafe {
        let block = pointer.cast::<u8>().sub(ROOM);
        let Header { account, size } = block.cast::<Header>().read();
        release(account, size);
        if let Some(layout) = layout(size) {
            MiMalloc.dealloc(block, layout);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn blocks_are_charged_from_the_first_byte_and_keep_their_content() {
        let account = Account::new(1 << 20);
        let charging = account.charge_thread();
        // SAFETY: what is written is within the block.
        let block = unsafe {
            let block = reallocate(null_mut(), null_mut(), 3);
            block.cast::<[u8; 3]>().write(*b"ICU");
            let block = reallocate(null_mut(), block, 1000);
            assert_eq!((block.cast::<[u8; 3]>().read(), block.addr() % ALIGN, account.bytes()), (*b"ICU", 0, 1000));
            reallocate(null_mut(), block, 2)
        };
        drop(charging);
        assert_eq!(account.bytes(), 2);
        // SAFETY: it is alive.
        unsafe { free(null_mut(), block) };
        assert_eq!((account.bytes(), Arc::strong_count(&account)), (0, 1));
        // SAFETY: none of these is a block.
        unsafe {
            free(null_mut(), null_mut());
            assert!(allocate(null_mut(), usize::MAX).is_null());
        }
    }
}
