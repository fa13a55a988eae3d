// node:async_hooks. Context is followed; the life of asynchronous resources is not, as in Workers: hooks may be made and are not called.
"use strict";
return (function () {
  const { AsyncLocalStorage, AsyncResource, validators } = __bootstrap.platform;

  const resource = {};

  function createHook(callbacks) {
    validators().validateObject(callbacks, "callbacks");
    const hook = {
      enable: () => hook,
      disable: () => hook,
    };
    return hook;
  }

  return {
    AsyncLocalStorage,
    AsyncResource,
    asyncWrapProviders: { __proto__: null },
    createHook,
    executionAsyncId: () => 0,
    executionAsyncResource: () => resource,
    triggerAsyncId: () => 0,
  };
})();
