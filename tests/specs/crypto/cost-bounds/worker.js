import { checks, equal } from "../../check.js";

const { subtle } = crypto;
const bytes = (length) => new Uint8Array(length);
const error = (promise) => promise.then((value) => value, (reason) => reason.name);
const pbkdf2 = (iterations) => ({ name: "pbkdf2", hash: "SHA-256", salt: bytes(8), iterations });
const rsa = (modulusLength, publicExponent = [1, 0, 1]) => ({
  name: "RSA-OAEP",
  modulusLength,
  publicExponent: new Uint8Array(publicExponent),
  hash: "SHA-256",
});

export default checks({
  "PBKDF2 makes a million iterations and no more": async () => {
    const key = await subtle.importKey("raw", bytes(8), "PBKDF2", false, ["deriveBits", "deriveKey"]);
    equal((await subtle.deriveBits(pbkdf2(1000), key, 256)).byteLength, 32);
    equal(await error(subtle.deriveBits(pbkdf2(1_000_001), key, 128)), "NotSupportedError");
    equal(await error(subtle.deriveBits(pbkdf2(4_294_967_295), key, 256)), "NotSupportedError");
    equal(await error(subtle.deriveBits(pbkdf2(4_294_967_296), key, 256)), "TypeError");
    equal(await error(subtle.deriveBits(pbkdf2(1), key, 4_294_967_288)), "NotSupportedError");
    equal(await error(subtle.deriveKey(pbkdf2(1_000_001), key, { name: "AES-GCM", length: 256 }, false, ["encrypt"])), "NotSupportedError");
  },
  "iterations are read once": async () => {
    const key = await subtle.importKey("raw", bytes(8), "PBKDF2", false, ["deriveBits"]);
    let reads = 0;
    const algorithm = { ...pbkdf2(1), get iterations() { return ++reads === 1 ? 1 : 4_000_000_000; } };
    await subtle.deriveBits(algorithm, key, 128);
    equal(reads, 1);
  },
  "RSA keys are not too long, and of usual exponents": async () => {
    for (const algorithm of [rsa(4097), rsa(65536), rsa(2048, [2]), rsa(2048, [1, 0, 0, 0, 1]), rsa(2048, [])]) {
      equal(await error(subtle.generateKey(algorithm, true, ["encrypt", "decrypt"])), "NotSupportedError");
    }
    const pair = await subtle.generateKey(rsa(1024, [0, 1, 0, 1]), true, ["encrypt", "decrypt"]);
    equal(pair.publicKey.algorithm.modulusLength, 1024);
  },
  "Argon2 is not there": async () => {
    for (const name of ["Argon2d", "argon2i", "ARGON2ID"]) {
      equal(await error(subtle.importKey("raw-secret", bytes(8), name, false, ["deriveBits"])), "NotSupportedError");
    }
  },
});
