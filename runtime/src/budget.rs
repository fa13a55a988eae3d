//! What the isolates of a process take of its memory together, and how much that may be.
//!
//! Counted are figures of V8 and of the allocator, not resident memory, which shrinks later than isolates end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deno_core::v8;
use tokio::sync::Notify;

use crate::memory::Account;

/// What an isolate takes besides its heap and what its account knows: V8's own tables (0.8 MB), its thread, small allocations.
const OVERHEAD_BYTES: usize = 1 << 20;
/// What an isolate takes that has not been measured yet.
const UNMEASURED_BYTES: usize = 4 << 20;
/// Part of the budget from which on isolates that nobody needs are ended, and the part they are ended down to.
const HIGH: usize = 95;
const LOW: usize = 85;

/// The memory that the process may take.
#[derive(Debug)]
pub struct Budget {
    bytes: usize,
    /// By isolates.
    used: AtomicUsize,
    /// By all else.
    base: AtomicUsize,
    pressed: Notify,
}

impl Budget {
    pub fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { bytes, used: AtomicUsize::new(0), base: AtomicUsize::new(0), pressed: Notify::new() })
    }

    /// All that isolates may take: at least a quarter of the budget.
    pub fn bytes(&self) -> usize {
        self.bytes.saturating_sub(self.base.load(Ordering::Relaxed)).max(self.bytes / 4)
    }

    /// Takes off what the process takes without isolates, of what is resident. To be called when it has all that it keeps.
    pub fn measure_base(&self, resident: usize) {
        self.base.store(resident.saturating_sub(self.used()), Ordering::Relaxed);
    }

    /// What they take now: those with a worker, those that are ready for one, and those that end.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether so many isolates more that are about to be made find room.
    pub fn has_room_for(&self, isolates: usize) -> bool {
        self.used().saturating_add(isolates.saturating_mul(UNMEASURED_BYTES)) < self.bytes()
    }

    /// Whether one more may be made that nobody has asked for yet.
    pub fn has_spare_room(&self) -> bool {
        self.used().saturating_add(UNMEASURED_BYTES) < self.percent(HIGH)
    }

    /// So many bytes should be given up by isolates that nobody needs.
    pub fn excess(&self) -> usize {
        let used = self.used();
        if used < self.percent(HIGH) { 0 } else { used - self.percent(LOW) }
    }

    /// Waits until isolates should be ended.
    pub async fn pressed(&self) {
        self.pressed.notified().await;
    }

    fn percent(&self, percent: usize) -> usize {
        self.bytes() / 100 * percent
    }

    fn change(&self, before: usize, now: usize) {
        // Wraps around where it shrinks, and so comes out right.
        let used = self.used.fetch_add(now.wrapping_sub(before), Ordering::Relaxed).wrapping_add(now.wrapping_sub(before));
        if now > before && used >= self.percent(HIGH) {
            self.pressed.notify_one();
        }
    }
}

/// A part of the budget that is taken, for as long as this lives.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    bytes: Arc<AtomicUsize>,
}

impl Share {
    /// What one isolate takes that has not been measured yet.
    pub fn new(budget: &Arc<Budget>) -> Self {
        budget.change(0, UNMEASURED_BYTES);
        Self { budget: budget.clone(), bytes: Arc::new(AtomicUsize::new(UNMEASURED_BYTES)) }
    }

    /// Shows others there how much it is.
    pub(crate) fn show_in(&mut self, bytes: Arc<AtomicUsize>) {
        bytes.store(self.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
        self.bytes = bytes;
    }

    pub(crate) fn measure(&self, isolate: &mut v8::Isolate, account: &Account) {
        account.reconcile(isolate);
        self.set(isolate.get_heap_statistics().total_physical_size() + account.held() + OVERHEAD_BYTES);
    }

    pub fn set(&self, bytes: usize) {
        let before = self.bytes.swap(bytes, Ordering::Relaxed);
        self.budget.change(before, bytes);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolates_end_from_the_high_mark_down_to_the_low_one() {
        let budget = Budget::new(100 << 20);
        let (first, second) = (Share::new(&budget), Share::new(&budget));
        first.set(40 << 20);
        second.set(54 << 20);
        assert_eq!((budget.used(), budget.excess(), budget.has_room_for(1)), (94 << 20, 0, true));
        second.set(56 << 20);
        assert_eq!((budget.excess(), budget.has_spare_room()), (11 << 20, false));
        first.set(44 << 20);
        assert!(!budget.has_room_for(1));
        drop(second);
        assert_eq!((budget.used(), budget.excess()), (44 << 20, 0));
        drop(first);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn the_process_takes_its_part_and_leaves_isolates_some() {
        let budget = Budget::new(100 << 20);
        let share = Share::new(&budget);
        share.set(10 << 20);
        budget.measure_base(40 << 20);
        assert_eq!(budget.bytes(), 70 << 20);
        budget.measure_base(200 << 20);
        assert_eq!(budget.bytes(), 25 << 20);
    }

    #[tokio::test]
    async fn pressure_is_noticed_when_memory_grows_and_not_when_it_shrinks() {
        let budget = Budget::new(10 << 20);
        let share = Share::new(&budget);
        share.set(20 << 20);
        budget.pressed().await;
        share.set(18 << 20);
        let noticed = tokio::time::timeout(std::time::Duration::from_millis(20), budget.pressed()).await;
        assert!(noticed.is_err());
    }
}
