// Copyright 2018-2026 the Deno authors. MIT license.
"use strict";
return (function() {
  const { core, primordials } = __bootstrap;
  const { ERR_INVALID_URI } = core.loadExtScript(
    "ext:deno_node/internal/errors.ts"
  );
  const {
    Array,
    Int8Array,
    NumberPrototypeToString,
    StringPrototypeCharCodeAt,
    StringPrototypeSlice,
    StringPrototypeToUpperCase
  } = primordials;
  const hexTable = new Array(256);
  for (let i = 0; i < 256; ++i) {
    hexTable[i] = "%" + StringPrototypeToUpperCase(
      (i < 16 ? "0" : "") + NumberPrototypeToString(i, 16)
    );
  }
  const isHexTable = new Int8Array([
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 0 - 15
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 16 - 31
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 32 - 47
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    // 48 - 63
    0,
    1,
    1,
    1,
    1,
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 64 - 79
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 80 - 95
    0,
    1,
    1,
    1,
    1,
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 96 - 111
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 112 - 127
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 128 ...
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0
    // ... 256
  ]);
  function encodeStr(str, noEscapeTable, hexTable2) {
    const len = str.length;
    if (len === 0) return "";
    let out = "";
    let lastPos = 0;
    for (let i = 0; i < len; i++) {
      let c = StringPrototypeCharCodeAt(str, i);
      if (c < 128) {
        if (noEscapeTable[c] === 1) continue;
        if (lastPos < i) out += StringPrototypeSlice(str, lastPos, i);
        lastPos = i + 1;
        out += hexTable2[c];
        continue;
      }
      if (lastPos < i) out += StringPrototypeSlice(str, lastPos, i);
      if (c < 2048) {
        lastPos = i + 1;
        out += hexTable2[192 | c >> 6] + hexTable2[128 | c & 63];
        continue;
      }
      if (c < 55296 || c >= 57344) {
        lastPos = i + 1;
        out += hexTable2[224 | c >> 12] + hexTable2[128 | c >> 6 & 63] + hexTable2[128 | c & 63];
        continue;
      }
      ++i;
      if (i >= len) throw new ERR_INVALID_URI();
      const c2 = StringPrototypeCharCodeAt(str, i) & 1023;
      lastPos = i + 1;
      c = 65536 + ((c & 1023) << 10 | c2);
      out += hexTable2[240 | c >> 18] + hexTable2[128 | c >> 12 & 63] + hexTable2[128 | c >> 6 & 63] + hexTable2[128 | c & 63];
    }
    if (lastPos === 0) return str;
    if (lastPos < len) return out + StringPrototypeSlice(str, lastPos);
    return out;
  }
  const _defaultExport = {
    hexTable,
    encodeStr,
    isHexTable
  };
  return {
    encodeStr,
    hexTable,
    isHexTable,
    default: _defaultExport
  };
})();
