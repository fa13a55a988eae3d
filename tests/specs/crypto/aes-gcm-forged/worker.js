import { checks, equal, throws } from "../../check.js";

const iv = new Uint8Array(12);
const additionalData = new Uint8Array([1]);

async function sealed() {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const data = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, new Uint8Array([1, 2, 3])));
  return { key, data };
}

async function refused(algorithm, key, data) {
  const error = await throws(() => crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData, ...algorithm }, key, data), "OperationError");
  equal(error instanceof DOMException, true);
}

export default checks({
  "the text or the tag": async () => {
    const { key, data } = await sealed();
    for (const at of [0, data.length - 1]) {
      const forged = data.slice();
      forged[at] ^= 1;
      await refused({}, key, forged);
    }
  },
  "the additional data or the initial vector": async () => {
    const { key, data } = await sealed();
    await refused({ additionalData: new Uint8Array([2]) }, key, data);
    await refused({ iv: new Uint8Array(12).fill(1) }, key, data);
  },
  "another key, and too few bytes": async () => {
    const { key, data } = await sealed();
    await refused({}, (await sealed()).key, data);
    await refused({}, key, data.slice(0, 15));
  },
});
