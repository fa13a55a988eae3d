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
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeConcat,
    ArrayPrototypeJoin,
    ArrayPrototypePop,
    ArrayPrototypePush,
    ArrayPrototypeShift,
    ArrayPrototypeSlice,
    ArrayPrototypeSplice,
    ArrayPrototypeUnshift,
    FunctionPrototypeCall,
    Int8Array,
    ObjectCreate,
    ObjectKeys,
    ObjectPrototypeIsPrototypeOf,
    RegExpPrototypeExec,
    RegExpPrototypeTest,
    SafeRegExp,
    SafeSet,
    SetPrototypeHas,
    StringPrototypeCharAt,
    StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt,
    StringPrototypeIncludes,
    StringPrototypeIndexOf,
    StringPrototypeReplace,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeSubarray,
    Uint8Array,
    decodeURIComponent
  } = primordials;
  const {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_FILE_URL_HOST,
    ERR_INVALID_FILE_URL_PATH,
    ERR_INVALID_URL,
    ERR_INVALID_URL_SCHEME
  } = core.loadExtScript("ext:deno_node/internal/errors.ts");
  const { validateString } = core.loadExtScript(
    "ext:deno_node/internal/validators.mjs"
  );
  const {
    CHAR_0,
    CHAR_9,
    CHAR_AT,
    CHAR_BACKWARD_SLASH,
    CHAR_CARRIAGE_RETURN,
    CHAR_CIRCUMFLEX_ACCENT,
    CHAR_DOT,
    CHAR_DOUBLE_QUOTE,
    CHAR_FORM_FEED,
    CHAR_FORWARD_SLASH,
    CHAR_GRAVE_ACCENT,
    CHAR_HASH,
    CHAR_HYPHEN_MINUS,
    CHAR_LEFT_ANGLE_BRACKET,
    CHAR_LEFT_CURLY_BRACKET,
    CHAR_LEFT_SQUARE_BRACKET,
    CHAR_LINE_FEED,
    CHAR_LOWERCASE_A,
    CHAR_LOWERCASE_Z,
    CHAR_NO_BREAK_SPACE,
    CHAR_PERCENT,
    CHAR_PLUS,
    CHAR_QUESTION_MARK,
    CHAR_RIGHT_ANGLE_BRACKET,
    CHAR_RIGHT_CURLY_BRACKET,
    CHAR_RIGHT_SQUARE_BRACKET,
    CHAR_SEMICOLON,
    CHAR_SINGLE_QUOTE,
    CHAR_SPACE,
    CHAR_TAB,
    CHAR_UNDERSCORE,
    CHAR_UPPERCASE_A,
    CHAR_UPPERCASE_Z,
    CHAR_VERTICAL_LINE,
    CHAR_ZERO_WIDTH_NOBREAK_SPACE
  } = core.loadExtScript("ext:deno_node/path/_constants.ts");
  const lazyPath = core.createLazyLoader("node:path");
  const {
    domainToASCII: idnaToASCII,
    domainToUnicode: idnaToUnicode
  } = core.loadExtScript("ext:deno_node/internal/idna.ts");
  const { isWindows, osType } = core.loadExtScript("ext:deno_node/_util/os.ts");
  let _Buffer;
  function lazyBuffer() {
    return _Buffer ??= core.loadExtScript("ext:deno_node/internal/buffer.mjs").Buffer;
  }
  const { encodeStr, hexTable } = core.loadExtScript(
    "ext:deno_node/internal/querystring.ts"
  );
  const querystring = core.loadExtScript("ext:deno_node/querystring.js").default;
  const { URL, URLSearchParams } = core.loadExtScript("ext:deno_web/00_url.js");
  const { urlToHttpOptions } = core.loadExtScript(
    "ext:deno_node/internal/url.ts"
  );
  const forwardSlashRegEx = new SafeRegExp(/\//g);
  const percentRegEx = new SafeRegExp(/%/g);
  const backslashRegEx = new SafeRegExp(/\\/g);
  const newlineRegEx = new SafeRegExp(/\n/g);
  const carriageReturnRegEx = new SafeRegExp(/\r/g);
  const tabRegEx = new SafeRegExp(/\t/g);
  const caretRegEx = new SafeRegExp(/\^/g);
  const leftBracketRegEx = new SafeRegExp(/\[/g);
  const rightBracketRegEx = new SafeRegExp(/]/g);
  const pipeRegEx = new SafeRegExp(/\|/g);
  const tildeRegEx = new SafeRegExp(/~/g);
  const hashRegEx = new SafeRegExp(/#/g);
  const protocolPattern = new SafeRegExp(/^[a-z0-9.+-]+:/i);
  const fileProtocolPattern = new SafeRegExp(/^file:?$/);
  const portPattern = new SafeRegExp(/:[0-9]*$/);
  const hostPattern = new SafeRegExp(/^\/\/[^@/]+@[^@/]+/);
  const simplePathPattern = new SafeRegExp(/^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/);
  const unsafeProtocol = new SafeSet(["javascript", "javascript:"]);
  const hostlessProtocol = new SafeSet(["javascript", "javascript:"]);
  const slashedProtocol = new SafeSet([
    "http",
    "http:",
    "https",
    "https:",
    "ftp",
    "ftp:",
    "gopher",
    "gopher:",
    "file",
    "file:",
    "ws",
    "ws:",
    "wss",
    "wss:"
  ]);
  const hostnameMaxLen = 255;
  const noEscapeAuth = new Int8Array([
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 0x00 - 0x0F
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    // 0x10 - 0x1F
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
    // 0x20 - 0x2F
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
    0,
    // 0x30 - 0x3F
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
    // 0x40 - 0x4F
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
    // 0x50 - 0x5F
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
    // 0x60 - 0x6F
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
    // 0x70 - 0x7F
  ]);
  const forbiddenHostChars = new SafeRegExp(/[\0\t\n\r #%/:<>?@[\\\]^|]/);
  const forbiddenHostCharsIpv6 = new SafeRegExp(/[\0\t\n\r #%/<>?@\\^|]/);
  const _url = URL;
  class Url {
    protocol;
    slashes;
    auth;
    host;
    port;
    hostname;
    hash;
    search;
    query;
    pathname;
    path;
    href;
    constructor() {
      this.protocol = null;
      this.slashes = null;
      this.auth = null;
      this.host = null;
      this.port = null;
      this.hostname = null;
      this.hash = null;
      this.search = null;
      this.query = null;
      this.pathname = null;
      this.path = null;
      this.href = null;
    }
    #parseHost() {
      let host = this.host || "";
      let port = RegExpPrototypeExec(
        portPattern,
        host
      );
      if (port) {
        port = port[0];
        if (port !== ":") {
          this.port = StringPrototypeSlice(port, 1);
        }
        host = StringPrototypeSlice(host, 0, host.length - port.length);
      }
      if (host) this.hostname = host;
    }
    resolve(relative) {
      return this.resolveObject(parse(relative, false, true)).format();
    }
    resolveObject(relative) {
      if (typeof relative === "string") {
        const rel = new Url();
        rel.urlParse(relative, false, true);
        relative = rel;
      }
      const result = new Url();
      const tkeys = ObjectKeys(this);
      for (let tk = 0; tk < tkeys.length; tk++) {
        const tkey = tkeys[tk];
        result[tkey] = this[tkey];
      }
      result.hash = relative.hash;
      if (relative.href === "") {
        result.href = result.format();
        return result;
      }
      if (relative.slashes && !relative.protocol) {
        const rkeys = ObjectKeys(relative);
        for (let rk = 0; rk < rkeys.length; rk++) {
          const rkey = rkeys[rk];
          if (rkey !== "protocol") result[rkey] = relative[rkey];
        }
        if (result.protocol && SetPrototypeHas(slashedProtocol, result.protocol) && result.hostname && !result.pathname) {
          result.path = result.pathname = "/";
        }
        result.href = result.format();
        return result;
      }
      if (relative.protocol && relative.protocol !== result.protocol) {
        if (!SetPrototypeHas(slashedProtocol, relative.protocol)) {
          const keys = ObjectKeys(relative);
          for (let v = 0; v < keys.length; v++) {
            const k = keys[v];
            result[k] = relative[k];
          }
          result.href = result.format();
          return result;
        }
        result.protocol = relative.protocol;
        if (!relative.host && !RegExpPrototypeTest(fileProtocolPattern, relative.protocol) && !SetPrototypeHas(hostlessProtocol, relative.protocol)) {
          const relPath2 = StringPrototypeSplit(relative.pathname || "", "/");
          while (relPath2.length && !(relative.host = ArrayPrototypeShift(relPath2) || null)) ;
          if (!relative.host) relative.host = "";
          if (!relative.hostname) relative.hostname = "";
          if (relPath2[0] !== "") ArrayPrototypeUnshift(relPath2, "");
          if (relPath2.length < 2) ArrayPrototypeUnshift(relPath2, "");
          result.pathname = ArrayPrototypeJoin(relPath2, "/");
        } else {
          result.pathname = relative.pathname;
        }
        result.search = relative.search;
        result.query = relative.query;
        result.host = relative.host || "";
        result.auth = relative.auth;
        result.hostname = relative.hostname || relative.host;
        result.port = relative.port;
        if (result.pathname || result.search) {
          const p = result.pathname || "";
          const s = result.search || "";
          result.path = p + s;
        }
        result.slashes = result.slashes || relative.slashes;
        result.href = result.format();
        return result;
      }
      const isSourceAbs = result.pathname && StringPrototypeCharAt(result.pathname, 0) === "/";
      const isRelAbs = relative.host || relative.pathname && StringPrototypeCharAt(relative.pathname, 0) === "/";
      let mustEndAbs = isRelAbs || isSourceAbs || result.host && relative.pathname;
      const removeAllDots = mustEndAbs;
      let srcPath = result.pathname && StringPrototypeSplit(result.pathname, "/") || [];
      const relPath = relative.pathname && StringPrototypeSplit(relative.pathname, "/") || [];
      const noLeadingSlashes = result.protocol && !SetPrototypeHas(slashedProtocol, result.protocol);
      if (noLeadingSlashes) {
        result.hostname = "";
        result.port = null;
        if (result.host) {
          if (srcPath[0] === "") srcPath[0] = result.host;
          else ArrayPrototypeUnshift(srcPath, result.host);
        }
        result.host = "";
        if (relative.protocol) {
          relative.hostname = null;
          relative.port = null;
          result.auth = null;
          if (relative.host) {
            if (relPath[0] === "") relPath[0] = relative.host;
            else ArrayPrototypeUnshift(relPath, relative.host);
          }
          relative.host = null;
        }
        mustEndAbs = mustEndAbs && (relPath[0] === "" || srcPath[0] === "");
      }
      if (isRelAbs) {
        if (relative.host || relative.host === "") {
          if (result.host !== relative.host) result.auth = null;
          result.host = relative.host;
          result.port = relative.port;
        }
        if (relative.hostname || relative.hostname === "") {
          if (result.hostname !== relative.hostname) result.auth = null;
          result.hostname = relative.hostname;
        }
        result.search = relative.search;
        result.query = relative.query;
        srcPath = relPath;
      } else if (relPath.length) {
        if (!srcPath) srcPath = [];
        ArrayPrototypePop(srcPath);
        srcPath = ArrayPrototypeConcat(srcPath, relPath);
        result.search = relative.search;
        result.query = relative.query;
      } else if (relative.search !== null && relative.search !== void 0) {
        if (noLeadingSlashes) {
          result.hostname = result.host = ArrayPrototypeShift(srcPath) || null;
          const authInHost = result.host && StringPrototypeIndexOf(result.host, "@") > 0 && StringPrototypeSplit(result.host, "@");
          if (authInHost) {
            result.auth = ArrayPrototypeShift(authInHost) || null;
            result.host = result.hostname = ArrayPrototypeShift(authInHost) || null;
          }
        }
        result.search = relative.search;
        result.query = relative.query;
        if (result.pathname !== null || result.search !== null) {
          result.path = (result.pathname ? result.pathname : "") + (result.search ? result.search : "");
        }
        result.href = result.format();
        return result;
      }
      if (!srcPath.length) {
        result.pathname = null;
        if (result.search) {
          result.path = "/" + result.search;
        } else {
          result.path = null;
        }
        result.href = result.format();
        return result;
      }
      let last = ArrayPrototypeSlice(srcPath, -1)[0];
      const hasTrailingSlash = (result.host || relative.host || srcPath.length > 1) && (last === "." || last === "..") || last === "";
      let up = 0;
      for (let i = srcPath.length - 1; i >= 0; i--) {
        last = srcPath[i];
        if (last === ".") {
          ArrayPrototypeSplice(srcPath, i, 1);
        } else if (last === "..") {
          ArrayPrototypeSplice(srcPath, i, 1);
          up++;
        } else if (up) {
          ArrayPrototypeSplice(srcPath, i, 1);
          up--;
        }
      }
      if (!mustEndAbs && !removeAllDots) {
        while (up--) {
          ArrayPrototypeUnshift(srcPath, "..");
        }
      }
      if (mustEndAbs && srcPath[0] !== "" && (!srcPath[0] || StringPrototypeCharAt(srcPath[0], 0) !== "/")) {
        ArrayPrototypeUnshift(srcPath, "");
      }
      if (hasTrailingSlash && StringPrototypeSlice(ArrayPrototypeJoin(srcPath, "/"), -1) !== "/") {
        ArrayPrototypePush(srcPath, "");
      }
      const isAbsolute = srcPath[0] === "" || srcPath[0] && StringPrototypeCharAt(srcPath[0], 0) === "/";
      if (noLeadingSlashes) {
        result.hostname = result.host = isAbsolute ? "" : srcPath.length ? ArrayPrototypeShift(srcPath) || null : "";
        const authInHost = result.host && StringPrototypeIndexOf(result.host, "@") > 0 ? StringPrototypeSplit(result.host, "@") : false;
        if (authInHost) {
          result.auth = ArrayPrototypeShift(authInHost) || null;
          result.host = result.hostname = ArrayPrototypeShift(authInHost) || null;
        }
      }
      mustEndAbs = mustEndAbs || result.host && srcPath.length;
      if (mustEndAbs && !isAbsolute) {
        ArrayPrototypeUnshift(srcPath, "");
      }
      if (!srcPath.length) {
        result.pathname = null;
        result.path = null;
      } else {
        result.pathname = ArrayPrototypeJoin(srcPath, "/");
      }
      if (result.pathname !== null || result.search !== null) {
        result.path = (result.pathname ? result.pathname : "") + (result.search ? result.search : "");
      }
      result.auth = relative.auth || result.auth;
      result.slashes = result.slashes || relative.slashes;
      result.href = result.format();
      return result;
    }
    format() {
      let auth = this.auth || "";
      if (auth) {
        auth = encodeStr(auth, noEscapeAuth, hexTable);
        auth += "@";
      }
      let protocol = this.protocol || "";
      let pathname = this.pathname || "";
      let hash = this.hash || "";
      let host = "";
      let query = "";
      if (this.host) {
        host = auth + this.host;
      } else if (this.hostname) {
        host = auth + (StringPrototypeIncludes(this.hostname, ":") && !isIpv6Hostname(this.hostname) ? "[" + this.hostname + "]" : this.hostname);
        if (this.port) {
          host += ":" + this.port;
        }
      }
      if (this.query !== null && typeof this.query === "object") {
        query = querystring.stringify(this.query);
      }
      let search = this.search || query && "?" + query || "";
      if (protocol && StringPrototypeCharCodeAt(protocol, protocol.length - 1) !== 58) {
        protocol += ":";
      }
      let newPathname = "";
      let lastPos = 0;
      for (let i = 0; i < pathname.length; ++i) {
        switch (StringPrototypeCharCodeAt(pathname, i)) {
          case CHAR_HASH:
            if (i - lastPos > 0) {
              newPathname += StringPrototypeSlice(pathname, lastPos, i);
            }
            newPathname += "%23";
            lastPos = i + 1;
            break;
          case CHAR_QUESTION_MARK:
            if (i - lastPos > 0) {
              newPathname += StringPrototypeSlice(pathname, lastPos, i);
            }
            newPathname += "%3F";
            lastPos = i + 1;
            break;
        }
      }
      if (lastPos > 0) {
        if (lastPos !== pathname.length) {
          pathname = newPathname + StringPrototypeSlice(pathname, lastPos);
        } else pathname = newPathname;
      }
      if (this.slashes || SetPrototypeHas(slashedProtocol, protocol)) {
        if (this.slashes || host) {
          if (pathname && StringPrototypeCharCodeAt(pathname, 0) !== CHAR_FORWARD_SLASH) {
            pathname = "/" + pathname;
          }
          host = "//" + host;
        } else if (protocol.length >= 4 && StringPrototypeCharCodeAt(protocol, 0) === 102 && StringPrototypeCharCodeAt(protocol, 1) === 105 && StringPrototypeCharCodeAt(protocol, 2) === 108 && StringPrototypeCharCodeAt(protocol, 3) === 101) {
          host = "//";
        }
      }
      search = StringPrototypeReplace(search, hashRegEx, "%23");
      if (hash && StringPrototypeCharCodeAt(hash, 0) !== CHAR_HASH) {
        hash = "#" + hash;
      }
      if (search && StringPrototypeCharCodeAt(search, 0) !== CHAR_QUESTION_MARK) {
        search = "?" + search;
      }
      return protocol + host + pathname + search + hash;
    }
    urlParse(url, parseQueryString, slashesDenoteHost) {
      validateString(url, "url");
      let hasHash = false;
      let start = -1;
      let end = -1;
      let rest = "";
      let lastPos = 0;
      for (let i = 0, inWs = false, split = false; i < url.length; ++i) {
        const code = StringPrototypeCharCodeAt(url, i);
        const isWs = code === CHAR_SPACE || code === CHAR_TAB || code === CHAR_CARRIAGE_RETURN || code === CHAR_LINE_FEED || code === CHAR_FORM_FEED || code === CHAR_NO_BREAK_SPACE || code === CHAR_ZERO_WIDTH_NOBREAK_SPACE;
        if (start === -1) {
          if (isWs) continue;
          lastPos = start = i;
        } else if (inWs) {
          if (!isWs) {
            end = -1;
            inWs = false;
          }
        } else if (isWs) {
          end = i;
          inWs = true;
        }
        if (!split) {
          switch (code) {
            case CHAR_HASH:
              hasHash = true;
            // Fall through
            case CHAR_QUESTION_MARK:
              split = true;
              break;
            case CHAR_BACKWARD_SLASH:
              if (i - lastPos > 0) {
                rest += StringPrototypeSlice(url, lastPos, i);
              }
              rest += "/";
              lastPos = i + 1;
              break;
          }
        } else if (!hasHash && code === CHAR_HASH) {
          hasHash = true;
        }
      }
      if (start !== -1) {
        if (lastPos === start) {
          if (end === -1) {
            if (start === 0) rest = url;
            else rest = StringPrototypeSlice(url, start);
          } else {
            rest = StringPrototypeSlice(url, start, end);
          }
        } else if (end === -1 && lastPos < url.length) {
          rest += StringPrototypeSlice(url, lastPos);
        } else if (end !== -1 && lastPos < end) {
          rest += StringPrototypeSlice(url, lastPos, end);
        }
      }
      if (!slashesDenoteHost && !hasHash) {
        const simplePath = RegExpPrototypeExec(simplePathPattern, rest);
        if (simplePath) {
          this.path = rest;
          this.href = rest;
          this.pathname = simplePath[1];
          if (simplePath[2]) {
            this.search = simplePath[2];
            if (parseQueryString) {
              this.query = querystring.parse(
                StringPrototypeSlice(this.search, 1)
              );
            } else {
              this.query = StringPrototypeSlice(this.search, 1);
            }
          } else if (parseQueryString) {
            this.search = null;
            this.query = ObjectCreate(null);
          }
          return this;
        }
      }
      let proto = RegExpPrototypeExec(
        protocolPattern,
        rest
      );
      let lowerProto = "";
      if (proto) {
        proto = proto[0];
        lowerProto = StringPrototypeToLowerCase(proto);
        this.protocol = lowerProto;
        rest = StringPrototypeSlice(rest, proto.length);
      }
      let slashes;
      if (slashesDenoteHost || proto || RegExpPrototypeTest(hostPattern, rest)) {
        slashes = StringPrototypeCharCodeAt(rest, 0) === CHAR_FORWARD_SLASH && StringPrototypeCharCodeAt(rest, 1) === CHAR_FORWARD_SLASH;
        if (slashes && !(proto && SetPrototypeHas(hostlessProtocol, lowerProto))) {
          rest = StringPrototypeSlice(rest, 2);
          this.slashes = true;
        }
      }
      if (!SetPrototypeHas(hostlessProtocol, lowerProto) && (slashes || proto && !SetPrototypeHas(slashedProtocol, proto))) {
        let hostEnd = -1;
        let atSign = -1;
        let nonHost = -1;
        for (let i = 0; i < rest.length; ++i) {
          switch (StringPrototypeCharCodeAt(rest, i)) {
            case CHAR_TAB:
            case CHAR_LINE_FEED:
            case CHAR_CARRIAGE_RETURN:
            case CHAR_SPACE:
            case CHAR_DOUBLE_QUOTE:
            case CHAR_PERCENT:
            case CHAR_SINGLE_QUOTE:
            case CHAR_SEMICOLON:
            case CHAR_LEFT_ANGLE_BRACKET:
            case CHAR_RIGHT_ANGLE_BRACKET:
            case CHAR_BACKWARD_SLASH:
            case CHAR_CIRCUMFLEX_ACCENT:
            case CHAR_GRAVE_ACCENT:
            case CHAR_LEFT_CURLY_BRACKET:
            case CHAR_VERTICAL_LINE:
            case CHAR_RIGHT_CURLY_BRACKET:
              if (nonHost === -1) nonHost = i;
              break;
            case CHAR_HASH:
            case CHAR_FORWARD_SLASH:
            case CHAR_QUESTION_MARK:
              if (nonHost === -1) nonHost = i;
              hostEnd = i;
              break;
            case CHAR_AT:
              atSign = i;
              nonHost = -1;
              break;
          }
          if (hostEnd !== -1) break;
        }
        start = 0;
        if (atSign !== -1) {
          this.auth = decodeURIComponent(StringPrototypeSlice(rest, 0, atSign));
          start = atSign + 1;
        }
        if (nonHost === -1) {
          this.host = StringPrototypeSlice(rest, start);
          rest = "";
        } else {
          this.host = StringPrototypeSlice(rest, start, nonHost);
          rest = StringPrototypeSlice(rest, nonHost);
        }
        this.#parseHost();
        if (typeof this.hostname !== "string") this.hostname = "";
        const hostname = this.hostname;
        const ipv6Hostname = isIpv6Hostname(hostname);
        if (!ipv6Hostname) {
          rest = getHostname(this, rest, hostname);
        }
        if (this.hostname.length > hostnameMaxLen) {
          this.hostname = "";
        } else {
          this.hostname = StringPrototypeToLowerCase(this.hostname);
        }
        if (this.hostname !== "") {
          if (ipv6Hostname) {
            if (RegExpPrototypeTest(forbiddenHostCharsIpv6, this.hostname)) {
              throw new ERR_INVALID_URL(url);
            }
          } else {
            this.hostname = idnaToASCII(this.hostname);
            if (this.hostname === "" || RegExpPrototypeTest(forbiddenHostChars, this.hostname)) {
              throw new ERR_INVALID_URL(url);
            }
          }
        }
        const p = this.port ? ":" + this.port : "";
        const h = this.hostname || "";
        this.host = h + p;
        if (ipv6Hostname) {
          this.hostname = StringPrototypeSlice(this.hostname, 1, -1);
          if (rest[0] !== "/") {
            rest = "/" + rest;
          }
        }
      }
      if (!SetPrototypeHas(unsafeProtocol, lowerProto)) {
        rest = autoEscapeStr(rest);
      }
      let questionIdx = -1;
      let hashIdx = -1;
      for (let i = 0; i < rest.length; ++i) {
        const code = StringPrototypeCharCodeAt(rest, i);
        if (code === CHAR_HASH) {
          this.hash = StringPrototypeSlice(rest, i);
          hashIdx = i;
          break;
        } else if (code === CHAR_QUESTION_MARK && questionIdx === -1) {
          questionIdx = i;
        }
      }
      if (questionIdx !== -1) {
        if (hashIdx === -1) {
          this.search = StringPrototypeSlice(rest, questionIdx);
          this.query = StringPrototypeSlice(rest, questionIdx + 1);
        } else {
          this.search = StringPrototypeSlice(rest, questionIdx, hashIdx);
          this.query = StringPrototypeSlice(rest, questionIdx + 1, hashIdx);
        }
        if (parseQueryString) {
          this.query = querystring.parse(this.query);
        }
      } else if (parseQueryString) {
        this.search = null;
        this.query = ObjectCreate(null);
      }
      const useQuestionIdx = questionIdx !== -1 && (hashIdx === -1 || questionIdx < hashIdx);
      const firstIdx = useQuestionIdx ? questionIdx : hashIdx;
      if (firstIdx === -1) {
        if (rest.length > 0) this.pathname = rest;
      } else if (firstIdx > 0) {
        this.pathname = StringPrototypeSlice(rest, 0, firstIdx);
      }
      if (SetPrototypeHas(slashedProtocol, lowerProto) && this.hostname && !this.pathname) {
        this.pathname = "/";
      }
      if (this.pathname || this.search) {
        const p = this.pathname || "";
        const s = this.search || "";
        this.path = p + s;
      }
      this.href = this.format();
      return this;
    }
  }
  function format(urlObject, options) {
    if (typeof urlObject === "string") {
      urlObject = parse(urlObject, true, false);
    } else if (typeof urlObject !== "object" || urlObject === null) {
      throw new ERR_INVALID_ARG_TYPE(
        "urlObject",
        ["Object", "string"],
        urlObject
      );
    } else if (ObjectPrototypeIsPrototypeOf(URL.prototype, urlObject)) {
      return formatWhatwg(urlObject, options);
    }
    return FunctionPrototypeCall(Url.prototype.format, urlObject);
  }
  function formatWhatwg(urlObject, options) {
    if (typeof urlObject === "string") {
      urlObject = new URL(urlObject);
    }
    if (options) {
      if (typeof options !== "object") {
        throw new ERR_INVALID_ARG_TYPE("options", "object", options);
      }
    }
    options = {
      auth: true,
      fragment: true,
      search: true,
      unicode: false,
      ...options
    };
    let ret = urlObject.protocol;
    if (urlObject.host !== null) {
      ret += "//";
      const hasUsername = !!urlObject.username;
      const hasPassword = !!urlObject.password;
      if (options.auth && (hasUsername || hasPassword)) {
        if (hasUsername) {
          ret += urlObject.username;
        }
        if (hasPassword) {
          ret += `:${urlObject.password}`;
        }
        ret += "@";
      }
      ret += options.unicode ? domainToUnicode(urlObject.hostname) : urlObject.hostname;
      if (urlObject.port) {
        ret += `:${urlObject.port}`;
      }
    }
    ret += urlObject.pathname;
    if (options.search && urlObject.search) {
      ret += urlObject.search;
    }
    if (options.fragment && urlObject.hash) {
      ret += urlObject.hash;
    }
    return ret;
  }
  function isIpv6Hostname(hostname) {
    return StringPrototypeCharCodeAt(hostname, 0) === CHAR_LEFT_SQUARE_BRACKET && StringPrototypeCharCodeAt(hostname, hostname.length - 1) === CHAR_RIGHT_SQUARE_BRACKET;
  }
  function getHostname(self, rest, hostname) {
    for (let i = 0; i < hostname.length; ++i) {
      const code = StringPrototypeCharCodeAt(hostname, i);
      const isValid = code >= CHAR_LOWERCASE_A && code <= CHAR_LOWERCASE_Z || code === CHAR_DOT || code >= CHAR_UPPERCASE_A && code <= CHAR_UPPERCASE_Z || code >= CHAR_0 && code <= CHAR_9 || code === CHAR_HYPHEN_MINUS || code === CHAR_PLUS || code === CHAR_UNDERSCORE || code > 127;
      if (!isValid) {
        self.hostname = StringPrototypeSlice(hostname, 0, i);
        return `/${StringPrototypeSlice(hostname, i)}${rest}`;
      }
    }
    return rest;
  }
  const escapedCodes = [
    /* 0 - 9 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "%09",
    /* 10 - 19 */
    "%0A",
    "",
    "",
    "%0D",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 20 - 29 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 30 - 39 */
    "",
    "",
    "%20",
    "",
    "%22",
    "",
    "",
    "",
    "",
    "%27",
    /* 40 - 49 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 50 - 59 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 60 - 69 */
    "%3C",
    "",
    "%3E",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 70 - 79 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 80 - 89 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 90 - 99 */
    "",
    "",
    "%5C",
    "",
    "%5E",
    "",
    "%60",
    "",
    "",
    "",
    /* 100 - 109 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 110 - 119 */
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    /* 120 - 125 */
    "",
    "",
    "",
    "%7B",
    "%7C",
    "%7D"
  ];
  function autoEscapeStr(rest) {
    let escaped = "";
    let lastEscapedPos = 0;
    for (let i = 0; i < rest.length; ++i) {
      const escapedChar = escapedCodes[StringPrototypeCharCodeAt(rest, i)];
      if (escapedChar) {
        if (i > lastEscapedPos) {
          escaped += StringPrototypeSlice(rest, lastEscapedPos, i);
        }
        escaped += escapedChar;
        lastEscapedPos = i + 1;
      }
    }
    if (lastEscapedPos === 0) {
      return rest;
    }
    if (lastEscapedPos < rest.length) {
      escaped += StringPrototypeSlice(rest, lastEscapedPos);
    }
    return escaped;
  }
  function parse(url, parseQueryString, slashesDenoteHost) {
    if (ObjectPrototypeIsPrototypeOf(Url.prototype, url)) return url;
    const urlObject = new Url();
    urlObject.urlParse(url, parseQueryString, slashesDenoteHost);
    return urlObject;
  }
  function resolve(from, to) {
    return parse(from, false, true).resolve(to);
  }
  function resolveObject(source, relative) {
    if (!source) return relative;
    return parse(source, false, true).resolveObject(relative);
  }
  function domainToASCII(domain) {
    return idnaToASCII(domain);
  }
  function domainToUnicode(domain) {
    return idnaToUnicode(domain);
  }
  function fileURLToPath(path) {
    if (typeof path === "string") path = new URL(path);
    else if (!ObjectPrototypeIsPrototypeOf(URL.prototype, path)) {
      throw new ERR_INVALID_ARG_TYPE("path", ["string", "URL"], path);
    }
    if (path.protocol !== "file:") {
      throw new ERR_INVALID_URL_SCHEME("file");
    }
    return isWindows ? getPathFromURLWin(path) : getPathFromURLPosix(path);
  }
  function isHexCharByte(byte) {
    return byte >= 48 && byte <= 57 || byte >= 65 && byte <= 70 || byte >= 97 && byte <= 102;
  }
  function hexByteToNumber(byte) {
    return (
      // 0-9
      byte >= 48 && byte <= 57 ? byte - 48 : (byte & 223) - 55
    );
  }
  function percentDecode(input) {
    const length = input.length;
    const output = new Uint8Array(length);
    let j = 0;
    for (let i = 0; i < length; ++i) {
      const byte = input[i];
      if (byte !== 37) {
        output[j++] = byte;
      } else if (byte === 37 && !(isHexCharByte(input[i + 1]) && isHexCharByte(input[i + 2]))) {
        output[j++] = 37;
      } else {
        output[j++] = hexByteToNumber(input[i + 1]) << 4 | hexByteToNumber(input[i + 2]);
        i += 2;
      }
    }
    return length === j ? output : TypedArrayPrototypeSubarray(output, 0, j);
  }
  function fileURLToPathBuffer(path, options = { __proto__: null }) {
    const windows = options?.windows;
    if (typeof path === "string") path = new URL(path);
    else if (!ObjectPrototypeIsPrototypeOf(URL.prototype, path)) {
      throw new ERR_INVALID_ARG_TYPE("path", ["string", "URL"], path);
    }
    if (path.protocol !== "file:") {
      throw new ERR_INVALID_URL_SCHEME("file");
    }
    return windows ?? isWindows ? getPathBufferFromURLWin(path) : getPathBufferFromURLPosix(path);
  }
  function getPathBufferFromURLPosix(url) {
    if (url.hostname !== "") {
      throw new ERR_INVALID_FILE_URL_HOST(osType);
    }
    const Buffer = lazyBuffer();
    const u8 = percentDecode(Buffer.from(url.pathname, "utf8"));
    return Buffer.from(
      TypedArrayPrototypeGetBuffer(u8),
      TypedArrayPrototypeGetByteOffset(u8),
      TypedArrayPrototypeGetByteLength(u8)
    );
  }
  function getPathBufferFromURLWin(url) {
    const Buffer = lazyBuffer();
    const hostname = url.hostname;
    const pathname = StringPrototypeReplace(
      url.pathname,
      forwardSlashRegEx,
      "\\"
    );
    const u8 = percentDecode(Buffer.from(pathname, "utf8"));
    const decodedPathname = Buffer.from(
      TypedArrayPrototypeGetBuffer(u8),
      TypedArrayPrototypeGetByteOffset(u8),
      TypedArrayPrototypeGetByteLength(u8)
    );
    if (hostname !== "") {
      const prefix = Buffer.from("\\\\", "ascii");
      const domain = Buffer.from(domainToUnicode(hostname), "utf8");
      return Buffer.concat([prefix, domain, decodedPathname]);
    }
    const letter = decodedPathname[1] | 32;
    const sep = decodedPathname[2];
    if (letter < CHAR_LOWERCASE_A || letter > CHAR_LOWERCASE_Z || // a..z A..Z
    sep !== 58) {
      throw new ERR_INVALID_FILE_URL_PATH("must be absolute", url);
    }
    return TypedArrayPrototypeSubarray(decodedPathname, 1);
  }
  function getPathFromURLWin(url) {
    const hostname = url.hostname;
    let pathname = url.pathname;
    for (let n = 0; n < pathname.length; n++) {
      if (pathname[n] === "%") {
        const third = StringPrototypeCodePointAt(pathname, n + 2) | 32;
        if (pathname[n + 1] === "2" && third === 102 || // 2f 2F /
        pathname[n + 1] === "5" && third === 99) {
          throw new ERR_INVALID_FILE_URL_PATH(
            "must not include encoded \\ or / characters",
            url
          );
        }
      }
    }
    pathname = StringPrototypeReplace(pathname, forwardSlashRegEx, "\\");
    pathname = decodeURIComponent(pathname);
    if (hostname !== "") {
      return `\\\\${hostname}${pathname}`;
    } else {
      const letter = StringPrototypeCodePointAt(pathname, 1) | 32;
      const sep = pathname[2];
      if (letter < CHAR_LOWERCASE_A || letter > CHAR_LOWERCASE_Z || // a..z A..Z
      sep !== ":") {
        throw new ERR_INVALID_FILE_URL_PATH("must be absolute", url);
      }
      return StringPrototypeSlice(pathname, 1);
    }
  }
  function getPathFromURLPosix(url) {
    if (url.hostname !== "") {
      throw new ERR_INVALID_FILE_URL_HOST(osType);
    }
    const pathname = url.pathname;
    for (let n = 0; n < pathname.length; n++) {
      if (pathname[n] === "%") {
        const third = StringPrototypeCodePointAt(pathname, n + 2) | 32;
        if (pathname[n + 1] === "2" && third === 102) {
          throw new ERR_INVALID_FILE_URL_PATH(
            "must not include encoded / characters",
            url
          );
        }
      }
    }
    return decodeURIComponent(pathname);
  }
  function encodePathChars(filepath, options) {
    const windows = options.windows;
    if (StringPrototypeIncludes(filepath, "%")) {
      filepath = StringPrototypeReplace(filepath, percentRegEx, "%25");
    }
    if (!(windows ?? isWindows) && StringPrototypeIncludes(filepath, "\\")) {
      filepath = StringPrototypeReplace(filepath, backslashRegEx, "%5C");
    }
    if (StringPrototypeIncludes(filepath, "\n")) {
      filepath = StringPrototypeReplace(filepath, newlineRegEx, "%0A");
    }
    if (StringPrototypeIncludes(filepath, "\r")) {
      filepath = StringPrototypeReplace(filepath, carriageReturnRegEx, "%0D");
    }
    if (StringPrototypeIncludes(filepath, "	")) {
      filepath = StringPrototypeReplace(filepath, tabRegEx, "%09");
    }
    if (StringPrototypeIncludes(filepath, "^")) {
      filepath = StringPrototypeReplace(filepath, caretRegEx, "%5E");
    }
    if (StringPrototypeIncludes(filepath, "[")) {
      filepath = StringPrototypeReplace(filepath, leftBracketRegEx, "%5B");
    }
    if (StringPrototypeIncludes(filepath, "]")) {
      filepath = StringPrototypeReplace(filepath, rightBracketRegEx, "%5D");
    }
    if (StringPrototypeIncludes(filepath, "|")) {
      filepath = StringPrototypeReplace(filepath, pipeRegEx, "%7C");
    }
    if (StringPrototypeIncludes(filepath, "~")) {
      filepath = StringPrototypeReplace(filepath, tildeRegEx, "%7E");
    }
    return filepath;
  }
  function pathToFileURL(filepath, options = { __proto__: null }) {
    validateString(filepath, "path");
    const windows = options?.windows;
    const outURL = new URL("file://");
    const isWin = windows ?? isWindows;
    if (isWin && StringPrototypeStartsWith(filepath, "\\\\?\\") && !StringPrototypeStartsWith(filepath, "\\\\?\\UNC\\")) {
      const stripped = StringPrototypeSlice(filepath, 4);
      outURL.pathname = encodePathChars(stripped, { windows });
      return outURL;
    }
    if (isWin && StringPrototypeStartsWith(filepath, "\\\\")) {
      const isExtendedUNC = StringPrototypeStartsWith(filepath, "\\\\?\\UNC\\");
      const prefixLength = isExtendedUNC ? 8 : 2;
      const hostnameEndIndex = StringPrototypeIndexOf(
        filepath,
        "\\",
        prefixLength
      );
      if (hostnameEndIndex === -1) {
        throw new ERR_INVALID_ARG_VALUE(
          "filepath",
          filepath,
          "Missing UNC resource path"
        );
      }
      if (hostnameEndIndex === prefixLength) {
        throw new ERR_INVALID_ARG_VALUE(
          "filepath",
          filepath,
          "Empty UNC servername"
        );
      }
      const hostname = StringPrototypeSlice(
        filepath,
        prefixLength,
        hostnameEndIndex
      );
      const rest = StringPrototypeSlice(filepath, hostnameEndIndex + 1);
      outURL.hostname = idnaToASCII(hostname);
      if (outURL.hostname === "" && hostname !== "") {
        throw new ERR_INVALID_URL(filepath);
      }
      outURL.pathname = encodePathChars(
        StringPrototypeReplace(rest, backslashRegEx, "/"),
        {
          windows
        }
      );
    } else {
      const path = lazyPath();
      let resolved = windows ?? isWindows ? path.win32.resolve(filepath) : path.posix.resolve(filepath);
      const filePathLast = StringPrototypeCharCodeAt(
        filepath,
        filepath.length - 1
      );
      if ((filePathLast === CHAR_FORWARD_SLASH || (windows ?? isWindows) && filePathLast === CHAR_BACKWARD_SLASH) && resolved[resolved.length - 1] !== path.sep) {
        resolved += "/";
      }
      outURL.pathname = encodePathChars(resolved, { windows });
    }
    return outURL;
  }
  const URLSearchParams_ = URLSearchParams;
  return {
    URL: _url,
    URLSearchParams: URLSearchParams_,
    urlToHttpOptions,
    Url,
    parse,
    format,
    resolve,
    resolveObject,
    domainToASCII,
    domainToUnicode,
    fileURLToPath,
    fileURLToPathBuffer,
    pathToFileURL
  };
})();
