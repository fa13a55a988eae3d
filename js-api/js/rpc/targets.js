// What a reference leads to in this isolate: which of its members the far side may reach, and calls on them.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/

import { decode } from "ext:skerry/rpc/decode.js";
import { encode, encodeThrown } from "ext:skerry/rpc/encode.js";
import { BrokenRef, ignoreRejection, PromiseRef, Ref, releasePayload } from "ext:skerry/rpc/refs.js";
import { core, primordials } from "ext:skerry/rpc/platform.js";
import { MARK, REF } from "ext:skerry/rpc/specials.js";
import { disposeGroup, internalsOf, refAndPath } from "ext:skerry/rpc/stub_state.js";

const {
  ArrayIsArray,
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectPrototype,
  ObjectPrototypeIsPrototypeOf,
  PromisePrototypeThen,
  PromiseResolve,
  ReflectApply,
  ReflectGet,
  SafeSet,
  SymbolDispose,
  TypeError,
} = primordials;

/** The base of classes whose instances are sent as references. */
class RpcTarget {}

/** Prototypes that end the chain of what can be reached. */
const bases = new SafeSet();
bases.add(RpcTarget.prototype);

/** Makes another class of the platform (WorkerEntrypoint, DurableObject) a base like RpcTarget. */
function addTargetBase(class_) {
  bases.add(class_.prototype);
}

/** Names that are never methods: of the entrypoint, and of all else. As in workerd. */
const RESERVED_ON_ENTRYPOINTS = new SafeSet();
for (const name of ["fetch", "connect", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup", "constructor"]) {
  RESERVED_ON_ENTRYPOINTS.add(name);
}
const RESERVED = new SafeSet();
RESERVED.add("dup");
RESERVED.add("constructor");

/** Whether values of it are sent as references. */
function isTarget(value, hooks) {
  return ObjectPrototypeIsPrototypeOf(RpcTarget.prototype, value) || hooks.isTarget?.(value) === true;
}

const isPlain = (value) => ObjectGetPrototypeOf(value) === ObjectPrototype;

/** How a value serves calls: "own" (own members: plain objects, functions), "class" (members of its class), or undefined: not. */
function isReceiver(value, hooks) {
  if (typeof value === "object" && isPlain(value)) {
    return "own";
  }
  if (isTarget(value, hooks)) {
    return "class";
  }
  return typeof value === "function" ? "own" : undefined;
}

const missing = (name) => new TypeError(`The RPC receiver does not implement the method "${name}".`);

/** A member of an object whose class decides. */
function classMember(object, name) {
  if (ObjectHasOwn(object, name)) {
    throw missing(name);
  }
  if (core.isProxy(object)) {
    // Its traps answer, and they may make up members that no prototype has.
    if (ObjectHasOwn(ObjectPrototype, name)) {
      throw missing(name);
    }
    return ReflectGet(object, name);
  }
  let prototype = ObjectGetPrototypeOf(object);
  while (prototype !== null && prototype !== ObjectPrototype && !bases.has(prototype)) {
    if (ObjectHasOwn(prototype, name)) {
      return ReflectGet(prototype, name, object);
    }
    prototype = ObjectGetPrototypeOf(prototype);
  }
  throw missing(name);
}

function ownMember(object, name) {
  if (!ObjectHasOwn(object, name) || (typeof object === "function" && (name === "prototype" || name === "caller" || name === "arguments"))) {
    throw missing(name);
  }
  return ReflectGet(object, name);
}

/**
 * Follows the names of `path`. Gives `{ value, receiver }`, or `{ stub, rest }` where the path goes on through a stub.
 * Runs getters of worker code, and throws what they throw.
 */
function lookUp(target, own, reserved, path, hooks) {
  let object = target;
  for (let i = 0; i < path.length; i++) {
    const name = path[i];
    if (reserved.has(name)) {
      throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
    }
    if ((typeof object !== "object" || object === null) && typeof object !== "function") {
      throw missing(name);
    }
    const value = own ? ownMember(object, name) : classMember(object, name);
    if (internalsOf(value) !== undefined) {
      return { __proto__: null, stub: value, rest: ArrayPrototypeSlice(path, i + 1) };
    }
    if (i === path.length - 1) {
      return { __proto__: null, value, receiver: object };
    }
    const kind = (typeof value === "object" && value !== null) || typeof value === "function" ? isReceiver(value, hooks) : undefined;
    if (kind === undefined) {
      throw missing(name);
    }
    own = kind === "own";
    reserved = RESERVED;
    object = value;
  }
  return { __proto__: null, value: object, receiver: undefined };
}

class LocalRef extends Ref {
  #target;
  #own;
  #root;
  #copied;
  #onDrop;

  /**
   * `own`: own members can be reached (plain objects, functions), else those of the class. `root`: it is an entrypoint.
   * `copied`: the far side has a copy of it, and reading it gives another. `dispose`: its disposer runs when the last owner is
   * gone; `onDrop` is run then.
   */
  constructor(hooks, target, options) {
    super(hooks);
    this.#target = target;
    this.#own = options.own;
    this.#root = options.root === true;
    this.#copied = options.copied === true;
    this.#onDrop = options.onDrop;
    if (options.dispose) {
      const dispose = ReflectGet(target, SymbolDispose);
      if (typeof dispose === "function") {
        this.#onDrop = () => ReflectApply(dispose, target, []);
      }
    }
  }

  call(path, payload) {
    const pipeline = new PromiseRef(this.hooks);
    // One owner is who called, the other is the run itself.
    pipeline.dup();
    const promise = this.hooks.runIn(() => this.#run(path, payload, pipeline));
    return { __proto__: null, promise, pipeline };
  }

  #run(path, payload, pipeline) {
    const group = [];
    const succeed = (value) => {
      let result;
      try {
        result = resultOf(value, this.hooks);
      } catch (error) {
        return fail(error);
      }
      pipeline.settle(result.ref);
      pipeline.release();
      disposeGroup(group);
      return result.payload;
    };
    const fail = (error) => {
      this.hooks.thrown?.(error, path);
      const thrown = encodeThrown(error, this.hooks);
      pipeline.settle(new BrokenRef(this.hooks, error, () => PromiseResolve(encodeThrown(error, this.hooks))));
      pipeline.release();
      disposeGroup(group);
      return thrown;
    };
    try {
      const found = path.length === 0 ? { value: this.#target, receiver: undefined } : this.#find(path);
      const stub = found.stub ?? (internalsOf(found.value) === undefined ? undefined : found.value);
      if (stub !== undefined && (payload !== null || found.rest?.length > 0)) {
        return this.#forward(stub, found.rest ?? [], payload, pipeline);
      }
      if (payload === null) {
        const value = stub ?? found.value;
        if (path.length === 0 && !this.#copied) {
          return this.#itself(pipeline);
        }
        return PromisePrototypeThen(PromiseResolve(value), succeed, fail);
      }
      const { value: callee, receiver } = found;
      if (typeof callee !== "function") {
        throw new TypeError(`"${path.length === 0 ? "(this)" : ArrayPrototypeJoin(path, ".")}" is not a function.`);
      }
      const args = decode(payload, this.hooks, group);
      const apply = (list) => ReflectApply(callee, receiver, argumentsOf(list));
      const returned = core.isPromise(args) ? PromisePrototypeThen(args, apply) : apply(args);
      return PromisePrototypeThen(PromiseResolve(returned), succeed, fail);
    } catch (error) {
      releasePayload(payload);
      return PromiseResolve(fail(error));
    }
  }

  #find(path) {
    return lookUp(this.#target, this.#own, this.#root ? RESERVED_ON_ENTRYPOINTS : RESERVED, path, this.hooks);
  }

  /** The path leads into a stub: what it refers to answers, and the arguments go on as they are. */
  #forward(stub, rest, payload, pipeline) {
    const { ref, path } = refAndPath(internalsOf(stub));
    for (let i = 0; i < rest.length; i++) {
      ArrayPrototypePush(path, rest[i]);
    }
    const outcome = ref.call(path, payload);
    ref.release();
    pipeline.settle(outcome.pipeline);
    pipeline.release();
    return outcome.promise;
  }

  /** Reading a reference gives another reference to the same. */
  #itself(pipeline) {
    pipeline.settle(this.dup());
    pipeline.release();
    return PromiseResolve(referencePayload(this.dup()));
  }

  drop() {
    const onDrop = this.#onDrop;
    this.#target = undefined;
    if (onDrop !== undefined) {
      // Not now: tables may be half changed.
      ignoreRejection(PromisePrototypeThen(PromiseResolve(), () => this.hooks.runIn(() => {
        try {
          onDrop();
        } catch (error) {
          this.hooks.log?.(error);
        }
      })));
    }
  }
}

