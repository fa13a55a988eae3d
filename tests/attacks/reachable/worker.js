// Looks for what could be global to the process: locks, channels, blob URLs, the engine's namespaces.

import { attack } from "../attack.js";

export default attack(() => {
  const { BroadcastChannel, Deno, SharedArrayBuffer, __bootstrap } = globalThis;
  const found = [BroadcastChannel, Deno, SharedArrayBuffer, __bootstrap, navigator.locks, URL.createObjectURL];
  return Response.json(found.map((thing) => typeof thing === "undefined"));
});
