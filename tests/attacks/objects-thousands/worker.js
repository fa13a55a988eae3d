// Tens of thousands of ids and stubs, and a thousand objects that are there at once, each with something in its storage.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.put("lives", true);
  }
}

const kept = [];

async function call(_stub, method, { Hostile }) {
  if (method === "ids") {
    for (let i = 0; i < 5000; i++) {
      kept.push(Hostile.get(Hostile.newUniqueId()), Hostile.idFromName(`name ${i}`));
    }
    return kept.splice(0).length;
  }
  const made = [];
  for (let i = 0; i < 40; i++) {
    made.push(Hostile.get(Hostile.newUniqueId()).lives());
  }
  return (await Promise.all(made)).length;
}

export default objectAttack(call);
