use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use deno_core::{JsRuntime, OpState, PollEventLoopOptions, RuntimeOptions, SharedArrayBufferStore, v8};
use http::{HeaderMap, HeaderValue, Method, header};
use skerry_js_api::{Clock, Ports};
use skerry_messages::{Body, EventId, FetchEvent, RequestHead};

use crate::helper::Helper;
use crate::hooks::Hooks;
use crate::memory::{Account, Charging};
use crate::platform::{RESIDUAL_SCRIPTS, SNAPSHOT};
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
    pub helper: Arc<Helper>,
    pub memory_exhausted: Arc<AtomicBool>,
    _charging: Charging,
}

impl Blank {
    /// On the thread it will live on, within a tokio runtime.
    pub fn make(memory_bytes: usize, account: Arc<Account>, helper: Arc<Helper>) -> Option<Self> {
        let charging = account.charge_thread();
        let mut js = JsRuntime::new(RuntimeOptions {
            extensions: skerry_js_api::extensions(),
            startup_snapshot: Some(SNAPSHOT),
            residual_lazy_js_sources: RESIDUAL_SCRIPTS,
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
            state.put(Ports::new(Rc::new(drop), 0));
            state.put(clock.clone());
        }
        let hooks = {
            deno_core::scope!(scope, js);
            Hooks::take(scope)?
        };
        let turn = Turn::watch(js.v8_isolate().thread_safe_handle(), memory_exhausted.clone(), helper.clone());
        Some(Self { js, op_state, hooks, clock, turn, account, helper, memory_exhausted, _charging: charging })
    }

    /// Answers two requests with code of the platform's own, so that a worker's first request finds the platform compiled.
    pub fn warm_up(&mut self, runtime: &tokio::runtime::Runtime) {
        {
            deno_core::scope!(scope, self.js);
            let _only_speed_is_lost = self.hooks.warm_up(scope);
        }
        for (id, path) in [(EventId::MAX, "/whole"), (EventId::MAX - 1, "/stream")] {
            self.fetch(id, warm_up_event(path));
        }
        let done = poll_fn(|cx| {
            let _idle = self.js.poll_event_loop(cx, PollEventLoopOptions::default());
            if self.op_state.borrow().borrow::<Ports>().has_events() { Poll::Pending } else { Poll::Ready(()) }
        });
        let _only_speed_is_lost = runtime.block_on(async { tokio::time::timeout(WARM_UP_TIME, done).await });
    }

    pub fn fetch(&mut self, id: EventId, event: FetchEvent) {
        deno_core::scope!(scope, self.js);
        // The arguments are made before the event moves into the books, which worker code reads through ops.
        let call = self.hooks.prepare_fetch(scope, id, &event);
        self.op_state.borrow_mut().borrow_mut::<Ports>().begin_fetch(id, event);
        if let Some(call) = call {
            self.hooks.fetch(scope, &call);
        }
        scope.perform_microtask_checkpoint();
    }
}

fn warm_up_event(path: &str) -> FetchEvent {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    FetchEvent {
        entrypoint: None,
        request: RequestHead { method: Method::POST, url: format!("http://localhost{path}?a=b"), headers },
        body: Body::Full(Bytes::from_static(b"{\"a\":1}")),
        cf: None,
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
