import { WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Far extends WorkerEntrypoint {
  length(bytes) {
    return bytes.byteLength;
  }
  make(length) {
    return new Uint8Array(length);
  }
}

const MIB = 1 << 20;

export default checks({
  "up to it": async (_, env) => {
    equal(await env.SELF.length(new Uint8Array(15 * MIB)), 15 * MIB);
    equal((await env.SELF.make(15 * MIB)).byteLength, 15 * MIB);
  },
  "beyond it": async (_, env) => {
    const error = await throws(() => env.SELF.length(new Uint8Array(33 * MIB)));
    assert(error.message.includes("limited to 32"), error.message);
    equal(await env.SELF.length(new Uint8Array(5)), 5);
  },
});
