use std::borrow::Cow;

use bytes::Bytes;
use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use skerry_messages::{Body, EventId, Failure, FailureKind, FromIsolate, ResponseHead};

use super::body::{body_from_js, flat_headers, head_from_js, one_byte};
use crate::entry::EventEntry;
use crate::inbound::InboundResource;
use crate::ports::Ports;

/// The number by which `js/dispatch.js` knows a method; 0 for any other.
pub fn method_code(method: &Method) -> u8 {
    match *method {
        Method::GET => 1,
        Method::POST => 2,
        Method::HEAD => 3,
        Method::PUT => 4,
        Method::DELETE => 5,
        Method::OPTIONS => 6,
        Method::PATCH => 7,
        _ => 0,
    }
}

/// The number by which `js/http.js` knows where a request's body is.
pub fn body_kind(body: &Body) -> u8 {
    match body {
        Body::Empty | Body::Passthrough { .. } => 0,
        Body::Full(_) => 1,
        Body::Stream { .. } => 2,
    }
}

fn entry(state: &mut OpState, id: EventId) -> Result<&mut EventEntry, JsErrorBox> {
    state
        .borrow_mut::<Ports>()
        .event(id)
        .ok_or_else(|| JsErrorBox::type_error("the request is over: read it before its event ends"))
}

#[op2]
#[string]
pub fn op_request_method(state: &mut OpState, #[smi] id: u32) -> Result<String, JsErrorBox> {
    Ok(entry(state, id)?.method.to_string())
}

#[op2]
#[string]
pub fn op_request_url(state: &mut OpState, #[smi] id: u32) -> Result<String, JsErrorBox> {
    Ok(entry(state, id)?.url.clone())
}

/// `request.cf` as JSON; empty where there is none.
#[op2]
#[string]
pub fn op_request_cf(state: &mut OpState, #[smi] id: u32) -> Result<String, JsErrorBox> {
    Ok(entry(state, id)?.cf.as_deref().unwrap_or_default().to_owned())
}

#[op2]
pub fn op_request_headers<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let headers = &entry(state, id)?.headers;
    Ok(flat_headers(scope, headers))
}

/// One header by name; null where there is none, several joined with ", ".
#[op2]
pub fn op_request_header<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    #[string(onebyte)] name: Cow<'_, [u8]>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let headers = &entry(state, id)?.headers;
    let Ok(name) = HeaderName::from_bytes(&name) else { return Ok(v8::null(scope).into()) };
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(v8::null(scope).into()) };
    let Some(second) = values.next() else {
        return Ok(one_byte(scope, first.as_bytes(), v8::NewStringType::Normal));
    };
    let mut joined = first.as_bytes().to_vec();
    for value in std::iter::once(second).chain(values) {
        joined.extend_from_slice(b", ");
        joined.extend_from_slice(value.as_bytes());
    }
    Ok(one_byte(scope, &joined, v8::NewStringType::Normal))
}

/// The request's body: `[bytes, resource id, length]`, of which one of the first two is there; length is -1 where unknown.
#[op2]
pub fn op_request_body<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let body = std::mem::replace(&mut entry(state, id)?.body, Body::Empty);
    let (bytes, rid, length): (v8::Local<v8::Value>, f64, f64) = match body {
        Body::Full(bytes) => {
            let length = bytes.len() as f64;
            (bytes_to_js(scope, bytes), 0.0, length)
        }
        Body::Stream { id: stream, .. } => {
            let inbound =
                state.borrow::<Ports>().inbound(stream).ok_or_else(|| JsErrorBox::type_error("the request's body is gone"))?;
            let length = inbound.length().map_or(-1.0, |length| length as f64);
            let rid = state.resource_table.add(InboundResource(inbound));
            (v8::null(scope).into(), f64::from(rid), length)
        }
        Body::Empty | Body::Passthrough { .. } => (v8::null(scope).into(), 0.0, 0.0),
    };
    let rid = v8::Number::new(scope, rid).into();
    let length = v8::Number::new(scope, length).into();
    Ok(v8::Array::new_with_elements(scope, &[bytes, rid, length]))
}

