import { assert, checks, equal } from "../../check.js";

export default checks({
  "order and this": () => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener("tide", function (event) {
      seen.push(["a", this === target, event.target === target, event.currentTarget === target]);
    });
    target.addEventListener("tide", () => seen.push("b"));
    const event = new Event("tide");
    equal(target.dispatchEvent(event), true);
    equal(seen, [["a", true, true, true], "b"]);
    equal(event.currentTarget, null);
    equal(event.eventPhase, Event.NONE);
  },
  "the same listener once": () => {
    const target = new EventTarget();
    let count = 0;
    const listener = () => count++;
    target.addEventListener("tide", listener);
    target.addEventListener("tide", listener);
    target.addEventListener("tide", listener, true);
    target.dispatchEvent(new Event("tide"));
    equal(count, 2);
    target.removeEventListener("tide", listener);
    target.dispatchEvent(new Event("tide"));
    equal(count, 3);
  },
  "handleEvent": () => {
    const target = new EventTarget();
    const seen = [];
    const listener = { handleEvent(event) { seen.push(this === listener, event.type); } };
    target.addEventListener("tide", listener);
    target.dispatchEvent(new Event("tide"));
    equal(seen, [true, "tide"]);
  },
  "null is no listener": () => {
    const target = new EventTarget();
    target.addEventListener("tide", null);
    equal(target.dispatchEvent(new Event("tide")), true);
  },
  "added and removed while it is dispatched": () => {
    const target = new EventTarget();
    const seen = [];
    const b = () => seen.push("b");
    target.addEventListener("tide", () => {
      seen.push("a");
      target.removeEventListener("tide", b);
      target.addEventListener("tide", () => seen.push("c"));
    });
    target.addEventListener("tide", b);
    target.dispatchEvent(new Event("tide"));
    equal(seen, ["a"]);
  },
  "subclasses": () => {
    class Buoy extends EventTarget {
      ring() {
        return this.dispatchEvent(new Event("bell", { cancelable: true }));
      }
    }
    const buoy = new Buoy();
    buoy.addEventListener("bell", (event) => event.preventDefault());
    equal(buoy.ring(), false);
    assert(buoy instanceof EventTarget);
  },
});
