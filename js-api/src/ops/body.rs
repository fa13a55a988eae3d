use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use deno_core::error::ResourceError;
use deno_core::{OpState, ResourceId, op2, v8};
use deno_error::JsErrorBox;
use http::{HeaderMap, HeaderName, HeaderValue};
use skerry_messages::Body;

use crate::inbound::InboundResource;
use crate::outbound;
use crate::ports::Ports;

// The kinds of body that worker code hands over, as in `js/body.js`.
const TEXT: u8 = 1;
const BYTES: u8 = 2;
const STREAM: u8 = 3;
const PASSTHROUGH: u8 = 4;

/// Headers that worker code may put on one message.
const HEADERS_MAX: usize = 1_000;

/// Gives an inbound stream back to the host, which passes it on by itself. 0 when worker code has begun to read it, or when
/// the resource is something else.
#[op2(fast)]
pub fn op_inbound_pass(state: &mut OpState, #[smi] rid: ResourceId) -> u32 {
    let Ok(resource) = state.resource_table.get::<InboundResource>(rid) else { return 0 };
    let inbound = resource.0.clone();
    if !inbound.is_untouched() {
        return 0;
    }
    state.borrow_mut::<Ports>().release_inbound(inbound.id());
    // Taken without `close`, which would tell the host to stop.
    drop(state.resource_table.take::<InboundResource>(rid));
    inbound.id()
}

/// Starts to send the stream behind a resource. Returns its outbound id.
#[op2(fast)]
#[smi]
pub fn op_outbound_start(state: Rc<RefCell<OpState>>, #[smi] rid: ResourceId) -> Result<u32, ResourceError> {
    let source = state.borrow_mut().resource_table.take_any(rid)?;
    Ok(outbound::start(&state, source))
}

/// Waits until an outbound stream has been sent whole, or given up.
#[op2]
pub async fn op_outbound_end(state: Rc<RefCell<OpState>>, #[smi] id: u32) {
    let ended = state.borrow_mut().borrow_mut::<Ports>().outbound_end(id);
    if let Some(ended) = ended {
        // Closed without a word it has ended as well.
        let _ended = ended.await;
    }
}

/// The body that `bodyForHost` of `js/body.js` describes.
pub(crate) fn body_from_js(
    scope: &mut v8::PinScope,
    kind: u8,
    value: v8::Local<v8::Value>,
    length: f64,
) -> Result<Body, JsErrorBox> {
    match kind {
        TEXT => Ok(Body::Full(Bytes::from(value.to_rust_string_lossy(scope)))),
        BYTES => {
            let view = v8::Local::<v8::ArrayBufferView>::try_from(value)
                .map_err(|_| JsErrorBox::type_error("the body is not a view of bytes"))?;
            let mut bytes = vec![0; view.byte_length()];
            view.copy_contents(&mut bytes);
            Ok(Body::Full(Bytes::from(bytes)))
        }
        STREAM => Ok(Body::Stream { id: id_of(scope, value), length: (length >= 0.0).then_some(length as u64) }),
        PASSTHROUGH => Ok(Body::Passthrough { inbound: id_of(scope, value) }),
        _ => Ok(Body::Empty),
    }
}

fn id_of(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> u32 {
    value.uint32_value(scope).unwrap_or(0)
}

/// Status text and headers of `headText` in `js/body.js`.
pub(crate) fn head_from_js(text: &[u8]) -> Result<(String, HeaderMap), JsErrorBox> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let status_text = latin1(lines.next().unwrap_or_default());
    let mut headers = HeaderMap::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        if headers.len() >= HEADERS_MAX {
            return Err(JsErrorBox::type_error(format!("there are more than {HEADERS_MAX} headers")));
        }
        let name = HeaderName::from_bytes(name)
            .map_err(|_| JsErrorBox::type_error(format!("\"{}\" is not a header name", latin1(name))))?;
        let value = HeaderValue::from_bytes(value)
            .map_err(|_| JsErrorBox::type_error(format!("the value of the header \"{name}\" cannot be sent")))?;
        headers.try_append(name, value).map_err(|_| JsErrorBox::type_error("there are more headers than can be sent"))?;
    }
    Ok((status_text, headers))
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Headers as the flat list that `headerListFromFlat` of `js/body.js` takes.
pub(crate) fn flat_headers<'s>(scope: &mut v8::PinScope<'s, '_>, headers: &HeaderMap) -> v8::Local<'s, v8::Array> {
    let mut flat = Vec::with_capacity(headers.len() * 2);
    for (name, value) in headers {
        let name = one_byte(scope, name.as_str().as_bytes(), v8::NewStringType::Internalized);
        let value = one_byte(scope, value.as_bytes(), v8::NewStringType::Normal);
        flat.push(name);
        flat.push(value);
    }
    v8::Array::new_with_elements(scope, &flat)
}

/// A string of one character per byte (a ByteString of Web IDL).
pub(crate) fn one_byte<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8], kind: v8::NewStringType) -> v8::Local<'s, v8::Value> {
    // Only a string beyond V8's limit of half a gigabyte fails; no header is that long.
    v8::String::new_from_one_byte(scope, bytes, kind).map_or_else(|| v8::String::empty(scope).into(), Into::into)
}
