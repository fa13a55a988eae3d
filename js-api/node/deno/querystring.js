// Copyright 2018-2026 the Deno authors. MIT license.
"use strict";
return (function() {
  const { core, primordials } = __bootstrap;
  const {
    Array,
    ArrayIsArray,
    Int8Array,
    MathAbs,
    NumberIsFinite,
    ObjectCreate,
    ObjectKeys,
    String,
    StringPrototypeCharCodeAt,
    StringPrototypeSlice,
    decodeURIComponent
  } = primordials;
  const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.mjs");
  const { encodeStr, hexTable } = core.loadExtScript(
    "ext:deno_node/internal/querystring.ts"
  );
  const { unhexTable } = core.loadExtScript(
    "ext:deno_node/internal_binding/_utils.ts"
  );
  function qsEscape(str) {
    if (typeof str !== "string") {
      if (typeof str === "object") {
        str = String(str);
      } else {
        str += "";
      }
    }
    return encodeStr(str, noEscape, hexTable);
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
  function charCodes(str) {
    const ret = new Array(str.length);
    for (let i = 0; i < str.length; ++i) {
      ret[i] = StringPrototypeCharCodeAt(str, i);
    }
    return ret;
  }
  function addKeyVal(obj, key, value, keyEncoded, valEncoded, decode2) {
    if (key.length > 0 && keyEncoded) {
      key = decodeStr(key, decode2);
    }
    if (value.length > 0 && valEncoded) {
      value = decodeStr(value, decode2);
    }
    if (obj[key] === void 0) {
      obj[key] = value;
    } else {
      const curValue = obj[key];
      if (curValue.pop) {
        curValue[curValue.length] = value;
      } else {
        obj[key] = [curValue, value];
      }
    }
  }
  function parse(str, sep = "&", eq = "=", { decodeURIComponent: decodeURIComponent2, maxKeys = 1e3 } = { __proto__: null }) {
    const obj = ObjectCreate(null);
    if (typeof str !== "string" || str.length === 0) {
      return obj;
    }
    const sepCodes = !sep ? [38] : charCodes(String(sep));
    const eqCodes = !eq ? [61] : charCodes(String(eq));
    const sepLen = sepCodes.length;
    const eqLen = eqCodes.length;
    let pairs = 1e3;
    if (typeof maxKeys === "number") {
      pairs = maxKeys > 0 ? maxKeys : -1;
    }
    let decode2 = QS.unescape;
    if (decodeURIComponent2) {
      decode2 = decodeURIComponent2;
    }
    const customDecode = decode2 !== unescape;
    let lastPos = 0;
    let sepIdx = 0;
    let eqIdx = 0;
    let key = "";
    let value = "";
    let keyEncoded = customDecode;
    let valEncoded = customDecode;
    const plusChar = customDecode ? "%20" : " ";
    let encodeCheck = 0;
    for (let i = 0; i < str.length; ++i) {
      const code = StringPrototypeCharCodeAt(str, i);
      if (code === sepCodes[sepIdx]) {
        if (++sepIdx === sepLen) {
          const end = i - sepIdx + 1;
          if (eqIdx < eqLen) {
            if (lastPos < end) {
              key += StringPrototypeSlice(str, lastPos, end);
            } else if (key.length === 0) {
              if (--pairs === 0) {
                return obj;
              }
              lastPos = i + 1;
              sepIdx = eqIdx = 0;
              continue;
            }
          } else if (lastPos < end) {
            value += StringPrototypeSlice(str, lastPos, end);
          }
          addKeyVal(obj, key, value, keyEncoded, valEncoded, decode2);
          if (--pairs === 0) {
            return obj;
          }
          key = value = "";
          encodeCheck = 0;
          lastPos = i + 1;
          sepIdx = eqIdx = 0;
        }
      } else {
        sepIdx = 0;
        if (eqIdx < eqLen) {
          if (code === eqCodes[eqIdx]) {
            if (++eqIdx === eqLen) {
              const end = i - eqIdx + 1;
              if (lastPos < end) {
                key += StringPrototypeSlice(str, lastPos, end);
              }
              encodeCheck = 0;
              lastPos = i + 1;
            }
            continue;
          } else {
            eqIdx = 0;
            if (!keyEncoded) {
              if (code === 37) {
                encodeCheck = 1;
                continue;
              } else if (encodeCheck > 0) {
                if (isHexTable[code] === 1) {
                  if (++encodeCheck === 3) {
                    keyEncoded = true;
                  }
                  continue;
                } else {
                  encodeCheck = 0;
                }
              }
            }
          }
          if (code === 43) {
            if (lastPos < i) {
              key += StringPrototypeSlice(str, lastPos, i);
            }
            key += plusChar;
            lastPos = i + 1;
            continue;
          }
        }
        if (code === 43) {
          if (lastPos < i) {
            value += StringPrototypeSlice(str, lastPos, i);
          }
          value += plusChar;
          lastPos = i + 1;
        } else if (!valEncoded) {
          if (code === 37) {
            encodeCheck = 1;
          } else if (encodeCheck > 0) {
            if (isHexTable[code] === 1) {
              if (++encodeCheck === 3) {
                valEncoded = true;
              }
            } else {
              encodeCheck = 0;
            }
          }
        }
      }
    }
    if (lastPos < str.length) {
      if (eqIdx < eqLen) {
        key += StringPrototypeSlice(str, lastPos);
      } else if (sepIdx < sepLen) {
        value += StringPrototypeSlice(str, lastPos);
      }
    } else if (eqIdx === 0 && key.length === 0) {
      return obj;
    }
    addKeyVal(obj, key, value, keyEncoded, valEncoded, decode2);
    return obj;
  }
  const noEscape = new Int8Array([
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
    1,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    1,
    0,
    0,
    1,
    1,
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
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    // 64 - 79
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
    1,
    0,
    0,
    0,
    0,
    1,
    // 80 - 95
    0,
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
    1,
    1,
    1,
    1,
    1,
    // 96 - 111
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
    1,
    0,
    0,
    0,
    1,
    0
    // 112 - 127
  ]);
  function stringifyPrimitive(v) {
    if (typeof v === "string") {
      return v;
    }
    if (typeof v === "number" && NumberIsFinite(v)) {
      return "" + v;
    }
    if (typeof v === "bigint") {
      return "" + v;
    }
    if (typeof v === "boolean") {
      return v ? "true" : "false";
    }
    return "";
  }
  function encodeStringifiedCustom(v, encode2) {
    return encode2(stringifyPrimitive(v));
  }
  function encodeStringified(v, encode2) {
    if (typeof v === "string") {
      return v.length ? encode2(v) : "";
    }
    if (typeof v === "number" && NumberIsFinite(v)) {
      return MathAbs(v) < 1e21 ? "" + v : encode2("" + v);
    }
    if (typeof v === "bigint") {
      return "" + v;
    }
    if (typeof v === "boolean") {
      return v ? "true" : "false";
    }
    return "";
  }
  function stringify(obj, sep, eq, options) {
    sep ||= "&";
    eq ||= "=";
    const encode2 = options ? options.encodeURIComponent || qsEscape : qsEscape;
    const convert = options ? encodeStringifiedCustom : encodeStringified;
    if (obj !== null && typeof obj === "object") {
      const keys = ObjectKeys(obj);
      const len = keys.length;
      let fields = "";
      for (let i = 0; i < len; ++i) {
        const k = keys[i];
        const v = obj[k];
        let ks = convert(k, encode2);
        ks += eq;
        if (ArrayIsArray(v)) {
          const vlen = v.length;
          if (vlen === 0) continue;
          if (fields) {
            fields += sep;
          }
          for (let j = 0; j < vlen; ++j) {
            if (j) {
              fields += sep;
            }
            fields += ks;
            fields += convert(v[j], encode2);
          }
        } else {
          if (fields) {
            fields += sep;
          }
          fields += ks;
          fields += convert(v, encode2);
        }
      }
      return fields;
    }
    return "";
  }
  function unescapeBuffer(s, decodeSpaces = false) {
    const out = Buffer.alloc(s.length);
    let index = 0;
    let outIndex = 0;
    let currentChar;
    let nextChar;
    let hexHigh;
    let hexLow;
    const maxLength = s.length - 2;
    let hasHex = false;
    while (index < s.length) {
      currentChar = StringPrototypeCharCodeAt(s, index);
      if (currentChar === 43 && decodeSpaces) {
        out[outIndex++] = 32;
        index++;
        continue;
      }
      if (currentChar === 37 && index < maxLength) {
        currentChar = StringPrototypeCharCodeAt(s, ++index);
        hexHigh = unhexTable[currentChar];
        if (!(hexHigh >= 0)) {
          out[outIndex++] = 37;
          continue;
        } else {
          nextChar = StringPrototypeCharCodeAt(s, ++index);
          hexLow = unhexTable[nextChar];
          if (!(hexLow >= 0)) {
            out[outIndex++] = 37;
            index--;
          } else {
            hasHex = true;
            currentChar = hexHigh * 16 + hexLow;
          }
        }
      }
      out[outIndex++] = currentChar;
      index++;
    }
    return hasHex ? out.slice(0, outIndex) : out;
  }
  function qsUnescape(s) {
    try {
      return decodeURIComponent(s);
    } catch {
      return unescapeBuffer(s).toString();
    }
  }
  function decodeStr(s, decoder) {
    try {
      return decoder(s);
    } catch {
      return QS.unescape(s);
    }
  }
  const decode = parse;
  const encode = stringify;
  const escape = qsEscape;
  const unescape = qsUnescape;
  const QS = {
    parse,
    stringify,
    decode,
    encode,
    unescape,
    escape,
    unescapeBuffer
  };
  return {
    default: QS,
    parse,
    stringify,
    decode,
    encode,
    unescape,
    escape,
    unescapeBuffer
  };
})();
