import module, { env, nextTick } from "node:process";
import bare from "process";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "the global": () => {
    assert(module === process && bare === process && env === process.env && global === globalThis && nextTick === process.nextTick);
    const { enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, "process");
    equal([enumerable, configurable, Object.prototype.toString.call(process)], [false, true, "[object process]"]);
  },
  "env": () => {
    equal([process.env.NAME, process.env.NONE, "NAME" in process.env], ["value", undefined, true]);
    process.env.COUNT = 5;
    equal([process.env.COUNT, delete process.env.COUNT, process.env.COUNT], ["5", true, undefined]);
  },
  "nextTick": async () => {
    const order = [];
    await new Promise((resolve) => {
      process.nextTick((value) => { order.push(value); resolve(); }, "tick");
      order.push("now");
    });
    equal(order, ["now", "tick"]);
    equal((await throws(() => process.nextTick("x"), "TypeError")).code, "ERR_INVALID_ARG_TYPE");
  },
  "events": () => {
    let got;
    equal(process.listenerCount("x"), 0);
    process.on("x", (value) => got = value);
    process.emit("x", 1);
    process.removeAllListeners("x");
    equal(got, 1);
  },
  "facts": () => {
    equal([process.platform, process.arch, process.cwd(), process.pid, process.argv.length], ["linux", "x64", "/bundle", 1, 2]);
    assert(/^v\d+\.\d+\.\d+$/.test(process.version) && process.versions.node === process.version.slice(1));
    equal([Array.isArray(process.hrtime()), typeof process.hrtime.bigint(), process.memoryUsage().rss], [true, "bigint", 0]);
    equal([process.getBuiltinModule("node:path").join("a", "b"), process.getBuiltinModule("nothing")], ["a/b", undefined]);
  },
  "output": async () => {
    process.stdout.write("to the ");
    process.stdout.write("log\n");
    process.stderr.write("without an end");
    process.emitWarning("careful", { code: "DEP1" });
    await new Promise((resolve) => setTimeout(resolve, 1));
  },
  "what there is not": async () => {
    for (const name of ["kill", "abort", "dlopen", "setuid"]) {
      const error = await throws(() => process[name]());
      equal(error.code, "ERR_METHOD_NOT_IMPLEMENTED");
      assert(error.message.includes(`process.${name}()`), error.message);
    }
    assert((await throws(() => process.exit(1))).message.includes("process.exit(1)"));
  },
});
