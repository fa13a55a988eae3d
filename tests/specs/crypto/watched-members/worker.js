import { checks, equal, throws } from "../../check.js";

const { subtle } = crypto;
const bytes = (length) => new Uint8Array(length).fill(0x55);

/** What is read from, or set on, objects that inherit one of these names while `run` goes on. */
async function touching(names, run) {
  const seen = [];
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, {
      __proto__: null,
      configurable: true,
      get() {
        if (Object.hasOwn(this, "kty")) seen.push(`get ${name}`);
        return undefined;
      },
      set(value) {
        seen.push(`set ${name} to ${value}`);
      },
    });
  }
  const result = await run();
  const kept = names.filter((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)?.get !== undefined);
  for (const name of names) delete Object.prototype[name];
  equal(kept, names, "left in place:");
  return { seen, result };
}

export default checks({
  "a key that is used": async () => {
    for (const [algorithm, tag] of [
      [{ name: "AES-CTR", counter: bytes(16), length: 9 }, 0],
      [{ name: "AES-GCM", iv: bytes(16) }, 16],
      [{ name: "AES-GCM", iv: bytes(12), tagLength: 32 }, 4],
    ]) {
      const key = await subtle.importKey("raw", bytes(16), algorithm.name, false, ["encrypt", "decrypt"]);
      const members = ["data", "type", "namedCurve"];
      const sealed = await touching(members, () => subtle.encrypt(algorithm, key, bytes(3)));
      equal([sealed.seen, sealed.result.byteLength], [[], 3 + tag]);
      const opened = await touching(members, () => subtle.decrypt(algorithm, key, sealed.result));
      equal([opened.seen, new Uint8Array(opened.result)], [[], bytes(3)]);
    }
  },
  "a key that is used, where setters of arrays put setters of objects back": async () => {
    const algorithm = { name: "AES-CTR", counter: bytes(16), length: 9 };
    const key = await subtle.importKey("raw", bytes(16), "AES-CTR", false, ["encrypt"]);
    let caught;
    const trap = { __proto__: null, configurable: true, set(value) { caught = value; } };
    Object.defineProperty(Object.prototype, "data", trap);
    Object.defineProperty(Array.prototype, 0, {
      __proto__: null,
      configurable: true,
      set(value) {
        Object.defineProperty(Object.prototype, "data", trap);
        Object.defineProperty(this, 0, { __proto__: null, value, configurable: true, enumerable: true, writable: true });
      },
    });
    const sealing = subtle.encrypt(algorithm, key, bytes(3));
    delete Array.prototype[0];
    delete Object.prototype.data;
    equal([(await sealing).byteLength, caught], [3, undefined]);
  },
  "JSON that is unwrapped": async () => {
    const inner = await subtle.importKey("raw", bytes(16), "AES-GCM", true, ["encrypt"]);
    for (const algorithm of [
      { name: "AES-KW" },
      { name: "AES-CBC", iv: bytes(16) },
      { name: "AES-CTR", counter: bytes(16), length: 64 },
      { name: "AES-CTR", counter: bytes(16), length: 9 },
      { name: "AES-GCM", iv: bytes(12) },
      { name: "AES-GCM", iv: bytes(16), tagLength: 96 },
    ]) {
      const wrapping = await subtle.importKey("raw", bytes(16), algorithm.name, false, ["wrapKey", "unwrapKey"]);
      const wrapped = await subtle.wrapKey("jwk", inner, wrapping, algorithm);
      const unwrap = () => subtle.unwrapKey("jwk", wrapped, wrapping, algorithm, "AES-GCM", false, ["encrypt"]);
      const { seen, result } = await touching(["use", "oth", "crv", "d", "x", "y", "toJSON"], unwrap);
      equal([seen, result.extractable, result.algorithm.length], [[], false, 128], algorithm.name);
    }
  },
  // The last check: it stays.
  "a setter that cannot be taken away": async () => {
    const algorithm = { name: "AES-CTR", counter: bytes(16), length: 9 };
    const key = await subtle.importKey("raw", bytes(16), "AES-CTR", false, ["encrypt"]);
    let caught;
    Object.defineProperty(Object.prototype, "data", { __proto__: null, set(value) { caught = value; } });
    await throws(() => subtle.encrypt(algorithm, key, bytes(3)), "OperationError");
    equal(caught, undefined);
  },
});
