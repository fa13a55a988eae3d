//! Looks after the cells, as long as there is anybody who wants them.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Front;
use super::answers::Silence;
use super::cell::Cell;
use super::death::Death;
use super::process::Seen;

const PERIOD: Duration = Duration::from_millis(100);
/// How long a cell may owe an answer. Its thread that reads does nothing else.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for one that says nothing else either, and does not just wait for a core.
const PATIENCE_WITH_CORES: Duration = Duration::from_millis(1_500);
/// A process that gets this part of a core does not wait for one.
const CORE_PERCENT: u32 = 20;
/// A look that comes so late says more of the node than of the cells.
const LATE: Duration = Duration::from_millis(500);
/// Looks that come no later say that there are cores for whoever wants one.
const PUNCTUAL: Duration = Duration::from_millis(50);
/// A tenant's own cell without isolates is kept so long.
const OWN_IDLE: Duration = Duration::from_secs(60);
/// Cells of a trust without isolates are kept so long.
const TRUST_IDLE: Duration = Duration::from_secs(300);
/// How long what runs in a cell that is replaced for its age may take: sockets and long answers finish.
const RECYCLING_TIME: Duration = Duration::from_secs(60 * 60);
/// Memory that a cell has beside what its isolates take, before it is replaced.
const GROWTH_BYTES: usize = 1 << 30;

/// How the node itself is.
struct Clock {
    before: Instant,
    punctual_since: Instant,
}

impl Clock {
    fn new(now: Instant) -> Self {
        Self { before: now, punctual_since: now }
    }

    /// A look that was due one period after the last. Whether it is too late to say anything.
    fn tick(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(std::mem::replace(&mut self.before, now));
        if passed > PERIOD + PUNCTUAL {
            self.punctual_since = now;
        }
        passed > LATE
    }

    fn punctual_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.punctual_since)
    }
}

/// Whether one that owes an answer is given up.
fn is_hung(silence: Silence, seen: &Seen, punctual_for: Duration) -> bool {
    let Silence { lasts, used, is_mute } = silence;
    let has_core = || seen.is_stopped || used >= lasts * CORE_PERCENT / 100 || punctual_for >= lasts;
    lasts > PATIENCE || is_mute && lasts > PATIENCE_WITH_CORES && !seen.is_held_up && has_core()
}

pub(super) async fn keep(front: Weak<Front>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut clock = Clock::new(Instant::now());
    loop {
        ticks.tick().await;
        let now = Instant::now();
        let Some(front) = front.upgrade() else { return };
        let is_late = clock.tick(now);
        front.look(now, clock.punctual_for(now), is_late);
    }
}

impl Front {
    fn look(self: &Arc<Self>, now: Instant, punctual_for: Duration, is_late: bool) {
        let all: Vec<Arc<Cell>> = self.shelf.lock().all().cloned().collect();
        for cell in &all {
            let wrong = cell.look(now);
            let silence = cell.ask(now);
            let is_hung = is_hung(silence, &cell.seen(), punctual_for) && cell.has_come_up();
            if (is_hung || cell.is_late(now)) && !is_late {
                cell.kill(Death::Hung);
            }
            if let Some(what) = wrong {
                self.replace_runaway(cell, what, now);
            }
            self.end_if_drained(cell, now);
            cell.take_rejected().into_iter().for_each(|given| self.compiler.reject(given));
        }
        self.shelf.lock().avoid_slow();
        self.check_memory(&all);
        self.end_idle(now);
        self.renew(now);
        self.refill(now);
    }

    /// The largest goes, before the kernel takes what it likes.
    fn check_memory(&self, all: &[Arc<Cell>]) {
        let taken: Vec<_> = all.iter().map(|cell| (cell.seen().own, cell)).collect();
        let sum: usize = taken.iter().map(|(bytes, _)| bytes).sum();
        if sum > self.options.all_memory_bytes_max
            && let Some((bytes, largest)) = taken.into_iter().filter(|(_, cell)| cell.load() > 0).max_by_key(|(bytes, _)| *bytes)
        {
            largest.kill(Death::Memory { bytes, all_bytes: Some(sum) });
        }
    }

