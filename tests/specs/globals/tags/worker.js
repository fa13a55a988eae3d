import { checks, equal } from "../../check.js";

const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);

export default checks({
  "instances": () => {
    const stream = new TransformStream();
    const made = {
      Headers: new Headers(),
      Request: new Request("https://example.com/"),
      Response: new Response(),
      URL: new URL("https://example.com/"),
      URLSearchParams: new URLSearchParams(),
      URLPattern: new URLPattern({}),
      AbortController: new AbortController(),
      AbortSignal: new AbortController().signal,
      Event: new Event("x"),
      CustomEvent: new CustomEvent("x"),
      EventTarget: new EventTarget(),
      Blob: new Blob(),
      File: new File([], "x"),
      FormData: new FormData(),
      TextEncoder: new TextEncoder(),
      TextDecoder: new TextDecoder(),
      ReadableStream: stream.readable,
      WritableStream: stream.writable,
      TransformStream: stream,
      CompressionStream: new CompressionStream("gzip"),
      DOMException: new DOMException(),
      WebSocket: new WebSocketPair()[0],
      MessageChannel: new MessageChannel(),
      PerformanceMark: performance.mark("x"),
    };
    for (const [name, value] of Object.entries(made)) {
      equal(tag(value), name);
      equal(value.constructor.name, name);
    }
  },
  "iterators": () => {
    equal(tag(new Headers().entries()), "Headers Iterator");
    equal(tag(new URLSearchParams().keys()), "URLSearchParams Iterator");
    equal(tag(new FormData().values()), "FormData Iterator");
  },
  "singletons": () => {
    equal([tag(crypto), tag(crypto.subtle), tag(navigator), tag(performance)], ["Crypto", "SubtleCrypto", "Navigator", "Performance"]);
    equal([tag(scheduler), tag(console), tag(globalThis)], ["Scheduler", "console", "ServiceWorkerGlobalScope"]);
  },
});
