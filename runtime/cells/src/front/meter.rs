//! What a cell computes, as the kernel says, against what those in it account for. One that was taken over could compute for ever.
//!
//! A cell says what its workers have used, which allows it a multiple of that: no more than was brought to them could use. What has not been said
//! yet is pledged, for as long as isolates and events are there. So nothing is saved up for later, and an event that is never done allows no
//! more than one that is.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_runtime::Limits;

use super::process::Seen;

/// For each second that worker code has used: other threads of V8 compile and collect garbage for it.
const FACTOR: u32 = 3;
/// Beyond its limit, an event that does not pause goes on for so long.
const GRACE: Duration = Duration::from_millis(50);
/// For each isolate: another is made in its place, and native operations pass their limits before they are ended.
const ISOLATE_CPU: Duration = Duration::from_secs(2);
/// For each message to the cell, and each byte of them.
const MESSAGE_CPU: Duration = Duration::from_micros(100);
const NANOS_PER_BYTE: u64 = 5;
/// Part of a core that a cell may use for nothing.
const RESTING_PERCENT: u32 = 10;
/// What may be kept, and for each isolate that is made ahead.
const KEPT_MAX: Duration = Duration::from_secs(4);
const KEPT_EACH: Duration = Duration::from_millis(50);
/// What all that are there may bring at the most, or else so many times what one event may.
const PLEDGED_MAX: Duration = Duration::from_secs(60);
const LARGEST: u32 = 4;
/// Threads of an isolate: its own, and its helper.
const THREADS_EACH: usize = 2;
/// Of the cell and of V8.
const THREADS_OF_PROCESS: usize = 40;
/// More threads than that are looked at so often before they count: those of isolates that have ended may still be there.
const LOOKS: u32 = 10;
/// Threads of an isolate that compute for an event.
const CORES_OF_EVENT: u32 = 2;

/// What a process of the kernel used and may use.
pub(super) struct Meter {
    cores: u32,
    /// Threads that are there without a worker.
    threads: usize,
    kept_max: Duration,
    state: Mutex<State>,
}

struct State {
    at: Instant,
    /// What the process had used by then.
    used: Duration,
    /// What events are said to have used.
    claimed: Duration,
    /// What its workers are said to have used, and what they could use beyond that.
    charged: Duration,
    allowed: Duration,
    kept: Balance,
    pledged: Duration,
    /// The largest that came.
    largest: Duration,
    /// What was sent by then: messages and bytes.
    sent: (u64, u64),
    /// Looks in a row at which there were too many threads.
    crowded: u32,
}

/// Of an allowance: it may be overdrawn while there are others.
#[derive(Default)]
struct Balance {
    left: Duration,
    overdrawn: Duration,
}

/// An allowance, for as long as that which it is for is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pledge {
    at: Instant,
    /// What the process had used at the last look before.
    used: Duration,
    cpu: Duration,
}

impl Pledge {
    pub fn lasts(self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at)
    }
}

