import { checks, throws } from "../../check.js";

const through = async (bytes, transform) => new Uint8Array(await new Response(ReadableStream.from([bytes]).pipeThrough(transform)).arrayBuffer());
const hex = (text) => Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
const gzip = hex("1f8b08000000000002032bce4e2d2aaa542846a6003ae7cfdb14000000");
const deflate = hex("789c2bce4e2d2aaa542846a60055040821");
const raw = hex("2bce4e2d2aaa542846a600");
const unpack = (format, bytes) => through(bytes, new DecompressionStream(format));

function changed(bytes, at) {
  const copy = bytes.slice();
  copy[at] ^= 0xff;
  return copy;
}

export default checks({
  "a bad header": async () => {
    await throws(() => unpack("gzip", changed(gzip, 0)), "TypeError");
    await throws(() => unpack("deflate", changed(deflate, 0)), "TypeError");
  },
  "a bad checksum": async () => {
    await throws(() => unpack("gzip", changed(gzip, gzip.length - 8)), "TypeError");
    await throws(() => unpack("deflate", changed(deflate, deflate.length - 1)), "TypeError");
  },
  "something after the end": async () => {
    await throws(() => unpack("gzip", new Uint8Array([...gzip, 1])), "TypeError");
    await throws(() => unpack("deflate", new Uint8Array([...deflate, 1])), "TypeError");
    await throws(() => unpack("deflate-raw", new Uint8Array([...raw, 1])), "TypeError");
  },
  "nothing at all": async () => {
    await throws(async () => {
      const { readable, writable } = new DecompressionStream("gzip");
      await Promise.all([writable.close(), readable.getReader().read()]);
    }, "TypeError");
  },
});
