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
  "no others": async () => {
    await throws(async () => crypto.subtle.encrypt({ name: "AES-GCM", iv, tagLength: 100 }, await key(), plain), "OperationError");
  },
});
