import { checks, equal, throws } from "../../check.js";

export default checks({
  "constructor": async () => {
    const event = new Event("tide", { bubbles: true, cancelable: true, composed: true });
    equal([event.type, event.bubbles, event.cancelable, event.composed], ["tide", true, true, true]);
    const plain = new Event("tide");
    equal([plain.bubbles, plain.cancelable, plain.composed, plain.isTrusted], [false, false, false, false]);
    equal([plain.defaultPrevented, plain.target, plain.composedPath()], [false, null, []]);
    await throws(() => new Event(), "TypeError");
    await throws(() => Event("tide"), "TypeError");
  },
  "preventDefault": () => {
    const target = new EventTarget();
    target.addEventListener("tide", (event) => event.preventDefault());
    const event = new Event("tide", { cancelable: true });
    equal([target.dispatchEvent(event), event.defaultPrevented], [false, true]);
    const firm = new Event("tide");
    equal([target.dispatchEvent(firm), firm.defaultPrevented], [true, false]);
  },
  "stopImmediatePropagation": () => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener("tide", (event) => {
      seen.push("a");
      event.stopImmediatePropagation();
    });
    target.addEventListener("tide", () => seen.push("b"));
    target.dispatchEvent(new Event("tide"));
    equal(seen, ["a"]);
  },
  "dispatched while it is under way": async () => {
    const target = new EventTarget();
    const event = new Event("tide");
    let error;
    target.addEventListener("tide", () => {
      try {
        target.dispatchEvent(event);
      } catch (thrown) {
        error = thrown;
      }
    });
    target.dispatchEvent(event);
    equal(error?.name, "InvalidStateError");
    await throws(() => target.dispatchEvent({ type: "tide" }), "TypeError");
  },
  "again": () => {
    const target = new EventTarget();
    let count = 0;
    target.addEventListener("tide", () => count++);
    const event = new Event("tide");
    target.dispatchEvent(event);
    target.dispatchEvent(event);
    equal(count, 2);
  },
  "constants": () => equal([Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET, Event.BUBBLING_PHASE], [0, 1, 2, 3]),
});
