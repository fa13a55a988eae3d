// What is at the other end of a WebSocket of worker code. Each end takes messages (`put`) and a close frame.

import { primordials } from "ext:core/mod.js";
import {
  op_attachment_read,
  op_attachment_write,
  op_object_socket_attach,
  op_object_socket_attachment,
  op_object_socket_close,
  op_object_socket_send_binary,
  op_object_socket_send_text,
  op_socket_close,
  op_socket_send_binary,
  op_socket_send_text,
} from "ext:core/ops";
import { refuseAttachment } from "ext:skerry/websocket_arguments.js";

const { TypedArrayPrototypeGetByteLength } = primordials;

/** The other socket of a pair. */
class PairEnd {
  socket;
  #deliver;

  constructor(socket, deliver) {
    this.socket = socket;
    this.#deliver = deliver;
  }

  put(data) {
    this.#deliver(this.socket, { data });
  }

  close(code, reason) {
    this.#deliver(this.socket, { close: { code, reason } });
  }
}

/** The other socket of the pair was accepted by an object: by this id the host knows the connection, which an answer has to open yet. */
class HeldEnd {
  held;

  constructor(held) {
    this.held = held;
  }

  put() {}

  close() {}
}

/** A connection that the host carries for this socket alone. */
class HostEnd {
  id;

  constructor(id) {
    this.id = id;
  }

  put(data) {
    if (typeof data === "string") {
      op_socket_send_text(this.id, data);
    } else {
      op_socket_send_binary(this.id, data);
    }
  }

  close(code, reason) {
    op_socket_close(this.id, code, reason);
  }
}

/** A connection that a Durable Object has accepted. The host keeps it, with what is attached, while the object sleeps. */
class ObjectEnd {
  object;
  number;

  constructor(object, number) {
    this.object = object;
    this.number = number;
  }

  put(data) {
    if (typeof data === "string") {
      op_object_socket_send_text(this.object, this.number, data);
    } else {
      op_object_socket_send_binary(this.object, this.number, data);
    }
  }

  close(code, reason) {
    op_object_socket_close(this.object, this.number, code, reason);
  }

  attach(bytes) {
    op_object_socket_attach(this.object, this.number, bytes);
  }

  attachment() {
    return op_object_socket_attachment(this.object, this.number);
  }
}

/** A value as it is attached to a socket. */
function attachmentOf(value) {
  return op_attachment_write(value, refuseAttachment);
}

function readAttachment(bytes) {
  return bytes === undefined || TypedArrayPrototypeGetByteLength(bytes) === 0 ? null : op_attachment_read(bytes);
}

export { attachmentOf, HeldEnd, HostEnd, ObjectEnd, PairEnd, readAttachment };
