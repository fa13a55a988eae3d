import { assert, checks, throws } from "../../check.js";

export class Plain {
  method() {}
}

export default checks({
  "no class": async (_, env) => {
    const error = await throws(() => env.SELF.method());
    assert(error.message.includes("WorkerEntrypoint"), error.message);
  },
  "no worker": async (_, env) => {
    const error = await throws(() => env.GONE.method());
    assert(error.message.includes('"gone"') && error.message.includes("GONE"), error.message);
  },
});
