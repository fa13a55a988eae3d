// A text that many edit at the same time. Editors send splices made to the revision that they have seen; the object brings
// each behind what others did meanwhile, keeps it in SQL, and sends it to all of them. Try: http://127.0.0.1:8787/#minutes
// in two windows

import { DurableObject } from "cloudflare:workers";
import page from "./editor.html";
import { type Splice, apply, transform } from "./splice";

interface Env {
  DOCUMENTS: DurableObjectNamespace<TextDocument>;
}

/** A splice as an editor sends it. By its id it is known when it is sent again, behind a connection that was lost. */
interface Edit extends Splice {
  id: string;
  /** That the editor has seen. */
  revision: number;
}

/** As it is kept, and sent to all. Its revision is the one that it made. */
type Operation = { revision: number; id: string; author: string; position: number; removed: number; inserted: string };

type ToEditor =
  | { type: "document"; revision: number; text: string; editors: string[] }
  | { type: "editors"; editors: string[] }
  | ({ type: "operation" } & Operation)
  | { type: "refused"; id?: string; error: string };

/** Whoever is further behind has to load the text again. */
const OPERATIONS_KEPT = 1000;
const TEXT_MAX = 500_000;

export class TextDocument extends DurableObject<Env> {
  #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS document (revision INTEGER NOT NULL, text TEXT NOT NULL);
      INSERT INTO document SELECT 0, '' WHERE NOT EXISTS (SELECT * FROM document);
      CREATE TABLE IF NOT EXISTS operations (
        revision INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, author TEXT NOT NULL,
        position INTEGER NOT NULL, removed INTEGER NOT NULL, inserted TEXT NOT NULL
      );
    `);
  }

  read(): { revision: number; text: string } {
    return this.#sql.exec<{ revision: number; text: string }>("SELECT revision, text FROM document").one();
  }

  operationsAfter(revision: number): Operation[] {
    return this.#sql.exec<Operation>("SELECT * FROM operations WHERE revision > ? ORDER BY revision", revision).toArray();
  }

  /** Makes an edit part of the document, once, and says what became of it, or what is wrong with it. */
  edit(edit: Edit, author: string): Operation | string {
    const done = this.#done(edit.id);
    if (done !== undefined) {
      return done;
    }
    const { revision, text } = this.read();
    const missed = this.operationsAfter(edit.revision);
    if (edit.revision > revision || missed.length !== revision - edit.revision) {
      return `there is no way from revision ${edit.revision} to ${revision}: load the document again`;
    }
    // What is here already comes first.
    const splice = missed.reduce((splice, operation) => transform(splice, operation, false), edit as Splice);
    const { position, removed, inserted } = splice;
    if (position + removed > text.length || text.length - removed + inserted.length > TEXT_MAX) {
      return `the edit does not fit a text of ${text.length} characters`;
    }
    const operation = { revision: revision + 1, id: edit.id, author, position, removed, inserted };
    // These are one transaction: nothing is waited for in between.
    this.#sql.exec("UPDATE document SET revision = ?, text = ?", operation.revision, apply(text, splice));
    this.#sql.exec(
      "INSERT INTO operations (revision, id, author, position, removed, inserted) VALUES (?, ?, ?, ?, ?, ?)",
      ...[operation.revision, edit.id, author, position, removed, inserted],
    );
    this.#sql.exec("DELETE FROM operations WHERE revision <= ?", operation.revision - OPERATIONS_KEPT);
    this.#broadcast({ type: "operation", ...operation });
    return operation;
  }

  /** Connects an editor. */
  async fetch(request: Request): Promise<Response> {
    const author = new URL(request.url).searchParams.get("author")!;
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ author });
    send(server, { type: "document", ...this.read(), editors: this.editors() });
    this.#broadcast({ type: "editors", editors: this.editors() }, server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const edit = parse(message);
    if (edit === null) {
      return send(socket, { type: "refused", error: "an edit has id, revision, position, removed and inserted" });
    }
    const done = this.#done(edit.id);
    if (done !== undefined) {
      // All have it, but its editor may have lost the connection before.
      return send(socket, { type: "operation", ...done });
    }
    const { author } = socket.deserializeAttachment() as { author: string };
    const result = this.edit(edit, author);
    if (typeof result === "string") {
      send(socket, { type: "refused", id: edit.id, error: result });
    }
  }

  webSocketClose(socket: WebSocket, code: number, reason: string): void {
    if (code !== 1006) {
      // The other side has closed, and waits for this one. 1005 says that it gave no code, 1006 that the connection broke.
      socket.close(code === 1005 ? 1000 : code, reason);
    }
    this.#broadcast({ type: "editors", editors: this.editors(socket) }, socket);
  }

  webSocketError(socket: WebSocket): void {
    this.#broadcast({ type: "editors", editors: this.editors(socket) }, socket);
  }

  editors(except?: WebSocket): string[] {
    const sockets = this.ctx.getWebSockets().filter((socket) => socket !== except && isOpen(socket));
    return [...new Set(sockets.map((socket) => (socket.deserializeAttachment() as { author: string }).author))].sort();
  }

  #done(id: string): Operation | undefined {
    return this.#sql.exec<Operation>("SELECT * FROM operations WHERE id = ?", id).toArray()[0];
  }

  #broadcast(message: ToEditor, except?: WebSocket): void {
    for (const socket of this.ctx.getWebSockets()) {
      if (socket !== except && isOpen(socket)) {
        send(socket, message);
      }
    }
  }
}

function send(socket: WebSocket, message: ToEditor): void {
  socket.send(JSON.stringify(message));
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.READY_STATE_OPEN;
}

function parse(message: string | ArrayBuffer): Edit | null {
  let edit: Edit | null;
  try {
    edit = JSON.parse(message as string);
  } catch {
    return null;
  }
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const areCounts = isCount(edit?.revision) && isCount(edit?.position) && isCount(edit?.removed);
  return areCounts && typeof edit?.inserted === "string" && /^[\w-]{1,64}$/.test(edit.id) ? edit : null;
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/") {
      return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    }
    const [, name, end = ""] = /^\/documents\/([^/]{1,64})(\/operations|\/socket)?$/.exec(url.pathname) ?? [];
    const author = url.searchParams.get("author")?.slice(0, 30) || "somebody";
    if (name === undefined) {
      return Response.json({ error: "use /documents/NAME, and /operations or /socket behind it" }, { status: 404 });
    }
    const stub = env.DOCUMENTS.getByName(name);
    switch (`${request.method} ${end}`) {
      case "GET ":
        return Response.json(await stub.read());
      case "GET /operations":
        return Response.json(await stub.operationsAfter(Number(url.searchParams.get("after")) || 0));
      case "POST /operations": {
        const edit = parse(await request.text());
        if (edit === null) {
          return Response.json({ error: "an edit has id, revision, position, removed and inserted" }, { status: 400 });
        }
        const result = await stub.edit(edit, author);
        return typeof result === "string" ? Response.json({ error: result }, { status: 409 }) : Response.json(result);
      }
      case "GET /socket":
        if (request.headers.get("Upgrade")?.toLowerCase() === "websocket") {
          url.searchParams.set("author", author);
          return stub.fetch(new Request(url, request));
        }
        return new Response("Connect with a WebSocket\n", { status: 426, headers: { Upgrade: "websocket" } });
      default:
        return Response.json({ error: "use GET, or POST for operations" }, { status: 405 });
    }
  },
} satisfies ExportedHandler<Env>;
