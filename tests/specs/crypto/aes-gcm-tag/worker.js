import { checks, equal, throws } from "../../check.js";

const iv = new Uint8Array(12).fill(4);
const key = () => crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt", "decrypt"]);
const plain = new Uint8Array([1, 2, 3]);

async function roundTrip(tagLength) {
  const whole = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), plain));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, tagLength }, await key(), plain);
  equal(new Uint8Array(sealed), whole.slice(0, 3 + tagLength / 8));
  equal(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, tagLength }, await key(), sealed)), plain);
}

export default checks({
  "96 bits and more": async () => {
    for (const tagLength of [96, 104, 112, 120]) await roundTrip(tagLength);
  },
  "32 and 64 bits": async () => {
    for (const tagLength of [32, 64]) await roundTrip(tagLength);
  },
  "a forged tag, or none": async () => {
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, tagLength: 32 }, await key(), plain));
    sealed[6] ^= 1;
    await throws(async () => crypto.subtle.decrypt({ name: "AES-GCM", iv, tagLength: 32 }, await key(), sealed), "OperationError");
    await throws(async () => crypto.subtle.decrypt({ name: "AES-GCM", iv, tagLength: 32 }, await key(), sealed.slice(0, 3)), "OperationError");
    await throws(async () => crypto.subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(12), tagLength: 96 }, await key(), sealed), "OperationError");
  },
  "additional data counts": async () => {
    const algorithm = { name: "AES-GCM", iv, tagLength: 96, additionalData: new Uint8Array([1]) };
    const sealed = await crypto.subtle.encrypt(algorithm, await key(), plain);
    equal(new Uint8Array(await crypto.subtle.decrypt(algorithm, await key(), sealed)), plain);
    await throws(async () => crypto.subtle.decrypt({ ...algorithm, additionalData: undefined }, await key(), sealed), "OperationError");
  },
  "only keys for it open, and unwrap": async () => {
    const algorithm = { name: "AES-GCM", iv, tagLength: 96 };
    const sealed = await crypto.subtle.encrypt(algorithm, await key(), new Uint8Array(16));
    const unwrapping = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["unwrapKey"]);
    await throws(() => crypto.subtle.decrypt(algorithm, unwrapping, sealed), "InvalidAccessError");
    const inner = await crypto.subtle.unwrapKey("raw", sealed, unwrapping, algorithm, "AES-CBC", true, ["encrypt"]);
    equal(new Uint8Array(await crypto.subtle.exportKey("raw", inner)), new Uint8Array(16));
  },
  "no others": async () => {
    await throws(async () => crypto.subtle.encrypt({ name: "AES-GCM", iv, tagLength: 100 }, await key(), plain), "OperationError");
  },
});
