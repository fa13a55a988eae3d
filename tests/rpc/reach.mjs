// Sends names that no stub lets worker code send.

import v8 from "node:v8";

import { hooksFor, rpc } from "./pair.mjs";

/** The outcome of one CALL written by hand. */
export async function reach(target, path, args) {
  const bytes = [1, 1, args === undefined ? 0 : 1, 1, 0, path.length];
  for (const name of path) {
    bytes.push(name.length, ...Buffer.from(name));
  }
  if (args !== undefined) {
    bytes.push(1, ...v8.serialize(args));
  }
  const side = { idle: 0, logged: [] };
  const answer = await new Promise((resolve) => {
    const session = rpc.serveSession({ send: resolve, close() {} }, target, hooksFor(side));
    session.receive(Uint8Array.from(bytes));
  });
  const thrown = (answer[2] & 1) === 1;
  if (!thrown) {
    return answer;
  }
  // An error is the first special; its parts are the second value.
  const parts = v8.deserialize(answer.subarray(8))[1];
  throw new globalThis[parts[0]](parts[2]);
}
