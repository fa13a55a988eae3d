// Loads the scripts that Node's modules are made of (`node/deno`, `node/own`) when a worker asks for the first module. A script is the body of
// a function that is given what follows here as `__bootstrap`, and returns its exports.

import { core, primordials } from "ext:core/mod.js";
import {
  op_base64_decode_into,
  op_base64_encode_from_buffer,
  op_base64url_decode,
  op_base64url_decode_into,
  op_base64url_encode_from_buffer,
  op_log,
  op_node_natives,
  op_node_script,
  op_preview_entries,
} from "ext:core/ops";
import { AsyncLocalStorage, AsyncResource } from "ext:skerry/async_hooks.js";
import { DecompressionStream } from "ext:skerry/compression.js";
import { currentEventId, currentFrame, setFrame } from "ext:skerry/context.js";
import { clearTimeout, setInterval, setTimeout } from "ext:skerry/timers.js";
import { env } from "ext:skerry/workers.js";

const { Error, ObjectAssign, ObjectDefineProperty, ObjectFreeze, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeStartsWith, uncurryThis } =
  primordials;
const { queueMicrotask } = globalThis;

const PREFIX = "ext:deno_node/";

/** Scripts of the libraries, all of which the snapshot holds. */
const WEB = {
  __proto__: null,
  "ext:deno_web/00_infra.js": true,
  "ext:deno_web/00_url.js": true,
  "ext:deno_web/01_console.js": true,
  "ext:deno_web/02_event.js": true,
  "ext:deno_web/03_abort_signal.js": true,
  "ext:deno_web/05_base64.js": true,
  "ext:deno_web/06_streams.js": true,
  "ext:deno_web/08_text_encoding.js": true,
  "ext:deno_web/09_file.js": true,
  "ext:deno_web/13_message_port.js": true,
  "ext:deno_web/15_performance.js": true,
};

/** Nobody reads what is printed here. */
const TERMINAL = { __proto__: null, stderr: { __proto__: null, isTerminal: () => false } };

/** name -> { exports }, without exports while the script runs. */
const records = { __proto__: null };
let bootstrap;
let denoShape;
let natives;
/** Of the script that begins to run. */
let current;

/** The exports of a script, by its name without an extension. */
function load(name) {
  let record = records[name];
  if (record !== undefined) {
    if (record.exports === undefined) {
      throw new Error(`The script "${name}" of Node's modules needs itself`);
    }
    return record.exports;
  }
  bootstrap ??= makeBootstrap();
  const script = op_node_script(name);
  record = { __proto__: null, exports: undefined };
  records[name] = record;
  try {
    current = record;
    record.exports = script(bootstrap, denoShape);
  } catch (error) {
    // Half of it is none: it is run again when it is asked for again.
    delete records[name];
    throw error;
  }
  return record.exports;
}

function loadExtScript(specifier) {
  if (StringPrototypeStartsWith(specifier, PREFIX)) {
    return load(StringPrototypeSlice(specifier, PREFIX.length, StringPrototypeLastIndexOf(specifier, ".")));
  }
  if (WEB[specifier]) {
    return core.loadExtScript(specifier);
  }
  if (specifier === "ext:deno_io/12_io.js") {
    return TERMINAL;
  }
  throw new Error(`There is no "${specifier}" for the scripts of Node's modules`);
}

/** What `import` of a script that was a module gives. */
function require(specifier) {
  if (specifier === "ext:core/mod.js") {
    return bootstrap;
  }
  return StringPrototypeStartsWith(specifier, "node:") ? load("modules").forScripts(StringPrototypeSlice(specifier, 5)) : loadExtScript(specifier);
}

/** The same, as a namespace. */
function lazily(specifier) {
  if (!StringPrototypeStartsWith(specifier, "node:")) {
    return loadExtScript(specifier);
  }
  const value = load("modules").valueOf(StringPrototypeSlice(specifier, 5));
  return { __proto__: value, default: value };
}

