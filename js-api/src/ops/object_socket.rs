//! The WebSockets that an object has accepted.

use bytes::Bytes;
use deno_core::convert::Uint8Array;
use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;
use skerry_messages::{AutoResponse, SocketMessage};

use super::structured_clone::{from_stored, to_stored};
use crate::objects::sockets;
use crate::ports::Ports;

/// Takes a socket over. Gives the socket's id, which the answer has that opens it, and its number in the object.
#[op2]
#[serde]
pub fn op_object_socket_accept(
    state: &mut OpState,
    #[smi] object: u32,
    #[serde] tags: Vec<String>,
) -> Result<(u32, u32), JsErrorBox> {
    let socket = state.borrow_mut::<Ports>().new_socket();
    let number = sockets::accept(state, object, socket, tags)?;
    Ok((socket, number))
}

#[op2(fast)]
pub fn op_object_socket_send_text(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[string] text: String,
) -> Result<(), JsErrorBox> {
    sockets::send(state, object, number, SocketMessage::Text(text))
}

#[op2(fast)]
pub fn op_object_socket_send_binary(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[buffer(copy)] bytes: Bytes,
) -> Result<(), JsErrorBox> {
    sockets::send(state, object, number, SocketMessage::Binary(bytes))
}

#[op2(fast)]
pub fn op_object_socket_close(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[smi] code: u16,
    #[string] reason: String,
) -> Result<(), JsErrorBox> {
    sockets::send(state, object, number, SocketMessage::Close { code, reason })
}

#[op2(fast)]
pub fn op_object_socket_attach(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[buffer(copy)] attachment: Bytes,
) -> Result<(), JsErrorBox> {
    sockets::attach(state, object, number, attachment)
}

/// Empty where there is none.
#[op2]
pub fn op_object_socket_attachment(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
) -> Result<Uint8Array, JsErrorBox> {
    sockets::attachment(state, object, number).map(|bytes| Vec::from(bytes).into())
}

/// The numbers of those that have the tag, or of all.
#[op2]
#[serde]
pub fn op_object_socket_list(
    state: &mut OpState,
    #[smi] object: u32,
    #[string] tag: &str,
    has_tag: bool,
) -> Result<Vec<u32>, JsErrorBox> {
    sockets::list(state, object, has_tag.then_some(tag))
}

#[op2]
#[serde]
pub fn op_object_socket_tags(state: &mut OpState, #[smi] object: u32, #[smi] number: u32) -> Result<Vec<String>, JsErrorBox> {
    sockets::tags(state, object, number)
}

#[op2(fast)]
pub fn op_object_socket_is_closing(state: &mut OpState, #[smi] object: u32, #[smi] number: u32) -> Result<bool, JsErrorBox> {
    sockets::is_closing(state, object, number)
}

/// In milliseconds of Unix time; -1 where the node has never answered by itself.
#[op2(fast)]
pub fn op_object_socket_answered(state: &mut OpState, #[smi] object: u32, #[smi] number: u32) -> Result<f64, JsErrorBox> {
    sockets::answered_ms(state, object, number).map(|ms| ms.map_or(-1.0, |ms| ms as f64))
}

/// It is closed, and the object has heard of it.
#[op2(fast)]
pub fn op_object_socket_forget(state: &mut OpState, #[smi] object: u32, #[smi] number: u32) {
    sockets::forget(state, object, number);
}

#[op2(fast)]
pub fn op_object_set_auto_response(
    state: &mut OpState,
    #[smi] object: u32,
    #[string] request: String,
    #[string] response: String,
) -> Result<(), JsErrorBox> {
    sockets::set_auto_response(state, object, Some(AutoResponse { request, response }))
}

#[op2(fast)]
pub fn op_object_unset_auto_response(state: &mut OpState, #[smi] object: u32) -> Result<(), JsErrorBox> {
    sockets::set_auto_response(state, object, None)
}

/// Request and response.
#[op2]
#[serde]
pub fn op_object_auto_response(state: &mut OpState, #[smi] object: u32) -> Result<Option<(String, String)>, JsErrorBox> {
    sockets::auto_response(state, object).map(|pair| pair.map(|pair| (pair.request, pair.response)))
}

/// A value as it is attached to a socket; empty where an exception is on its way.
#[op2(reentrant)]
pub fn op_attachment_write<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    value: v8::Local<'s, v8::Value>,
    on_refusal: v8::Local<'s, v8::Function>,
) -> Result<Uint8Array, JsErrorBox> {
    to_stored(scope, value, on_refusal).map(|bytes| bytes.unwrap_or_default().into())
}

#[op2(reentrant)]
pub fn op_attachment_read<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[buffer] bytes: &[u8],
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    from_stored(scope, bytes)
}
