import { assert, checks, equal } from "../../check.js";

export default checks({
  "dispatch": () => {
    let seen;
    const listener = function (event) {
      seen = [this === globalThis, event.target === globalThis, event.detail];
    };
    addEventListener("tide", listener);
    globalThis.dispatchEvent(new CustomEvent("tide", { detail: 3 }));
    removeEventListener("tide", listener);
    self.dispatchEvent(new CustomEvent("tide", { detail: 4 }));
    equal(seen, [true, true, 3]);
  },
  "class": () => {
    assert(globalThis instanceof EventTarget, "no EventTarget");
    assert(globalThis instanceof WorkerGlobalScope, "no WorkerGlobalScope");
    assert(globalThis instanceof ServiceWorkerGlobalScope, "no ServiceWorkerGlobalScope");
  },
});
