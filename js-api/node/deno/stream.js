// Copyright 2018-2026 the Deno authors. MIT license.
// Copyright Joyent, Inc. and other Node contributors.
//
// Permission is hereby granted, free of charge, to any person obtaining a
// copy of this software and associated documentation files (the
// "Software"), to deal in the Software without restriction, including
// without limitation the rights to use, copy, modify, merge, publish,
// distribute, sublicense, and/or sell copies of the Software, and to permit
// persons to whom the Software is furnished to do so, subject to the
// following conditions:
//
// The above copyright notice and this permission notice shall be included
// in all copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
// OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
// MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
// NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
// DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
// OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE
// USE OR OTHER DEALINGS IN THE SOFTWARE.
"use strict";
const { require, module } = __bootstrap.moduleShape();
"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);
var stdin_exports = {};
__export(stdin_exports, {
  Duplex: () => import_node_stream_duplex.default,
  PassThrough: () => import_node_stream_passthrough.default,
  Readable: () => import_node_stream_readable.default,
  Stream: () => Stream,
  Transform: () => import_node_stream_transform.default,
  Writable: () => import_node_stream_writable.default,
  _isArrayBufferView: () => _isArrayBufferView,
  _isUint8Array: () => _isUint8Array,
  _uint8ArrayToBuffer: () => _uint8ArrayToBuffer2,
  addAbortSignal: () => addAbortSignal,
  compose: () => import_compose.default,
  default: () => stdin_default,
  destroy: () => destroyer,
  duplexPair: () => import_duplexpair.default,
  finished: () => finished,
  getDefaultHighWaterMark: () => getDefaultHighWaterMark,
  isDestroyed: () => isDestroyed,
  isDisturbed: () => isDisturbed,
  isErrored: () => isErrored,
  isReadable: () => isReadable,
  isWritable: () => isWritable,
  pipeline: () => import_pipeline.pipeline,
  promises: () => promises,
  setDefaultHighWaterMark: () => setDefaultHighWaterMark
});
module.exports = __toCommonJS(stdin_exports);
var import_mod = require("ext:core/mod.js");
var import_operators = require("ext:deno_node/internal/streams/operators.js");
var import_compose = __toESM(require("ext:deno_node/internal/streams/compose.js"));
var import_pipeline = require("ext:deno_node/internal/streams/pipeline.js");
var promises = __toESM(require("node:stream/promises"));
var import_node_stream_readable = __toESM(require("node:_stream_readable"));
var import_node_stream_writable = __toESM(require("node:_stream_writable"));
var import_node_stream_duplex = __toESM(require("node:_stream_duplex"));
var import_node_stream_transform = __toESM(require("node:_stream_transform"));
var import_node_stream_passthrough = __toESM(require("node:_stream_passthrough"));
var import_duplexpair = __toESM(require("ext:deno_node/internal/streams/duplexpair.js"));
const {
  ObjectDefineProperty,
  ObjectKeys,
  ReflectApply
} = import_mod.primordials;
const internalUtil = import_mod.core.loadExtScript("ext:deno_node/internal/util.mjs");
const {
  promisify: { custom: customPromisify }
} = internalUtil;
const {
  getDefaultHighWaterMark,
  setDefaultHighWaterMark
} = import_mod.core.loadExtScript("ext:deno_node/internal/streams/state.js");
const { destroyer } = import_mod.core.loadExtScript(
  "ext:deno_node/internal/streams/destroy.js"
);
const { eos } = import_mod.core.loadExtScript(
  "ext:deno_node/internal/streams/end-of-stream.js"
);
const { Buffer: Buffer2 } = import_mod.core.loadExtScript("ext:deno_node/internal/buffer.mjs");
const utils = import_mod.core.loadExtScript("ext:deno_node/internal/streams/utils.js");
const {
  isArrayBufferView,
  isUint8Array
} = import_mod.core.loadExtScript("ext:deno_node/internal/util/types.ts");
const { Stream } = import_mod.core.loadExtScript(
  "ext:deno_node/internal/streams/legacy.js"
);
const { addAbortSignal } = import_mod.core.loadExtScript(
  "ext:deno_node/internal/streams/add-abort-signal.js"
);
const { ERR_ILLEGAL_CONSTRUCTOR } = import_mod.core.loadExtScript(
  "ext:deno_node/internal/errors.ts"
);
Stream.isDestroyed = utils.isDestroyed;
Stream.isDisturbed = utils.isDisturbed;
Stream.isErrored = utils.isErrored;
Stream.isReadable = utils.isReadable;
Stream.isWritable = utils.isWritable;
Stream.Readable = import_node_stream_readable.default;
const streamKeys = ObjectKeys(import_operators.streamReturningOperators);
for (let i = 0; i < streamKeys.length; i++) {
  let fn = function(...args) {
    if (new.target) {
      throw new ERR_ILLEGAL_CONSTRUCTOR();
    }
    return Stream.Readable.from(ReflectApply(op, this, args));
  };
  const key = streamKeys[i];
  const op = import_operators.streamReturningOperators[key];
  ObjectDefineProperty(fn, "name", { __proto__: null, value: op.name });
  ObjectDefineProperty(fn, "length", { __proto__: null, value: op.length });
  ObjectDefineProperty(Stream.Readable.prototype, key, {
    __proto__: null,
    value: fn,
    enumerable: false,
    configurable: true,
    writable: true
  });
}
const promiseKeys = ObjectKeys(import_operators.promiseReturningOperators);
for (let i = 0; i < promiseKeys.length; i++) {
  let fn = function(...args) {
    if (new.target) {
      throw new ERR_ILLEGAL_CONSTRUCTOR();
    }
    return ReflectApply(op, this, args);
  };
  const key = promiseKeys[i];
  const op = import_operators.promiseReturningOperators[key];
  ObjectDefineProperty(fn, "name", { __proto__: null, value: op.name });
  ObjectDefineProperty(fn, "length", { __proto__: null, value: op.length });
  ObjectDefineProperty(Stream.Readable.prototype, key, {
    __proto__: null,
    value: fn,
    enumerable: false,
    configurable: true,
    writable: true
  });
}
Stream.Writable = import_node_stream_writable.default;
Stream.Duplex = import_node_stream_duplex.default;
Stream.Transform = import_node_stream_transform.default;
Stream.PassThrough = import_node_stream_passthrough.default;
Stream.duplexPair = import_duplexpair.default;
Stream.pipeline = import_pipeline.pipeline;
Stream.addAbortSignal = addAbortSignal;
Stream.finished = eos;
Stream.destroy = destroyer;
Stream.compose = import_compose.default;
Stream.setDefaultHighWaterMark = setDefaultHighWaterMark;
Stream.getDefaultHighWaterMark = getDefaultHighWaterMark;
ObjectDefineProperty(Stream, "promises", {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() {
    return promises;
  }
});
ObjectDefineProperty(import_pipeline.pipeline, customPromisify, {
  __proto__: null,
  enumerable: true,
  get() {
    return promises.pipeline;
  }
});
ObjectDefineProperty(eos, customPromisify, {
  __proto__: null,
  enumerable: true,
  get() {
    return promises.finished;
  }
});
Stream.Stream = Stream;
Stream._isArrayBufferView = isArrayBufferView;
Stream._isUint8Array = isUint8Array;
Stream._uint8ArrayToBuffer = function _uint8ArrayToBuffer(chunk) {
  return Buffer2.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
};
const _isArrayBufferView = isArrayBufferView;
const _isUint8Array = Stream._isUint8Array;
const _uint8ArrayToBuffer2 = Stream._uint8ArrayToBuffer;
const isDisturbed = Stream.isDisturbed;
const isErrored = Stream.isErrored;
const finished = eos;
const isReadable = Stream.isReadable;
const isWritable = Stream.isWritable;
const isDestroyed = Stream.isDestroyed;
var stdin_default = Stream;
return module.exports;
