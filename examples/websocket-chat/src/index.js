// WebSockets: an echo at /echo, a chat room at /chat?name=..., and a page to try the room at /.
// The room is state of this module: everyone who reaches this isolate is in it. Cloudflare does not let a request write to the
// socket of another, and there are many isolates: there, a room is a Durable Object (examples/chat).

import page from "./page.html";

/** socket -> the name of who is there */
const room = new Map();

export default {
  fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/":
        return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
      case "/echo":
        return upgrade(request, echo);
      case "/chat":
        return upgrade(request, (socket) => join(socket, url.searchParams.get("name")?.trim().slice(0, 30) || "somebody"));
      default:
        return new Response("Not found\n", { status: 404 });
    }
  },
};

function upgrade(request, serve) {
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    return new Response("Connect with a WebSocket\n", { status: 426, headers: { Upgrade: "websocket" } });
  }
  const [client, server] = Object.values(new WebSocketPair());
  server.binaryType = "arraybuffer";
  server.accept();
  serve(server);
  return new Response(null, { status: 101, webSocket: client });
}

function echo(socket) {
  socket.addEventListener("message", (event) => socket.send(event.data));
}

function join(socket, name) {
  room.set(socket, name);
  broadcast({ type: "joined", name, here: [...room.values()] });
  socket.addEventListener("message", (event) => {
    if (typeof event.data === "string" && event.data.length <= 1000) {
      broadcast({ type: "said", name, text: event.data });
    } else {
      socket.send(JSON.stringify({ type: "error", text: "Messages are text of up to 1000 characters" }));
    }
  });
  const leave = () => {
    if (room.delete(socket)) {
      broadcast({ type: "left", name, here: [...room.values()] });
    }
  };
  socket.addEventListener("close", leave);
  socket.addEventListener("error", leave);
}

function broadcast(message) {
  const text = JSON.stringify(message);
  for (const socket of room.keys()) {
    try {
      socket.send(text);
    } catch {
      room.delete(socket); // It is closing: its close event comes next.
    }
  }
}
