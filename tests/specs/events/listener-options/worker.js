import { checks, equal, throws } from "../../check.js";

const count = (options) => {
  const target = new EventTarget();
  const seen = { count: 0 };
  const listener = () => seen.count++;
  target.addEventListener("tide", listener, options);
  return { target, seen, listener, fire: () => target.dispatchEvent(new Event("tide", { cancelable: true })) };
};

export default checks({
  "once": () => {
    const { seen, fire } = count({ once: true });
    fire();
    fire();
    equal(seen.count, 1);
  },
  "capture first, and a listener of its own": () => {
    const target = new EventTarget();
    const seen = [];
    const listener = () => seen.push("capture");
    target.addEventListener("tide", () => seen.push("bubble"));
    target.addEventListener("tide", listener, { capture: true });
    target.removeEventListener("tide", listener);
    target.dispatchEvent(new Event("tide"));
    equal(seen, ["capture", "bubble"]);
    target.removeEventListener("tide", listener, true);
    target.dispatchEvent(new Event("tide"));
    equal(seen, ["capture", "bubble", "bubble"]);
  },
  "signal": () => {
    const controller = new AbortController();
    const { seen, fire } = count({ signal: controller.signal });
    fire();
    controller.abort();
    fire();
    equal(seen.count, 1);
  },
  "signal aborted before": () => {
    const { seen, fire } = count({ signal: AbortSignal.abort() });
    fire();
    equal(seen.count, 0);
  },
  "signal that is none": () => throws(() => new EventTarget().addEventListener("tide", () => {}, { signal: {} }), "TypeError"),
  "passive cannot cancel": () => {
    const target = new EventTarget();
    target.addEventListener("tide", (event) => event.preventDefault(), { passive: true });
    equal(target.dispatchEvent(new Event("tide", { cancelable: true })), true);
  },
});
