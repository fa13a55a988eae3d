// Which script each module is made of.
"use strict";
return (function () {
  const { primordials, platform: { load } } = __bootstrap;
  const { FunctionPrototypeBind, ObjectHasOwn, ObjectKeys, Proxy, ReflectGet, ReflectGetPrototypeOf, ReflectHas, ReflectSet } = primordials;

  /** Those that are not named like their script. */
  const SCRIPTS = {
    __proto__: null,
    buffer: "internal/buffer",
    events: "_events",
    path: "path/mod",
    "util/types": "internal/util/types",
    _stream_duplex: "internal/streams/duplex",
    _stream_passthrough: "internal/streams/passthrough",
    _stream_readable: "internal/streams/readable",
    _stream_transform: "internal/streams/transform",
    _stream_writable: "internal/streams/writable",
  };

  /** Modules that are a part of another. */
  const PARTS = {
    __proto__: null,
    "assert/strict": () => valueOf("assert").strict,
    "path/posix": () => valueOf("path").posix,
    "path/win32": () => valueOf("path").win32,
    sys: () => valueOf("util"),
  };

  /** Streams are much to load: they wait until one of these is used. */
  const STANDARD_STREAMS = { __proto__: null, stderr: true, stdin: true, stdout: true };

  function later(object, key) {
    const own = () => object[key];
    return new Proxy({ __proto__: null }, {
      __proto__: null,
      get: (_target, name) => {
        const stream = own();
        const value = ReflectGet(stream, name);
        return typeof value === "function" ? FunctionPrototypeBind(value, stream) : value;
      },
      getPrototypeOf: () => ReflectGetPrototypeOf(own()),
      has: (_target, name) => ReflectHas(own(), name),
      set: (_target, name, value) => ReflectSet(own(), name, value),
    });
  }

  function exportsOf(name) {
    if (name === "util") {
      // It says what promisify() makes of setTimeout().
      load("timers");
    }
    return load(SCRIPTS[name] ?? name);
  }

  /** What `require()` gives. */
  function valueOf(name) {
    const part = PARTS[name];
    if (part !== undefined) {
      return part();
    }
    const exports = exportsOf(name);
    return ObjectHasOwn(exports, "default") ? exports.default : exports;
  }

  /** What `import` gives: as in Node, the names that the value has, and the value. */
  function namespaceOf(name) {
    const value = valueOf(name);
    const namespace = { __proto__: null };
    const keys = ObjectKeys(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key !== "default" && key !== "module.exports") {
        namespace[key] = name === "process" && STANDARD_STREAMS[key] ? later(value, key) : value[key];
      }
    }
    namespace.default = value;
    return namespace;
  }

  /** For scripts that were modules: they need each other before they have run to their end. */
  function forScripts(name) {
    if (PARTS[name] === undefined) {
      const exports = exportsOf(name);
      if (exports.__esModule) {
        return exports;
      }
    }
    return valueOf(name);
  }

  return { forScripts, namespaceOf, valueOf };
})();
