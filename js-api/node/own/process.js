// The global `process`. Libraries look at it to see where they are: it loads nothing until something of it is used.
"use strict";
return (function () {
  const { core, platform, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    BigInt,
    Error,
    JSONStringify,
    MathFloor,
    ObjectDefineProperty,
    ObjectFreeze,
    ObjectGetPrototypeOf,
    ObjectKeys,
    ObjectPrototype,
    ObjectSetPrototypeOf,
    Proxy,
    ReflectApply,
    ReflectDefineProperty,
    ReflectSet,
    SafeSet,
    SymbolToStringTag,
    TypeError,
  } = primordials;
  const { nextTick } = platform.load("_next_tick");
  const { performance } = core.loadExtScript("ext:deno_web/15_performance.js");

  const VERSION = "24.11.1";

  /** What a worker is configured with, as far as it is text. */
  function initialEnv() {
    const values = {};
    const names = ObjectKeys(platform.env);
    for (let i = 0; i < names.length; i++) {
      const value = platform.env[names[i]];
      if (typeof value === "string") {
        values[names[i]] = value;
      } else if (isJson(value)) {
        values[names[i]] = JSONStringify(value);
      }
    }
    return values;
  }

  function isJson(value) {
    const type = typeof value;
    if (type === "number" || type === "boolean") {
      return true;
    }
    return type === "object" && value !== null && (ArrayIsArray(value) || ObjectGetPrototypeOf(value) === ObjectPrototype);
  }

  /** All values are strings, whatever is set. */
  const asText = {
    __proto__: null,
    defineProperty(target, name, descriptor) {
      const { configurable = true, enumerable = true, value, writable = true } = descriptor;
      if (descriptor.get !== undefined || descriptor.set !== undefined || !(configurable && enumerable && writable)) {
        const error = new TypeError("'process.env' only accepts a configurable, writable, and enumerable data descriptor");
        error.code = "ERR_INVALID_OBJECT_DEFINE_PROPERTY";
        throw error;
      }
      return ReflectDefineProperty(target, name, {
        __proto__: null,
        configurable: true,
        enumerable: true,
        value: text(name, value),
        writable: true,
      });
    },
    set(target, name, value) {
      return ReflectSet(target, name, text(name, value));
    },
  };

  function text(name, value) {
    if (typeof name === "symbol" || typeof value === "symbol") {
      throw new TypeError("Cannot convert a Symbol value to a string");
    }
    return `${value}`;
  }

  function hrtime(previous = undefined) {
    const now = performance.now();
    let seconds = MathFloor(now / 1e3);
    let nanoseconds = MathFloor((now - seconds * 1e3) * 1e6);
    if (previous !== undefined) {
      platform.validators().validateArray(previous, "time");
      seconds -= previous[0];
      nanoseconds -= previous[1];
      if (nanoseconds < 0) {
        seconds -= 1;
        nanoseconds += 1e9;
      }
    }
    return [seconds, nanoseconds];
  }
  hrtime.bigint = () => {
    const now = performance.now();
    const whole = MathFloor(now);
    return BigInt(whole) * 1_000_000n + BigInt(MathFloor((now - whole) * 1e6));
  };

  function emitWarning(warning, type = "Warning", code = undefined) {
    const options = typeof type === "object" && type !== null ? type : { type, code };
    const name = typeof warning === "string" ? options.type ?? "Warning" : warning.name;
    const message = typeof warning === "string" ? warning : warning.message;
    const label = options.code === undefined ? "" : `[${options.code}] `;
    platform.log(3, `(node:1) ${label}${name}: ${message}`);
    if (hasEvents) {
      const error = typeof warning === "string" ? new Error(warning) : warning;
      error.name = name;
      if (options.code !== undefined) {
        error.code = options.code;
      }
      nextTick(() => process.emit("warning", error));
    }
  }

  function refuse(name, instead = "") {
    return () => {
      const error = new Error(`process.${name}() is not available in a worker${instead}`);
      error.code = "ERR_METHOD_NOT_IMPLEMENTED";
      throw error;
    };
  }

  function memoryUsage() {
    return { arrayBuffers: 0, external: 0, heapTotal: 0, heapUsed: 0, rss: 0 };
  }
  memoryUsage.rss = () => 0;

  let env;
  let directory = "/bundle";
  let title = "skerry";
  const streams = { __proto__: null };

  /** What is written is logged, a line at a time. */
  function output(name, level, fd) {
    // Some library may have ended it: that was for its request.
    if (streams[name] === undefined || streams[name].destroyed || streams[name].writableEnded) {
      const { Writable } = platform.load("internal/streams/writable");
      const decoder = new (platform.load("string_decoder").StringDecoder)("utf8");
      let pending = "";
      let isFlushing = false;
      const flush = () => {
        isFlushing = false;
        if (pending !== "") {
          platform.log(level, pending);
          pending = "";
        }
      };
      streams[name] = new Writable({
        decodeStrings: true,
        write(chunk, _encoding, callback) {
          pending += decoder.write(chunk);
          if (pending[pending.length - 1] === "\n") {
            flush();
          } else if (!isFlushing) {
            isFlushing = true;
            nextTick(flush);
          }
          callback();
        },
      });
      streams[name].fd = fd;
      streams[name].isTTY = false;
    }
    return streams[name];
  }

  const ALLOWED_FLAGS = ObjectFreeze(new SafeSet());

  const members = {
    abort: refuse("abort"),
    allowedNodeEnvironmentFlags: ALLOWED_FLAGS,
    arch: "x64",
    argv: ["workerd", "/bundle/worker.js"],
    argv0: "workerd",
    availableMemory: () => 0,
    binding: refuse("binding"),
    chdir(path) {
      const resolved = platform.load("path/mod").default.posix.resolve(directory, path);
      if (resolved !== "/bundle" && resolved !== "/tmp" && resolved !== "/") {
        const error = new Error(`ENOENT: no such file or directory, chdir ${directory} -> '${path}'`);
        error.code = "ENOENT";
        throw error;
      }
      directory = resolved;
    },
    config: ObjectFreeze({ target_defaults: ObjectFreeze({}), variables: ObjectFreeze({}) }),
    constrainedMemory: () => 0,
    cpuUsage: () => ({ system: 0, user: 0 }),
    cwd: () => directory,
    debugPort: 0,
    dlopen: refuse("dlopen"),
    emitWarning,
    execArgv: [],
    execPath: "",
    exit(code = process.exitCode ?? 0) {
      throw new Error(`process.exit(${code}) was called: a worker has no process to end. Return a response, or throw`);
    },
    exitCode: undefined,
    features: ObjectFreeze({
      cached_builtins: true,
      debug: false,
      inspector: false,
      ipv6: true,
      require_module: true,
      tls: true,
      tls_alpn: true,
      tls_ocsp: true,
      tls_sni: true,
      typescript: false,
      uv: false,
    }),
    getActiveResourcesInfo: () => [],
    getBuiltinModule(specifier) {
      const name = `${specifier}`;
      const { isBuiltin, nameOf } = platform.load("module_names");
      return isBuiltin(name) ? platform.load("modules").valueOf(nameOf(name)) : undefined;
    },
    getegid: () => 0,
    geteuid: () => 0,
    getgid: () => 0,
    getgroups: () => [0],
    getuid: () => 0,
    hrtime,
    kill: refuse("kill"),
    loadEnvFile: refuse("loadEnvFile", ": set variables in the worker's configuration"),
    memoryUsage,
    nextTick,
    noDeprecation: false,
    pid: 1,
    platform: "linux",
    ppid: 0,
    reallyExit: refuse("reallyExit"),
    release: ObjectFreeze({ lts: "Krypton", name: "node" }),
    resourceUsage: () => ({
      fsRead: 0,
      fsWrite: 0,
      involuntaryContextSwitches: 0,
      ipcReceived: 0,
      ipcSent: 0,
      majorPageFault: 0,
      maxRSS: 0,
      minorPageFault: 0,
      sharedMemorySize: 0,
      signalsCount: 0,
      swappedOut: 0,
      systemCPUTime: 0,
      unsharedDataSize: 0,
      unsharedStackSize: 0,
      userCPUTime: 0,
      voluntaryContextSwitches: 0,
    }),
    setegid: refuse("setegid"),
    seteuid: refuse("seteuid"),
    setgid: refuse("setgid"),
    setgroups: refuse("setgroups"),
    setSourceMapsEnabled() {},
    setuid: refuse("setuid"),
    setUncaughtExceptionCaptureCallback: refuse("setUncaughtExceptionCaptureCallback"),
    hasUncaughtExceptionCaptureCallback: () => false,
    sourceMapsEnabled: false,
    throwDeprecation: false,
    traceDeprecation: false,
    umask: () => 18,
    uptime: () => performance.now() / 1e3,
    version: `v${VERSION}`,
    versions: ObjectFreeze({ node: VERSION }),
  };

  const getters = {
    env: () => env ??= new Proxy(initialEnv(), asText),
    stderr: () => output("stderr", 4, 2),
    stdin: () => {
      if (streams.stdin === undefined) {
        const { Readable } = platform.load("internal/streams/readable");
        streams.stdin = new Readable({ read() {} });
        streams.stdin.push(null);
        streams.stdin.fd = 0;
        streams.stdin.isTTY = false;
      }
      return streams.stdin;
    },
    stdout: () => output("stdout", 2, 1),
    title: () => title,
  };

  const EVENTS = [
    "addListener",
    "emit",
    "eventNames",
    "getMaxListeners",
    "listenerCount",
    "listeners",
    "off",
    "on",
    "once",
    "prependListener",
    "prependOnceListener",
    "rawListeners",
    "removeAllListeners",
    "removeListener",
    "setMaxListeners",
  ];

  const prototype = {};
  ObjectDefineProperty(prototype, SymbolToStringTag, { __proto__: null, configurable: true, value: "process" });
  let hasEvents = false;
  for (let i = 0; i < EVENTS.length; i++) {
    const name = EVENTS[i];
    const method = function (...args) {
      if (!hasEvents) {
        hasEvents = true;
        const { EventEmitter } = platform.load("_events");
        for (let j = 0; j < EVENTS.length; j++) {
          delete prototype[EVENTS[j]];
        }
        ObjectSetPrototypeOf(prototype, EventEmitter.prototype);
        ReflectApply(EventEmitter.init, process, []);
      }
      return ReflectApply(process[name], this, args);
    };
    ObjectDefineProperty(prototype, name, { __proto__: null, configurable: true, value: method, writable: true });
  }

  const process = { __proto__: prototype };
  const names = ObjectKeys(members);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    ObjectDefineProperty(process, name, { __proto__: null, configurable: true, enumerable: true, value: members[name], writable: true });
  }
  const lazy = ObjectKeys(getters);
  for (let i = 0; i < lazy.length; i++) {
    const name = lazy[i];
    ObjectDefineProperty(process, name, {
      __proto__: null,
      configurable: true,
      enumerable: true,
      get: getters[name],
      set: (value) => {
        if (name === "env") {
          env = value;
        } else if (name === "title") {
          title = `${value}`;
        } else {
          streams[name] = value;
        }
      },
    });
  }
  return { default: process };
})();
