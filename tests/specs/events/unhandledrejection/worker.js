import { assert, checks, equal } from "../../check.js";

const within = (promise) =>
  Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("no event came")), 1000))]);

export default checks({
  "listener": async () => {
    const came = new Promise((resolve) => addEventListener("unhandledrejection", resolve, { once: true }));
    const reason = new RangeError("nobody cares");
    const promise = Promise.reject(reason);
    const cancel = (event) => event.preventDefault();
    addEventListener("unhandledrejection", cancel, { once: true });
    const event = await within(came);
    assert(event instanceof PromiseRejectionEvent, "another kind of event");
    assert(event.promise === promise && event.reason === reason, "another promise or reason");
    equal([event.type, event.cancelable], ["unhandledrejection", true]);
  },
  "attribute": async () => {
    const came = new Promise((resolve) => {
      globalThis.onunhandledrejection = (event) => {
        event.preventDefault();
        resolve(event.reason);
      };
    });
    Promise.reject("a string");
    equal(await within(came), "a string");
    globalThis.onunhandledrejection = null;
  },
  "not when it is handled in time": async () => {
    let count = 0;
    const listener = () => count++;
    addEventListener("unhandledrejection", listener);
    const promise = Promise.reject(new Error("handled"));
    promise.catch(() => {});
    await scheduler.wait(5);
    removeEventListener("unhandledrejection", listener);
    equal(count, 0);
  },
  "rejectionhandled": async () => {
    const unhandled = new Promise((resolve) => addEventListener("unhandledrejection", (event) => { event.preventDefault(); resolve(); }, { once: true }));
    const late = new Promise((resolve) => addEventListener("rejectionhandled", resolve, { once: true }));
    const promise = Promise.reject("late");
    await within(unhandled);
    promise.catch(() => {});
    const event = await within(late);
    assert(event.promise === promise && event.reason === "late", "another promise or reason");
  },
  "the log": async () => {
    Promise.reject(new Error("left to the log"));
    await scheduler.wait(5);
  },
});
