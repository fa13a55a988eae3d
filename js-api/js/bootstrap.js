// The entry of the snapshot: loads every part of the platform API, defines the globals, and leaves one door for the host,
// `globalThis.__skerry`, which the runtime takes and removes before any code of a worker runs.

import { core, internals, primordials } from "ext:core/mod.js";
import { defineGlobals, defineRestoredGlobals } from "ext:skerry/globals.js";
import * as asyncHooks from "ext:skerry/async_hooks.js";
import * as body from "ext:skerry/body.js";
import * as context from "ext:skerry/context.js";
import * as fetching from "ext:skerry/fetch.js";
import * as http from "ext:skerry/http.js";
import * as reporting from "ext:skerry/reporting.js";
import * as sockets from "ext:skerry/websocket.js";
import * as timers from "ext:skerry/timers.js";
import { worker as warmUp } from "ext:skerry/warm_up.js";
import * as workers from "ext:skerry/workers.js";

defineGlobals();
reporting.install();

// What `dispatch.js` builds on. That script is loaded after the snapshot is restored, so that its ops are fast calls.
internals.skerry = { __proto__: null, body, context, fetching, http, reporting, sockets, timers, warmUp, workers };

/**
 * Finishes a restored isolate and hands the host its hooks. Everything that is loaded late is loaded here, before worker code:
 * a script loaded later would make `__bootstrap` appear on the global for a moment.
 */
function restore() {
  defineRestoredGlobals();
  return core.loadExtScript("ext:skerry/dispatch.js");
}

primordials.ObjectDefineProperty(globalThis, "__skerry", {
  __proto__: null,
  configurable: true,
  value: {
    __proto__: null,
    restore,
    /** Modules of the platform that workers import, by specifier: an object of exports each. */
    builtinModules: { __proto__: null, "cloudflare:workers": workers.moduleExports, "node:async_hooks": asyncHooks.moduleExports },
  },
});
