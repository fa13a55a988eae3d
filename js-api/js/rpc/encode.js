// Values into payloads (specials.js).

import { isDOMException, isErrorObject, partsOfError, setOwn } from "ext:skerry/rpc/errors.js";
import { AbortSignal, core, DOMException, primordials, ReadableStream, streams, WritableStream } from "ext:skerry/rpc/platform.js";
import { releasePayload } from "ext:skerry/rpc/refs.js";
import { ERROR, ESCAPE, HTTP, isObject, MARK, PROMISE, READABLE, REF, SIGNAL, WRITABLE } from "ext:skerry/rpc/specials.js";
import { forwardSignal, isByteStream } from "ext:skerry/rpc/stream_values.js";
import { internalsOf, PROMISE as PROMISE_STUB, PROPERTY, refAndPath, STUB } from "ext:skerry/rpc/stub_state.js";
import { isReceiver, isTarget, LocalRef } from "ext:skerry/rpc/targets.js";
import { MAX_MESSAGE_BYTES } from "ext:skerry/rpc/wire.js";

const {
  Array,
  ArrayBufferIsView,
  ArrayIsArray,
  ArrayPrototypePop,
  ArrayPrototypePush,
  Error,
  Map,
  MapPrototypeForEach,
  MapPrototypeSet,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  ObjectPrototypeIsPrototypeOf,
  ReflectApply,
  ReflectGet,
  SafeMap,
  SafeSet,
  Set,
  SetPrototypeAdd,
  SetPrototypeForEach,
  StringPrototypeStartsWith,
  TypeError,
  TypedArrayPrototypeGetByteLength,
} = primordials;

// What an object is for the walk: a container whose contents count, a leaf that the clone carries, or a special.
const LEAF = 0;
const ARRAY = 1;
const OBJECT = 2;
const MAP = 3;
const SET = 4;
const SPECIAL = 5;

/** Arrays up to this length are read by index: faster, but a sparse one has as many indices as it likes. */
const DENSE_LENGTH = 4_000_000;
/** So many objects are walked before anything is remembered of them: most values have fewer, and no cycle. */
const SMALL = 256;

function kindOf(value) {
  if (typeof value === "function") {
    return SPECIAL;
  }
  if (ArrayIsArray(value)) {
    return ARRAY;
  }
  if (ObjectGetPrototypeOf(value) === ObjectPrototype) {
    return OBJECT;
  }
  if (core.isMap(value)) {
    return MAP;
  }
  if (core.isSet(value)) {
    return SET;
  }
  if (
    core.isDate(value) || ArrayBufferIsView(value) || core.isAnyArrayBuffer(value) || core.isRegExp(value) || core.isBoxedPrimitive(value)
  ) {
    return LEAF;
  }
  return SPECIAL;
}

/** Pushes what a container holds. */
function pushContents(work, value, kind) {
  if (kind === ARRAY && value.length <= DENSE_LENGTH) {
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (isObject(item)) {
        ArrayPrototypePush(work, item);
      }
    }
  } else if (kind === ARRAY || kind === OBJECT) {
    const keys = ObjectKeys(value);
    for (let i = 0; i < keys.length; i++) {
      const item = ReflectGet(value, keys[i]);
      if (isObject(item)) {
        ArrayPrototypePush(work, item);
      }
    }
  } else if (kind === MAP) {
    MapPrototypeForEach(value, (item, key) => {
      ArrayPrototypePush(work, item, key);
    });
  } else if (kind === SET) {
    SetPrototypeForEach(value, (item) => {
      ArrayPrototypePush(work, item);
    });
  }
}

/** Whether a structured clone would lose or refuse something in it. */
function hasSpecial(value) {
  const work = [value];
  let seen = null;
  for (let visited = 0; work.length > 0; visited++) {
    const item = ArrayPrototypePop(work);
    if (!isObject(item)) {
      continue;
    }
    if (visited >= SMALL) {
      seen ??= new SafeSet();
      if (seen.has(item)) {
        continue;
      }
      seen.add(item);
    }
    const kind = kindOf(item);
    if (kind === SPECIAL) {
      return true;
    }
    pushContents(work, item, kind);
  }
  return false;
}

