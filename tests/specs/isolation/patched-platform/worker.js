import { answer, patch } from "./answers.js";

patch(globalThis, "globalThis", ["queueMicrotask", "structuredClone", "reportError", "dispatchEvent", "atob", "btoa", "fetch"]);
patch(EventTarget.prototype, "EventTarget.prototype", ["addEventListener", "removeEventListener", "dispatchEvent"]);
patch(Headers.prototype, "Headers.prototype", ["entries", "forEach", "keys", "values", "has", "getSetCookie", Symbol.iterator]);
patch(Response.prototype, "Response.prototype", ["clone", "text", "json", "arrayBuffer"]);
patch(ReadableStream.prototype, "ReadableStream.prototype", ["getReader", "tee", "pipeTo", "pipeThrough", "cancel", "values"]);
patch(ReadableStreamDefaultReader.prototype, "ReadableStreamDefaultReader.prototype", ["read", "releaseLock", "cancel"]);
patch(ReadableByteStreamController.prototype, "ReadableByteStreamController.prototype", ["close", "enqueue", "error"]);
patch(ReadableStreamBYOBRequest.prototype, "ReadableStreamBYOBRequest.prototype", ["respond", "respondWithNewView"]);
patch(WritableStreamDefaultController.prototype, "WritableStreamDefaultController.prototype", ["error"]);
patch(TextDecoder.prototype, "TextDecoder.prototype", ["decode"]);
patch(AbortController.prototype, "AbortController.prototype", ["abort"]);
patch(Error, "Error", ["captureStackTrace"]);
patch(console, "console", ["log", "error", "warn"]);
globalThis.Error = globalThis.TypeError = undefined;

export default { fetch: answer };