impl Meter {
    pub fn new(pool_max: usize, now: Instant) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let kept_max = KEPT_MAX + KEPT_EACH.saturating_mul(u32::try_from(pool_max).unwrap_or(u32::MAX));
        Self {
            cores: u32::try_from(cores).unwrap_or(u32::MAX),
            threads: THREADS_OF_PROCESS + THREADS_EACH * (pool_max + cores),
            kept_max,
            state: Mutex::new(State {
                at: now,
                used: Duration::ZERO,
                claimed: Duration::ZERO,
                charged: Duration::ZERO,
                allowed: Duration::ZERO,
                kept: Balance { left: kept_max, overdrawn: Duration::ZERO },
                pledged: Duration::ZERO,
                largest: Duration::ZERO,
                sent: (0, 0),
                crowded: 0,
            }),
        }
    }

    pub fn pledge_event(&self, limit: Duration, now: Instant) -> Pledge {
        let most = limit.saturating_add(GRACE);
        self.pledge(most, most.saturating_mul(FACTOR), now)
    }

    pub fn pledge_isolate(&self, limits: &Limits, now: Instant) -> Pledge {
        let most = limits.start_cpu;
        self.pledge(most, most.saturating_mul(FACTOR).saturating_add(ISOLATE_CPU), now)
    }

    fn pledge(&self, most: Duration, cpu: Duration, at: Instant) -> Pledge {
        let mut state = self.state.lock();
        state.pledged = state.pledged.saturating_add(cpu);
        state.largest = state.largest.max(cpu);
        state.allow(most);
        Pledge { at, used: state.used, cpu }
    }

    /// Something was brought to an isolate for which it may use so much more.
    pub fn allow(&self, most: Duration) {
        self.state.lock().allow(most);
    }

    /// The cell says what its workers have used, ever.
    pub fn note_charged(&self, charged: Duration) {
        let mut state = self.state.lock();
        let believed = charged.saturating_sub(state.charged).min(state.allowed);
        state.charged = state.charged.max(charged);
        state.allowed -= believed;
        state.kept.add(believed.saturating_mul(FACTOR), self.kept_max);
    }

    /// An isolate is over, or an event that was never begun or told of: it may have used what it could.
    pub fn redeem(&self, pledge: Pledge) {
        let mut state = self.state.lock();
        state.pledged = state.pledged.saturating_sub(pledge.cpu);
        state.kept.add(pledge.cpu, self.kept_max);
    }

    /// An event is over: what it can have used of what it is said to have.
    pub fn settle(&self, pledge: Pledge, said: Duration, now: Instant) -> Duration {
        let mut state = self.state.lock();
        state.pledged = state.pledged.saturating_sub(pledge.cpu);
        // It was not looked since.
        let used = state.used.saturating_add(now.saturating_duration_since(state.at).saturating_mul(self.cores));
        let meanwhile = used.saturating_sub(pledge.used);
        let by_the_clock = pledge.lasts(now).saturating_mul(CORES_OF_EVENT);
        let unclaimed = used.saturating_sub(state.claimed);
        let believed = said.min(meanwhile).min(by_the_clock).min(unclaimed);
        state.claimed += believed;
        believed
    }

    /// Looks at what the process has used: what is wrong with it, if something is. `sent` is all that was sent to it.
    pub fn look(&self, seen: &Seen, isolates: usize, sent: (u64, u64), now: Instant) -> Option<String> {
        let mut state = self.state.lock();
        let passed = now.saturating_duration_since(state.at);
        let used = seen.cpu.saturating_sub(state.used);
        let (messages, bytes) = (sent.0.saturating_sub(state.sent.0), sent.1.saturating_sub(state.sent.1));
        let for_messages = MESSAGE_CPU.saturating_mul(u32::try_from(messages).unwrap_or(u32::MAX));
        let for_bytes = Duration::from_nanos(bytes.saturating_mul(NANOS_PER_BYTE));
        state.kept.take(used);
        let for_nothing = passed * RESTING_PERCENT / 100;
        state.kept.add(for_nothing.saturating_add(for_messages).saturating_add(for_bytes), self.kept_max);
        (state.at, state.used, state.sent) = (now, seen.cpu.max(state.used), sent);
        let pledged = state.pledged.min(state.most());
        if state.kept.overdrawn > pledged {
            return Some("it computes, and nothing in it accounts for that".to_owned());
        }
        let threads_max = self.threads.saturating_add(isolates.saturating_mul(THREADS_EACH));
        state.crowded = if seen.threads > threads_max { state.crowded + 1 } else { 0 };
        (state.crowded > LOOKS).then(|| format!("it has {} threads, and needs no more than {threads_max}", seen.threads))
    }
}

impl State {
    /// That is not saved up for later.
    fn most(&self) -> Duration {
        PLEDGED_MAX.max(self.largest.saturating_mul(LARGEST))
    }

    fn allow(&mut self, most: Duration) {
        self.allowed = self.allowed.saturating_add(most).min(self.most());
    }
}

impl Balance {
    fn add(&mut self, cpu: Duration, most: Duration) {
        let rest = cpu.saturating_sub(self.overdrawn);
        self.overdrawn = self.overdrawn.saturating_sub(cpu);
        self.left = self.left.saturating_add(rest).min(most);
    }

