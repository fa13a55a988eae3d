use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;
use http::Method;
use skerry_messages::{
    Body, EventId, FetchError, FetchErrorKind, FromIsolate, RedirectMode, RequestHead, Subrequest, SubrequestId, Subresponse,
    Target, object_id_of_text,
};
use tokio::sync::oneshot;

use super::body::{body_from_js, flat_headers, head_from_js};
use super::event::bytes_to_js;
use super::object_id::INVALID_ID;
use crate::inbound::InboundResource;
use crate::ports::{EVENT_IS_OVER, Ports};

/// Answers that worker code has not asked for yet.
#[derive(Default)]
struct Answers(std::collections::HashMap<SubrequestId, PendingAnswer>);

struct PendingAnswer {
    owner: Option<EventId>,
    answer: oneshot::Receiver<Result<Subresponse, FetchError>>,
}

/// In place of a service: an entrypoint of the worker itself, by its name (none is the default export). As in `js/rpc_links.js`.
const OWN: u32 = u32::MAX;
/// Of the text that `ctx.props` is given as.
const PROPS_BYTES_MAX: usize = 64 << 10;

/// 0 is the network, and services follow; with an object's id, it is the place of the namespace's binding.
fn target_of(place: u32, object: &str, name: Option<String>, props: Option<String>) -> Result<Target, JsErrorBox> {
    if object.is_empty() && place == OWN {
        if props.as_ref().is_some_and(|props| props.len() > PROPS_BYTES_MAX) {
            return Err(JsErrorBox::range_error(format!("The props of an entrypoint may have {PROPS_BYTES_MAX} bytes as JSON")));
        }
        return Ok(Target::Own { entrypoint: name, props });
    }
    if object.is_empty() {
        return Ok(place.checked_sub(1).map_or(Target::Network, Target::Service));
    }
    let id = object_id_of_text(object).ok_or_else(|| JsErrorBox::type_error(INVALID_ID))?;
    Ok(Target::Object { binding: place, id, name })
}

/// Opens a session for calls of methods with its first message, which `cause` makes and which belongs to `owner`. Gives its socket.
#[op2]
#[smi]
pub fn op_rpc_open(
    state: &mut OpState,
    #[smi] owner: u32,
    #[smi] cause: u32,
    #[smi] place: u32,
    #[string] object: &str,
    #[string] name: Option<String>,
    #[string] props: Option<String>,
    #[buffer(copy)] first: Bytes,
) -> Result<u32, JsErrorBox> {
    let target = target_of(place, object, name, props)?;
    let ports = state.borrow_mut::<Ports>();
    let socket = ports.new_socket();
    ports.socket_opened(socket);
    let event = ports.asking(owner, cause);
    ports.send(FromIsolate::Rpc { socket, event, target, first });
    Ok(socket)
}

/// To be called before each request.
#[op2(fast)]
pub fn op_fetch_count(state: &mut OpState, #[smi] event: u32) -> Result<(), JsErrorBox> {
    let counted = state.borrow_mut::<Ports>().count_subrequest(event);
    counted.map_err(|limit| JsErrorBox::type_error(format!("Too many subrequests: an event may make {limit}")))
}

/// Sends a request, which `cause` makes and which belongs to `owner`. Returns `[subrequest id, socket id or 0]`.
#[op2]
#[allow(clippy::too_many_arguments, reason = "one call across the boundary instead of several")]
pub fn op_fetch_start<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] owner: u32,
    #[smi] cause: u32,
    #[string] method: String,
    #[string] url: String,
    #[string(onebyte)] head: Cow<'_, [u8]>,
    #[smi] place: u32,
    #[string] object: &str,
    #[string] name: Option<String>,
    #[string] props: Option<String>,
    #[smi] redirect: u8,
    #[smi] body_kind: u8,
    body: v8::Local<'s, v8::Value>,
    length: f64,
    wants_socket: bool,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let (_, headers) = head_from_js(&head)?;
    let target = target_of(place, object, name, props)?;
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| JsErrorBox::type_error(format!("\"{method}\" is not a method")))?;
    let body = body_from_js(scope, body_kind, body, length)?;
    let redirect = match redirect {
        0 => RedirectMode::Follow,
        1 => RedirectMode::Error,
        _ => RedirectMode::Manual,
    };
    let ports = state.borrow_mut::<Ports>();
    let socket = wants_socket.then(|| ports.new_socket());
    let event = ports.asking(owner, cause);
    let owner = ports.owner(owner);
    let (id, answer) = ports.open_subrequest(owner);
    let head = RequestHead { method, url, headers };
    let request = Subrequest { target, head, body, redirect, socket };
    ports.send(FromIsolate::Subrequest { id, event, request });
    if !state.has::<Answers>() {
        state.put(Answers::default());
    }
    state.borrow_mut::<Answers>().0.insert(id, PendingAnswer { owner, answer });
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    let socket = v8::Integer::new_from_unsigned(scope, socket.unwrap_or(0)).into();
    Ok(v8::Array::new_with_elements(scope, &[id, socket]))
}