function typeName(value) {
  try {
    const name = ReflectGet(ReflectGet(value, "constructor"), "name");
    return typeof name === "string" && name !== "" ? name : "Object";
  } catch {
    return "Object";
  }
}

function refusal(name) {
  return new DOMException(
    `Could not serialize object of type "${name}". This type does not support serialization. ` +
      "Send a plain object, or make its class extend RpcTarget to send a reference to it.",
    "DataCloneError",
  );
}

/** Copies a value, with a text in place of each special. */
class Copier {
  specials = [];
  /** Values that belong to specials; they are cloned with the value, in the order of the specials. */
  extras = [];
  #copies = new SafeMap();
  #work = [];
  #hooks;
  #options;

  constructor(hooks, options) {
    this.#hooks = hooks;
    this.#options = options;
  }

  copy(value) {
    const root = [this.#convert(value)];
    while (this.#work.length > 0) {
      const { 0: original, 1: copy, 2: kind } = ArrayPrototypePop(this.#work);
      this.#fill(original, copy, kind);
    }
    for (let i = 0; i < this.extras.length; i++) {
      ArrayPrototypePush(root, this.extras[i]);
    }
    return root;
  }

  #convert(value) {
    if (typeof value === "string") {
      return StringPrototypeStartsWith(value, MARK) ? ESCAPE + value : value;
    }
    if (!isObject(value)) {
      return value;
    }
    let copy = this.#copies.get(value);
    if (copy !== undefined) {
      return copy;
    }
    const kind = core.isProxy(value) ? SPECIAL : kindOf(value);
    switch (kind) {
      case LEAF:
        return value;
      case SPECIAL: {
        const index = this.specials.length;
        copy = MARK + index;
        this.#copies.set(value, copy);
        // The place is taken before worker code (getters, dup()) runs.
        const special = { __proto__: null, kind: -1 };
        ArrayPrototypePush(this.specials, special);
        this.#describe(value, special);
        return copy;
      }
      case ARRAY:
        copy = new Array(value.length);
        break;
      case OBJECT:
        copy = {};
        break;
      case MAP:
        copy = new Map();
        break;
      default:
        copy = new Set();
    }
    this.#copies.set(value, copy);
    ArrayPrototypePush(this.#work, [value, copy, kind]);
    return copy;
  }

  #fill(original, copy, kind) {
    if (kind === MAP) {
      MapPrototypeForEach(original, (value, key) => {
        MapPrototypeSet(copy, this.#convert(key), this.#convert(value));
      });
    } else if (kind === SET) {
      SetPrototypeForEach(original, (value) => {
        SetPrototypeAdd(copy, this.#convert(value));
      });
    } else {
      const keys = ObjectKeys(original);
      for (let i = 0; i < keys.length; i++) {
        setOwn(copy, keys[i], this.#convert(ReflectGet(original, keys[i])));
      }
    }
  }

  /** Extras stand behind the value in the order of their specials, so the place is kept for one. */
  #extra(special, kind, value) {
    special.kind = kind;
    const place = this.extras.length;
    ArrayPrototypePush(this.extras, undefined);
    this.extras[place] = this.#convert(value);
    special.extra = place;
  }

  #describe(value, special) {
    const hooks = this.#hooks;
    const internals = internalsOf(value);
    if (internals !== undefined) {
      this.#describeStub(internals, special);
    } else if (typeof value === "function" || isTarget(value, hooks) || core.isProxy(value)) {
      this.#describeTarget(value, special);
    } else if (core.isNativeError(value) || isDOMException(value) || isErrorObject(value)) {
      this.#extra(special, ERROR, partsOfError(value, this.#options.bareErrors));
    } else if (ObjectPrototypeIsPrototypeOf(ReadableStream.prototype, value)) {
      if (streams.isLockedReadable(value)) {
        throw new TypeError("The ReadableStream has been locked to a reader.");
      }
      special.kind = READABLE;
      special.stream = value;
      special.bytes = isByteStream(value);
    } else if (ObjectPrototypeIsPrototypeOf(WritableStream.prototype, value)) {
      if (streams.isLockedWritable(value)) {
        throw new TypeError("The WritableStream has been locked to a writer.");
      }
      special.kind = WRITABLE;
      special.stream = value;
    } else if (ObjectPrototypeIsPrototypeOf(AbortSignal.prototype, value)) {
      const { stream, state } = forwardSignal(value);
      special.stream = stream;
      this.#extra(special, SIGNAL, state);
    } else {
      const http = hooks.httpToParts?.(value);
      if (!http) {
        throw refusal(typeName(value));
      }
      this.#extra(special, HTTP, [http.kind, http.parts, http.body ?? null]);
    }
  }

  #describeStub(internals, special) {
    if (internals.kind === PROMISE_STUB || internals.kind === PROPERTY) {
      if (this.#options.result) {
        throw refusal(internals.kind === PROPERTY ? "RpcProperty" : "RpcPromise");
      }
      const { ref, path } = refAndPath(internals);
      special.kind = PROMISE;
      special.ref = ref;
      special.path = path;
      return;
    }
    const { ref } = refAndPath(internals);
    special.kind = REF;
    special.ref = ref;
    if (this.#options.result && internals.kind === STUB) {
      // A returned stub is the caller's from now on.
      ArrayPrototypePush(this.#options.result, internals);
    }
  }

  #describeTarget(value, special) {
    const kind = isReceiver(value, this.#hooks);
    if (kind === undefined) {
      throw new DOMException(
        "Proxy could not be serialized because it is not a valid RPC receiver type: it must stand for a plain object, a function or an RpcTarget.",
        "DataCloneError",
      );
    }
    let target = value;
    if (!this.#options.result) {
      // The callee disposes what it gets. A target that can be duplicated keeps its original.
      const dup = ReflectGet(value, "dup");
      if (typeof dup === "function") {
        target = ReflectApply(dup, value, []);
        if (!isObject(target) || isReceiver(target, this.#hooks) !== kind) {
          throw new DOMException(
            "Couldn't create a stub for an RpcTarget because its dup() method did not return another one: remove dup(), or return an RpcTarget from it.",
            "DataCloneError",
          );
        }
      }
    }
    special.kind = REF;
    special.ref = new LocalRef(this.#hooks, target, { __proto__: null, own: kind === "own", dispose: true });
  }
}

function clone(value, hooks) {
  const bytes = hooks.serialize(value);
  const length = TypedArrayPrototypeGetByteLength(bytes);
  if (length > MAX_MESSAGE_BYTES - 65_536) {
    throw new Error(`Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: ${length} bytes.`);
  }
  return bytes;
}

/**
 * `options.result`: an array, for results, that gets the internals of the stubs whose ownership goes to the caller.
 * Throws what cannot be sent (DataCloneError), and what worker code throws meanwhile.
 */
function encode(value, hooks, options) {
  const payload = { __proto__: null, bytes: null, specials: null, thrown: false, hasDisposer: false };
  if (value === undefined) {
    return payload;
  }
  if (!hasSpecial(value)) {
    try {
      payload.bytes = clone(value, hooks);
      return payload;
    } catch (error) {
      // A Proxy looks like what it stands for until it is cloned.
      if (!isObject(value)) {
        throw error;
      }
    }
  }
  const copier = new Copier(hooks, options);
  payload.specials = copier.specials;
  try {
    const { extras, root } = { root: copier.copy(value), extras: copier.extras.length };
    if (copier.specials.length === 0) {
      payload.specials = null;
      payload.bytes = clone(value, hooks);
    } else {
      payload.extras = extras;
      payload.bytes = clone(root, hooks);
    }
    return payload;
  } catch (error) {
    releasePayload(payload);
    throw error;
  }
}

/** What was thrown, as a payload. Of an error that cannot go over whole, name and message do. */
function encodeThrown(error, hooks) {
  let payload;
  try {
    payload = encode(error, hooks, { __proto__: null, result: [] });
  } catch {
    try {
      payload = encode(error, hooks, { __proto__: null, result: [], bareErrors: true });
    } catch {
      payload = encode(new Error("The RPC receiver threw something that cannot be serialized: throw an Error or a plain value"), hooks, {
        __proto__: null,
        result: [],
        bareErrors: true,
      });
    }
  }
  payload.thrown = true;
  return payload;
}

export { encode, encodeThrown };
