import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal } from "../../check.js";

const storage = new AsyncLocalStorage();
const store = () => storage.getStore();

/** Runs `body` with a store, and `body`'s promise must resolve to it. */
const carries = (body) => async () => equal(await storage.run("kept", body), "kept");

export default checks({
  "await": carries(async () => {
    await null;
    await scheduler.wait(1);
    return store();
  }),
  "then": carries(() => Promise.resolve().then(store)),
  "then of a promise that another one resolves": carries(() => {
    const { promise, resolve } = Promise.withResolvers();
    storage.run("resolver's", () => queueMicrotask(resolve));
    return promise.then(store);
  }),
  "catch and finally": carries(() => {
    let seen;
    return Promise.reject(1).finally(() => { seen = store(); }).catch(() => seen === store() ? seen : "two values");
  }),
  "queueMicrotask": carries(() => new Promise((resolve) => queueMicrotask(() => resolve(store())))),
  "setTimeout": carries(() => new Promise((resolve) => setTimeout(() => resolve(store()), 1))),
  "setInterval": carries(() => new Promise((resolve) => {
    let count = 0;
    const id = setInterval(() => {
      if (++count === 2) {
        clearInterval(id);
        resolve(store());
      }
    }, 1);
  })),
  "async iterators": carries(async () => {
    const numbers = async function* () {
      yield 1;
      await scheduler.wait(1);
      yield 2;
    };
    const seen = [];
    for await (const _ of numbers()) {
      seen.push(store());
    }
    return seen.every((one) => one === "kept") ? "kept" : String(seen);
  }),
  "dispatchEvent": carries(async () => {
    const target = new EventTarget();
    let seen;
    storage.run("at registration", () => target.addEventListener("tide", () => { seen = store(); }));
    target.dispatchEvent(new Event("tide"));
    return seen;
  }),
});
