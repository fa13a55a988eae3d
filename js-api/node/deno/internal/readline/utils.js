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
  const { primordials } = __bootstrap;
  const {
    ArrayPrototypeSlice,
    ArrayPrototypeSort,
    RegExpPrototypeExec,
    RegExpPrototypeTest,
    SafeRegExp,
    StringFromCharCode,
    StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt,
    StringPrototypeSlice,
    StringPrototypeToLowerCase,
    Symbol
  } = primordials;
  const kUTF16SurrogateThreshold = 65536;
  const kFunctionKeyCodeRe = new SafeRegExp("^(\\d\\d?)(;(\\d))?([~^$])$");
  const kOtherKeyCodeRe = new SafeRegExp("^((\\d;)?(\\d))?([A-Za-z])$");
  const kAlphaNumericRe = new SafeRegExp("^[0-9A-Za-z]$");
  const kUpperCaseRe = new SafeRegExp("^[A-Z]$");
  const kEscape = "\x1B";
  const kSubstringSearch = Symbol("kSubstringSearch");
  function CSI(strings, ...args) {
    let ret = `${kEscape}[`;
    for (let n = 0; n < strings.length; n++) {
      ret += strings[n];
      if (n < args.length) {
        ret += args[n];
      }
    }
    return ret;
  }
  CSI.kEscape = kEscape;
  CSI.kClearToLineBeginning = `${kEscape}[1K`;
  CSI.kClearToLineEnd = `${kEscape}[0K`;
  CSI.kClearLine = `${kEscape}[2K`;
  CSI.kClearScreenDown = `${kEscape}[0J`;
  function charLengthLeft(str, i) {
    if (i <= 0) {
      return 0;
    }
    if (i > 1 && StringPrototypeCodePointAt(str, i - 2) >= kUTF16SurrogateThreshold || StringPrototypeCodePointAt(str, i - 1) >= kUTF16SurrogateThreshold) {
      return 2;
    }
    return 1;
  }
  function charLengthAt(str, i) {
    if (str.length <= i) {
      return 1;
    }
    return StringPrototypeCodePointAt(str, i) >= kUTF16SurrogateThreshold ? 2 : 1;
  }
  function* emitKeys(stream) {
    while (true) {
      let ch = yield;
      let s = ch;
      let escaped = false;
      const key = {
        sequence: null,
        name: void 0,
        ctrl: false,
        meta: false,
        shift: false
      };
      if (ch === kEscape) {
        escaped = true;
        s += ch = yield;
        if (ch === kEscape) {
          s += ch = yield;
        }
      }
      if (escaped && (ch === "O" || ch === "[")) {
        let code = ch;
        let modifier = 0;
        if (ch === "O") {
          s += ch = yield;
          if (ch >= "0" && ch <= "9") {
            modifier = (ch >> 0) - 1;
            s += ch = yield;
          }
          code += ch;
        } else if (ch === "[") {
          s += ch = yield;
          if (ch === "[") {
            code += ch;
            s += ch = yield;
          }
          const cmdStart = s.length - 1;
          if (ch >= "0" && ch <= "9") {
            s += ch = yield;
            if (ch >= "0" && ch <= "9") {
              s += ch = yield;
            }
          }
          if (ch === ";") {
            s += ch = yield;
            if (ch >= "0" && ch <= "9") {
              s += yield;
            }
          }
          const cmd = StringPrototypeSlice(s, cmdStart);
          let match;
          if (match = RegExpPrototypeExec(kFunctionKeyCodeRe, cmd)) {
            code += match[1] + match[4];
            modifier = (match[3] || 1) - 1;
          } else if (match = RegExpPrototypeExec(kOtherKeyCodeRe, cmd)) {
            code += match[4];
            modifier = (match[3] || 1) - 1;
          } else {
            code += cmd;
          }
        }
        key.ctrl = !!(modifier & 4);
        key.meta = !!(modifier & 10);
        key.shift = !!(modifier & 1);
        key.code = code;
        switch (code) {
          /* xterm/gnome ESC [ letter (with modifier) */
          case "[P":
            key.name = "f1";
            break;
          case "[Q":
            key.name = "f2";
            break;
          case "[R":
            key.name = "f3";
            break;
          case "[S":
            key.name = "f4";
            break;
          /* xterm/gnome ESC O letter (without modifier) */
          case "OP":
            key.name = "f1";
            break;
          case "OQ":
            key.name = "f2";
            break;
          case "OR":
            key.name = "f3";
            break;
          case "OS":
            key.name = "f4";
            break;
          /* xterm/rxvt ESC [ number ~ */
          case "[11~":
            key.name = "f1";
            break;
          case "[12~":
            key.name = "f2";
            break;
          case "[13~":
            key.name = "f3";
            break;
          case "[14~":
            key.name = "f4";
            break;
          /* from Cygwin and used in libuv */
          case "[[A":
            key.name = "f1";
            break;
          case "[[B":
            key.name = "f2";
            break;
          case "[[C":
            key.name = "f3";
            break;
          case "[[D":
            key.name = "f4";
            break;
          case "[[E":
            key.name = "f5";
            break;
          /* common */
          case "[15~":
            key.name = "f5";
            break;
          case "[17~":
            key.name = "f6";
            break;
          case "[18~":
            key.name = "f7";
            break;
          case "[19~":
            key.name = "f8";
            break;
          case "[20~":
            key.name = "f9";
            break;
          case "[21~":
            key.name = "f10";
            break;
          case "[23~":
            key.name = "f11";
            break;
          case "[24~":
            key.name = "f12";
            break;
          /* xterm ESC [ letter */
          case "[A":
            key.name = "up";
            break;
          case "[B":
            key.name = "down";
            break;
          case "[C":
            key.name = "right";
            break;
          case "[D":
            key.name = "left";
            break;
          case "[E":
            key.name = "clear";
            break;
          case "[F":
            key.name = "end";
            break;
          case "[H":
            key.name = "home";
            break;
          /* xterm/gnome ESC O letter */
          case "OA":
            key.name = "up";
            break;
          case "OB":
            key.name = "down";
            break;
          case "OC":
            key.name = "right";
            break;
          case "OD":
            key.name = "left";
            break;
          case "OE":
            key.name = "clear";
            break;
          case "OF":
            key.name = "end";
            break;
          case "OH":
            key.name = "home";
            break;
          /* xterm/rxvt ESC [ number ~ */
          case "[1~":
            key.name = "home";
            break;
          case "[2~":
            key.name = "insert";
            break;
          case "[3~":
            key.name = "delete";
            break;
          case "[4~":
            key.name = "end";
            break;
          case "[5~":
            key.name = "pageup";
            break;
          case "[6~":
            key.name = "pagedown";
            break;
          /* putty */
          case "[[5~":
            key.name = "pageup";
            break;
          case "[[6~":
            key.name = "pagedown";
            break;
          /* rxvt */
          case "[7~":
            key.name = "home";
            break;
          case "[8~":
            key.name = "end";
            break;
          /* rxvt keys with modifiers */
          case "[a":
            key.name = "up";
            key.shift = true;
            break;
          case "[b":
            key.name = "down";
            key.shift = true;
            break;
          case "[c":
            key.name = "right";
            key.shift = true;
            break;
          case "[d":
            key.name = "left";
            key.shift = true;
            break;
          case "[e":
            key.name = "clear";
            key.shift = true;
            break;
          case "[2$":
            key.name = "insert";
            key.shift = true;
            break;
          case "[3$":
            key.name = "delete";
            key.shift = true;
            break;
          case "[5$":
            key.name = "pageup";
            key.shift = true;
            break;
          case "[6$":
            key.name = "pagedown";
            key.shift = true;
            break;
          case "[7$":
            key.name = "home";
            key.shift = true;
            break;
          case "[8$":
            key.name = "end";
            key.shift = true;
            break;
          case "Oa":
            key.name = "up";
            key.ctrl = true;
            break;
          case "Ob":
            key.name = "down";
            key.ctrl = true;
            break;
          case "Oc":
            key.name = "right";
            key.ctrl = true;
            break;
          case "Od":
            key.name = "left";
            key.ctrl = true;
            break;
          case "Oe":
            key.name = "clear";
            key.ctrl = true;
            break;
          case "[2^":
            key.name = "insert";
            key.ctrl = true;
            break;
          case "[3^":
            key.name = "delete";
            key.ctrl = true;
            break;
          case "[5^":
            key.name = "pageup";
            key.ctrl = true;
            break;
          case "[6^":
            key.name = "pagedown";
            key.ctrl = true;
            break;
          case "[7^":
            key.name = "home";
            key.ctrl = true;
            break;
          case "[8^":
            key.name = "end";
            key.ctrl = true;
            break;
          /* misc. */
          case "[Z":
            key.name = "tab";
            key.shift = true;
            break;
          default:
            key.name = "undefined";
            break;
        }
      } else if (ch === "\r") {
        key.name = "return";
        key.meta = escaped;
      } else if (ch === "\n") {
        key.name = "enter";
        key.meta = escaped;
      } else if (ch === "	") {
        key.name = "tab";
        key.meta = escaped;
      } else if (ch === "\b" || ch === "\x7F") {
        key.name = "backspace";
        key.meta = escaped;
      } else if (ch === kEscape) {
        key.name = "escape";
        key.meta = escaped;
      } else if (ch === " ") {
        key.name = "space";
        key.meta = escaped;
      } else if (!escaped && ch <= "") {
        key.name = StringFromCharCode(
          StringPrototypeCharCodeAt(ch) + StringPrototypeCharCodeAt("a") - 1
        );
        key.ctrl = true;
      } else if (RegExpPrototypeTest(kAlphaNumericRe, ch)) {
        key.name = StringPrototypeToLowerCase(ch);
        key.shift = RegExpPrototypeTest(kUpperCaseRe, ch);
        key.meta = escaped;
      } else if (escaped) {
        key.name = ch.length ? void 0 : "escape";
        key.meta = true;
      }
      key.sequence = s;
      if (s.length !== 0 && (key.name !== void 0 || escaped)) {
        stream.emit("keypress", escaped ? void 0 : s, key);
      } else if (charLengthAt(s, 0) === s.length) {
        stream.emit("keypress", s, key);
      }
    }
  }
  function commonPrefix(strings) {
    if (strings.length === 1) {
      return strings[0];
    }
    const sorted = ArrayPrototypeSort(ArrayPrototypeSlice(strings));
    const min = sorted[0];
    const max = sorted[sorted.length - 1];
    for (let i = 0; i < min.length; i++) {
      if (min[i] !== max[i]) {
        return StringPrototypeSlice(min, 0, i);
      }
    }
    return min;
  }
  const _defaultExport = {
    CSI,
    charLengthAt,
    charLengthLeft,
    emitKeys,
    commonPrefix,
    kSubstringSearch
  };
  return {
    CSI,
    charLengthLeft,
    charLengthAt,
    emitKeys,
    commonPrefix,
    kSubstringSearch,
    default: _defaultExport
  };
})();
