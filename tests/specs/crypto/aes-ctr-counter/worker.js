import { checks, equal } from "../../check.js";

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
});