    fn end_idle(&self, now: Instant) {
        let mut shelf = self.shelf.lock();
        let mut idle: Vec<_> = shelf.own.values().filter(|cell| cell.idle_for(now) > OWN_IDLE).cloned().collect();
        idle.extend(shelf.take_idle_trusts(now, TRUST_IDLE));
        idle.extend(shelf.take_surplus(self.options.spare));
        for cell in idle {
            shelf.remove(&cell);
            cell.kill(Death::Retired);
        }
    }

    /// One that is old, or has memory that no isolate of it has, is replaced when another is ready for its place.
    fn renew(self: &Arc<Self>, now: Instant) {
        let mut shelf = self.shelf.lock();
        let leaving = shelf.leaving.len();
        if leaving >= self.options.count || !shelf.spare.iter().any(|cell| cell.is_ready()) {
            return;
        }
        let is_due = |cell: &&Arc<Cell>| {
            let beside = cell.seen().own.saturating_sub(cell.used_bytes());
            cell.age(now) > age_max(self.options.age_max, cell.number) || beside > GROWTH_BYTES
        };
        let Some(cell) = shelf.shared().chain(shelf.own.values()).find(is_due).cloned() else { return };
        shelf.leave(&cell);
        drop(shelf);
        self.refill(now);
        cell.drain(now, RECYCLING_TIME, None);
    }
}

/// Of cells that came up together no two are due at once: from three quarters of what is allowed.
fn age_max(most: Duration, number: u32) -> Duration {
    // Spread evenly, however many there are: multiples of the golden ratio, of which the fraction is taken.
    let part = number.wrapping_mul(0x9e37_79b9) >> 24;
    most - most / 4 * part / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn one_that_only_waits_for_a_core_has_more_time() {
        let rests = Seen::default();
        let silence = |lasts: u64, used: u64| Silence { lasts: ms(lasts), used: ms(used), is_mute: true };
        let hung = |silence, seen: Seen, punctual: u64| is_hung(silence, &seen, ms(punctual));
        let stopped = Seen { is_stopped: true, ..rests };
        let held_up = Seen { is_held_up: true, ..rests };
        for (expected, silence, seen, punctual) in [
            // The node itself waits for cores, too.
            (false, silence(1_600, 0), rests, 1_000),
            (false, silence(4_900, 500), rests, 4_000),
            (true, silence(5_100, 0), rests, 0),
            (true, silence(5_100, 0), held_up, 9_000),
            // It does not.
            (true, silence(1_600, 0), rests, 1_600),
            (true, silence(1_600, 0), stopped, 0),
            (true, silence(1_600, 400), rests, 0),
            (false, silence(1_600, 400), held_up, 9_000),
            (false, silence(1_400, 1_400), stopped, 9_000),
            (false, Silence::default(), rests, 9_000),
            // It has much to do.
            (false, Silence { is_mute: false, ..silence(4_900, 4_900) }, rests, 9_000),
            (true, Silence { is_mute: false, ..silence(5_100, 0) }, rests, 0),
        ] {
            assert_eq!(hung(silence, seen, punctual), expected, "{silence:?} {seen:?} {punctual}");
        }
    }

    #[test]
    fn the_node_knows_when_it_is_late_itself() {
        let start = Instant::now();
        let mut clock = Clock::new(start);
        for tick in 1..=20_u64 {
            assert!(!clock.tick(start + ms(tick * 120)));
        }
        assert_eq!(clock.punctual_for(start + ms(2_400)), ms(2_400));
        assert!(!clock.tick(start + ms(2_600)));
        assert_eq!(clock.punctual_for(start + ms(2_700)), ms(100));
        assert!(clock.tick(start + ms(3_200)));
    }

    #[test]
    fn cells_that_come_up_together_are_not_replaced_together() {
        let most = Duration::from_secs(86_400);
        let mut ages: Vec<_> = (1..=16).map(|number| age_max(most, number)).collect();
        ages.sort();
        assert!(ages.iter().all(|age| (most / 4 * 3..=most).contains(age)), "{ages:?}");
        assert!(ages.windows(2).all(|ages| ages[1] - ages[0] > Duration::from_secs(300)), "{ages:?}");
    }
}
