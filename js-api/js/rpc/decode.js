// Payloads (specials.js) into values.

import { errorFromParts, fillError, isDOMException, isErrorObject, setOwn } from "ext:skerry/rpc/errors.js";
import { core, primordials } from "ext:skerry/rpc/platform.js";
import { ignoreRejection, releasePayload } from "ext:skerry/rpc/refs.js";
import { ERROR, ESCAPE, HTTP, isObject, MARK, PROMISE, READABLE, REF, SIGNAL, WRITABLE } from "ext:skerry/rpc/specials.js";
import { receivedSignal } from "ext:skerry/rpc/stream_values.js";
import { stubFor } from "ext:skerry/rpc/stubs.js";

const {
  Array,
  ArrayIsArray,
  ArrayPrototypePop,
  ArrayPrototypePush,
  MapPrototypeClear,
  MapPrototypeForEach,
  MapPrototypeSet,
  Number,
  NumberIsInteger,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  SafeSet,
  SetPrototypeAdd,
  SetPrototypeClear,
  SetPrototypeForEach,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} = primordials;

const unescape = (text) =>
  typeof text === "string" && StringPrototypeStartsWith(text, ESCAPE) ? StringPrototypeSlice(text, ESCAPE.length) : text;

/** Puts what the specials stand for in the place of their texts. */
function substitute(root, lookup, seen) {
  seen.add(root);
  const work = [root];
  const restore = (value) => {
    if (typeof value === "string" && StringPrototypeStartsWith(value, MARK)) {
      return StringPrototypeStartsWith(value, ESCAPE) ? StringPrototypeSlice(value, ESCAPE.length) : lookup(StringPrototypeSlice(value, MARK.length));
    }
    if (typeof value === "object" && value !== null && !seen.has(value)) {
      seen.add(value);
      ArrayPrototypePush(work, value);
    }
    return value;
  };
  while (work.length > 0) {
    const item = ArrayPrototypePop(work);
    if (core.isMap(item)) {
      const entries = [];
      MapPrototypeForEach(item, (value, key) => {
        ArrayPrototypePush(entries, [restore(key), restore(value)]);
      });
      MapPrototypeClear(item);
      for (let i = 0; i < entries.length; i++) {
        MapPrototypeSet(item, entries[i][0], entries[i][1]);
      }
    } else if (core.isSet(item)) {
      const values = [];
      SetPrototypeForEach(item, (value) => {
        ArrayPrototypePush(values, restore(value));
      });
      SetPrototypeClear(item);
      for (let i = 0; i < values.length; i++) {
        SetPrototypeAdd(item, values[i]);
      }
    } else if (ArrayIsArray(item) || ObjectGetPrototypeOf(item) === ObjectPrototype) {
      const keys = ObjectKeys(item);
      for (let i = 0; i < keys.length; i++) {
        const value = ObjectGetOwnPropertyDescriptor(item, keys[i]).value;
        const restored = restore(value);
        if (restored !== value) {
          setOwn(item, keys[i], restored);
        }
      }
    }
  }
}

/**
 * The value of a payload; a promise of it where promises in it must be waited for. Its references go to stubs, which are put into
 * `group` (internals of stubs, and functions that undo other things).
 */
function decode(payload, hooks, group) {
  if (payload.bytes === null) {
    return undefined;
  }
  const { specials } = payload;
  if (specials === null) {
    return hooks.deserialize(payload.bytes);
  }
  const values = new Array(specials.length);
  let pending = null;
  for (let i = 0; i < specials.length; i++) {
    const special = specials[i];
    const { ref } = special;
    if (special.kind === REF) {
      special.ref = undefined;
      const { stub, internals } = stubFor(ref);
      ArrayPrototypePush(group, internals);
      values[i] = stub;
    } else if (special.kind === PROMISE) {
      special.ref = undefined;
      const { promise, pipeline } = ref.call(special.path, null);
      ref.release();
      const index = i;
      const settled = PromisePrototypeThen(promise, (result) => {
        const value = PromisePrototypeThen(decodeOutcome(result, hooks, group), (value) => {
          values[index] = value;
        });
        pipeline.release();
        return value;
      });
      ignoreRejection(settled);
      pending = pending === null ? settled : PromisePrototypeThen(pending, () => settled);
    } else if (special.kind === READABLE || special.kind === WRITABLE) {
      values[i] = special.stream;
    }
  }
  if (pending === null) {
    return assemble(payload, hooks, values, group);
  }
  return PromisePrototypeThen(pending, () => assemble(payload, hooks, values, group));
}

function assemble(payload, hooks, values, group) {
  const { specials } = payload;
  const root = hooks.deserialize(payload.bytes);
  if (!ArrayIsArray(root) || root.length !== payload.extras + 1) {
    throw new TypeError("A value received over RPC does not fit its references");
  }
  const lookup = (text) => {
    const index = Number(text);
    if (!NumberIsInteger(index) || index < 0 || index >= values.length) {
      throw new TypeError("A value received over RPC names a reference that did not come with it");
    }
    return values[index];
  };
  // No text may be looked at twice: what an escape gives back is not a mark.
  const seen = new SafeSet();
  // Errors may hold anything, themselves too, so they are made empty. What Request and Response hold is there already.
  for (let i = 0; i < specials.length; i++) {
    const special = specials[i];
    if (special.kind === ERROR) {
      const parts = root[special.extra + 1];
      values[i] = errorFromParts(ArrayIsArray(parts) ? [unescape(parts[0]), unescape(parts[1]), unescape(parts[2])] : null);
    }
  }
  for (let i = 0; i < specials.length; i++) {
    const special = specials[i];
    if (special.kind === HTTP) {
      const parts = root[special.extra + 1];
      if (!ArrayIsArray(parts)) {
        throw new TypeError("A value received over RPC does not fit its references");
      }
      substitute(parts, lookup, seen);
      values[i] = hooks.httpFromParts(parts[0], parts[1], parts[2]);
    } else if (special.kind === SIGNAL) {
      const state = root[special.extra + 1];
      substitute(state, lookup, seen);
      values[i] = receivedSignal(special.stream, state, group);
    }
  }
  substitute(root, lookup, seen);
  for (let i = 0; i < specials.length; i++) {
    if (specials[i].kind === ERROR) {
      fillError(values[i], root[specials[i].extra + 1][3]);
    }
  }
  return root[0];
}

/** Decodes a result; throws what was thrown, marked as coming from the far side. */
function decodeOutcome(payload, hooks, group) {
  try {
    const value = decode(payload, hooks, group);
    if (!payload.thrown) {
      return PromiseResolve(value);
    }
    if (isObject(value) && (isErrorObject(value) || isDOMException(value))) {
      setOwn(value, "remote", true);
    }
    return PromiseReject(value);
  } catch (error) {
    releasePayload(payload);
    return PromiseReject(error);
  }
}

export { decode, decodeOutcome };
