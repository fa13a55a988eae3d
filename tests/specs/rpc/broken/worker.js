import { DurableObject, RpcTarget } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

class Session extends RpcTarget {
  #ctx;
  constructor(ctx) {
    super();
    this.#ctx = ctx;
  }
  ping() {
    return "pong";
  }
  hang() {
    return new Promise(() => {});
  }
  abort() {
    this.#ctx.abort("aborted by its session");
  }
  async fail() {
    await this.#ctx.blockConcurrencyWhile(() => {
      throw new RangeError("a broken section");
    });
  }
}

export class Room extends DurableObject {
  session() {
    return new Session(this.ctx);
  }
}

const broken = (stub) => new Promise((resolve) => stub.onRpcBroken(resolve));

export default checks({
  "of a stub": async (_, env) => {
    for (const how of ["abort", "fail"]) {
      const session = await env.ROOMS.getByName(how).session();
      const heard = broken(session);
      equal(await session.ping(), "pong");
      await throws(() => session[how]());
      const error = await heard;
      assert(error instanceof Error, `${error}`);
    }
  },
  "of one that is broken already": async (_, env) => {
    const session = await env.ROOMS.getByName("already").session();
    await throws(() => session.abort());
    assert((await broken(session)) instanceof Error);
  },
  "calls under way fail with it": async (_, env) => {
    const session = await env.ROOMS.getByName("under way").session();
    const hangs = session.hang();
    const failed = throws(() => hangs);
    const later = (async () => await throws(() => session.abort()))();
    const [one, two] = await Promise.all([failed, later]);
    equal([one.message, two.message].map((message) => message.includes("aborted by its session")), [true, true]);
    await throws(() => session.ping());
    equal(await (await env.ROOMS.getByName("under way").session()).ping(), "pong");
  },
  "it wants a function": async (_, env) => {
    using session = await env.ROOMS.getByName("function").session();
    await throws(() => session.onRpcBroken(), "TypeError");
  },
});
