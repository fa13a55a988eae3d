// Which names are those of modules.
"use strict";
return (function () {
  const { platform: { nodeModules }, primordials } = __bootstrap;
  const { ArrayPrototypeIncludes, StringPrototypeSlice, StringPrototypeStartsWith } = primordials;

  function nameOf(specifier) {
    return StringPrototypeStartsWith(specifier, "node:") ? StringPrototypeSlice(specifier, 5) : specifier;
  }

  function isBuiltin(specifier) {
    return typeof specifier === "string" && ArrayPrototypeIncludes(nodeModules(), nameOf(specifier));
  }

  return { isBuiltin, nameOf };
})();
