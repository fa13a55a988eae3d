// Stubs, promises and properties as worker code has them: proxies, whose every name is a method or property of the far side.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/

import { encode } from "ext:skerry/rpc/encode.js";
import { primordials } from "ext:skerry/rpc/platform.js";
import { BrokenRef, ignoreRejection } from "ext:skerry/rpc/refs.js";
import {
  behind,
  internalsOf,
  localHooks,
  PROMISE,
  PromiseInternals,
  PROPERTY,
  PropertyInternals,
  RootInternals,
  STUB,
  StubInternals,
} from "ext:skerry/rpc/stub_state.js";
import { isReceiver, LocalRef } from "ext:skerry/rpc/targets.js";

const {
  ObjectSetPrototypeOf,
  PromisePrototypeCatch,
  PromisePrototypeFinally,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  Proxy,
  ReflectGet,
  ReflectHas,
  SymbolAsyncDispose,
  SymbolDispose,
  SymbolToPrimitive,
  TypeError,
} = primordials;

/** Calls (or, without `args`, reads) what is behind a proxy. Never throws. */
function invoke(internals, args) {
  let path;
  let ref;
  let payload = null;
  let hooks;
  try {
    const found = internals.collect();
    path = found.path;
    try {
      ref = found.ref.forCall();
    } finally {
      found.ref.release();
    }
    hooks = ref.hooks;
    if (args !== null) {
      payload = encode(args.length === 0 ? undefined : args, hooks, { __proto__: null });
    }
  } catch (error) {
    ref?.release();
    const promise = PromiseReject(error);
    return { __proto__: null, hooks, outcome: { __proto__: null, promise, pipeline: new BrokenRef(hooks, error) } };
  }
  const outcome = ref.call(path, payload);
  ref.release();
  return { __proto__: null, hooks, outcome };
}

function call(internals, args) {
  const { outcome, hooks } = invoke(internals, args);
  return proxyFor(new PromiseInternals(outcome, hooks), RpcPromise.prototype);
}

/** The promise of a property's value. */
function read(internals) {
  const { outcome, hooks } = invoke(internals, null);
  return new PromiseInternals(outcome, hooks).promise;
}

class Handler {
  #internals;
  #prototype;

  constructor(internals, prototype) {
    this.#internals = internals;
    this.#prototype = prototype;
  }

  get(_target, key, receiver) {
    if (typeof key === "symbol" || ReflectHas(this.#prototype, key)) {
      return ReflectGet(this.#prototype, key, receiver);
    }
    if (key === "then") {
      return undefined;
    }
    return proxyFor(new PropertyInternals(this.#internals, key), RpcProperty.prototype);
  }

  has(_target, key) {
    return ReflectHas(this.#prototype, key) || (typeof key === "string" && key !== "then");
  }

  apply(_target, _receiver, args) {
    return call(this.#internals, args);
  }

  set(_target, key) {
    throw new TypeError(`"${typeof key === "symbol" ? "a symbol" : key}" cannot be set on an RPC stub: call a method that sets it`);
  }

  defineProperty() {
    return false;
  }

  deleteProperty() {
    return false;
  }

  getOwnPropertyDescriptor() {
    return undefined;
  }

  ownKeys() {
    return [];
  }

  setPrototypeOf() {
    return false;
  }

  preventExtensions() {
    return false;
  }
}
// No trap may come from Object.prototype.
ObjectSetPrototypeOf(Handler.prototype, null);

function proxyFor(internals, prototype) {
  const target = () => {};
  ObjectSetPrototypeOf(target, prototype);
  const proxy = new Proxy(target, new Handler(internals, prototype));
  behind.set(proxy, internals);
  return proxy;
}

/** A stub that owns `ref`. */
function stubFor(ref) {
  const internals = new StubInternals(ref);
  return { __proto__: null, stub: proxyFor(internals, RpcStub.prototype), internals };
}

function checked(value, ...kinds) {
  const internals = internalsOf(value);
  for (let i = 0; i < kinds.length; i++) {
    if (internals?.kind === kinds[i]) {
      return internals;
    }
  }
  throw new TypeError("Illegal invocation");
}

class RpcStub {
  /** A stub of a target in this isolate. Calls on it go the way of all calls: arguments and results are copied. */
  constructor(target) {
    const isObject = (typeof target === "object" && target !== null) || typeof target === "function";
    const hooks = localHooks();
    const kind = isObject && internalsOf(target) === undefined ? isReceiver(target, hooks) : undefined;
    if (kind === undefined) {
      throw new TypeError("RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.");
    }
    return stubFor(new LocalRef(hooks, target, { __proto__: null, own: kind === "own", dispose: true })).stub;
  }

  dup() {
    return stubFor(checked(this, STUB).collect().ref).stub;
  }

  onRpcBroken(callback) {
    onBroken(checked(this, STUB), callback);
  }

  [SymbolDispose]() {
    checked(this, STUB).dispose();
  }

  [SymbolAsyncDispose]() {
    checked(this, STUB).dispose();
    return PromiseResolve();
  }
}

function onBroken(internals, callback) {
  if (typeof callback !== "function") {
    throw new TypeError("onRpcBroken() needs a function");
  }
  const { ref } = internals.collect();
  ref.onBroken((error) => {
    ignoreRejection(PromisePrototypeThen(PromiseResolve(), () => ref.hooks.runIn(() => {
      try {
        callback(error);
      } catch (thrown) {
        ref.hooks.log?.(thrown);
      }
    })));
  });
  ref.release();
}

class RpcPromise {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  then(onFulfilled, onRejected) {
    return PromisePrototypeThen(checked(this, PROMISE).promise, onFulfilled, onRejected);
  }

  catch(onRejected) {
    return PromisePrototypeCatch(checked(this, PROMISE).promise, onRejected);
  }

  finally(onFinally) {
    return PromisePrototypeFinally(checked(this, PROMISE).promise, onFinally);
  }

  onRpcBroken(callback) {
    onBroken(checked(this, PROMISE), callback);
  }

  [SymbolDispose]() {
    checked(this, PROMISE).dispose();
  }

  [SymbolAsyncDispose]() {
    checked(this, PROMISE).dispose();
    return PromiseResolve();
  }
}

class RpcProperty {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  then(onFulfilled, onRejected) {
    return PromisePrototypeThen(read(checked(this, PROPERTY)), onFulfilled, onRejected);
  }

  catch(onRejected) {
    return PromisePrototypeCatch(read(checked(this, PROPERTY)), onRejected);
  }

  finally(onFinally) {
    return PromisePrototypeFinally(read(checked(this, PROPERTY)), onFinally);
  }
}

function asPrimitive(hint) {
  return hint === "number" ? NaN : "[object Fetcher]";
}

/** A binding: `ownMembers` first, each other name is a method or property of the far side. `ref` opens a session per call. */
function rootProxy(ref, ownMembers) {
  const internals = new RootInternals(ref);
  const proxy = new Proxy(ownMembers, {
    __proto__: null,
    get(target, key) {
      if (key === SymbolToPrimitive) {
        // It has no methods of its own that would say what it is as text.
        return asPrimitive;
      }
      if (typeof key === "symbol" || ReflectHas(target, key)) {
        return ReflectGet(target, key);
      }
      return key === "then" ? undefined : proxyFor(new PropertyInternals(internals, key), RpcProperty.prototype);
    },
  });
  behind.set(proxy, internals);
  return proxy;
}

export { rootProxy, RpcPromise, RpcProperty, RpcStub, stubFor };
