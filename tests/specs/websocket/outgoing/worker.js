import { checks, equal } from "../../check.js";
import { echo } from "./echo.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

async function talk(url) {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  equal([socket.readyState, socket.url], [WebSocket.CONNECTING, url.replace(/^http/, "ws")]);
  const opened = await once(socket, "open");
  equal([opened.type, opened.isTrusted, socket.readyState], ["open", true, WebSocket.OPEN]);
  const text = once(socket, "message");
  socket.send("ahoy ☂");
  const message = await text;
  equal(message.data, "echo: ahoy ☂");
  const bytes = once(socket, "message");
  socket.send(new Uint8Array([1, 2, 255]));
  equal([...new Uint8Array((await bytes).data)], [1, 2, 255]);
  const closed = once(socket, "close");
  socket.close(4002, "tired");
  const event = await closed;
  equal([event.code, event.reason, event.wasClean, socket.readyState], [4002, "tired", true, WebSocket.CLOSED]);
}

const inside = checks({
  "ws": (request) => talk(new URL("/echo", request.url).href.replace(/^http/, "ws")),
  "http": (request) => talk(new URL("/echo", request.url).href),
});

export default {
  fetch: (request, env, ctx) => request.url.endsWith("/echo") ? echo() : inside.fetch(request, env, ctx),
};
