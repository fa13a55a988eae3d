const all = (type, names) => Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, type]));

/** ECMAScript, without SharedArrayBuffer. */
export const LANGUAGE = {
  ...all("function", `
    AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView Date
    DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Int16Array Int32Array
    Int8Array Iterator Map Number Object Promise Proxy RangeError ReferenceError RegExp Set String SuppressedError Symbol
    SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI
    decodeURIComponent encodeURI encodeURIComponent escape eval isFinite isNaN parseFloat parseInt unescape`),
  ...all("object", "Atomics Intl JSON Math Reflect Temporal WebAssembly globalThis"),
  ...all("number", "Infinity NaN"),
  undefined: "undefined",
};

/** The web's, the Workers API's own, and Node's. */
export const PLATFORM = {
  ...all("function", "Buffer clearImmediate setImmediate"),
  ...all("object", "global process"),
  ...all("function", `
    AbortController AbortSignal Blob ByteLengthQueuingStrategy CloseEvent CompressionStream CountQueuingStrategy Crypto CryptoKey
    CustomEvent DOMException DecompressionStream ErrorEvent Event EventTarget File FixedLengthStream FormData Headers
    IdentityTransformStream MessageChannel MessageEvent MessagePort Navigator Performance PerformanceEntry PerformanceMark
    PerformanceMeasure PerformanceObserver PerformanceObserverEntryList ProgressEvent PromiseRejectionEvent QuotaExceededError
    ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
    ReadableStreamDefaultController ReadableStreamDefaultReader Request Response Scheduler ServiceWorkerGlobalScope SubtleCrypto
    TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern
    URLSearchParams WebSocket WebSocketPair WebSocketRequestResponsePair WorkerGlobalScope WritableStream WritableStreamDefaultController
    WritableStreamDefaultWriter atob btoa clearInterval clearTimeout fetch queueMicrotask reportError setInterval setTimeout
    structuredClone`),
  ...all("object", "console crypto navigator onerror onrejectionhandled onunhandledrejection performance scheduler self"),
};
