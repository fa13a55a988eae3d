// Helps a spec to check things from inside of a Durable Object: `export class Room extends inside({ "what holds": async (ctx, env) => { ... } }) {}`
// and `export default runInside("ROOMS")`. Each check has an object of its own.

import { DurableObject } from "cloudflare:workers";

export function inside(all) {
  return class extends DurableObject {
    names() {
      return Object.keys(all);
    }
    async check(name) {
      try {
        await all[name].call(this, this.ctx, this.env);
        return "";
      } catch (error) {
        return `${name}: ${error?.stack ?? error}`;
      }
    }
  };
}

export function runInside(binding) {
  return {
    async fetch(_request, env) {
      const names = await env[binding].getByName("names").names();
      const failed = await Promise.all(
        names.map((name) => env[binding].getByName(name).check(name).catch((error) => `${name}: ${error?.stack ?? error}`)),
      );
      const text = failed.filter(Boolean).join("\n");
      return text === "" ? new Response("ok") : new Response(text, { status: 500 });
    },
  };
}
