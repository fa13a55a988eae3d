// Two sessions joined by a queue that delivers later, as the platform's channel does; values go through V8's structured clone.

import { register } from "node:module";
import v8 from "node:v8";

register("./loader.mjs", import.meta.url);
export const rpc = await import("ext:skerry/rpc/mod.js");

export class Entrypoint {}
rpc.addTargetBase(Entrypoint);

export function hooksFor(side) {
  return {
    serialize: (value) => {
      try {
        return new Uint8Array(v8.serialize(value));
      } catch (error) {
        throw new DOMException(error.message, "DataCloneError");
      }
    },
    deserialize: (bytes) => v8.deserialize(bytes),
    runIn: (fn) => fn(),
    onIdle: () => {
      side.idle++;
      side.onIdle?.();
    },
    isTarget: (value) => value instanceof rpc.RpcTarget || value instanceof Entrypoint,
    log: (error) => side.logged.push(error),
    httpToParts(value) {
      if (value instanceof Headers) {
        return { kind: "Headers", parts: [...value] };
      }
      if (value instanceof Response) {
        return { kind: "Response", parts: { status: value.status, headers: [...value.headers] }, body: value.body };
      }
      if (value instanceof Request) {
        return { kind: "Request", parts: { url: value.url, method: value.method, headers: [...value.headers] }, body: value.body };
      }
    },
    httpFromParts(kind, parts, body) {
      if (kind === "Headers") {
        return new Headers(parts);
      }
      return kind === "Response" ? new Response(body, parts) : new Request(parts.url, { ...parts, body, duplex: "half" });
    },
  };
}

rpc.setLocalHooks(() => hooksFor({ idle: 0, logged: [] }));

const newSide = () => ({ idle: 0, logged: [], sent: 0, bytes: 0, closed: false });

/** `change(message, fromCaller)` may return another message, several, or none. */
export function join(target, change = (message) => [message]) {
  const caller = newSide();
  const callee = newSide();
  let open = true;
  const channel = (from, to, fromCaller) => ({
    send(bytes) {
      if (!(bytes instanceof Uint8Array)) {
        throw new TypeError("not bytes");
      }
      from.sent++;
      from.bytes += bytes.length;
      for (const message of change(bytes, fromCaller)) {
        const copy = Uint8Array.from(message);
        setImmediate(() => open && to.session.receive(copy));
      }
    },
    close() {
      from.closed = true;
      open = false;
      setImmediate(() => to.session.broken(new Error("The channel was closed")));
    },
  });
  caller.session = rpc.openSession(channel(caller, callee, true), hooksFor(caller));
  callee.session = rpc.serveSession(channel(callee, caller, false), target, hooksFor(callee));
  return { caller, callee, stub: caller.session.stub };
}

/** A binding to `target`; `last` holds the sides of the session opened last. */
export function bind(target, own = {}) {
  const sessions = [];
  const binding = rpc.makeRootProxy(() => {
    const pair = join(target);
    sessions.push(pair);
    return pair.caller.session;
  }, own);
  return { binding, sessions };
}

export const later = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(check) {
  for (let i = 0; i < 200 && !check(); i++) {
    await later();
  }
  if (!check()) {
    throw new Error(`never became true: ${check}`);
  }
}
