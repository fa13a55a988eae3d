//! Requests that code of the platform's own answers (`js/warm_up.js`). In the build of the snapshot, for that code to be compiled; in a
//! restored isolate, so that a worker's first request finds it at work.

use std::task::{Context, Poll};

use bytes::Bytes;
use deno_core::{JsRuntime, PollEventLoopOptions};
use http::{HeaderMap, HeaderValue, Method, header};
use skerry_messages::{Body, EventId, FetchEvent, RequestHead};

use crate::hooks::Hooks;
use crate::ports::Ports;

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
        entrypoint: None,
        request: RequestHead { method: Method::POST, url: format!("http://localhost{path}?a=b"), headers },
        body: Body::Full(Bytes::from_static(b"{\"a\":1}")),
        cf: None,
    }
}
