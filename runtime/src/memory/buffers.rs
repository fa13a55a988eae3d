//! Contents of ArrayBuffers.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use deno_core::v8;
use mimalloc::MiMalloc;

use super::Account;

impl Account {
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

#[cfg(test)]
mod tests {
    use super::*;

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
