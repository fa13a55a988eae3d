//! What is allocated in Rust.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::Ordering;

use mimalloc::MiMalloc;

use super::{Account, charge, release};

/// Smaller allocations are not charged: JavaScript needs more memory than that to ask for one.
const CHARGED_FROM: usize = 512;

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
    let account = charge(size);
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
            release(account, layout.size());
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
    use std::sync::Arc;

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
}