function argumentsOf(list) {
  if (list === undefined) {
    return [];
  }
  if (!ArrayIsArray(list)) {
    throw new TypeError("The arguments of an RPC call are not a list");
  }
  return list;
}

function referencePayload(ref) {
  const payload = encode(0, ref.hooks, {});
  payload.specials = [{ __proto__: null, kind: REF, ref }];
  payload.extras = 0;
  payload.bytes = ref.hooks.serialize([`${MARK}0`]);
  return payload;
}

/** The payload of a result, and a Ref for the calls made on it. */
function resultOf(value, hooks) {
  const given = [];
  const disposeGiven = () => disposeGroup(given);
  const payload = encode(value, hooks, { __proto__: null, result: given });
  const isObject = typeof value === "object" && value !== null;
  const single = payload.specials?.length === 1 && payload.extras === 0 && payload.specials[0].ref;
  if ((isObject || typeof value === "function") && single && !isContainer(value)) {
    const ref = single.dup();
    disposeGiven();
    return { __proto__: null, payload, ref };
  }
  const plain = isObject && isPlain(value);
  const dispose = plain ? ReflectGet(value, SymbolDispose) : undefined;
  payload.hasDisposer = typeof dispose === "function";
  const onDrop = payload.hasDisposer || given.length > 0
    ? () => {
      disposeGiven();
      if (payload.hasDisposer) {
        ReflectApply(dispose, value, []);
      }
    }
    : undefined;
  // Of other values nothing can be reached, but they can be read.
  const ref = new LocalRef(hooks, value, { __proto__: null, own: true, copied: true, onDrop });
  return { __proto__: null, payload, ref: plain ? ref : opaque(ref) };
}

const isContainer = (value) => typeof value === "object" && !core.isProxy(value) && (isPlain(value) || ArrayIsArray(value) || core.isMap(value) || core.isSet(value));

/** A value without members for the far side. */
class OpaqueRef extends Ref {
  #value;

  constructor(value) {
    super(value.hooks);
    this.#value = value;
  }

  call(path, payload) {
    if (path.length === 0) {
      return this.#value.call(path, payload);
    }
    releasePayload(payload);
    const error = missing(path[0]);
    const broken = new BrokenRef(this.hooks, error, () => PromiseResolve(encodeThrown(error, this.hooks)));
    return { __proto__: null, promise: PromiseResolve(encodeThrown(error, this.hooks)), pipeline: broken };
  }

  drop() {
    this.#value.release();
  }
}
const opaque = (ref) => new OpaqueRef(ref);

export { addTargetBase, isReceiver, isTarget, LocalRef, RpcTarget };
