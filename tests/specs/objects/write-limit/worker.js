import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  born = crypto.randomUUID();
  async fill(count) {
    const value = "x".repeat(1 << 20);
    for (let i = 0; i < count; i++) this.ctx.storage.kv.put(`k${i}`, value);
    await this.ctx.storage.sync();
    return this.state();
  }
  async fillByTurns(count) {
    for (let i = 0; i < count; i++) await this.fill(8);
    return this.state();
  }
  state() {
    return [[...this.ctx.storage.kv.list()].length, this.born];
  }
}

export default checks({
  "what fits": async (_, env) => equal((await env.ROOMS.getByName("fits").fill(20))[0], 20),
  "beyond it": async (_, env) => {
    const [, born] = await env.ROOMS.getByName("beyond").fill(1);
    const error = await throws(() => env.ROOMS.getByName("beyond").fill(40));
    assert(/full/i.test(error.message), error.message);
    const [keys, after] = await env.ROOMS.getByName("beyond").state();
    equal([keys, after === born], [1, false]);
  },
  "more in several turns": async (_, env) => equal((await env.ROOMS.getByName("turns").fillByTurns(8))[0], 8),
});
