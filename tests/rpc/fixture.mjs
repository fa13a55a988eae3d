// A worker for the tests: an entrypoint with members of every kind.

import { Entrypoint, rpc } from "./pair.mjs";

export class Counter extends rpc.RpcTarget {
  #count;
  disposed = 0;

  constructor(count) {
    super();
    this.#count = count;
  }

  increment(by = 1) {
    return (this.#count += by);
  }

  get value() {
    return this.#count;
  }

  self() {
    return this;
  }

  [Symbol.dispose]() {
    this.disposed++;
  }
}

export class NotATarget {
  x = 1;
}

export class Service extends Entrypoint {
  instanceProperty = 1;
  instanceMethod = () => 1;
  kept = null;
  disposals = 0;

  add(a, b) {
    return a + b;
  }

  echo(value) {
    return value;
  }

  count(...args) {
    return args.length;
  }

  makeCounter(count) {
    return new Counter(count);
  }

  async later(value) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return value;
  }

  increment(counter, by) {
    return counter.increment(by);
  }

  async keep(stub) {
    this.kept?.[Symbol.dispose]();
    this.kept = stub.dup();
  }

  async keepWithoutDup(stub) {
    this.kept = stub;
  }

  useKept() {
    return this.kept.increment(1);
  }

  releaseKept() {
    this.kept[Symbol.dispose]();
    this.kept = null;
  }

  withCounter(count) {
    return { counter: new Counter(count), list: [1, { deep: new Counter(count * 2) }] };
  }

  withDisposer() {
    return { x: 1, [Symbol.dispose]: () => this.disposals++ };
  }

  notATarget() {
    return new NotATarget();
  }

  map() {
    return new Map([["a", new Counter(1)], [new Counter(2), "b"]]);
  }

  fail(error) {
    throw error;
  }

  throwValue() {
    throw { code: 7 };
  }

  getFunction() {
    const fn = (a, b) => a * b;
    fn.own = 5;
    return fn;
  }

  callBack(fn, ...args) {
    return fn(...args);
  }

  get object() {
    return { fn: (a) => a + 1, deeper: { text: "hello" }, counter: new Counter(5), bad: new NotATarget() };
  }

  get promised() {
    return Promise.resolve(123);
  }

  get throwing() {
    throw new RangeError("getter threw");
  }

  fetch() {}
  alarm() {}

  async readAll(stream) {
    let text = "";
    for await (const chunk of stream) {
      text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    }
    return text;
  }

  async write(stream) {
    const writer = stream.getWriter();
    for (const text of ["foo, ", "bar, ", "baz!"]) {
      await writer.write(new TextEncoder().encode(text));
    }
    await writer.close();
  }

  isAborted(signal) {
    return [signal.aborted, signal.reason?.message];
  }

  waitForAbort(signal) {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(String(signal.reason?.message ?? signal.reason))));
  }

  never() {
    return new Promise(() => {});
  }
}
