// structuredClone() and MessagePort.postMessage(): https://html.spec.whatwg.org/multipage/structured-data.html
//
// The ops (`ops/structured_clone.rs`) refuse what carries the brand of a host object and is neither transferred nor able to be
// cloned. So every interface without serialization steps gets that brand here.

import { core, primordials } from "ext:core/mod.js";

const {
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectHasOwn,
  ObjectPrototypeIsPrototypeOf,
  ReflectHas,
  SafeSet,
  SymbolIterator,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { isDetachedBuffer, ReadableStream, TransformStream, WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { deserializeJsMessageData, getMessagePortId, MessagePort, serializeJsMessageData } = core.loadExtScript(
  "ext:deno_web/13_message_port.js",
);

const TRANSFERABLE = [MessagePort.prototype, ReadableStream.prototype, TransformStream.prototype, WritableStream.prototype];

/** Marks an interface whose objects cannot be cloned. Objects with a brand of their own keep it. */
function refuseToClone(interface_) {
  if (!ObjectHasOwn(interface_.prototype, core.hostObjectBrand)) {
    ObjectDefineProperty(interface_.prototype, core.hostObjectBrand, { __proto__: null, value: null, writable: true });
  }
}

function isTransferable(value) {
  if (core.isArrayBuffer(value)) {
    return !isDetachedBuffer(value);
  }
  for (let i = 0; i < TRANSFERABLE.length; i++) {
    if (ObjectPrototypeIsPrototypeOf(TRANSFERABLE[i], value)) {
      return ObjectHasOwn(value, core.hostObjectBrand) && (i !== 0 || getMessagePortId(value) !== null);
    }
  }
  return false;
}

/** All that can be known to go wrong is found before anything moves. */
function requireTransferable(transfer) {
  const seen = new SafeSet();
  for (let i = 0; i < transfer.length; i++) {
    if (seen.has(transfer[i])) {
      throw new DOMException(`Value at index ${i} of the transfer list is in it twice`, "DataCloneError");
    }
    if (!isTransferable(transfer[i])) {
      throw new DOMException(`Value at index ${i} of the transfer list cannot be transferred`, "DataCloneError");
    }
    seen.add(transfer[i]);
  }
}

function structuredClone(value, options = undefined) {
  const prefix = "Failed to execute 'structuredClone'";
  webidl.requiredArguments(arguments.length, 1, prefix);
  const { transfer } = webidl.converters.StructuredSerializeOptions(options, prefix, "Argument 2");
  requireTransferable(transfer);
  return deserializeJsMessageData(serializeJsMessageData(value, transfer))[0];
}

const basePostMessage = MessagePort.prototype.postMessage;

ObjectDefineProperty(MessagePort.prototype, "postMessage", {
  __proto__: null,
  configurable: true,
  enumerable: true,
  value: function postMessage(message, options = undefined) {
    webidl.assertBranded(this, MessagePort.prototype);
    const prefix = "Failed to execute 'postMessage' on 'MessagePort'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    if (options === undefined || options === null) {
      return FunctionPrototypeCall(basePostMessage, this, message);
    }
    const transfer = webidl.type(options) === "Object" && ReflectHas(options, SymbolIterator)
      ? webidl.converters["sequence<object>"](options, prefix, "Argument 2")
      : webidl.converters.StructuredSerializeOptions(options, prefix, "Argument 2").transfer;
    requireTransferable(transfer);
    return FunctionPrototypeCall(basePostMessage, this, message, { __proto__: null, transfer });
  },
  writable: true,
});

export { refuseToClone, structuredClone };
