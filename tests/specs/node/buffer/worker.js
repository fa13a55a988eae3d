import buffer, { Buffer, constants, isAscii, isUtf8, transcode } from "node:buffer";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "the global is the module's": () => {
    assert(globalThis.Buffer === Buffer && buffer.Buffer === Buffer);
    assert(Buffer.prototype instanceof Uint8Array);
  },
  "encodings": () => {
    const bytes = Buffer.from("h\u00e9llo \u{1f600}");
    equal(bytes.toString("hex"), "68c3a96c6c6f20f09f9880");
    equal(bytes.toString("base64"), "aMOpbGxvIPCfmIA=");
    equal(bytes.toString("base64url"), "aMOpbGxvIPCfmIA");
    equal(bytes.toString(), "h\u00e9llo \u{1f600}");
    equal(bytes.toString("latin1", 0, 3), "h\u00c3\u00a9");
    equal(bytes.toString("ascii", 0, 3), "hC)");
    equal(Buffer.from("ab", "utf16le").toString("hex"), "61006200");
    equal(Buffer.from("61006200", "hex").toString("ucs2"), "ab");
    equal(Buffer.from("aMOpbGxv", "base64").toString("utf8"), "h\u00e9llo");
    equal(Buffer.from("zz6", "hex").length, 0);
    equal(Buffer.from([0xff, 0x61]).toString(), "\ufffda");
  },
  "numbers": () => {
    const bytes = Buffer.alloc(24);
    bytes.writeUInt32BE(0xdeadbeef, 0);
    bytes.writeInt16LE(-2, 4);
    bytes.writeDoubleBE(1.5, 6);
    bytes.writeBigUInt64LE(0x0102030405060708n, 14);
    equal([bytes.readUInt32BE(0), bytes.readInt16LE(4), bytes.readDoubleBE(6)], [0xdeadbeef, -2, 1.5]);
    equal(bytes.readBigUInt64LE(14), 0x0102030405060708n);
    equal(bytes.readUIntBE(0, 3), 0xdeadbe);
  },
  "offsets that are none": async () => {
    equal((await throws(() => Buffer.alloc(4).readUInt32LE(1), "RangeError")).code, "ERR_OUT_OF_RANGE");
    equal((await throws(() => Buffer.alloc(4).readUInt8(NaN), "RangeError")).code, "ERR_OUT_OF_RANGE");
    equal((await throws(() => Buffer.alloc(4).readUInt8("0"), "TypeError")).code, "ERR_INVALID_ARG_TYPE");
    equal((await throws(() => Buffer.alloc(2).writeUInt8(256), "RangeError")).code, "ERR_OUT_OF_RANGE");
    equal((await throws(() => Buffer.from(5), "TypeError")).code, "ERR_INVALID_ARG_TYPE");
    equal((await throws(() => Buffer.from("a", "none"), "TypeError")).code, "ERR_UNKNOWN_ENCODING");
  },
  "searching": () => {
    const bytes = Buffer.from("one two one");
    equal([bytes.indexOf("one"), bytes.lastIndexOf("one"), bytes.indexOf("one", 1), bytes.indexOf("x")], [0, 8, 8, -1]);
    equal([bytes.includes("two"), bytes.indexOf(0x77), bytes.indexOf(Buffer.from("two"))], [true, 5, 4]);
  },
  "comparing": () => {
    const [a, b] = [Buffer.from("abc"), Buffer.from("abd")];
    equal([a.equals(b), a.equals(Buffer.from("abc")), Buffer.compare(a, b), Buffer.compare(b, a), a.compare(a)], [false, true, -1, 1, 0]);
    equal(a.compare(Buffer.from("xabcx"), 1, 4), 0);
    equal([b, a].sort(Buffer.compare).map(String), ["abc", "abd"]);
  },
  "making": () => {
    equal(Buffer.concat([Buffer.from("ab"), new Uint8Array([99])]).toString(), "abc");
    equal(Buffer.alloc(5, "ab").toString(), "ababa");
    equal(Buffer.allocUnsafe(1000).every((byte) => byte === 0), true);
    equal(Buffer.byteLength("h\u00e9"), 3);
    const slice = Buffer.from("hello").subarray(1, 3);
    assert(Buffer.isBuffer(slice) && !Buffer.isBuffer(new Uint8Array(1)));
    equal(slice.toString(), "el");
    equal(JSON.stringify(Buffer.from([1, 2])), '{"type":"Buffer","data":[1,2]}');
    equal(Buffer.from(Buffer.from("a").toJSON()).toString(), "a");
    equal(Buffer.from("abcd").swap16().toString(), "badc");
    equal(Buffer.from("abc").fill("x", 1).toString(), "axx");
    equal(Buffer.from("abc").write("zz", 2), 1);
  },
  "checking and converting": () => {
    equal([isAscii(Buffer.from("a")), isAscii(Buffer.from("\u00e9")), isUtf8(new Uint8Array([0xff])), isUtf8(Buffer.from("\u00e9"))], [true, false, false, true]);
    equal(transcode(Buffer.from("\u20ac"), "utf8", "latin1").toString(), "?");
    equal(transcode(Buffer.from("\u00e9"), "utf8", "utf16le").toString("hex"), "e900");
    equal(typeof constants.MAX_LENGTH, "number");
  },
  "each has memory of its own": async () => {
    const bytes = Buffer.from("abc");
    equal([bytes.buffer.byteLength, Buffer.allocUnsafe(5).buffer.byteLength, await new Response(bytes.buffer).text()], [3, 5, "abc"]);
    equal(structuredClone(bytes.buffer, { transfer: [bytes.buffer] }).byteLength, 3);
    equal(bytes.length, 0);
    const stream = new ReadableStream({ type: "bytes", start(controller) { controller.enqueue(Buffer.from("x")); controller.close(); } });
    equal(await new Response(stream).text(), "x");
  },
  "a body and a digest take it": async () => {
    equal(await new Response(Buffer.from("hi")).text(), "hi");
    equal(Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from("a"))).toString("hex").slice(0, 8), "ca978112");
  },
});
