use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deno_core::{JsRuntime, OpState, RuntimeOptions, SharedArrayBufferStore, v8};
use skerry_js_api::{Broken, Clock, EventLimits, Hooks, Ports, begin_warm_up, poll_warm_up};
use skerry_messages::{AlarmEvent, EventId, FetchEvent, ObjectEvent, RpcEvent, SocketEvent};

use crate::budget::Share;
use crate::helper::Helper;
use crate::memory::{Account, Charging};
use crate::snapshot::snapshot;
use crate::watchdog::Turn;

/// Room given once to an isolate that ran out of heap, so that the native operation in progress can finish instead of
/// aborting the process; no JavaScript runs any more by then.
const HEAP_GRACE_BYTES: usize = 8 << 30;

/// What warming up may take; an isolate that is not through by then is as good as cold.
const WARM_UP_TIME: Duration = Duration::from_millis(500);

/// An isolate with the platform in it, and no worker yet.
pub(crate) struct Blank {
    pub js: JsRuntime,
    pub op_state: Rc<RefCell<OpState>>,
    pub hooks: Hooks,
    pub clock: Rc<Clock>,
    pub turn: Option<Arc<Turn>>,
    pub account: Arc<Account>,
    pub share: Share,
    pub helper: Arc<Helper>,
    pub memory_exhausted: Arc<AtomicBool>,
    _charging: Charging,
}

impl Blank {
    /// On the thread it will live on, within a tokio runtime.
    pub fn make(memory_bytes: usize, account: Arc<Account>, share: Share, helper: Arc<Helper>) -> Option<Self> {
        let charging = account.charge_thread();
        let mut js = JsRuntime::new(RuntimeOptions {
            extensions: skerry_js_api::extensions(),
            startup_snapshot: Some(snapshot()),
            // Where transferred buffers rest between two ends of a MessageChannel: each isolate has its own.
            shared_array_buffer_store: Some(SharedArrayBufferStore::default()),
            create_params: Some(
                v8::CreateParams::default()
                    .heap_limits(0, memory_bytes)
                    .array_buffer_allocator(account.array_buffer_allocator().make_shared()),
            ),
            ..Default::default()
        });
        js.v8_isolate().set_allow_atomics_wait(false);
        let memory_exhausted = guard_heap(&mut js);
        let clock = Rc::new(Clock::new());
        let op_state = js.op_state();
        {
            let mut state = op_state.borrow_mut();
            // Nobody listens yet.
            state.put(Ports::new(Rc::new(drop), EventLimits::default()));
            state.put(clock.clone());
        }
        let hooks = {
            deno_core::scope!(scope, js);
            Hooks::take(scope)?
        };
        let turn = Turn::watch(js.v8_isolate().thread_safe_handle(), memory_exhausted.clone(), helper.clone());
        Some(Self { js, op_state, hooks, clock, turn, account, share, helper, memory_exhausted, _charging: charging })
    }

    /// Runs the platform's own code, so that a worker's first request finds it at work.
    pub fn warm_up(&mut self, runtime: &tokio::runtime::Runtime) {
        begin_warm_up(&mut self.js, &self.hooks);
        let done = poll_fn(|cx| poll_warm_up(&mut self.js, cx));
        let _only_speed_is_lost = runtime.block_on(async { tokio::time::timeout(WARM_UP_TIME, done).await });
        self.measure();
    }

    /// Tells the node's budget what the isolate takes.
    pub fn measure(&mut self) {
        self.share.measure(self.js.v8_isolate(), &self.account);
    }

    pub fn fetch(&mut self, id: EventId, event: FetchEvent) {
        self.hooks.fetch(&mut self.js, id, event);
    }

    pub fn object(&mut self, id: EventId, event: ObjectEvent) {
        self.hooks.object(&mut self.js, id, event);
    }

    pub fn alarm(&mut self, id: EventId, event: &AlarmEvent) {
        self.hooks.alarm(&mut self.js, id, event);
    }

    pub fn break_object(&mut self, broken: &Broken) {
        self.hooks.break_object(&mut self.js, broken);
    }

    pub fn socket_event(&mut self, id: EventId, event: SocketEvent) {
        self.hooks.socket_event(&mut self.js, id, event);
    }

    pub fn rpc(&mut self, id: EventId, event: RpcEvent) {
        self.hooks.rpc(&mut self.js, id, event);
    }
}

fn guard_heap(js: &mut JsRuntime) -> Arc<AtomicBool> {
    let exhausted = Arc::new(AtomicBool::new(false));
    let flag = exhausted.clone();
    let isolate = js.v8_isolate().thread_safe_handle();
    js.add_near_heap_limit_callback(move |current, _initial| {
        flag.store(true, Ordering::Relaxed);
        isolate.terminate_execution();
        current + HEAP_GRACE_BYTES
    });
    exhausted
}
