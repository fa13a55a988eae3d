import { assert, checks, equal } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

function pair() {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  return [a, b];
}

export default checks({
  "blob by default": async () => {
    const [a, b] = pair();
    equal(b.binaryType, "blob");
    const message = once(b, "message");
    a.send(new Uint8Array([1, 2, 3]));
    const { data } = await message;
    assert(data instanceof Blob, "no Blob");
    equal([...new Uint8Array(await data.arrayBuffer())], [1, 2, 3]);
    a.close();
  },
  "arraybuffer": async () => {
    const [a, b] = pair();
    b.binaryType = "arraybuffer";
    equal(b.binaryType, "arraybuffer");
    const bytes = new Uint8Array([0, 1, 2, 3, 4]);
    for (const [sent, expected] of [
      [bytes.buffer, [0, 1, 2, 3, 4]],
      [bytes.subarray(1, 3), [1, 2]],
      [new DataView(bytes.buffer, 3), [3, 4]],
      [new Uint16Array([258]), [2, 1]],
      [new ArrayBuffer(0), []],
    ]) {
      const message = once(b, "message");
      a.send(sent);
      const { data } = await message;
      assert(data instanceof ArrayBuffer, "no ArrayBuffer");
      equal([...new Uint8Array(data)], expected);
    }
    a.close();
  },
  "other values of binaryType are ignored": () => {
    const [a] = pair();
    a.binaryType = "nodebuffer";
    equal(a.binaryType, "blob");
    a.close();
  },
  "a copy is sent": async () => {
    const [a, b] = pair();
    b.binaryType = "arraybuffer";
    const bytes = new Uint8Array([1]);
    const message = once(b, "message");
    a.send(bytes);
    bytes[0] = 9;
    equal([...new Uint8Array((await message).data)], [1]);
    a.close();
  },
  "strings": async () => {
    const [a, b] = pair();
    for (const [sent, expected] of [["", ""], ["ünst ☂", "ünst ☂"], [7, "7"], [null, "null"], [{}, "[object Object]"]]) {
      const message = once(b, "message");
      a.send(sent);
      equal((await message).data, expected);
    }
    a.close();
  },
});
