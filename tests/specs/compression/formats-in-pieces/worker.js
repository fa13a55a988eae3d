import { assert, checks, equal, throws } from "../../check.js";

const TEXT = "one two three four five ".repeat(2000) + "end";
const PACKED = {
  gzip: "H4sIAAAAAAAAA+3IwQ2AMAwEsFUyHFfBp5GqAuszCPbTPVP77drnSmr0vWpcT6q9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvv/S8/8/gAD/gUk4O7AAA=",
  deflate: "eJztyMENgDAMBLBVMhxXwaeRqgLrMwj20z1T++3a50pq9L1qXE+qvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++999577/0vP/P4APIzMlQ=",
  "deflate-raw": "7cjBDYAwDASwVTIcV8GnkaoC6zMI9tM9U/vt2udKavS9alxPqr333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee+/9Lz/z+AA=",
  brotli: "G4K7+AVqc6leD7644oO4rTS5ME5okVkAt9hvtkYifYc8T1AH",
};

async function unpacked(format, pieces) {
  return await new Response(ReadableStream.from(pieces).pipeThrough(new DecompressionStream(format))).text();
}

function inPieces(bytes, size) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

async function everyFormat(check) {
  for (const [format, text] of Object.entries(PACKED)) await check(format, Uint8Array.fromBase64(text));
}

export default checks({
  "pieces of any size": () => everyFormat(async (format, bytes) => {
    for (const size of [1, 2, 3, 7, bytes.length - 1, bytes.length]) {
      assert(await unpacked(format, inPieces(bytes, size)) === TEXT, `${format} in pieces of ${size} bytes`);
    }
  }),
  "empty pieces between, before and after": () => everyFormat(async (format, bytes) => {
    const pieces = [new Uint8Array()];
    for (const piece of inPieces(bytes, 5)) pieces.push(piece, new Uint8Array());
    assert(await unpacked(format, pieces) === TEXT, format);
  }),
  "buffers and views": () => everyFormat(async (format, bytes) => {
    const { buffer } = bytes.slice();
    assert(await unpacked(format, [buffer.slice(0, 3), new DataView(buffer, 3, 4), new Uint8Array(buffer, 7)]) === TEXT, format);
  }),
  "an end that comes too early": () => everyFormat(async (format, bytes) => {
    for (const length of [0, 1, 10, bytes.length - 1]) {
      await throws(() => unpacked(format, [bytes.subarray(0, length)]), "TypeError");
      await throws(() => unpacked(format, inPieces(bytes.subarray(0, length), 1)), "TypeError");
    }
  }),
  "something after the end": () => everyFormat(async (format, bytes) => {
    await throws(() => unpacked(format, [new Uint8Array([...bytes, 1])]), "TypeError");
    await throws(() => unpacked(format, [bytes, new Uint8Array(), new Uint8Array([1])]), "TypeError");
    await throws(() => unpacked(format, [...inPieces(bytes, 1), bytes]), "TypeError");
  }),
  "what is no bytes": () => everyFormat(async (format) => {
    for (const chunk of ["text", 1, null, undefined, {}, []]) await throws(() => unpacked(format, [chunk]), "TypeError");
  }),
  "what was unpacked before a mistake is given": async () => {
    const bytes = Uint8Array.fromBase64(PACKED.deflate);
    const reader = ReadableStream.from([bytes.subarray(0, -1), new Uint8Array([9])]).pipeThrough(new DecompressionStream("deflate")).getReader();
    equal(new TextDecoder().decode((await reader.read()).value).startsWith("one two"), true);
    await throws(() => reader.read(), "TypeError");
  },
});
