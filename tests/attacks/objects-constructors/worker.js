// Constructors of objects that throw, compute or wait for ever, and that give something else than the object.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    switch (ctx.id.name) {
      case "throws":
        ctx.storage.kv.put("left", "behind");
        throw new Error("no");
      case "throws_proxy":
        throw new Proxy(new Error(), {
          get() {
            throw new Error("not even that");
          },
        });
      case "computes":
        for (;;);
      case "blocks":
        ctx.blockConcurrencyWhile(() => new Promise(() => {}));
        break;
      case "blocks_and_computes":
        ctx.blockConcurrencyWhile(async () => {
          for (;;) {
            await null;
          }
        });
        break;
      case "aborts":
        ctx.blockConcurrencyWhile(async () => ctx.abort("no"));
        break;
      case "returns":
        // biome-ignore lint: it is an attack
        return new Proxy(
          {},
          {
            get() {
              for (;;);
            },
          },
        );
    }
  }

  lives() {}

  ask() {
    return "served";
  }
}

function call(stub, method) {
  if (method === "later") {
    return Promise.race([stub.ask(), scheduler.wait(300).then(() => "nobody answers")]);
  }
  return stub.ask();
}

export default objectAttack(call);
