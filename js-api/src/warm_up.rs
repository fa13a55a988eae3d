//! Requests that code of the platform's own answers (`js/warm_up.js`). In the build of the snapshot, for that code to be compiled; in a
//! restored isolate, so that a worker's first request finds it at work.

use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use deno_core::{JsRuntime, PollEventLoopOptions};
use http::{HeaderMap, HeaderValue, Method, header};
use skerry_messages::{Body, EventId, FetchEvent, FromIsolate, Handler, RequestHead};

use crate::clock::Clock;
use crate::entry::EventLimits;
use crate::hooks::Hooks;
use crate::ports::Ports;

/// Turns of the event loop in which the platform's requests are answered at the latest.
const TURNS_MAX: usize = 100;

/// Has the platform's code compiled, for the snapshot that is made of the isolate next.
///
/// # Panics
/// When the platform's own requests are not answered: it is broken.
pub(crate) fn rehearse(js: &mut JsRuntime) {
    {
        let op_state = js.op_state();
        let mut state = op_state.borrow_mut();
        let outbox = |said| assert!(!matches!(said, FromIsolate::Failed { .. }), "the platform's own request failed: {said:?}");
        state.put(Ports::new(Rc::new(outbox), EventLimits::default()));
        state.put(Rc::new(Clock::new()));
    }
    let hooks = {
        deno_core::scope!(scope, js);
        Hooks::rehearse(scope).expect("the platform has hooks")
    };
    begin_warm_up(js, &hooks);
    hooks.fetch(js, EventId::MAX - 2, event("/rest"));
    let cx = &mut Context::from_waker(Waker::noop());
    let is_through = (0..TURNS_MAX).any(|_| poll_warm_up(js, cx).is_ready());
    assert!(is_through, "the platform's own requests are not answered");
    drop(hooks);
    // Finalizers of what the requests left behind run now: V8 makes no snapshot while some are due.
    for _ in 0..3 {
        js.v8_isolate().low_memory_notification();
        let _idle = js.poll_event_loop(cx, PollEventLoopOptions::default());
    }
}

/// The isolate must not have a worker yet. What is begun is over when `poll_warm_up` says so.
pub fn begin_warm_up(js: &mut JsRuntime, hooks: &Hooks) {
    {
        deno_core::scope!(scope, js);
        let _only_speed_is_lost = hooks.warm_up(scope);
    }
    for (id, path) in [(EventId::MAX, "/whole"), (EventId::MAX - 1, "/stream")] {
        hooks.fetch(js, id, event(path));
    }
}

pub fn poll_warm_up(js: &mut JsRuntime, cx: &mut Context) -> Poll<()> {
    let _idle = js.poll_event_loop(cx, PollEventLoopOptions::default());
    if js.op_state().borrow().borrow::<Ports>().has_events() { Poll::Pending } else { Poll::Ready(()) }
}

fn event(path: &str) -> FetchEvent {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    FetchEvent {
        handler: Handler::DEFAULT,
        request: RequestHead { method: Method::POST, url: format!("http://localhost{path}?a=b"), headers },
        body: Body::Full(Bytes::from_static(b"{\"a\":1}")),
        cf: None,
    }
}