function makeBootstrap() {
  const facade = {
    __proto__: null,
    byteLength: core.byteLength,
    createLazyLoader: (specifier) => () => lazily(specifier),
    getAsyncContext: currentFrame,
    loadExtScript,
    ops: ObjectFreeze(makeOps()),
    setAsyncContext: setFrame,
  };
  for (const name in core) {
    if (StringPrototypeStartsWith(name, "is")) {
      facade[name] = core[name];
    }
  }
  denoShape = makeDenoShape();
  return ObjectFreeze({
    __proto__: null,
    core: ObjectFreeze(facade),
    primordials,
    internals: {
      __proto__: null,
      uint8ArraySetFromHex: uncurried(globalThis.Uint8Array?.prototype?.setFromHex),
      uint8ArrayToHex: uncurried(globalThis.Uint8Array?.prototype?.toHex),
    },
    platform: ObjectFreeze({
      __proto__: null,
      AsyncLocalStorage,
      AsyncResource,
      clearTimeout,
      DecompressionStream,
      env,
      load,
      log: (level, text) => op_log(currentEventId(), level, text),
      nodeModules: () => natives.modules,
      queueMicrotask,
      setInterval,
      setTimeout,
      validators,
    }),
    /** For a script that was a module: what others import of it is there before it has run to its end. */
    moduleShape: () => ({ __proto__: null, require, module: current }),
  });
}

/** Worker code may have taken it away: there is another way without. */
function uncurried(method) {
  return typeof method === "function" ? uncurryThis(method) : undefined;
}

function makeOps() {
  const constants = {
    __proto__: null,
    op_base64_decode_into,
    op_base64_encode_from_buffer,
    op_base64url_decode,
    op_base64url_decode_into,
    op_base64url_encode_from_buffer,
    op_preview_entries,
    op_get_env_no_permission_check: () => undefined,
    // There is no pool whose memory others could take along.
    op_mark_as_untransferable() {},
    op_node_build_os: () => "linux",
    op_node_call_is_from_dependency: () => false,
    op_node_fs_constants: () => load("fs_constants"),
    // An unknown kind of file.
    op_node_guess_handle_type: () => 5,
    op_node_parse_env: (text) => load("parse_env").parseEnv(text),
  };
  natives = op_node_natives();
  return ObjectAssign(constants, natives);
}

/** What the scripts ask `Deno`. */
function makeDenoShape() {
  const never = class {};
  return ObjectFreeze({
    __proto__: null,
    build: ObjectFreeze({ __proto__: null, os: "linux" }),
    consoleSize() {
      throw new Error("There is no terminal");
    },
    cwd: () => "/bundle",
    errors: ObjectFreeze({ __proto__: null, BadResource: never, NotCapable: never }),
    noColor: true,
    pid: 1,
  });
}

/** They throw errors whose classes are made by a script that they do not ask for. */
function validators() {
  load("internal/errors");
  return load("internal/validators");
}

/** The exports of a module, `default` among them; `name` is one that the host knows. */
function nodeModule(name) {
  return withErrors(load("modules").namespaceOf(name));
}

/** The value that a module exports by default. */
function nodeValue(name) {
  return withErrors(load("modules").valueOf(name));
}

function withErrors(value) {
  if (records["internal/validators"] !== undefined) {
    load("internal/errors");
  }
  return value;
}

/** A global that is made when it is first asked for, as `Buffer`; it can be replaced, too. */
function defineLazyGlobal(name, get) {
  const define = (value) =>
    ObjectDefineProperty(globalThis, name, { __proto__: null, configurable: true, enumerable: false, value, writable: true });
  ObjectDefineProperty(globalThis, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      const value = get();
      define(value);
      return value;
    },
    set: define,
  });
}

function defineNodeGlobals() {
  defineLazyGlobal("Buffer", () => nodeValue("buffer").Buffer);
  defineLazyGlobal("process", () => nodeValue("process"));
  defineLazyGlobal("setImmediate", () => nodeValue("timers").setImmediate);
  defineLazyGlobal("clearImmediate", () => nodeValue("timers").clearImmediate);
  ObjectDefineProperty(globalThis, "global", {
    __proto__: null,
    configurable: true,
    enumerable: false,
    value: globalThis,
    writable: true,
  });
}

export { defineNodeGlobals, nodeModule };
