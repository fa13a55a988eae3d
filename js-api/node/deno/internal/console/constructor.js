// Copyright 2018-2026 the Deno authors. MIT license.
// Copyright Joyent and Node contributors. All rights reserved. MIT license.
"use strict";
return (function() {
  const { core, primordials } = __bootstrap;
  const {
    op_get_env_no_permission_check,
    op_preview_entries
  } = core.ops;
  const lazyProcess = core.createLazyLoader("node:process");
  const {
    ArrayIsArray,
    ArrayFrom,
    ArrayPrototypeForEach,
    ArrayPrototypePush,
    ArrayPrototypeUnshift,
    Boolean,
    ErrorCaptureStackTrace,
    FunctionPrototypeBind,
    FunctionPrototypeCall,
    MapPrototypeDelete,
    MapPrototypeGet,
    MapPrototypeHas,
    MapPrototypeSet,
    MathFloor,
    Number,
    NumberPOSITIVE_INFINITY,
    NumberPrototypeToFixed,
    ObjectCreate,
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectKeys,
    ObjectHasOwn,
    ObjectValues,
    ReflectApply,
    ReflectConstruct,
    ReflectOwnKeys,
    SafeArrayIterator,
    SafeMap,
    SafeMapIterator,
    SafeRegExp,
    SafeSetIterator,
    SafeWeakMap,
    StringPrototypeIncludes,
    StringPrototypePadStart,
    StringPrototypeRepeat,
    StringPrototypeReplace,
    StringPrototypeSlice,
    StringPrototypeSplit,
    Symbol,
    SymbolHasInstance,
    SymbolToStringTag,
    WeakMapPrototypeGet,
    WeakMapPrototypeSet
  } = primordials;
  const trace = () => {
  };
  const { channel: createDiagnosticsChannel } = core.loadExtScript(
    "ext:deno_node/diagnostics_channel.js"
  );
  const onConsoleLog = createDiagnosticsChannel("console.log");
  const onConsoleInfo = createDiagnosticsChannel("console.info");
  const onConsoleDebug = createDiagnosticsChannel("console.debug");
  const onConsoleWarn = createDiagnosticsChannel("console.warn");
  const onConsoleError = createDiagnosticsChannel("console.error");
  const {
    ERR_CONSOLE_WRITABLE_STREAM,
    ERR_INCOMPATIBLE_OPTION_PAIR,
    ERR_INVALID_ARG_VALUE,
    isStackOverflowError
  } = core.loadExtScript("ext:deno_node/internal/errors.ts");
  const {
    validateArray,
    validateInteger,
    validateObject
  } = core.loadExtScript("ext:deno_node/internal/validators.mjs");
  const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.mjs");
  const { isBuffer } = Buffer;
  const {
    formatWithOptions,
    inspect
  } = core.loadExtScript("ext:deno_node/internal/util/inspect.mjs");
  const {
    isMap,
    isMapIterator,
    isSet,
    isSetIterator,
    isTypedArray
  } = core.loadExtScript("ext:deno_node/internal/util/types.ts");
  const {
    CHAR_LOWERCASE_B: kTraceBegin,
    CHAR_LOWERCASE_E: kTraceEnd,
    CHAR_LOWERCASE_N: kTraceInstant,
    CHAR_UPPERCASE_C: kTraceCount
  } = core.loadExtScript("ext:deno_node/internal/constants.ts");
  const {
    clearScreenDown,
    cursorTo
  } = core.loadExtScript("ext:deno_node/internal/readline/callbacks.mjs");
  const { default: cliTable } = core.loadExtScript(
    "ext:deno_node/internal/cli_table.ts"
  );
  const kCounts = Symbol("counts");
  const kTraceConsoleCategory = "node,node.console";
  const kSecond = 1e3;
  const kMinute = 60 * kSecond;
  const kHour = 60 * kMinute;
  const kMaxGroupIndentation = 1e3;
  const kGroupIndent = Symbol("kGroupIndent");
  const kGroupIndentationWidth = Symbol("kGroupIndentWidth");
  const kFormatForStderr = Symbol("kFormatForStderr");
  const kFormatForStdout = Symbol("kFormatForStdout");
  const kGetInspectOptions = Symbol("kGetInspectOptions");
  const kColorMode = Symbol("kColorMode");
  const kIsConsole = Symbol("kIsConsole");
  const kWriteToConsole = Symbol("kWriteToConsole");
  const kBindProperties = Symbol("kBindProperties");
  const kBindStreamsEager = Symbol("kBindStreamsEager");
  const kBindStreamsLazy = Symbol("kBindStreamsLazy");
  const kUseStdout = Symbol("kUseStdout");
  const kUseStderr = Symbol("kUseStderr");
  const optionsMap = new SafeWeakMap();
  function Console(options) {
    if (!new.target) {
      return ReflectConstruct(Console, arguments);
    }
    if (!options || typeof options.write === "function") {
      options = {
        stdout: options,
        stderr: arguments[1],
        ignoreErrors: arguments[2]
      };
    }
    const {
      stdout,
      stderr = stdout,
      ignoreErrors = true,
      colorMode = "auto",
      inspectOptions,
      groupIndentation
    } = options;
    if (!stdout || typeof stdout.write !== "function") {
      throw new ERR_CONSOLE_WRITABLE_STREAM("stdout");
    }
    if (!stderr || typeof stderr.write !== "function") {
      throw new ERR_CONSOLE_WRITABLE_STREAM("stderr");
    }
    if (typeof colorMode !== "boolean" && colorMode !== "auto") {
      throw new ERR_INVALID_ARG_VALUE(
        "colorMode",
        colorMode,
        "must be one of: 'auto', true, false"
      );
    }
    if (groupIndentation !== void 0) {
      validateInteger(
        groupIndentation,
        "groupIndentation",
        0,
        kMaxGroupIndentation
      );
    }
    if (inspectOptions !== void 0) {
      validateObject(inspectOptions, "options.inspectOptions");
      if (inspectOptions.colors !== void 0 && options.colorMode !== void 0) {
        throw new ERR_INCOMPATIBLE_OPTION_PAIR(
          "options.inspectOptions.color",
          "colorMode"
        );
      }
      WeakMapPrototypeSet(optionsMap, this, inspectOptions);
    }
    ArrayPrototypeForEach(ObjectKeys(Console.prototype), (key) => {
      this[key] = FunctionPrototypeBind(this[key], this);
      ObjectDefineProperty(this[key], "name", {
        __proto__: null,
        value: key
      });
    });
    this[kBindStreamsEager](stdout, stderr);
    this[kBindProperties](ignoreErrors, colorMode, groupIndentation);
  }
  const consolePropAttributes = {
    writable: true,
    enumerable: false,
    configurable: true
  };
  ObjectDefineProperty(Console, SymbolHasInstance, {
    __proto__: null,
    value(instance) {
      return instance === console || instance[kIsConsole];
    }
  });
  const kColorInspectOptions = { colors: true };
  const kNoColorInspectOptions = {};
  ObjectDefineProperties(Console.prototype, {
    [kBindStreamsEager]: {
      __proto__: null,
      ...consolePropAttributes,
      // Eager version for the Console constructor
      value: function(stdout, stderr) {
        ObjectDefineProperties(this, {
          "_stdout": { __proto__: null, ...consolePropAttributes, value: stdout },
          "_stderr": { __proto__: null, ...consolePropAttributes, value: stderr }
        });
      }
    },
    [kBindStreamsLazy]: {
      __proto__: null,
      ...consolePropAttributes,
      // Lazily load the stdout and stderr from an object so we don't
      // create the stdio streams when they are not even accessed
      value: function(object) {
        let stdout;
        let stderr;
        ObjectDefineProperties(this, {
          "_stdout": {
            __proto__: null,
            enumerable: false,
            configurable: true,
            get() {
              if (!stdout) stdout = object.stdout;
              return stdout;
            },
            set(value) {
              stdout = value;
            }
          },
          "_stderr": {
            __proto__: null,
            enumerable: false,
            configurable: true,
            get() {
              if (!stderr) stderr = object.stderr;
              return stderr;
            },
            set(value) {
              stderr = value;
            }
          }
        });
      }
    },
    [kBindProperties]: {
      __proto__: null,
      ...consolePropAttributes,
      value: function(ignoreErrors, colorMode, groupIndentation = 2) {
        ObjectDefineProperties(this, {
          "_stdoutErrorHandler": {
            __proto__: null,
            ...consolePropAttributes,
            value: createWriteErrorHandler(this, kUseStdout)
          },
          "_stderrErrorHandler": {
            __proto__: null,
            ...consolePropAttributes,
            value: createWriteErrorHandler(this, kUseStderr)
          },
          "_ignoreErrors": {
            __proto__: null,
            ...consolePropAttributes,
            value: Boolean(ignoreErrors)
          },
          "_times": {
            __proto__: null,
            ...consolePropAttributes,
            value: new SafeMap()
          },
          // Corresponds to https://console.spec.whatwg.org/#count-map
          [kCounts]: {
            __proto__: null,
            ...consolePropAttributes,
            value: new SafeMap()
          },
          [kColorMode]: {
            __proto__: null,
            ...consolePropAttributes,
            value: colorMode
          },
          [kIsConsole]: {
            __proto__: null,
            ...consolePropAttributes,
            value: true
          },
          [kGroupIndent]: {
            __proto__: null,
            ...consolePropAttributes,
            value: ""
          },
          [kGroupIndentationWidth]: {
            __proto__: null,
            ...consolePropAttributes,
            value: groupIndentation
          },
          [SymbolToStringTag]: {
            __proto__: null,
            writable: false,
            enumerable: false,
            configurable: true,
            value: "console"
          }
        });
      }
    },
    [kWriteToConsole]: {
      __proto__: null,
      ...consolePropAttributes,
      value: function(streamSymbol, string) {
        const ignoreErrors = this._ignoreErrors;
        const groupIndent = this[kGroupIndent];
        const useStdout = streamSymbol === kUseStdout;
        const stream = useStdout ? this._stdout : this._stderr;
        const errorHandler = useStdout ? this._stdoutErrorHandler : this._stderrErrorHandler;
        if (groupIndent.length !== 0) {
          if (StringPrototypeIncludes(string, "\n")) {
            string = StringPrototypeReplace(
              string,
              new SafeRegExp(/\n/g),
              `
${groupIndent}`
            );
          }
          string = groupIndent + string;
        }
        string += "\n";
        if (ignoreErrors === false) return stream.write(string);
        try {
          if (stream.listenerCount("error") === 0) {
            stream.once("error", noop);
          }
          stream.write(string, errorHandler);
        } catch (e) {
          if (isStackOverflowError(e)) {
            throw e;
          }
        } finally {
          stream.removeListener("error", noop);
        }
      }
    },
    [kGetInspectOptions]: {
      __proto__: null,
      ...consolePropAttributes,
      value: function(stream) {
        let color = this[kColorMode];
        if (color === "auto") {
          color = stream.isTTY && (typeof stream.getColorDepth === "function" ? stream.getColorDepth() > 2 : true);
        }
        const options = WeakMapPrototypeGet(optionsMap, this);
        if (options) {
          if (options.colors === void 0) {
            options.colors = color;
          }
          return options;
        }
        return color ? kColorInspectOptions : kNoColorInspectOptions;
      }
    },
    [kFormatForStdout]: {
      __proto__: null,
      ...consolePropAttributes,
      value: function(args) {
        const opts = this[kGetInspectOptions](this._stdout);
        ArrayPrototypeUnshift(args, opts);
        return ReflectApply(formatWithOptions, null, args);
      }
    },
    [kFormatForStderr]: {
      __proto__: null,
      ...consolePropAttributes,
      value: function(args) {
        const opts = this[kGetInspectOptions](this._stderr);
        ArrayPrototypeUnshift(args, opts);
        return ReflectApply(formatWithOptions, null, args);
      }
    }
  });
  function createWriteErrorHandler(instance, streamSymbol) {
    return (err) => {
      const stream = streamSymbol === kUseStdout ? instance._stdout : instance._stderr;
      if (err !== null && !stream._writableState.errorEmitted) {
        if (stream.listenerCount("error") === 0) {
          stream.once("error", noop);
        }
      }
    };
  }
  const consoleMethods = {
    log(...args) {
      if (onConsoleLog.hasSubscribers) {
        onConsoleLog.publish(args);
      }
      this[kWriteToConsole](kUseStdout, this[kFormatForStdout](args));
    },
    info(...args) {
      if (onConsoleInfo.hasSubscribers) {
        onConsoleInfo.publish(args);
      }
      this[kWriteToConsole](kUseStdout, this[kFormatForStdout](args));
    },
    debug(...args) {
      if (onConsoleDebug.hasSubscribers) {
        onConsoleDebug.publish(args);
      }
      this[kWriteToConsole](kUseStdout, this[kFormatForStdout](args));
    },
    warn(...args) {
      if (onConsoleWarn.hasSubscribers) {
        onConsoleWarn.publish(args);
      }
      this[kWriteToConsole](kUseStderr, this[kFormatForStderr](args));
    },
    error(...args) {
      if (onConsoleError.hasSubscribers) {
        onConsoleError.publish(args);
      }
      this[kWriteToConsole](kUseStderr, this[kFormatForStderr](args));
    },
    dir(object, options) {
      this[kWriteToConsole](
        kUseStdout,
        inspect(object, {
          customInspect: false,
          ...this[kGetInspectOptions](this._stdout),
          ...options
        })
      );
    },
    time(label = "default") {
      label = `${label}`;
      if (MapPrototypeHas(this._times, label)) {
        lazyProcess().emitWarning(
          `Label '${label}' already exists for console.time()`
        );
        return;
      }
      trace(kTraceBegin, kTraceConsoleCategory, `time::${label}`, 0);
      MapPrototypeSet(this._times, label, process.hrtime());
    },
    timeEnd(label = "default") {
      label = `${label}`;
      const found = timeLogImpl(this, "timeEnd", label);
      trace(kTraceEnd, kTraceConsoleCategory, `time::${label}`, 0);
      if (found) {
        MapPrototypeDelete(this._times, label);
      }
    },
    timeLog(label = "default", ...data) {
      label = `${label}`;
      timeLogImpl(this, "timeLog", label, data);
      trace(kTraceInstant, kTraceConsoleCategory, `time::${label}`, 0);
    },
    trace: function trace2(...args) {
      const err = {
        name: "Trace",
        message: this[kFormatForStderr](args)
      };
      ErrorCaptureStackTrace(err, trace2);
      this.error(err.stack);
    },
    assert(expression, ...args) {
      if (!expression) {
        args[0] = `Assertion failed${args.length === 0 ? "" : `: ${args[0]}`}`;
        ReflectApply(this.warn, this, args);
      }
    },
    // Defined by: https://console.spec.whatwg.org/#clear
    clear() {
      if (this._stdout.isTTY && op_get_env_no_permission_check("TERM") !== "dumb") {
        cursorTo(this._stdout, 0, 0);
        clearScreenDown(this._stdout);
      }
    },
    // Defined by: https://console.spec.whatwg.org/#count
    count(label = "default") {
      label = `${label}`;
      const counts = this[kCounts];
      let count = MapPrototypeGet(counts, label);
      if (count === void 0) {
        count = 1;
      } else {
        count++;
      }
      MapPrototypeSet(counts, label, count);
      trace(kTraceCount, kTraceConsoleCategory, `count::${label}`, 0, count);
      this.log(`${label}: ${count}`);
    },
    // Defined by: https://console.spec.whatwg.org/#countreset
    countReset(label = "default") {
      const counts = this[kCounts];
      if (!MapPrototypeHas(counts, label)) {
        lazyProcess().emitWarning(`Count for '${label}' does not exist`);
        return;
      }
      trace(kTraceCount, kTraceConsoleCategory, `count::${label}`, 0, 0);
      MapPrototypeDelete(counts, `${label}`);
    },
    group(...data) {
      if (data.length > 0) {
        ReflectApply(this.log, this, data);
      }
      this[kGroupIndent] += StringPrototypeRepeat(
        " ",
        this[kGroupIndentationWidth]
      );
    },
    groupEnd() {
      this[kGroupIndent] = StringPrototypeSlice(
        this[kGroupIndent],
        0,
        this[kGroupIndent].length - this[kGroupIndentationWidth]
      );
    },
    // https://console.spec.whatwg.org/#table
    table(tabularData, properties) {
      if (properties !== void 0) {
        validateArray(properties, "properties");
      }
      if (tabularData === null || typeof tabularData !== "object") {
        return this.log(tabularData);
      }
      const final = (k, v) => this.log(cliTable(k, v));
      const _inspect = (v) => {
        const depth = v !== null && typeof v === "object" && !isArray(v) && ObjectKeys(v).length > 2 ? -1 : 0;
        const opt = {
          depth,
          maxArrayLength: 3,
          breakLength: NumberPOSITIVE_INFINITY,
          ...this[kGetInspectOptions](this._stdout)
        };
        return inspect(v, opt);
      };
      const getIndexArray = (length) => ArrayFrom(
        { length },
        (_, i2) => _inspect(i2)
      );
      const mapIter = isMapIterator(tabularData);
      let isKeyValue = false;
      let i = 0;
      if (mapIter) {
        const res = op_preview_entries(tabularData, true);
        tabularData = res[0];
        isKeyValue = res[1];
      }
      if (isKeyValue || isMap(tabularData)) {
        const keys2 = [];
        const values2 = [];
        let length = 0;
        if (mapIter) {
          for (; i < tabularData.length / 2; ++i) {
            ArrayPrototypePush(keys2, _inspect(tabularData[i * 2]));
            ArrayPrototypePush(values2, _inspect(tabularData[i * 2 + 1]));
            length++;
          }
        } else {
          for (const { 0: k, 1: v } of new SafeMapIterator(tabularData)) {
            ArrayPrototypePush(keys2, _inspect(k));
            ArrayPrototypePush(values2, _inspect(v));
            length++;
          }
        }
        return final([
          iterKey,
          keyKey,
          valuesKey
        ], [
          getIndexArray(length),
          keys2,
          values2
        ]);
      }
      const setIter = isSetIterator(tabularData);
      if (setIter) {
        tabularData = op_preview_entries(tabularData, false);
      }
      const setlike = setIter || mapIter || isSet(tabularData);
      if (setlike) {
        const values2 = [];
        let length = 0;
        const setlikeIterator = isSet(tabularData) ? new SafeSetIterator(tabularData) : new SafeArrayIterator(tabularData);
        for (const v of setlikeIterator) {
          ArrayPrototypePush(values2, _inspect(v));
          length++;
        }
        return final([iterKey, valuesKey], [getIndexArray(length), values2]);
      }
      const map = ObjectCreate(null);
      let hasPrimitives = false;
      const valuesKeyArray = [];
      const indexKeyArray = ObjectKeys(tabularData);
      for (; i < indexKeyArray.length; i++) {
        const item = tabularData[indexKeyArray[i]];
        const primitive = item === null || typeof item !== "function" && typeof item !== "object";
        if (properties === void 0 && primitive) {
          hasPrimitives = true;
          valuesKeyArray[i] = _inspect(item);
        } else {
          const keys2 = properties || ObjectKeys(item);
          for (const key of new SafeArrayIterator(keys2)) {
            if (map[key] === void 0) {
              map[key] = [];
            }
            if (primitive && properties || !ObjectHasOwn(item, key)) {
              map[key][i] = "";
            } else {
              map[key][i] = _inspect(item[key]);
            }
          }
        }
      }
      const keys = ObjectKeys(map);
      const values = ObjectValues(map);
      if (hasPrimitives) {
        ArrayPrototypePush(keys, valuesKey);
        ArrayPrototypePush(values, valuesKeyArray);
      }
      ArrayPrototypeUnshift(keys, indexKey);
      ArrayPrototypeUnshift(values, indexKeyArray);
      return final(keys, values);
    }
  };
  function timeLogImpl(self, name, label, data) {
    const time = MapPrototypeGet(self._times, label);
    if (time === void 0) {
      lazyProcess().emitWarning(`No such label '${label}' for console.${name}()`);
      return false;
    }
    const duration = process.hrtime(time);
    const ms = duration[0] * 1e3 + duration[1] / 1e6;
    const formatted = formatTime(ms);
    if (data === void 0) {
      self.log("%s: %s", label, formatted);
    } else {
      self.log("%s: %s", label, formatted, ...new SafeArrayIterator(data));
    }
    return true;
  }
  function pad(value) {
    return StringPrototypePadStart(`${value}`, 2, "0");
  }
  function formatTime(ms) {
    let hours = 0;
    let minutes = 0;
    let seconds = 0;
    if (ms >= kSecond) {
      if (ms >= kMinute) {
        if (ms >= kHour) {
          hours = MathFloor(ms / kHour);
          ms = ms % kHour;
        }
        minutes = MathFloor(ms / kMinute);
        ms = ms % kMinute;
      }
      seconds = ms / kSecond;
    }
    if (hours !== 0 || minutes !== 0) {
      ({ 0: seconds, 1: ms } = StringPrototypeSplit(
        NumberPrototypeToFixed(seconds, 3),
        "."
      ));
      const res = hours !== 0 ? `${hours}:${pad(minutes)}` : minutes;
      return `${res}:${pad(seconds)}.${ms} (${hours !== 0 ? "h:m" : ""}m:ss.mmm)`;
    }
    if (seconds !== 0) {
      return `${NumberPrototypeToFixed(seconds, 3)}s`;
    }
    return `${Number(NumberPrototypeToFixed(ms, 3))}ms`;
  }
  const keyKey = "Key";
  const valuesKey = "Values";
  const indexKey = "(index)";
  const iterKey = "(iteration index)";
  const isArray = (v) => ArrayIsArray(v) || isTypedArray(v) || isBuffer(v);
  function noop() {
  }
  for (const method of new SafeArrayIterator(ReflectOwnKeys(consoleMethods))) {
    Console.prototype[method] = consoleMethods[method];
  }
  Console.prototype.dirxml = Console.prototype.log;
  Console.prototype.groupCollapsed = Console.prototype.group;
  function bindStreamsLazy(console2, object) {
    FunctionPrototypeCall(Console.prototype[kBindStreamsLazy], console2, object);
  }
  return {
    Console,
    formatTime,
    kBindProperties,
    kBindStreamsLazy,
    bindStreamsLazy,
    default: {
      Console,
      kBindStreamsLazy,
      kBindProperties,
      formatTime,
      bindStreamsLazy
    }
  };
})();