/// The answer of a subrequest, as `js/fetch.js` takes it apart; or the error of whoever a binding leads to, as `js/far_errors.js` makes one of it.
pub enum Reply {
    Answer { response: Subresponse, stream: Option<u32> },
    Failed(FetchError),
}

impl<'a> deno_core::ToV8<'a> for Reply {
    type Error = std::convert::Infallible;

    fn to_v8<'i>(self, scope: &mut v8::PinScope<'a, 'i>) -> Result<v8::Local<'a, v8::Value>, Self::Error> {
        let (Subresponse { head, body, redirected_to }, stream) = match self {
            Self::Answer { response, stream } => (response, stream),
            Self::Failed(error) => return Ok(failed_to_js(scope, &error)),
        };
        let length = match &body {
            Body::Stream { length: Some(length), .. } => *length as f64,
            _ => -1.0,
        };
        let bytes = match body {
            Body::Full(bytes) => bytes_to_js(scope, bytes),
            _ => bytes_to_js(scope, Bytes::new()),
        };
        let rid = match stream {
            Some(rid) => v8::Integer::new_from_unsigned(scope, rid).into(),
            None => v8::null(scope).into(),
        };
        let redirected: Vec<v8::Local<v8::Value>> =
            redirected_to.iter().filter_map(|url| v8::String::new(scope, url).map(Into::into)).collect();
        let values: [(&str, v8::Local<v8::Value>); 8] = [
            ("status", v8::Integer::new_from_unsigned(scope, u32::from(head.status.as_u16())).into()),
            ("statusText", super::body::one_byte(scope, head.status_text.as_bytes(), v8::NewStringType::Normal)),
            ("headers", flat_headers(scope, &head.headers).into()),
            ("redirectedTo", v8::Array::new_with_elements(scope, &redirected).into()),
            ("upgraded", v8::Boolean::new(scope, head.socket.is_some()).into()),
            ("bytes", bytes),
            ("rid", rid),
            ("length", v8::Number::new(scope, length).into()),
        ];
        Ok(plain_object(scope, values))
    }
}

fn failed_to_js<'s>(scope: &mut v8::PinScope<'s, '_>, error: &FetchError) -> v8::Local<'s, v8::Value> {
    let message = v8::String::new(scope, &error.message).map_or_else(|| v8::null(scope).into(), Into::into);
    let flags = v8::Integer::new_from_unsigned(scope, u32::from(error.kind.flags())).into();
    plain_object(scope, [("failed", message), ("flags", flags)])
}

fn plain_object<'s, const N: usize>(
    scope: &mut v8::PinScope<'s, '_>,
    values: [(&str, v8::Local<'s, v8::Value>); N],
) -> v8::Local<'s, v8::Value> {
    let null = v8::null(scope).into();
    let (names, values): (Vec<_>, Vec<_>) = values
        .into_iter()
        .filter_map(|(name, value)| {
            v8::String::new_from_one_byte(scope, name.as_bytes(), v8::NewStringType::Internalized)
                .map(|name| (v8::Local::<v8::Name>::from(name), value))
        })
        .unzip();
    v8::Object::with_prototype_and_properties(scope, null, &names, &values).into()
}

/// Whether whoever a binding leads to has failed, and not the request.
fn is_of_callee(kind: FetchErrorKind) -> bool {
    match kind {
        FetchErrorKind::Request
        | FetchErrorKind::Forbidden
        | FetchErrorKind::Connect
        | FetchErrorKind::Protocol
        | FetchErrorKind::Redirect => false,
        FetchErrorKind::Service
        | FetchErrorKind::Exception
        | FetchErrorKind::Reset
        | FetchErrorKind::Ended
        | FetchErrorKind::Moved
        | FetchErrorKind::Overloaded => true,
    }
}

/// Waits for the answer of a subrequest.
#[op2]
pub async fn op_fetch_answer(state: Rc<RefCell<OpState>>, #[smi] id: u32) -> Result<Reply, JsErrorBox> {
    let answer = state.borrow_mut().borrow_mut::<Answers>().0.remove(&id);
    let cancelled = || JsErrorBox::type_error(format!("The request was cancelled: {EVENT_IS_OVER}"));
    let PendingAnswer { owner, answer } = answer.ok_or_else(cancelled)?;
    let response = match answer.await.map_err(|_| cancelled())? {
        Ok(response) => response,
        Err(error) if is_of_callee(error.kind) => return Ok(Reply::Failed(error)),
        Err(error) => return Err(JsErrorBox::type_error(error.message)),
    };
    if let Some(socket) = response.head.socket {
        state.borrow_mut().borrow_mut::<Ports>().socket_opened(socket);
    }
    let stream = if let Body::Stream { id, length } = response.body {
        let mut state = state.borrow_mut();
        let inbound = state.borrow_mut::<Ports>().open_inbound(id, length, owner);
        Some(state.resource_table.add(InboundResource(inbound)))
    } else {
        None
    };
    Ok(Reply::Answer { response, stream })
}

/// Worker code does not want the answer any more.
#[op2(fast)]
pub fn op_fetch_cancel(state: &mut OpState, #[smi] id: u32) {
    state.borrow_mut::<Ports>().cancel_subrequest(id);
}
