//! The WebSockets that an object has accepted, as its isolate knows them. The node holds them: they outlive the object's stay here.

use std::collections::BTreeMap;

use bytes::Bytes;
use deno_core::OpState;
use deno_error::JsErrorBox;
use skerry_messages::{
    ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX, AUTO_RESPONSE_CHARS_MAX, AutoResponse, EventId, FromIsolate, HeldSocket,
    OBJECT_SOCKETS_MAX, ObjectSocketAction, SOCKET_TAG_CHARS_MAX, SOCKET_TAGS_MAX, SocketId, SocketMessage,
};

use super::{Object, Objects, gone};
use crate::ports::Ports;

#[derive(Default)]
pub(crate) struct Sockets {
    open: BTreeMap<u32, HeldSocket>,
    /// The highest number that one has had: the node may not have forgotten it yet.
    last: u32,
    attachment_bytes: usize,
    auto_response: Option<AutoResponse>,
}

impl Sockets {
    fn take(&mut self, socket: HeldSocket) {
        self.attachment_bytes += socket.attachment.len();
        self.last = self.last.max(socket.number);
        self.open.insert(socket.number, socket);
    }

    fn accept(&mut self, tags: Vec<String>) -> Result<u32, JsErrorBox> {
        if self.open.len() >= OBJECT_SOCKETS_MAX {
            return Err(JsErrorBox::generic(format!(
                "only {OBJECT_SOCKETS_MAX} websockets can be accepted on a single Durable Object"
            )));
        }
        let number =
            self.last.checked_add(1).ok_or_else(|| JsErrorBox::generic("the object has accepted too many WebSockets"))?;
        self.take(HeldSocket { number, tags, ..HeldSocket::default() });
        Ok(number)
    }

    fn attach(&mut self, number: u32, attachment: Bytes) -> Result<(), JsErrorBox> {
        let Some(socket) = self.open.get_mut(&number) else { return Err(over()) };
        let bytes = self.attachment_bytes - socket.attachment.len() + attachment.len();
        if bytes > ATTACHMENTS_BYTES_MAX {
            let limit = ATTACHMENTS_BYTES_MAX >> 20;
            return Err(JsErrorBox::range_error(format!(
                "what is attached to the object's WebSockets has more than {limit} MiB together"
            )));
        }
        self.attachment_bytes = bytes;
        socket.attachment = attachment;
        Ok(())
    }

    fn forget(&mut self, number: u32) {
        if let Some(socket) = self.open.remove(&number) {
            self.attachment_bytes -= socket.attachment.len();
        }
    }
}

impl Objects {
    /// WebSockets of an object that is about to live here.
    pub fn expect_sockets(&mut self, object: EventId, sockets: Vec<HeldSocket>, auto_response: Option<AutoResponse>) {
        let expected = self.expected.entry(object).or_default();
        sockets.into_iter().for_each(|socket| expected.take(socket));
        expected.auto_response = auto_response;
    }

    /// The node has answered on a WebSocket of the object by itself.
    pub fn auto_responded(&mut self, object: EventId, number: u32, at_ms: u64) {
        if let Some(socket) = self.open.get_mut(&object).and_then(|object| object.sockets.open.get_mut(&number)) {
            socket.answered_ms = Some(at_ms);
        }
    }
}

/// Says something of an object's WebSocket, if the object lives here.
fn say(state: &OpState, object: EventId, number: u32, action: ObjectSocketAction) {
    state.borrow::<Ports>().send(FromIsolate::ObjectSocket { object, number, action });
}

fn sockets(state: &mut OpState, object: EventId) -> Result<&mut Sockets, JsErrorBox> {
    let object: Option<&mut Object> = state.borrow_mut::<Objects>().open.get_mut(&object);
    object.map(|object| &mut object.sockets).ok_or_else(gone)
}

fn over() -> JsErrorBox {
    JsErrorBox::type_error("the WebSocket is closed")
}

