import { assert, checks, equal, throws } from "../../check.js";

const brand = Symbol.for("Deno.core.hostObject");
const posing = (plain) => ({ [brand]: () => plain });
const refused = (plain) => throws(() => structuredClone(posing(plain)), "DataCloneError");

export default checks({
  "as a kind that is none": async () => {
    for (const type of ["nothing", "constructor", "__proto__", "", 1, {}, [], undefined]) {
      await refused({ type });
    }
    await refused({});
    await refused(null);
    await refused(new Map([["type", "Blob"]]));
    await refused({ type: "Blob" });
    await refused({ type: "CryptoKey" });
  },
  "with a kind by inheritance": async () => {
    Object.defineProperty(Object.prototype, "type", { configurable: true, get: () => "Blob" });
    try {
      await refused({});
    } finally {
      delete Object.prototype.type;
    }
  },
  "with a conversion to run": () => refused({ type: { toString: () => "Blob" } }),
  "by a proxy above": async () => {
    const above = new Proxy({}, { has: () => true, get: () => () => ({ type: "nothing" }) });
    await throws(() => structuredClone(Object.create(above)), "DataCloneError");
  },
  "in a message": async () => {
    const { port1, port2 } = new MessageChannel();
    const heard = new Promise((resolve) => {
      port2.onmessage = (event) => resolve(event.data);
      port2.onmessageerror = () => resolve("error");
    });
    port1.postMessage(posing({ type: "nothing" }));
    equal(await heard, "error");
    port1.close();
  },
  "to be moved": async () => {
    for (const kind of ["constructor", "__proto__", "MessagePort", "ReadableStream"]) {
      const fake = { [brand]: kind };
      await throws(() => structuredClone(fake, { transfer: [fake] }), "DataCloneError");
      const { port1 } = new MessageChannel();
      await throws(() => port1.postMessage(fake, [fake]), "DataCloneError");
      port1.close();
    }
  },
  "a getter that moves the buffer meanwhile": async () => {
    const buffer = new ArrayBuffer(8);
    const value = { get now() { return structuredClone(buffer, { transfer: [buffer] }); } };
    await throws(() => structuredClone(value, { transfer: [buffer] }), "DataCloneError");
  },
  "its own exception comes through": async () => {
    const mine = new TypeError("mine");
    assert(await throws(() => structuredClone({ get a() { throw mine; } })) === mine);
    assert(await throws(() => structuredClone({ [brand]() { throw mine; } })) === mine);
  },
});
