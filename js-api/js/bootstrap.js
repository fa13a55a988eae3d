// The entry of the snapshot: loads every part of the platform API, defines the globals, and leaves one door for the host,
// `globalThis.__skerry`, which the runtime takes and removes before any code of a worker runs.

import { core, primordials } from "ext:core/mod.js";
import { makeHooks } from "ext:skerry/dispatch.js";
import { defineGlobals, defineRestoredGlobals } from "ext:skerry/globals.js";
import { defineNodeGlobals, nodeModule } from "ext:skerry/node/loader.js";
import * as reporting from "ext:skerry/reporting.js";
import * as workers from "ext:skerry/workers.js";

defineGlobals();
defineNodeGlobals();
reporting.install();

primordials.ObjectDefineProperty(globalThis, "__skerry", {
  __proto__: null,
  configurable: true,
  value: {
    __proto__: null,
    /** For the build of the snapshot, which runs the platform's code once to have it compiled. */
    rehearse: () => makeHooks(core.ops),
    /** Finishes a restored isolate and hands the host its hooks. */
    restore() {
      defineRestoredGlobals();
      return makeHooks(core.ops);
    },
    /** Modules of the platform that workers import, by specifier: an object of exports each. */
    builtinModules: { __proto__: null, "cloudflare:workers": workers.moduleExports },
    /** Node's, by names without `node:`. */
    nodeModule,
  },
});
