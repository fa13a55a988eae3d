// Workers RPC: what the rest of the platform uses of this folder.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/

import { BrokenRef, Ref, releasePayload } from "ext:skerry/rpc/refs.js";
import { isCall, Session } from "ext:skerry/rpc/session.js";
import { internalsOf, setLocalHooks } from "ext:skerry/rpc/stub_state.js";
import { rootProxy, RpcPromise, RpcProperty, RpcStub, stubFor } from "ext:skerry/rpc/stubs.js";
import { addTargetBase, RpcTarget } from "ext:skerry/rpc/targets.js";
import { primordials } from "ext:skerry/rpc/platform.js";

const { Error, PromiseReject, SafeWeakMap } = primordials;

const rootRefs = new SafeWeakMap();

/** The caller's side. `stub` refers to the target of the far side; the session lives while it, or what came out of it, does. */
function openSession(channel, hooks) {
  const session = new Session(channel, hooks);
  const { stub, internals } = stubFor(session.importRoot());
  const opened = {
    __proto__: null,
    stub,
    receive: (bytes) => session.receive(bytes),
    broken: (error) => session.broken(error),
  };
  rootRefs.set(opened, internals);
  return opened;
}

/** The callee's side: `target` is the instance of the entrypoint's or object's class. */
function serveSession(channel, target, hooks) {
  const session = new Session(channel, hooks);
  session.exportRoot(target);
  return {
    __proto__: null,
    receive: (bytes) => session.receive(bytes),
    broken: (error) => session.broken(error),
  };
}

/** A binding as a reference: each call opens a session, which ends with what came out of that call. */
class BindingRef extends Ref {
  #open;

  constructor(open) {
    super(null);
    this.#open = open;
  }

  forCall() {
    const internals = rootRefs.get(this.#open());
    if (internals === undefined) {
      throw new Error("The binding gave no RPC session");
    }
    const { ref } = internals;
    internals.ref = null;
    return ref;
  }

  /** For calls that come through another session: the binding itself was sent over. */
  call(path, payload) {
    let ref;
    try {
      ref = this.forCall();
    } catch (error) {
      releasePayload(payload);
      return { __proto__: null, promise: PromiseReject(error), pipeline: new BrokenRef(null, error) };
    }
    const outcome = ref.call(path, payload);
    ref.release();
    return outcome;
  }
}

/**
 * The object of a binding. Names of `ownMembers` are its own; each other is a method or property of the far side.
 * `callRemote()` opens a session, with `openSession()`, and returns it.
 */
function makeRootProxy(callRemote, ownMembers) {
  return rootProxy(new BindingRef(callRemote), ownMembers);
}

/** Whether a value is a stub, promise, property or binding of RPC. */
const isStub = (value) => internalsOf(value) !== undefined;

export { addTargetBase, isCall, isStub, makeRootProxy, openSession, RpcPromise, RpcProperty, RpcStub, RpcTarget, serveSession, setLocalHooks };
