import { checks, equal, throws } from "../../check.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = async (algorithm, text) => hex(await crypto.subtle.digest(algorithm, new TextEncoder().encode(text)));

export default checks({
  "the vectors of FIPS 180 for abc": async () => {
    equal(await digest("SHA-1", "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    equal(await digest("SHA-256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    equal(
      await digest("SHA-384", "abc"),
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    );
    equal(
      await digest("SHA-512", "abc"),
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    );
  },
  "nothing at all, names in any case, objects": async () => {
    equal(await digest({ name: "sha-256" }, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  },
  "only the bytes of a view": async () => {
    const view = new TextEncoder().encode("xabcx").subarray(1, 4);
    equal(hex(await crypto.subtle.digest("SHA-1", view)), "a9993e364706816aba3e25717850c26c9cd0d89d");
  },
  "an ArrayBuffer comes back; other algorithms and strings are refused": async () => {
    equal((await crypto.subtle.digest("SHA-1", new Uint8Array(1))) instanceof ArrayBuffer, true);
    await throws(() => crypto.subtle.digest("SHA-3", new Uint8Array(1)), "NotSupportedError");
    await throws(() => crypto.subtle.digest("SHA-256", "text"), "TypeError");
  },
});
