// Calls the platform from where the stack is almost used up.

import { attempt } from "../attack.js";

const calls = [
  () => new URL("http://a/b"),
  () => new Headers({ a: "b" }).get("a"),
  () => new Response("x").clone(),
  () => structuredClone({ a: [1] }),
  () => new TextEncoder().encode("x"),
  () => crypto.randomUUID(),
  () => console.error("x"),
  () => new Blob(["x"]),
  () => setTimeout(() => {}, 0),
  () => new ReadableStream({}).tee(),
  () => new URLPattern({ pathname: "/:a" }).exec("http://a/b"),
  () => new WebSocketPair(),
  () => fetch("http://127.0.0.1:9/").catch(() => {}),
  () => crypto.subtle.digest("SHA-256", new Uint8Array(1)).catch(() => {}),
];
function down(call) {
  try {
    down(call);
  } catch {
    try {
      call();
    } catch {}
  }
}

export default attempt(() => {
  for (const call of calls) down(call);
});
