// process.nextTick. As in Workers it is a microtask: what was queued before by promises comes first.
"use strict";
return (function () {
  const { platform: { queueMicrotask, validators }, primordials: { ReflectApply } } = __bootstrap;

  function nextTick(callback, ...args) {
    if (typeof callback !== "function") {
      validators().validateFunction(callback, "callback");
    }
    queueMicrotask(() => {
      ReflectApply(callback, undefined, args);
    });
  }

  return { nextTick };
})();
