//! Finds out whose code a long turn runs, and stops whoever has used up its CPU time.
//!
//! Events of a worker interleave on one thread, promise by promise. While a turn takes long, the watchdog asks for samples; each is
//! taken by V8 between two steps of JavaScript and charged to the event whose code runs. What is left between samples is shared out at
//! the end of the turn.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deno_core::{OpState, v8};
use skerry_js_api::{Brake, Ports};
use skerry_messages::EventId;

use crate::blank::Blank;
use crate::helper::Helper;
use crate::limits::Limits;
use crate::memory::Account;
use crate::meter::thread_cpu;
use crate::watchdog::Turn;

/// How much more memory than its limit an isolate may use until its turn is over. Some memory, such as a Blob's, is given up between turns
/// only.
const MEMORY_GRACE: f64 = 1.5;
/// Garbage that holds native memory goes in two steps: V8 finds it, and then callbacks give the memory up, in a turn of their own.
const OVERDRAWN_TURNS: u32 = 4;

/// Over its limit, an event is ended when it pauses, and nothing else is harmed. Code that does not pause after so much more CPU time is
/// terminated, and its isolate with it.
pub(crate) const GRACE: Duration = Duration::from_millis(25);

/// In nanoseconds, of all isolates of the process: what was charged to events, and to code of none.
static CHARGED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// That of the isolate that lives on this thread.
    static SAMPLER: RefCell<Option<Rc<Sampler>>> = const { RefCell::new(None) };
}

/// CPU time that worker code of this process has used, as far as it is known by now.
pub fn charged_cpu() -> Duration {
    Duration::from_nanos(CHARGED.load(Ordering::Relaxed))
}

pub(crate) struct Sampler {
    op_state: Rc<RefCell<OpState>>,
    context: v8::Global<v8::Context>,
    account: Arc<Account>,
    helper: Arc<Helper>,
    turn: Option<Arc<Turn>>,
    /// Heap and native memory together.
    memory_bytes: usize,
    /// CPU time that an event may use.
    limit: Duration,
    /// CPU time that code of no event may use: the global scope's, then that of an event.
    unowned_limit: Cell<Duration>,
    /// The thread's CPU time up to which all is charged.
    charged_to: Cell<Duration>,
    /// Turns in a row after which more memory was used than allowed.
    overdrawn_turns: Cell<u32>,
    /// Used by code of no event since the host last brought some.
    unowned: Cell<Duration>,
    guilty: Cell<Option<EventId>>,
    /// The thread's CPU time when it was first asked about the SQL statement that runs.
    statement: Cell<Option<Duration>>,
    /// How often it was asked about statements.
    asked: Cell<u32>,
}

/// V8 takes no sample while SQL runs: no statement may take longer than an event.
/// One time in so many the clock is read, which takes longer than the rest of a question.
const ASKED_FOR_TIME: u32 = 4;

impl Brake for Sampler {
    fn begin(&self) {
        self.statement.set(None);
    }

    fn must_stop(&self) -> bool {
        let Some(turn) = &self.turn else { return false };
        let asked = self.asked.get().wrapping_add(1);
        self.asked.set(asked);
        if turn.is_condemned() || !asked.is_multiple_of(ASKED_FOR_TIME) {
            return turn.is_condemned();
        }
        let now = thread_cpu();
        let began = self.statement.get().unwrap_or(now);
        self.statement.set(Some(began));
        now.saturating_sub(began) > self.limit
    }
}

impl Sampler {
    /// For the isolate of the calling thread, whose worker's global scope comes first.
    pub fn install(context: v8::Global<v8::Context>, isolate: &Blank, limits: &Limits) -> Rc<Self> {
        let sampler = Rc::new(Self {
            op_state: isolate.op_state.clone(),
            context,
            account: isolate.account.clone(),
            helper: isolate.helper.clone(),
            turn: isolate.turn.clone(),
            memory_bytes: limits.memory_bytes,
            limit: limits.cpu_per_event,
            unowned_limit: Cell::new(limits.start_cpu),
            charged_to: Cell::new(thread_cpu()),
            overdrawn_turns: Cell::default(),
            unowned: Cell::default(),
            guilty: Cell::default(),
            statement: Cell::default(),
            asked: Cell::default(),
        });
        SAMPLER.set(Some(sampler.clone()));
        sampler
    }

