import EventEmitter, { EventEmitter as Named, getEventListeners, on, once } from "node:events";
import bare from "events";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "one class": () => assert(EventEmitter === Named && EventEmitter.EventEmitter === EventEmitter && bare === EventEmitter),
  "listeners": () => {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on("a", (...args) => seen.push(["on", ...args]));
    emitter.once("a", () => seen.push(["once"]));
    emitter.prependListener("a", () => seen.push(["first"]));
    equal([emitter.emit("a", 1, 2), emitter.emit("a"), emitter.emit("b")], [true, true, false]);
    equal(seen, [["first"], ["on", 1, 2], ["once"], ["first"], ["on"]]);
    equal([emitter.listenerCount("a"), emitter.eventNames()], [2, ["a"]]);
    emitter.removeAllListeners();
    equal(getEventListeners(emitter, "a"), []);
  },
  "an error that nobody takes": async () => {
    const emitter = new EventEmitter();
    equal((await throws(() => emitter.emit("error", new RangeError("x")), "RangeError")).message, "x");
    equal((await throws(() => emitter.emit("error", 5))).code, "ERR_UNHANDLED_ERROR");
  },
  "once()": async () => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit("ready", 1, 2), 1);
    equal(await once(emitter, "ready"), [1, 2]);
    const controller = new AbortController();
    controller.abort();
    equal((await throws(() => once(emitter, "x", { signal: controller.signal }), "AbortError")).code, "ABORT_ERR");
    const target = new EventTarget();
    setTimeout(() => target.dispatchEvent(new Event("go")), 1);
    equal((await once(target, "go"))[0].type, "go");
  },
  "on()": async () => {
    const emitter = new EventEmitter();
    setTimeout(() => { emitter.emit("n", 1); emitter.emit("n", 2); emitter.emit("end"); }, 1);
    const all = [];
    for await (const [n] of on(emitter, "n", { close: ["end"] })) all.push(n);
    equal(all, [1, 2]);
  },
  "inheritance": () => {
    class Mine extends EventEmitter {}
    let got;
    new Mine().on("x", function (value) { got = [this instanceof Mine, value]; }).emit("x", 3);
    equal(got, [true, 3]);
    function Old() { EventEmitter.call(this); }
    Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
    assert(new Old().on("x", () => {}).emit("x"));
  },
});
