use bytes::Bytes;
use deno_core::{OpState, op2};
use skerry_messages::{FromIsolate, SocketMessage};

use crate::ports::Ports;

/// A new id for a socket whose far end is the network.
#[op2(fast)]
#[smi]
pub fn op_socket_new(state: &mut OpState) -> u32 {
    let ports = state.borrow_mut::<Ports>();
    let id = ports.new_socket();
    ports.socket_opened(id);
    id
}

/// Worker code wants what comes on a socket that an answer has opened.
#[op2(fast)]
pub fn op_socket_listen(state: &mut OpState, #[smi] socket: u32) {
    state.borrow::<Ports>().send(FromIsolate::SocketListen { socket });
}

/// A socket that an answer has opened is put into another answer untouched: it is the host's from now on.
#[op2(fast)]
pub fn op_socket_pass(state: &mut OpState, #[smi] socket: u32) {
    state.borrow_mut::<Ports>().socket_passed(socket);
}

fn send(state: &OpState, socket: u32, message: SocketMessage) {
    state.borrow::<Ports>().send(FromIsolate::Socket { socket, message });
}

#[op2(fast)]
pub fn op_socket_send_text(state: &mut OpState, #[smi] socket: u32, #[string] text: String) {
    send(state, socket, SocketMessage::Text(text));
}

#[op2(fast)]
pub fn op_socket_send_binary(state: &mut OpState, #[smi] socket: u32, #[buffer(copy)] bytes: Bytes) {
    send(state, socket, SocketMessage::Binary(bytes));
}

#[op2(fast)]
pub fn op_socket_close(state: &mut OpState, #[smi] socket: u32, #[smi] code: u16, #[string] reason: String) {
    send(state, socket, SocketMessage::Close { code, reason });
}
