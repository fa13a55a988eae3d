import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const text = (value) => new TextEncoder().encode(value);

export default checks({
  "a signature of RFC 6979, A.2.5": async () => {
    const point = bytes(
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    );
    const signature = bytes(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    );
    const key = await crypto.subtle.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    const verify = (data, hash) => crypto.subtle.verify({ name: "ECDSA", hash }, key, signature, text(data));
    equal(await verify("sample", "SHA-256"), true);
    equal(await verify("simple", "SHA-256"), false);
    equal(await verify("sample", "SHA-384"), false);
  },
  "one's own, as long as two numbers of the curve": async () => {
    for (const [namedCurve, hash, length] of [["P-256", "SHA-256", 64], ["P-384", "SHA-384", 96]]) {
      const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve }, false, ["sign", "verify"]);
      equal([privateKey.algorithm, privateKey.usages, publicKey.usages], [{ name: "ECDSA", namedCurve }, ["sign"], ["verify"]]);
      const signature = await crypto.subtle.sign({ name: "ECDSA", hash }, privateKey, text("a"));
      equal(signature.byteLength, length);
      equal(await crypto.subtle.verify({ name: "ECDSA", hash }, publicKey, signature, text("a")), true);
      equal(await crypto.subtle.verify({ name: "ECDSA", hash }, publicKey, signature, text("b")), false);
    }
  },
});
