// Values that storage cannot keep, or only with trouble: deep, wide and large ones, those of the platform, and forged marks.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

function attempt(work) {
  try {
    return work();
  } catch (error) {
    return error.name;
  }
}

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.get("lives");
  }

  shapes() {
    const { kv } = this.ctx.storage;
    const cycle = {};
    cycle.cycle = cycle;
    const sparse = [];
    sparse[2 ** 32 - 2] = 1;
    const detached = new Uint8Array(10);
    structuredClone(detached, { transfer: [detached.buffer] });
    const shapes = [
      cycle, sparse, detached, new Proxy({}, {}), () => {}, Symbol(), new WeakMap(), new WeakRef({}), this.ctx, this.ctx.storage, this.env, this,
      new Request("http://a"), new Response("a"), new Headers(), new URL("http://a"), new ReadableStream(), new AbortController().signal,
      new Blob(["a"]), new MessageChannel().port1, crypto, globalThis, new Date(NaN), /a(?<b>c)/dgimsuy, new Error("a", { cause: cycle }), 10n ** 5000n,
      new Uint8Array(new ArrayBuffer(8, { maxByteLength: 1 << 30 })), new DataView(new ArrayBuffer(8), 4), Object(1n), new Map([[cycle, cycle]]),
      new Set([sparse]), this.env.Hostile.getByName("a"), this.env.Hostile.idFromName("a"), this.ctx.storage.sql.exec("SELECT 1"), null, -0, NaN,
      new (class extends Array {})(5), Object.create(null), "\ud800", "\0", "\0".repeat(1000), async () => {}, (function* () {})(), new Promise(() => {}),
      new WebAssembly.Memory({ initial: 1 }), Object.freeze([1]), new Boolean(false), Intl, Math, new DOMException("a"), new AggregateError([cycle], "b"),
    ];
    const outcomes = shapes.map((shape, i) => attempt(() => (kv.put(`shape ${i}`, shape), typeof kv.get(`shape ${i}`))));
    attempt(() => [...kv.list()].length);
    return outcomes.join();
  }

  deep() {
    let value = 1;
    for (let i = 0; i < 200_000; i++) {
      value = [value];
    }
    this.ctx.storage.kv.put("deep", value);
    return typeof this.ctx.storage.kv.get("deep");
  }

  wide() {
    const { kv } = this.ctx.storage;
    kv.put("wide", Array.from({ length: 300_000 }, (_, i) => i));
    kv.put("holes", new Array(500_000));
    kv.put("text", "\u2603".repeat(900_000));
    for (let i = 0; i < 20; i++) {
      attempt(() => [...kv.list()].length);
    }
    return kv.get("wide").length;
  }

  async large() {
    const { storage } = this.ctx;
    const refused = [
      () => storage.kv.put("x", new Uint8Array(3 << 20)),
      () => storage.kv.put("x".repeat(3000), 1),
      () => storage.kv.put("x", "a".repeat(20 << 20)),
      () => storage.sql.exec("SELECT ?", "a".repeat(3 << 20)).toArray(),
      () => storage.sql.exec("SELECT ?", new Uint8Array(20 << 20)).toArray(),
      () => storage.sql.exec("SELECT length(?) + length(?)", new ArrayBuffer(5 << 20), "b").toArray(),
      () => storage.sql.exec(`SELECT ${"1 + ".repeat(200_000)} 1`).toArray(),
      () => storage.sql.exec(`SELECT ${"-(".repeat(20_000)}1${")".repeat(20_000)}`).toArray(),
      () => storage.sql.exec(`SELECT ${"1, ".repeat(3000)} 1`).toArray(),
      () => storage.sql.exec("SELECT 1", ...new Array(5000).fill(1)).toArray(),
      () => storage.sql.exec(`CREATE TABLE wide (${Array.from({ length: 3000 }, (_, i) => `c${i}`)})`),
      () => storage.sql.exec(`SELECT 1 ${"UNION ALL SELECT 1 ".repeat(5000)}`).toArray(),
    ];
    const kept = [];
    for (const [index, work] of refused.entries()) {
      try {
        await work();
        kept.push(index);
      } catch {}
    }
    return kept.length === 0 ? "all refused" : `${kept} were not refused`;
  }

  /** As if they were objects of the platform. */
  forged() {
    const { kv } = this.ctx.storage;
    const brand = Symbol.for("Deno.core.hostObject");
    const marks = [true, 0, 2 ** 32 - 1, "DOMException", () => ({ type: "DOMException" }), () => ({ type: "__proto__" }), { type: "Blob" }];
    const outcomes = marks.map((mark, i) => attempt(() => (kv.put(`forged ${i}`, { [brand]: mark, type: "x" }), typeof kv.get(`forged ${i}`))));
    Object.prototype[brand] = () => ({ type: "DOMException" });
    outcomes.push(attempt(() => kv.put("all", {})));
    delete Object.prototype[brand];
    return outcomes.join();
  }
}

export default objectAttack();
