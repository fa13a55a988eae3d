// Objects that are made only to abort, with writes and calls under way.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  lives() {}

  async abort() {
    this.ctx.storage.kv.put("bytes", new Uint8Array(100_000));
    this.ctx.waitUntil(this.env.Hostile.getByName("other").lives());
    setInterval(() => this.ctx.storage.kv.put("later", Math.random()), 1);
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("within", 1);
      this.ctx.abort("again");
    });
  }
}

async function call(stub, method, { Hostile }) {
  if (method === "abort") {
    return stub.abort();
  }
  const calls = [];
  for (let i = 0; i < 40; i++) {
    calls.push(Hostile.getByName(`${i % 4}`).abort());
  }
  return (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected").length;
}

export default objectAttack(call);