/// A Uint8Array with these bytes.
pub(crate) fn bytes_to_js<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Bytes) -> v8::Local<'s, v8::Value> {
    let length = bytes.len();
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.into()).make_shared();
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
    v8::Uint8Array::new(scope, buffer, 0, length).map_or_else(|| v8::null(scope).into(), Into::into)
}

/// The plain answer: status 200, a text body, and its usual content type or none.
#[op2(fast)]
pub fn op_respond_text(state: &mut OpState, #[smi] id: u32, typed: bool, #[string] body: &str) {
    let ports = state.borrow_mut::<Ports>();
    if !ports.answer(id) {
        return;
    }
    let mut headers = HeaderMap::new();
    if typed {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    }
    let head = ResponseHead { status: StatusCode::OK, status_text: String::new(), headers, socket: None, encoded: false };
    let body = Body::Full(Bytes::copy_from_slice(body.as_bytes()));
    ports.send(FromIsolate::Response { event: id, head, body });
}

#[op2(fast)]
#[allow(clippy::too_many_arguments, reason = "one call across the boundary instead of several")]
pub fn op_respond(
    scope: &mut v8::PinScope,
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u16,
    #[string(onebyte)] head: Cow<'_, [u8]>,
    #[smi] body_kind: u8,
    body: v8::Local<v8::Value>,
    length: f64,
    #[smi] socket: u32,
    encoded: bool,
) -> Result<(), JsErrorBox> {
    let (status_text, headers) = head_from_js(&head)?;
    let status = StatusCode::from_u16(status).map_err(|_| JsErrorBox::range_error(format!("{status} is not a status")))?;
    let body = body_from_js(scope, body_kind, body, length)?;
    let ports = state.borrow_mut::<Ports>();
    // An answer that comes too late is sent all the same: the host lets go of its stream and its socket.
    if ports.answer(id)
        && let Some(event) = ports.event(id)
    {
        event.socket = (socket != 0).then_some(socket);
        if let Body::Stream { id: stream, .. } = &body {
            event.response_stream = Some(*stream);
        }
    }
    let head = ResponseHead { status, status_text, headers, socket: (socket != 0).then_some(socket), encoded };
    ports.send(FromIsolate::Response { event: id, head, body });
    Ok(())
}

/// The event has no answer and will get none. `kind` as in `js/dispatch.js`.
#[op2(fast)]
pub fn op_event_fail(state: &mut OpState, #[smi] id: u32, #[smi] kind: u8, #[string] message: String, #[string] stack: String) {
    let kind = match kind {
        0 => FailureKind::Exception,
        1 => FailureKind::BadResponse,
        2 => FailureKind::NoHandler,
        _ => FailureKind::IsolateEnded,
    };
    let stack = (!stack.is_empty()).then(|| cut(stack));
    let failure = Failure { kind, message: cut(message), stack };
    let ports = state.borrow_mut::<Ports>();
    if ports.answer(id) {
        let pass_through = ports.event(id).is_some_and(|event| event.pass_through);
        ports.send(FromIsolate::Failed { event: id, failure, pass_through });
    }
}

/// As much of a failure's text as anybody reads.
pub(crate) fn cut(mut text: String) -> String {
    const BYTES_MAX: usize = 8 * 1024;
    if text.len() > BYTES_MAX {
        text.truncate(text.floor_char_boundary(BYTES_MAX));
        text.push_str(" [cut]");
    }
    text
}

/// Code of the event runs next.
#[op2(fast)]
pub fn op_event_touch(state: &mut OpState, #[smi] id: u32) {
    state.borrow_mut::<Ports>().touch(id);
}

#[op2(fast)]
pub fn op_event_pass_through(state: &mut OpState, #[smi] id: u32) {
    if let Some(event) = state.borrow_mut::<Ports>().event(id) {
        event.pass_through = true;
    }
}

/// The handler and all waitUntil work of the event are through. With `has_timers`, the object whose it was has timers that run on.
#[op2(fast)]
pub fn op_event_done(state: &mut OpState, #[smi] id: u32, has_timers: bool) {
    state.borrow_mut::<Ports>().settle(id, has_timers);
}
