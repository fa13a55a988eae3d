// Errors in values and thrown ones: name, message, cause and own properties go over, the stack does not.

import { DOMException, primordials } from "ext:skerry/rpc/platform.js";

const {
  AggregateError,
  ArrayIsArray,
  Error,
  ErrorPrototype,
  EvalError,
  ObjectGetOwnPropertyDescriptor,
  ObjectHasOwn,
  ObjectKeys,
  ObjectPrototypeIsPrototypeOf,
  RangeError,
  ReferenceError,
  ReflectDefineProperty,
  ReflectGet,
  String,
  SyntaxError,
  TypeError,
  URIError,
} = primordials;

const TYPES = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];

function setOwn(object, key, value, enumerable = true) {
  ReflectDefineProperty(object, key, { __proto__: null, value, enumerable, configurable: true, writable: true });
}

const isDOMException = (value) => ObjectPrototypeIsPrototypeOf(DOMException.prototype, value);

function typeOf(error) {
  if (isDOMException(error)) {
    return "DOMException";
  }
  for (let i = 0; i < TYPES.length; i++) {
    if (ObjectPrototypeIsPrototypeOf(TYPES[i].prototype, error)) {
      return TYPES[i].name;
    }
  }
  return "Error";
}

/** What goes over of an error: an array, to be read by `errorFromParts()`. With `bare`, only what is surely text. */
function partsOfError(error, bare) {
  const type = typeOf(error);
  const name = ReflectGet(error, "name");
  const own = {};
  if (!bare) {
    const keys = ObjectKeys(error);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key !== "stack" && key !== "message" && key !== "name") {
        setOwn(own, key, ReflectGet(error, key));
      }
    }
    if (ObjectHasOwn(error, "cause")) {
      setOwn(own, "cause", ReflectGet(error, "cause"));
    }
    if (type === "AggregateError") {
      setOwn(own, "errors", ReflectGet(error, "errors"));
    }
  }
  return [type, typeof name === "string" ? name : type, String(ReflectGet(error, "message")), own];
}

/** An error with nothing set that other values could be part of: those come with `fillError()`, once they are there. */
function errorFromParts(parts) {
  if (!ArrayIsArray(parts) || typeof parts[0] !== "string" || typeof parts[1] !== "string" || typeof parts[2] !== "string") {
    throw new TypeError("An error received over RPC is not one");
  }
  const { 0: type, 1: name, 2: message } = parts;
  if (type === "DOMException") {
    return new DOMException(message, name);
  }
  let error;
  for (let i = 0; i < TYPES.length; i++) {
    if (TYPES[i].name === type) {
      error = type === "AggregateError" ? new AggregateError([], message) : new TYPES[i](message);
    }
  }
  error ??= new Error(message);
  if (name !== (error.name ?? "")) {
    setOwn(error, "name", name, false);
  }
  return error;
}

function fillError(error, own) {
  if (typeof own !== "object" || own === null) {
    return;
  }
  const keys = ObjectKeys(own);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key !== "stack") {
      setOwn(error, key, ObjectGetOwnPropertyDescriptor(own, key).value, key !== "cause" && key !== "errors");
    }
  }
}

const isErrorObject = (value) => ObjectPrototypeIsPrototypeOf(ErrorPrototype, value);

export { errorFromParts, fillError, isDOMException, isErrorObject, partsOfError, setOwn };
