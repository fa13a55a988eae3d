import { checks, equal, throws } from "../../check.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export default checks({
  "a stream piped in": async () => {
    const stream = new crypto.DigestStream("SHA-256");
    await new Response("abc").body.pipeTo(stream);
    const digest = await stream.digest;
    equal(digest instanceof ArrayBuffer, true);
    equal(hex(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  },
  "in pieces, of any kind of bytes; MD5 too": async () => {
    const stream = new crypto.DigestStream({ name: "MD5" });
    const writer = stream.getWriter();
    await writer.write(new Uint8Array([0x61]));
    await writer.write(new Uint8Array([0, 0x62]).subarray(1));
    await writer.write(new Uint8Array([0x63]).buffer);
    await writer.close();
    equal(hex(await stream.digest), "900150983cd24fb0d6963f7d28e17f72");
    equal(stream.bytesWritten, 3n);
  },
  "it is a WritableStream, and digest resolves only at the end": async () => {
    const stream = new crypto.DigestStream("SHA-1");
    equal(stream instanceof WritableStream, true);
    let resolved = false;
    stream.digest.then(() => (resolved = true));
    const writer = stream.getWriter();
    await writer.write(new TextEncoder().encode("abc"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(resolved, false);
    await writer.close();
    equal(hex(await stream.digest), "a9993e364706816aba3e25717850c26c9cd0d89d");
  },
  "an abort rejects the digest": async () => {
    const stream = new crypto.DigestStream("SHA-1");
    await stream.abort(new RangeError("enough"));
    await throws(() => stream.digest, "RangeError");
  },
  "other algorithms are refused": async () => {
    await throws(() => new crypto.DigestStream("SHA-3"), "NotSupportedError");
  },
});
