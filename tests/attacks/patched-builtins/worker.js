// Patches everything that JavaScript has. The neighbour must notice nothing.

import { attack } from "../attack.js";

const patch = () => {
  throw new Error("patched");
};
function patchAll(target) {
  for (const name of Reflect.ownKeys(target)) {
    try {
      if (typeof target[name] === "function" && name !== "constructor") target[name] = patch;
    } catch {}
  }
}

export default attack(() => {
  const answer = new Response("patched");
  for (const target of [Object.prototype, Response, globalThis]) target.touched = "touched";
  const all = Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]);
  for (let i = 0; i < all.length; i++) {
    if (typeof all[i] !== "function") continue;
    const { prototype } = all[i];
    patchAll(all[i]);
    if (prototype) patchAll(prototype);
  }
  return answer;
});
