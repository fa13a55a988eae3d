// Errors of whoever a binding leads to, as the host tells of them.
// https://developers.cloudflare.com/durable-objects/best-practices/error-handling/

import { primordials } from "ext:core/mod.js";

const {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  ReflectDefineProperty,
  RegExpPrototypeExec,
  SafeRegExp,
  SyntaxError,
  TypeError,
  URIError,
} = primordials;

const NAMED = new SafeRegExp(/^(Error|EvalError|RangeError|ReferenceError|SyntaxError|TypeError|URIError): ([^]*)$/);
const CLASSES = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

// `FetchErrorKind::flags`. What is not so is not there.
const REMOTE = 1;
const FLAGS = [[REMOTE, "remote"], [2, "retryable"], [4, "overloaded"], [8, "durableObjectReset"]];

/** The error with this message. What was thrown at the far side comes as name and message, and is thrown as it was there. */
function farError(text, flags) {
  const named = (flags & REMOTE) === 0 ? null : RegExpPrototypeExec(NAMED, text);
  const error = named === null ? new Error(text) : new CLASSES[named[1]](named[2]);
  for (let i = 0; i < FLAGS.length; i++) {
    if ((flags & FLAGS[i][0]) !== 0) {
      ReflectDefineProperty(error, FLAGS[i][1], { __proto__: null, value: true, enumerable: true, configurable: true, writable: true });
    }
  }
  return error;
}

export { farError };