    fn take(&mut self, cpu: Duration) {
        let rest = cpu.saturating_sub(self.left);
        self.left = self.left.saturating_sub(cpu);
        self.overdrawn = self.overdrawn.saturating_add(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    fn seen(cpu: Duration) -> Seen {
        Seen { cpu, threads: 10, ..Seen::default() }
    }

    #[test]
    fn a_cell_computes_for_those_in_it_and_not_for_itself() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        // A core's worth of events, each at its limit, for a minute: twice of that is used for them.
        let meter = Meter::new(0, start);
        for tick in 1..=600_u32 {
            let now = u64::from(tick) * 100;
            for ms in [0, 50] {
                let pledge = meter.pledge_event(LIMIT, at(now + ms));
                meter.settle(pledge, LIMIT, at(now + ms + 50));
            }
            meter.note_charged(2 * LIMIT * tick);
            assert_eq!(meter.look(&seen(4 * LIMIT * tick), 1, (0, 0), at(now)), None, "at {tick}");
        }
        // As many events, which use hardly anything: what was kept is soon used up.
        let (used, charged) = (4 * LIMIT * 600, 2 * LIMIT * 600);
        let ends = (1..=600_u32).find(|tick| {
            let more = Duration::from_millis(100) * *tick;
            meter.settle(meter.pledge_event(LIMIT, at(60_000)), Duration::ZERO, at(60_000));
            meter.note_charged(charged + Duration::from_micros(100) * *tick);
            meter.look(&seen(used + more), 1, (0, 0), at(60_000) + more).is_some()
        });
        assert!(ends.is_some_and(|tick| (40..=60).contains(&tick)), "{ends:?}");
    }

    #[test]
    fn a_cell_is_believed_what_its_events_could_use() {
        let start = Instant::now();
        let meter = Meter::new(0, start);
        // A hundred events at 100 ms each, and a message of a WebSocket.
        for _ in 0..100 {
            meter.settle(meter.pledge_event(LIMIT, start), Duration::ZERO, start);
        }
        meter.allow(LIMIT);
        meter.note_charged(Duration::from_secs(3_600));
        assert_eq!(meter.state.lock().allowed, Duration::ZERO);
        // Three times that would be allowed, and little of it is kept.
        assert_eq!(meter.look(&seen(KEPT_MAX), 1, (0, 0), start), None);
        meter.note_charged(Duration::from_secs(7_200));
        assert!(meter.look(&seen(KEPT_MAX * 2), 1, (0, 0), start).is_some());
    }

    #[test]
    fn what_rests_is_left_alone_and_what_is_sent_is_work() {
        let start = Instant::now();
        let meter = Meter::new(0, start);
        for second in 1..=3_600_u64 {
            let now = start + Duration::from_secs(second);
            assert_eq!(meter.look(&seen(Duration::from_millis(second * 90)), 0, (0, 0), now), None);
        }
        // A gigabyte in a second.
        let (now, used) = (start + Duration::from_secs(3_601), Duration::from_millis(3_600 * 90));
        assert_eq!(meter.look(&seen(used + Duration::from_secs(8)), 0, (10_000, 1 << 30), now), None);
    }

    #[test]
    fn events_that_are_never_done_allow_no_more_than_so_much() {
        let start = Instant::now();
        let meter = Meter::new(0, start);
        for _ in 0..100_000 {
            meter.pledge_event(LIMIT, start);
        }
        assert_eq!(meter.look(&seen(Duration::from_secs(60)), 1, (0, 0), start), None);
        assert!(meter.look(&seen(Duration::from_secs(70)), 1, (0, 0), start).is_some());
        // One that may take a quarter of an hour may.
        let meter = Meter::new(0, start);
        let pledge = meter.pledge_event(Duration::from_secs(900), start);
        assert_eq!(meter.look(&seen(Duration::from_secs(1_000)), 1, (0, 0), start), None);
        meter.redeem(pledge);
        assert_eq!(meter.look(&seen(Duration::from_secs(1_003)), 1, (0, 0), start), None);
        assert!(meter.look(&seen(Duration::from_secs(1_010)), 1, (0, 0), start).is_some(), "the rest of it was not kept");
    }

    #[test]
    fn nobody_has_used_more_than_the_process() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let meter = Meter { cores: 4, ..Meter::new(0, start) };
        let ms = Duration::from_millis;
        // By the clock: both threads of an isolate, for as long as it was.
        let pledge = meter.pledge_event(LIMIT, at(0));
        assert_eq!(meter.settle(pledge, ms(1_000), at(5)), ms(10));
        // By what the process used meanwhile.
        meter.look(&seen(ms(30)), 1, (0, 0), at(100));
        let pledge = meter.pledge_event(LIMIT, at(100));
        meter.look(&seen(ms(45)), 1, (0, 0), at(1_000));
        assert_eq!(meter.settle(pledge, ms(1_000), at(1_000)), ms(15));
        // And by what others have not used: twenty milliseconds are left.
        let pledges = [0, 1, 2].map(|_| meter.pledge_event(LIMIT, at(0)));
        let believed = pledges.map(|pledge| meter.settle(Pledge { used: Duration::ZERO, ..pledge }, ms(15), at(1_000)));
        assert_eq!(believed, [ms(15), ms(5), ms(0)]);
    }

    #[test]
    fn threads_are_counted_when_they_stay() {
        let start = Instant::now();
        let meter = Meter::new(0, start);
        let many = Seen { threads: 1_000, ..Seen::default() };
        for _ in 0..LOOKS {
            assert_eq!(meter.look(&many, 20, (0, 0), start), None);
        }
        assert_eq!(meter.look(&many, 500, (0, 0), start), None, "as many as they need");
        let looks = (0..=LOOKS).filter_map(|_| meter.look(&many, 20, (0, 0), start));
        assert!(looks.last().is_some_and(|what| what.starts_with("it has 1000 threads")));
    }
}