/// The socket is the object's from now on. Gives its number.
pub(crate) fn accept(state: &mut OpState, object: EventId, socket: SocketId, tags: Vec<String>) -> Result<u32, JsErrorBox> {
    if tags.len() > SOCKET_TAGS_MAX {
        return Err(JsErrorBox::generic(format!("a Hibernatable WebSocket cannot have more than {SOCKET_TAGS_MAX} tags")));
    }
    if let Some(tag) = tags.iter().find(|tag| tag.chars().count() > SOCKET_TAG_CHARS_MAX) {
        let count = tag.chars().count();
        return Err(JsErrorBox::generic(format!(
            "a tag of {count} characters is longer than the max tag length ({SOCKET_TAG_CHARS_MAX} characters)"
        )));
    }
    let number = sockets(state, object)?.accept(tags.clone())?;
    say(state, object, number, ObjectSocketAction::Accept { socket, tags });
    Ok(number)
}

pub(crate) fn send(state: &mut OpState, object: EventId, number: u32, message: SocketMessage) -> Result<(), JsErrorBox> {
    let Some(socket) = sockets(state, object)?.open.get_mut(&number) else { return Ok(()) };
    socket.is_closing |= matches!(message, SocketMessage::Close { .. });
    say(state, object, number, ObjectSocketAction::Message(message));
    Ok(())
}

pub(crate) fn attach(state: &mut OpState, object: EventId, number: u32, attachment: Bytes) -> Result<(), JsErrorBox> {
    if attachment.len() > ATTACHMENT_BYTES_MAX {
        let count = attachment.len();
        return Err(JsErrorBox::range_error(format!(
            "serializeAttachment(): the value has {count} bytes when serialized, and may have {ATTACHMENT_BYTES_MAX}"
        )));
    }
    sockets(state, object)?.attach(number, attachment.clone())?;
    say(state, object, number, ObjectSocketAction::Attach(attachment));
    Ok(())
}

/// Nothing where there is none.
pub(crate) fn attachment(state: &mut OpState, object: EventId, number: u32) -> Result<Bytes, JsErrorBox> {
    Ok(sockets(state, object)?.open.get(&number).map(|socket| socket.attachment.clone()).unwrap_or_default())
}

/// The numbers of those that have this tag, or of all.
pub(crate) fn list(state: &mut OpState, object: EventId, tag: Option<&str>) -> Result<Vec<u32>, JsErrorBox> {
    let has_tag = |socket: &&HeldSocket| tag.is_none_or(|tag| socket.tags.iter().any(|of| of == tag));
    Ok(sockets(state, object)?.open.values().filter(has_tag).map(|socket| socket.number).collect())
}

pub(crate) fn tags(state: &mut OpState, object: EventId, number: u32) -> Result<Vec<String>, JsErrorBox> {
    sockets(state, object)?.open.get(&number).map(|socket| socket.tags.clone()).ok_or_else(over)
}

/// When the node has last answered on it by itself, in milliseconds of Unix time.
pub(crate) fn answered_ms(state: &mut OpState, object: EventId, number: u32) -> Result<Option<u64>, JsErrorBox> {
    Ok(sockets(state, object)?.open.get(&number).and_then(|socket| socket.answered_ms))
}

pub(crate) fn is_closing(state: &mut OpState, object: EventId, number: u32) -> Result<bool, JsErrorBox> {
    Ok(sockets(state, object)?.open.get(&number).is_none_or(|socket| socket.is_closing))
}

/// It is closed, and the object has heard of it.
pub(crate) fn forget(state: &mut OpState, object: EventId, number: u32) {
    if let Ok(sockets) = sockets(state, object) {
        sockets.forget(number);
    }
}

pub(crate) fn set_auto_response(state: &mut OpState, object: EventId, pair: Option<AutoResponse>) -> Result<(), JsErrorBox> {
    if let Some(AutoResponse { request, response }) = &pair {
        for (what, text) in [("Request", request), ("Response", response)] {
            if text.chars().count() > AUTO_RESPONSE_CHARS_MAX {
                return Err(JsErrorBox::range_error(format!("{what} cannot be larger than {AUTO_RESPONSE_CHARS_MAX} bytes.")));
            }
        }
    }
    sockets(state, object)?.auto_response = pair.clone();
    state.borrow::<Ports>().send(FromIsolate::AutoResponse { object, pair });
    Ok(())
}

pub(crate) fn auto_response(state: &mut OpState, object: EventId) -> Result<Option<AutoResponse>, JsErrorBox> {
    Ok(sockets(state, object)?.auto_response.clone())
}
