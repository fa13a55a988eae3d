import { AsyncLocalStorage, createHook, executionAsyncId } from "node:async_hooks";
import con, { Console } from "node:console";
import constants from "node:constants";
import { channel, hasSubscribers, subscribe, tracingChannel } from "node:diagnostics_channel";
import { builtinModules, createRequire, isBuiltin } from "node:module";
import os from "node:os";
import { performance as timing } from "node:perf_hooks";
import { decode, encode, toASCII, toUnicode } from "node:punycode";
import { Writable } from "node:stream";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "async_hooks": () => {
    equal([createHook({ init() {} }).enable().disable() !== undefined, executionAsyncId()], [true, 0]);
    equal(new AsyncLocalStorage().run(5, () => 6), 6);
  },
  "console": () => {
    assert(con.log === console.log);
    let text = "";
    const mine = new Console(new Writable({ write(chunk, _encoding, callback) { text += chunk; callback(); } }));
    mine.log("a %s", "b");
    mine.table([{ x: 1 }]);
    assert(text.startsWith("a b\n") && text.includes("x"), text);
  },
  "constants": () => equal([constants.ENOENT, constants.SIGTERM, constants.O_RDONLY, os.constants.signals.SIGKILL], [2, 15, 0, 9]),
  "diagnostics_channel": () => {
    const seen = [];
    subscribe("mine", (message, name) => seen.push([message, name]));
    channel("mine").publish({ a: 1 });
    equal([seen, hasSubscribers("mine"), hasSubscribers("other")], [[[{ a: 1 }, "mine"]], true, false]);
    const traced = tracingChannel("work");
    traced.start.subscribe(() => seen.push("start"));
    equal([traced.traceSync(() => 5), seen[1]], [5, "start"]);
  },
  "module": async () => {
    equal([isBuiltin("fs-extra"), isBuiltin("node:path"), isBuiltin("path"), builtinModules.includes("events")], [false, true, true, true]);
    const require = createRequire(import.meta.url);
    equal(require("node:path").join("a", "b"), "a/b");
    equal((await throws(() => require("./none"))).code, "MODULE_NOT_FOUND");
  },
  "os": async () => equal([os.EOL, os.platform(), os.tmpdir(), os.cpus(), os.hostname(), (await throws(() => os.getPriority("x"), "TypeError")).code], ["\n", "linux", "/tmp", [], "localhost", "ERR_INVALID_ARG_TYPE"]),
  "perf_hooks": () => assert(timing === performance),
  "punycode": async () => {
    equal([decode("maana-pta"), encode("ma\u00f1ana"), toASCII("ma\u00f1ana.com"), toUnicode("xn--maana-pta.com")], ["ma\u00f1ana", "maana-pta", "xn--maana-pta.com", "ma\u00f1ana.com"]);
    await throws(() => decode("\u0001!"), "RangeError");
    await throws(() => toASCII("\u00e4".repeat(5000)), "RangeError");
  },
});
