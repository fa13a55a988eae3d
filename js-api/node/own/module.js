// node:module
"use strict";
return (function () {
  const { platform, primordials } = __bootstrap;
  const { ArrayPrototypeSlice, Error, StringPrototypeStartsWith } = primordials;
  const { isBuiltin, nameOf } = platform.load("module_names");
  const modules = platform.load("modules");

  const builtinModules = ArrayPrototypeSlice(platform.nodeModules());

  /** Of modules of the platform alone: those of the worker are loaded when it starts. */
  function createRequire(filename) {
    const isPath = typeof filename === "string" && (filename[0] === "/" || StringPrototypeStartsWith(filename, "file:"));
    if (!isPath && typeof filename?.href !== "string") {
      const { ERR_INVALID_ARG_VALUE } = platform.load("internal/errors");
      throw new ERR_INVALID_ARG_VALUE("filename", filename, "must be a file URL object, file URL string, or absolute path string");
    }
    function require(specifier) {
      platform.validators().validateString(specifier, "id");
      if (!isBuiltin(specifier)) {
        const error = new Error(
          `Cannot find module '${specifier}': require() of createRequire() finds modules of the platform (as node:buffer), import others`,
        );
        error.code = "MODULE_NOT_FOUND";
        throw error;
      }
      return modules.valueOf(nameOf(specifier));
    }
    require.resolve = (specifier) => {
      if (!isBuiltin(specifier)) {
        require(specifier);
      }
      return specifier;
    };
    require.cache = { __proto__: null };
    require.extensions = { __proto__: null };
    require.main = undefined;
    return require;
  }

  return {
    builtinModules,
    createRequire,
    findSourceMap: () => undefined,
    isBuiltin,
    syncBuiltinESMExports() {},
  };
})();
