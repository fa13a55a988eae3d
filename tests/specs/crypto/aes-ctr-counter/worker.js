import { checks, equal, throws } from "../../check.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const key = () => crypto.subtle.importKey("raw", new Uint8Array(16).fill(3), "AES-CTR", false, ["encrypt"]);

/** The key stream of so many blocks. */
async function stream(length, counter, blocks) {
  return hex(await crypto.subtle.encrypt({ name: "AES-CTR", counter, length }, await key(), new Uint8Array(16 * blocks)));
}

/** A block of 9s, whose last bytes are these. */
function block(...last) {
  const counter = new Uint8Array(16).fill(9);
  counter.set(last, 16 - last.length);
  return counter;
}

async function wraps(length, last, first) {
  equal((await stream(length, last, 2)).slice(32), await stream(length, first, 1));
}

export default checks({
  "32 bits": () => wraps(32, block(255, 255, 255, 255), block(0, 0, 0, 0)),
  "64 bits": () => wraps(64, block(...Array(8).fill(255)), block(...Array(8).fill(0))),
  "8 bits": () => wraps(8, block(255), block(0)),
  "12 bits": () => wraps(12, block(0x5f, 255), block(0x50, 0)),
  "key stream is never given twice": async () => {
    equal((await stream(1, block(1), 2)).slice(32), await stream(1, block(0), 1));
    await throws(() => stream(1, block(1), 3), "OperationError");
  },
  "wrapped keys too": async () => {
    const usages = ["wrapKey", "unwrapKey"];
    const wrapping = await crypto.subtle.importKey("raw", new Uint8Array(16).fill(3), "AES-CTR", false, usages);
    const inner = await crypto.subtle.importKey("raw", new Uint8Array(32), "AES-GCM", true, ["encrypt"]);
    const algorithm = { name: "AES-CTR", counter: block(255), length: 8 };
    const wrapped = await crypto.subtle.wrapKey("raw", inner, wrapping, algorithm);
    equal(hex(wrapped), await stream(8, block(255), 2));
    for (const format of ["raw", "jwk"]) {
      const data = await crypto.subtle.wrapKey(format, inner, wrapping, algorithm);
      const key = await crypto.subtle.unwrapKey(format, data, wrapping, algorithm, "AES-GCM", true, ["encrypt"]);
      equal(new Uint8Array(await crypto.subtle.exportKey("raw", key)), new Uint8Array(32));
    }
    await throws(() => crypto.subtle.encrypt(algorithm, wrapping, new Uint8Array(1)), "InvalidAccessError");
  },
});
