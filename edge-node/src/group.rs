//! The isolates that serve one worker: mostly one, more while it needs more than one core.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::instance::{Instance, Lease};

/// Share of their cores that all isolates of a worker use before another is started.
const BUSY: f64 = 0.5;
/// Share that those left over would use when one is ended.
const CALM: f64 = 0.4;
/// Weight of what was used since the last look, against all before.
const NEWEST: f64 = 0.3;
/// How long a worker must have been calm.
const CALM_FOR: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(crate) struct Group {
    live: ArcSwap<Vec<Arc<Instance>>>,
    /// Those that were forgotten before they could be stopped.
    stuck: Mutex<Vec<Arc<Instance>>>,
    room: Arc<Room>,
    load: Mutex<Load>,
}

/// Tells those who wait that an isolate has room for one more event.
#[derive(Default)]
pub(crate) struct Room {
    waiting: AtomicU32,
    freed: Notify,
}

#[derive(Default)]
struct Load {
    read: Option<Instant>,
    /// In cores, smoothed.
    used: f64,
    busy_since: Option<Instant>,
}

/// What a worker's load asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Stay,
    Grow,
    Shrink,
}

impl Room {
    /// An event is over.
    pub fn free(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.freed.notify_one();
        }
    }

    /// Waits until `take` gives something; it is tried again whenever an event ends.
    pub async fn wait<T>(&self, take: impl Fn() -> Option<T>) -> T {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _leaving = Leaving(self);
        loop {
            let freed = self.freed.notified();
            if let Some(taken) = take() {
                return taken;
            }
            freed.await;
        }
    }
}

struct Leaving<'r>(&'r Room);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        // A permit that came too late for this one is for the next.
        self.0.free();
    }
}

impl Group {
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// A lease of the isolate that has the fewest events under way.
    pub fn lease(&self) -> Option<Lease> {
        let live = self.live.load();
        match live.as_slice() {
            [] => None,
            [only] => only.lease(),
            several => {
                let least = several.iter().min_by_key(|instance| instance.events())?;
                least.lease().or_else(|| several.iter().find_map(Instance::lease))
            }
        }
    }

    /// Whether there is an isolate that takes events, if it had room.
    pub fn is_open(&self) -> bool {
        self.live.load().iter().any(|instance| !instance.is_closed())
    }

    /// Isolates that take events.
    pub fn len(&self) -> usize {
        self.live.load().iter().filter(|instance| !instance.is_closed()).count()
    }

    /// How many cannot be stopped for now.
    pub fn stuck(&self) -> usize {
        self.keep_stuck();
        self.stuck.lock().len()
    }

    /// Whether an event is under way that can end of itself: an open WebSocket does not, nor an isolate that cannot be stopped.
    pub fn is_at_rest(&self) -> bool {
        self.live.load().iter().all(|instance| instance.is_stuck() || instance.events_without_socket() == 0)
    }

    /// Those that cannot be stopped count no more.
    pub fn forgive(&self) {
        self.stuck.lock().clear();
    }

    /// Adds one, and forgets those that take nothing more.
    pub fn add(&self, instance: &Arc<Instance>) {
        self.keep_stuck();
        self.live.rcu(|live| {
            let open = live.iter().filter(|instance| !instance.is_closed());
            open.chain([instance]).cloned().collect::<Vec<_>>()
        });
        self.room.freed.notify_waiters();
    }

    fn keep_stuck(&self) {
        let live = self.live.load();
        let mut stuck = self.stuck.lock();
        stuck.retain(|instance| instance.is_stuck());
        for instance in live.iter().filter(|instance| instance.is_stuck()) {
            if !stuck.iter().any(|known| Arc::ptr_eq(known, instance)) {
                stuck.push(instance.clone());
            }
        }
    }

    /// Retires all, and takes these in their place.
    pub fn replace(&self, instances: Vec<Arc<Instance>>) {
        self.keep_stuck();
        for old in self.live.swap(Arc::new(instances)).iter() {
            old.retire();
        }
        self.room.freed.notify_waiters();
    }

    /// Since any of them was used; none where there are none.
    pub fn idle_for(&self) -> Option<Duration> {
        self.live.load().iter().map(|instance| instance.idle_for()).min()
    }

    /// Ends those that have nothing to do and were not used for so long. Says how much memory each of them takes.
    pub fn evict(&self, idle: Duration) -> Vec<usize> {
        let live = self.live.load_full();
        let ended = live.iter().filter(|instance| instance.idle_for() >= idle && instance.close_if_unused());
        let ended = ended.map(|instance| instance.bytes()).collect();
        let closed: Vec<_> = live.iter().filter(|instance| instance.is_closed()).collect();
        if !closed.is_empty() {
            self.keep_stuck();
            self.forget(&closed);
        }
        ended
    }

    /// Retires the last that was added.
    pub fn shrink(&self) {
        let live = self.live.load_full();
        if let [_, .., last] = live.as_slice() {
            self.forget(&[last]);
            last.retire();
        }
    }

    fn forget(&self, gone: &[&Arc<Instance>]) {
        self.live.rcu(|live| {
            let kept = live.iter().filter(|instance| !gone.iter().any(|gone| Arc::ptr_eq(gone, instance)));
            kept.cloned().collect::<Vec<_>>()
        });
    }

    /// Cores that the isolates use of late. To be asked at regular times.
    pub fn cores_used(&self, now: Instant) -> f64 {
        let live = self.live.load();
        let cpu: Duration = live.iter().map(|instance| instance.take_cpu()).sum();
        let mut load = self.load.lock();
        let elapsed = load.read.replace(now).map_or(Duration::ZERO, |before| now.duration_since(before));
        if !elapsed.is_zero() {
            // Events report when they end: some report for more time than has passed.
            let used = (cpu.as_secs_f64() / elapsed.as_secs_f64()).min(live.len() as f64);
            load.used += (used - load.used) * NEWEST;
        }
        load.used
    }

    /// What that use asks for.
    pub fn change_for(&self, cores: f64, now: Instant) -> Change {
        let count = self.len();
        let mut load = self.load.lock();
        if count == 0 {
            load.busy_since = None;
            return Change::Stay;
        }
        let is_calm = cores < (count - 1) as f64 * CALM;
        if !is_calm {
            load.busy_since = Some(now);
        }
        if cores > count as f64 * BUSY {
            return Change::Grow;
        }
        let calm_for = load.busy_since.map_or(CALM_FOR, |since| now.duration_since(since));
        if is_calm && calm_for >= CALM_FOR {
            load.busy_since = Some(now);
            return Change::Shrink;
        }
        Change::Stay
    }
}
