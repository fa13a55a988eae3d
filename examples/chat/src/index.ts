// A chat: each room is an object that knows who is there and what was said. Its WebSockets hibernate: while nobody says
// anything the object is not in memory, and the sockets stay open. Try: http://127.0.0.1:8787/#harbour in two windows

import { DurableObject } from "cloudflare:workers";
import page from "./room.html";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

/** What is known of a socket. It stays with the socket while the object is not in memory. */
interface Member {
  name: string;
  joined: number;
}

type Said = { id: number; name: string; text: string; sent: number };

type ToClient =
  | { type: "welcome"; here: string[]; history: Said[] }
  | { type: "joined" | "left"; name: string; here: string[] }
  | ({ type: "said" } & Said)
  | { type: "whispered"; name: string; to: string; text: string }
  | { type: "error"; text: string };

const HISTORY_MAX = 100;
const TEXT_MAX = 1000;

export class Room extends DurableObject<Env> {
  #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, sent INTEGER NOT NULL)",
    );
    // Clients ask from time to time whether the connection is alive. That does not bring the object into memory.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Lets somebody in. */
  async fetch(request: Request): Promise<Response> {
    const name = new URL(request.url).searchParams.get("name")!;
    const [client, server] = Object.values(new WebSocketPair());
    const isNew = this.ctx.getWebSockets(name).every((socket) => !isOpen(socket));
    // The tag finds the sockets of a name without a look at all others.
    this.ctx.acceptWebSocket(server, [name]);
    server.serializeAttachment({ name, joined: Date.now() } satisfies Member);
    send(server, { type: "welcome", here: this.here(), history: this.history() });
    if (isNew) {
      this.#broadcast({ type: "joined", name, here: this.here() }, server);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const { name } = member(socket);
    const { text, to } = parse(message);
    if (typeof text !== "string" || text.trim() === "" || text.length > TEXT_MAX) {
      return send(socket, { type: "error", text: `Send {"text": "..."} with up to ${TEXT_MAX} characters` });
    }
    if (typeof to === "string") {
      return this.#whisper(socket, { type: "whispered", name, to, text });
    }
    const query = "INSERT INTO messages (name, text, sent) VALUES (?, ?, ?) RETURNING *";
    const said = this.#sql.exec<Said>(query, name, text, Date.now()).one();
    this.#sql.exec("DELETE FROM messages WHERE id <= ?", said.id - HISTORY_MAX);
    // Nobody gets it before it is on the disk.
    this.#broadcast({ type: "said", ...said });
  }

  webSocketClose(socket: WebSocket, code: number, reason: string): void {
    if (code !== 1006) {
      // The other side has closed, and waits for this one. 1005 says that it gave no code, 1006 that the connection broke.
      socket.close(code === 1005 ? 1000 : code, reason);
    }
    this.#leave(socket);
  }

  webSocketError(socket: WebSocket): void {
    this.#leave(socket);
  }

  /** The names of who is there, the longest first. */
  here(): string[] {
    const members = this.ctx.getWebSockets().filter(isOpen).map(member);
    return [...new Set(members.sort((a, b) => a.joined - b.joined).map(({ name }) => name))];
  }

  history(): Said[] {
    return this.#sql.exec<Said>("SELECT * FROM messages ORDER BY id").toArray();
  }

  #whisper(from: WebSocket, message: ToClient & { type: "whispered" }): void {
    const sockets = this.ctx.getWebSockets(message.to).filter(isOpen);
    if (sockets.length === 0) {
      return send(from, { type: "error", text: `${message.to} is not here` });
    }
    new Set([...sockets, from]).forEach((socket) => send(socket, message));
  }

  /** Somebody with two windows has left when both are closed. */
  #leave(socket: WebSocket): void {
    const { name } = member(socket);
    const others = this.ctx.getWebSockets(name).filter((other) => other !== socket && isOpen(other));
    if (others.length === 0) {
      this.#broadcast({ type: "left", name, here: this.here().filter((other) => other !== name) }, socket);
    }
  }

  #broadcast(message: ToClient, except?: WebSocket): void {
    for (const socket of this.ctx.getWebSockets()) {
      if (socket !== except && isOpen(socket)) {
        send(socket, message);
      }
    }
  }
}

function send(socket: WebSocket, message: ToClient): void {
  socket.send(JSON.stringify(message));
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.READY_STATE_OPEN;
}

function member(socket: WebSocket): Member {
  return socket.deserializeAttachment() as Member;
}

function parse(message: string | ArrayBuffer): { text?: unknown; to?: unknown } {
  try {
    return JSON.parse(message as string) ?? {};
  } catch {
    return {};
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/") {
      return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    }
    const [, room, end] = /^\/rooms\/([^/]{1,64})(\/socket)?$/.exec(url.pathname) ?? [];
    if (room === undefined) {
      return new Response("Use /, /rooms/ROOM or /rooms/ROOM/socket?name=NAME\n", { status: 404 });
    }
    const stub = env.ROOMS.getByName(room);
    if (end === undefined) {
      return Response.json({ here: await stub.here(), history: await stub.history() });
    }
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("Connect with a WebSocket\n", { status: 426, headers: { Upgrade: "websocket" } });
    }
    const name = url.searchParams.get("name")?.trim() ?? "";
    if (name === "" || name.length > 30) {
      return new Response("Say who you are: ?name= with up to 30 characters\n", { status: 400 });
    }
    url.searchParams.set("name", name);
    return stub.fetch(new Request(url, request));
  },
} satisfies ExportedHandler<Env>;