    /// To be called when the isolate goes.
    pub fn uninstall() {
        SAMPLER.set(None);
    }

    /// The global scope has run.
    pub fn started(&self) {
        self.unowned_limit.set(self.limit);
        self.renew();
    }

    /// Begins a lap. Says the thread's CPU time.
    pub fn start_lap(&self) -> Duration {
        let now = thread_cpu();
        self.charged_to.set(now);
        now
    }

    /// The CPU time since the last lap or sample, with that of the helper thread.
    pub fn lap(&self) -> Duration {
        let now = thread_cpu();
        let cpu = now.saturating_sub(self.charged_to.replace(now)) + self.helper.take_cpu();
        CHARGED.fetch_add(u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        cpu
    }

    /// The host has brought something to do: the code that it runs without an event may use as much as an event.
    pub fn renew(&self) {
        self.unowned.set(Duration::ZERO);
    }

    /// True when that was too much.
    pub fn charge_unowned(&self, cpu: Duration) -> bool {
        self.unowned.set(self.unowned.get() + cpu);
        self.is_unowned_over()
    }

    pub fn is_unowned_over(&self) -> bool {
        self.unowned.get() > self.unowned_limit.get()
    }

    /// The event whose code was terminated.
    pub fn guilty(&self) -> Option<EventId> {
        self.guilty.get()
    }

    fn sample(&self, isolate: &mut v8::Isolate) {
        let Some(turn) = &self.turn else { return };
        turn.sampled();
        let most = (self.memory_bytes as f64 * MEMORY_GRACE) as usize;
        if self.memory_used(isolate) > most {
            isolate.low_memory_notification();
            if self.memory_used(isolate) > most {
                return turn.exhaust_memory();
            }
        }
        let event = self.running_event(isolate);
        // An op may be under way that calls worker code: the next sample finds this time as well.
        let Ok(mut state) = self.op_state.try_borrow_mut() else { return };
        let cpu = self.lap();
        let used = event.and_then(|event| state.borrow_mut::<Ports>().charge(event, cpu));
        let is_over = match used {
            Some(used) => used > self.limit + GRACE,
            None => self.charge_unowned(cpu),
        };
        if is_over && !turn.is_overrun() {
            self.guilty.set(event);
            turn.overrun();
        }
    }

    /// To be called between turns. True when the isolate must end for the memory that it uses.
    pub fn is_out_of_memory(&self, isolate: &mut v8::Isolate) -> bool {
        self.account.reconcile(isolate);
        if self.account.bytes() <= self.memory_bytes {
            self.overdrawn_turns.set(0);
            return false;
        }
        let turns = self.overdrawn_turns.get() + 1;
        self.overdrawn_turns.set(turns);
        if turns == 1 {
            isolate.low_memory_notification();
        }
        turns > OVERDRAWN_TURNS
    }

    /// More memory was used than allowed after the last turn.
    pub fn is_overdrawn(&self) -> bool {
        self.overdrawn_turns.get() > 0
    }

    fn memory_used(&self, isolate: &mut v8::Isolate) -> usize {
        self.account.reconcile(isolate);
        isolate.get_heap_statistics().used_heap_size() + self.account.bytes()
    }

    /// The id in the `Frame` of `js/context.js` that V8 carries along.
    fn running_event(&self, isolate: &mut v8::Isolate) -> Option<EventId> {
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, &self.context);
        let scope = &mut v8::ContextScope::new(scope, context);
        let frame = scope.get_continuation_preserved_embedder_data();
        let frame = v8::Local::<v8::Object>::try_from(frame).ok()?;
        let event = v8::String::new(scope, "event")?;
        let event = v8::Local::<v8::Object>::try_from(frame.get(scope, event.into())?).ok()?;
        let id = v8::String::new(scope, "id")?;
        event.get(scope, id.into())?.uint32_value(scope)
    }
}

/// Called by V8 on the isolate's thread, some time after the watchdog has asked for it.
///
/// # Safety
/// `isolate` must be the one that the calling thread is in.
pub(crate) unsafe extern "C" fn take_sample(isolate: v8::UnsafeRawIsolatePtr, _data: *mut c_void) {
    let Some(sampler) = SAMPLER.with_borrow(Clone::clone) else { return };
    // SAFETY: by the contract.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
    sampler.sample(&mut isolate);
}
