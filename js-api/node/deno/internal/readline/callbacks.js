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
return (function() {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    NumberIsNaN
  } = primordials;
  const {
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_CURSOR_POS
  } = core.loadExtScript("ext:deno_node/internal/errors.ts");
  const { validateFunction } = core.loadExtScript(
    "ext:deno_node/internal/validators.mjs"
  );
  const { CSI } = core.loadExtScript(
    "ext:deno_node/internal/readline/utils.mjs"
  );
  const {
    kClearLine,
    kClearScreenDown,
    kClearToLineBeginning,
    kClearToLineEnd
  } = CSI;
  function cursorTo(stream, x, y, callback) {
    if (callback !== void 0) {
      validateFunction(callback, "callback");
    }
    if (typeof y === "function") {
      callback = y;
      y = void 0;
    }
    if (NumberIsNaN(x)) throw new ERR_INVALID_ARG_VALUE("x", x);
    if (NumberIsNaN(y)) throw new ERR_INVALID_ARG_VALUE("y", y);
    if (stream == null || typeof x !== "number" && typeof y !== "number") {
      if (typeof callback === "function") process.nextTick(callback, null);
      return true;
    }
    if (typeof x !== "number") throw new ERR_INVALID_CURSOR_POS();
    const data = typeof y !== "number" ? CSI`${x + 1}G` : CSI`${y + 1};${x + 1}H`;
    return stream.write(data, callback);
  }
  function moveCursor(stream, dx, dy, callback) {
    if (callback !== void 0) {
      validateFunction(callback, "callback");
    }
    if (stream == null || !(dx || dy)) {
      if (typeof callback === "function") process.nextTick(callback, null);
      return true;
    }
    let data = "";
    if (dx < 0) {
      data += CSI`${-dx}D`;
    } else if (dx > 0) {
      data += CSI`${dx}C`;
    }
    if (dy < 0) {
      data += CSI`${-dy}A`;
    } else if (dy > 0) {
      data += CSI`${dy}B`;
    }
    return stream.write(data, callback);
  }
  function clearLine(stream, dir, callback) {
    if (callback !== void 0) {
      validateFunction(callback, "callback");
    }
    if (stream === null || stream === void 0) {
      if (typeof callback === "function") process.nextTick(callback, null);
      return true;
    }
    const type = dir < 0 ? kClearToLineBeginning : dir > 0 ? kClearToLineEnd : kClearLine;
    return stream.write(type, callback);
  }
  function clearScreenDown(stream, callback) {
    if (callback !== void 0) {
      validateFunction(callback, "callback");
    }
    if (stream === null || stream === void 0) {
      if (typeof callback === "function") process.nextTick(callback, null);
      return true;
    }
    return stream.write(kClearScreenDown, callback);
  }
  return {
    cursorTo,
    moveCursor,
    clearLine,
    clearScreenDown
  };
})();
