// node:constants (deprecated): what os, fs and crypto have, in one object.
"use strict";
return (function () {
  const { core, primordials: { ObjectAssign } } = __bootstrap;
  const { crypto, fs, os } = core.loadExtScript("ext:deno_node/internal_binding/constants.ts");
  return ObjectAssign({}, os.dlopen, os.errno, os.priority, os.signals, fs, crypto);
})();
